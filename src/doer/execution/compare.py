"""Comparison of an approved preview with one made just before the step."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from doer.domain.action import Change, Preview
from doer.domain.value import Hole, Json

_NONE: frozenset[str] = frozenset()
_HOLE = re.compile(f"{Hole.OPEN}[^{Hole.OPEN}{Hole.CLOSE}]*{Hole.CLOSE}")


def holes_in(value: Json) -> frozenset[str]:
    """Return the ‹…› that stand in a value: in arguments as they were approved, what was to be known only later."""
    if isinstance(value, str):
        return frozenset(_HOLE.findall(value))
    if isinstance(value, Mapping):
        return frozenset().union(*map(holes_in, value.values()))
    return frozenset().union(*map(holes_in, value)) if isinstance(value, Sequence) else frozenset()


def filled(approved: Preview, left: Mapping[str, str]) -> Preview:
    """Return the preview with its own holes filled from what the run has left by now (resource URI -> version)."""
    known = {hole: left[resource] for hole, resource in approved.holes.items() if resource in left}
    if not known:
        return approved

    def fill(value: Json) -> Json:
        if isinstance(value, str):
            return known.get(value, value)
        if isinstance(value, Mapping):
            return {name: fill(each) for name, each in value.items()}
        return [fill(each) for each in value] if isinstance(value, Sequence) else value

    return replace(approved, changes=tuple(replace(each, after=fill(each.after)) for each in approved.changes))


def difference(approved: Preview, found: Preview, *, holes: frozenset[str]) -> str:
    """Return in words how `found` differs from what was approved, or nothing.

    Each of `holes` in the approved preview stands for any value: it was shown as known only later. Other text in ‹…›,
    say of a file's, stands for itself, and in a before-state a hole stands for any value only where the resource was open.
    """
    if approved.effect != found.effect:
        return f"its effect would now be {found.effect or 'as declared'}, not {approved.effect or 'as declared'}"
    if approved.foreseeable and not found.foreseeable:
        return "what it changes cannot be foreseen any more"
    if len(approved.changes) != len(found.changes):
        return f"it would now change {len(found.changes)} resources, not {len(approved.changes)}"
    for one, other in zip(approved.changes, found.changes, strict=True):
        if told := _change_difference(one, other, holes=holes):
            return told
    return ""


def _change_difference(approved: Change, found: Change, *, holes: frozenset[str]) -> str:
    if not matches(approved.resource, found.resource, holes=holes):
        return f"it would now change {found.resource}, not {approved.resource}"
    if not matches(approved.before, found.before, holes=holes if holes_in(approved.resource) & holes else _NONE):
        return f"{found.resource} is not as it was when it was approved"
    if not matches(approved.after, found.after, holes=holes):
        return f"{found.resource} would now become something else"
    if approved.reversible and not found.reversible:
        return f"{found.resource} could now not be put back"
    heard = [each for each in found.echoes if not any(matches(one, each, holes=holes) for one in approved.echoes)]
    return f"{found.resource} would now also cause: {', '.join(heard)}" if heard else ""


def matches(approved: Json, found: Json, *, holes: frozenset[str]) -> bool:
    """Tell whether `found` is what was approved, value by value."""
    if isinstance(approved, str):
        return approved == found or (any(hole in approved for hole in holes) and _fills(approved, found, holes))
    if isinstance(approved, Mapping):
        return (
            isinstance(found, Mapping)
            and approved.keys() == found.keys()
            and all(matches(value, found[name], holes=holes) for name, value in approved.items())
        )
    if isinstance(approved, Sequence):
        return (
            isinstance(found, Sequence)
            and not isinstance(found, str)
            and len(approved) == len(found)
            and all(matches(one, other, holes=holes) for one, other in zip(approved, found, strict=True))
        )
    # 1 == True in Python and not in JSON.
    return approved == found and isinstance(approved, bool) == isinstance(found, bool)


def _fills(approved: str, found: Json, holes: frozenset[str]) -> bool:
    if approved in holes:
        return True
    if not isinstance(found, str):
        return False
    parts = re.split("|".join(map(re.escape, sorted(holes))), approved)
    return re.fullmatch("(?s:.*)".join(map(re.escape, parts)), found) is not None
