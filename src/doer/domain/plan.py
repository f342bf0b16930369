"""Plans: a directed acyclic graph of steps whose digest is what a person approves."""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from doer.domain.action import Manifest, system_of
from doer.domain.errors import UsageError
from doer.domain.quick import kept, quick
from doer.domain.template import Literal, Template, all_single, has_hole, looks_like_form, references, resolve, to_json
from doer.domain.value import (
    Digest,
    Json,
    JsonObject,
    Provenance,
    StepId,
    Written,
    hashed,
    in_turn,
    simply,
    together,
    written,
)  # fmt: skip

Comparison = typing.Literal["equals", "differs", "in", "exists", "missing", "less", "greater"]


@dataclass(frozen=True, slots=True)
class Guard:
    """A typed condition on earlier results; a step whose guard is false is skipped."""

    left: Template
    comparison: Comparison
    right: Template | None = None


@quick
@dataclass(frozen=True)  # without slots: it keeps what it was asked for
class Step:
    """One call of one tool."""

    id: StepId
    tool: str
    arguments: Mapping[str, Template] = field(default_factory=dict)
    needs: tuple[StepId, ...] = ()
    """Steps that must be finished first, besides those that the arguments and the guard refer to."""
    guard: Guard | None = None
    why: str = ""
    provenance: Mapping[str, Provenance] = field(default_factory=dict)
    """Argument name -> where its value came from."""
    confidence: float = 1.0

    @kept
    def system(self) -> str:
        """The connection that its tool belongs to."""
        return system_of(self.tool)

    @kept
    def known(self) -> JsonObject | None:
        """The arguments, where all of them are known when the plan is made; None where one is made of a result."""
        values = {name: each.value for name, each in self.arguments.items() if isinstance(each, Literal)}
        if len(values) < len(self.arguments):
            return None
        return values if all_single(values.values()) or not has_hole(values) else None

    def plainly_fits(self, manifest: Manifest) -> bool:
        """Tell whether the known arguments are what a tool takes, for certain; the latest answer is kept.

        So the same values are not checked against the same schema when a plan is made, foreseen, and again at every step.
        """
        kept_for, fits = self.__dict__.get("_fits", (None, False))
        if kept_for is not manifest:
            fits = self.known is not None and manifest.plainly_takes(self.known)
            self.__dict__["_fits"] = (manifest, fits)
        return bool(fits)

    @kept
    def known_written(self) -> Written:
        """What is known of the arguments, as every digest takes it. Raises ValueError where it has no canonical JSON."""
        return written(self.known or {})

    @kept
    def essence(self) -> Written:
        """What the plan's digest takes of it. Raises ValueError where it has no canonical JSON."""
        if (known := self.known) is not None and (
            all_single(known.values()) or not any(map(looks_like_form, known.values()))
        ):
            arguments = self.known_written  # each is its own template
        else:
            arguments = written({name: to_json(each) for name, each in self.arguments.items()})
        guard = "null" if self.guard is None else written(_condition(self.guard))
        needs = in_turn(map(simply, sorted(self.needs)))
        called = f'"id":{simply(self.id)},"needs":{needs},"tool":{simply(self.tool)}'
        return Written(f'{{"arguments":{arguments},"guard":{guard},{called}}}')

    @kept
    def all_needs(self) -> frozenset[StepId]:
        """Every step that must be finished before this one."""
        if self.guard is None and self.known is not None:
            return frozenset(self.needs)
        templates = list(self.arguments.values())
        if self.guard is not None:
            templates += [self.guard.left, *([self.guard.right] if self.guard.right is not None else [])]
        return frozenset(self.needs) | {StepId(ref.step) for each in templates for ref in references(each)}


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to do it that was considered; kept so that choices can be learned from."""

    name: str
    score: float
    propensity: float


@quick
@dataclass(frozen=True)  # without slots: it keeps its digest
class Plan:
    """Steps in the order in which they were written; what is approved is their digest."""

    steps: tuple[Step, ...]
    title: str = ""
    planner: str = ""
    """Who proposed it: the skill's or tool's name, or a model's."""
    confidence: float = 1.0
    manifests: Mapping[str, Digest] = field(default_factory=dict)
    """Tool name -> digest of the manifest that was planned with; part of the plan's digest."""
    candidates: tuple[Candidate, ...] = ()
    """What else was considered, best first."""

    @property
    def proposer(self) -> str:
        """Who proposed it, and how sure: `action:1, 82% sure`. A language model's own word for that is not asked for."""
        if not self.planner:
            return "a planner"
        return self.planner if self.planner.startswith("model:") else f"{self.planner}, {self.confidence:.0%} sure"

    @kept
    def digest(self) -> Digest:
        """Over tools, manifests, argument templates, needs and guards; never over confidence, candidates or prose."""
        steps = in_turn([step.essence for step in self.steps])
        return hashed(together({"steps": steps, "manifests": dict(self.manifests)}))


