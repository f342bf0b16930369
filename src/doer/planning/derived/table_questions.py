"""Questions about a table as skills that only read: how many, which, how much in all, and one thing of one row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from doer.domain.known import KnownColumn
from doer.domain.template import Fields, Items, Literal, Slot, Template, Transform
from doer.domain.value import Json
from doer.intent.text import stem
from doer.planning.derived.ground import GroundTable, clause
from doer.planning.derived.row_patterns import (
    LACKING,
    LARGEST,
    NEWEST,
    OLDEST,
    PERIOD,
    SMALLEST,
    VAGUE,
    Rows,
    adding_up,
    at_the_end,
    counting,
    showing,
)
from doer.planning.derived.table_patterns import telling
from doer.planning.skills.skill import Skill
from doer.planning.skills.slots import Choice, SlotSpec
from doer.planning.words.nouns import BEGINNINGS, infinitive, participle, phrase

BY, HOW_MANY = "by_which_date", "how_many"
_MOST_SHOWN = 100
_DATED = frozenset({"date", "timestamp", "instant"})
_NUMBERS = frozenset({"integer", "decimal", "float"})
_AMOUNTS = frozenset(stem(each) for each in ("amount", "total", "sum", "cost", "value"))
Worded = Callable[[Rows], Iterator[str]]
"""Yields patterns for rows."""
_CAME = ("came in", "come in", "arrived")


def questions(ground: GroundTable) -> Iterator[Skill]:
    """Yield the skills that read the table."""
    many, name, over = ground.words.many, ground.connection, _Over.of(ground)
    yield over.skill("count", f"count_{ground.words.key_many}", f"Count {many} in {name}", _counting(ground), counting)
    columns: Mapping[str, Template] = {"columns": Literal([each.name for each in ground.table.columns])}
    shown = {**columns, "limit": Literal(_MOST_SHOWN)}
    yield over.skill(
        "find", f"list_{ground.words.key_many}", f"Show {many} of {name}", _showing(ground), showing, shown
    )
    yield from _ends(ground, over, columns)
    for column in ground.others:
        if column.kind in _NUMBERS and _is_money(ground, column):
            yield from _sizes(ground, over, columns, column)
        if column.kind in _NUMBERS and not column.name.endswith("_id"):
            what, money = phrase(column.name), _is_money(ground, column)
            given: Mapping[str, Template] = {"column": Literal(column.name)}
            wordings = (*_adding_up(ground, column), *(_in_all(ground) if money else ()))
            title, told = f"total_{column.name}_of_{ground.words.key_many}", f"Add up the {what} of {many} in {name}"
            yield over.skill("total", title, told, wordings, partial(adding_up, what=what, money=money), given, what)
    deeds = {infinitive(value.lower()) for column in ground.others for value in column.values}
    told_of = [each for each in ground.others if infinitive(participle(each.name)) not in deeds]
    if (named := ground.named()) is not None:
        asked = (each for each in told_of if each.name not in ground.naming)
        yield from (_one_thing_named(ground, column, named) for column in asked)
    if (key := ground.key()) is not None:
        yield from (_one_thing(ground, column, key) for column in told_of)  # `close ticket 12` asks for no `closed at`


def _ends(ground: GroundTable, over: _Over, columns: Mapping[str, Template]) -> Iterator[Skill]:
    """`the newest ticket`, `the three oldest open tickets`, where one date says when a row came to be."""
    if over.sure is None:
        return
    one, many, column = ground.words.one, ground.words.many, Literal(over.sure.name)
    several = SlotSpec(HOW_MANY, "integer", question=f"How many {many}?")
    for end, words, descending in (("newest", NEWEST, True), ("oldest", OLDEST, False)):
        order = {**columns, "order": Items((Fields({"column": column, "descending": Literal(descending)}),))}
        adjectives = [each for each in words.split("|") if each not in VAGUE]
        singular = tuple(f"what is the {each} {one}" for each in adjectives)
        worded = partial(at_the_end, words=words)
        about = f"Show the {end} {one} of {ground.connection}"
        name = f"{end}_{ground.words.key_one}"
        yield over.skill("find", name, about, singular, worded, {**order, "limit": Literal(1)}, " ".join(adjectives))
        plural = tuple(f"show the {{{HOW_MANY}}} {each} {many}" for each in adjectives)
        worded = partial(at_the_end, words=words, several=HOW_MANY)
        about, name = f"Show the {end} {many} of {ground.connection}", f"{end}_{ground.words.key_many}"
        given = {**order, "limit": Slot(HOW_MANY)}
        yield over.skill("find", name, about, plural, worded, given, " ".join(adjectives), (several,))


def _sizes(ground: GroundTable, over: _Over, columns: Mapping[str, Template], amount: KnownColumn) -> Iterator[Skill]:
    """`the biggest order this week`, where one amount alone says what a row is worth."""
    one = ground.words.one
    for end, words in (("largest", LARGEST), ("smallest", SMALLEST)):
        first = Fields({"column": Literal(amount.name), "descending": Literal(end == "largest")})
        given = {**columns, "order": Items((first,)), "limit": Literal(1)}
        singular = tuple(f"what is the {each} {one}" for each in words.split("|"))
        about = f"Show the {end} {one} of {ground.connection} by its {phrase(amount.name)}"
        worded = partial(at_the_end, words=words)
        yield over.skill(
            "find", f"{end}_{ground.words.key_one}", about, singular, worded, given, words.replace("|", " ")
        )


@dataclass(frozen=True, slots=True)
class _Over:
    """The rows of a table that some columns, and where it has dates a period, narrow down."""

    ground: GroundTable
    filters: tuple[SlotSpec, ...]
    dates: tuple[KnownColumn, ...]
    first: tuple[KnownColumn, ...]
    """The dates that say when a row came to be."""

    @classmethod
    def of(cls, ground: GroundTable) -> _Over:
        """Return the rows of a table."""
        dates = tuple(each for each in ground.table.columns if each.kind in _DATED)
        first = tuple(each for each in dates if participle(each.name) in BEGINNINGS)
        return cls(ground, tuple(ground.filters()), dates, first)

    @property
    def sure(self) -> KnownColumn | None:
        """The one date there is, where it says when the row came to be; any other is named or asked for."""
        return self.dates[0] if len(self.dates) == len(self.first) == 1 else None

    def skill(  # noqa: PLR0913, PLR0917 - the parts of one read
        self,
        tool: str,
        name: str,
        told: str,
        wordings: Sequence[str],
        worded: Worded,
        more: Mapping[str, Template] | None = None,
        about: str = "",
        own: tuple[SlotSpec, ...] = (),
    ) -> Skill:
        """Return a read over these rows."""
        ground, empties, examples = self.ground, tuple(self.ground.empties()), tuple(wordings)
        others = tuple(ground.others_than())
        slots = (*own, *self.filters, *empties, *others)
        where = [clause(Literal(each.name), "equals", Slot(each.name)) for each in self.filters]
        where += [clause(Slot(each.name), "is_null", Literal(each.name == LACKING)) for each in empties]
        columns = (each.name.removeprefix("not_") for each in others)
        where += [clause(Literal(name), "differs", Slot(each.name)) for name, each in zip(columns, others, strict=True)]
        if self.dates:
            slots = (*own, *_period(ground, self.dates, self.first, self.sure), *self.filters, *empties, *others)
            where = [*_bounds(self.dates, self.sure), *where]
            examples += () if own else tuple(_dated(wordings, self.dates, self.first))
            if self.sure is None:
                bare = (each.removesuffix(" are there") for each in wordings if each.endswith(" are there"))
                examples += tuple(f"{each} {{{BY}}} {{{PERIOD}}}" for each in bare)
        came = _happenings(self.dates) if self.sure else ()
        by = BY if self.dates and self.sure is None else ""
        words = ground.words
        clauses = tuple(each.name for each in (*empties, *others))
        rows = Rows(words.many, words.one, self.filters, came, self.sure is not None, by, clauses)
        step = ground.step(tool, told, **(more or {}), where=Items(tuple(where)))
        return ground.skill(name, told, examples, slots, step, about=about, patterns=tuple(worded(rows)))


def _happenings(dates: Sequence[KnownColumn]) -> tuple[str, ...]:
    """How it is said that rows came to be: `came in`, `were placed`."""
    happened = sorted({participle(each.name) for each in dates} | BEGINNINGS)
    passive = (f"(were|have been) {each}" for each in happened if each.endswith("ed"))
    return (*_CAME, "have come in", "have arrived", "did we get", "did we receive", "do we have", "are there", *passive)


def _period(
    ground: GroundTable, dates: Sequence[KnownColumn], first: Sequence[KnownColumn], sure: KnownColumn | None
) -> Iterator[SlotSpec]:
    many, past = ground.words.many, all(participle(each.name).endswith("ed") for each in dates)
    asked = f"Of which day, week or month? ({many})"
    coming = not any(participle(each.name).endswith("ed") for each in dates)
    yield SlotSpec(
        PERIOD,
        "period",
        question=asked,
        required=False,
        past=past,
        coming=coming,
        open_ended=True,
        along="" if sure else BY,
    )
    if sure is None:
        choices = tuple(Choice(each.name, each.name, _said_of(each, first)) for each in dates)
        yield SlotSpec(
            BY, "choice", question=f"By which date of the {many}?", required=False, choices=choices, along=PERIOD
        )


def _said_of(column: KnownColumn, first: Sequence[KnownColumn]) -> tuple[str, ...]:
    """The words that mean a date: `were closed` closed_at, `came in` the one date on which rows come to be."""
    verb = participle(column.name)
    begins = list(first) == [column]
    happened = sorted({verb, *(BEGINNINGS if begins else ())})
    passive = [f"{be} {each}" for each in happened if each.endswith("ed") for be in ("were", "was", "been")]
    return tuple(
        dict.fromkeys(
            [phrase(column.name), *passive, *([] if verb.endswith("ed") else [verb]), *(_CAME if begins else ())]
        )
    )


def _dated(wordings: Sequence[str], dates: Sequence[KnownColumn], first: Sequence[KnownColumn]) -> Iterator[str]:
    """Wordings with a period: `… from last week`, `… in March`, and what happened then."""
    for each in wordings:
        bare = each.removesuffix(" are there")
        yield f"{bare} in {{{PERIOD}}}"
        yield f"{bare} from {{{PERIOD}}}"
        yield f"{bare} of {{{PERIOD}}}"
        if bare == each:
            continue
        yield from (
            f"{bare} {word} {{{PERIOD}}}" for word in ((*_CAME, "did we get", "did we receive") if first else ())
        )
        happened = {participle(one.name) for one in dates} | (BEGINNINGS if len(first) == len(dates) == 1 else set())
        yield from (f"{bare} were {word} {{{PERIOD}}}" for word in sorted(happened) if word.endswith("ed"))


def _bounds(dates: Sequence[KnownColumn], sure: KnownColumn | None) -> list[Template]:
    """From the first moment of the period until the first moment after it, as the column writes moments."""
    column: Template = Literal(sure.name) if sure else Slot(BY)
    kinds: Json = {each.name: each.kind for each in dates}
    kind: Template = Literal(sure.kind) if sure else Transform("field", (Literal(kinds), column))
    after = Transform("add_days", (Slot(PERIOD, ("end",)), Literal(1)))
    zone = Slot("goal", ("zone",))
    start = Transform("day_start", (Slot(PERIOD, ("start",)), kind, zone))
    return [clause(column, "at_least", start), clause(column, "less", Transform("day_start", (after, kind, zone)))]


def _counting(ground: GroundTable) -> tuple[str, ...]:
    many, names = ground.words.many, [each.name for each in ground.filters()]
    return (
        f"how many {many} are there", f"how many {many} do we have", f"count the {many}", f"number of {many}",
        f"what is the number of {many}",
        *(f"how many {many} are {{{each}}}" for each in names), *(f"how many {{{each}}} {many} are there" for each in names),
    )  # fmt: skip


def _showing(ground: GroundTable) -> tuple[str, ...]:
    many, names = ground.words.many, [each.name for each in ground.filters()]
    return (
        f"show the {many}", f"list the {many}", f"show me the {many}", f"find the {many}", f"which {many} are there",
        *(f"which {many} are {{{each}}}" for each in names), *(f"show the {{{each}}} {many}" for each in names),
    )  # fmt: skip


def _adding_up(ground: GroundTable, column: KnownColumn) -> tuple[str, ...]:
    many, what = ground.words.many, phrase(column.name)
    return (
        f"total {what} of {many}", f"what is the total {what} of the {many}", f"sum of the {what} of the {many}",
        f"add up the {what} of the {many}", f"sum up the {what} of {many}",
    )  # fmt: skip


def _is_money(ground: GroundTable, column: KnownColumn) -> bool:
    """Tell whether the rows have one decimal alone, an amount: then it is what they add up to."""
    decimals = [each for each in ground.table.columns if each.kind == "decimal" and not each.name.endswith("_id")]
    return decimals == [column] and stem(phrase(column.name).split(" ")[-1]) in _AMOUNTS


def _in_all(ground: GroundTable) -> tuple[str, ...]:
    many = ground.words.many
    return f"what do the {many} add up to", f"how much do the {many} add up to"


def _one_thing(ground: GroundTable, column: KnownColumn, key: SlotSpec) -> Skill:
    one, mark, what = ground.words.one, f"{{{key.name}}}", phrase(column.name)
    examples = (
        f"what is the {what} of {one} {mark}", f"what's the {what} of {one} {mark}", f"show the {what} of {one} {mark}",
        f"tell me the {what} of {one} {mark}", f"which {what} does {one} {mark} have", f"get the {what} of {one} {mark}",
        *((f"what is the {what} of {mark}",) if key.type == "identifier" and ground.tells(column) else ()),
    )  # fmt: skip
    told = f"Tell the {what} of one {one} in {ground.connection}"
    step = ground.step("find", told, columns=Literal([column.name]), where=ground.is_row(key))
    nouns = (one, "") if key.type == "identifier" and ground.tells(column) else (one,)
    patterns = tuple(each for noun in nouns for each in telling(column, noun, key.name))
    named = f"{column.name}_of_{ground.words.key_one}"
    return ground.skill(named, told, examples, (key,), step, about=what, patterns=patterns)


def _one_thing_named(ground: GroundTable, column: KnownColumn, key: SlotSpec) -> Skill:
    """`what is the city of customer Hansa`, where one row alone is called so."""
    one, mark, what, own = ground.words.one, f"{{{key.name}}}", phrase(column.name), ground.table.primary[0]
    examples: tuple[str, ...] = (
        f"what is the {what} of {one} {mark}", f"what is {one} {mark}'s {what}", f"show the {what} of {one} {mark}",
        f"tell me the {what} of {one} {mark}", f"which {what} does {one} {mark} have",
    )  # fmt: skip
    if ground.tells(column):
        examples += (f"what is the {what} of {mark}", f"what is {mark}'s {what}", f"{mark}'s {what}")
    told = f"Tell the {what} of the one {one} in {ground.connection} that is called so"
    row = Items((clause(Literal(own), "equals", Slot("row", (own,))),))
    step = ground.step("find", told, columns=Literal([column.name]), where=row)
    name = f"{column.name}_of_named_{ground.words.key_one}"
    nouns = (one, "") if ground.tells(column) else (one,)
    patterns = tuple(each for noun in nouns for each in telling(column, noun, key.name))
    return ground.skill(name, told, examples, (key,), step, (ground.called(key),), what, patterns=patterns)
