"""Skills: named plans with slots, as they stand in reviewable files; data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from doer.domain.plan import Comparison
from doer.domain.template import Template
from doer.domain.value import Json
from doer.planning.skills.slots import SlotSpec

Expect = Literal["one", "any", "none"]
Test = Literal[
    "equals",
    "called",
    "differs",
    "in",
    "contains",
    "mentions",
    "recalls",
    "like",
    "less",
    "greater",
    "on_day",
    "from_day",
    "to_day",
    "at_clock",
    "from_clock",
    "before_clock",
]


@dataclass(frozen=True, slots=True)
class Where:
    """A typed condition on the rows of a read; left out where its value is an optional slot that nothing was said for."""

    fields: tuple[str, ...]
    """Dotted fields of a row; one that fits is enough."""
    test: Test
    """equals, differs, less, greater; called: the same words, one or many; in: a list; contains: the text in it, in any case; mentions: every word of it is a
    word there; like: a pattern of a file's name (`*.pdf`); on_day, at_clock: the local day or HH:MM of a moment;
    from_day, to_day: a local day from which, or until which, it is."""
    value: Template


@dataclass(frozen=True, slots=True)
class Lookup:
    """Finds a row of a declared table by a slot's words; a key that is not in the table is a question."""

    id: str
    table: str
    key: Template
    slot: str
    question: str = ""


@dataclass(frozen=True, slots=True)
class ColumnWanted:
    """A column of rows whose names nobody knows beforehand, found by its name or by what it holds; asked in doubt."""

    called: str
    """The name under which each row then has it."""
    names: tuple[str, ...]
    """Names that it may have, best first."""
    holding: Literal["", "email"] = ""
    """What all of its cells are, where no name fits."""


@dataclass(frozen=True, slots=True)
class Select:
    """A read while planning, and how many rows are meant."""

    id: str
    tool: str
    arguments: Mapping[str, Template]
    expect: Expect = "one"
    slot: str = ""
    """The slot under which a question about it is filed; its own id where none is named."""
    rows: str = ""
    """Dotted path to the list in the result; without it the result itself, or its only list."""
    label: str = ""
    """How a row is shown as an option: text with `{field}`s."""
    several: str = ""
    """What to ask when several match."""
    none: str = ""
    """What to ask when none matches."""
    where: tuple[Where, ...] = ()
    """Conditions on the rows, all of which must hold."""
    order: tuple[str, ...] = ()
    """Fields by which the rows are put in order; `-sent_at` is the newest first."""
    first: str = ""
    """Keep the rows that share the first row's value of this field: the next event, the newest mail; a tie is asked about."""
    first_when: Template | None = None
    """`first` counts only where this was said."""
    unique: str = ""
    """Keep one row, the first in order, of those with the same value of this field: one instance of a series."""
    limit: int = 0
    """At most so many rows, the first in order; 0: all."""
    pick: Mapping[str, str] = field(default_factory=dict)
    """New name -> dotted field: what is kept of each row; empty: all of it."""
    column: ColumnWanted | None = None
    many: Template | None = None
    """Where this was said, all rows are meant, and else one; either way it is a list."""


@dataclass(frozen=True, slots=True)
class Each:
    """A loop, made literal while planning."""

    over: Template
    item: str = "item"
    most: int = 100


@dataclass(frozen=True, slots=True)
class SkillGuard:
    """A condition; decided while planning where everything in it is known then."""

    left: Template
    comparison: Comparison
    right: Template | None = None


@dataclass(frozen=True, slots=True)
class SkillStep:
    """One call of a tool, or of another skill."""

    id: str
    tool: str = ""
    skill: str = ""
    arguments: Mapping[str, Template] = field(default_factory=dict)
    """Of the tool; or values for the slots of the other skill."""
    needs: tuple[str, ...] = ()
    guard: SkillGuard | None = None
    each: Each | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Skill:
    """A named plan with slots. `$name` in its templates is a loop's item, a value, a lookup, a selection, a slot or a step."""

    name: str
    description: str
    examples: tuple[str, ...]
    slots: tuple[SlotSpec, ...] = ()
    steps: tuple[SkillStep, ...] = ()
    selects: tuple[Select, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    values: Mapping[str, Template] = field(default_factory=dict)
    tables: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    source: str = ""
    """Where it was read from."""
    uses: Mapping[str, str] = field(default_factory=dict)
    """Alias -> kind of connection; such a skill is made anew for each connection of the kind."""
    covers: tuple[str, ...] = ()
    """Tools that are not matched by their own wordings where this skill is: it says the same and more."""
    patterns: tuple[str, ...] = ()
    """Further whole sentences that ask for it, word for word: `(cancel|scrap) [my|the] {title} [on {on}]`."""

    def slot(self, name: str) -> SlotSpec | None:
        """Return the slot of that name, if there is one."""
        return next((each for each in self.slots if each.name == name), None)
