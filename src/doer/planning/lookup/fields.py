"""One field of rows gets a value: `mark 'Roof' as done`, `give all of Ada's chores to Bob`, where every word is accounted for.

Nothing is guessed. The value must be one that the tool describes for exactly one of its fields (a choice that it lists, a day, an
address), and every other word must say which row, so that a read tells whether there is one; else nothing is understood here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from doer.domain.action import Manifest
from doer.domain.goal import Goal
from doer.intent.grounder import Grounder
from doer.intent.text import stem, word_set, words
from doer.intent.vocabulary import alike_nouns
from doer.planning.action.schema import listed_choices
from doer.planning.action.sense import words_of_name
from doer.planning.lookup.tools import clauses, keys_of, nouns, parameters, required

_GIVING: Final = word_set("give hand pass assign reassign transfer move delegate")
_DATING: Final = word_set("postpone move push delay shift set change reschedule")
_STATING: Final = word_set("set mark change move turn switch flag update make put")
_DEED: Final = re.compile(r"\s*(?:please\s+)?(?P<deed>[a-z]+)\b", re.IGNORECASE)
_TO: Final = re.compile(r"\s(?:to|as|until|till)\s+(?P<value>[^,;:]+?)\s*[.!]?\s*$", re.IGNORECASE)
_DAY: Final = re.compile(r"\b(?:day|date|yyyy-mm-dd|iso)\b", re.IGNORECASE)
_MAIL: Final = re.compile(r"\be-?mails?\b|\baddress(?:es)?\b", re.IGNORECASE)
_LISTED: Final = re.compile(r"[\w-]+")
_SMALL: Final = word_set(
    "a an the or and for of its it is be new e mail address day date as one this that what colleague s"
)


@dataclass(frozen=True, slots=True)
class Update:
    """A field that gets a value in rows that are looked up."""

    tool: Manifest
    key: str
    field: tuple[str, str]
    """The argument that names the field, and which is chosen."""
    value: tuple[str, str]
    """The argument that takes the value, and the value; of an address the name as it was said."""
    person: bool
    """Whether the value is an address that is looked up."""
    span: tuple[int, int]
    """Of the words that say the value, with the small word before."""
    deed: tuple[int, int]
    named: bool
    """Whether the sentence says what the rows are."""


def updates(goal: Goal, tools: Sequence[Manifest]) -> list[Update]:
    """Return the ways to understand the last turn as one field that gets one value; usually none, or one."""
    deed, to = _DEED.match(goal.text), [*_TO.finditer(goal.text)]
    if deed is None or not to or goal.context or "?" in goal.text:
        return []
    found = [each for tool in tools if (each := _update(goal, tool, deed, to[-1])) is not None]
    return [each for each in found if each.named] or found


def _update(goal: Goal, tool: Manifest, deed: re.Match[str], to: re.Match[str]) -> Update | None:
    keys, needed, fields = keys_of(tool), required(tool), parameters(tool)
    chosen = [each for each in needed if listed_choices(fields.get(each, {}))]
    given = [each for each in needed if each not in (*keys, *chosen)]
    if tool.effect == "read" or (len(keys), len(chosen), len(given)) != (1, 1, 1):
        return None
    if fields[given[0]].get("type") != "string":
        return None
    told = clauses(given[0], tool)
    reading = _value(goal, told, deed["deed"].lower(), to)
    if reading is None:
        return None
    choice, value, person = reading
    rows = nouns(keys[0], tool) | {stem(each) for each in words_of_name(tool.name.rpartition(".")[2])[1:]}
    said = {each.stem for each in words(goal.text[: to.start()])}
    named = any(alike_nouns(one, other) for one in said for other in rows)
    span = (to.start(), to.end("value"))
    return Update(tool, keys[0], (chosen[0], choice), (given[0], value), person, span, deed.span("deed"), named)


def _value(goal: Goal, told: dict[str, str], deed: str, to: re.Match[str]) -> tuple[str, str, bool] | None:
    """Return the field, the value, and whether it is an address of somebody; None where not exactly one field wants it."""
    said, place = to["value"], to.span("value")
    stated = [
        (name, each)
        for name, clause in told.items()
        for each in dict.fromkeys(_LISTED.findall(clause))
        if each.lower() not in _SMALL and each.lower() == re.sub(r"[\s-]+", "_", said.strip("'\"").lower())
    ]
    if stated:
        return (*stated[0], False) if len(stated) == 1 and deed in _STATING else None
    mentions = [each for each in Grounder.of(goal).mentions(goal.text) if (each.start, each.end) == place]
    if len(mentions) != 1:
        return None
    mention = mentions[0]
    if mention.kind == "date" and mention.plain and deed in _DATING:
        dated = [name for name, clause in told.items() if _DAY.search(clause)]
        return (dated[0], str(mention.value), False) if len(dated) == 1 else None
    if mention.kind in ("person", "email") and deed in _GIVING:
        mailed = [name for name, clause in told.items() if _MAIL.search(clause)]
        return (mailed[0], mention.text.strip(), mention.kind == "person") if len(mailed) == 1 else None
    return None
