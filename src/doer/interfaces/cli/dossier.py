"""The dossier of a run, for somebody who must answer for it: a reading of its record, section by section."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from doer.domain.decision import Allow, Ask, Decision, Deny
from doer.domain.event import (
    Abstained,
    Approved,
    CancelRequested,
    ChangesDiffered,
    Corrected,
    CredentialRenewed,
    Event,
    ModelAsked,
    OutcomeSettled,
    PlanJudged,
    PlanOutdated,
    PlanProposed,
    PlanRejected,
    QuestionAnswered,
    QuestionAsked,
    Recorded,
    RedoRequested,
    Refused,
    RunAccepted,
    RunClaimed,
    RunEnded,
    RunRestored,
    SelectionRead,
    StepAbsent,
    StepApplied,
    StepBlocked,
    StepFailed,
    StepRefuted,
    StepSkipped,
    StepStarted,
    StepUnconfirmed,
    StepUnknown,
    StepUnproven,
    UndoApproved,
    UndoConflicted,
    UndoFailed,
    UndoRefused,
    UndoRequested,
    UndoStarted,
)  # fmt: skip
from doer.interfaces.cli.account import left_in_the_world
from doer.interfaces.cli.dossier_deeds import changes, cut, moment, of_step, shown_json, undoing
from doer.interfaces.cli.dossier_form import Section
from doer.interfaces.cli.look import mark_of_status
from doer.interfaces.cli.telling import tell
from doer.journal.rows import Stored
from doer.observation.report import RunReport

_WORDS = (
    RunAccepted, QuestionAsked, QuestionAnswered, Corrected, PlanProposed, Refused, CancelRequested, OutcomeSettled,
    CredentialRenewed, RunRestored, UndoRequested, UndoApproved, UndoRefused, RedoRequested,
)  # fmt: skip
_CROOKED = (
    PlanOutdated, PlanRejected, Abstained, ChangesDiffered, StepBlocked, StepFailed, StepUnknown, StepAbsent, StepUnconfirmed,
    StepUnproven, StepRefuted, StepSkipped, UndoConflicted, UndoFailed, RunRestored,
)  # fmt: skip


def dossier(
    shown: RunReport, records: Sequence[Recorded], rows: Sequence[Stored], proof: Mapping[str, str]
) -> list[Section]:
    """Return the dossier's sections; `rows` are the stored events, `proof` what the check of the journal found."""
    chain = {"events": str(len(records)), "last digest of the run's chain": rows[-1].hash.hex() if rows else ""}
    return [
        _title(shown, records, proof),
        _decisions(records),
        *changes(shown, records),
        undoing(shown),
        _reads(records),
        _models(records),
        _crooked(records),
        *(of_step(step, records) for step in shown.steps),
        Section("The record", {**chain, **proof}, prose=_OF_THE_RECORD),
        Section(
            "Every event", columns=("seq", "time (UTC)", "event", "step", "what", "digest"),
            rows=[_event(record, row) for record, row in zip(records, rows, strict=True)],
        ),
    ]  # fmt: skip


_OF_THE_RECORD: Final = (
    "Every event is hashed with the one before it, and the heads are signed. A receipt that was kept elsewhere shows that "
    "nothing was cut off or rewritten since. Credentials never enter the record: connectors ask for them when they are used."
)


def _title(shown: RunReport, records: Sequence[Recorded], proof: Mapping[str, str]) -> Section:
    facts = {"asked": shown.goal, "by": shown.by}
    approved: dict[str, None] = {}
    for record in records:
        match record.event:
            case RunAccepted(goal, _, _, decider):
                said = goal.said_at.astimezone(ZoneInfo(goal.zone))
                facts |= {
                    "said at": f"{said.isoformat(timespec='seconds')} ({goal.zone})",
                    "decider version": str(decider),
                }
            case PlanProposed(plan, _):
                facts |= {"planned by": plan.proposer, "plan digest": plan.digest}
            case PlanJudged(_, policy):
                facts["policy digest"] = policy
            case Approved(by, _, named, _):
                also = f", by name: {', '.join(named)}" if named else ""
                approved[f"{by}, {moment(record.at)}{also}"] = None
            case RunEnded(status, _):
                facts["ended"] = f"{moment(record.at)}: {status.replace('_', ' ')}"
            case _:
                pass
    lasting = ", ".join(f"{step.id} ({step.tool})" for step in shown.irreversible)
    facts |= {
        "status": mark_of_status(shown.status).words + (f": {shown.reason}" if shown.reason else ""),
        "approved by": "; ".join(approved) or "nobody",
        "in effect": left_in_the_world(shown),
        "cannot be taken back": lasting or "nothing",
        "check of the journal": proof.get("check of the journal", ""),
    }
    order = (
        "asked",
        "by",
        "said at",
        "status",
        "in effect",
        "approved by",
        "cannot be taken back",
        "check of the journal",
    )
    told = {name: facts[name] for name in (*order, *(each for each in facts if each not in order)) if facts.get(name)}
    return Section(f"Account of run {shown.id}", told)


