"""Several processes on one journal: they race, watch each other and are killed, and nothing acknowledged is lost."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.journal.conftest import KEY
from tests.journal.events import RUN, accepted, failed

from doer.domain.errors import AlreadyDriven, Outdated
from doer.domain.value import RunId
from doer.journal.proof import verify
from doer.journal.store import SqliteJournal
from doer.testing.clock import ManualClock

ROOT = Path(__file__).parents[2]


@contextmanager
def writing(path: Path, task: str, run: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.journal.writing", str(path.parent), task, run]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment, cwd=ROOT) as process:
        try:
            yield process
        finally:
            process.kill()


def heard(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


async def test_two_processes_append_to_the_same_and_to_different_runs_and_the_chain_holds(path: Path) -> None:
    with writing(path, "race", "one") as one, writing(path, "race", "two") as two:
        assert [heard(one), heard(two)] == ["ready", "ready"]
        go(one)
        go(two)
        assert [one.wait(), two.wait()] == [0, 0]

    with SqliteJournal(path, ManualClock(), KEY) as journal:
        lengths = [len(await journal.read(RunId(run))) for run in ("shared", "one", "two")]
        assert lengths == [60, 30, 30]
        assert verify(journal).ok


async def test_a_cached_head_is_forgotten_when_another_process_appended(path: Path, clock: ManualClock) -> None:
    with SqliteJournal(path, clock, KEY) as one, SqliteJournal(path, clock, KEY) as two:
        await one.append(RUN, 0, [accepted()])
        await two.append(RUN, 1, [failed(1)])
        with pytest.raises(Outdated):
            await one.append(RUN, 1, [failed(2)])
        await one.append(RUN, 2, [failed(3)])
        receipt = await two.checkpoint()
        await one.append(RUN, 3, [failed(4)])
        assert await one.checkpoint() != receipt

        assert [each.seq for each in await two.read(RUN)] == [1, 2, 3, 4]
        assert verify(two, receipt).ok


@pytest.mark.parametrize("acknowledged", [1, 7, 20])
async def test_a_writer_that_is_killed_loses_nothing_that_was_acknowledged(path: Path, acknowledged: int) -> None:
    with writing(path, "until-killed", RUN) as process:
        for _ in range(acknowledged - 1):
            heard(process)
        last = int(heard(process))
        process.kill()
        assert process.stdout is not None
        last = max([last, *(int(each) for each in process.stdout.read().split("\n")[:-1])])

    with SqliteJournal(path, ManualClock(), KEY) as journal:
        kept = await journal.read(RUN)
        assert len(kept) >= last
        assert len(kept) % 2 == 0, "of one append there is all or nothing"
        assert verify(journal).ok
        assert await journal.append(RUN, len(kept), [failed(0)])


async def test_the_right_to_drive_ends_with_the_process_that_holds_it(path: Path, clock: ManualClock) -> None:
    with SqliteJournal(path, clock, KEY) as journal:
        with writing(path, "drive", RUN) as process:
            assert heard(process) == "driving"
            with pytest.raises(AlreadyDriven, match="another process"), journal.driving(RUN):
                pass
            process.kill()
            process.wait()
        with journal.driving(RUN):
            pass


async def test_who_waits_hears_of_an_append_by_another_process(path: Path, clock: ManualClock) -> None:
    with SqliteJournal(path, clock, KEY) as journal, writing(path, "append", RUN) as process:
        assert heard(process) == "ready"
        waiting = asyncio.ensure_future(journal.grown(RUN, 0))
        go(process)
        await waiting

        assert len(await journal.read(RUN)) == 1
