"""The decider: `next_commands(run)` is pure and total. Running, waiting, resuming and taking back are all in here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from doer.domain.decision import Ask, Deny
from doer.domain.errors import UsageError
from doer.domain.event import Event, RunClaimed, Status, StepApplied, StepStarted
from doer.domain.plan import holds
from doer.domain.run import FINISHED, TOUCHED, Run, State, StepState
from doer.domain.template import references
from doer.domain.value import StepId
from doer.execution.command import (
    Apply,
    Command,
    End,
    Judge,
    Prepare,
    PreviewPlan,
    PreviewUndo,
    Propose,
    Reconcile,
    Rest,
    Skip,
    Verify,
    Wait,
)  # fmt: skip
from doer.execution.held_up import MOST_TRIES, blocked, put_off
from doer.execution.taking_back import take_back

VERSION = 1
"""Recorded with each run; raised when an older run would be decided differently in a way that matters."""

MOST_CHECKS = 5
"""How often the system of record is read before what it shows is believed: reads may be stale (3 s in all)."""
MOST_CHECKS_UNREAD = 8
"""How often it is read when it cannot be read at all (25 s in all)."""
SO_ALREADY = "it is so already: nothing was changed"
"""Why a run is done of which every change was foreseen to change nothing."""
MOST_AT_ONCE = 8
"""Steps of one run that are under way at once."""

_UNSETTLED: frozenset[State] = frozenset({"started", "applied", "unknown"})
_GOES_ON = (StepStarted, StepApplied)
_UNSTARTED: frozenset[State] = frozenset({"planned", "waiting", "failed"})
_BEGUN: frozenset[State] = TOUCHED | {"undone"}


def next_commands(run: Run) -> tuple[Command, ...]:
    """Return everything that can be done now; what is under way already is named again, equal to what it was."""
    if run.goal is None:
        return ()
    if run.undo:
        return _undo(run)
    if run.ended is not None:
        return ()
    if run.plan is None:
        return (_plan(run),)
    return _gate(run) or _execute(run)


def decided_after(before: Run, wanted: tuple[Command, ...], event: Event, run: Run) -> tuple[Command, ...]:
    """Return `next_commands(run)`, where this was wanted `before` the event that made it so.

    Where one step alone was wanted and all that happened is that it went on, it alone is wanted again: until it is finished
    nothing else becomes ready. So most of the time one step is looked at, and not all of them. Who drives decides nothing.
    """
    if isinstance(event, RunClaimed) and run.steps is before.steps:
        return wanted
    if isinstance(event, _GOES_ON) and len(wanted) == 1:
        only = wanted[0]
        if isinstance(only, (Prepare, Apply)) and only.step == event.step:
            state = run.steps[event.step]
            if state.state in _UNSETTLED and not isinstance(move := _unsettled(run, state), (Rest, Wait)):
                return (move,)
    return next_commands(run)


def rest(run: Run) -> Rest | None:
    """Return what the run rests on, if it waits for a person and nothing else."""
    return rest_among(next_commands(run))


def rest_among(commands: Sequence[Command]) -> Rest | None:
    """Return what a run rests on of which the decider said this."""
    match commands:
        case [Rest() as resting]:
            return resting
        case _:
            return None


def status(run: Run) -> Status:
    """Return the run's status as people see it."""
    return standing(run, rest(run))[0]


def standing(run: Run, resting: Rest | None) -> tuple[Status, str]:
    """Return the status as people see it, and why, of a run that rests on this."""
    if run.ended is not None and not run.undo:
        return run.ended, run.reason
    return ("running", run.reason) if resting is None else (resting.status, resting.reason)


def abandonment(run: Run, steps: Iterable[StepState]) -> str:
    """Return why the run is given up and taken back, or nothing; `steps` are those that are not finished, or all."""
    for state in [each for each in steps if each.state == "failed"]:
        if not _may_retry(state):
            return f"{state.step.id} ({state.step.tool}): {state.reason}"
    return run.abandoned or run.cancelled or run.refused


def _may_retry(state: StepState) -> bool:
    return state.transient and state.tries < MOST_TRIES


