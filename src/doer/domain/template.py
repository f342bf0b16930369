"""Argument templates: literals, references to earlier results, and a closed set of transforms. No expressions, no code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, assert_never

from doer.domain.errors import UsageError
from doer.domain.quick import quick
from doer.domain.transform import transforms
from doer.domain.value import Hole, Json, JsonObject


@quick
@dataclass(frozen=True, slots=True)
class Literal:
    """A value known when the plan is made."""

    value: Json


@dataclass(frozen=True, slots=True)
class Reference:
    """A field of an earlier step's result, e.g. step `account`, path `("id",)`. JSON: {"$ref": "account.id"}."""

    step: str
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot of a skill; none is left in a plan. JSON: {"$slot": "start"} or {"$slot": "manager.email"}."""

    name: str
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Transform:
    """A named pure function of templates. JSON: {"$do": "add_days", "of": [...]}; `transform.transforms()` lists the names."""

    name: str
    of: tuple[Template, ...]


@dataclass(frozen=True, slots=True)
class Items:
    """A list of templates."""

    of: tuple[Template, ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """An object of templates."""

    of: Mapping[str, Template] = field(default_factory=dict)


_SINGLE = frozenset({str, int, float, bool, type(None)})

Template: TypeAlias = Literal | Reference | Slot | Transform | Items | Fields


def parse(value: Json) -> Template:
    """Read a template from its JSON form. Raises UsageError for an unknown `$` form or transform."""
    if isinstance(value, Mapping):
        match value:
            case {"$ref": str(path), **rest} if not rest:
                head, *tail = path.split(".")
                return Reference(head, tuple(tail))
            case {"$slot": str(path), **rest} if not rest:
                head, *tail = path.split(".")
                return Slot(head, tuple(tail))
            case {"$do": str(name), "of": [*of], **rest} if not rest:
                if name not in transforms():
                    raise UsageError(f"unknown transform {name!r}; known: {', '.join(sorted(transforms()))}")
                return Transform(name, tuple(parse(each) for each in of))
            case {"$literal": literal, **rest} if not rest:
                return Literal(literal)
        if wrong := [name for name in value if name.startswith("$")]:
            raise UsageError(f"unknown template form {wrong[0]!r}; known: $ref, $slot, $do with of, $literal")
        return _plain(Fields({name: parse(each) for name, each in value.items()}))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _plain(Items(tuple(parse(each) for each in value)))
    return Literal(value)


def _plain(template: Items | Fields) -> Template:
    """Fold a composite of literals into one literal, so that equal plans have one form."""
    parts = template.of.values() if isinstance(template, Fields) else template.of
    if any(not isinstance(part, Literal) for part in parts):
        return template
    return Literal(resolve(template, {}))


def to_json(template: Template) -> Json:
    """Return the JSON form that `parse` reads."""
    match template:
        case Literal(value):
            return {"$literal": value} if looks_like_form(value) else value
        case Reference(step, path):
            return {"$ref": ".".join((step, *path))}
        case Slot(name, path):
            return {"$slot": ".".join((name, *path))}
        case Transform(name, of):
            return {"$do": name, "of": [to_json(each) for each in of]}
        case Items(of):
            return [to_json(each) for each in of]
        case Fields(fields):
            return {name: to_json(each) for name, each in fields.items()}
        case _:
            assert_never(template)


def looks_like_form(value: Json) -> bool:
    """Tell whether a value, written as it is, would be read as a template: it is a `$literal` then."""
    if type(value) in _SINGLE:
        return False
    if isinstance(value, Mapping):
        return any(name.startswith("$") or looks_like_form(each) for name, each in value.items())
    return isinstance(value, Sequence) and not isinstance(value, str) and any(map(looks_like_form, value))


def references(template: Template) -> Iterator[Reference]:
    """Yield every reference in the template."""
    match template:
        case Reference():
            yield template
        case Transform(_, of) | Items(of):
            for each in of:
                yield from references(each)
        case Fields(fields):
            for each in fields.values():
                yield from references(each)
        case Literal() | Slot():
            return
        case _:
            assert_never(template)


def resolve(template: Template, results: Mapping[str, Json]) -> Json:
    """Return the concrete value, given the results of earlier steps by step id.

    A reference to a step without a result, or to a field it does not have yet, becomes a `Hole` that says what it will
    be made of; so the same function serves the preview and the step. A slot is an error: a plan has none.
    """
    match template:
        case Literal(value):
            return value
        case Reference(step, path):
            return _follow(results, step, path)
        case Slot(name, _):
            raise UsageError(f"slot {name!r} is still empty; a plan has no slots")
        case Transform(name, of):
            values = [resolve(each, results) for each in of]
            if open_ones := [value for value in values if has_hole(value)]:
                if name == "join":  # the words around what is not known yet are known: a letter can be read
                    return Hole("".join(map(str, values)))
                return Hole.of(f"{name} of " + ", ".join(str(each).strip(Hole.OPEN + Hole.CLOSE) for each in open_ones))
            return transforms()[name](values)
        case Items(of):
            return [resolve(each, results) for each in of]
        case Fields(fields):
            return {name: resolve(each, results) for name, each in fields.items()}
        case _:
            assert_never(template)


def _follow(results: Mapping[str, Json], step: str, path: tuple[str, ...]) -> Json:
    hole = Hole.of(f"{'.'.join(path)} of {step}" if path else f"result of {step}")
    if step not in results:
        return hole
    value = results[step]
    for name in path:
        if isinstance(value, Mapping) and name in value:
            value = value[name]
        elif isinstance(value, Sequence) and not isinstance(value, str) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return hole
    return value


def all_single(values: Iterable[Json]) -> bool:
    """Tell whether these are plain values for certain: no containers, no holes."""
    for each in values:  # noqa: SIM110  # in half the time
        if type(each) not in _SINGLE:
            return False
    return True


def has_hole(value: Json) -> bool:
    """Tell whether any part of the value will be known only later."""
    if type(value) in _SINGLE:
        return False
    if isinstance(value, str):
        return isinstance(value, Hole)
    if isinstance(value, (dict, Mapping)):
        return any(map(has_hole, value.values()))
    return isinstance(value, Sequence) and any(map(has_hole, value))


def resolve_all(templates: Mapping[str, Template], results: Mapping[str, Json]) -> JsonObject:
    """Resolve every argument of a step."""
    return {
        name: each.value if isinstance(each, Literal) else resolve(each, results) for name, each in templates.items()
    }
