"""The clock and the randomness that tests hold in their hand."""

import asyncio
from datetime import timedelta

import pytest

from doer.domain.ports import Clock, Entropy
from doer.testing.clock import START, CountingEntropy, ManualClock


async def test_sleepers_wake_in_the_order_of_their_moments_and_not_before() -> None:
    clock = ManualClock()
    port: Clock = clock
    woken: list[int] = []

    async def sleep(minutes: int) -> None:
        await port.sleep_until(START + timedelta(minutes=minutes))
        woken.append(minutes)

    tasks = [asyncio.ensure_future(sleep(minutes)) for minutes in (3, 1, 2, 0)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert (woken, clock.next_moment) == ([0], START + timedelta(minutes=1))
    clock.advance(119)
    await asyncio.sleep(0)
    assert woken == [0, 1]
    clock.advance(timedelta(minutes=5))
    await asyncio.gather(*tasks)

    assert woken == [0, 1, 2, 3]
    assert clock.now() == START + timedelta(seconds=119, minutes=5)
    assert clock.next_moment is None


async def test_a_sleeper_that_was_cancelled_is_passed_over_and_time_never_goes_back() -> None:
    clock = ManualClock()
    sleeper = asyncio.ensure_future(clock.sleep_until(START + timedelta(minutes=1)))
    await asyncio.sleep(0)
    sleeper.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sleeper
    assert clock.next_moment is None
    clock.advance_to(START + timedelta(minutes=2))
    clock.advance_to(START)

    assert clock.now() == START + timedelta(minutes=2)


def test_entropy_counts() -> None:
    entropy: Entropy = CountingEntropy()

    assert [entropy.run_id(), entropy.run_id()] == ["run1", "run2"]
    assert [entropy.seed(), entropy.seed()] == [1, 2]
