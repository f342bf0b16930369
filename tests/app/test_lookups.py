"""Lookups: tools that a user brought need no skill; ids and addresses are told by granted, recorded reads while planning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Literal

import pytest

from doer import Abstention, Doer, Plan, Question, tool
from doer.domain.decision import Allow, Ask, Decision, Deny, Request
from doer.domain.errors import Transient
from doer.domain.event import PlanJudged, SelectionRead
from doer.domain.template import to_json
from doer.domain.value import Digest, Json, StepId
from doer.policy.rules import BuiltInRules
from doer.testing import EagerClock, MemoryJournal
from doer.testing.scorer import ScriptedScorer

SAID_AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday
Wanted = Mapping[str, Mapping[str, str | Sequence[str]]]
VISITS = [
    {"visit_id": "v1", "title": "Boiler", "guest": "ivo.lang@pine.example", "starts": "2026-11-24T10:00:00"},
    {"visit_id": "v2", "title": "Roof", "guest": "ivo.lang@pine.example", "starts": "2026-11-26T10:00:00"},
    {"visit_id": "v3", "title": "Roof", "guest": "tess@pine.example", "starts": "2026-11-24T15:00:00"},
    {"visit_id": "v4", "title": "Chimney", "guest": "tess@pine.example", "starts": "2026-11-16T15:00:00"},
]
PEOPLE = [("Ivo Lang", "ivo.lang@pine.example"), ("Tess Moor", "tess@pine.example"), ("Tess Hill", "hill@pine.example")]


@dataclass
class House:
    """A house with visits and letters; what its tools were asked is kept."""

    visits: Any = field(default_factory=lambda: list(VISITS))
    asked: list[dict[str, Any]] = field(default_factory=list)

    def tools(self) -> tuple[Any, ...]:
        @tool(effect="read")
        def search_visits(words: str = "", after: date | None = None, before: date | None = None) -> Any:
            """Search the visits."""
            self.asked.append({"words": words, "after": after, "before": before})
            if isinstance(self.visits, Exception):
                raise self.visits
            if not isinstance(self.visits, list):
                return self.visits
            return [
                each for each in self.visits
                if words.lower() in str(each).lower()
                and (not after or each["starts"][:10] > str(after)) and (not before or each["starts"][:10] < str(before))
            ]  # fmt: skip

        @tool(effect="write")
        def call_off_visit(visit_id: str) -> None:
            """Call off a visit."""

        @tool(effect="read")
        def phone_book(name: str) -> str:
            """The e-mail address of a person."""
            return ", ".join(address for known, address in PEOPLE if name.lower() in known.lower())

        @tool(effect="write")
        def write_mail(recipient_email: str, body: str) -> None:
            """Write an e-mail."""

        return search_visits, call_off_visit, phone_book, write_mail


def doer(house: House, wanted: Wanted, **more: Any) -> Doer:
    clock = EagerClock(SAID_AT)
    more.setdefault("journal", MemoryJournal(clock))
    return Doer(tools=house.tools(), action_model=ScriptedScorer(wanted, sure=0.99), clock=clock, me="sam", **more)


OFF: Wanted = {"call_off_visit": {}}


def ids(plan: object) -> list[Json]:
    assert isinstance(plan, Plan), plan
    return [to_json(step.arguments["visit_id"]) for step in plan.steps]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Scrap the visit of Ivo tomorrow", ["v1"]),
        ("Scrap the chimney visit", ["v4"]),
        ("Scrap the visit 'Roof' with Tess", ["v3"]),
        ("Scrap the next visit of Tess", ["v3"]),
        ("Scrap the latest visit of Ivo on 26 November 2026", ["v2"]),
        ("Scrap all visits of Ivo", ["v1", "v2"]),
        ("Scrap every roof visit", ["v2", "v3"]),
        ("Scrap the visits before Friday", ["v1", "v2", "v3", "v4"]),
    ],
)
async def test_the_rows_that_agree_with_all_that_was_said_are_meant(said: str, meant: list[str]) -> None:
    assert ids(await doer(House(), OFF).plan(said)) == meant


async def test_the_preview_says_which_read_told_the_id_and_the_read_is_on_record() -> None:
    house, clock = House(), EagerClock(SAID_AT)
    app = doer(house, OFF, journal=MemoryJournal(clock))
    plan = await app.plan("Scrap the visit of Ivo tomorrow")
    assert isinstance(plan, Plan)
    origin = plan.steps[0].provenance["visit_id"]
    assert (origin.source, origin.text.split(",")[0]) == ("read", "search_visits: Boiler")
    run = (await app.journal.runs())[0]
    events = [each.event for each in await app.journal.read(run)]
    assert [each.tool for each in events if isinstance(each, SelectionRead)][:1] == ["search_visits"]


async def test_of_several_rows_a_person_is_asked_which_and_the_answer_settles_it() -> None:
    app = doer(House(), OFF)
    run = await app.do("Scrap the visit of Ivo")
    assert run.question is not None
    assert [each.value for each in run.question.options] == ["v1", "v2"]
    assert run.question.options[1].label.startswith("Roof, 2026-11-26T10:00:00")
    answered = await app.answer(run.id, "2")
    assert [each.arguments for each in answered.steps] == [{"visit_id": "v2"}]


async def test_an_answer_may_be_in_words() -> None:
    app = doer(House(), OFF)
    run = await app.do("Scrap the visit of Ivo")
    answered = await app.answer(run.id, "Boiler")
    assert [each.arguments for each in answered.steps] == [{"visit_id": "v1"}]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Scrap the visit of Zelda", "'Zelda'"),
        ("Scrap the purple visit", "'purple'"),
        ("Scrap the visit of Ivo on 2 December 2026", "2026-12-02"),
    ],
)
async def test_where_nothing_agrees_it_is_said_what_was_looked_for_and_where(said: str, told: str) -> None:
    proposal = await doer(House(), OFF).plan(said)
    assert isinstance(proposal, Abstention)
    assert told in proposal.reason
    assert "search_visits" in proposal.reason


@pytest.mark.parametrize(
    "said",
    [
        "Scrap all visits without Ivo",
        "Scrap all other visits of Ivo",
        "Scrap 2 visits of Ivo",
        "Scrap the visit",
    ],
)
async def test_what_compares_excludes_or_counts_is_not_looked_up_but_asked(said: str) -> None:
    proposal = await doer(House(), OFF).plan(said)
    assert not isinstance(proposal, Plan), proposal


async def test_an_id_that_was_said_is_taken_as_it_was_said() -> None:
    house = House()
    assert ids(await doer(house, {"call_off_visit": {"visit_id": "v2"}}).plan("Scrap v2")) == ["v2"]


async def test_a_read_that_policy_refuses_leaves_the_question() -> None:
    class NoReads:
        digest = Digest("no-reads")

        def decide(self, request: Request) -> Decision:
            return Deny("nobody reads here") if request.effect == "read" else BuiltInRules().decide(request)

    proposal = await doer(House(), OFF, policy=NoReads()).plan("Scrap the visit of Ivo tomorrow")
    assert isinstance(proposal, Question)
    assert proposal.slot == "s1.visit_id"


async def test_a_read_that_fails_is_told() -> None:
    proposal = await doer(House(Transient("the line is down")), OFF).plan("Scrap the visit of Ivo tomorrow")
    assert isinstance(proposal, Abstention)
    assert "the line is down" in proposal.reason


@pytest.mark.parametrize(
    "told", [{"visits": VISITS, "has_more": True}, {"visits": VISITS * 200}, "4 visits", {"a": VISITS, "b": VISITS}]
)
async def test_rows_that_are_not_all_or_no_rows_are_not_relied_on(told: Any) -> None:
    proposal = await doer(House(told), OFF).plan("Scrap the visit of Ivo tomorrow")
    assert isinstance(proposal, Question), proposal


@pytest.mark.parametrize(
    "told", [{"count": 4, "visits": VISITS}, '[{"visit_id": "v1", "who": "Ivo", "day": "2026-11-24"}]']
)
async def test_rows_are_found_in_what_they_are_wrapped_in(told: Any) -> None:
    assert ids(await doer(House(told), OFF).plan("Scrap the visit of Ivo tomorrow")) == ["v1"]


MAIL: Wanted = {"write_mail": {"recipient_email": "Ivo", "body": "at noon"}}


async def test_the_address_of_somebody_who_is_named_is_told_by_the_directory() -> None:
    plan = await doer(House(), MAIL).plan("Drop Ivo a line with 'at noon'")
    assert isinstance(plan, Plan), plan
    assert to_json(plan.steps[0].arguments["recipient_email"]) == "ivo.lang@pine.example"
    assert plan.steps[0].provenance["recipient_email"].text == "phone_book: Ivo"


async def test_two_people_of_one_name_are_a_question_and_nobody_of_it_is_too() -> None:
    both = await doer(House(), {"write_mail": {"recipient_email": "Tess", "body": "at noon"}}).plan(
        "Drop Tess a line with 'at noon'"
    )
    assert isinstance(both, Question)
    assert [each.label for each in both.options] == ["tess@pine.example", "hill@pine.example"]
    nobody = await doer(House(), {"write_mail": {"recipient_email": "Gus", "body": "at noon"}}).plan(
        "Drop Gus a line with 'at noon'"
    )
    assert isinstance(nobody, Question)
    assert "phone_book told no address of 'Gus'" in nobody.text


async def test_an_address_that_a_read_told_is_asked_about_even_where_writing_is_allowed() -> None:
    class AllAllowed:
        digest = Digest("all")

        def decide(self, request: Request) -> Decision:
            return Allow("everything goes")

    journal = MemoryJournal(EagerClock(SAID_AT))
    told = await doer(House(), MAIL, policy=AllAllowed(), journal=journal).do("Drop Ivo a line with 'at noon'")
    assert told.status == "waiting"
    judged = [each.event for each in await journal.read(told.id) if isinstance(each.event, PlanJudged)]
    asked = judged[0].decisions[StepId("s1")]
    assert isinstance(asked, Ask)
    assert asked.reason == "its recipient_email is ivo.lang@pine.example, which was read: phone_book: Ivo"
    said = {"write_mail": {"recipient_email": "gus@oak.example", "body": "at noon"}}
    run = await doer(House(), said, policy=AllAllowed()).do("Drop gus@oak.example a line with 'at noon'")
    assert run.status == "unproven"


async def test_several_quotations_in_a_list_are_a_row_each() -> None:
    assert ids(await doer(House(), OFF).plan("Scrap the visits 'Boiler' and 'Chimney'")) == ["v1", "v4"]
    proposal = await doer(House(), OFF).plan("Scrap the visits 'Boiler' and 'Roof'")  # two are called Roof
    assert isinstance(proposal, Abstention)


async def test_where_wordings_ask_for_the_id_the_one_row_that_was_read_settles_it() -> None:
    @tool(effect="write", examples=["cancel the visit {visit_id}"])
    def cancel_visit(visit_id: int) -> None:
        """Cancel a visit."""

    house = House([{"visit_id": 7, "title": "Boiler", "guest": "ivo.lang@pine.example", "starts": "2026-11-24"}])
    for sure in (0.99, 0.3):  # every word is accounted for: it does not matter how sure a network is
        clock = EagerClock(SAID_AT)
        scorer = ScriptedScorer({"cancel_visit": {}}, sure=sure)
        app = Doer(
            tools=[house.tools()[0], cancel_visit], action_model=scorer, journal=MemoryJournal(clock), clock=clock, me="sam"
        )  # fmt: skip
        proposal = await app.plan("Cancel the visit of Ivo")
        assert ids(proposal) == [7]
        assert isinstance(proposal, Plan)
        assert proposal.steps[0].provenance["visit_id"].source == "read"


async def test_the_shipped_weights_plan_over_tools_without_skills() -> None:
    clock = EagerClock(SAID_AT)
    app = Doer(tools=House().tools(), journal=MemoryJournal(clock), clock=clock, me="sam")
    assert ids(await app.plan("Call off the visit of Ivo Lang tomorrow")) == ["v1"]
    assert ids(await app.plan("Call off the chimney visit")) == ["v4"]


async def test_whose_rows_are_given_away_is_not_whom_they_are_given_to() -> None:
    @tool(effect="write")
    def hand_over_visit(visit_id: str, host_email: str) -> None:
        """Give a visit to another host."""

    clock = EagerClock(SAID_AT)
    for words in ("Ivo", "Ivo's visits"):  # what the network takes for the host
        scorer = ScriptedScorer({"hand_over_visit": {"host_email": words}}, sure=0.99)
        tools = [*House().tools(), hand_over_visit]
        app = Doer(tools=tools, action_model=scorer, journal=MemoryJournal(clock), clock=clock, me="sam")
        plan = await app.plan("Leave all of Ivo's visits to Tess Moor")
        assert ids(plan) == ["v1", "v2"]
        assert isinstance(plan, Plan)
        assert {to_json(each.arguments["host_email"]) for each in plan.steps} == {"tess@pine.example"}


async def test_a_choice_that_looks_like_a_name_is_nobody_who_is_looked_up() -> None:
    @tool(effect="write")
    def add_chore(name: str, owner_email: str, area: Literal["Stage", "Costumes"]) -> None:
        """Add a chore for somebody."""

    clock = EagerClock(SAID_AT)
    scorer = ScriptedScorer({"add_chore": {"name": "Sew", "area": "Costumes"}}, sure=0.99)
    tools = [*House().tools(), add_chore]
    app = Doer(tools=tools, action_model=scorer, journal=MemoryJournal(clock), clock=clock, me="sam")
    plan = await app.plan("Add the chore 'Sew' for Ivo Lang, area Costumes")
    assert isinstance(plan, Plan), plan
    assert to_json(plan.steps[0].arguments["owner_email"]) == "ivo.lang@pine.example"
