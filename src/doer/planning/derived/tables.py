"""Derived skills: what a table's schema lets a person say, as ordinary skills: ask, show, add up, set, add, delete.

Nothing is guessed: which date is meant by `yesterday`, which column a word belongs to, and which row, is certain or a
question. A change names its row by the primary key; nothing here changes or deletes many.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from doer.domain.known import Known, KnownColumn
from doer.domain.template import Fields, Literal, Slot, Template
from doer.intent.text import stem
from doer.intent.vocabulary import verbs
from doer.planning.derived.ground import GroundTable
from doer.planning.derived.table_patterns import NAMES, setting
from doer.planning.derived.table_questions import questions
from doer.planning.skills.skill import Select, Skill
from doer.planning.skills.slots import SlotSpec
from doer.planning.words.nouns import infinitive, phrase

_MOST_NEEDED = 4
"""Values that a row may need so that one sentence can say them all."""


def derive(known: Known) -> tuple[Skill, ...]:
    """Return the skills of one database, named after its connection."""
    return tuple(skill for table in known.tables for skill in of_table(GroundTable.of(known, table)))


def of_table(ground: GroundTable) -> Iterator[Skill]:
    """Yield the skills of one table."""
    yield from questions(ground)
    if not ground.table.writable:
        return
    yield from _adding(ground)
    if (named := ground.named()) is not None:
        for column in ground.others:
            if column.name not in ground.naming and (slot := ground.value_slot(column)) is not None:
                yield _setting_named(ground, column, slot, named)
        yield _deleting_named(ground, named)
    if (key := ground.key()) is None:
        return
    for column in ground.others:
        if (slot := ground.value_slot(column)) is not None:
            free = slot.type == "text" and phrase(column.name) in NAMES  # a title is whatever words stand in its place
            yield _setting(ground, column, replace(slot, verbatim=free), key)
    yield from _verbs(ground, key)
    yield _deleting(ground, key)


def _setting(ground: GroundTable, column: KnownColumn, slot: SlotSpec, key: SlotSpec) -> Skill:
    one, mark, value, what = ground.words.one, f"{{{key.name}}}", f"{{{slot.name}}}", phrase(column.name)
    wordings = [
        f"set the {what} of {one} {mark} to {value}", f"change the {what} of {one} {mark} to {value}",
        f"update the {what} of {one} {mark} to {value}",
        f"set {one} {mark} {what} to {value}",
    ]  # fmt: skip
    if key.type == "identifier" and ground.tells(column):
        wordings += [f"{verb} the {what} of {mark} to {value}" for verb in ("set", "change", "update")]
    if slot.type == "choice" and column.kind != "boolean":
        wordings += [f"set {one} {mark} to {value}", f"mark {one} {mark} as {value}", f"change {one} {mark} to {value}"]
    description = f"Set the {what} of one {one} in {ground.connection}"
    step = ground.step("update", description, key=_key(ground, key), values=Fields({column.name: Slot(slot.name)}))
    name = f"set_{column.name}_of_{ground.words.key_one}"
    patterns: Iterator[str] = setting(
        column, one, key.name, slot.name, choice=slot.type == "choice" and column.kind != "boolean"
    )
    if key.type == "identifier" and ground.tells(column):  # `bump the stock of LMP-1 up to 150`
        patterns = chain(patterns, setting(column, "", key.name, slot.name, choice=False))
    return ground.skill(
        name, description, wordings, (key, slot), step, (_row(ground, key),), what, patterns=tuple(patterns)
    )


def _setting_named(ground: GroundTable, column: KnownColumn, slot: SlotSpec, key: SlotSpec) -> Skill:
    """`set the city of customer Hansa to Oslo`, where one row alone is called so."""
    one, mark, value, what = ground.words.one, f"{{{key.name}}}", f"{{{slot.name}}}", phrase(column.name)
    verbs_, told = ("set", "change", "update"), ground.tells(column)
    wordings = [f"{verb} the {what} of {one} {mark} to {value}" for verb in verbs_]
    wordings += [f"{verb} the {what} of {mark} to {value}" for verb in verbs_ if told]
    wordings += [f"{verb} {mark}'s {what} to {value}" for verb in ("set", "change") if told]
    if slot.type == "choice" and column.kind != "boolean":
        wordings += [f"set {one} {mark} to {value}", f"mark {one} {mark} as {value}"]
    description = f"Set the {what} of the one {one} in {ground.connection} that is called so"
    row: Template = Fields({ground.table.primary[0]: Slot("row", (ground.table.primary[0],))})
    step = ground.step("update", description, key=row, values=Fields({column.name: Slot(slot.name)}))
    name = f"set_{column.name}_of_named_{ground.words.key_one}"
    nouns = (one, "") if told else (one,)
    patterns = tuple(each for noun in nouns for each in setting(column, noun, key.name, slot.name, choice=False))
    return ground.skill(name, description, wordings, (key, slot), step, (ground.called(key),), what, patterns=patterns)


def _verbs(ground: GroundTable, key: SlotSpec) -> Iterator[Skill]:
    """`close ticket 4812`, where one column alone has a value that says so."""
    one, mark = ground.words.one, f"{{{key.name}}}"
    found: dict[str, list[tuple[KnownColumn, str]]] = {}
    for column in ground.others:
        for value in column.values if column.writable else ():
            if value.lower() == "open":
                found.setdefault("reopened", []).append((column, value))
            if value.lower().endswith("ed") and stem(value.lower()) in verbs():
                found.setdefault(value.lower(), []).append((column, value))
    for word, places in found.items():
        if len(places) != 1:
            continue
        column, value = places[0]
        verb = infinitive(word)
        # Not worded as `set …`: that is what the skill of the column itself is for.
        description = f"{verb.title()} one {one} of {ground.connection}: its {phrase(column.name)} becomes {value}"
        step = ground.step("update", description, key=_key(ground, key), values=Literal({column.name: value}))
        wordings = (f"{verb} {one} {mark}", f"{verb} the {one} {mark}", f"please {verb} {one} {mark}")
        patterns = (
            f"{verb} [the] {one} [number|no] {mark}",
            f"[the] {one} {mark} (can be|should be|is to be|must be|has to be|needs to be|may be|is) {word} [now]",
            f"[the] {one} {mark} (has been|was|got|has just been|has now been) {word} [now|today|just now]",
        )
        called = f"{verb}_{ground.words.key_one}"
        yield ground.skill(called, description, wordings, (key,), step, (_row(ground, key),), patterns=patterns)


def _deleting(ground: GroundTable, key: SlotSpec) -> Skill:
    one, mark = ground.words.one, f"{{{key.name}}}"
    description = f"Delete one {one} of {ground.connection}"
    wordings = (f"delete {one} {mark}", f"delete the {one} {mark}", f"remove {one} {mark}", f"erase {one} {mark}")
    step = ground.step("delete", description, key=_key(ground, key))
    return ground.skill(f"delete_{ground.words.key_one}", description, wordings, (key,), step, (_row(ground, key),))


def _deleting_named(ground: GroundTable, key: SlotSpec) -> Skill:
    """`delete the customer Umbra`, where one row alone is called so; the noun must be said."""
    one, mark, own = ground.words.one, f"{{{key.name}}}", ground.table.primary[0]
    description = f"Delete the one {one} of {ground.connection} that is called so"
    verbs_ = ("delete", "remove", "erase")
    wordings = tuple(f"{verb} the {one} {mark}" for verb in verbs_)
    patterns = tuple(
        f"({'|'.join(verbs_)}) [the|our] {each} [from the (database|table|crm|list|system)]"
        for each in (f"{one} [called|named] {mark}", f"{mark} {one}")
    )
    step = ground.step("delete", description, key=Fields({own: Slot("row", (own,))}))
    name = f"delete_named_{ground.words.key_one}"
    return ground.skill(name, description, wordings, (key,), step, (ground.called(key),), patterns=patterns)


def _adding(ground: GroundTable) -> Iterator[Skill]:
    """`add a customer named …`: where plain values are enough for a row."""
    slots: list[SlotSpec] = []
    for column in ground.table.columns:
        own = column.name in ground.table.primary and not column.needed
        slot = None if own else ground.value_slot(column)
        if slot is None and column.needed:
            return
        if slot is not None and (column.needed or not column.name.endswith(("_at", "_id", "_on"))):
            slots.append(replace(slot, required=column.needed))
    needed = [each for each in slots if each.required]
    if not 1 <= len(needed) <= _MOST_NEEDED:
        return
    one = ground.words.one
    lead, rest = needed[0], needed[1:]
    also = "".join(f" with {phrase(each.name)} {{{each.name}}}" for each in rest)
    called = f" named {{{lead.name}}}" if lead.type in {"text", "person"} else f" {{{lead.name}}}"
    wordings = [f"{verb} a {one}{called}{also}" for verb in ("add", "create", "register", "insert", "enter")]
    wordings += [f"add a new {one}{called}{also}", f"add the {one} {{{lead.name}}}{also}"]
    description = f"Add one {one} to {ground.connection}"
    step = ground.step("insert", description, values=Fields({each.name: Slot(each.name) for each in slots}))
    yield ground.skill(f"add_{ground.words.key_one}", description, wordings, slots, step)


def _key(ground: GroundTable, key: SlotSpec) -> Template:
    return Fields({ground.table.primary[0]: Slot(key.name)})


def _row(ground: GroundTable, key: SlotSpec) -> Select:
    """The row must be there: else it is a question and no failed plan."""
    one = ground.words.one
    arguments: dict[str, Template] = {
        "table": Literal(ground.table.name),
        "where": ground.is_row(key),
        "columns": Literal([ground.table.primary[0]]),
        "limit": Literal(2),
    }
    none = f"There is no {one} {{{key.name}}} in {ground.connection}. Which {one} is meant?"
    return Select("row", f"{ground.connection}.find", arguments, slot=key.name, rows="rows", none=none)
