"""Sayings: the examples of wording of skills and tools, filled with names that are really there; whether they plan is tried elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from doer.domain.known import Known
from doer.domain.value import Json, JsonObject
from doer.planning.skills.slots import SlotSpec
from doer.planning.skills.unit import Unit

_MARKER = re.compile(r"\{(\w+)\}")
_TWICE = re.compile(r"\b(minutes|group|team|folder) \1\b")
_MOST_NAMES = 3
_TEXTS: Mapping[str, str] = {
    "title": "Project review", "subject": "The figures", "topic": "the plan", "body": "Friday works", "text": "call the bank",
    "line": "buy milk", "content": "it works", "message": "Update the notes", "name": "draft", "branch": "draft", "tag": "v1.0",
    "location": "Room 2", "what": "call the bank", "task": "call the bank",
}  # fmt: skip
"""What a free text might be, by the slot's name; any other text is nobody's to make up."""
_PLAIN: Mapping[str, str] = {
    "duration": "45 minutes", "minutes": "45 minutes", "amount": "12.50 EUR", "decimal": "12.50", "number": "3", "integer": "3",
    "time": "4 pm", "date": "Friday", "date_range": "next week", "url": "https://example.org",
}  # fmt: skip
_MOMENTS: Mapping[str, str] = {"at": "tomorrow at 3 pm", "on": "on Monday at 3 pm", "for": "for tomorrow at 3 pm"}
_FRESH = ("write", "create", "new", "save", "make")
_DATA = (".csv", ".json", ".xlsx")
_PACKED = (".zip", ".tar", ".tar.gz", ".tgz")
_PLAIN_TEXT = (".md", ".txt")
_STATES = ("status", "state", "stage", "priority", "severity", "type", "kind")
"""Columns whose values people ask for rows by."""
_NEVER = ("sums", "digest", "algorithm")
"""Slots of what nobody says by heart."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """One event of a calendar, as people speak of it."""

    title: str
    clock: str
    """`3 pm`, on the workspace's clock."""


@dataclass(frozen=True, slots=True)
class Names:
    """Names that are really there; each list best first, and short."""

    known: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Kind of entity -> names."""
    emails: Sequence[str] = ()
    files: Sequence[str] = ()
    folders: Sequence[str] = ()
    meetings: Sequence[Meeting] = ()
    senders: Sequence[str] = ()
    """Who wrote the newest mails."""
    rows: Mapping[tuple[str, str], JsonObject] = field(default_factory=dict)
    """Connection and table -> one row."""


def names_of(known: Sequence[Known]) -> Names:
    """Return the names among what is known; of people only those that nobody else has."""
    entities = [entity for each in known for entity in each.entities]
    found: dict[str, list[str]] = {}
    for entity in entities:
        same = [each for each in entities if each.kind == entity.kind and each.name == entity.name]
        if len(same) == 1:
            found.setdefault(entity.kind, []).append(entity.name)
    emails = [name for each in entities for name in (each.value, *each.also) if each.kind == "person" and "@" in name]
    return Names({kind: names[:_MOST_NAMES] for kind, names in found.items()}, emails[:_MOST_NAMES])


def fillings(unit: Unit, names: Names, row: JsonObject | None, most: int) -> Iterator[str]:
    """Yield at most so many sentences that should reach the unit; an example with a slot that has no real name gives none."""
    slots = {slot.name: slot for slot in unit.slots}
    # Of a table the wordings that narrow it down tell more than those that take all of it.
    wordings = list(unit.examples if row is None else sorted(unit.examples, key=lambda each: "{" not in each))
    # Wordings with other slots first: where no name fits one slot, one without it may work.
    first = {frozenset(_MARKER.findall(each)): each for each in reversed(wordings)}
    varied = [each for each in wordings if each in first.values()]
    every = dict.fromkeys((*varied, *wordings))
    yield from islice((said for each in every if (said := _filled(each, unit, slots, names, row))), most)


def blank(example: str) -> str:
    """Return the example with ‹…› where a value of one's own goes."""
    return _MARKER.sub(lambda found: f"‹{found[1].replace('_', ' ')}›", example)


