"""Periods: where a month, a year or a week begins and ends, for what asks for a first or a last day: `start_date`, `until`."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from typing import Final

from doer.intent.dates import MONTHS
from doer.intent.mention import Mention
from doer.intent.text import word_set
from doer.planning.words.nouns import phrase

_YEAR: Final = re.compile(r"(?<![\w./-])(?:1[5-9]|20)\d\d(?![\w/-])")
_MONTH: Final = re.compile(
    rf"(?:(?:the )?(?:entire |whole |full )?month of )?({'|'.join(MONTHS)}),? ((?:1[5-9]|20)\d\d)", re.IGNORECASE
)
_BEGINS: Final = word_set("start from begin beginning starting since earliest after first min")
_ENDS: Final = word_set("end to until till ending latest before last max finish stop")


def first_or_last(name: str, words: str, mention: Mention | None) -> str | None:
    """Return the first or the last day (YYYY-MM-DD) of the period that the words name, whichever the parameter asks for."""
    found = _period(words.strip(), mention)
    if found is None:
        return None
    told = set(phrase(name).split())
    begins, ends = bool(told & _BEGINS), bool(told & _ENDS)
    return None if begins == ends else found[not begins]


def month_of(words: str, mention: Mention | None) -> str | None:
    """Return the first day of a period that is one calendar month, for forms without a day; None for all else."""
    found = _period(words.strip(), mention)
    if found is None or found[0][:7] != found[1][:7] or found[0][8:] != "01":
        return None
    return found[0] if int(found[1][8:]) == monthrange(int(found[0][:4]), int(found[0][5:7]))[1] else None


def told_by(day: str, text: str) -> str | None:
    """Return the words of a text that name a month or a year which begins or ends on the day; None where there are none."""
    for pattern in (_MONTH, _YEAR):
        for found in pattern.finditer(text):
            if day in (_period(found[0], None) or ()):
                return found[0]
    return None


def month_named(number: int, text: str) -> str | None:
    """Return the name of a month where a text has it."""
    found = re.search(rf"\b{MONTHS[number - 1]}\b", text, re.IGNORECASE) if 0 < number <= len(MONTHS) else None
    return found[0] if found else None


def _period(words: str, mention: Mention | None) -> tuple[str, str] | None:
    if mention is not None and mention.kind == "date_range" and mention.plain and isinstance(mention.value, Mapping):
        return str(mention.value["start"]), str(mention.value["end"])
    if _YEAR.fullmatch(words):
        return f"{words}-01-01", f"{words}-12-31"
    if found := _MONTH.fullmatch(words):
        year, month = int(found[2]), 1 + MONTHS.index(found[1].lower())
        return f"{year}-{month:02}-01", f"{year}-{month:02}-{monthrange(year, month)[1]}"
    return None