def _plan(run: Run) -> Command:
    if run.cancelled or run.refused:
        return End("cancelled" if run.cancelled else "refused", run.cancelled or run.refused)
    if run.abstention is not None:
        return End("abstained", run.abstention.reason)
    if run.problems:
        return End("failed", "; ".join(run.problems))
    if run.question is not None:
        return Rest("needs_answer", run.question.text)
    return Propose()


def _gate(run: Run) -> tuple[Command, ...]:
    """Return what stands before the first step: preview, policy, and a person's word where it is needed."""
    if run.problems:
        return (End("failed", "; ".join(run.problems)),)
    if not any(map(_has_begun, run.steps.values())):
        if run.cancelled or run.refused:
            return (End("cancelled" if run.cancelled else "refused", run.cancelled or run.refused),)
        if not run.previewed:
            return (PreviewPlan(),)
        if run.decisions is None:
            return (Judge(),)
        for step, decision in run.decisions.items():
            if isinstance(decision, Deny):
                return (End("refused", f"{step} is not permitted: {decision.reason}"),)
        unapproved = run.unapproved
        if run.mode != "plan" and unapproved and _is_so_already(run):
            return (End("done", SO_ALREADY),)
        if run.mode == "plan":
            return (Rest("planned", "planned, and not run: approve it to run it", unapproved),)
        # Nothing starts before the plan as a whole was approved; what must be named may be named later.
        plain = [step for step in unapproved if not _by_name(run, step)]
        if plain and not abandonment(run, run.steps.values()):
            return (Rest("waiting", _asking(run, plain), unapproved),)
    return ()


def _is_so_already(run: Run) -> bool:
    """Tell whether everything that the plan would change was foreseen as it is already, so that there is nothing to approve.

    Reads that no step is made of were wanted for what they tell: such a plan runs.
    """
    for state in run.steps.values():
        if state.effect != "read" and not _keeps(state):  # as in most plans the first does not
            return False
    writes = [each for each in run.steps.values() if each.effect != "read"]
    used = {each.step for state in writes for made in state.step.arguments.values() for each in references(made)}
    reads = {state.step.id for state in run.steps.values() if state.effect == "read"}
    return reads <= used


def _keeps(state: StepState) -> bool:
    """Tell whether a step was foreseen whole, changes things to what they are, and tells nobody about it."""
    foresight = state.foresight
    if foresight is None or foresight.effect != "write" or state.step.guard is not None:
        return False
    changes = foresight.preview.changes if foresight.complete and foresight.preview.foreseeable else ()
    return bool(changes) and all(each.kind == "same" and not each.echoes for each in changes)


def _has_begun(state: StepState) -> bool:
    return state.state in _BEGUN and (state.state in ("verified", "undone") or state.effect != "read")


def _by_name(run: Run, step: StepId) -> bool:
    decision = (run.decisions or {}).get(step)
    return isinstance(decision, Ask) and decision.by_name


def _asking(run: Run, steps: Sequence[StepId]) -> str:
    reasons = dict.fromkeys(run.steps[step].reason for step in steps if run.steps[step].reason)
    told = f" ({'; '.join(reasons)})" if reasons else ""
    return f"{len(steps)} step{'s' if len(steps) != 1 else ''} to be approved{told}"


def _execute(run: Run) -> tuple[Command, ...]:
    busy: list[Command] = []
    held: list[Rest] = []
    timers: list[Wait] = []
    unfinished: dict[StepId, StepState] = {}
    unsettled: list[StepState] = []
    unstarted: list[StepState] = []
    for step, state in run.steps.items():
        if state.state not in FINISHED:
            unfinished[step] = state
            if state.state in _UNSTARTED:
                unstarted.append(state)
            elif state.state in _UNSETTLED:
                unsettled.append(state)
    for state in unsettled:
        move = _unsettled(run, state)
        if isinstance(move, Rest):
            held.append(move)
        elif isinstance(move, Wait):
            timers.append(move)
        else:
            busy.append(move)
    reason = abandonment(run, unfinished.values())
    if reason and not (busy or held or timers):
        return take_back(run, reason)
    # All that must be finished before a step is finished.
    ready = [state for state in unstarted if state.after.isdisjoint(unfinished)]
    if ready and not reason:
        starts, asks, waits = _starts(run, ready)
        busy += starts[: max(0, MOST_AT_ONCE - len(busy))]
        held += asks
        timers += waits
    if timers:
        busy.append(min(timers, key=lambda timer: timer.until))
    if busy:
        return tuple(busy)
    if held:
        times = [each.until for each in held if each.until is not None]
        steps = sum((each.steps for each in held), ())
        return (Rest("waiting", "; ".join(each.reason for each in held), steps, min(times, default=None)),)
    return _finish(run, [*unfinished.values()])


