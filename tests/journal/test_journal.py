"""What every journal promises, whether in a file or in memory."""

import asyncio
from datetime import timedelta

import pytest
from tests.journal.events import RUN, accepted, ended, failed, story

from doer.domain.action import Receipt
from doer.domain.errors import AlreadyDriven, Outdated, PayloadErased, UsageError
from doer.domain.event import Event, Recorded, StepApplied
from doer.domain.ports import Journal, Payloads
from doer.domain.value import Digest, RunId, StepId
from doer.journal.store import SqliteJournal
from doer.testing.clock import START, ManualClock
from doer.testing.journal import MemoryJournal

Either = SqliteJournal | MemoryJournal


async def lengths(journal: Journal, payloads: Payloads) -> tuple[int, int]:
    """Takes the ports as the other rooms do, so that mypy compares the signatures."""
    return len(await journal.read(RUN)), len(payloads.get(payloads.put(b"four")))


async def test_a_journal_is_used_through_the_ports(journal: Either) -> None:
    await journal.append(RUN, 0, [accepted()])

    assert await lengths(journal, journal) == (1, 4)


async def test_what_was_appended_is_read_back_in_order(journal: Either, clock: ManualClock) -> None:
    first = await journal.append(RUN, 0, story()[:2])
    clock.advance(timedelta(minutes=1))
    second = await journal.append(RUN, 2, story()[2:])

    assert [each.seq for each in second] == list(range(3, len(story()) + 1))
    assert first[0] == Recorded(RUN, 1, START, story()[0])
    assert second[0].at == START + timedelta(minutes=1)
    assert await journal.read(RUN) == [*first, *second]
    assert await journal.read(RUN, 2) == second
    assert await journal.read(RUN, len(story())) == []


async def test_a_list_that_its_owner_goes_on_with_is_recorded_as_it_was(journal: Either) -> None:
    events: list[Event] = [accepted(), failed(1)]
    appending = asyncio.ensure_future(journal.append(RUN, 0, events))
    await asyncio.sleep(0)
    events.append(failed(2))

    assert len(await appending) == 2
    assert len(await journal.read(RUN)) == 2


async def test_an_unknown_run_has_no_events(journal: Either) -> None:
    assert await journal.read(RunId("nobody")) == []
    assert await journal.runs() == []


async def test_appending_nothing_does_nothing(journal: Either) -> None:
    assert await journal.append(RUN, 0, []) == ()
    assert await journal.runs() == []


@pytest.mark.parametrize("after", [0, 2])
async def test_an_append_behind_or_ahead_of_the_run_is_outdated_and_changes_nothing(
    journal: Either, after: int
) -> None:
    await journal.append(RUN, 0, [accepted()])

    with pytest.raises(Outdated, match="run1 is at 1"):
        await journal.append(RUN, after, [failed(1), failed(2)])

    assert len(await journal.read(RUN)) == 1


async def test_of_many_appends_at_one_place_exactly_one_wins_and_other_runs_do_not_suffer(journal: Either) -> None:
    racing = [journal.append(RUN, 0, [failed(number)]) for number in range(5)]
    others = [journal.append(RunId(f"other{number}"), 0, [accepted()]) for number in range(5)]
    answers = await asyncio.gather(*racing, *others, return_exceptions=True)

    assert [isinstance(each, Outdated) for each in answers].count(True) == 4
    assert not any(isinstance(each, Outdated) for each in answers[5:])
    assert len(await journal.read(RUN)) == 1


async def test_runs_are_listed_newest_first(journal: Either) -> None:
    for name in ("b", "c", "a"):
        await journal.append(RunId(name), 0, [accepted()])
    await journal.append(RunId("b"), 1, [failed(1)])

    assert await journal.runs() == ["a", "c", "b"]


@pytest.mark.parametrize("name", ["", "../evil", "a b", "a\nb", "x" * 65, "-rf"])
async def test_a_name_that_no_run_can_have_is_refused(journal: Either, name: str) -> None:
    with pytest.raises(UsageError, match="no name of a run"):
        await journal.append(RunId(name), 0, [accepted()])
    with pytest.raises(UsageError, match="no name of a run"), journal.driving(RunId(name)):
        pass


