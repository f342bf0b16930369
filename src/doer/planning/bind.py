"""Bindings: names of a skill with their values and where those came from; filling templates with them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from doer.domain.errors import UsageError
from doer.domain.template import Fields, Items, Literal, Reference, Slot, Template, Transform, references, resolve
from doer.domain.value import Json, Provenance, Source

_WEIGHT: tuple[Source, ...] = (
    "result",
    "read",
    "known",
    "words",
    "answer",
    "caller",
    "workspace",
    "default",
    "planner",
    "skill",
)
"""Of several sources the first is named: the one that a reader should doubt first."""


_OF_NOTHING = frozenset({"count", "append", "either"})


@dataclass(frozen=True, slots=True)
class Binding:
    """A value, or a template over results of steps, and where it came from."""

    template: Template
    provenance: Provenance
    parts: Mapping[str, Provenance] = field(default_factory=dict)
    """Dotted path within a list or an object -> where that part came from, where the parts came from different places."""

    def part(self, path: tuple[str, ...]) -> Binding:
        """Return the same with the origin of one part, and with the parts of that part."""
        at = ".".join(path)
        inner = {name.removeprefix(f"{at}."): each for name, each in self.parts.items() if name.startswith(f"{at}.")}
        return Binding(self.template, self.parts.get(at, self.provenance), inner) if path else self


def leaves(template: Template, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Template]]:
    """Yield the parts of a list or an object that are neither, by their dotted path."""
    match template:
        case Items(of):
            for place, each in enumerate(of):
                yield from leaves(each, (*path, str(place)))
        case Fields(fields):
            for name, each in fields.items():
                yield from leaves(each, (*path, name))
        case _:
            if path:
                yield ".".join(path), template


def fill(template: Template, known: Mapping[str, Binding]) -> Template:
    """Put values in the place of names, and fold what is then known. Raises UsageError for a field that is not there."""
    match template:
        case Literal() | Reference():
            return template
        case Slot(name, path):
            if name not in known:
                raise UsageError(f"nothing is called ${name} here")
            return inside(known[name].template, name, path)
        case Transform(name, of):
            parts = tuple(fill(each, known) for each in of)
            if name == "join":
                parts = tuple(Literal("") if part == Literal(None) else part for part in parts)
            elif Literal(None) in parts and name not in _OF_NOTHING:
                return Literal(None)  # what is made of something that was not said is not said either
            return _folded(Transform(name, parts), parts)
        case Items(of):
            parts = tuple(fill(each, known) for each in of)
            return _folded(Items(parts), parts)
        case Fields(fields):
            filled = {name: fill(each, known) for name, each in fields.items()}
            return _folded(Fields(filled), tuple(filled.values()))
        case _:
            assert_never(template)


def _folded(template: Template, parts: Sequence[Template]) -> Template:
    return Literal(resolve(template, {})) if all(isinstance(part, Literal) for part in parts) else template


def inside(template: Template, name: str, path: tuple[str, ...]) -> Template:
    """Return the part of a binding that a dotted name means."""
    for place, part in enumerate(path):
        match template:
            case Reference(step, before):
                return Reference(step, (*before, *path[place:]))
            case Fields(fields) if part in fields:
                template = fields[part]
            case Items(of) if part.isdigit() and int(part) < len(of):
                template = of[int(part)]
            case Literal(None):
                return template  # of what was not said, no part was said either
            case Literal(value):
                template = Literal(_field(value, part, name))
            case _:
                raise UsageError(f"${name} has no field {part!r}")
    return template


def _field(value: Json, part: str, name: str) -> Json:
    if isinstance(value, Mapping) and part in value:
        return value[part]
    if isinstance(value, Sequence) and not isinstance(value, str) and part.isdigit() and int(part) < len(value):
        return value[int(part)]
    there = f"; it has: {', '.join(map(str, value))}" if isinstance(value, Mapping) else ""
    raise UsageError(f"${name} has no field {part!r}{there}")


def origin(taken: Sequence[Provenance], filled: Template, skill: str) -> Provenance:
    """Return where a filled template came from, given the origins of the names that it took."""
    of_results = [Provenance("result", ref.step) for ref in references(filled)]
    return min([*of_results, *taken, Provenance("skill", skill)], key=lambda each: _WEIGHT.index(each.source))


def worded(text: str, values: Mapping[str, Json]) -> str:
    """Put what is known into the `{name}`s of a question; what is not known is called by its name."""

    def word(found: re.Match[str]) -> str:
        value = values.get(found.group(1))
        plain = isinstance(value, str | int | float) and not isinstance(value, bool)
        return str(value) if plain else f"the {found.group(1).replace('_', ' ')}"

    return re.sub(r"\{(\w+)\}", word, text)
