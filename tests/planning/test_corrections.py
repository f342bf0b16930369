"""Corrections: what a person says of a plan that waits becomes a new plan from the same goal; approvals of the old are void."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from examples.note import note_tool
from tests.planning.many import propose_many
from tests.planning.world import WEDNESDAY

from doer import Doer
from doer.domain.errors import NotNow
from doer.domain.event import Corrected
from doer.domain.goal import CORRECTION, Abstention, Answer, Question
from doer.domain.plan import Plan, Step
from doer.domain.ports import Proposal
from doer.domain.template import Literal, Reference, to_json
from doer.domain.value import StepId
from doer.planning.compound.draft import Draft, trimmed
from doer.planning.compound.saying import corrects
from doer.planning.stop import Stop


def said(text: str, days: int = 0) -> Answer:
    return Answer(CORRECTION, text, (WEDNESDAY + timedelta(days=days)).isoformat())


def told(plan: Proposal, step: int = 0) -> Mapping[str, object]:
    assert isinstance(plan, Plan), plan
    return {name: to_json(each) for name, each in plan.steps[step].arguments.items()}


EVENT = "add an event called Standup at Monday 3pm"
MAIL = "email ana@acme.example about Lunch: see you"
MAILS = "email ana@acme.example and bob@acme.example about Lunch: see you"
CHANGED: list[tuple[str, list[str], dict[str, object]]] = [
    (EVENT, ["Tuesday instead"], {"start": "2026-03-03T15:00:00+01:00", "title": "Standup"}),
    (EVENT, ["make it Tuesday"], {"start": "2026-03-03T15:00:00+01:00"}),
    (EVENT, ["at 4 pm, not 3"], {"start": "2026-03-02T16:00:00+01:00"}),
    (EVENT, ["make it 4 pm", "Tuesday instead"], {"start": "2026-03-03T16:00:00+01:00"}),
    (EVENT, ["the title should be Retro"], {"title": "Retro", "start": "2026-03-02T15:00:00+01:00"}),
    (MAIL, ["no, to bob@acme.example"], {"to": ["bob@acme.example"], "subject": "Lunch", "body": "see you"}),
    (MAIL, ["subject: Dinner"], {"to": ["ana@acme.example"], "subject": "Dinner"}),
    ("rename a.txt to b.txt", ["to c.txt instead"], {"source": "a.txt", "target": "c.txt"}),
    ("rename a.txt to b.txt", ["d.txt, not a.txt"], {"source": "d.txt", "target": "b.txt"}),
    ("set ticket 12 to closed", ["make it waiting"], {"ticket": "12", "status": "waiting"}),
    ("set ticket 12 to closed", ["no, ticket 13"], {"ticket": "13", "status": "closed"}),
    ("disable Ana Ferreira", ["no, Bob Lee"], {"user": "Bob Lee"}),
    (MAIL, ["also to bob@acme.example"], {"to": ["ana@acme.example", "bob@acme.example"], "subject": "Lunch"}),
    (MAIL, ["add bob@acme.example", "cem@acme.example too"],
     {"to": ["ana@acme.example", "bob@acme.example", "cem@acme.example"]}),
    (MAILS, ["without bob@acme.example"], {"to": ["ana@acme.example"]}),
    (MAILS, ["leave out ana@acme.example"], {"to": ["bob@acme.example"]}),
    (MAILS, ["cem@acme.example instead of bob@acme.example"], {"to": ["ana@acme.example", "cem@acme.example"]}),
]  # fmt: skip


@pytest.mark.parametrize(("words", "corrections", "expected"), CHANGED, ids=[f"{w} | {c}" for w, c, _ in CHANGED])
async def test_a_correction_replaces_what_it_is_about_and_nothing_else(
    words: str, corrections: list[str], expected: dict[str, object]
) -> None:
    arguments = told(await propose_many(words, *map(said, corrections)))

    assert arguments == {**arguments, **expected}


async def test_the_provenance_of_a_corrected_value_is_the_correction_and_that_of_others_their_words() -> None:
    plan = await propose_many(EVENT, said("Tuesday instead"))

    assert isinstance(plan, Plan)
    start, title = plan.steps[0].provenance["start"], plan.steps[0].provenance["title"]
    assert (start.source, start.text) == ("answer", "Tuesday instead")
    assert EVENT[title.start : title.end] == "Standup"


async def test_words_of_a_correction_are_read_as_of_when_they_were_said() -> None:
    plan = await propose_many(EVENT, said("make it tomorrow", days=9))

    assert told(plan)["start"] == "2026-03-07T15:00:00+01:00"


async def test_what_takes_one_takes_no_second() -> None:
    question = await propose_many("disable Ana Ferreira", said("also Bob Lee"))
    kept = await propose_many(
        "disable Ana Ferreira", said("also Bob Lee"), Answer("correction.1", "leave it", "ignore")
    )

    assert isinstance(question, Question)
    assert "only one of that kind" in question.text
    assert told(kept) == {"user": "Ana Ferreira"}


ASKED = [
    ("rename a.txt to b.txt", "c.txt instead", ["a.txt", "b.txt"]),
    ("remind me tomorrow at 9am to call Ana", "next Friday", ["6 March", "27 February"]),
    (EVENT, "blue", ["as it was"]),
    (MAIL, "without the carrots", ["as it was"]),
    (MAIL, "without the mail", ["as it was"]),
]


@pytest.mark.parametrize(("words", "correction", "offered"), ASKED)
async def test_a_correction_that_could_mean_several_things_or_none_is_asked_about(
    words: str, correction: str, offered: list[str]
) -> None:
    question = await propose_many(words, said(correction))

    assert isinstance(question, Question)
    assert question.slot == "correction.1"
    assert all(any(each in option.label for option in question.options) for each in offered)


async def test_the_answer_to_what_a_correction_means_is_taken() -> None:
    asked = await propose_many("rename a.txt to b.txt", said("c.txt instead"))
    assert isinstance(asked, Question)
    target = asked.options[1]

    plan = await propose_many(
        "rename a.txt to b.txt", said("c.txt instead"), Answer("correction.1", target.label, target.value)
    )

    assert told(plan) == {"source": "a.txt", "target": "c.txt"}


async def test_a_correction_can_be_dropped_and_everything_can_be() -> None:
    kept = await propose_many(EVENT, said("blue"), Answer("correction.1", "leave it as it was", "ignore"))
    nothing = await propose_many(EVENT, said("blue"), Answer("correction.1", "do nothing", "nothing"))

    assert told(kept)["title"] == "Standup"
    assert isinstance(nothing, Abstention)


@pytest.mark.parametrize("correction", ["without the mail", "no mail please", "skip the email"])
async def test_a_clause_can_be_left_out(correction: str) -> None:
    plan = await propose_many(f"delete a.txt and {MAIL}", said(correction))

    assert isinstance(plan, Plan)
    assert [step.tool for step in plan.steps] == ["files.delete"]


@pytest.mark.parametrize(
    ("words", "plainly"),
    [("Tuesday instead", True), ("make it Tuesday", True), ("no, to bob@acme.example", True), ("without the mail", True),
     ("Tuesday", False), ("no", False), ("no thanks", False), ("Dear Ana, not now", False)],
)  # fmt: skip
def test_an_answer_is_told_from_a_correction(words: str, *, plainly: bool) -> None:
    assert corrects(words) is plainly


NOTE = "leave Ana a note that the demo moved to 3pm"


async def test_a_run_that_waits_is_corrected_and_its_approval_is_of_the_new_plan(tmp_path: Path) -> None:
    async with Doer(tools=[note_tool(tmp_path / "notes.db")], folder=tmp_path) as app:
        waiting = await app.do(NOTE)
        corrected = await app.answer(waiting.id, "the recipient should be Bob")
        with pytest.raises(NotNow, match="has moved on"):
            await app.approve(waiting.id, seen=waiting.seq)
        done = await app.approve(waiting.id, seen=corrected.seq)
        events = [each.event for each in await app.history(waiting.id)]

    assert (waiting.status, corrected.status, done.status) == ("waiting", "waiting", "done")
    assert waiting.steps[0].arguments["recipient"] == "Ana"
    assert done.steps[0].arguments["recipient"] == "Bob"
    assert [each.text for each in events if isinstance(each, Corrected)] == ["the recipient should be Bob"]


async def test_what_was_done_is_not_corrected(tmp_path: Path) -> None:
    async with Doer(tools=[note_tool(tmp_path / "notes.db")], folder=tmp_path) as app:
        done = await app.do(NOTE, approve=lambda _: True)

        with pytest.raises(NotNow, match="has ended"):
            await app.correct(done.id, "the recipient should be Bob")


LOOP = tuple(
    Step(StepId(f"add_{number}"), "directory.add", {"user": Literal(name)})
    for number, name in enumerate(("ana", "bob", "cem"), 1)
)


def test_only_the_first_rows_of_a_loop_are_kept() -> None:
    kept = trimmed((*LOOP, Step(StepId("tell"), "mail.send", needs=(StepId("add_3"),))), Draft("x", first=(1, 2)))

    assert [step.id for step in kept] == ["add_1", "add_2", "tell"]
    assert kept[-1].needs == ()


def test_a_row_is_left_out_by_its_number() -> None:
    rows = tuple(
        Step(StepId(f"close_ticket_{place}"), "crm.close_ticket", {"key": Literal({"id": number})})
        for place, number in enumerate((12, 13), 1)
    )

    assert [step.id for step in trimmed(rows, Draft("x", without=((1, "ticket 13"),)))] == ["close_ticket_1"]


def test_a_row_is_left_out_by_its_value_and_not_where_another_step_is_made_of_it() -> None:
    made_of = Step(StepId("note"), "notes.add", {"text": Reference("add_2", ("id",))})

    assert [step.id for step in trimmed(LOOP, Draft("x", without=((1, "bob"),)))] == ["add_1", "add_3"]
    with pytest.raises(Stop, match="note needs it"):
        trimmed((*LOOP, made_of), Draft("x", without=((1, "bob"),)))
