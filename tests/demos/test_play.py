"""The demo as it happens: what is yielded, and whether it says of the world what is so."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace
from typing import TypeVar

import pytest

from doer.demos.happening import (
    Approved,
    Began,
    Carried,
    Caught,
    Ended,
    Foreseen,
    Happening,
    Killed,
    Moved,
    Proved,
    ServersUp,
    TakenBack,
    UndoForeseen,
)
from doer.demos.liar import before, parse_lie
from doer.demos.play import play
from doer.demos.wishes import Wishes
from doer.domain.errors import UsageError
from doer.domain.event import RunClaimed, RunEnded, StepAbsent, StepApplied, StepUndone, StepVerified

T = TypeVar("T")


async def played(wishes: Wishes) -> list[Happening]:
    async with aclosing(play(wishes)) as happenings:
        return [each async for each in happenings]


def only(kind: type[T], happenings: list[Happening]) -> T:
    [found] = [each for each in happenings if isinstance(each, kind)]
    return found


async def test_the_work_is_killed_resumed_proved_and_taken_back() -> None:
    happenings = await played(Wishes("onboard"))
    told = [type(each) for each in happenings if not isinstance(each, Moved)]
    assert told == [
        ServersUp,
        Foreseen,
        Approved,
        Began,
        Killed,
        Began,
        Carried,
        Proved,
        UndoForeseen,
        Began,
        TakenBack,
    ]
    assert only(Approved, happenings).named == ("welcome",)

    killed = only(Killed, happenings)
    assert len(killed.steps("verified")) >= 3
    assert killed.steps("started")
    assert killed.seen > len(killed.steps("verified")), "an effect is there that the journal does not know of"
    assert killed.after_effect == "calendar.create_event"
    assert killed.before_effect == "access.grant"

    carried = only(Carried, happenings)
    assert carried.pid != killed.pid
    assert carried.run.status == "done"
    assert {step.state for step in carried.run.steps} == {"verified"}
    assert {each.step for each in carried.reconciled} == set(killed.steps("started", "applied"))
    assert {each.how for each in carried.reconciled} >= {"adopted", "applied again"}

    proved = only(Proved, happenings)
    assert (proved.foretold, proved.effects, proved.duplicates, proved.sound) == (13, 13, (), True)

    back = only(TakenBack, happenings)
    assert back.run.status == "partly_undone"
    assert back.stays == ("welcome",)
    assert [each.partition(" ")[0] for each in back.left] == ["mail:"]
    assert back.same == ("directory", "calendar", "database", "files", "access")
    assert back.before == back.after
    assert back.world_equal


async def test_the_journal_tells_the_same_story_as_the_happenings(onboard: str) -> None:
    happenings = await played(Wishes(onboard, sentence="append 'hello' to team.md"))
    records = [record for each in happenings if isinstance(each, Moved) for record in each.records]
    assert [record.seq for record in records] == sorted({record.seq for record in records}), "each event once, in order"
    story = [type(each.event) for each in records]
    assert story.count(RunClaimed) == 3, "one process worked, one resumed, one took it back"
    assert StepAbsent not in story, "it was there: cut off after its effect"
    assert [each for each in story if each in (StepApplied, StepVerified, RunEnded, StepUndone)] == [
        StepApplied, StepVerified, RunEnded, StepUndone, RunEnded,
    ]  # fmt: skip
    assert only(Proved, happenings).holds
    assert only(TakenBack, happenings).left == ()


async def test_an_error_after_the_effect_is_looked_into_and_not_repeated(onboard: str) -> None:
    caught = only(Caught, await played(Wishes(onboard, lie=parse_lie("error_after_commit:access"))))
    assert caught.run.status == "done"
    assert (len(caught.left), caught.duplicates) == (caught.foretold, ())
    assert caught.holds
    assert not replace(caught, struck=()).holds, "a fault that did not strike proves nothing"
    assert replace(caught, left=caught.left[1:]).believed, "done, and an effect is missing"
    assert replace(caught, duplicates=("mail: twice",)).believed, "done, and an effect is there twice"


async def test_a_refusal_ends_it_before_anything_is_changed(onboard: str) -> None:
    async def no(*_: object) -> bool:
        return False

    happenings = await played(Wishes(onboard, consent=no))
    assert [type(each) for each in happenings] == [ServersUp, Foreseen, Ended]
    assert only(Ended, happenings).run.status == "refused"


def test_a_proof_needs_each_effect_once_and_a_sound_journal() -> None:
    whole = Proved(foretold=2, effects=2, duplicates=(), events=9, sound=True, receipt="")
    assert whole.holds
    assert not replace(whole, effects=1).holds
    assert not replace(whole, effects=3).holds
    assert not replace(whole, duplicates=("mail: welcome, 2 times",)).holds
    assert not replace(whole, sound=False).holds


def test_an_unknown_way_to_break_a_server_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="error_after_commit"):
        parse_lie("explode")


@pytest.mark.parametrize(
    ("lie", "says"),
    [("drop:database", "directory"), ("drop:nothing", "directory"), ("stale:mail", "error_after_commit")],
)
async def test_a_service_that_cannot_be_broken_so_is_refused(lie: str, says: str) -> None:
    services = {"directory": "http://127.0.0.1:9/v2", "mail": "smtp://127.0.0.1:9", "database": "people.db"}
    with pytest.raises(UsageError, match=says):
        async with before(parse_lie(lie), services):
            pass
