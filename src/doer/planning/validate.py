"""The plan validator: finds every breach of the rules of plans, before anything runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import assert_never

from doer.domain.action import Manifest
from doer.domain.errors import PlanInvalid, UsageError
from doer.domain.plainly import quick_yes
from doer.domain.plan import Guard, Plan, Step
from doer.domain.template import Fields, Items, Literal, Reference, Slot, Template, Transform, resolve, to_json
from doer.domain.transform import transforms
from doer.domain.value import Json, JsonObject, canonical
from doer.planning.nearest import hint
from doer.planning.order import topological
from doer.planning.schema import fits, follow, mapping, names, problems, settled

MOST_STEPS = 1000
ARITY: Mapping[str, tuple[int, int]] = {
    "join": (1, 1000), "slug": (1, 2), "lower": (1, 1), "first_word": (1, 1), "last_word": (1, 1), "add_days": (2, 2),
    "add_workdays": (2, 2),
    "add_minutes": (2, 2), "at_time": (3, 3), "weekday": (1, 1), "add": (1, 1000), "subtract": (2, 2),
    "multiply": (1, 1000), "count": (1, 1), "first": (1, 1), "divide": (3, 3), "round_to": (2, 2), "format_date": (2, 2),
    "day_of": (2, 2), "clock_of": (2, 2), "day_start": (3, 3), "counter": (2, 2), "field": (2, 2), "name_of": (1, 1),
    "stem_of": (1, 1), "suffix_of": (1, 1), "folder_of": (1, 1), "in_folder": (2, 2), "title_of": (1, 1),
    "append": (2, 1000), "either": (1, 1000), "dated_name": (2, 2), "rows_with": (3, 4), "compare": (2, 2),
}  # fmt: skip
"""Fewest and most inputs of each transform; one that is not listed takes any number."""
_ANY: JsonObject = {}
_RESULT: Mapping[str, JsonObject] = {
    name: {
        "type": {"count": "integer", "append": "array", "rows_with": "array", "compare": "integer"}.get(name, "string")
    }
    for name in ARITY
}


def validate(plan: Plan, manifests: Sequence[Manifest]) -> None:
    """Return when the plan may be previewed. Raises PlanInvalid with all problems, each naming its step."""
    tools = {manifest.name: manifest for manifest in manifests}
    found = list(_whole(plan, tools))
    checker = _Checker(plan, tools)
    doubtful = [step for step in plan.steps if not checker.is_plainly_right(step)]
    found += [f"step {step.id!r}: {problem}" for step in doubtful for problem in checker.step(step)]
    if found:
        raise PlanInvalid(tuple(dict.fromkeys(found)))


def _whole(plan: Plan, tools: Mapping[str, Manifest]) -> Iterator[str]:
    if not plan.steps:
        yield "the plan has no steps"
    if len(plan.steps) > MOST_STEPS:
        yield f"the plan has {len(plan.steps)} steps; {MOST_STEPS} is the most: split it"
    names_of_steps = [str(step.id) for step in plan.steps]
    different = dict.fromkeys(names_of_steps)
    twice = Counter(names_of_steps) if len(different) < len(names_of_steps) else None
    for name in different:
        if twice is not None and (count := twice[name]) > 1:
            yield f"{count} steps are called {name!r}; each needs its own name"
        if not name or "." in name:
            yield f"{name!r} cannot be a step's name: it must not be empty and must have no dot"
    named = {step.tool for step in plan.steps}
    used = named & tools.keys()
    for name in sorted(used - plan.manifests.keys()):
        yield f"the plan does not say with which manifest of {name!r} it was made"
    for name in sorted(used & plan.manifests.keys()):
        if plan.manifests[name] != tools[name].digest:
            yield f"{name!r} has changed since the plan was made: plan again"
    for name in sorted(plan.manifests.keys() - named):
        yield f"the plan names the manifest of {name!r}, which no step uses"
    try:
        topological(plan)
    except PlanInvalid as circle:
        yield from circle.problems


class _Checker:
    """Checks single steps of one plan."""

    __slots__ = ("exact", "steps", "tools")

    def __init__(self, plan: Plan, tools: Mapping[str, Manifest]) -> None:
        self.steps: Mapping[str, Step] = {step.id: step for step in plan.steps}
        self.tools = tools
        self.exact = _has_digest(plan)

    def is_plainly_right(self, step: Step) -> bool:
        """Tell whether nothing is wrong with a step for certain, as where all its arguments are plain literals."""
        manifest = self.tools.get(step.tool)
        return (
            self.exact
            and manifest is not None
            and step.guard is None
            and all(need in self.steps for need in step.needs)
            and step.plainly_fits(manifest)
        )

    def step(self, step: Step) -> Iterator[str]:
        """Yield the problems of one step."""
        yield from self._needs(step)
        manifest = self.tools.get(step.tool)
        for name, template in step.arguments.items():
            yield from (f"argument {name!r}: {problem}" for problem in self._template(template))
        if step.guard is not None:
            yield from (f"guard: {problem}" for problem in self._guard(step.guard))
        if manifest is None:
            yield f"there is no tool {step.tool!r}{hint(step.tool, self.tools)}"
            return
        yield from self._arguments(step, manifest.parameters)

    def _needs(self, step: Step) -> Iterator[str]:
        for need in step.needs:
            if need not in self.steps:
                yield f"it needs step {need!r}, which is not in the plan{hint(need, self.steps)}"

    def _arguments(self, step: Step, schema: JsonObject) -> Iterator[str]:
        fields = mapping(schema.get("properties"))
        closed = schema.get("additionalProperties") in (None, False) and "patternProperties" not in schema
        for name in names(schema.get("required")):
            if name not in step.arguments:
                yield f"argument {name!r} is missing"
        for name, template in step.arguments.items():
            if name in fields:
                yield from (
                    f"argument {name!r}: {each}" for each in self._typed(template, mapping(fields[name]), schema)
                )
            elif closed:
                yield f"{step.tool} has no argument {name!r}{hint(name, fields)}"

    def _typed(self, template: Template, schema: JsonObject, root: JsonObject) -> Iterator[str]:
        """Check a literal fully, a composite part by part, and what comes later by the type its maker declares."""
        schema = settled(schema, root)
        match template:
            case Literal(value):
                if not quick_yes(schema)(value) and _canonical(value):
                    yield from problems(value, {**schema, "$defs": root.get("$defs", {})})
            case Items(of):
                yield from () if fits({"type": "array"}, schema) else ("a list does not fit here",)
                for each in of:
                    yield from self._typed(each, mapping(schema.get("items")), root)
            case Fields(of_fields):
                yield from () if fits({"type": "object"}, schema) else ("an object does not fit here",)
                inner = mapping(schema.get("properties"))
                for name in names(schema.get("required")):
                    yield from () if name in of_fields else (f"field {name!r} is missing",)
                for name, each in of_fields.items():
                    yield from self._typed(each, mapping(inner.get(name)), root)
            case Reference() | Transform():
                given = self._type_of(template)
                if not fits(given, schema):
                    yield f"{_show(template)} is {_kind(given)}, and {_kind(schema)} is wanted"
            case Slot():
                return
            case _:
                assert_never(template)

    def _type_of(self, template: Template) -> JsonObject:
        match template:
            case Reference(step, path):
                manifest = self.tools.get(self.steps[step].tool) if step in self.steps else None
                found = follow(manifest.result, path) if manifest else _ANY
                return _ANY if isinstance(found, str) else found
            case Transform(name, _):
                return _ANY if name in {"first", "field", "either"} else _RESULT.get(name, _ANY)
            case Literal() | Slot() | Items() | Fields():
                return _ANY
            case _:
                assert_never(template)

    def _template(self, template: Template) -> Iterator[str]:
        match template:
            case Literal(value):
                if not _canonical(value):
                    yield f"{str(value)[:80]!r} has no canonical JSON form (NaN, infinity or an integer over 2^53)"
            case Slot(name, _):
                yield f"slot {name!r} is still empty; a plan has no slots"
            case Reference(step, path):
                yield from self._reference(step, path)
            case Transform(name, of):
                yield from self._transform(name, of)
            case Items(of):
                for each in of:
                    yield from self._template(each)
            case Fields(of_fields):
                for each in of_fields.values():
                    yield from self._template(each)
            case _:
                assert_never(template)

    def _reference(self, step: str, path: tuple[str, ...]) -> Iterator[str]:
        if step not in self.steps:
            yield f"it refers to step {step!r}, which is not in the plan{hint(step, self.steps)}"
            return
        manifest = self.tools.get(self.steps[step].tool)
        missing = follow(manifest.result, path) if manifest else _ANY
        if isinstance(missing, str) and manifest:
            fields = mapping(settled(manifest.result, manifest.result).get("properties"))
            yield f"the result of {step!r} ({manifest.name}) has no field {missing!r}{hint(missing, fields)}"

    def _transform(self, name: str, of: tuple[Template, ...]) -> Iterator[str]:
        if name not in transforms():
            yield f"there is no transform {name!r}{hint(name, transforms())}"
            return
        fewest, most = ARITY.get(name, (0, 1000))
        if not fewest <= len(of) <= most:
            wanted = str(fewest) if fewest == most else f"{fewest} to {most}"
            yield f"transform {name} takes {wanted} inputs and has {len(of)}"
        elif all(isinstance(each, Literal) for each in of):
            try:
                resolve(Transform(name, of), {})
            except UsageError as wrong:
                yield str(wrong)
        for each in of:
            yield from self._template(each)

    def _guard(self, guard: Guard) -> Iterator[str]:
        sides = [guard.left, *([guard.right] if guard.right is not None else [])]
        for side in sides:
            yield from self._template(side)
        alone = guard.comparison in {"exists", "missing"}
        if alone and guard.right is not None:
            yield f"{guard.comparison!r} compares nothing; leave the right side out"
        if not alone and guard.right is None:
            yield f"{guard.comparison!r} needs a right side"
        if (
            guard.comparison == "in"
            and isinstance(guard.right, Literal)
            and not isinstance(guard.right.value, list | tuple)
        ):
            yield "'in' needs a list on its right side"
        if guard.comparison in {"less", "greater"}:
            for side in sides:
                if isinstance(side, Literal) and (
                    isinstance(side.value, bool) or not isinstance(side.value, int | float | str)
                ):
                    yield f"{guard.comparison!r} compares numbers or texts, not {side.value!r}"


def _has_digest(plan: Plan) -> bool:
    """Tell whether every literal of the plan has a canonical form; if so, the plan keeps the digest that it will need."""
    try:
        return bool(plan.digest)
    except (ValueError, TypeError, RecursionError):
        return False


def _canonical(value: Json) -> bool:
    try:
        canonical(value)
    except (ValueError, TypeError, RecursionError):
        return False
    return True


def _show(template: Template) -> str:
    return str(to_json(template))[:80]


def _kind(schema: JsonObject) -> str:
    kind = schema.get("type", "anything")
    return kind if isinstance(kind, str) else " or ".join(names(kind))