def test_a_run_is_driven_by_one_at_a_time(journal: Either) -> None:
    with journal.driving(RUN):
        with pytest.raises(AlreadyDriven, match="doer watch run1"), journal.driving(RUN):
            pass
        with journal.driving(RunId("other")):
            pass
    with journal.driving(RUN):
        pass


def test_a_driver_that_fails_lets_go(journal: Either) -> None:
    with pytest.raises(ZeroDivisionError), journal.driving(RUN):
        raise ZeroDivisionError
    with journal.driving(RUN):
        pass


async def test_waiting_for_growth_ends_at_once_when_the_run_is_there_already(journal: Either) -> None:
    await journal.append(RUN, 0, [accepted(), failed(1)])

    await journal.grown(RUN, 1)


async def test_waiting_for_growth_ends_with_the_append_that_it_waited_for(journal: Either) -> None:
    waiting = asyncio.ensure_future(journal.grown(RUN, 1))
    await asyncio.sleep(0)  # it waits now
    await journal.append(RunId("other"), 0, [accepted(), failed(1)])
    await journal.append(RUN, 0, [accepted()])
    assert not waiting.done()
    await journal.append(RUN, 1, [failed(1)])

    await waiting


async def test_a_wait_that_is_given_up_is_forgotten(journal: Either) -> None:
    waiting = asyncio.ensure_future(journal.grown(RUN, 0))
    await asyncio.sleep(0)  # it waits now
    await journal.append(RunId("other"), 0, [accepted()])
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    assert await journal.append(RUN, 0, [accepted()])


@pytest.mark.parametrize("size", [0, 1, 64 * 1024, 64 * 1024 + 1, 300_000])
async def test_payloads_of_any_size_are_kept_once_under_their_digest(journal: Either, size: int) -> None:
    content = b"x" * size
    digest = await asyncio.to_thread(journal.put, content)

    assert digest.startswith("sha256:")
    assert journal.put(content) == digest
    assert journal.get(digest) == content


def test_a_payload_that_is_not_there_is_called_erased(journal: Either) -> None:
    with pytest.raises(PayloadErased, match="gone"):
        journal.get(Digest("sha256:" + "0" * 64))


async def test_erasing_a_run_takes_its_payloads_and_leaves_those_that_others_use(journal: Either) -> None:
    own, own_large = journal.put(b"only of run1"), journal.put(b"l" * 70_000)
    shared, shared_large = journal.put(b"of both"), journal.put(b"s" * 70_000)
    step = StepId("s1")
    await journal.append(RUN, 0, [accepted(), StepApplied(step, Receipt(undo=[own, own_large, shared, shared_large]))])
    await journal.append(RunId("run2"), 0, [accepted(), StepApplied(step, Receipt(undo=[shared, shared_large]))])
    kept = await journal.read(RunId("run2"))

    await journal.erase(RUN)

    for gone in (own, own_large):
        with pytest.raises(PayloadErased):
            journal.get(gone)
    assert journal.get(shared) == b"of both"
    assert len(journal.get(shared_large)) == 70_000
    with pytest.raises(PayloadErased):
        await journal.read(RUN)
    assert await journal.read(RunId("run2")) == kept


async def test_a_run_that_is_driven_is_not_erased(journal: Either) -> None:
    await journal.append(RUN, 0, [accepted()])

    with journal.driving(RUN), pytest.raises(AlreadyDriven):
        await journal.erase(RUN)

    assert len(await journal.read(RUN)) == 1


async def test_erasing_a_run_that_is_not_there_does_nothing(journal: Either) -> None:
    await journal.erase(RUN)

    assert await journal.runs() == []


async def test_an_erased_run_can_still_be_added_to(journal: Either) -> None:
    await journal.append(RUN, 0, [accepted()])
    await journal.erase(RUN)

    assert [each.seq for each in await journal.append(RUN, 1, [ended()])] == [2]