def _finish(run: Run, unfinished: Sequence[StepState]) -> tuple[Command, ...]:
    if unfinished:
        # "Done" is never the answer of default: whatever else became of a step, what was done is taken back.
        first = unfinished[0]
        return take_back(run, f"{first.step.id} is {first.state}: {first.reason}")
    unproven = [state.step.id for state in run.steps.values() if state.state == "unproven"]
    return (End("unproven", f"done, unproven: {', '.join(unproven)}") if unproven else End("done"),)


def _unsettled(run: Run, state: StepState) -> Command:
    """Return what a step needs whose effect is under way or not known, whatever else becomes of the run."""
    step = state.step.id
    if state.state == "started":
        return Apply(step, state.tries) if state.tries <= MOST_TRIES else _ask_outcome(state)
    if state.blocked:
        return blocked(state)
    if state.state == "unknown" and (state.absent or state.checks >= MOST_CHECKS_UNREAD):
        return _ask_outcome(state)
    if state.due is not None and run.now is not None and run.now < state.due:
        return Wait(state.due)
    return Verify(step, state.checks) if state.state == "applied" else Reconcile(step, state.checks)


def _ask_outcome(state: StepState) -> Rest:
    found = "nothing of it was found, but it may still arrive" if state.absent else "it could not be found out"
    return Rest(
        "waiting", f"{state.step.id} ({state.step.tool}): was it done? {found}: {state.reason}", (state.step.id,)
    )


def _starts(run: Run, ready: list[StepState]) -> tuple[list[Command], list[Rest], list[Wait]]:
    """Return what can start now, most urgent first; what waits for a person; and what waits for a time."""
    starts: list[Command] = []
    asks: list[Rest] = []
    waits: list[Wait] = []
    if len(ready) > 1:
        ready.sort(key=lambda each: -run.urgency.get(each.step.id, 0.0))
    for state in ready:
        step = state.step.id
        if reason := _superfluous(run, state):
            starts.append(Skip(step, reason))
        elif not _wanted(run, state):
            starts.append(Skip(step, "its condition does not hold"))
        elif run.asks_for(step):
            asks.append(_ask_approval(run, state))
        elif state.blocked:
            asks.append(blocked(state))
        elif isinstance(wait := put_off(run, state), Rest):
            asks.append(wait)
        elif wait is not None:
            waits.append(wait)
        else:
            starts.append(Prepare(step, state.tries))
    return starts, asks, waits


def _wanted(run: Run, state: StepState) -> bool:
    try:
        return state.step.guard is None or holds(state.step.guard, run.results)
    except UsageError:
        return True  # preparing it meets the same error, fails the step, and says why


def _superfluous(run: Run, state: StepState) -> str:
    """A step that is made of the result of a skipped step cannot be taken."""
    if not any(needed in run.steps and run.steps[needed].state == "skipped" for needed in state.step.all_needs):
        return ""
    for template in state.step.arguments.values():
        for reference in references(template):
            needed = run.steps.get(StepId(reference.step))
            if needed is not None and needed.state == "skipped":
                return f"it is made of {reference.step}, which was left out"
    return ""


def _ask_approval(run: Run, state: StepState) -> Rest:
    step = state.step.id
    if state.state == "waiting":
        return Rest("waiting", f"{step} ({state.step.tool}) asks again: {state.reason}", (step,))
    why = "cannot be taken back: approve it by name" if _by_name(run, step) else "is to be approved"
    return Rest("waiting", f"{step} ({state.step.tool}) {why}", (step,))


# --- taking back ------------------------------------------------------------------------------------------------------


def _undo(run: Run) -> tuple[Command, ...]:
    match run.undo:
        case "requested":
            return (PreviewUndo(),)
        case "previewed":
            return (Rest("waiting", "the undo is to be approved", tuple(each.step for each in run.undo_foresights)),)
        case _:
            return take_back(run, "")
