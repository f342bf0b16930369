"""A small theatre's own tools, in memory: a diary, letters, chores, patrons and a phone book; plain functions, no skills."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Literal

from doer import tool
from doer.domain.ports import Tool

Rows = list[dict[str, Any]]

SAID_AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
KEYS: Mapping[str, str] = {
    "diary": "entry_id",
    "letters": "letter_id",
    "chores": "chore_id",
    "patrons": "patron_number",
}
START: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "diary": [
        {"entry_id": "d-7301", "title": "Costume fitting", "with": "mira.holt@lantern.example", "starts": "2026-11-24T10:00:00", "minutes": 60},
        {"entry_id": "d-7302", "title": "Budget review", "with": "jonas.weil@lantern.example", "starts": "2026-11-24T14:00:00", "minutes": 45},
        {"entry_id": "d-7303", "title": "Stage plan", "with": "mira.holt@lantern.example", "starts": "2026-11-25T09:30:00", "minutes": 30},
        {"entry_id": "d-7304", "title": "Lighting check", "with": "otto.brandt@lantern.example", "starts": "2026-11-24T16:30:00", "minutes": 90},
        {"entry_id": "d-7305", "title": "Press talk", "with": "selma.ruiz@lantern.example", "starts": "2026-11-27T11:00:00", "minutes": 30},
        {"entry_id": "d-7306", "title": "Budget review", "with": "jonas.weil@lantern.example", "starts": "2026-12-01T14:00:00", "minutes": 45},
        {"entry_id": "d-7299", "title": "Press talk", "with": "selma.ruiz@lantern.example", "starts": "2026-11-18T11:00:00", "minutes": 30},
    ],
    "letters": [
        {"letter_id": "L88", "sender": "mira.holt@lantern.example", "subject": "Fabric samples", "received": "2026-11-20T08:12:00", "body": "Which red?"},
        {"letter_id": "L91", "sender": "otto.brandt@lantern.example", "subject": "Dimmer broken", "received": "2026-11-22T19:40:00", "body": "Row C flickers."},
        {"letter_id": "L93", "sender": "mira.holt@lantern.example", "subject": "Fitting on Tuesday", "received": "2026-11-23T07:55:00", "body": "Is ten fine?"},
        {"letter_id": "L84", "sender": "offers@cheaplamps.example", "subject": "Half price bulbs", "received": "2026-11-19T03:00:00", "body": "Buy now"},
        {"letter_id": "L85", "sender": "offers@cheaplamps.example", "subject": "Last chance bulbs", "received": "2026-11-21T03:00:00", "body": "Buy now!"},
    ],
    "chores": [
        {"chore_id": 41, "name": "Order gaffer tape", "owner": "otto.brandt@lantern.example", "due": "2026-11-19", "state": "open", "area": "Tech"},
        {"chore_id": 42, "name": "Repair the trapdoor", "owner": "otto.brandt@lantern.example", "due": "2026-11-26", "state": "open", "area": "Stage"},
        {"chore_id": 43, "name": "Print the programme", "owner": "selma.ruiz@lantern.example", "due": "2026-11-20", "state": "open", "area": "Press"},
        {"chore_id": 44, "name": "Update the poster", "owner": "selma.ruiz@lantern.example", "due": "2026-11-25", "state": "started", "area": "Press"},
        {"chore_id": 45, "name": "Hem the cloaks", "owner": "mira.holt@lantern.example", "due": "2026-11-17", "state": "open", "area": "Costumes"},
        {"chore_id": 46, "name": "Dye the curtains", "owner": "mira.holt@lantern.example", "due": "2026-12-02", "state": "open", "area": "Costumes"},
    ],
    "patrons": [
        {"patron_number": "P-1001", "full_name": "Edda Quist", "email": "edda@quist.example", "tier": "silver", "town": "Aarhus"},
        {"patron_number": "P-1002", "full_name": "Ravi Menon", "email": "ravi@menon.example", "tier": "bronze", "town": "Ghent"},
        {"patron_number": "P-1003", "full_name": "Clara Voss", "email": "clara@voss.example", "tier": "gold", "town": "Ghent"},
        {"patron_number": "P-1004", "full_name": "Clara Dunn", "email": "clara@dunn.example", "tier": "silver", "town": "Leeds"},
    ],
    "people": [
        {"name": "Mira Holt", "address": "mira.holt@lantern.example"}, {"name": "Jonas Weil", "address": "jonas.weil@lantern.example"},
        {"name": "Otto Brandt", "address": "otto.brandt@lantern.example"}, {"name": "Selma Ruiz", "address": "selma.ruiz@lantern.example"},
        {"name": "Jonas Adler", "address": "jonas.adler@lantern.example"},
    ],
    "sent": [],
}  # fmt: skip


class Company:
    """Its state, and the tools over it."""

    def __init__(self) -> None:
        self.state: dict[str, Rows] = {
            name: [dict(copy.deepcopy(each)) for each in rows] for name, rows in START.items()
        }

    def tools(self) -> Sequence[Tool]:
        """Return all tools of the company."""
        return (*self._diary(), *self._letters(), *self._chores(), *self._patrons(), self._phone_book())

    def _one(self, table: str, key: str, value: object) -> dict[str, Any]:
        return {row[key]: row for row in self.state[table]}[value]

    def _diary(self) -> Sequence[Tool]:
        rows = self.state["diary"]

        @tool(effect="read")
        def find_diary_entries(
            words: str = "", first_day: date | None = None, last_day: date | None = None
        ) -> list[dict[str, Any]]:
            """Find entries of the diary (meetings, appointments) by words of the title or guest, and by day.

            Args:
                words: Words of the title or of the guest.
                first_day: Entries from this day on.
                last_day: Entries up to and including this day.
            """
            return [
                row for row in rows
                if words.lower() in f"{row['title']} {row['with']}".lower()
                and (first_day is None or row["starts"][:10] >= first_day.isoformat())
                and (last_day is None or row["starts"][:10] <= last_day.isoformat())
            ]  # fmt: skip

        @tool(effect="write")
        def cancel_diary_entry(entry_id: str) -> None:
            """Cancel a meeting or an appointment in the diary.

            Args:
                entry_id: Id of the entry.
            """
            rows.remove(self._one("diary", "entry_id", entry_id))

        @tool(effect="write")
        def move_diary_entry(entry_id: str, new_day: date) -> None:
            """Move a meeting in the diary to another day.

            Args:
                entry_id: Id of the entry.
                new_day: The day to which it is moved.
            """
            row = self._one("diary", "entry_id", entry_id)
            row["starts"] = new_day.isoformat() + row["starts"][10:]

        @tool(effect="write")
        def add_diary_entry(title: str, day: date, guest_email: str) -> None:
            """Put a new meeting with a guest into the diary.

            Args:
                title: What it is about.
                day: When it is.
                guest_email: E-mail address of the guest.
            """
            rows.append(
                {
                    "entry_id": f"d-{9000 + len(rows)}",
                    "title": title,
                    "with": guest_email,
                    "starts": f"{day}T09:00:00",
                    "minutes": 30,
                }
            )

        return find_diary_entries, cancel_diary_entry, move_diary_entry, add_diary_entry

    def _letters(self) -> Sequence[Tool]:
        rows, sent = self.state["letters"], self.state["sent"]

        @tool(effect="read")
        def search_letters(text: str = "", sender: str = "") -> list[dict[str, Any]]:
            """Search the letters (e-mails) that came in.

            Args:
                text: Words in the subject or the body.
                sender: E-mail address of who wrote them.
            """
            return [
                row
                for row in rows
                if text.lower() in f"{row['subject']} {row['body']}".lower() and (not sender or row["sender"] == sender)
            ]

        @tool(effect="irreversible", roles={"recipient": "destination"})
        def send_letter(recipient: str, subject: str, body: str) -> None:
            """Write an e-mail to somebody and send it.

            Args:
                recipient: E-mail address of the recipient.
                subject: The subject.
                body: The text.
            """
            sent.append({"to": recipient, "subject": subject, "body": body})

        @tool(effect="irreversible")
        def answer_letter(letter_id: str, body: str) -> None:
            """Reply to an e-mail that came in.

            Args:
                letter_id: Id of the letter that is answered.
                body: The text of the reply.
            """
            row = self._one("letters", "letter_id", letter_id)
            sent.append({"to": row["sender"], "subject": f"Re: {row['subject']}", "body": body})

        @tool(effect="irreversible")
        def bin_letter(letter_id: str) -> None:
            """Delete an e-mail.

            Args:
                letter_id: Id of the letter that is deleted.
            """
            rows.remove(self._one("letters", "letter_id", letter_id))

        return search_letters, send_letter, answer_letter, bin_letter

    def _chores(self) -> Sequence[Tool]:
        rows = self.state["chores"]

        @tool(effect="read")
        def list_chores(owner: str = "", state: Literal["", "open", "started", "finished"] = "") -> dict[str, Any]:
            """List the chores (tasks), all or those of one owner or state.

            Args:
                owner: E-mail address of the owner.
                state: Only chores in this state.
            """
            found = [
                row for row in rows if (not owner or row["owner"] == owner) and (not state or row["state"] == state)
            ]
            return {"count": len(found), "chores": found}

        @tool(effect="write")
        def new_chore(
            name: str, owner_email: str, due: date, area: Literal["Tech", "Stage", "Press", "Costumes"]
        ) -> None:
            """Create a chore, a task for somebody.

            Args:
                name: What is to be done.
                owner_email: E-mail address of who does it.
                due: Until when.
                area: The area that it belongs to.
            """
            rows.append(
                {
                    "chore_id": 50 + len(rows),
                    "name": name,
                    "owner": owner_email,
                    "due": due.isoformat(),
                    "state": "open",
                    "area": area,
                }
            )

        @tool(effect="write")
        def reassign_chore(chore_id: int, new_owner: str) -> None:
            """Give a chore or task to somebody else.

            Args:
                chore_id: Id of the chore.
                new_owner: E-mail address of the new owner.
            """
            self._one("chores", "chore_id", chore_id)["owner"] = new_owner

        @tool(effect="write")
        def set_chore_state(chore_id: int, state: Literal["open", "started", "finished"]) -> None:
            """Mark a chore or task as open, started or finished.

            Args:
                chore_id: Id of the chore.
                state: The new state.
            """
            self._one("chores", "chore_id", chore_id)["state"] = state

        return list_chores, new_chore, reassign_chore, set_chore_state

    def _patrons(self) -> Sequence[Tool]:
        rows = self.state["patrons"]

        @tool(effect="read")
        def search_patrons(name: str = "", town: str = "", tier: str = "") -> list[dict[str, Any]]:
            """Search the patrons of the theatre.

            Args:
                name: The name, or a part of it.
                town: Where they live.
                tier: bronze, silver or gold.
            """
            return [
                row
                for row in rows
                if name.lower() in row["full_name"].lower() and town in ("", row["town"]) and tier in ("", row["tier"])
            ]

        @tool(effect="write")
        def change_patron(patron_number: str, field: Literal["tier", "town", "email"], value: str) -> None:
            """Change a field of a patron's record.

            Args:
                patron_number: Number of the patron.
                field: Which field is changed.
                value: Its new value.
            """
            self._one("patrons", "patron_number", patron_number)[field] = value

        @tool(effect="write")
        def remove_patron(patron_number: str) -> None:
            """Delete a patron's record.

            Args:
                patron_number: Number of the patron.
            """
            rows.remove(self._one("patrons", "patron_number", patron_number))

        return search_patrons, change_patron, remove_patron

    def _phone_book(self) -> Tool:
        people = self.state["people"]

        @tool(effect="read")
        def address_of(name: str) -> list[str]:
            """Tell the e-mail address of a colleague.

            Args:
                name: Name of the colleague.
            """
            return [row["address"] for row in people if name.lower() in row["name"].lower()]

        return address_of
