"""Ordinary sentences in a connected office, none of which stands in a skill file: what is planned, what is asked, and why."""

import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from tests.planning.connected import KINDS, Servers, office

from doer.app.doer import Doer
from doer.app.skill_check import check_skills
from doer.domain.goal import Abstention, Question
from doer.domain.plan import Plan
from doer.domain.template import to_json
from doer.planning.skills.uses import shipped_skills, workspace_skills

THURSDAY_AT_THREE = "2026-11-26T15:00:00+01:00"
PRICING: dict[str, object] = {"event": "pricing", "start": THURSDAY_AT_THREE}
SCANS: dict[str, object] = {"source": "./in/scan_2026-11-03.pdf", "target": "./in/2026-11-03_scan.pdf"}


@pytest.fixture
async def doer(made: Servers, tmp_path: Path) -> AsyncIterator[Doer]:
    async with office(made, tmp_path) as opened:
        yield opened


PLANNED: list[tuple[str, str, dict[str, object]]] = [
    ("Move my 3 pm with Ana to Thursday", "calendar.move_event", PRICING),
    ("Could you move my 3pm with Ana to Thursday?", "calendar.move_event", PRICING),
    ("Move my Monday 3 pm with Ana to Thursday", "calendar.move_event", PRICING),
    ("Postpone the design review until Friday", "calendar.move_event", {"event": "review", "start": "2026-11-27T11:00:00+01:00"}),
    ("Reschedule the design review to Thursday at 14:30", "calendar.move_event", {"start": "2026-11-26T14:30:00+01:00"}),
    ("Shift the standup to 9:30", "calendar.move_event", {"event": "standup", "start": "2026-11-23T09:30:00+01:00"}),
    ("Call off the design review", "calendar.cancel_event", {"event": "review"}),
    ("Please cancel my lunch with Jo tomorrow", "calendar.cancel_event", {"event": "lunch"}),
    ("Cancel my 3 pm on Monday", "calendar.cancel_event", {"event": "pricing"}),
    ("Do I have any meetings on Tuesday?", "calendar.find_events", {"start": "2026-11-24T00:00:00+01:00"}),
    ("What meetings do I have next week?", "calendar.find_events", {"end": "2026-11-30T00:00:00+01:00"}),
    ("Invite Jo to the design review", "calendar.change_event",
     {"attendees": ["bob.stone@acme.example", "jo.weber@acme.example"]}),
    ("Schedule a meeting with Ana on Friday at 15:00", "calendar.create_event",
     {"attendees": ["ana.lopez@acme.example"], "start": "2026-11-27T15:00:00+01:00"}),
    ("Send invoice.pdf to billing@acme.example", "mail.send",
     {"to": ["billing@acme.example"], "subject": "invoice", "attachments": [{"path": "invoice.pdf"}]}),
    ("Email invoice.pdf to Ana", "mail.send", {"to": ["ana.lopez@acme.example"]}),
    ("Email the invoice to billing@acme.example", "mail.send",
     {"to": ["billing@acme.example"], "subject": "invoice", "attachments": [{"path": "invoice.pdf"}]}),
    ("Answer Jo's last mail: Friday works for me", "mail.reply",
     {"message": "<friday@acme.example>", "body": "Friday works for me"}),
    ("Put Jo Weber in the sales group", "directory.add_to_group", {"user": "jo.weber@acme.example", "group": "Sales"}),
    ("Take Ana out of the platform team", "directory.remove_from_group", {"group": "Platform"}),
    ("Disable the account of Jo Weber", "directory.deactivate_user", {"user": "jo.weber@acme.example"}),
    ("Rename the scans in ./in by their date", "files.move", SCANS),
    ("Move the PDF files from ./in to ./archive", "files.move", {"target": "./archive/scan_2026-11-03.pdf"}),
    ("Commit everything in docs and push", "repo.commit", {"paths": ["docs"]}),
    ("Set ticket 4812 to closed in crm", "crm.update", {"key": {"id": 4812}, "values": {"status": "closed"}}),
    ("Mark ticket 4813 as closed", "crm.update", {"key": {"id": 4813}, "values": {"status": "closed"}}),
    ("Change ticket 4812 to high priority", "crm.update", {"values": {"priority": "high"}}),
    ("Change the price of product A-12 to 19.90", "crm.update", {"key": {"sku": "A-12"}, "values": {"price": "19.90"}}),
    ("Scrap the design review", "calendar.cancel_event", {"event": "review"}),
    ("Could you please cancel the design review? Bob is ill.", "calendar.cancel_event", {"event": "review"}),
    ("I need the design review moved to Thursday at 14:30", "calendar.move_event", {"start": "2026-11-26T14:30:00+01:00"}),
    ("The design review should start half an hour later", "calendar.move_event", {"event": "review"}),
    ("Put a dentist appointment in my calendar for Tuesday 8:30", "calendar.create_event",
     {"title": "dentist appointment", "start": "2026-11-24T08:30:00+01:00"}),
    ("mail invoice.pdf to Ana and put billing@acme.example in copy", "mail.send",
     {"to": ["ana.lopez@acme.example"], "cc": ["billing@acme.example"]}),
    ("Jo Weber needs to be added to the sales group", "directory.add_to_group", {"user": "jo.weber@acme.example"}),
    ("Reopen ticket 4814", "crm.update", {"key": {"id": 4814}, "values": {"status": "open"}}),
    ("raise the priority of ticket 4812 to high", "crm.update", {"values": {"priority": "high"}}),
    ("Commit everything in docs with the message 'Plan' and don't push yet", "repo.commit", {"paths": ["docs"]}),
    ("Add a customer called Blumen Schmidt", "crm.insert", {"values": {"name": "Blumen Schmidt"}}),
    ("Remove the customer 3", "crm.delete", {"key": {"id": 3}}),
]  # fmt: skip


