"""Options: what a description lists as all that a parameter takes: `'yes' or 'no'`, `One of: flat, 3d, material`, `asc/desc`.

An example (`e.g. 'red' or 'blue'`) closes nothing, save for opposites: whoever shows `'yes' or 'no'` has no third in mind.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_QUOTED: Final = r"(?:'[^'\n]{1,40}'|\"[^\"\n]{1,40}\"|`[^`\n]{1,40}`|“[^”\n]{1,40}”|‘[^’\n]{1,40}’)"
_BARE: Final = r"[\w+#%.-]*[\w+#%](?: (?!(?:or|and)\b)[\w+#%-]+){0,2}"
_JOINT: Final = r"(?:\s*[,/|;]\s*(?:or\s+|and\s+)?|\s+(?:or|and)\s+)"
_ASIDE: Final = r"(?:\s*\([^()]{1,40}\)|\s+for\s+[\w-]+)?"
_OF_QUOTED: Final = re.compile(rf"{_QUOTED}{_ASIDE}(?:{_JOINT}{_QUOTED}{_ASIDE})+")
_LEAD: Final = (
    r"(?:\bone of|\boptions?(?: are| include)?|\b(?:possible|allowed|valid|accepted|supported|available|permitted) \w+(?: are| include)?"
    r"|\bchoose (?:from|between)|\bvalues?(?: are| include)?|\b(?:can|must|should|may) be(?: either| one of)?|\beither|\benum)"
)
_CLOSES: Final = re.compile(rf"{_LEAD}(?: the following)?\s*[:=]?\s*[\[({{]?\s*$", re.IGNORECASE)
_OF_BARE: Final = re.compile(
    r"(?:\bone of(?: the following)?\s*[:=]?|\b(?:options?|(?:possible|allowed|valid|accepted|supported|available|permitted) \w+|enum)"
    rf"(?: are| include)?\s*[:=])\s*[\[({{]?\s*(?P<list>{_BARE}(?:{_JOINT}{_BARE})+)\s*(?=[\])}}.;]|$)",
    re.IGNORECASE,
)
_PIPED: Final = re.compile(rf"(?<![\w|])(?P<list>{_BARE}(?:\s*\|\s*{_BARE})+)(?![\w|])")
_OPEN: Final = re.compile(
    r"(?:\be\.?g\.?|\b(?:such as|like|for example|examples?|includ\w+|contain\w*|start\w*|begin\w*|end\w*|format\w*|if|when|unless|other than|except"
    r"|not|default\w*)\b)[^.;]*$",
    re.IGNORECASE,
)
"""What makes a list of quotations one of examples, or of something else than values."""
_GOES_ON: Final = re.compile(r"\s*(?:,|/|\||\bor\b|\band\b|etc|\.\.\.|…)\s*[\w.…]", re.IGNORECASE)
_TRUTHS: Final = (("yes", "no"), ("true", "false"))
_PAIR: Final = re.compile(
    r"\b(?:yes|true|asc|ascending)\b['\"`]?\s*(?:/|,|,?\s*\bor\b)\s*['\"`]?(?:no|false|desc|descending)\b"
    r"|\b(?:on/off|enabled/disabled)\b",
    re.IGNORECASE,
)
"""Two that leave no third; `on or off` may be what a tool does."""
_NO_VALUE: Final = re.compile(
    r"\b(?:the|your|any|others?|following|these|those|more|etc|which|that|by|to)\b|^an? ", re.IGNORECASE
)
_CODE: Final = 3
"""Letters of a value that may stand for a word."""


@lru_cache(maxsize=2048)
def told_options(described: str) -> tuple[str, ...]:
    """Return the values that a description says are all there are, in its order; nothing where it lists none, or only examples."""
    for found in _OF_QUOTED.finditer(described):
        before, after = described[: found.start()], described[found.end() :]
        closes = _CLOSES.search(before) is not None
        alternatives = re.search(r"\bor\b|/|\|", re.sub(_QUOTED, "", found[0])) is not None
        if _GOES_ON.match(after) or not (closes or (alternatives and not _OPEN.search(before))):
            continue
        return _kept([each.strip("'\"`“”‘’") for each in re.findall(_QUOTED, re.sub(r"\([^()]*\)", "", found[0]))])
    for pattern in (_OF_BARE, _PIPED):
        listed = pattern.search(described)
        if listed and (kept := _kept(re.split(_JOINT, listed["list"]))):
            return kept
    pair = _PAIR.search(described)
    return _kept(re.findall(r"(?!or\b)\w+", pair[0])) if pair else ()


def _kept(values: list[str]) -> tuple[str, ...]:
    plain = tuple(dict.fromkeys(each.strip() for each in values))
    return plain if len(plain) > 1 and all(plain) and not any(map(_NO_VALUE.search, plain)) else ()


def yes_or_no(options: tuple[str, ...]) -> tuple[str, str] | None:
    """Return the two values that say yes and no, in that order, where these are the options."""
    by_word = {each.casefold(): each for each in options}
    pair = next((pair for pair in _TRUTHS if set(pair) == set(by_word)), None)
    return (by_word[pair[0]], by_word[pair[1]]) if pair else None


def called(value: str, described: str) -> str:
    """Return what a description says that a short code stands for: `f: Fahrenheit`, `'M' for male`; nothing where it does not."""
    if len(value) > _CODE:
        return ""
    stands = rf"(?<!\w)['\"`]?{re.escape(value)}['\"`]?\s*(?::|=|\(|\bfor\b|\bmeans\b|->|\s-\s)\s*([A-Za-z][\w -]{{2,30}}?)\s*(?=[,.;)\]/]|\band\b|\bor\b|$)"
    found = re.search(stands, described)
    return found[1] if found else ""