def _filled(example: str, unit: Unit, slots: Mapping[str, SlotSpec], names: Names, row: JsonObject | None) -> str:
    made = example
    for name in dict.fromkeys(_MARKER.findall(example)):
        slot = slots.get(name)
        before, _, _ = made.partition(f"{{{name}}}")
        word = before.rstrip().rpartition(" ")[2].casefold()
        value = "" if slot is None else _value(slot, unit, word, example, names, row)
        if not value:
            return ""
        repeats = bool(word) and value.casefold().startswith(f"{word} ")
        moment = slot is not None and slot.type == "datetime" and word in _MOMENTS
        made = made.replace(f"{word} {{{name}}}" if repeats or moment else f"{{{name}}}", value)
    return _TWICE.sub(r"\1", made)


def _value(slot: SlotSpec, unit: Unit, word: str, example: str, names: Names, row: JsonObject | None) -> str:
    if slot.name in _NEVER:
        return ""
    if slot.name == "display_name" and "group" in unit.name:
        return '"Design"' if ".create" in unit.name else next(iter(names.known.get("group", ())), "")
    if slot.known == "person" or slot.type == "person" or (slot.name == "name" and "user" in unit.name):
        people = names.senders if slot.name in ("sender", "from") and names.senders else names.known.get("person", ())
        return next(iter(people), "")
    if slot.known:
        return next(iter(names.known.get(slot.known, ())), "")
    if row is not None and (said := _of_row(slot, row)):
        return said
    match slot.type:
        case "choice":
            narrows = unit.reads and row is not None and not slot.name.endswith(_STATES)
            return "" if narrows else _chosen(slot, row)
        case "datetime":
            return _MOMENTS.get(word, "Monday at 3 pm") if slot.name != "was" else ""
        case "period":
            return {"from": "last week", "in": "", "of": ""}.get(word, "yesterday" if slot.past else "tomorrow")
        case "time" if slot.name == "clock":
            return next((each.clock for each in names.meetings), "")
        case "email":
            return next(iter(names.emails), "")
        case "path":
            return _path(slot, unit, example, names)
        case "text" | "identifier":
            return _text(slot, names if row is None and ".create" not in unit.name else Names())
        case _:
            return _PLAIN.get(slot.type, "")


def _of_row(slot: SlotSpec, row: JsonObject) -> str:
    """Return the row's key; the value of a column is not said back to it."""
    if slot.type not in ("integer", "identifier", "email") or slot.choices:
        return ""
    value: Json = row.get("")
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _chosen(slot: SlotSpec, row: JsonObject | None) -> str:
    now = None if row is None else row.get(slot.name)
    others = [each for each in slot.choices if each.value != now]
    first = next(iter(others or slot.choices), None)
    return "" if first is None else (first.words[0].removeprefix("=") if first.words else first.label)


def _path(slot: SlotSpec, unit: Unit, example: str, names: Names) -> str:
    said = f"{slot.name} {unit.name}".casefold()
    if slot.name in ("target", "to", "destination", "new_path", "archive"):
        return "archive" if "folder" in example or slot.name == "target" else "archive.zip" if "archive" in said else ""
    if "folder" in said and any(word in example.split() for word in _FRESH):
        return "archive"
    if "row" in unit.name or "every" in unit.name:
        return _first(names.files, _DATA)
    if "extract" in unit.name or "archive" in unit.name:
        return _first(names.files, _PACKED)
    if "folder" in slot.name or "list" in unit.name or slot.name == "paths":
        return next((f"./{each}" for each in names.folders), "")
    if unit.name.endswith(".write") or any(word in example.split() for word in _FRESH):
        return "notes.md"
    return _first(names.files, _PLAIN_TEXT) or ("" if "line" in unit.name else next(iter(names.files), ""))


def _first(files: Sequence[str], endings: tuple[str, ...]) -> str:
    return next((each for each in files if each.lower().endswith(endings)), "")


def _text(slot: SlotSpec, names: Names) -> str:
    if slot.name in ("title", "event", "meeting") and names.meetings:
        return names.meetings[0].title
    told = _TEXTS.get(slot.name, "")
    return f'"{told}"' if told else ""
