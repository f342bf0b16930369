"""Close a ticket with the tools that doer ships: a row of a database and a line of a file, done and taken back as one."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from doer import ApprovalRequest, Doer, RunReport, SystemClock, database_tools, file_tools, load_skills, open_journal

SKILLS = Path(__file__).parent / "tickets"


def make_world(folder: Path) -> None:
    (folder / "log.md").write_text("# Closed tickets\n", encoding="utf-8")
    with closing(sqlite3.connect(folder / "tracker.db")) as tracker, tracker:
        tracker.execute("CREATE TABLE tickets (id INTEGER PRIMARY KEY, title TEXT, status TEXT)")
        tracker.execute("INSERT INTO tickets VALUES (4812, 'The lamp flickers', 'open')")


def yes(request: ApprovalRequest) -> bool:
    for change in request.changes:
        print(f"  {change.kind} {change.resource}\n    {change.before}\n    {change.after}")
    return True


async def main(folder: Path) -> tuple[RunReport, RunReport]:
    clock = SystemClock()
    with open_journal(folder / ".doer", clock) as journal:  # the record; it also keeps the snapshots that undo needs
        tools = [
            *file_tools(folder, journal),
            # In this table doer notes each key in the same transaction, so that a second try is safe.
            *database_tools("tracker", f"sqlite:///{folder}/tracker.db", writable=["tickets"], once="operations-table"),
        ]
        async with Doer(tools=tools, skills=load_skills([SKILLS]), journal=journal, clock=clock) as app:
            done = await app.do('close ticket 4812 because "the lamp was replaced"', approve=yes)
            undone = await app.undo(done.id, approve=yes)
    return done, undone


if __name__ == "__main__":
    with TemporaryDirectory() as temporary:
        make_world(Path(temporary))
        for run in asyncio.run(main(Path(temporary))):
            print(run.status, [f"{step.tool}: {step.state}" for step in run.steps])
