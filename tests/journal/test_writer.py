"""The writer: what is asked for in one turn of the loop, or while a commit is under way, is one commit."""

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.journal.conftest import KEY

from doer.domain.errors import DoerError
from doer.journal.blob import BlobFolder
from doer.journal.ledger import Ledger, Result, Seal, Work
from doer.journal.schema import prepare
from doer.journal.writer import Writer
from doer.testing.clock import ManualClock


class HeldUp(Ledger):
    """A ledger whose commits begin when they may; it keeps how much each was of."""

    def __init__(self, path: Path) -> None:
        prepare(path)
        super().__init__(path, ManualClock(), KEY, BlobFolder(path.parent / "payloads"))
        self.begun, self.may, self.sizes = threading.Event(), threading.Event(), list[int]()

    def commit(self, batch: Sequence[Work]) -> list[Result | DoerError]:
        self.begun.set()
        assert self.may.wait(60)
        self.sizes.append(len(batch))
        return super().commit(batch)


@pytest.fixture
def ledger(path: Path) -> HeldUp:
    return HeldUp(path)


async def turns_pass() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_what_is_asked_for_in_one_turn_is_one_commit(ledger: HeldUp) -> None:
    writer = Writer(ledger, lambda _: None)
    ledger.may.set()
    await asyncio.gather(*(writer.do(Seal()) for _ in range(30)))
    writer.close()

    assert ledger.sizes == [30]


async def test_what_is_asked_for_while_a_commit_is_under_way_is_the_next_commit(ledger: HeldUp) -> None:
    writer = Writer(ledger, lambda _: None)
    asked = [asyncio.create_task(writer.do(Seal()))]
    await asyncio.to_thread(ledger.begun.wait, 60)
    for _ in range(3):
        asked += [asyncio.create_task(writer.do(Seal())) for _ in range(2)]
        await turns_pass()
    ledger.may.set()
    await asyncio.gather(*asked)
    writer.close()

    assert ledger.sizes == [1, 6]
