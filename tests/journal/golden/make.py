"""Makes the golden journal of a release: `PYTHONPATH=. python tests/journal/golden/make.py tests/journal/golden/journal-1.db`.

Run it only for a new release, under a new name: a golden journal that is there must stay readable as it is.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.journal.conftest import KEY
from tests.journal.events import RUN, accepted, ended, story

from doer.domain.value import RunId
from doer.journal.store import SqliteJournal
from doer.testing.clock import ManualClock


async def write(journal: SqliteJournal) -> str:
    """One run with one of every event, one that was erased; return the receipt."""
    await journal.append(RUN, 0, story()[:10])
    await journal.append(RunId("run2"), 0, [accepted("Forget me"), ended()])
    await journal.append(RUN, 10, story()[10:])
    await journal.erase(RunId("run2"))
    return await journal.checkpoint()


def main(target: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.db"
        with SqliteJournal(path, ManualClock(), KEY) as journal:
            receipt = asyncio.run(write(journal))
        Path(target).write_bytes(path.read_bytes())
        Path(target).with_suffix(".receipt").write_text(receipt + "\n", encoding="ascii")


if __name__ == "__main__":
    main(sys.argv[1])
