"""People who are said by a row: `the account manager of Orchard Foods`, `whoever has the task 'Dig'`, `everyone I meet tomorrow`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from doer.domain.action import Manifest
from doer.domain.goal import Goal
from doer.domain.ports import Reader
from doer.domain.value import JsonObject
from doer.intent.text import words
from doer.intent.vocabulary import FUNCTION_WORDS
from doer.planning.action.sense import words_of_name
from doer.planning.lookup.condition import Undecided
from doer.planning.lookup.holding import Holding
from doer.planning.lookup.tools import parameters, reads_among, required
from doer.planning.words.conditions import masked

MOST_PEOPLE: Final = 20
_ONE: Final = re.compile(
    r"\bwho(?:m|so)?ever (?:has|owns|does|holds) (?P<told>(?:the|a|an|my) (?:\w+ ){1,3}?¤+)", re.IGNORECASE
)
_EVERY: Final = re.compile(
    r"\b(?:everybody|everyone|every one|each (?:person|colleague)|all (?:people|those|colleagues)) "
    r"(?:(?:who|that) (?:has|have)(?: got)?|with|(?P<own>(?:that |whom )?i)) (?:an? |any |some )?"
    r"(?P<told>[^,;:.¤\n]+?)(?=\s+(?:a|an|the|saying|subject|text)\b|\s*(?:[,;:.¤\n]|$))",
    re.IGNORECASE,
)
_ROLE: Final = re.compile(r"^(?:the )?(?P<role>[a-z]+(?: [a-z]+){0,2}) (?:of|for) (?:the )?(?P<name>.+)$")
_OWNER: Final = re.compile(r"^(?P<name>.+?)['\u2019]s (?P<role>[a-z]+(?: [a-z]+){0,2})$")


_MORE: Final = re.compile(r"\s*,?\s*(?:and|or|but|nor|who|whom|whose|that|which|in|on|from|at|of)\b", re.IGNORECASE)
"""What goes on after the words for people, and says more of them."""
_LESS: Final = re.compile(r"\b(?:except|without|other than|apart from|besides|but not|not)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Described:
    """People whom rows tell, and with which words they were said."""

    addresses: tuple[str, ...]
    read: str
    span: tuple[int, int]


async def described(goal: Goal, tools: Sequence[Manifest], reader: Reader) -> Described | None:
    """Return the people of rows that the text speaks of without a name; None where it speaks of none, or that is not plain."""
    plain = masked(goal.text)
    found = _ONE.search(plain) or _EVERY.search(plain)
    if found is None:
        return None
    several = "own" in found.re.groupindex
    told = goal.text[found.start("told") : found.end("told")]
    last = told.split()[-1].lower()
    if last in FUNCTION_WORDS or _MORE.match(plain, found.end()) or _LESS.search(plain):
        return None  # more is said of them than is understood here
    try:
        own = several and found["own"] is not None
        read, rows = await Holding(goal, tools, reader).rows_that(told, own=own)
    except Undecided:
        return None
    addresses = _people(rows)
    if not addresses or len(addresses) > MOST_PEOPLE or (not several and len(rows) != 1):
        return None
    return Described(addresses, read.name, found.span())


async def of_a_role(said: str, goal: Goal, tools: Sequence[Manifest], reader: Reader) -> tuple[str, str] | None:
    """Return the address in the field that is called by the words, of the one row that has the name, and its read."""
    found = _ROLE.match(said.strip()) or _OWNER.match(said.strip())
    if found is None:
        return None
    role = tuple(each.stem for each in words(found["role"]))
    holding = Holding(goal, tools, reader)
    wanted = {each.stem for each in words(found["name"])}
    kept = list[tuple[str, str]]()
    for read in reads_among(tools):
        if required(read.manifest) or not any(
            _called(name, role) for name in (*parameters(read.manifest), *read.fields)
        ):
            continue
        try:
            rows = await holding.rows(read.manifest)
        except Undecided:
            return None
        own = [
            row for row in rows if any(_has(value, wanted) for name, value in row.items() if not _called(name, role))
        ]
        kept += [(str(value), read.manifest.name) for row in own for name, value in row.items() if _called(name, role)]
    return kept[0] if len(kept) == 1 and "@" in kept[0][0] else None


def _called(name: str, role: tuple[str, ...]) -> bool:
    stems = tuple(word.stem for each in words_of_name(name) for word in words(each))
    return stems == role or (stems[-1:] in (("email",), ("mail",), ("address",)) and stems[:-1] == role)


def _has(value: object, wanted: set[str]) -> bool:
    return isinstance(value, str) and "@" not in value and {each.stem for each in words(value)} == wanted


def _people(rows: Sequence[JsonObject]) -> tuple[str, ...]:
    """The addresses in the one field of rows that holds some, each once; nothing where two fields do, or a row has none."""
    fields = {name for row in rows for name, value in row.items() if isinstance(value, str) and "@" in value}
    if len(fields) != 1:
        return ()
    name = next(iter(fields))
    told = [row.get(name) for row in rows]
    whole = [each for each in told if isinstance(each, str) and re.fullmatch(r"[^\s@]+@[^\s@]+", each)]
    return tuple(dict.fromkeys(whole)) if len(whole) == len(rows) else ()