def _condition(guard: Guard) -> Json:
    right = None if guard.right is None else to_json(guard.right)
    return {"left": to_json(guard.left), "comparison": guard.comparison, "right": right}


def holds(guard: Guard, results: Mapping[str, Json]) -> bool:
    """Tell whether the guard is true of these results. Values of different kinds are never equal, less or greater."""
    left = resolve(guard.left, results)
    right = None if guard.right is None else resolve(guard.right, results)
    present = not has_hole(left) and left not in (None, [], "")
    if guard.comparison not in ("exists", "missing") and (has_hole(left) or has_hole(right)):
        raise UsageError(f"its condition compares something that is not known: {left!s}, {right!s}")
    match guard.comparison:
        case "exists":
            return present
        case "missing":
            return not present
        case "equals":
            return _same(left, right)
        case "differs":
            return not _same(left, right)
        case "in":
            return (
                isinstance(right, Sequence) and not isinstance(right, str) and any(_same(left, each) for each in right)
            )
        case "less" | "greater":
            return _ordered(left, right, guard.comparison)
        case _:
            assert_never(guard.comparison)


def contrary(one: Guard | None, other: Guard | None) -> bool:
    """Tell whether two guards can never both hold: of the two branches of a condition only one is taken."""
    if one is None or other is None or one.left != other.left:
        return False
    match one.comparison, other.comparison:
        case ("exists", "missing") | ("missing", "exists"):
            return True
        case ("equals", "differs") | ("differs", "equals"):
            return one.right == other.right
        case ("less", "greater"):
            return _apart(one, other)
        case ("greater", "less"):
            return _apart(other, one)
        case _:
            return False


def _apart(less: Guard, greater: Guard) -> bool:
    """Tell whether no whole number is below the one and above the other."""
    limits = [each.right.value if isinstance(each.right, Literal) else None for each in (less, greater)]
    most, least = (each if isinstance(each, int) else None for each in limits)
    return most is not None and least is not None and most <= least + 1


def is_open(guard: Guard, results: Mapping[str, Json]) -> bool:
    """Tell whether a condition is of results that are not there yet."""
    sides = (guard.left, *((guard.right,) if guard.right is not None else ()))
    return any(each.step not in results for side in sides for each in references(side))


def _same(left: Json, right: Json) -> bool:
    """Tell whether two values are one in JSON: in Python 1 == True, and a list is no tuple."""
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(_same(value, right[name]) for name, value in left.items())
    if isinstance(left, str) or isinstance(right, str):
        return left == right
    if isinstance(left, Sequence) and isinstance(right, Sequence):
        return len(left) == len(right) and all(map(_same, left, right))
    return left == right and isinstance(left, bool) == isinstance(right, bool)


def _ordered(left: Json, right: Json, comparison: typing.Literal["less", "greater"]) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return False
    if isinstance(left, int | float) and isinstance(right, int | float):
        return left < right if comparison == "less" else left > right
    if isinstance(left, str) and isinstance(right, str):
        return left < right if comparison == "less" else left > right
    return False
