"""Taking back: which effect goes next, in reverse; what must stay because of it; and how far that went. Pure, as `decide` is."""

from __future__ import annotations

from doer.domain.run import Run
from doer.domain.value import StepId
from doer.execution.command import Command, End, Keep, StartUndo, Undo
from doer.execution.held_up import MOST_TRIES, blocked, put_off


def take_back(run: Run, reason: str) -> tuple[Command, ...]:
    """Take back what took effect, the latest first, one after the other; then say how far that went."""
    left: list[StepId] = []
    for state in sorted(run.steps.values(), key=lambda each: -each.finished):
        step = state.step.id
        if not state.touched:
            continue
        if not state.undoable or state.stuck or state.undo_tries >= MOST_TRIES:
            left.append(step)
        elif state.blocked:
            return (blocked(state),)
        elif dependent := _dependent(run, step):
            return (Keep(step, f"left as it is: {dependent} depends on it and could not be taken back"),)
        elif state.undoing:
            return (Undo(step, state.undo_tries),)
        elif state.undo_tries and (wait := put_off(run, state)) is not None:
            return (wait,)
        else:
            return (StartUndo(step),)
    return (_account(run, reason, left),)


def _dependent(run: Run, step: StepId) -> StepId | None:
    """Return a step that rests on this one and is still in effect, though it could have been taken back."""
    resting = {step}
    resources = {change.resource for change in run.steps[step].changes}
    for other in sorted(run.steps.values(), key=lambda each: each.finished):
        later = other.finished > run.steps[step].finished and resources & {change.resource for change in other.changes}
        if not later and not other.step.all_needs & resting:
            continue
        if other.effect == "read":
            resting.add(other.step.id)  # what is made of what it read rests on the step as well
        elif other.touched and (other.effect == "write" or other.undoable):
            return other.step.id
    return None


def _account(run: Run, reason: str, left: list[StepId]) -> End:
    told = f"not taken back: {', '.join(left)}" if left else ""
    if run.undo:
        return End("partly_undone" if left else "undone", told)
    if left:
        return End("partly_rolled_back", f"{reason}; {told}")
    if any(state.state == "undone" for state in run.steps.values()):
        return End("rolled_back", reason)
    return End("cancelled" if run.cancelled else "refused" if run.refused else "failed", reason)


def undo_order(run: Run) -> tuple[StepId, ...]:
    """Return the steps that an undo would take back, in its order."""
    states = sorted(run.steps.values(), key=lambda each: -each.finished)
    return tuple(state.step.id for state in states if state.touched)