def _decisions(records: Sequence[Recorded]) -> Section:
    told: list[tuple[str, str, str]] = []
    for record in records:
        at = moment(record.at)
        match record.event:
            case PlanJudged(decisions, policy):
                told += [
                    (at, f"policy {policy[:23]}…", f"{step}: {_decision(each)}") for step, each in decisions.items()
                ]
            case ChangesDiffered(step, _, decision, _):
                told.append((at, "policy", f"{step}, as it had changed: {_decision(decision)}"))
            case Approved(by, bindings, named, expires_at):
                for step, binding in bindings.items():
                    by_name = " by name" if step in named else ""
                    until = f", until {moment(expires_at)}" if expires_at is not None else ""
                    told.append((at, by, f"approved {step}{by_name}, as shown under {binding[:23]}…{until}"))
            case event if isinstance(event, _WORDS):
                telling = tell(event)
                who = str(getattr(event, "by", "doer"))
                who = event.goal.by if isinstance(event, RunAccepted) else who
                told.append((at, who, f"{telling.step}: {telling.words}" if telling.step else telling.words))
            case _:
                pass
    return Section("Who asked, decided and approved", columns=("time (UTC)", "who", "what"), rows=told)


def _decision(decision: Decision) -> str:
    match decision:
        case Allow(reason):
            return f"allowed: {reason}"
        case Ask(reason, by_name):
            return f"asks a person{' by name' if by_name else ''}: {reason}"
        case Deny(reason):
            return f"denied: {reason}"


def _reads(records: Sequence[Recorded]) -> Section:
    rows = [
        (moment(record.at), record.event.tool, shown_json(record.event.arguments), shown_json(record.event.result))
        for record in records
        if isinstance(record.event, SelectionRead)
    ]
    prose = "" if rows else "Nothing was read while planning."
    return Section("What was read while planning", {}, ("time (UTC)", "tool", "arguments", "result"), rows, prose)


def _models(records: Sequence[Recorded]) -> Section:
    asked = [(record.at, record.event) for record in records if isinstance(record.event, ModelAsked)]
    rows = [
        (moment(at), each.model, f"{each.tokens_in:,} in, {each.tokens_out:,} out", f"{each.cost} USD", cut(each.prompt), shown_json(each.answer))
        for at, each in asked
    ]  # fmt: skip
    prose = "" if rows else "No language model was asked."
    columns = ("time (UTC)", "model", "tokens", "cost", "it was sent", "it answered")
    return Section("Models that were asked", {}, columns, rows, prose)


def _crooked(records: Sequence[Recorded]) -> Section:
    rows: list[Sequence[str]] = []
    before: Event | None = None
    for record in records:
        event, last = record.event, before
        before = event
        if isinstance(event, RunClaimed) and isinstance(last, StepStarted | StepApplied | UndoStarted):
            rows.append((moment(record.at), "", f"interrupted in the midst of it, and {tell(event).words}"))
        elif isinstance(event, _CROOKED):
            telling = tell(event)
            rows.append((moment(record.at), telling.step, telling.words))
    prose = "" if rows else "Nothing: no failure, no doubt, no conflict, no interruption."
    return Section("What did not go straight", {}, ("time (UTC)", "step", "what"), rows, prose)


def _event(record: Recorded, row: Stored) -> Sequence[str]:
    telling = tell(record.event)
    name = type(record.event).__name__
    return (str(record.seq), record.at.isoformat(), name, telling.step, telling.words, row.hash.hex())
