"""Strategies: any event that the record could hold, whatever came before it, also of steps that nobody knows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from doer.domain.action import Change, Effect, Preview, Receipt
from doer.domain.decision import Allow, Ask, Decision, Deny, Grant
from doer.domain.event import (
    Abstained,
    Approved,
    CancelRequested,
    ChangesDiffered,
    Corrected,
    CredentialRenewed,
    Event,
    Foresight,
    ModelAsked,
    OutcomeSettled,
    PlanJudged,
    PlanOutdated,
    PlanPreviewed,
    PlanProposed,
    PlanRejected,
    QuestionAnswered,
    QuestionAsked,
    RedoRequested,
    Refused,
    RunAccepted,
    RunClaimed,
    RunEnded,
    RunRestored,
    SelectionRead,
    Status,
    StepAbsent,
    StepApplied,
    StepBlocked,
    StepFailed,
    StepRefuted,
    StepSkipped,
    StepStarted,
    StepUnconfirmed,
    StepUndone,
    StepUnknown,
    StepUnproven,
    StepVerified,
    TimerFired,
    UndoApproved,
    UndoConflicted,
    UndoFailed,
    UndoForesight,
    UndoPreviewed,
    UndoRefused,
    UndoRequested,
    UndoStarted,
)
from doer.domain.goal import Abstention, Answer, Goal, Question
from doer.domain.plan import Guard, Plan, Step
from doer.domain.run import Run
from doer.domain.template import Literal, Reference, Template
from doer.domain.value import Digest, Key, Principal, RunId, StepId

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
ME = Principal("sam")
IDS = [StepId(name) for name in ("a", "b", "c", "d")]
EFFECTS: tuple[Effect, ...] = ("read", "write", "irreversible")
ENDS: tuple[Status, ...] = ("done", "undone", "partly_undone", "rolled_back", "failed")

ids = st.sampled_from([*IDS, StepId("stranger")])
resources = st.sampled_from(["x", "y", "z"])
words = st.sampled_from(["", "because", "ünïcode"])
moments = st.integers(0, 100).map(lambda seconds: START + timedelta(seconds=seconds))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip
changes = st.builds(Change, resources, values, values, st.booleans())
previews = st.builds(Preview, st.lists(changes, max_size=2).map(tuple))
receipts = st.builds(Receipt, values, st.dictionaries(resources, st.sampled_from(["v1", "v2"]), max_size=2), st.none())


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """A plan whose steps need only earlier ones, in any written order."""
    steps = []
    for place, name in enumerate(IDS[: draw(st.integers(1, 4))]):
        earlier = st.sampled_from(IDS[:place]) if place else st.nothing()
        needs = tuple(sorted(draw(st.sets(earlier, max_size=2)))) if place else ()
        template: Template = Literal(draw(values))
        guard = None
        if place and draw(st.booleans()):
            template = Reference(draw(earlier), draw(st.sampled_from([(), ("id",), ("0",)])))
        if place and draw(st.integers(0, 3)) == 0:
            left = Reference(draw(earlier), ("id",))
            guard = Guard(left, draw(st.sampled_from(["exists", "missing"])))
        steps.append(Step(name, "tool", {"x": template}, needs, guard))
    return Plan(tuple(draw(st.permutations(steps))))


foresights = st.builds(
    Foresight, ids, st.just({}), previews, st.sampled_from(EFFECTS), st.booleans(), st.booleans(), st.booleans()
)
decisions: st.SearchStrategy[Decision] = st.one_of(
    st.just(Allow("rule")), st.builds(Ask, st.just("ask"), st.booleans()), st.just(Deny("no"))
)
policies = st.sampled_from([Digest("p1"), Digest("p2")])
grants = st.just(Grant(Digest(""), Digest(""), Digest(""), Digest(""), "rule"))

EVENTS: dict[type[Event], st.SearchStrategy[Event]] = {
    RunAccepted: st.builds(
        RunAccepted,
        st.just(Goal("do it", ME, START)),
        st.sampled_from(["do", "plan", "look"]),
        st.integers(0, 9),
        st.just(1),
    ),
    RunClaimed: st.builds(RunClaimed, st.integers(0, 9), words),
    SelectionRead: st.builds(SelectionRead, st.just("tool"), st.just({}), values),
    PlanProposed: st.builds(PlanProposed, plans(), st.dictionaries(ids, st.floats(0, 9), max_size=2)),
    PlanRejected: st.builds(PlanRejected, st.just(("wrong",))),
    QuestionAsked: st.just(QuestionAsked(Question("slot", "what?"))),
    QuestionAnswered: st.just(QuestionAnswered(Answer("slot", "that"), ME)),
    Corrected: st.just(Corrected(ME, "Tuesday instead", START)),
    Abstained: st.just(Abstained(Abstention("no"))),
    PlanPreviewed: st.builds(PlanPreviewed, st.lists(foresights, max_size=5).map(tuple)),
    PlanJudged: st.builds(PlanJudged, st.dictionaries(ids, decisions, max_size=5), policies),
    Approved: st.builds(
        Approved,
        st.just(ME),
        st.dictionaries(ids, st.just(Digest("wrong")), max_size=2),
        st.just(()),
        st.none() | moments,
    ),
    Refused: st.builds(Refused, st.just(ME), words),
    CancelRequested: st.just(CancelRequested(ME)),
    StepSkipped: st.builds(StepSkipped, ids, words),
    StepStarted: st.builds(
        StepStarted,
        ids,
        st.just(Key("k")),
        st.integers(0, 1),
        st.just({}),
        st.lists(changes, max_size=2).map(tuple),
        grants,
    ),
    StepApplied: st.builds(StepApplied, ids, receipts),
    StepVerified: st.builds(StepVerified, ids, receipts),
    StepUnconfirmed: st.builds(StepUnconfirmed, ids, words, moments),
    StepUnproven: st.builds(StepUnproven, ids, words),
    StepRefuted: st.builds(StepRefuted, ids, words, st.none() | receipts),
    StepFailed: st.builds(StepFailed, ids, words, st.booleans(), moments),
    StepUnknown: st.builds(StepUnknown, ids, words, moments),
    StepAbsent: st.builds(StepAbsent, ids, words),
    OutcomeSettled: st.builds(OutcomeSettled, ids, st.sampled_from(["done", "not_done", "abandon"]), st.just(ME)),
    ChangesDiffered: st.builds(ChangesDiffered, ids, foresights, decisions, words),
    ModelAsked: st.builds(ModelAsked, words, st.integers(0, 9), st.integers(0, 9), st.just("0"), words, words),
    PlanOutdated: st.builds(PlanOutdated, words),
    StepBlocked: st.builds(StepBlocked, ids, words),
    CredentialRenewed: st.just(CredentialRenewed(ME)),
    RunRestored: st.builds(RunRestored, st.just(ME), moments),
    TimerFired: st.builds(TimerFired, moments),
    UndoRequested: st.just(UndoRequested(ME)),
    UndoPreviewed: st.builds(
        UndoPreviewed,
        st.lists(st.builds(UndoForesight, ids, st.lists(changes, max_size=1).map(tuple), words), max_size=2).map(tuple),
    ),
    UndoApproved: st.just(UndoApproved(ME, Run(RunId("r")).undo_binding)),
    UndoRefused: st.just(UndoRefused(ME)),
    UndoStarted: st.builds(UndoStarted, ids),
    StepUndone: st.builds(StepUndone, ids, st.dictionaries(resources, st.just("v9"), max_size=2)),
    UndoConflicted: st.builds(UndoConflicted, ids, words, st.booleans()),
    UndoFailed: st.builds(UndoFailed, ids, words, st.booleans(), moments),
    RedoRequested: st.just(RedoRequested(ME)),
    RunEnded: st.builds(RunEnded, st.sampled_from(ENDS), words),
}

events = st.one_of(list(EVENTS.values()))
BEGINNING: tuple[type[Event], ...] = (RunAccepted, PlanProposed, PlanPreviewed, PlanJudged)
"""A run that comes this far has steps, so that what follows means something."""


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Any events in any order, more often than not after a plan that was previewed and judged."""
    beginning = [draw(EVENTS[kind]) for kind in BEGINNING[: draw(st.sampled_from([0, 1, 2, 4, 4, 4]))]]
    return [*beginning, *draw(st.lists(events, max_size=8))]


@st.composite
def begun_histories(draw: st.DrawFn, kinds: Sequence[type[Event]]) -> list[Event]:
    """A plan that was previewed and judged, and then events of these kinds only."""
    beginning = [draw(EVENTS[kind]) for kind in BEGINNING]
    return [*beginning, *draw(st.lists(st.one_of([EVENTS[kind] for kind in kinds]), max_size=12))]
