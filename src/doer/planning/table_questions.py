"""Questions about a table as skills that only read: how many, which, how much in all, and one thing of one row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from doer.domain.known import KnownColumn
from doer.domain.template import Items, Literal, Slot, Template, Transform
from doer.domain.value import Json
from doer.intent.text import stem
from doer.planning.ground_table import GroundTable, clause
from doer.planning.nouns import BEGINNINGS, infinitive, participle, phrase
from doer.planning.skills import Skill
from doer.planning.slots import Choice, SlotSpec
from doer.planning.table_patterns import adding_up, counting, showing, telling

PERIOD, BY = "period", "by_which_date"
_MOST_SHOWN = 100
_DATED = frozenset({"date", "timestamp", "instant"})
_NUMBERS = frozenset({"integer", "decimal", "float"})
_AMOUNTS = frozenset(stem(each) for each in ("amount", "total", "sum", "cost", "value"))
Worded = Callable[..., Iterator[str]]
"""Yields patterns for the noun of the rows, the slots that narrow them down, and how they came to be."""
_CAME = ("came in", "come in", "arrived")


def questions(ground: GroundTable) -> Iterator[Skill]:
    """Yield the skills that read the table."""
    many, name = ground.words.many, ground.connection
    yield _over_rows(
        ground,
        "count",
        f"count_{ground.words.key_many}",
        f"Count {many} in {name}",
        _counting(ground),
        {},
        worded=counting,
    )
    shown: Mapping[str, Template] = {
        "columns": Literal([each.name for each in ground.table.columns]),
        "limit": Literal(_MOST_SHOWN),
    }
    yield _over_rows(
        ground,
        "find",
        f"list_{ground.words.key_many}",
        f"Show {many} of {name}",
        _showing(ground),
        shown,
        worded=showing,
    )
    for column in ground.others:
        if column.kind in _NUMBERS and not column.name.endswith("_id"):
            told = f"Add up the {phrase(column.name)} of {many} in {name}"
            given: Mapping[str, Template] = {"column": Literal(column.name)}
            title = f"total_{column.name}_of_{ground.words.key_many}"
            wordings = (*_adding_up(ground, column), *(_in_all(ground) if _is_money(ground, column) else ()))
            yield _over_rows(
                ground, "total", title, told, wordings, given, phrase(column.name), money=_is_money(ground, column)
            )
    deeds = {infinitive(value.lower()) for column in ground.others for value in column.values}
    told_of = [each for each in ground.others if infinitive(participle(each.name)) not in deeds]
    if (named := ground.named()) is not None:
        asked = (each for each in told_of if each.name not in ground.naming)
        yield from (_one_thing_named(ground, column, named) for column in asked)
    if (key := ground.key()) is not None:
        yield from (_one_thing(ground, column, key) for column in told_of)  # `close ticket 12` asks for no `closed at`


def _over_rows(  # noqa: PLR0913 - the parts of one read
    ground: GroundTable,
    tool: str,
    name: str,
    told: str,
    wordings: Sequence[str],
    more: Mapping[str, Template],
    about: str = "",
    *,
    worded: Worded | None = None,
    money: bool = False,
) -> Skill:
    """A read over the rows that some columns, and where the table has dates a period, narrow down."""
    filters = tuple(ground.filters())
    where = [clause(Literal(each.name), "equals", Slot(each.name)) for each in filters]
    dates = [each for each in ground.table.columns if each.kind in _DATED]
    first = [each for each in dates if participle(each.name) in BEGINNINGS]
    slots, examples = filters, tuple(wordings)
    if dates:
        # The one date there is, where it says when the row came to be; any other is named or asked for.
        sure = dates[0] if len(dates) == len(first) == 1 else None
        slots = (*_period(ground, dates, first, sure), *filters)
        where = [*_bounds(dates, sure), *where]
        examples += tuple(_dated(wordings, dates, first))
        if sure is None:
            bare = (each.removesuffix(" are there") for each in wordings if each.endswith(" are there"))
            examples += tuple(f"{each} {{{BY}}} {{{PERIOD}}}" for each in bare)
    step = ground.step(tool, told, **more, where=Items(tuple(where)))
    many, sure_date = ground.words.many, bool(dates) and len(dates) == len(first) == 1
    if worded is not None:
        came = _happenings(dates) if sure_date else ()
        patterns = tuple(worded(many, filters, came, dated=sure_date))
    else:
        patterns = tuple(adding_up(about, many, filters, dated=sure_date, money=money))
    return ground.skill(name, told, examples, slots, step, about=about, patterns=patterns)


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
    yield SlotSpec(PERIOD, "period", question=asked, required=False, past=past, along="" if sure else BY)
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
