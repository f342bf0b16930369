"""A process of its own that writes into a journal, for the tests to race with and to kill. Arguments: FOLDER TASK RUN."""

import asyncio
import sys
from pathlib import Path

from tests.journal.conftest import KEY
from tests.journal.events import accepted, failed

from doer.domain.errors import Outdated
from doer.domain.value import RunId
from doer.journal.store import SqliteJournal
from doer.testing.clock import ManualClock


def say(text: object) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


async def write(journal: SqliteJournal, run: RunId, count: int) -> None:
    """Append to one run whatever others do, reading again where somebody was first."""
    for number in range(count):
        last = len(await journal.read(run))
        while True:
            try:
                await journal.append(run, last, [failed(number)])
                break
            except Outdated:
                last = len(await journal.read(run))


async def write_until_killed(journal: SqliteJournal, run: RunId) -> None:
    """Say each seq once it is acknowledged."""
    seq = 0
    while True:
        journal.put(f"payload {seq}".encode())
        await journal.append(run, seq, [failed(seq), failed(seq + 1)])
        seq += 2
        say(seq)


def main(folder: str, task: str, run: str) -> None:
    with SqliteJournal(Path(folder) / "journal.db", ManualClock(), KEY) as journal:
        match task:
            case "race":
                say("ready")
                sys.stdin.readline()
                asyncio.run(write(journal, RunId("shared"), 30))
                asyncio.run(write(journal, RunId(run), 30))
            case "until-killed":
                asyncio.run(write_until_killed(journal, RunId(run)))
            case "drive":
                with journal.driving(RunId(run)):
                    say("driving")
                    sys.stdin.readline()
            case "append":
                asyncio.run(append_when_told(journal, RunId(run)))
            case _:
                raise ValueError(task)


async def append_when_told(journal: SqliteJournal, run: RunId) -> None:
    say("ready")
    sys.stdin.readline()
    await journal.append(run, 0, [accepted()])


if __name__ == "__main__":
    main(*sys.argv[1:])
