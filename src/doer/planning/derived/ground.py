"""A table as the ground of skills: its words, its key, and the slots and conditions that its columns give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from doer.domain.known import Known, KnownColumn, KnownTable
from doer.domain.template import Fields, Items, Literal, Slot, Template
from doer.intent.text import stem
from doer.planning.derived.row_patterns import HAVING, LACKING
from doer.planning.derived.table_patterns import DOERS, NAMES, PARTIES, PRICES, STOCKS, last_word
from doer.planning.skills.skill import Select, Skill, SkillStep, Where
from doer.planning.skills.slots import Choice, SlotSpec
from doer.planning.words.nouns import TableWords, participle, phrase

_TYPES: Mapping[str, str] = {
    "integer": "integer", "decimal": "decimal", "float": "number", "date": "date", "time": "time", "instant": "datetime",
    "text": "text", "uuid": "identifier",
}  # fmt: skip
_BY_NAME = (("email", "email"), ("mail", "email"), ("phone", "phone"), ("url", "url"), ("website", "url"))
_ANYTHINGS = frozenset(
    stem(each)
    for each in (
        "name", "title", "status", "state", "type", "kind", "email", "mail", "phone", "date", "day", "time", "note", "notes",
        "text", "body", "subject", "description", "comment", "user", "owner", "person", "address", "url", "link", "file",
        "path", "folder", "group", "message", "number", "count", "start", "end", "active", "due", "reminder", "meeting",
    )
)  # fmt: skip
"""Names of columns that could be of anything."""
_MOMENTS = frozenset({"date", "time", "timestamp", "instant"})
_MOST_LOOKED_AT = 1000
_STATES = frozenset(stem(each) for each in ("status", "state", "stage", "priority", "severity", "type", "kind"))


@dataclass(frozen=True, slots=True)
class GroundTable:
    """One table of one connection."""

    connection: str
    table: KnownTable
    words: TableWords
    source: str

    @classmethod
    def of(cls, known: Known, table: KnownTable) -> GroundTable:
        """Return the table with the words for it."""
        source = f"the tables of {known.connection}, read {known.read_at:%Y-%m-%d %H:%M} UTC"
        return cls(known.connection, table, TableWords.of(table.name), source)

    @property
    def others(self) -> tuple[KnownColumn, ...]:
        """The columns that are no part of the primary key."""
        return tuple(each for each in self.table.columns if each.name not in self.table.primary)

    def skill(  # noqa: PLR0913 - the parts of a skill
        self,
        name: str,
        description: str,
        examples: Sequence[str],
        slots: Sequence[SlotSpec],
        step: SkillStep,
        selects: tuple[Select, ...] = (),
        about: str = "",
        *,
        patterns: Sequence[str] = (),
    ) -> Skill:
        """Return a skill of this table, called after the connection."""
        said = tuple(dict.fromkeys(examples))
        every = (*slots, self._other(about))
        worded = tuple(
            f"[in {self.connection}] {each} [in [the] {self.connection}]" for each in dict.fromkeys(patterns)
        )
        return Skill(
            f"{self.connection}.{name}", description, said, every, (step,), selects, source=self.source, patterns=worded
        )

    def _other(self, about: str) -> SlotSpec:
        """Return a slot that nothing fills: because of it, a word before the table's or the column's own (`unpaid orders`,
        the `average` amount) is taken for a choice that is not known, and is asked about instead of being passed over.
        """
        own = [word for text in (self.words.many, self.words.one, about) for word in text.split(" ")]
        return SlotSpec("which_ones", "choice", required=False, cues=tuple(dict.fromkeys(filter(None, own))))

    def step(self, tool: str, why: str, **arguments: Template) -> SkillStep:
        """Return the one step: a tool of the connection on this table."""
        return SkillStep(
            tool, f"{self.connection}.{tool}", arguments={"table": Literal(self.table.name), **arguments}, why=why
        )

    def filters(self) -> Iterator[SlotSpec]:
        """Yield a slot for each column that has few values: `open` tickets, customers `in Lisbon`."""
        for column in self.table.columns:
            if column.kind == "boolean":
                told = phrase(column.name).removeprefix("is ")
                no = Choice(value=False, label=f"not {told}", words=(f"in{told}", f"un{told}"))
                yield SlotSpec(column.name, "choice", required=False, choices=(Choice(value=True, label=told), no))
            elif column.values:
                choices = tuple(self._plainly(column, each) for each in choices_of(column.values))
                yield SlotSpec(column.name, "choice", required=False, choices=choices)

    def _plainly(self, column: KnownColumn, choice: Choice) -> Choice:
        """The choice, by its own form alone where that of a date sounds like it: tickets that were opened are not all open."""
        happened = {stem(participle(each.name)) for each in self.table.columns if each.kind in _MOMENTS}
        if choice.words or stem(choice.label.lower()) not in happened:
            return choice
        return Choice(choice.value, f"{phrase(column.name)} {choice.label}", (f"={choice.label.lower()}",))

    def empties(self) -> Iterator[SlotSpec]:
        """Yield the slots for a column that is to be empty (`tickets without an assignee`), and for one that is not."""
        states = {value.lower() for each in self.others for value in each.values}
        columns = [
            each
            for each in self.others
            if not each.needed and each.kind != "boolean" and participle(each.name) not in states
        ]
        for name, words in ((LACKING, _empty), (HAVING, _filled)) if columns else ():
            choices = tuple(Choice(each.name, f"{name} {phrase(each.name)}", tuple(words(each))) for each in columns)
            yield SlotSpec(name, "choice", required=False, choices=choices)

    def others_than(self) -> Iterator[SlotSpec]:
        """Yield a slot for each column of states: what it is not (`orders that have not shipped yet`)."""
        for column in self.table.columns:
            if column.values and stem(phrase(column.name).split(" ")[-1]) in _STATES:
                forms = ("not", "not yet", "not been", "not yet been", "no longer")
                choices = (
                    Choice(
                        each.value,
                        f"not {each.label}",
                        tuple(f"{no} {said}" for no in forms for said in (each.label, *each.words)),
                    )
                    for each in choices_of(column.values)
                )
                yield SlotSpec(f"not_{column.name}", "choice", required=False, choices=tuple(choices))

    def key(self) -> SlotSpec | None:
        """Return the slot that names a row, where its primary key is one column that people can say."""
        column = self.table.column(self.table.primary[0]) if len(self.table.primary) == 1 else None
        if column is None or column.kind not in {"integer", "text", "uuid"}:
            return None
        kind = "integer" if column.kind == "integer" else _by_name(column) or "identifier"
        called = phrase(column.name)
        return SlotSpec(self.words.key_one, kind, question=f"Which {self.words.one}? ({called})", cues=(called,))

    @property
    def telling(self) -> frozenset[str]:
        """The stems of columns that say of themselves what they are of: a stock, a discount; no name, no date."""
        plain = (each for each in self.others if " " not in phrase(each.name) and each.kind not in _MOMENTS)
        own = frozenset(stem(phrase(each.name)) for each in plain) - _ANYTHINGS
        prices = {stem("cost")} if any(last_word(each) in PRICES for each in self.others) else set()
        return own | prices if self.named() or self.key() else frozenset()

    @property
    def counts(self) -> bool:
        """Tell whether a column says how many of a thing are left."""
        return any(last_word(each) in STOCKS and each.kind == "integer" for each in self.others) and bool(self.named())

    def tells(self, column: KnownColumn) -> bool:
        """Tell whether the column's name alone says of which table it is."""
        return stem(phrase(column.name)) in self.telling

    @property
    def naming(self) -> tuple[str, ...]:
        """The columns of text by which people call a row: what is unique, or is a name or a title."""
        unique = {each[0] for each in self.table.uniques if len(each) == 1}
        texts = (each for each in self.others if each.kind == "text" and not each.values)
        return tuple(each.name for each in texts if each.name in unique or phrase(each.name) in NAMES)

    def named(self) -> SlotSpec | None:
        """Return the slot that calls a row by its name, where a row has one, and one key."""
        if not self.naming or len(self.table.primary) != 1:
            return None
        return SlotSpec(self.words.key_one, "text", question=f"Which {self.words.one}?", worded=True)

    def called(self, key: SlotSpec) -> Select:
        """Return the read that finds the one row of a name, whatever its case."""
        one, own = self.words.one, self.table.primary[0]
        arguments: dict[str, Template] = {
            "table": Literal(self.table.name),
            "columns": Literal([own, *self.naming]),
            "limit": Literal(_MOST_LOOKED_AT),
        }
        none = f"There is no {one} called {{{key.name}}} in {self.connection}. Which {one} is meant?"
        where = (Where(self.naming, "called", Slot(key.name)),)
        label = f"{{{self.naming[0]}}} ({own} {{{own}}})"
        return Select(
            "row", f"{self.connection}.find", arguments, slot=key.name, rows="rows", label=label, none=none, where=where
        )

    def is_row(self, key: SlotSpec) -> Template:
        """Return the condition that a row is the one that the slot names."""
        return Items((clause(Literal(self.table.primary[0]), "equals", Slot(key.name)),))

    def value_slot(self, column: KnownColumn) -> SlotSpec | None:
        """Return the slot for a value of the column; None where no plain words can be one."""
        asked = f"What {phrase(column.name)} should it be?"
        if not column.writable:
            return None
        if column.kind == "boolean":
            yes, no = (
                Choice(value=True, label="yes", words=("true", "on")),
                Choice(value=False, label="no", words=("false", "off")),
            )
            return SlotSpec(column.name, "choice", question=asked, choices=(yes, no))
        if column.values:
            if column.closed or stem(phrase(column.name).split(" ")[-1]) in _STATES:
                return SlotSpec(column.name, "choice", question=asked, choices=choices_of(column.values))
            party = last_word(column) in DOERS | PARTIES
            return replace(_of_somebody(column, asked), likely=column.values, among=party)
        kind = _by_name(column) or _TYPES.get(column.kind, "")
        return replace(_of_somebody(column, asked), type=kind) if kind else None


