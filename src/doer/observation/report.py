"""The report of a run: what a person or a program is told of it; a reading of the journal, nothing of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from doer.domain.action import Change, Effect
from doer.domain.event import Status
from doer.domain.goal import Option, Question
from doer.domain.plan import Guard, Plan
from doer.domain.quick import quick
from doer.domain.run import Run, State, StepState
from doer.domain.template import to_json
from doer.domain.value import Json, JsonObject, Provenance, RunId, StepId


@quick
@dataclass(frozen=True, slots=True)
class StepReport:
    """One step as people see it."""

    id: StepId
    tool: str
    arguments: JsonObject
    """Concrete once it started; before, with ‹what it will be made of›."""
    state: State
    reversible: bool
    effect: Effect
    why: str
    needs: tuple[StepId, ...]
    changes: tuple[Change, ...]
    provenance: Mapping[str, Provenance]
    note: str
    reason: str
    key: str
    result: Json = None
    """What the tool returned; null until then."""
    blocked: str = ""
    """Why its system's credential must be renewed before it can go on."""
    only_if: Json = None
    """The condition on earlier results without which it is left out: left, comparison, right; null where it has none."""

    def to_json(self) -> Json:
        """Return what `--json` shows."""
        return {
            "id": self.id,
            "tool": self.tool,
            "arguments": self.arguments,
            "state": self.state,
            "reversible": self.reversible,
            "effect": self.effect,
            "why": self.why,
            "needs": list(self.needs),
            "changes": [change_json(change) for change in self.changes],
            "provenance": {
                name: {"source": each.source, "text": each.text, "start": each.start, "end": each.end}
                for name, each in self.provenance.items()
            },
            "note": self.note,
            "reason": self.reason,
            "result": self.result,
            "blocked": self.blocked,
            "only_if": self.only_if,
        }


@quick
@dataclass(frozen=True, slots=True)
class RunReport:
    """One run as people see it; `to_json` has the keys that programs rely on."""

    id: RunId
    goal: str
    by: str
    status: Status
    reason: str
    title: str
    steps: tuple[StepReport, ...]
    question: Question | None
    plan: Plan | None
    seconds: float
    """From the first event to the latest."""
    undo: str
    """What keeps it from being taken back, or nothing when `doer undo` would take back all of it."""
    undo_changes: tuple[Change, ...] = ()
    """The diff of the world that a requested undo would make."""
    seq: int = 0
    nearest: tuple[str, ...] = ()
    until: datetime | None = None
    """The time it waits for, where it waits for nobody's word."""
    told: Json = None
    """The answer to a question that one read tells: a number, a field, or the rows that agree with all that was said."""

    @property
    def changes(self) -> tuple[Change, ...]:
        """The diff of the world, in the plan's order."""
        return tuple(change for step in self.steps for change in step.changes)

    @property
    def irreversible(self) -> tuple[StepReport, ...]:
        """Steps that cannot be taken back."""
        return tuple(step for step in self.steps if not step.reversible)

    def to_json(self) -> Json:
        """Return what `--json` shows."""
        return {
            "run": self.id,
            "status": self.status,
            "goal": self.goal,
            "by": self.by,
            "reason": self.reason,
            "title": self.title,
            "planner": self.plan.planner if self.plan is not None else "",
            "confidence": round(self.plan.confidence, 4) if self.plan is not None else None,
            "steps": [step.to_json() for step in self.steps],
            "changes": [change_json(change) for change in self.changes],
            "irreversible": [step.id for step in self.irreversible],
            "question": None if self.question is None else question_json(self.question),
            "nearest": list(self.nearest),
            "undo": self.undo,
            "undo_changes": [change_json(change) for change in self.undo_changes],
            "seconds": round(self.seconds, 3),
            "until": None if self.until is None else self.until.isoformat(),
            "told": self.told,
        }


def report(run: Run, status: Status, reason: str, *, until: datetime | None = None) -> RunReport:
    """Return the report of a run; `status`, `reason` and `until` are the decider's word."""
    began, latest = run.accepted_at, run.recorded_at
    return RunReport(
        id=run.id,
        goal=run.goal.text if run.goal is not None else "",
        by=run.goal.by if run.goal is not None else "",
        status=status,
        reason=reason,
        title=run.plan.title if run.plan is not None else "",
        steps=tuple([_step(run, state) for state in run.steps.values()]),
        question=run.question,
        plan=run.plan,
        seconds=(latest - began).total_seconds() if began is not None and latest is not None else 0.0,
        undo=_undo_obstacle(run),
        undo_changes=tuple(change for each in run.undo_foresights if not each.obstacle for change in each.changes),
        seq=run.seq,
        nearest=run.abstention.nearest if run.abstention is not None else (),
        until=until,
    )


def _step(run: Run, state: StepState) -> StepReport:
    step, effect, foresight = state.step, state.effect, state.foresight
    arguments: JsonObject = (
        state.arguments
        or (foresight.arguments if foresight is not None else {})
        or {name: to_json(template) for name, template in step.arguments.items()}
    )
    held = state.state == "planned" and effect == "irreversible" and run.decisions is not None and run.mode == "do"
    return StepReport(
        id=step.id,
        tool=step.tool,
        arguments=arguments,
        state="held" if held else state.state,
        reversible=effect == "read" or (foresight is not None and foresight.undoable and effect != "irreversible"),
        effect=effect,
        why=step.why,
        needs=tuple(sorted(step.all_needs)),
        changes=state.changes or (foresight.preview.changes if foresight is not None else ()),
        provenance=step.provenance,
        note=foresight.preview.note if foresight is not None else "",
        reason=state.reason,
        key=state.key or "",
        result=state.receipt.result if state.receipt is not None else None,
        blocked=state.blocked,
        only_if=_condition(step.guard),
    )


def _condition(guard: Guard | None) -> Json:
    if guard is None:
        return None
    right = {} if guard.right is None else {"right": to_json(guard.right)}
    return {"left": to_json(guard.left), "comparison": guard.comparison, **right}


def _undo_obstacle(run: Run) -> str:
    if run.ended is None:
        return "it has not ended"
    touched = [state for state in run.steps.values() if state.touched]
    if not touched:
        return "there is nothing to take back"
    stay = [f"{state.step.id} ({state.step.tool})" for state in touched if not state.undoable]
    return f"cannot be taken back: {', '.join(stay)}" if stay else ""


def change_json(change: Change) -> Json:
    """Return a change as programs see it."""
    return {
        "resource": change.resource,
        "kind": change.kind,
        "before": change.before,
        "after": change.after,
        "reversible": change.reversible,
        "echoes": list(change.echoes),
    }


def question_json(question: Question) -> Json:
    """Return a question as programs see it."""

    def option(each: Option) -> Json:
        return {"label": each.label, "value": each.value}

    return {"slot": question.slot, "text": question.text, "options": [option(each) for each in question.options]}
