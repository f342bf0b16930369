"""Verdicts: whether what runs say of themselves is true of the world, as an independent observer sees it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import ceil

from doer.testing.faults.lane import RunTold, Told, short

_NOTHING_LEFT = frozenset({"rolled_back", "failed", "refused", "cancelled", "abstained"})
_UNTOUCHED = frozenset({"planned", "waiting", "undone", "skipped", "failed", "held"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is false of what was said; empty tuples: all of it is true."""

    false_done: tuple[str, ...] = ()
    """A run is said to be done, or a step verified, and the world is not as it should be then."""
    false_rolled_back: tuple[str, ...] = ()
    """A run is said to have left nothing behind, or only what it names, and there is more."""
    silent: tuple[str, ...] = ()
    """A run neither ended nor says what it waits for, or the process failed."""

    @property
    def true(self) -> bool:
        """Everything that was said is so."""
        return not (self.false_done or self.false_rolled_back or self.silent)


def verdict(told: Told, effects: Counter[str], expected: Counter[str]) -> Verdict:
    """Compare what was said with the effects that are there; `expected` are those of an undisturbed run."""
    if told.error:
        return Verdict(silent=(f"the process failed: {told.error}",))
    if not told.runs:
        left = short(effects)
        return Verdict(silent=tuple(f"there is no run, and there is: {effect}" for effect in left))
    return _of_run(told.runs[0], effects, expected)


def _of_run(run: RunTold, effects: Counter[str], expected: Counter[str]) -> Verdict:
    wrong = tuple(f"missing: {each}" for each in short(expected - effects))
    wrong += tuple(f"not wanted: {each}" for each in short(effects - expected))
    if run.status == "done":
        return Verdict(false_done=wrong)
    if run.status in _NOTHING_LEFT:
        return Verdict(false_rolled_back=tuple(f"{run.status}, and there is: {each}" for each in short(effects)))
    # Here some steps are named as not settled. Which effect is whose the harness cannot know; how many there may be it can.
    each = ceil(sum(expected.values()) / max(1, len(run.writing)))
    if run.status == "partly_rolled_back":
        left = sum(step.state not in _UNTOUCHED for step in run.writing)
        named = "" if "not taken back" in run.reason else "it does not name what is left"
        many = sum((effects & expected).values()) > each * left or (left == 0 and bool(effects))
        over = short(effects) if many else ()
        return Verdict(false_rolled_back=over, silent=(named,) if named else ())
    if run.status in ("unproven", "waiting", "needs_answer"):
        open_steps = sum(step.state != "verified" for step in run.writing)
        # What else a server did on the occasion of a step that is named is named by that; what is missing is not.
        many = sum((expected - effects).values()) > each * open_steps or (open_steps == 0 and bool(wrong))
        return Verdict(false_done=wrong if many else (), silent=() if run.reason else (f"{run.status} for no reason",))
    return Verdict(silent=(f"{run.status}, and nobody carries it on: {run.reason}",))
