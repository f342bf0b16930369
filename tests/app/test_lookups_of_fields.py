"""Fields of rows that get a value, states and parts of a day: every word of the sentence is accounted for, or nothing is changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import pytest

from doer import Abstention, Doer, Plan, Question, tool
from doer.domain.template import to_json
from doer.testing import EagerClock, MemoryJournal
from doer.testing.scorer import ScriptedScorer

SAID_AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday
Wanted = Mapping[str, Mapping[str, str | Sequence[str]]]
ERRANDS = [
    {"errand_id": "e1", "title": "Wax the floor", "owner": "ivo.lang@pine.example", "state": "waiting", "due": "2026-11-20"},
    {"errand_id": "e2", "title": "Oil the gate", "owner": "ivo.lang@pine.example", "state": "ended", "due": "2026-11-19"},
    {"errand_id": "e3", "title": "Paint the gate", "owner": "ivo.lang@pine.example", "state": "waiting", "due": "2026-12-04"},
    {"errand_id": "e4", "title": "Sweep the roof", "owner": "tess@pine.example", "state": "waiting", "due": "2026-11-27"},
]  # fmt: skip
LESSONS = [
    {"lesson_id": "l1", "topic": "Scales", "pupil": "Ivo Lang", "starts": "2026-11-23T08:00:00"},
    {"lesson_id": "l2", "topic": "Chords", "pupil": "Ivo Lang", "starts": "2026-11-23T14:00:00"},
    {"lesson_id": "l3", "topic": "Scales", "pupil": "Tess Moor", "starts": "2026-11-24T15:00:00"},
    {"lesson_id": "l4", "topic": "Chords", "pupil": "Tess Moor", "starts": "2026-11-27T09:00:00"},
    {"lesson_id": "l5", "topic": "Rhythm", "pupil": "Ivo Lang", "starts": "2026-11-27T16:00:00"},
]
PEOPLE = [("Ivo Lang", "ivo.lang@pine.example"), ("Tess Moor", "tess@pine.example"), ("Tess Hill", "hill@pine.example")]
NOTES = [{"note_id": "n1", "writer": "Ivo Lang", "about": "The stove", "came": "2026-11-20T09:00:00"}]


def tools() -> tuple[Any, ...]:
    @tool(effect="read")
    def list_errands() -> Any:
        """List the errands of the house."""
        return ERRANDS

    @tool(effect="write")
    def alter_errand(errand_id: str, column: Literal["title", "owner", "state", "due"], content: str) -> None:
        """Alter one column of an errand.

        Args:
            errand_id: Id of the errand.
            column: The column.
            content: What it is now: for owner an e-mail address, for state waiting, ongoing or ended, for due a day as YYYY-MM-DD.
        """

    @tool(effect="read")
    def list_lessons() -> Any:
        """List the lessons."""
        return LESSONS

    @tool(effect="write")
    def change_lesson(
        lesson_id: str, topic: str | None = None, starts: datetime | None = None, minutes: int | None = None
    ) -> None:
        """Change a lesson."""

    @tool(effect="write")
    def drop_lesson(lesson_id: str) -> None:
        """Drop a lesson."""

    @tool(effect="read")
    def look_into_postbox() -> Any:
        """List the letters in the postbox."""
        return NOTES

    @tool(effect="write")
    def burn_note(note_id: str) -> None:
        """Burn a letter.

        Args:
            note_id: Id of the letter.
        """

    @tool(effect="read")
    def phone_book(name: str) -> str:
        """The e-mail address of a person."""
        return ", ".join(address for known, address in PEOPLE if name.lower() in known.lower())

    return (
        list_errands, alter_errand, list_lessons, change_lesson, drop_lesson, look_into_postbox, burn_note, phone_book
    )  # fmt: skip


def doer(wanted: Wanted, sure: float = 0.99) -> Doer:
    clock = EagerClock(SAID_AT)
    scorer = ScriptedScorer(wanted, sure=sure)
    return Doer(tools=tools(), action_model=scorer, journal=MemoryJournal(clock), clock=clock, me="sam")


def calls(plan: object) -> list[dict[str, Any]]:
    assert isinstance(plan, Plan), plan
    return [{name: to_json(each) for name, each in step.arguments.items()} for step in plan.steps]


@pytest.mark.parametrize(
    ("said", "ids", "column", "content"),
    [
        ("Mark 'Wax the floor' as ended", ["e1"], "state", "ended"),
        ("Set the state of the roof errand to ongoing", ["e4"], "state", "ongoing"),
        ("Set all overdue errands of Ivo to ongoing", ["e1"], "state", "ongoing"),
        ("Postpone the roof errand to 11 December 2026", ["e4"], "due", "2026-12-11"),
        ("Give all of Ivo's open errands to Tess Moor", ["e1", "e3"], "owner", "tess@pine.example"),
    ],
)
async def test_a_field_gets_the_value_that_is_described_for_it(
    said: str, ids: list[str], column: str, content: str
) -> None:
    made = calls(await doer({}).plan(said))  # no network proposes anything
    assert [each["errand_id"] for each in made] == ids
    assert {(each["column"], each["content"]) for each in made} == {(column, content)}


@pytest.mark.parametrize(
    "said",
    [
        "Mark 'Wax the ceiling' as ended",
        "Mark 'Wax the floor' as splendid",
        "Mark the purple roof errand as ended",
        "Mark 'Wax the floor' as ended?",
        "Admire the roof errand to ended",
        "Mark the gate errands of Ivo and the roof one as ended",
    ],
)
async def test_where_a_word_or_the_value_is_not_accounted_for_nothing_is_planned(said: str) -> None:
    assert not isinstance(await doer({}).plan(said), Plan)


async def test_rows_and_people_that_cannot_be_told_apart_are_asked_about() -> None:
    gate = await doer({}).plan("Mark the gate errand as ended")
    assert isinstance(gate, Question)
    assert [each.value for each in gate.options] == ["e2", "e3"]
    tess = await doer({}).plan("Give 'Wax the floor' to Tess")
    assert isinstance(tess, Question)
    assert [each.value for each in tess.options] == ["tess@pine.example", "hill@pine.example"]


async def test_the_address_that_was_chosen_is_the_value() -> None:
    app = doer({})
    run = await app.do("Give 'Wax the floor' to Tess")
    answered = await app.answer(run.id, "2")
    assert [each.arguments for each in answered.steps] == [
        {"errand_id": "e1", "column": "owner", "content": "hill@pine.example"}
    ]


@pytest.mark.parametrize(
    ("said", "made"),
    [
        (
            "Move the rhythm lesson to 30 November 2026 at 11:00",
            {"lesson_id": "l5", "starts": "2026-11-30T11:00:00+00:00"},
        ),
        ("Make the rhythm lesson 45 minutes long", {"lesson_id": "l5", "minutes": 45}),
        ("Shorten the rhythm lesson to 30 minutes", {"lesson_id": "l5", "minutes": 30}),
    ],
)
async def test_a_moment_or_a_length_is_the_argument_that_takes_one(said: str, made: dict[str, Any]) -> None:
    assert calls(await doer({}).plan(said)) == [made]


DROP: Wanted = {"drop_lesson": {}}


@pytest.mark.parametrize(
    ("said", "ids"),
    [
        ("Drop my chords lesson this afternoon", ["l2"]),
        ("Drop everything on Friday afternoon", ["l5"]),
        ("Drop all lessons tomorrow and on Friday", ["l3", "l4", "l5"]),
        ("Drop all upcoming lessons of Ivo", ["l2", "l5"]),
    ],
)
async def test_parts_of_a_day_sets_of_days_and_what_is_to_come_choose_rows(said: str, ids: list[str]) -> None:
    assert [each["lesson_id"] for each in calls(await doer(DROP).plan(said))] == ids


async def test_of_what_one_is_to_be_taken_out_not_all_are_meant() -> None:
    proposal = await doer(DROP).plan("Drop scales from the lessons")
    assert isinstance(proposal, Question)
    assert [each.value for each in proposal.options] == ["l1", "l3"]


async def test_a_bare_plural_is_not_all_and_all_is() -> None:
    bare = await doer(DROP).plan("Drop lessons")
    assert isinstance(bare, Question)
    assert len(calls(await doer(DROP).plan("Drop all lessons"))) == len(LESSONS)


async def test_plain_words_are_never_an_id_that_a_read_can_tell() -> None:
    wanted = {"drop_lesson": {"lesson_id": "o'clock"}}
    proposal = await doer(wanted).plan("Drop the lesson after nine o'clock")
    assert isinstance(proposal, Question)
    assert proposal.slot == "s1.lesson_id"


async def test_the_last_of_all_is_not_guessed() -> None:
    assert not isinstance(await doer(DROP).plan("Drop all the last lessons of Ivo"), Plan)


async def test_an_id_is_told_by_the_read_that_speaks_of_what_it_is_described_as() -> None:
    said = "Burn the letter about the stove"
    assert calls(await doer({"burn_note": {"note_id": "stove"}}).plan(said)) == [{"note_id": "n1"}]


async def test_what_a_row_is_called_is_not_its_new_name() -> None:
    wanted = {"change_lesson": {"topic": "rhythm", "starts": "30 November 2026 at 11:00"}}
    made = calls(await doer(wanted).plan("Change the rhythm lesson so that it starts on 30 November 2026 at 11:00"))
    assert [(each["lesson_id"], "topic" in each) for each in made] == [("l5", False)]


async def test_an_unsure_network_is_believed_only_where_verb_and_noun_and_row_account_for_every_word() -> None:
    run = await doer(DROP, sure=0.4).do("Drop the rhythm lesson")
    assert [each.arguments for each in run.steps] == [{"lesson_id": "l5"}]
    for said in ("Please cheer the rhythm lesson", "Drop the rhythm lesson politely"):
        unsure = await doer(DROP, sure=0.4).do(said)
        assert (unsure.status, unsure.steps) == ("abstained", ()), said


async def test_what_nobody_knows_is_told_plainly() -> None:
    proposal = await doer(DROP).plan("Drop the lessons this evening")
    assert isinstance(proposal, Abstention)
    assert "18:00 to 24:00" in proposal.reason or "2026-11-23" in proposal.reason
