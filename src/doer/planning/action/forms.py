"""Forms of dates and times that a schema asks for in letters: `YYYY-MM-DD HH:MM`, `%d/%m/%Y`, `yyyy-MM-ddTHH:mm:ssZ`."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

_PART: Final = r"(?:%[YmdHMSy]|[Yy]{4}|[Yy]{2}|MMM|[Mm]{2}|[Dd]{2}|[Hh]{2}|[Ss]{2})"
_FORM: Final = re.compile(rf"(?<![A-Za-z%]){_PART}(?:(?:[-/.: ]|T(?=[Hh%])|,\s| T )?{_PART})+Z?(?![A-Za-z%])")
_TOKEN: Final = re.compile(_PART)
_PLAIN: Final = {"y": "%Y", "d": "%d", "h": "%H", "s": "%S"}


@lru_cache(maxsize=512)
def date_form(told: str) -> str:
    """Return the first form with a year, month or day that the words ask for, as for `strftime`; nothing where there is none."""
    for found in _FORM.finditer(told):
        form = _strftime(found[0])
        if form.count("%Y") < 2 and any(
            each in form for each in ("%Y", "%y", "%d")
        ):  # `YYYY-YYYY` are two years, and no date
            return form
    return ""


def _strftime(letters: str) -> str:
    clock = False

    def put(found: re.Match[str]) -> str:
        nonlocal clock
        part = found[0]
        if part[0] == "%":
            return part
        clock = clock or part[0] in "Hh"
        if part[0] in "Mm":  # months come before the clock, minutes after it
            return "%b" if len(part) == 3 else "%M" if clock else "%m"
        return "%y" if part.lower() == "yy" else _PLAIN[part[0].lower()]

    return _TOKEN.sub(put, letters)


def is_written_as(form: str, words: str) -> bool:
    """Tell whether the words are in the form already: `03/04/2025` where days come first can be read in one way only."""
    try:
        datetime.strptime(words, form)  # noqa: DTZ007  # only its form is looked at
    except ValueError:
        return False
    return True


def has_day(form: str) -> bool:
    """Tell whether the form is that of a day: one of months (`YYYY-MM`) may stand beside others (`YYYY-Qn`)."""
    return "%d" in form


def has_clock(form: str) -> bool:
    """Tell whether the form has a time of day."""
    return "%H" in form


def written_as(form: str, moment: str) -> str:
    """Return a day or a moment (ISO 8601) in the form; the clock of a day is midnight."""
    at = datetime.fromisoformat(moment)
    return (at.astimezone(UTC) if form.endswith("Z") and at.tzinfo else at).strftime(form)
