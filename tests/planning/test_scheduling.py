"""What is for a later time is saved as words that can be done then, plainly said not to be running."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.planning.connected import Servers, office
from tests.planning.many import propose_many

from doer.domain.goal import Question
from doer.domain.plan import Plan
from doer.domain.template import to_json

SAVED: list[tuple[str, Mapping[str, object]]] = [
    ("tomorrow at 9am close ticket 4815", {"goal": "close ticket 4815", "at": "2026-11-22T09:00:00+01:00"}),
    ("delete invoice.pdf tomorrow at 9am", {"goal": "delete invoice.pdf", "at": "2026-11-22T09:00:00+01:00"}),
    ("on Friday at 17:00 close all open tickets",
     {"goal": "close all open tickets", "at": "2026-11-27T17:00:00+01:00"}),
    ("every Monday at 9 list the open tickets",
     {"goal": "list the open tickets", "time": "09:00", "rule": "FREQ=WEEKLY;BYDAY=MO"}),
]  # fmt: skip


@pytest.mark.parametrize(("words", "expected"), SAVED, ids=[each[0] for each in SAVED])
async def test_what_is_for_later_is_saved_and_said_not_to_be_running(
    words: str, expected: Mapping[str, object], made: Servers, tmp_path: Path
) -> None:
    async with office(made, tmp_path) as doer:
        plan = await doer.plan(words)

    assert isinstance(plan, Plan), plan
    assert {name: to_json(each) for name, each in plan.steps[0].arguments.items()} == expected
    assert "nothing makes it go off yet" in plan.steps[0].why


DOUBTED = ["every Monday at 9 frobnicate the xyzzy", "every weekday at 7am water the open tickets"]


@pytest.mark.parametrize("words", DOUBTED)
async def test_words_that_nothing_here_can_do_are_saved_only_when_a_person_says_so(
    words: str, made: Servers, tmp_path: Path
) -> None:
    async with office(made, tmp_path) as doer:
        asked = await doer.do(words)
        saved = await doer.answer(asked.id, "2")
        nothing = await doer.answer((await doer.do(words)).id, "1")

    assert asked.question is not None
    assert asked.question.slot == "save"
    assert [each.tool for each in saved.steps] == ["reminders.create_schedule"]
    assert nothing.status == "abstained"


async def test_the_time_of_a_meeting_is_no_time_to_do_it_at(made: Servers, tmp_path: Path) -> None:
    async with office(made, tmp_path) as doer:
        assert isinstance(await doer.plan("cancel the Pricing meeting tomorrow at 9am"), Question)


async def test_without_anything_that_keeps_schedules_nothing_is_done_now() -> None:
    assert not isinstance(await propose_many("delete a.txt tomorrow at 9am"), Plan)
