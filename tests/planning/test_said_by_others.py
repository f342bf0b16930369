"""What office people say in their own words in a connected office, none of it in a skill file: what it means, and its twins."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.planning.connected import Servers, office

from doer.app.doer import Doer
from doer.domain.goal import Abstention, Question
from doer.domain.plan import Plan
from doer.domain.template import to_json


@pytest.fixture
async def doer(made: Servers, tmp_path: Path) -> AsyncIterator[Doer]:
    async with office(made, tmp_path) as opened:
        yield opened


CHANGED = "calendar.change_event"
SAID: list[tuple[str, str, dict[str, object]]] = [
    ("design review is off", "calendar.cancel_event", {"event": "review"}),
    ("lunch with jo is off", "calendar.cancel_event", {"event": "lunch"}),
    ("move the design review to 4", "calendar.move_event", {"event": "review", "start": "2026-11-24T16:00:00+01:00"}),
    ("could u push the pricing to 4 on friday? i'm stuck on the phone", "calendar.move_event",
     {"event": "pricing", "start": "2026-11-27T16:00:00+01:00"}),
    ("push the design review back half an hour", "calendar.move_event", {"start": "2026-11-24T11:30:00+01:00"}),
    ("Bob asked to start the design review an hour earlier, please do that", "calendar.move_event", {"event": "review"}),
    ("Since Bob's away, please cancel the design review", "calendar.cancel_event", {"event": "review"}),
    ("By the way, the design review is in room 2", CHANGED, {"event": "review", "location": "room 2"}),
    ("rename the design review to Final review", CHANGED, {"event": "review", "title": "Final review"}),
    ("Oh, and Jo needs to be in the design review as well", CHANGED,
     {"attendees": ["bob.stone@acme.example", "jo.weber@acme.example"]}),
    ("who's coming to the design review?", "calendar.find_events", {"text": "Design review"}),
    ("Is there anything on my calendar on Monday afternoon?", "calendar.find_events",
     {"start": "2026-11-23T12:00:00+01:00", "end": "2026-11-23T18:00:00+01:00"}),
    ("Am I free on Thursday at 10?", "calendar.find_events", {"start": "2026-11-26T10:00:00+01:00"}),
    ("My dentist is on Dec 3rd at 8:15, takes 45 minutes, put it in", "calendar.create_event",
     {"title": "dentist", "start": "2026-12-03T08:15:00+01:00", "duration_minutes": 45}),
    ("Block Wednesday morning from 8 to 10 for writing", "calendar.create_event",
     {"title": "writing", "start": "2026-11-25T08:00:00+01:00", "end": "2026-11-25T10:00:00+01:00"}),
    ("Block next Wednesday from 2 to 4 in the afternoon for the stock count", "calendar.create_event",
     {"title": "stock count", "start": "2026-11-25T14:00:00+01:00", "end": "2026-11-25T16:00:00+01:00"}),
    ("jo joins sales", "directory.add_to_group", {"user": "jo.weber@acme.example", "group": "Sales"}),
    ("jo and bob need access to the sales group", "directory.add_to_group", {"user": "jo.weber@acme.example"}),
    ("Bob is Jo's manager from now on", "directory.change_user",
     {"user": "jo.weber@acme.example", "manager": "bob.stone@acme.example"}),
    ("Jo's title is Head of Sales as of today", "directory.change_user", {"title": "Head of Sales"}),
    ("Bob Stone is Senior Engineer from now on, update the directory pls", "directory.change_user", {"title": "Senior Engineer"}),
    ("Jo and Bob belong in the sales group, can you add them?", "directory.add_to_group", {"user": "jo.weber@acme.example"}),
    ("I have a dentist appointment on Dec 3rd at 8:15, takes 45 minutes. Put it in my calender", "calendar.create_event",
     {"title": "dentist appointment", "duration_minutes": 45}),
    ("Book room 3 for the design review", CHANGED, {"event": "review", "location": "Room 3"}),
    ("make a group called hiring", "directory.create_group", {"display_name": "hiring"}),
    ("Create a group called onboarding and put Jo and Bob in it", "directory.create_group", {"display_name": "onboarding"}),
    ("What's Jo's job title?", "directory.find_users", {"email": "jo.weber@acme.example"}),
    ("what's jo's email address?", "directory.find_users", {"email": "jo.weber@acme.example"}),
    ("is Jo in sales?", "directory.find_groups", {"display_name": "Sales", "member": "jo.weber@acme.example"}),
    ("star the mail from Ana", "mail.mark_mail", {"message": "<prices@acme.example>", "state": "flagged"}),
    ("archive the mail about the prices", "mail.file_mail", {"message": "<prices@acme.example>", "to": "Archive"}),
    ("let Jo know the visit is cancelled and cc Bob", "mail.send",
     {"body": "the visit is cancelled", "cc": ["bob.stone@acme.example"]}),
    ("remind me two hours before the design review", "reminders.create_reminder",
     {"text": "Design review", "at": "2026-11-24T09:00:00+01:00"}),
]  # fmt: skip


@pytest.mark.parametrize(("words", "tool", "expected"), SAID, ids=[each[0] for each in SAID])
async def test_what_is_said_in_other_words_is_planned(
    doer: Doer, words: str, tool: str, expected: dict[str, object]
) -> None:
    plan = await doer.plan(words)

    assert isinstance(plan, Plan), plan
    assert plan.steps[0].tool == tool
    said = {name: to_json(each) for name, each in plan.steps[0].arguments.items()}
    assert said == {**said, **expected}


@pytest.mark.parametrize(
    "words",
    [
        "jo joins marketing",
        "Tom joins sales",
        "push the design review back",
        "move the design review to 45",
        "the design review is not off",
        "Jo works in Marketing now",
        "star the mail from Bob",
        "archive the mail about the logo",
        "remind me before the design review",
        "Bob asked to cancel the design review",
        "Jo's title",
        "create a group for Bob",
        "I need to be at the bank on Monday at 4 pm for half an hour, please note that in my calendar",
        "Add the new backend engineer to the platform group",
        "book a table for the design review",
        "the design review is in two hours",
        "Jo is ill, the lunch is on Friday at 1, put it in",
        "Bob is Jo's manager",
        "Jo and Bob belong in the sales group, can you remove them?",
        "Bob said the design review is off",
        "the design review is off, isn't it?",
    ],
)
async def test_what_is_not_said_is_not_planned(doer: Doer, words: str) -> None:
    assert isinstance(await doer.plan(words), Question | Abstention)
