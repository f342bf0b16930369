"""`The same for Bob` builds on an earlier run: its goal with what the new words replace, previewed anew, and the run is named."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from tests.planning.connected import Servers, office, servers

from doer import Doer
from doer.domain.goal import Abstention, Question
from doer.domain.plan import Plan
from doer.domain.template import to_json
from doer.planning.compound.again import looks_back
from doer.testing import ManualClock


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with servers(tmp_path_factory.mktemp("again")) as started:
        yield started


async def _done(doer: Doer, words: str) -> str:
    run = await doer.do(words, approve=lambda _: True)
    assert run.status == "done", run.reason
    return run.id


async def _told(doer: Doer, words: str) -> Mapping[str, object]:
    plan = await doer.plan(words)
    assert isinstance(plan, Plan), plan
    return {name: to_json(each) for name, each in plan.steps[0].arguments.items()}


def _added(name: str, group: str = "Sales") -> Mapping[str, object]:
    return {"user": f"{name}@acme.example", "group": group}


async def test_the_new_words_replace_what_they_are_like(made: Servers, tmp_path: Path) -> None:
    async with office(made, tmp_path) as doer:
        await _done(doer, "add Jo Weber to Sales")
        bob = await _told(doer, "the same for Bob")
        other = await _told(doer, "same for Bob, but to Platform")
        await _done(doer, "set the stock of A-13 to 9")
        pump = await _told(doer, "the same for A-12")
        more = await _told(doer, "do that again with 12")

    assert (bob, other) == (_added("bob.stone"), _added("bob.stone", "Platform"))
    assert (pump["key"], pump["values"]) == ({"sku": "A-12"}, {"stock": 9})
    assert (more["key"], more["values"]) == ({"sku": "A-13"}, {"stock": 12})


async def test_the_plan_and_where_its_values_came_from_name_the_run(made: Servers, tmp_path: Path) -> None:
    words = "the same for Tom Hill"
    async with office(made, tmp_path) as doer:
        run = await _done(doer, "add Tom Becker to Platform")
        plan = await doer.plan(words)

    assert isinstance(plan, Plan)
    step = plan.steps[0]
    user = step.provenance["user"]
    assert plan.title == f"{words} (as run {run}: add Tom Becker to Platform)"
    assert step.why.startswith(f"as in run {run}: ")
    assert (user.source, words[user.start : user.end]) == ("words", "Tom Hill")
    assert f"(run {run})" in step.provenance["group"].text


async def test_one_that_built_on_another_can_be_built_on(made: Servers, tmp_path: Path) -> None:
    async with office(made, tmp_path) as doer:
        await _done(doer, "add Tom Hill to Sales")
        await _done(doer, "the same for Tom Becker, but to Platform")
        third = await _told(doer, "the same for Bob Stone")

    assert third == _added("bob.stone", "Platform")


async def test_days_of_the_earlier_run_stay_what_they_were_and_new_ones_are_read_as_of_now(
    made: Servers, tmp_path: Path
) -> None:
    async with office(made, tmp_path) as doer:
        await _done(doer, "remind me on Wednesday at 9am to call Ana")
        assert isinstance(doer.clock, ManualClock)
        doer.clock.advance(timedelta(days=2))
        same = await _told(doer, "the same for Jo Weber")
        moved = await _told(doer, "do it again tomorrow at 10am")
        doer.clock.advance(timedelta(days=7))
        past = await doer.plan("the same for Jo Weber")

    assert same == {"text": "call Jo Weber", "at": "2026-11-25T09:00:00+01:00"}
    assert moved["at"] == "2026-11-24T10:00:00+01:00"
    assert isinstance(past, Question)
    assert (past.slot, "is past" in past.text) == ("again.day", True)


async def test_where_the_last_run_has_no_place_for_the_words_it_is_asked_which_is_meant(
    made: Servers, tmp_path: Path
) -> None:
    async with office(made, tmp_path) as doer:
        first = await _done(doer, "add Bob Stone to Sales")
        last = await _done(doer, "set the stock of A-12 to 4")
        asked = await doer.do("the same for Tom Hill")
        assert asked.question is not None
        chosen = await doer.answer(asked.id, "2")

    assert [each.value for each in asked.question.options] == [last, first]
    assert chosen.steps[0].arguments == _added("tom.hill")


async def test_what_nobody_did_is_not_done_again(made: Servers, tmp_path: Path) -> None:
    async with office(made, tmp_path) as doer:
        refused = await doer.do("add Bob Stone to Platform", approve=lambda _: False)
        proposal = await doer.plan("the same for Tom Hill")

    assert refused.status == "refused"
    assert isinstance(proposal, Abstention)
    assert "no run of yours is finished" in proposal.reason


async def test_a_wish_to_take_work_back_is_told_the_command(made: Servers, tmp_path: Path) -> None:
    async with office(made, tmp_path) as doer:
        jo = await _done(doer, "add Jo Weber to Platform")
        await _done(doer, "add Tom Hill to Platform")
        named = await doer.plan("undo what I did today for Jo")
        several = await doer.plan("undo what I did today")
        none = await doer.plan("undo what I did yesterday")

    assert isinstance(named, Abstention)
    assert f"`doer undo {jo}`" in named.reason
    assert isinstance(several, Question)
    assert isinstance(none, Abstention)
    assert "doer undo" not in none.reason


@pytest.mark.parametrize(
    ("words", "back"),
    [("the same for Alan", True), ("do that again for Bob with start Tuesday", True), ("again for Bob", True),
     ("undo my last run", True), ("undo what I did this morning for Ada", True), ("close ticket 12 again", False),
     ("move a.txt and do the same with b.txt", False), ("undo the last commit", False), ("same", True),
     ("put the same text into b.txt", False), ('email ana@acme.example "the same for Alan"', False)],
)  # fmt: skip
def test_only_what_speaks_of_an_earlier_run_looks_back(words: str, back: bool) -> None:
    assert looks_back(words) is back
