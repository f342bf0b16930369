"""Events for the tests: any event there can be (drawn from the type hints), and one fixed example of every type."""

import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, NewType

from hypothesis import strategies as st

from doer.domain import event as events
from doer.domain.action import Change, Preview, Receipt
from doer.domain.decision import Allow, Ask, Deny, Grant
from doer.domain.goal import Abstention, Answer, Goal, Option, Question
from doer.domain.plan import Candidate, Guard, Plan, Step
from doer.domain.template import Fields, Items, Literal, Reference, Slot, Transform
from doer.domain.value import Digest, Key, Principal, Provenance, RunId, StepId
from doer.testing.clock import START

EVENT_TYPES: tuple[type, ...] = typing.get_args(events.Event)
D = Digest("sha256:" + "0123456789abcdef" * 4)
ME = Principal("sam@acme.example")
S1, S2 = StepId("s1"), StepId("s2")


class AnyJson:
    """Stands for the recursive alias `Json` while hints are read."""


TEXT = st.text(max_size=8)  # with lone surrogates, control characters and all scripts
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
TIMES = st.datetimes(
    min_value=datetime(1990, 1, 1),  # noqa: DTZ001 - the zone is drawn beside it
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45))]),
)


def drawn_from(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a type hint of the domain."""
    if isinstance(hint, NewType):
        return drawn_from(hint.__supertype__)
    simple = {AnyJson: JSON, str: TEXT, int: st.integers(), bool: st.booleans(), datetime: TIMES, Key: TEXT.map(Key)}
    if hint in simple:
        return simple[hint]
    if hint is float:
        return st.floats(allow_nan=False, allow_infinity=False)
    if hint is types.NoneType:
        return st.none()
    if is_dataclass(hint):
        return instances(typing.cast("type", hint))
    return generic(typing.get_origin(hint), typing.get_args(hint))


def generic(origin: Any, arguments: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    if origin is typing.Literal:
        return st.sampled_from(arguments)
    if origin is tuple:
        return st.lists(drawn_from(arguments[0]), max_size=2).map(tuple)
    if origin is frozenset:
        return st.frozensets(drawn_from(arguments[0]))
    if origin is Mapping:
        return st.dictionaries(TEXT, drawn_from(arguments[1]), max_size=2)
    assert origin in (types.UnionType, typing.Union)
    # Leaves first, so that templates of templates come to an end.
    return st.one_of(*(st.deferred(lambda each=each: drawn_from(each)) for each in arguments))  # type: ignore[misc]


def instances(cls: type) -> st.SearchStrategy[Any]:
    if cls is Goal:
        words = TEXT.filter(str.strip)
        return st.builds(
            Goal, words, TEXT.map(Principal), TIMES, st.just("Europe/Berlin"), TEXT, st.lists(TEXT).map(tuple)
        )
    hints = typing.get_type_hints(cls, localns={"Json": AnyJson, "JsonObject": Mapping[str, AnyJson]})
    return st.builds(cls, **{each.name: drawn_from(hints[each.name]) for each in fields(cls)})


def story() -> list[events.Event]:
    """One of every event, each field with something in it. Not a run that makes sense: a record that must be readable."""
    made = Change("file:notes/ada.txt", None, {"text": "Grüße, Ada"}, version="v0", echoes=("one person is notified",))
    sent = Change("mail:ada@acme.example", None, {"subject": "Welcome"}, reversible=False)
    receipt = Receipt({"id": "42"}, {made.resource: "v1"}, {"before": None})
    preview = Preview((made, sent), "irreversible", {"id": None}, foreseeable=True, note="compared just before")
    template = Fields(
        {"a": Items((Literal(1.5), Reference("s1", ("id",)))), "b": Transform("slug", (Slot("name", ("x",)),))}
    )
    step = Step(S1, "files.write", {"path": Literal("notes/ada.txt"), "body": template}, (S2,), why="she asked")
    guarded = Step(S2, "mail.send", guard=Guard(Reference("s1"), "in", Literal([1, 2])), provenance={"to": Provenance("words", "Ada", 3, 6)})  # fmt: skip
    plan = Plan((step, guarded), "Greet Ada", "skill:greet", 0.9, {"files.write": D}, (Candidate("other", 0.1, 0.2),))
    foresight = events.Foresight(
        S1, {"path": "notes/ada.txt"}, preview, "write", once=True, undoable=True, complete=False
    )
    goal = Goal("Greet Ada Lovelace", ME, START, "Europe/Berlin", "de", ("Hello", "Hi"))
    return [
        events.RunAccepted(goal, "plan", 7, 1),
        events.RunClaimed(1, "host:123"),
        events.SelectionRead("files.list", {"folder": "notes"}, [{"name": "ada.txt"}]),
        events.ModelAsked("openai:small", 812, 40, "0.0004", "Tools: … Request: Greet Ada", {"answer": "nothing"}),
        events.PlanOutdated("files.write has changed"),
        events.PlanProposed(plan, {S1: 0.25}),
        events.PlanRejected(("step s9 is unknown",)),
        events.QuestionAsked(Question("who", "Which Ada?", (Option("Ada Lovelace", {"id": 1}),))),
        events.QuestionAnswered(Answer("who", "the first", {"id": 1}), ME),
        events.Corrected(ME, "Tuesday instead", START),
        events.Abstained(Abstention("nothing here can fly", ("files.move",), "a plane")),
        events.PlanPreviewed((foresight,)),
        events.PlanJudged({S1: Allow("reads run"), S2: Ask("writes ask", by_name=True), StepId("s3"): Deny("never")}, D),
        events.Approved(ME, {S1: D, S2: D}, (S2,), START + timedelta(hours=1)),
        events.Refused(ME, "not today"),
        events.CancelRequested(ME),
        events.StepSkipped(S2, "its guard was false"),
        events.StepStarted(S1, Key("ab" * 20), 0, {"path": "notes/ada.txt"}, (made,), Grant(D, D, D, D, ME, START)),
        events.StepApplied(S1, receipt),
        events.StepVerified(S1, receipt, "the file has the bytes"),
        events.StepUnconfirmed(S1, "not there yet", START),
        events.StepUnproven(S2, "no mailbox to look in"),
        events.StepRefuted(S1, "half of it", receipt),
        events.StepFailed(S1, "connection refused", True, START),
        events.StepUnknown(S1, "time-out", START),
        events.StepAbsent(S1, "no such file"),
        events.OutcomeSettled(S1, "not_done", ME),
        events.ChangesDiffered(S1, foresight, Ask("it differs"), "somebody was there"),
        events.StepBlocked(S1, "401: the token has expired"),
        events.CredentialRenewed(ME),
        events.RunRestored(ME, START),
        events.TimerFired(START),
        events.UndoRequested(ME),
        events.UndoPreviewed((events.UndoForesight(S1, (made,), "it was changed since"),)),
        events.UndoApproved(ME, D),
        events.UndoRefused(ME),
        events.UndoStarted(S1),
        events.StepUndone(S1, {made.resource: "v2"}, "the file is gone"),
        events.UndoConflicted(S1, "edited by Grace", partial=True),
        events.UndoFailed(S1, "time-out", True, START),
        events.RedoRequested(ME),
        events.RunEnded("partly_undone", "Grace edited it"),
    ]  # fmt: skip


def accepted(words: str = "Greet Ada Lovelace") -> events.RunAccepted:
    return events.RunAccepted(Goal(words, ME, START), "do", 1, 1)


def failed(number: int) -> events.StepFailed:
    """Some event with a payload of its own."""
    return events.StepFailed(S1, f"failure {number} at ada@acme.example", True, START)


def ended() -> events.RunEnded:
    return events.RunEnded("done")


RUN = RunId("run1")
