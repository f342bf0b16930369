"""Gathering: who is added to one thing, one after the other, is added at once.

A list that is changed is given whole. Of three steps that each give the guests of one meeting and one more, the last alone
would stay; of one that gives all of them, all do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from doer.domain.action import Manifest
from doer.domain.plan import Step
from doer.domain.template import Literal
from doer.domain.value import Json


def gathered(steps: Sequence[Step], tools: Sequence[Manifest]) -> Step | None:
    """Return the one step that does what the steps of several rows do, where each would undo the one before; else None.

    That is so where they change the same thing, which was read, and give it the same list but for their own additions.
    """
    first = steps[0]
    changes = any(each.name == first.tool and each.effect == "write" for each in tools)
    same = all(step.tool == first.tool and step.arguments.keys() == first.arguments.keys() for step in steps)
    if not (changes and same and len(steps) > 1):
        return None
    other = [name for name in first.arguments if any(s.arguments[name] != first.arguments[name] for s in steps)]
    about = [name for name, told in first.provenance.items() if told.source == "read" and name not in other]
    if len(other) != 1 or not about:
        return None
    told = [each for step in steps if (each := _list(step, other[0])) is not None]
    if len(told) < len(steps):
        return None
    whole = [item for item in told[0] if all(item in each for each in told)]
    for item in (item for each in told for item in each):
        if item not in whole:
            whole.append(item)
    return replace(first, arguments={**first.arguments, other[0]: Literal(whole)})


def _list(step: Step, name: str) -> Sequence[Json] | None:
    given = step.arguments[name]
    value = given.value if isinstance(given, Literal) else None
    return value if isinstance(value, Sequence) and not isinstance(value, str) else None
