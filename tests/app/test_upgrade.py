"""A workspace that an older release made is opened, gone on with and taken back by this one."""

import tarfile
from pathlib import Path

import pytest

from doer.app.state import STATE
from doer.app.workspace import open_doer
from doer.domain.event import PlanOutdated
from doer.journal.proof import verify
from doer.journal.store import open_journal
from doer.runtime.system import SystemClock

GOLDEN = sorted((Path(__file__).parent / "golden").glob("workspace-*.tgz"))
"""Each holds `office`: one run that is undone, one that waits for approval, and one that has asked a question."""


@pytest.fixture(params=GOLDEN, ids=lambda each: each.stem)
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    with tarfile.open(request.param) as tar:
        if hasattr(tarfile, "data_filter"):
            tar.extractall(tmp_path, filter="data")
        else:  # before Python 3.11.4
            tar.extractall(tmp_path)
    return tmp_path / "office"


async def test_its_record_is_whole_and_every_run_stands_where_it_stood(office: Path) -> None:
    with open_journal(office / STATE, SystemClock()) as journal:
        assert verify(journal).ok
    async with open_doer(office) as doer:
        stood = {(await doer.show(run)).goal: (await doer.show(run)).status for run in await doer.journal.runs()}

    assert stood == {
        "write hello.md: it works": "undone",
        "write b.md: waits": "waiting",
        "append a line to hello.md": "needs_answer",
    }


async def test_a_run_that_waited_is_planned_with_the_tools_of_today_and_asked_about_anew(office: Path) -> None:
    async with open_doer(office) as doer:
        (waiting,) = [run for run in await doer.journal.runs() if (await doer.show(run)).status == "waiting"]

        again = await doer.approve(waiting)
        outdated = [each for each in await doer.history(waiting) if isinstance(each.event, PlanOutdated)]

        assert (again.status, len(outdated)) == ("waiting", 1)
        assert (await doer.approve(waiting)).status == "done"
    assert (office / "b.md").read_text(encoding="utf-8").strip() == "waits"


async def test_what_it_undid_is_not_done_again_with_other_tools_than_those_it_was_planned_with(office: Path) -> None:
    async with open_doer(office) as doer:
        (undone,) = [run for run in await doer.journal.runs() if (await doer.show(run)).status == "undone"]

        again = await doer.redo(undone, approve=lambda _: True)

    assert (again.status, "plan again" in again.reason) == ("failed", True)
    assert not (office / "hello.md").exists()
