"""The journal that each release wrote stays readable, verifiable and usable."""

import shutil
from pathlib import Path

import pytest
from tests.journal.conftest import KEY
from tests.journal.events import RUN, failed, story
from tests.journal.golden.make import write

from doer.domain.errors import PayloadErased
from doer.domain.value import RunId
from doer.journal.proof import verify
from doer.journal.store import SqliteJournal
from doer.testing.clock import ManualClock

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.db"))


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda each: each.stem)
async def test_the_journal_of_a_release_is_read_verified_and_gone_on_with(golden: Path, tmp_path: Path) -> None:
    receipt = golden.with_suffix(".receipt").read_text(encoding="ascii")
    path = tmp_path / "journal.db"
    shutil.copyfile(golden, path)
    with SqliteJournal(path, ManualClock(), KEY) as journal:
        read = [each.event for each in await journal.read(RUN)]
        known = {type(each) for each in read}  # kinds of event that came later are in no older journal
        assert read == [each for each in story() if type(each) in known]
        with pytest.raises(PayloadErased):
            await journal.read(RunId("run2"))
        await journal.append(RUN, len(read), [failed(1)])
        report = verify(journal, receipt)

        assert report.ok
        assert report.erased == ("run2",)


async def test_the_newest_golden_journal_is_what_this_release_writes(sqlite: SqliteJournal) -> None:
    assert GOLDEN, "there is no golden journal"

    # The receipt is over every byte of every body: with it equal, nothing about the format has changed unnoticed.
    assert await write(sqlite) == GOLDEN[-1].with_suffix(".receipt").read_text(encoding="ascii").strip()
