"""References between calls: what a call needs and nobody said is the result of another call, where their names and types make it plain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from doer.domain.action import Manifest
from doer.planning.action.choice import Draft
from doer.planning.action.schema import leaf
from doer.planning.action.sense import COMMON, words_of_name
from doer.planning.schema import fits, mapping
from doer.planning.words.nouns import phrase


@dataclass(frozen=True, slots=True)
class Result:
    """A field of what another tool answers, as the value of a parameter."""

    parameter: str
    tool: str
    field: str


@dataclass(frozen=True, slots=True)
class Linked:
    """A draft and what it takes from other calls."""

    draft: Draft
    results: tuple[Result, ...] = ()


def linked(drafts: Sequence[Draft]) -> list[Linked]:
    """Return the drafts with what they take from each other, each after those that it takes from."""
    found = list[Linked]()
    for draft in drafts:
        others = [each for each in drafts if each is not draft and len(each.made.calls) < 2]
        results = [_for(name, draft, others) for name in draft.made.missing if "." not in name]
        taken = tuple(each for each in results if each is not None)
        names = {each.parameter for each in taken}
        made = replace(draft.made, missing=tuple(each for each in draft.made.missing if each not in names))
        found.append(Linked(replace(draft, made=made), taken))
    return _ordered(found)


def _for(name: str, draft: Draft, others: Sequence[Draft]) -> Result | None:
    """The one field of another call's result that the parameter is called like: `event_id` is the `id` of what makes an event."""
    schema = leaf(draft.manifest.parameters, name)
    found = [
        Result(name, other.manifest.name, field)
        for other in others
        for field, given in mapping(other.manifest.result.get("properties")).items()
        if _named(name, field, other.manifest) and fits(mapping(given), schema)
    ]
    return found[0] if len(found) == 1 else None


def _named(name: str, field: str, manifest: Manifest) -> bool:
    wanted, given = words_of_name(name), words_of_name(field)
    if wanted == given:
        return field.lower() not in COMMON
    kind = wanted[: -len(given)] if given and wanted[-len(given) :] == given else ()
    called = phrase(manifest.name).split()
    return bool(kind) and all(each in called for each in kind)


def _ordered(found: Sequence[Linked]) -> list[Linked]:
    """Put what gives before what takes; where two take from each other, neither does."""
    names = {each.draft.manifest.name: each for each in found}
    for each in found:
        for result in each.results:
            if any(back.tool == each.draft.manifest.name for back in names[result.tool].results):
                return [_unlinked(one) for one in found]
    done, rest = list[Linked](), list(found)
    while rest:
        ready = next(
            (one for one in rest if not any(r.tool == o.draft.manifest.name for r in one.results for o in rest)), None
        )
        if ready is None:
            return [_unlinked(one) for one in found]
        done.append(ready)
        rest.remove(ready)
    return done


def _unlinked(one: Linked) -> Linked:
    missing = (*one.draft.made.missing, *(each.parameter for each in one.results))
    return Linked(replace(one.draft, made=replace(one.draft.made, missing=missing)))
