"""Skills: named plans with slots, as they stand in reviewable files; data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from doer.domain.plan import Comparison
from doer.domain.template import Template
from doer.domain.value import Json
from doer.planning.slots import SlotSpec

Expect = Literal["one", "any", "none"]


@dataclass(frozen=True, slots=True)
class Lookup:
    """Finds a row of a declared table by a slot's words; a key that is not in the table is a question."""

    id: str
    table: str
    key: Template
    slot: str
    question: str = ""


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

    def slot(self, name: str) -> SlotSpec | None:
        """Return the slot of that name, if there is one."""
        return next((each for each in self.slots if each.name == name), None)
