"""Run a skill of one's own, `handover.toml`: slots, a question, rows looked up while planning, and a loop over them."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from doer import Doer, RunReport, SystemClock, database_tools, file_tools, load_skills, open_journal


def make_world(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "tracker.db")) as tracker, tracker:
        tracker.execute("CREATE TABLE people (id TEXT PRIMARY KEY, name TEXT, team TEXT)")
        tracker.execute("CREATE TABLE tickets (id INTEGER PRIMARY KEY, owner TEXT, status TEXT)")
        people = [("ana1", "Ana Lima", "web"), ("ana2", "Ana Roth", "data"), ("ben", "Ben Okri", "web")]
        tracker.executemany("INSERT INTO people VALUES (?, ?, ?)", people)
        tickets = [(1, "ana1", "open"), (2, "ana1", "closed"), (3, "ana1", "open"), (4, "ana2", "open")]
        tracker.executemany("INSERT INTO tickets VALUES (?, ?, ?)", tickets)


async def main(folder: Path) -> RunReport:
    clock = SystemClock()
    with open_journal(folder / ".doer", clock) as journal:
        database = f"sqlite:///{folder}/tracker.db"
        tracker = database_tools("tracker", database, writable=["tickets"], once="operations-table")
        tools, skills = [*file_tools(folder, journal), *tracker], load_skills([Path(__file__).parent])
        async with Doer(tools=tools, skills=skills, journal=journal, clock=clock) as app:
            run = await app.do("hand Ana's tickets over to Ben")
            if run.question is not None:
                print(run.question.text, [option.label for option in run.question.options])
                run = await app.answer(run.id, "1")  # by the number of an option, or in words
            for step in run.steps:
                print(f"{step.state} {step.tool} {step.arguments}")
            return await app.approve(run.id)


if __name__ == "__main__":
    with TemporaryDirectory() as temporary:
        make_world(Path(temporary))
        print(asyncio.run(main(Path(temporary))).status)
