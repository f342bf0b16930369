"""A run's story so far, read from its events: what the views show, also of a run that another process drives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from doer.domain.event import (
    Approved,
    CancelRequested,
    Corrected,
    OutcomeSettled,
    QuestionAnswered,
    Recorded,
    RedoRequested,
    Refused,
    RunAccepted,
    StepFailed,
    StepRefuted,
    StepSkipped,
    StepStarted,
    StepUndone,
    StepUnproven,
    StepVerified,
    UndoApproved,
    UndoConflicted,
    UndoRefused,
    UndoRequested,
    UndoStarted,
)  # fmt: skip
from doer.domain.fold import fold
from doer.domain.run import Run
from doer.domain.value import RunId, StepId
from doer.execution.decide import rest, status
from doer.observation.report import RunReport, report

_WORDS = (
    RunAccepted, Approved, Refused, CancelRequested, QuestionAnswered, Corrected, OutcomeSettled, UndoRequested, UndoApproved, UndoRefused,
    RedoRequested,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Story:
    """What is known of a run, and what its views need beside that."""

    run: Run
    began: datetime | None = None
    latest: datetime | None = None
    said: datetime | None = None
    """When a person last had a word: what came before was waiting, not work."""
    evidence: Mapping[StepId, str] = field(default_factory=dict)
    """Step -> what was read that proved it, or its undo."""
    started: Mapping[StepId, datetime] = field(default_factory=dict)
    """Step -> when it was last started, or begun to be taken back."""
    seconds: Mapping[StepId, float] = field(default_factory=dict)
    """Step -> seconds from its latest start to what came of it."""

    @classmethod
    def of(cls, run_id: RunId, records: Sequence[Recorded]) -> Story:
        """Return the story that these events tell."""
        return cls(Run(run_id)).then(records)

    def then(self, records: Sequence[Recorded]) -> Story:
        """Return the story with these events after it."""
        if not records:
            return self
        evidence, started, seconds = dict(self.evidence), dict(self.started), dict(self.seconds)
        for record in records:
            _note(record, evidence, started, seconds)
        return Story(
            run=fold(self.run.id, records, self.run),
            began=self.began or records[0].at,
            latest=records[-1].at,
            said=next((each.at for each in reversed(records) if isinstance(each.event, _WORDS)), self.said),
            evidence=evidence,
            started=started,
            seconds=seconds,
        )

    @property
    def report(self) -> RunReport:
        """The run as people see it."""
        resting = rest(self.run)
        reason = resting.reason if resting is not None else self.run.reason
        shown = report(self.run, status(self.run), reason, until=None if resting is None else resting.until)
        if self.began is None or self.latest is None:
            return shown
        return replace(shown, seconds=(self.latest - self.began).total_seconds())

    @property
    def worked(self) -> float:
        """Seconds of work since a person last had a word."""
        return (self.latest - self.said).total_seconds() if self.latest is not None and self.said is not None else 0.0

    @property
    def rests(self) -> bool:
        """Whether it ended, or waits for a person."""
        return (self.run.ended is not None and not self.run.undo) or rest(self.run) is not None


def _note(
    record: Recorded, evidence: dict[StepId, str], started: dict[StepId, datetime], seconds: dict[StepId, float]
) -> None:
    match record.event:
        case StepStarted(step=step) | UndoStarted(step=step):
            started[step] = record.at
        case StepVerified(step, _, told) | StepUndone(step, _, told):
            evidence[step] = told
        case RedoRequested():
            evidence.clear()
        case _:
            pass
    match record.event:
        case (
            StepVerified(step=step) | StepUndone(step=step) | StepRefuted(step=step) | StepUnproven(step=step)
            | StepFailed(step=step) | StepSkipped(step=step) | UndoConflicted(step=step) | OutcomeSettled(step=step)
        ) if step in started:  # fmt: skip
            seconds[step] = (record.at - started[step]).total_seconds()
        case _:
            pass
