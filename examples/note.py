"""Leave somebody a note: a tool of one's own, complete in its four verbs, over a SQLite file."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import BaseModel

import doer
from doer import ApprovalRequest, Change, Doer, Intent, Key, Receipt, RunReport, tool


class Note(BaseModel):
    """A note as the file has it."""

    id: str
    recipient: str
    text: str


def note_tool(database: Path) -> doer.Tool:
    """Return the tool `add_note` over the notes in this file."""

    def sql(statement: str, *values: str) -> list[tuple[str, str]]:
        with closing(sqlite3.connect(database)) as connection, connection:
            return connection.execute(statement, values).fetchall()

    sql("CREATE TABLE IF NOT EXISTS notes (id TEXT PRIMARY KEY, recipient TEXT, text TEXT)")

    @tool(
        effect="write",
        once=True,  # the primary key holds our key: a second try cannot make a second note
        roles={"recipient": "destination"},
        examples=["leave {recipient} a note that {text}"],
    )
    def add_note(recipient: str, text: str, key: Key) -> Note:
        """Leave a note for somebody."""
        sql("INSERT INTO notes VALUES (?, ?, ?) ON CONFLICT DO NOTHING", key, recipient, text)
        return Note(id=key, recipient=recipient, text=text)

    @add_note.preview
    def _(recipient: str, text: str) -> Change:
        return Change(f"note:{recipient}/new", None, {"recipient": recipient, "text": text})

    @add_note.verify
    def _(intent: Intent, receipt: Receipt | None = None) -> doer.Verification:
        wanted = Note.model_validate({"id": intent.key, **intent.arguments})
        found = sql("SELECT recipient, text FROM notes WHERE id = ?", intent.key)
        if found == [(wanted.recipient, wanted.text)]:
            return doer.Verified(receipt or Receipt(wanted.model_dump()), "the note was read back")
        return (
            doer.Refuted(f"the note reads {found[0][1]!r}", receipt) if found else doer.Absent("there is no such note")
        )

    @add_note.undo
    def _(receipt: Receipt) -> doer.Reversal:
        note = Note.model_validate(receipt.result)
        # Compared and deleted in one statement, so that nobody's edit can slip in between.
        sql("DELETE FROM notes WHERE id = ? AND recipient = ? AND text = ?", note.id, note.recipient, note.text)
        if sql("SELECT recipient, text FROM notes WHERE id = ?", note.id):
            return doer.Conflict("somebody changed the note since")
        return doer.Undone(evidence="there is no such note any more")

    return add_note


def ask_me(request: ApprovalRequest) -> bool:
    print(request.kind, *(f"{change.kind} {change.resource}: {change.after}" for change in request.changes))
    return True  # a real one would look, or ask


async def main(folder: Path) -> RunReport:
    async with Doer(tools=[note_tool(folder / "notes.db")], folder=folder) as app:
        run = await app.do("leave Ana a note that the demo moved to 3pm", approve=ask_me)
        print(run.status, run.steps[0].arguments)
        return await app.undo(run.id, approve=ask_me)


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        print(asyncio.run(main(Path(folder))).status)