@pytest.mark.parametrize(("words", "tool", "expected"), PLANNED, ids=[each[0] for each in PLANNED])
async def test_an_ordinary_sentence_is_planned(doer: Doer, words: str, tool: str, expected: dict[str, object]) -> None:
    plan = await doer.plan(words)

    assert isinstance(plan, Plan), plan
    assert plan.steps[0].tool == tool
    said = _arguments(plan, 0)
    assert said == {**said, **expected}


ASKED: list[tuple[str, str, frozenset[str]]] = [
    ("Deactivate Tom's account", "user: Tom", frozenset({"tom.becker@acme.example", "tom.hill@acme.example"})),
    ("Cancel my meeting with Ana", "meeting", frozenset({"Pricing", "Ana sync"})),
    ("Reschedule my meeting with Bob to Friday", "meeting", frozenset({"Standup", "Design review"})),
    ("Move my meeting with Bob", "day", frozenset()),
    ("Add everyone in mixed.csv to the group sales", "people_column", frozenset({"a", "b"})),
    ("Add Jo to the marketing team", "group", frozenset({"Platform", "Sales"})),
    ("Set ticket 9999 to closed", "ticket", frozenset()),
    ("Set all tickets to closed", "ticket", frozenset()),
    ("Delete all orders", "order", frozenset()),
    ("Set the price of product A-12 to 21.50 USD", "price", frozenset()),
    ("How many invoices from last week?", "by_which_date", frozenset({"due_date", "paid_on"})),
    ("Schedule a call with Tom on Friday at 9:00", "people: Tom", frozenset({"Tom Becker", "Tom Hill"})),
    ("Add Jo and Tom to the platform team", "user: Tom", frozenset({"Tom Becker", "Tom Hill"})),
]


@pytest.mark.parametrize(("words", "slot", "options"), ASKED, ids=[each[0] for each in ASKED])
async def test_what_is_not_certain_is_a_question(doer: Doer, words: str, slot: str, options: frozenset[str]) -> None:
    question = await doer.plan(words)

    assert isinstance(question, Question), question
    assert question.slot == slot
    labels = " ".join(each.label for each in question.options)
    assert all(each in labels for each in options), labels


async def test_meetings_to_choose_from_are_told_as_the_clock_stands_where_the_person_is(doer: Doer) -> None:
    question = await doer.plan("Cancel my meeting with Ana")

    assert isinstance(question, Question)
    assert doer.timezone == "Europe/Berlin"
    assert all(re.search(r", [A-Z][a-z]+day \d+ November 2026 \d\d:\d\d$", each.label) for each in question.options)
    assert not any("+00:00" in each.label for each in question.options)


