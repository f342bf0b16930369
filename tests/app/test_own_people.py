"""People who are said by rows of a user's own reads: by a role, by what they have, each of several once; what is not plain is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from doer import Doer, Plan, tool
from doer.domain.template import to_json
from doer.testing import EagerClock, MemoryJournal
from doer.testing.scorer import ScriptedScorer

SAID_AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # a Tuesday
JOBS = [
    {"job_id": "j1", "title": "Tune the organ", "doer": "ada@choir.example", "status": "to_do", "due": "2026-11-20"},
    {"job_id": "j2", "title": "Print hymns", "doer": "ada@choir.example", "status": "to_do", "due": "2026-11-19"},
    {"job_id": "j3", "title": "Mend robes", "doer": "ben@choir.example", "status": "to_do", "due": "2026-11-18"},
    {"job_id": "j4", "title": "Wax pews", "doer": "cy@choir.example", "status": "to_do", "due": "2026-12-01"},
]
HALLS = [
    {"hall_id": "h1", "hall_name": "Long Barn", "contact": "hi@barn.example", "key_holder": "ben@choir.example"},
    {"hall_id": "h2", "hall_name": "Old Mill", "contact": "hi@mill.example", "key_holder": "cy@choir.example"},
    {"hall_id": "h3", "hall_name": "Old Mill", "contact": "hi@other.example", "key_holder": "ada@choir.example"},
]
MEETS = [
    {"meeting_id": "m1", "topic": "Carols", "attendee": "cy@choir.example", "starts": "2026-11-25T10:00:00"},
    {"meeting_id": "m2", "topic": "Budget", "attendee": "ben@choir.example", "starts": "2026-11-25T12:00:00"},
    {"meeting_id": "m3", "topic": "Budget", "attendee": "ada@choir.example", "starts": "2026-11-27T12:00:00"},
]
WRITE: Mapping[str, Mapping[str, str | Sequence[str]]] = {"write_mail": {"body": "'Soon'"}}


def tools() -> tuple[Any, ...]:
    @tool(effect="read")
    def search_jobs(title: str = "") -> list[dict[str, Any]]:
        """Search the jobs."""
        return [each for each in JOBS if title.lower() in each["title"].lower()]

    @tool(effect="read")
    def search_halls(hall_name: str = "", key_holder: str = "") -> list[dict[str, Any]]:
        """Search the halls."""
        return [each for each in HALLS if hall_name.lower() in each["hall_name"].lower()]

    @tool(effect="read")
    def search_meetings(words: str = "") -> list[dict[str, Any]]:
        """Search my meetings."""
        return [each for each in MEETS if words.lower() in str(each).lower()]

    @tool(effect="read")
    def phone_book(name: str) -> str:
        """The e-mail address of a person."""
        return ""

    @tool(effect="write")
    def write_mail(recipient_email: str, body: str) -> None:
        """Write an e-mail."""

    return search_jobs, search_halls, search_meetings, phone_book, write_mail


async def written_to(said: str, wanted: Mapping[str, Mapping[str, str | Sequence[str]]] = WRITE) -> list[object] | None:
    clock = EagerClock(SAID_AT)
    app = Doer(
        tools=tools(),
        action_model=ScriptedScorer(wanted, sure=0.99),
        clock=clock,
        me="sam",
        journal=MemoryJournal(clock),
    )
    plan = await app.plan(said)
    if not isinstance(plan, Plan):
        return None
    assert all(each.provenance["recipient_email"].source == "read" for each in plan.steps)
    return [to_json(each.arguments["recipient_email"]) for each in plan.steps]


@pytest.mark.parametrize(
    ("said", "who"),
    [
        ("Write everybody who has an overdue job a mail saying 'Soon'", ["ada@choir.example", "ben@choir.example"]),
        ("Write everyone I meet tomorrow, text 'Soon'", ["cy@choir.example", "ben@choir.example"]),
        ("Write a mail 'Soon' to whoever has the job 'Wax pews'", ["cy@choir.example"]),
    ],
)
async def test_who_has_something_is_told_by_its_rows_each_once(said: str, who: list[str]) -> None:
    assert await written_to(said) == who


async def test_who_has_a_role_is_told_by_the_field_of_that_name() -> None:
    wanted = {"write_mail": {"body": "'Soon'", "recipient_email": "key holder of Long Barn"}}
    assert await written_to("Write the key holder of Long Barn 'Soon'", wanted) == ["ben@choir.example"]


@pytest.mark.parametrize(
    "said",
    [
        "Write everybody who has an overdue job and a meeting tomorrow 'Soon'",
        "Write everybody who has an overdue job except Ada 'Soon'",
        "Write everybody who has a purple job 'Soon'",
        "Write everybody who has a job 'Soon'",
        "Write a mail 'Soon' to whoever has the job 'Paint doors'",
        "Write everybody I like, text 'Soon'",
    ],
)
async def test_people_who_are_not_plainly_said_are_asked_for(said: str) -> None:
    assert await written_to(said) is None


async def test_of_two_rows_of_one_name_nobody_is_taken() -> None:
    wanted = {"write_mail": {"body": "'Soon'", "recipient_email": "key holder of Old Mill"}}
    assert await written_to("Write the key holder of Old Mill 'Soon'", wanted) is None
