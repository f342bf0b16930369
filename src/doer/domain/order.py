"""The order of steps: needs, shared resources one after the other, and what cannot be taken back last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from doer.domain.action import Effect
from doer.domain.value import StepId

Needs = Mapping[StepId, frozenset[StepId]]


def sequence(needs: Needs, last: Iterable[StepId] = ()) -> tuple[StepId, ...]:
    """Return the steps in an order that respects `needs` and otherwise their own; those in `last` as late as possible.

    Steps on a cycle are left out, so a result shorter than `needs` tells that there is one (Kahn 1962).
    """
    late = frozenset(last)
    if not late and (rounds := _rounds(needs)) is not None:
        return tuple(sorted(needs, key=rounds.__getitem__))
    placed: dict[StepId, None] = {}
    waiting = dict(needs)
    while ready := [step for step, needed in waiting.items() if needed <= placed.keys()]:
        early = [step for step in ready if step not in late]
        for step in early or ready[:1]:
            placed[step] = None
            del waiting[step]
    return tuple(placed)


def is_in_order(needs: Needs) -> bool:
    """Tell whether each step is written after all that it needs, as nearly always."""
    seen: set[StepId] = set()
    for step, needed in needs.items():
        if not needed <= seen:
            return False
        seen.add(step)
    return True


def _rounds(needs: Needs) -> Mapping[StepId, int] | None:
    """Return in which round each step has all that it needs; None unless each is written after that, as nearly always."""
    rounds: dict[StepId, int] = {}
    try:
        for step, needed in needs.items():
            rounds[step] = 1 + max(map(rounds.__getitem__, needed)) if needed else 1
    except KeyError:  # of what comes later, or never
        return None
    return rounds


def prerequisites(
    needs: Needs, resources: Mapping[StepId, Sequence[str]], effects: Mapping[StepId, Effect]
) -> dict[StepId, frozenset[StepId]]:
    """Return for each step every step that must be finished before it starts.

    Besides its needs: earlier steps that write the same resource, and, for an irreversible step, every step that comes
    before it. All added edges follow one order, so that no cycle can arise.
    """
    written = [resource for found in resources.values() for resource in found]
    if "irreversible" not in effects.values() and len(set(written)) == len(written) and is_in_order(needs):
        return dict(needs)  # as of most plans: nothing is added
    irreversible = [step for step in needs if effects.get(step) == "irreversible"]
    line = sequence(needs, irreversible)
    writers: dict[str, list[StepId]] = {}
    result: dict[StepId, frozenset[StepId]] = {}
    for place, step in enumerate(line):
        before = set(needs[step])
        if effects.get(step) == "irreversible":
            before.update(line[:place])
        for resource in resources.get(step, ()):
            before.update(writers.get(resource, ()))
            if effects.get(step) != "read":
                writers.setdefault(resource, []).append(step)
        before.discard(step)
        result[step] = frozenset(before)
    return result
