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
from doer.domain.value import Json, JsonObject
from doer.intent.grounder import Grounder
from doer.intent.mention import Mention
from doer.intent.text import word_set, words
from doer.intent.vocabulary import alike_nouns
from doer.planning.action.schema import listed_choices
from doer.planning.action.sense import words_of_name
from doer.planning.lookup.tools import called, clauses, keys_of, parameters, required

_GIVING: Final = word_set("give hand pass assign reassign transfer move delegate")
_DATING: Final = word_set("postpone move push delay shift set change reschedule")
_STATING: Final = word_set("set mark change move turn switch flag update make put")
_DEED: Final = re.compile(r"\s*(?:please\s+)?(?P<deed>[a-z]+)\b", re.IGNORECASE)
_TO: Final = re.compile(r"\s(?:to|as|until|till)\s+(?P<value>(?:[^,;:]|(?<=\d):(?=\d))+?)\s*[.!]?\s*$", re.IGNORECASE)
_LONG: Final = re.compile(r"\s(?P<value>\d[\w\s-]*?)\s+long\s*[.!]?\s*$", re.IGNORECASE)
_TIMING: Final = word_set("postpone move push delay shift set change reschedule put bring")
_SIZING: Final = word_set("make shorten lengthen extend cut change set")
_CHANGES: Final = word_set("change update edit modify alter amend reschedule")
_MINUTES: Final = word_set("min mins minute minutes")
_DAY: Final = re.compile(r"\b(?:day|date|yyyy-mm-dd|iso)\b", re.IGNORECASE)
_MAIL: Final = re.compile(r"\be-?mails?\b|\baddress(?:es)?\b", re.IGNORECASE)
_LISTED: Final = re.compile(r"[\w-]+")
_TYPED: Final = frozenset({*(("datetime", each) for each in _TIMING), *(("duration", each) for each in _SIZING)})
_SMALL: Final = word_set(
    "a an the or and for of its it is be new e mail address day date as one this that what colleague s"
)


@dataclass(frozen=True, slots=True)
class Update:
    """A field that gets a value in rows that are looked up."""

    tool: Manifest
    key: str
    field: tuple[str, str] | None
    """The argument that names the field, and which is chosen; None where each field has an argument of its own."""
    value: tuple[str, Json]
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
    deed, to = _DEED.match(goal.text), [*_TO.finditer(goal.text)] or [*_LONG.finditer(goal.text)]
    if deed is None or not to or goal.context or "?" in goal.text:
        return []
    found = [each for tool in tools if (each := _update(goal, tool, deed, to[-1])) is not None]
    found += _changes(goal, tools, deed, to[-1])
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
    span = (to.start(), to.end("value"))
    return Update(
        tool, keys[0], (chosen[0], choice), (given[0], value), person, span, deed.span("deed"), _named(goal, tool, to)
    )


def _changes(goal: Goal, tools: Sequence[Manifest], deed: re.Match[str], to: re.Match[str]) -> list[Update]:
    """The tools that take a moment, or a length, in an optional argument of its own."""
    mentions = [each for each in Grounder.of(goal).mentions(goal.text) if (each.start, each.end) == to.span("value")]
    mention = mentions[0] if len(mentions) == 1 and mentions[0].plain else None
    if mention is None or (mention.kind, deed["deed"].lower()) not in _TYPED:
        return []
    fitting = list[tuple[Manifest, str, Json]]()
    for tool in (each for each in tools if each.effect != "read" and len(keys_of(each)) == 1 == len(required(each))):
        verbs = {*words_of_name(tool.name.rpartition(".")[2])[:1], *re.findall(r"[a-z]+", tool.description.lower())[:1]}
        kept = [
            (name, each)
            for name, field in parameters(tool).items()
            if (each := _typed(mention, name, field)) is not None
        ]
        if len(kept) == 1 and verbs & _CHANGES:
            fitting.append((tool, *kept[0]))
    span, alone = (to.start(), len(goal.text)), len(fitting) == 1 and mention.kind == "duration"
    return [
        Update(
            tool,
            keys_of(tool)[0],
            None,
            (name, value),
            span=span,
            deed=deed.span("deed"),
            person=False,
            named=alone or _named(goal, tool, to),
        )
        for tool, name, value in fitting
    ]


def _typed(mention: Mention, name: str, schema: JsonObject) -> Json:
    """The value as the argument takes it; None where it takes none of its kind."""
    if mention.kind == "datetime" and schema.get("format") == "date-time":
        return str(mention.value)
    length = re.fullmatch(r"PT(\d+)M", str(mention.value))
    if mention.kind != "duration" or length is None or not set(words_of_name(name)) & _MINUTES:
        return None
    kind = schema.get("type")
    return length[1] if kind == "string" else int(length[1]) if kind in ("integer", "number") else None


def _named(goal: Goal, tool: Manifest, to: re.Match[str]) -> bool:
    """Tell whether the words before the value say what the rows are."""
    said = {each.stem for each in words(goal.text[: to.start()])}
    return any(alike_nouns(one, other) for one in said for other in called(tool))


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
