"""Lengths, guests, whole days, several at once, forwarding, names: what each means in a connected office, and its twins."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.planning.connected import Servers, office

from doer.app.doer import Doer
from doer.domain.goal import Question
from doer.domain.plan import Plan
from doer.domain.template import to_json


@pytest.fixture
async def doer(made: Servers, tmp_path: Path) -> AsyncIterator[Doer]:
    async with office(made, tmp_path) as opened:
        yield opened


CHANGED, MOVED, CREATED = "calendar.change_event", "calendar.move_event", "calendar.create_event"
REPEATED = "calendar.create_series"
PLANNED: list[tuple[str, str, dict[str, object]]] = [
    ("The design review should only be 30 minutes long", CHANGED, {"event": "review", "duration_minutes": 30}),
    ("make the design review half an hour longer", CHANGED, {"event": "review", "end": "2026-11-24T12:30:00+01:00"}),
    ("shorten the pricing by 15 minutes", CHANGED, {"event": "pricing", "end": "2026-11-23T15:30:00+01:00"}),
    ("Extend the design review until 12:30", CHANGED, {"end": "2026-11-24T12:30:00+01:00"}),
    ("take Bob off the design review", CHANGED, {"event": "review", "without": ["bob.stone@acme.example"]}),
    ("Bob can't make the design review, Jo goes instead", CHANGED,
     {"attendees": ["bob.stone@acme.example", "jo.weber@acme.example"], "without": ["bob.stone@acme.example"]}),
    ("The design review starts at 2, not at 11", MOVED, {"event": "review", "start": "2026-11-24T14:00:00+01:00"}),
    ("the pricing needs to move to half past four", MOVED, {"start": "2026-11-23T16:30:00+01:00"}),
    ("Push everything after 2 pm on Monday back by half an hour", MOVED,
     {"event": "pricing", "start": "2026-11-23T15:30:00+01:00"}),
    ("Move all Tuesday meetings to Friday", MOVED, {"event": "review", "start": "2026-11-27T11:00:00+01:00"}),
    ("Cancel everything I have on Tuesday", "calendar.cancel_event", {"event": "review"}),
    ("I'm on holiday on Friday, block the whole day please", CREATED,
     {"title": "On holiday", "start": "2026-11-27", "end": "2026-11-28"}),
    ("add an all-day event Stock count on 2 December", CREATED, {"title": "Stock count", "start": "2026-12-02"}),
    ("book a meeting with Ana and Bob on Friday from 3 to 4 pm about the export bug", CREATED,
     {"title": "export bug", "start": "2026-11-27T15:00:00+01:00", "end": "2026-11-27T16:00:00+01:00"}),
    ("set up a quick call with Jo on Monday at 11, 15 minutes should do", CREATED, {"duration_minutes": 15}),
    ("schedule a weekly meeting with Ana on Monday at 10", REPEATED,
     {"title": "Meeting", "rule": "FREQ=WEEKLY", "first": "2026-11-23", "time": "10:00", "attendees": ["ana.lopez@acme.example"]}),
    ('New event "Standup" every Wednesday from 9:00 to 9:15, first time on 2 December, with Jo and Bob', REPEATED,
     {"title": "Standup", "rule": "FREQ=WEEKLY;BYDAY=WE", "time": "09:00", "end_time": "09:15", "first": "2026-12-02",
      "attendees": ["jo.weber@acme.example", "bob.stone@acme.example"]}),
    ("plan a review every second Tuesday at 14:00 with Bob in the Studio until 31 March", REPEATED,
     {"title": "review", "rule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "time": "14:00", "location": "Studio", "until": "2027-03-31"}),
    ("put Team lunch on my calendar every Friday at 12", REPEATED, {"title": "Team lunch", "rule": "FREQ=WEEKLY;BYDAY=FR"}),
    ("Which meetings do I have with Bob next week?", "calendar.find_events",
     {"start": "2026-11-23T00:00:00+01:00", "end": "2026-11-30T00:00:00+01:00", "guest": "bob.stone@acme.example"}),
    ("The floor is wet, so the design review has to be in Room 1. Could you change that in the calendar?", CHANGED,
     {"event": "review", "location": "Room 1"}),
    ("Is there any mail from Jo I haven't read?", "mail.search_mail", {"from": "Jo", "state": "unread"}),
    ("let the platform team know that the build is back", "mail.send", {"to": ["ana.lopez@acme.example"]}),
    ("Let Jo know I'm running ten minutes late", "mail.send",
     {"to": ["jo.weber@acme.example"], "body": "I'm running ten minutes late"}),
    ("Jo got married and is called Jo Brandt now", "directory.change_user",
     {"user": "jo.weber@acme.example", "family_name": "Brandt", "display_name": "Jo Brandt"}),
    ("Move Ana from Platform to Sales", "directory.remove_from_group", {"group": "Platform"}),
    ("Take Ana out of platform and put Jo in instead", "directory.remove_from_group", {"user": "ana.lopez@acme.example"}),
    ("Create an account for Nina Wolf, nina@acme.example, she starts as a Designer in the sales group",
     "directory.create_user", {"user_name": "nina@acme.example", "family_name": "Wolf", "title": "Designer"}),
    ("Remind me half an hour before the design review to print the agenda", "reminders.create_reminder",
     {"text": "print the agenda", "at": "2026-11-24T10:30:00+01:00"}),
    ("Clear my Tuesday morning", "calendar.cancel_event", {"event": "review"}),
    ("Put me down as out of office from 21 to 23 December", CREATED,
     {"title": "Out of office", "start": "2026-12-21", "end": "2026-12-24"}),
    ("Please add Jo and Ana to the design review", CHANGED,
     {"attendees": ["bob.stone@acme.example", "jo.weber@acme.example", "ana.lopez@acme.example"]}),
    ("Deactivate Jo and Bob", "directory.deactivate_user", {"user": "jo.weber@acme.example"}),
    ("Lunch with Jo is cancelled, she is ill", "calendar.cancel_event", {"event": "lunch"}),
    ("reminder: dentist on 4 December at 8:30", "reminders.create_reminder",
     {"text": "dentist", "at": "2026-12-04T08:30:00+01:00"}),
    ("which reminders do I have next week?", "reminders.list_reminders", {"since": "2026-11-23", "before": "2026-11-30"}),
]  # fmt: skip


@pytest.mark.parametrize(("words", "tool", "expected"), PLANNED, ids=[each[0] for each in PLANNED])
async def test_what_an_office_asks_is_planned(doer: Doer, words: str, tool: str, expected: dict[str, object]) -> None:
    plan = await doer.plan(words)

    assert isinstance(plan, Plan), plan
    assert plan.steps[0].tool == tool
    said = {name: to_json(each) for name, each in plan.steps[0].arguments.items()}
    assert said == {**said, **expected}


NO_PLAN = [
    "The design review starts at 2, not at 10",  # it is at 11
    "Push everything after 2 back by half an hour",  # of which day?
    "take Jo off the design review",  # who is not invited
    "Jo is called Brandt now",  # a first name, or a last?
    "Jo works in the department Sales, not in Finance",  # she is in none
    "Create an account for Nina, nina@acme.example",  # and her family name?
    "Create an account for Nina Wolf, nina@acme.example, as a Designer from 1 December",
    "Create an account for Nina Wolf, nina@acme.example, as a Designer in the marketing group",
    "Bob can't make the design review",  # that alone asks for nothing
    "They say it's going to snow tonight",  # and not to show
    'I need an hour with Bob on Friday at 2pm, we have to talk about the chairs. Put it in as "Chairs"',  # which title?
    "delete the mail from Jo",  # there is no trash folder
    "Move Ana from Sales to Platform",  # she is not in sales
    "remind me at noon to eat and at 6 to go home",  # two
    "remind me in two hours to check on the oven, and tomorrow at 8 to take out the trash",
    "Take Bob and Jo off the design review",  # Jo is not invited
    "Book a table with Jo on Monday at 12:30",  # no meeting
    "email Ana the invoice and cc me",  # whose address is not known
]


@pytest.mark.parametrize("words", NO_PLAN)
async def test_what_is_not_plain_or_not_so_is_no_plan(doer: Doer, words: str) -> None:
    assert not isinstance(await doer.plan(words), Plan)


async def test_where_nothing_is_called_so_what_there_is_is_offered_and_can_be_chosen(doer: Doer) -> None:
    asked = await doer.plan("Cancel the dentist")

    assert isinstance(asked, Question)
    assert "Design review, Tuesday 24 November 2026 11:00" in [each.label for each in asked.options]
    run = await doer.do("Cancel the dentist")
    told = await doer.answer(run.id, "Design review, Tuesday 24 November 2026 11:00")
    assert [each.arguments["event"] for each in told.steps] == ["review"]


async def test_a_question_for_the_time_keeps_the_day_that_was_said(doer: Doer) -> None:
    question = await doer.plan("remind me on Monday morning to order paper")

    assert isinstance(question, Question)
    assert question.text == "At what time on Monday 23 November 2026?"


async def test_a_mail_is_forwarded_with_whom_it_was_from_and_what_it_says(doer: Doer) -> None:
    plan = await doer.plan("forward Ana's mail about the prices to Bob and tell him that they are final")

    assert isinstance(plan, Plan), plan
    body = str(to_json(plan.steps[0].arguments["body"]))
    assert to_json(plan.steps[0].arguments["subject"]) == "Fwd: Prices"
    assert body.startswith(
        "they are final\n\n---------- Forwarded message ----------\nFrom: Ana Lopez <ana.lopez@acme.example>"
    )
    assert "Does it work?" in body


async def test_a_meeting_is_really_made_shorter_and_taken_back(made: Servers, doer: Doer) -> None:
    before = made.calendar.world("work")

    done = await doer.do("the design review should be 30 minutes long", approve=lambda _: True)

    assert done.status == "done", done.reason
    lines = next(each for name, each in made.calendar.world("work").items() if name.startswith("review"))
    assert any(each.startswith("DTEND") and each.endswith("20261124T113000") for each in lines), lines
    await doer.undo(done.id, approve=lambda _: True)
    assert made.calendar.world("work") == before
