"""Statements: what a condition says (`there are no open tickets`, `Ana is in Sales`), and the questions that would read it.

The questions are plain sentences: whatever here can answer one of them can read the condition. No tool is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

_NUMBERS = {
    name: place
    for place, name in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    )
}
_N = rf"\d[\d.,]*|{'|'.join(_NUMBERS)}"
_OPS: dict[str, tuple[Literal["less", "greater"], int]] = {
    "more than": ("greater", 0), "over": ("greater", 0), "above": ("greater", 0), "greater than": ("greater", 0),
    "higher than": ("greater", 0), "larger than": ("greater", 0), "later than": ("greater", 0), "after": ("greater", 0),
    "newer than": ("greater", 0), "at least": ("greater", -1), "no less than": ("greater", -1), "not before": ("greater", -1),
    "less than": ("less", 0), "fewer than": ("less", 0), "under": ("less", 0), "below": ("less", 0), "lower than": ("less", 0),
    "smaller than": ("less", 0), "before": ("less", 0), "earlier than": ("less", 0), "older than": ("less", 0),
    "at most": ("less", 1), "no more than": ("less", 1), "not after": ("less", 1),
}  # fmt: skip
_OP = "|".join(sorted(_OPS, key=len, reverse=True))
_IDLE = re.compile(
    r"\b(?:still|yet|already|currently|just now|right now|now|really|actually|any ?more|at the moment|today)\b",
    re.IGNORECASE,
)
_BE = r"(?:is|are|['’]s)(?P<neg> not| no longer|n['’]?t)?"
_THERE = re.compile(
    rf"^there {_BE}\s+(?:(?P<op>{_OP}|exactly)\s+)?(?:(?P<n>{_N}|no|an?|any|some|the)\b)?\s*(?P<np>\S.*)$",
    re.IGNORECASE,
)
_ANY = re.compile(
    rf"^(?:(?P<op>{_OP}|exactly)\s+)?(?P<n>{_N}|no|any|some)\s+(?P<np>\S.*?)\s+(?:are|is|exists?)(?:\s+(?P<adj>\w+))?$",
    re.IGNORECASE,
)
_EXISTS = re.compile(r"^(?P<s>\S.*?)\s+(?P<neg>does not|doesn['’]?t|do not|don['’]?t)?\s*exists?$", re.IGNORECASE)
_HAS = re.compile(
    rf"^(?P<s>\S.*?)\s+(?P<v>has not|hasn['’]?t|has|have not|haven['’]?t|have|does not have|doesn['’]?t have|do not have|don['’]?t have)(?: got)?\s+"
    rf"(?:(?P<op>{_OP}|exactly)\s+)?(?:(?P<n>{_N}|no|an?|any|some)\b)?\s*(?P<np>\S.*)$",
    re.IGNORECASE,
)
_COMPARED = re.compile(rf"^(?P<s>\S.*?)\s+(?:{_BE}|costs?|weighs?)\s+(?P<op>{_OP})\s+(?P<v>\S.*)$", re.IGNORECASE)
_IN = re.compile(
    rf"^(?P<s>\S.*?)\s+{_BE}\s+(?:an? (?:\w+ )?member of|in|on|part of|among|listed in)\s+(?:the\s+)?(?P<g>\S.*)$",
    re.IGNORECASE,
)
_IS = re.compile(rf"^(?P<s>\S.*?)\s+{_BE}\s+(?P<adj>[\w-]+(?: [\w-]+)?)$", re.IGNORECASE)
_PATH = re.compile(
    r"^(?:the |an? )?(?:(?P<what>file|folder|directory)\s+)?(?:called |named )?(?P<path>[\w][\w./-]*)$", re.IGNORECASE
)
_NOUN_FIRST = re.compile(r"^(?:the )?(?P<noun>[a-z]\w+) (?P<of>(?:of|for) .+)$", re.IGNORECASE)
Kind = Literal["count", "path", "member", "has", "state", "compare"]


@dataclass(frozen=True, slots=True)
class Statement:
    """What must hold."""

    kind: Kind
    subject: str
    told: str = ""
    """What is said of the subject: a value, a group, a thing that it has."""
    negated: bool = False
    comparison: Literal["less", "greater", "equals"] = "greater"
    limit: str = "0"
    inclusive: bool = False
    """True: the limit itself is within."""
    called: str = ""
    """The subject in all its words: `folder called reports`."""

    @property
    def questions(self) -> Iterator[str]:
        """Sentences that ask for what must be read."""
        s, of = self.subject, self.told
        match self.kind:
            case "count":
                yield from (
                    f"how many {s} are there",
                    f"list the {s}",
                    f"find {s}",
                    f"show the {s}",
                    f"which {s} are there",
                )
            case "path":
                folder = s.rpartition("/")[0]
                yield from (f"list the files in {folder}",) if folder else ("list the files", "list all files")
            case "member":
                yield from (
                    f"who is in {of}",
                    f"list the members of {of}",
                    f"list everyone in {of}",
                    f"which groups is {s} in",
                    f"list {of}",
                )
            case "has":
                many = of if of.endswith("s") else f"{of}s"
                yield from (f"which {many} does {s} have", f"how many {many} does {s} have", f"list the {many} of {s}",
                            f"find {many} from {s}", f"show the {many} of {s}", f"which {many} is {s} in")  # fmt: skip
            case "state":
                yield from (
                    f"what is the status of {s}",
                    f"what is the state of {s}",
                    f"what is {s}",
                    f"show {s}",
                    f"find {s}",
                    f"show the status of {s}",
                )
            case "compare":
                yield from (f"what is {s}", f"show {s}", f"how many {s} are there", f"what is the price of {s}")


_NOBODY = re.compile(
    r"^(?:nobody|no one|none|nothing|everyone|everybody|anyone|anybody|someone|somebody|all|both|each|every)\b",
    re.IGNORECASE,
)
"""What names nobody and nothing: of them no read can be asked by name."""


def statement(text: str) -> Statement | None:
    """Return what a condition says; None where it is said in a way that is not understood."""
    plain = re.sub(r"\s+", " ", _IDLE.sub(" ", text)).strip(" ,.!")
    if re.search(r"\b(?:and|or|nor)\b", plain, re.IGNORECASE):
        return None  # two conditions are not one
    for read in (_there, _any, _exists, _has, _compared, _in, _is):
        found = read(plain)
        if found is not None:
            return None if found.kind != "count" and _NOBODY.match(found.subject) else found
    return None


def _number(text: str) -> str:
    return str(_NUMBERS.get(text.lower(), text.replace(",", "")))


def _counted(subject: str, found: re.Match[str], *, negated: bool) -> Statement:
    op, n = (found["op"] or "").lower(), (found["n"] or "").lower()
    if n == "no":
        return Statement("count", subject, negated=not negated)
    if not n or n in {"a", "an", "any", "some", "the"}:
        return Statement("count", subject, negated=negated)
    if op in _OPS:
        comparison, by = _OPS[op]
        return Statement("count", subject, "", negated, comparison, _number(n), bool(by))
    if op == "exactly":
        return Statement("count", subject, "", negated, "equals", _number(n))
    return Statement("count", subject, "", negated, "greater", _number(n), inclusive=True)


def _there(text: str) -> Statement | None:
    found = _THERE.match(text)
    if found is None:
        return None
    path = _path(found["np"]) if not found["op"] else None
    if path is not None:
        return Statement(
            "path", path, negated=bool(found["neg"]) != ((found["n"] or "").lower() == "no"), called=found["np"]
        )
    return _counted(found["np"], found, negated=bool(found["neg"]))


def _any(text: str) -> Statement | None:
    found = _ANY.match(text)
    if found is None:
        return None
    return _counted(f"{found['adj']} {found['np']}" if found["adj"] else found["np"], found, negated=False)


def _path(text: str) -> str | None:
    found = _PATH.match(text)
    if found is None or not (found["what"] or re.search(r"/|\.\w{1,5}$", found["path"])):
        return None
    return found["path"].strip("/")


def _exists(text: str) -> Statement | None:
    found = _EXISTS.match(text)
    if found is None:
        return None
    path = _path(found["s"])
    if path is not None:
        return Statement("path", path, negated=bool(found["neg"]), called=found["s"])
    return Statement("count", re.sub(r"^(?:the|an?) ", "", found["s"]), negated=bool(found["neg"]))


def _has(text: str) -> Statement | None:
    found = _HAS.match(text)
    if found is None:
        return None
    counted = _counted("", found, negated="n't" in found["v"] or "n’t" in found["v"] or " not" in found["v"])
    return Statement(
        "has", found["s"], found["np"], counted.negated, counted.comparison, counted.limit, counted.inclusive
    )


def _compared(text: str) -> Statement | None:
    found = _COMPARED.match(text)
    if found is None:
        return None
    comparison, by = _OPS[found["op"].lower()]
    return Statement("compare", found["s"], "", bool(found["neg"]), comparison, found["v"], bool(by))


def _in(text: str) -> Statement | None:
    found = _IN.match(text)
    if found is None:
        return None
    group = re.sub(r"\s+(?:group|team)$", "", found["g"], flags=re.IGNORECASE)
    return Statement("member", found["s"], group, bool(found["neg"]))


def _is(text: str) -> Statement | None:
    found = _IS.match(text)
    if found is None:
        return None
    adjective = re.sub(r"^(?:not|no longer) ", "", found["adj"], flags=re.IGNORECASE)
    return Statement("state", found["s"], adjective, bool(found["neg"]) or adjective != found["adj"])


def of_what(said: Statement) -> Iterator[str]:
    """Yield what a word that points back may mean, of what a condition speaks of: the stock of A-13, or A-13."""
    subject = said.subject
    if said.called:
        yield said.called
    plain = re.sub(r"^the (?=\S+ (?:of|for) )", "the ", subject)
    found = _NOUN_FIRST.match(plain)
    if found is not None:
        yield re.sub(r"^(?:of|for)\s+", "", found["of"], flags=re.IGNORECASE)
    if owned := re.match(r"^(?P<who>\S.*?)['’]s? \w+$", plain):
        yield owned["who"]
    yield plain
    if said.told:
        yield said.told
