"""Comparison of an approved preview with one made just before the step."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from doer.domain.action import Change, Preview
from doer.domain.value import Hole, Json

_HOLE = re.compile(f"{Hole.OPEN}[^{Hole.OPEN}{Hole.CLOSE}]*{Hole.CLOSE}")


def difference(approved: Preview, found: Preview, *, holes: bool) -> str:
    """Return in words how `found` differs from what was approved, or nothing.

    With `holes`, text in ‹…› of the approved preview stands for any value: it was shown as known only later.
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


def _change_difference(approved: Change, found: Change, *, holes: bool) -> str:
    if not matches(approved.resource, found.resource, holes=holes):
        return f"it would now change {found.resource}, not {approved.resource}"
    if not matches(approved.before, found.before, holes=holes):
        return f"{found.resource} is not as it was when it was approved"
    if not matches(approved.after, found.after, holes=holes):
        return f"{found.resource} would now become something else"
    if approved.reversible and not found.reversible:
        return f"{found.resource} could now not be put back"
    heard = [each for each in found.echoes if not any(matches(one, each, holes=holes) for one in approved.echoes)]
    return f"{found.resource} would now also cause: {', '.join(heard)}" if heard else ""


def matches(approved: Json, found: Json, *, holes: bool) -> bool:
    """Tell whether `found` is what was approved, value by value."""
    if isinstance(approved, str):
        if holes and _HOLE.search(approved):
            return _fills(approved, found)
        return approved == found
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


def _fills(approved: str, found: Json) -> bool:
    if _HOLE.fullmatch(approved):
        return True
    if not isinstance(found, str):
        return False
    pattern = "(?s:.*)".join(re.escape(part) for part in _HOLE.split(approved))
    return re.fullmatch(pattern, found) is not None
