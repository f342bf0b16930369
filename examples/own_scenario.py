"""A scenario of one's own, for `doer chaos`: a library's shelf in SQLite, one tool, and a view of it that is not the tool's.

`doer chaos kill --scenario examples/own_scenario.py:Lending`, and the same with `lie` and `undo`.
"""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import BaseModel

import doer
from doer import Change, Doer, Intent, Journal, Key, Receipt, SystemClock, open_journal, tool


class Loan(BaseModel):
    """A loan as the shelf has it."""

    id: str
    book: str
    reader: str


def lend_tool(shelf: Path) -> doer.Tool:
    """Return the tool `lend` over the loans in this file."""

    @tool(
        effect="write",
        once=True,  # the primary key holds our key, so that a second try cannot lend twice
        roles={"reader": "destination"},
        examples=["lend {book} to {reader}"],
    )
    def lend(book: str, reader: str, key: Key) -> Loan:
        """Lend a book to a reader."""
        with closing(sqlite3.connect(shelf)) as connection, connection:
            made = connection.execute("INSERT INTO loans VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (key, book, reader))
            # A trigger may have done more than was asked for, or undone it: leaving by an error takes all of it back.
            if connection.total_changes != made.rowcount:
                raise doer.Permanent("the shelf changed something else than the one loan: look at its triggers")
        return Loan(id=key, book=book, reader=reader)

    @lend.preview
    def _(book: str, reader: str) -> Change:
        return Change(f"loan:{book}/{reader}", None, {"book": book, "reader": reader})

    @lend.verify
    def _(intent: Intent, receipt: Receipt | None = None) -> doer.Verification:
        wanted = Loan.model_validate({"id": intent.key, **intent.arguments})
        with closing(sqlite3.connect(shelf)) as connection:
            # Wider than what was written: the same loan under another number would be one too many.
            rows = connection.execute(
                "SELECT * FROM loans WHERE book = ? OR id = ?", (wanted.book, wanted.id)
            ).fetchall()
        if rows == [(wanted.id, wanted.book, wanted.reader)]:
            return doer.Verified(receipt or Receipt(wanted.model_dump()), "the loan was read back")
        return doer.Refuted(f"the shelf shows {rows}", receipt) if rows else doer.Absent("there is no such loan")

    @lend.undo
    def _(receipt: Receipt) -> doer.Reversal:
        loan = Loan.model_validate(receipt.result)
        with closing(sqlite3.connect(shelf)) as connection, connection:
            connection.execute(
                "DELETE FROM loans WHERE id = ? AND book = ? AND reader = ?", (loan.id, loan.book, loan.reader)
            )
            left = connection.execute("SELECT * FROM loans WHERE id = ?", (loan.id,)).fetchall()
        return doer.Conflict(f"somebody changed the loan since: {left}") if left else doer.Undone(evidence="read back")

    return lend


class Shelf:
    """A `doer.testing.scenario.Stage`: the running world, as doer and as an observer see it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.services = {"database": str(root / "shelf.db")}

    def open(
        self,
        *,
        tools: Callable[[Sequence[doer.Tool]], Sequence[doer.Tool]] | None = None,
        journal: Callable[[Journal], Journal] | None = None,
    ) -> Doer:
        kept = open_journal(self.root / ".doer", SystemClock())
        own = [lend_tool(self.root / "shelf.db")]
        return Doer(
            tools=tools(own) if tools else own, journal=journal(kept) if journal else kept, closing=[kept.close]
        )

    def loans(self) -> list[tuple[str, str]]:
        with closing(sqlite3.connect(self.root / "shelf.db")) as connection:
            return [
                (book, reader) for _, book, reader in connection.execute("SELECT * FROM loans ORDER BY book, reader")
            ]

    def effects(self) -> list[str]:
        return [f"{book} is lent to {reader}" for book, reader in self.loans() if book != "Emma"]

    def observe(self) -> list[list[str]]:
        return [list(each) for each in self.loans()]

    def meddle(self, where: Sequence[str] = ()) -> list[str]:
        with closing(sqlite3.connect(self.root / "shelf.db")) as connection, connection:
            connection.execute("UPDATE loans SET reader = 'somebody else' WHERE book <> 'Emma'")
        return self.still(["the reader"])

    def still(self, edits: Sequence[str]) -> list[str]:
        return list(edits) if any(reader == "somebody else" for _, reader in self.loans()) else []

    def reset(self) -> None:
        shutil.rmtree(self.root / ".doer", ignore_errors=True)
        with closing(sqlite3.connect(self.root / "shelf.db")) as connection, connection:
            connection.execute("DROP TABLE IF EXISTS loans")
            connection.execute("DROP TABLE IF EXISTS chaos_side_table")
            connection.execute("CREATE TABLE loans (id TEXT PRIMARY KEY, book TEXT, reader TEXT)")
            connection.execute("INSERT INTO loans VALUES ('1', 'Emma', 'Ana')")


class Lending:
    """A `doer.testing.scenario.Scenario`."""

    name = "lending"
    sentence = 'lend "Dubliners" to Ben'

    @contextmanager
    def start(self, root: Path) -> Iterator[None]:
        Shelf(root).reset()  # a server would be started here, and stopped after the yield
        yield

    def attach(self, root: Path, through: Mapping[str, str] | None = None) -> Shelf:
        return Shelf(root)  # `through` would replace the URLs of services by those of proxies


async def main(root: Path) -> list[str]:
    """Do the scenario's job once, undisturbed."""
    scenario = Lending()
    with scenario.start(root):
        shelf = scenario.attach(root)
        app = shelf.open()
        async with app:
            run = await app.do(scenario.sentence, approve=lambda _: True)
        print(run.status, shelf.effects())
        return shelf.effects()


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        asyncio.run(main(Path(folder)))
