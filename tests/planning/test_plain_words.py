"""Everyday times, times that look back or lie ahead, and sentences that are worded as an example is, word for word."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from tests.planning.connected import SATURDAY, ZONE

from doer.connectors.tools.mailbox.manifests import search_mail
from doer.connectors.tools.reminders import reminder_tools
from doer.domain.action import Manifest
from doer.domain.goal import Goal, Question
from doer.domain.model import Prompt, Reply
from doer.domain.plan import Plan
from doer.domain.ports import Model, Proposal
from doer.domain.template import to_json
from doer.domain.value import Json, JsonObject, Principal
from doer.planning.propose import SkillPlanner

MORNING = datetime(2026, 11, 18, 8, 15, tzinfo=UTC)
"""A Wednesday, 09:15 in Berlin."""


class Nothing:
    """A reader for planners that need not read."""

    async def read(self, tool: str, arguments: JsonObject) -> Json:
        raise AssertionError(f"{tool} was read")

    async def ask(self, model: Model, prompt: Prompt) -> Reply:
        raise AssertionError(f"{model} was asked")


@cache
def tools() -> tuple[Manifest, ...]:
    made = reminder_tools("reminders", Path("unused"), ZONE, lambda: SATURDAY)
    return (*(each.manifest for each in made), search_mail("mail"))


@cache
def planner() -> SkillPlanner:
    return SkillPlanner()


async def say(words: str, at: datetime = MORNING) -> Proposal:
    return await planner().propose(Goal(words, Principal("user:sam"), at, ZONE), (), tools(), Nothing())


def arguments(proposal: Proposal) -> Mapping[str, Json]:
    assert isinstance(proposal, Plan), proposal
    return {name: to_json(each) for name, each in proposal.steps[0].arguments.items()}


@pytest.mark.parametrize(
    ("words", "at"),
    [
        ("remind me Thursday at 9 to water the ficus", "2026-11-19T09:00:00+01:00"),
        ("remind me on Thursday at 2 to water the ficus", "2026-11-19T14:00:00+01:00"),
        ("remind me tonight at 10 to water the ficus", "2026-11-18T22:00:00+01:00"),
        ("remind me tomorrow morning at 8 to water the ficus", "2026-11-19T08:00:00+01:00"),
        ("remind me at 3 to water the ficus", "2026-11-18T15:00:00+01:00"),
        ("remind me at 8 am to water the ficus", "2026-11-19T08:00:00+01:00"),
        ("remind me in 90 minutes to water the ficus", "2026-11-18T10:45:00+01:00"),
        ("In half an hour remind me to water the ficus", "2026-11-18T09:45:00+01:00"),
    ],
)
async def test_an_everyday_time_is_read_in_its_one_plain_way(words: str, at: str) -> None:
    assert arguments(await say(words)) == {"text": "water the ficus", "at": at}


@pytest.mark.parametrize(
    "words",
    [
        "remind me Thursday at 8 to water the ficus",
        "remind me Thursday at 6 to water the ficus",
        "remind me at 9 to water the ficus",  # it is past nine: tonight, or tomorrow
        "remind me at 7 to water the ficus",
    ],
)
async def test_a_time_that_may_be_morning_or_evening_is_asked_with_both(words: str) -> None:
    proposal = await say(words)

    assert isinstance(proposal, Question)
    assert proposal.slot == "at"
    assert len(proposal.options) == 2


@pytest.mark.parametrize(
    "words",
    [
        "remind me to water the ficus",
        "remind me on Friday to water the ficus",
        "remind me to ship it by Friday at 5 pm",
    ],
)
async def test_a_reminder_without_its_time_is_asked_for_it(words: str) -> None:
    proposal = await say(words)

    assert isinstance(proposal, Question)
    assert proposal.slot == "at"


async def test_what_somebody_is_to_be_reminded_of_is_taken_word_for_word() -> None:
    told = arguments(await say("Could you remind me on 4 December at 16:30 to send Tom and Ida the price of 3 tents?"))

    assert told == {"text": "send Tom and Ida the price of 3 tents", "at": "2026-12-04T16:30:00+01:00"}


async def test_a_day_within_the_text_is_not_the_day_of_the_reminder() -> None:
    told = arguments(await say("remind me at 4 pm to pack for Saturday"))

    assert told == {"text": "pack for Saturday", "at": "2026-11-18T16:00:00+01:00"}


@pytest.mark.parametrize(
    ("words", "repeats"),
    [
        ("each morning at 8 remind me to empty the bins", {"repeat": "daily", "time": "08:00"}),
        ("remind me every evening at 8 to empty the bins", {"repeat": "daily", "time": "20:00"}),
        ("remind me every weekday at 7 to empty the bins", {"repeat": "weekdays", "time": "07:00"}),
        (
            "every Tuesday and Thursday at 5 pm remind me to empty the bins",
            {"rule": "FREQ=WEEKLY;BYDAY=TU,TH", "time": "17:00"},
        ),
        (
            "every other Friday at 4 remind me to empty the bins",
            {"rule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "time": "16:00"},
        ),
        (
            "every first Monday of the month at 9 remind me to empty the bins",
            {"rule": "FREQ=MONTHLY;BYDAY=1MO", "time": "09:00"},
        ),
        (
            "on the first of every month at 9 am remind me to empty the bins",
            {"rule": "FREQ=MONTHLY;BYMONTHDAY=1", "time": "09:00"},
        ),
        (
            "remind me on the 15th of each month at 10:30 to empty the bins",
            {"rule": "FREQ=MONTHLY;BYMONTHDAY=15", "time": "10:30"},
        ),
        ("remind me every Tuesday at 10 to empty the bins", {"rule": "FREQ=WEEKLY;BYDAY=TU", "time": "10:00"}),
        ("Every day at 8:30 remind me to empty the bins", {"repeat": "daily", "time": "08:30"}),
        ("remind me to empty the bins every weekday at 4 pm", {"repeat": "weekdays", "time": "16:00"}),
    ],
)
async def test_what_repeats_is_never_a_single_reminder(words: str, repeats: Mapping[str, str]) -> None:
    assert arguments(await say(words)) == {"text": "empty the bins", **repeats}


async def test_what_follows_a_schedules_time_is_all_its_goal() -> None:
    told = arguments(await say("every Tuesday at 10 mail the stock list to Ida and Tom"))

    assert told == {"goal": "mail the stock list to Ida and Tom", "rule": "FREQ=WEEKLY;BYDAY=TU", "time": "10:00"}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("which mails came from Ida since Monday", {"since": "2026-11-16"}),
        ("which mails came from Ida since 20 June", {"since": "2026-06-20"}),
        ("which mails came from Ida since 20 December", {"since": "2025-12-20"}),
        ("which mails came from Ida since the 21st", {"since": "2026-10-21"}),
        ("show the mails from Ida of last Friday", {"on": "2026-11-13"}),
    ],
)
async def test_a_parameter_that_looks_back_takes_the_day_that_has_been(words: str, expected: Mapping[str, str]) -> None:
    told = arguments(await say(words))

    assert {name: told.get(name) for name in expected} == expected


async def test_a_weekday_said_on_that_day_is_asked_about() -> None:
    proposal = await say("which mails came from Ida since Wednesday")

    assert isinstance(proposal, Question)
    assert {each.value for each in proposal.options} == {"2026-11-11", "2026-11-18"}


async def test_a_question_about_reminders_changes_none() -> None:
    proposal = await say("which reminders do I have?")

    assert isinstance(proposal, Plan)
    assert proposal.steps[0].tool == "reminders.list_reminders"
