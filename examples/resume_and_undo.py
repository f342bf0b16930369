"""Come back later: a run outlives the process that began it; it is resumed, approved, undone and redone by others."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from doer import ApprovalRequest, Doer, RunReport, SystemClock, file_tools, open_journal


@asynccontextmanager
async def fresh_process(folder: Path) -> AsyncIterator[Doer]:
    """Give what another process would have: the same folder, and nothing else."""
    clock = SystemClock()
    with open_journal(folder / ".doer", clock) as journal:
        async with Doer(tools=file_tools(folder, journal), journal=journal, clock=clock) as app:
            yield app


def yes(request: ApprovalRequest) -> bool:
    for change in request.changes:
        print(f"{request.kind}: {change.kind} {change.resource}")
    return True


async def main(folder: Path) -> list[RunReport]:
    async with fresh_process(folder) as app:
        # Recorded, and nothing more: from here on any process may die at any moment.
        run_id = await app.accept('write "call Ben at noon" into the file todo.md')

    async with fresh_process(folder) as app:
        [resumed] = await app.resume()  # drives whatever waits for nobody; it gets as far as the question

    async with fresh_process(folder) as app:
        done = await app.approve(run_id, seen=resumed.seq)  # approves what was shown, and carries it on

    async with fresh_process(folder) as app:
        undone = await app.undo(run_id, approve=yes)
        redone = await app.redo(run_id, approve=yes)  # an undone run is taken up again

    (folder / "todo.md").write_text("call Ben at one", encoding="utf-8")  # somebody else changes it
    async with fresh_process(folder) as app:
        return [resumed, done, undone, redone, await app.undo(run_id, approve=yes)]  # and is not overwritten


if __name__ == "__main__":
    with TemporaryDirectory() as temporary:
        for run in asyncio.run(main(Path(temporary))):
            print(run.status, run.steps[0].state, run.steps[0].reason)