def _of_somebody(column: KnownColumn, asked: str) -> SlotSpec:
    """A slot of a text; where it says who a row is with, `Chris` would be nobody's in a column of user names."""
    doer = column.kind == "text" and last_word(column) in DOERS
    return SlotSpec(column.name, "text", question=asked, among=doer, known="person" if doer else "")


def _empty(column: KnownColumn) -> Iterator[str]:
    """How it is said that a cell is empty."""
    doer, happened = last_word(column) in DOERS, participle(column.name)
    if column.kind in _MOMENTS and happened.endswith(("ed", "paid")):
        yield from (f"{no} {happened}" for no in ("not", "not yet", "not been", "not yet been", "never"))
        yield f"un{happened}"
        return
    for noun in (phrase(column.name), *(("assignee", "owner") if doer else ())):
        yield from (f"{no} {noun}" for no in ("no", "without", "without any", "missing", "empty"))
        yield from (f"{no} {a} {noun}" for no in ("without", "missing") for a in ("a", "an"))
    if not doer:
        return
    yield from (
        "unassigned",
        "not assigned",
        "not yet assigned",
        "not been assigned",
        "assigned to nobody",
        "assigned to no one",
    )
    yield from ("not assigned to anyone", "not assigned to anybody", "not yet assigned to anyone")
    for nobody in ("nobody", "no one"):
        yield from (f"{nobody} {each}" for each in ("assigned", "is assigned", "been assigned", "has been assigned"))
        yield from (
            f"{nobody} {each}" for each in ("works", "is working", "works on", "is working on", "has taken", "took")
        )
        yield from (
            f"{nobody} {each}" for each in ("handles", "is handling", "owns", "looks after", "is looking after", "has")
        )


def _filled(column: KnownColumn) -> Iterator[str]:
    """How it is said that a cell is not empty."""
    doer = last_word(column) in DOERS
    for noun in (phrase(column.name), *(("assignee", "owner") if doer else ())) if column.kind not in _MOMENTS else ():
        yield from (f"with {a} {noun}" for a in ("a", "an", "any"))
        yield from (f"have {a} {noun}" for a in ("a", "an"))
    if doer:
        yield from ("assigned to somebody", "assigned to someone", "already assigned", "somebody works on")


def clause(column: Template, op: str, value: Template) -> Template:
    """Return one condition of a typed filter."""
    return Fields({"column": column, "op": Literal(op), "value": value})


def choices_of(values: Sequence[str]) -> tuple[Choice, ...]:
    """Return values of a column as choices, `in_progress` also as `in progress`."""
    return tuple(Choice(each, each, tuple({each.replace("_", " ").replace("-", " ")} - {each})) for each in values)


def _by_name(column: KnownColumn) -> str:
    return next((kind for name, kind in _BY_NAME if column.kind == "text" and name in column.name.lower()), "")