NOT_DONE = (
    "Ship order 1 tomorrow",
    "total amount of unpaid orders",
    "What is the average amount of orders in March?",
    "set the wholesale price of product A-12 to 5",
    "How many orders over 50 came in yesterday?",
    "How many orders came in yesterday and today?",
    "set ticket 4812 from waiting to closed",  # it is open
    "Email invoice.pdf and new_hires.csv to Ana",
    "The design review will be in Room 1, not in Room 2. Please fix that in my calendar.",
    "File the newsletter from Jo under Archive",
    "Move all but the pdf files in ./in to ./archive",
    "Move every second pdf file in ./in to ./archive",
    "Add everyone in new_hires.csv except Tom to group Platform",
    "Reply to all mails from Jo that Friday works",
    "Move my 3 pm with Ana to Thursday or Friday",
    "Move my 3 pm with Ana by one hour",
    "Move my 3 pm with Ana and Bob to Thursday",
    "Move my 3 pm with Zoe to Thursday",
    "Cancel all meetings with Ana except Pricing",
    "Do not cancel the standup",
    "Deactivate all accounts",
)


@pytest.mark.parametrize("words", NOT_DONE)
async def test_what_goes_beyond_is_not_half_done(doer: Doer, words: str) -> None:
    proposal = await doer.plan(words)

    assert isinstance(proposal, Question | Abstention), proposal


async def test_every_shipped_skill_for_these_connections_fits_its_tools(doer: Doer) -> None:
    made = workspace_skills((), KINDS, [each.name for each in doer.catalog.manifests()])

    check_skills(made, doer.catalog)
    assert {each.name for each in shipped_skills()} == {each.name for each in made}


async def test_everyone_in_a_file_is_one_step_each_and_no_more(doer: Doer) -> None:
    plan = await doer.plan("Add everybody in new_hires.csv to the group Platform")

    assert isinstance(plan, Plan), plan
    members = [_arguments(plan, place) for place in range(len(plan.steps))]
    assert members == [
        {"user": "tom.becker@acme.example", "group": "Platform"},
        {"user": "jo.weber@acme.example", "group": "Platform"},
    ]


async def test_the_answer_about_one_of_several_leaves_the_others_alone(doer: Doer) -> None:
    asked = await doer.do("Add Jo and Tom to the platform team")

    planned = await doer.answer(asked.id, "1")

    users = [each.arguments["user"] for each in planned.steps]
    assert users == ["jo.weber@acme.example", "tom.becker@acme.example"]


async def test_all_meetings_are_meant_where_the_plural_is_said(doer: Doer) -> None:
    plan = await doer.plan("Deactivate Bob's account and cancel his meetings")

    assert isinstance(plan, Plan), plan
    assert [each.tool for each in plan.steps] == ["directory.deactivate_user", *["calendar.cancel_event"] * 2]


async def test_a_known_group_is_shown_with_the_words_that_named_it(doer: Doer) -> None:
    plan = await doer.plan("Add Jo to the platform team")

    assert isinstance(plan, Plan), plan
    group = plan.steps[0].provenance["group"]
    assert group.source == "known"
    assert group.text.startswith("platform (group Platform, of directory, read 20")


async def test_a_meeting_is_really_moved_and_keeps_its_length(made: Servers, doer: Doer) -> None:
    before = made.calendar.world("work")

    done = await doer.do("Move my 3 pm with Ana to Thursday", approve=lambda _: True)

    assert done.status == "done", done.reason
    lines = next(each for name, each in made.calendar.world("work").items() if name.startswith("pricing"))
    assert any(each.startswith("DTSTART") and each.endswith("20261126T150000") for each in lines), lines
    assert any(each.startswith("DTEND") and each.endswith("20261126T154500") for each in lines), lines
    undone = await doer.undo(done.id, approve=lambda _: True)
    assert undone.status == "undone"
    assert made.calendar.world("work") == before


async def test_files_are_really_renamed_and_taken_back(made: Servers, doer: Doer) -> None:
    folder = made.folder / "in"
    names = sorted(each.name for each in folder.iterdir())

    done = await doer.do("Rename the scans in ./in by their date", approve=lambda _: True)

    assert done.status == "done", done.reason
    assert sorted(each.name for each in folder.iterdir()) == ["2026-11-03_scan.pdf", "2026-11-04_scan_b.pdf"]
    await doer.undo(done.id, approve=lambda _: True)
    assert sorted(each.name for each in folder.iterdir()) == names


async def test_a_question_is_answered_by_a_read_without_an_approval(doer: Doer) -> None:
    done = await doer.do("How many orders came in yesterday?")

    assert done.status == "done"
    assert done.steps[0].result == {"count": 2}


def _arguments(plan: Plan, place: int) -> Mapping[str, object]:
    return {name: to_json(each) for name, each in plan.steps[place].arguments.items()}
