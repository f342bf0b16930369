"""Flags: whether the words of a yes-or-no parameter's name are said, and whether they are denied: `without the video`, `log the activity`."""

from __future__ import annotations

import re
from typing import Final

from doer.intent.text import word_set
from doer.planning.action.sense import words_of_name

_CLAUSE: Final = re.compile(r"[.;!?]\s|\bbut\b|\n", re.IGNORECASE)
_WORD: Final = re.compile(r"[^\W_]+(?:['’]t)?")
_EMPTY: Final = word_set("""
    is are was be has have do does should can will enable enabled allow allowed include includes included including with show use used
    only flag get add want need want if of the a an to in on for and or option required
    """)
_TURNED: Final = word_set("no not without exclude excluding disable disabled skip hide ignore never un non")
_DENIES: Final = re.compile(r"\b(?:no|not|without|exclud\w*|disabl\w*|skip\w*|never|except)\b|n['’]t\b", re.IGNORECASE)
_ASKS: Final = re.compile(
    r"\b(?:includ\w*|with|without|no|not|exclud\w*|enabl\w*|disabl\w*|show|add)\b|n['’]t\b", re.IGNORECASE
)
_STEM: Final = 5
"""Letters in which words are alike: `detailed` and `details`."""
_SHORT: Final = 4
_SEVERAL: Final = 2


def told(name: str, text: str) -> bool | None:
    """Return whether a text says yes or no to what a parameter is called; None where it does not speak of it.

    All telling words of the name stand in one clause; one alone needs a word that asks for it or denies it before it.
    """
    words = words_of_name(name)
    telling = [each for each in words if each not in _EMPTY and len(each) > 1]
    if not telling or _TURNED & set(words):
        return None
    for clause in _CLAUSE.split(text):
        places = [_place(each, clause) for each in telling]
        found = [each for each in places if each is not None]
        if len(found) < len(telling):
            continue
        before = clause[: min(found)]
        if len(telling) >= _SEVERAL or _ASKS.search(before):
            return _DENIES.search(before) is None
    return None


def _place(word: str, clause: str) -> int | None:
    """Where a clause has a word, in whatever form: `info` is `information`."""
    for found in _WORD.finditer(clause):
        said = found[0].lower()
        long = min(len(said), len(word)) >= _SHORT
        if said == word or (long and (said[:_STEM] == word[:_STEM] or said.startswith(word))):
            return found.start()
    return None
