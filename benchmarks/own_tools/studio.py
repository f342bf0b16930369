"""An architects' office's own tools, in memory: a shared agenda, post, client contacts, a task board, web figures, people; plain functions."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Literal

from doer import tool
from doer.domain.ports import Tool

Rows = list[dict[str, Any]]

SAID_AT = datetime(2027, 10, 13, 8, 45, tzinfo=UTC)
KEYS: Mapping[str, str] = {"meetings": "meeting_id", "mails": "mail_id", "contacts": "contact_id", "tasks": "task_id"}
START: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "meetings": [
        {"meeting_id": "A-20411", "title": "Site walk Harbour Baths", "attendees": ["riva@plinth.example"], "starts_at": "2027-10-05T09:00:00", "minutes": 60},
        {"meeting_id": "A-20412", "title": "Monday round", "attendees": ["brandt@plinth.example", "weiss@plinth.example", "riva@plinth.example"], "starts_at": "2027-10-11T09:00:00", "minutes": 30},
        {"meeting_id": "A-20413", "title": "Facade samples", "attendees": ["tanabe@plinth.example"], "starts_at": "2027-10-12T15:00:00", "minutes": 45},
        {"meeting_id": "A-20414", "title": "Competition jury prep", "attendees": ["lund@plinth.example", "fenn@plinth.example"], "starts_at": "2027-10-13T10:30:00", "minutes": 90},
        {"meeting_id": "A-20415", "title": "Fee review", "attendees": ["kowal@plinth.example"], "starts_at": "2027-10-13T16:00:00", "minutes": 30},
        {"meeting_id": "A-20416", "title": "Site walk Mill Lane", "attendees": ["riva@plinth.example", "pohl@plinth.example"], "starts_at": "2027-10-14T08:30:00", "minutes": 120},
        {"meeting_id": "A-20417", "title": "Daylight study", "attendees": ["tanabe@plinth.example"], "starts_at": "2027-10-14T14:00:00", "minutes": 60},
        {"meeting_id": "A-20418", "title": "Permit call", "attendees": ["amrani@plinth.example"], "starts_at": "2027-10-14T15:30:00", "minutes": 30},
        {"meeting_id": "A-20419", "title": "Portfolio photos", "attendees": ["vos@plinth.example", "quint@plinth.example"], "starts_at": "2027-10-15T09:30:00", "minutes": 60},
        {"meeting_id": "A-20420", "title": "Structural check", "attendees": ["strand@plinth.example", "pohl@plinth.example"], "starts_at": "2027-10-15T11:00:00", "minutes": 60},
        {"meeting_id": "A-20421", "title": "Model workshop", "attendees": ["lund@plinth.example"], "starts_at": "2027-10-15T14:00:00", "minutes": 120},
        {"meeting_id": "A-20422", "title": "Monday round", "attendees": ["brandt@plinth.example", "weiss@plinth.example", "riva@plinth.example"], "starts_at": "2027-10-18T09:00:00", "minutes": 30},
        {"meeting_id": "A-20423", "title": "Permit call", "attendees": ["amrani@plinth.example"], "starts_at": "2027-10-19T15:30:00", "minutes": 30},
        {"meeting_id": "A-20424", "title": "Facade samples", "attendees": ["tanabe@plinth.example"], "starts_at": "2027-10-20T15:00:00", "minutes": 45},
        {"meeting_id": "A-20425", "title": "Fee review", "attendees": ["kowal@plinth.example", "volk@plinth.example"], "starts_at": "2027-10-27T16:00:00", "minutes": 30},
        {"meeting_id": "A-20426", "title": "Site walk Harbour Baths", "attendees": ["riva@plinth.example"], "starts_at": "2027-10-28T09:00:00", "minutes": 60},
    ],
    "mails": [
        {"mail_id": "P-88201", "from_name": "Tegel Print", "from_address": "billing@tegelprint.example", "subject": "Invoice 2214", "received_at": "2027-09-20T10:00:00", "folder": "invoices", "body": "Plots of August, 312.40."},
        {"mail_id": "P-88202", "from_name": "Archipod", "from_address": "news@archipod.example", "subject": "September issue", "received_at": "2027-09-28T05:00:00", "folder": "inbox", "body": "Twelve houses in clay."},
        {"mail_id": "P-88203", "from_name": "Matteo Riva", "from_address": "riva@plinth.example", "subject": "Soil report Mill Lane", "received_at": "2027-10-01T14:20:00", "folder": "inbox", "body": "Clay down to four metres."},
        {"mail_id": "P-88204", "from_name": "Tegel Print", "from_address": "billing@tegelprint.example", "subject": "Invoice 2231", "received_at": "2027-10-04T10:00:00", "folder": "inbox", "body": "Plots of September, 280.00."},
        {"mail_id": "P-88205", "from_name": "Leila Amrani", "from_address": "amrani@plinth.example", "subject": "Permit office hours", "received_at": "2027-10-05T11:45:00", "folder": "inbox", "body": "They close at noon now."},
        {"mail_id": "P-88206", "from_name": "Archipod", "from_address": "news@archipod.example", "subject": "Brick special", "received_at": "2027-10-06T05:00:00", "folder": "inbox", "body": "All about bonds."},
        {"mail_id": "P-88207", "from_name": "Ines Calder", "from_address": "ines@calder-home.example", "subject": "Kitchen layout, first idea", "received_at": "2027-10-07T19:30:00", "folder": "inbox", "body": "An island in the middle."},
        {"mail_id": "P-88208", "from_name": "Yuki Tanabe", "from_address": "tanabe@plinth.example", "subject": "Daylight numbers", "received_at": "2027-10-08T09:05:00", "folder": "inbox", "body": "2.1 percent on the north side."},
        {"mail_id": "P-88209", "from_name": "Jonas Pohl", "from_address": "pohl@plinth.example", "subject": "Beam sizes", "received_at": "2027-10-08T16:40:00", "folder": "projects", "body": "HEA 200 will do."},
        {"mail_id": "P-88210", "from_name": "Jonas Weiss", "from_address": "weiss@plinth.example", "subject": "Model glue", "received_at": "2027-10-11T08:50:00", "folder": "inbox", "body": "The big tube is empty."},
        {"mail_id": "P-88211", "from_name": "Tegel Print", "from_address": "billing@tegelprint.example", "subject": "Invoice 2240", "received_at": "2027-10-11T10:00:00", "folder": "inbox", "body": "Extra plots, 44.10."},
        {"mail_id": "P-88212", "from_name": "Ines Calder", "from_address": "ines@calder-home.example", "subject": "Kitchen layout, second idea", "received_at": "2027-10-12T20:15:00", "folder": "inbox", "body": "No island, a long table."},
        {"mail_id": "P-88213", "from_name": "Beata Kowal", "from_address": "kowal@plinth.example", "subject": "Hours for September", "received_at": "2027-10-12T12:00:00", "folder": "inbox", "body": "Yours are missing."},
        {"mail_id": "P-88214", "from_name": "Archipod", "from_address": "news@archipod.example", "subject": "Last seats for the timber day", "received_at": "2027-10-12T05:00:00", "folder": "inbox", "body": "Nine seats left."},
        {"mail_id": "P-88215", "from_name": "Matteo Riva", "from_address": "riva@plinth.example", "subject": "Crane on Mill Lane", "received_at": "2027-10-13T07:10:00", "folder": "inbox", "body": "It blocks the gate."},
        {"mail_id": "P-88216", "from_name": "Harbour Baths Trust", "from_address": "office@harbourbaths.example", "subject": "Tiles are cracked", "received_at": "2027-10-13T07:55:00", "folder": "inbox", "body": "Three by the stairs."},
    ],
    "contacts": [
        {"contact_id": "K-3071", "name": "Ines Calder", "email": "ines@calder-home.example", "town": "Arnsby", "stage": "client", "looked_after_by": "riva@plinth.example"},
        {"contact_id": "K-3072", "name": "Harbour Baths Trust", "email": "office@harbourbaths.example", "town": "Port Ellan", "stage": "client", "looked_after_by": "lund@plinth.example"},
        {"contact_id": "K-3073", "name": "Mill Lane Cooperative", "email": "board@milllane.example", "town": "Arnsby", "stage": "in_talks", "looked_after_by": "riva@plinth.example"},
        {"contact_id": "K-3074", "name": "Ulrich Stamm", "email": "ulrich.stamm@fellmail.example", "town": "Fellbrook", "stage": "met", "looked_after_by": "kowal@plinth.example"},
        {"contact_id": "K-3075", "name": "Clara Stamm", "email": "clara77@fellmail.example", "town": "Tarn", "stage": "new", "looked_after_by": "kowal@plinth.example"},
        {"contact_id": "K-3076", "name": "Norden School", "email": "head@nordenschool.example", "town": "Port Ellan", "stage": "in_talks", "looked_after_by": "amrani@plinth.example"},
        {"contact_id": "K-3077", "name": "Norden Library", "email": "desk@nordenlibrary.example", "town": "Port Ellan", "stage": "former", "looked_after_by": "amrani@plinth.example"},
        {"contact_id": "K-3078", "name": "Wren Bakery", "email": "hello@wrenbakery.example", "town": "Arnsby", "stage": "former", "looked_after_by": "pohl@plinth.example"},
        {"contact_id": "K-3079", "name": "Toller Brewery", "email": "brew@toller.example", "town": "Fellbrook", "stage": "new", "looked_after_by": "tanabe@plinth.example"},
        {"contact_id": "K-3080", "name": "Ada Finch", "email": "ada@finch.example", "town": "Port Ellan", "stage": "met", "looked_after_by": "volk@plinth.example"},
        {"contact_id": "K-3081", "name": "Quarry Theatre", "email": "stage@quarrytheatre.example", "town": "Fellbrook", "stage": "in_talks", "looked_after_by": "volk@plinth.example"},
        {"contact_id": "K-3082", "name": "Lark Kindergarten", "email": "office@larkkids.example", "town": "Arnsby", "stage": "former", "looked_after_by": "brandt@plinth.example"},
        {"contact_id": "K-3083", "name": "Silo Hotel", "email": "manager@silohotel.example", "town": "Tarn", "stage": "met", "looked_after_by": "weiss@plinth.example"},
        {"contact_id": "K-3084", "name": "Orchard House", "email": "post@orchardhouse.example", "town": "Tarn", "stage": "client", "looked_after_by": "riva@plinth.example"},
    ],
    "tasks": [
        {"task_id": "T-5501", "title": "Measure the old attic", "owner": "riva@plinth.example", "state": "done", "due_on": "2027-09-30", "project": "Mill Lane"},
        {"task_id": "T-5502", "title": "Draw section C", "owner": "riva@plinth.example", "state": "doing", "due_on": "2027-10-08", "project": "Mill Lane"},
        {"task_id": "T-5503", "title": "Order brick samples", "owner": "riva@plinth.example", "state": "todo", "due_on": "2027-10-21", "project": "Mill Lane"},
        {"task_id": "T-5504", "title": "Write tender for windows", "owner": "tanabe@plinth.example", "state": "todo", "due_on": "2027-10-11", "project": "Harbour Baths"},
        {"task_id": "T-5505", "title": "Compare tile offers", "owner": "tanabe@plinth.example", "state": "checking", "due_on": "2027-10-14", "project": "Harbour Baths"},
        {"task_id": "T-5506", "title": "Shade study", "owner": "tanabe@plinth.example", "state": "done", "due_on": "2027-10-06", "project": "Norden School"},
        {"task_id": "T-5507", "title": "Fill in permit form", "owner": "amrani@plinth.example", "state": "doing", "due_on": "2027-10-15", "project": "Norden School"},
        {"task_id": "T-5508", "title": "Fill in fire form", "owner": "amrani@plinth.example", "state": "todo", "due_on": "2027-10-22", "project": "Norden School"},
        {"task_id": "T-5509", "title": "Renew liability insurance", "owner": "kowal@plinth.example", "state": "todo", "due_on": "2027-10-12", "project": "Office"},
        {"task_id": "T-5510", "title": "Sort material library", "owner": "weiss@plinth.example", "state": "todo", "due_on": "2027-10-29", "project": "Office"},
        {"task_id": "T-5511", "title": "Build 1:50 model", "owner": "weiss@plinth.example", "state": "doing", "due_on": "2027-10-21", "project": "Harbour Baths"},
        {"task_id": "T-5512", "title": "Check beam sizes", "owner": "pohl@plinth.example", "state": "checking", "due_on": "2027-10-15", "project": "Mill Lane"},
        {"task_id": "T-5513", "title": "Photograph model", "owner": "vos@plinth.example", "state": "todo", "due_on": "2027-10-25", "project": "Harbour Baths"},
        {"task_id": "T-5514", "title": "Update web portfolio", "owner": "vos@plinth.example", "state": "todo", "due_on": "2027-10-06", "project": "Office"},
        {"task_id": "T-5515", "title": "Write press note", "owner": "quint@plinth.example", "state": "done", "due_on": "2027-10-12", "project": "Office"},
        {"task_id": "T-5516", "title": "Plan the stair", "owner": "fenn@plinth.example", "state": "todo", "due_on": "2027-10-18", "project": "Norden School"},
        {"task_id": "T-5517", "title": "Draw section D", "owner": "fenn@plinth.example", "state": "todo", "due_on": "2027-10-26", "project": "Mill Lane"},
        {"task_id": "T-5518", "title": "Survey the pool hall", "owner": "lund@plinth.example", "state": "doing", "due_on": "2027-10-14", "project": "Harbour Baths"},
    ],
    "web": [
        {"day": "2027-10-01", "visitors": 214, "inquiries": 2},
        {"day": "2027-10-02", "visitors": 98, "inquiries": 0},
        {"day": "2027-10-03", "visitors": 91, "inquiries": 0},
        {"day": "2027-10-04", "visitors": 240, "inquiries": 1},
        {"day": "2027-10-05", "visitors": 231, "inquiries": 3},
        {"day": "2027-10-06", "visitors": 256, "inquiries": 0},
        {"day": "2027-10-07", "visitors": 402, "inquiries": 5},
        {"day": "2027-10-08", "visitors": 310, "inquiries": 2},
        {"day": "2027-10-09", "visitors": 120, "inquiries": 0},
        {"day": "2027-10-10", "visitors": 88, "inquiries": 1},
        {"day": "2027-10-11", "visitors": 265, "inquiries": 1},
        {"day": "2027-10-12", "visitors": 271, "inquiries": 0},
    ],
    "people": [
        {"name": "Hanne Volk", "email": "volk@plinth.example"}, {"name": "Hanne Brandt", "email": "brandt@plinth.example"},
        {"name": "Matteo Riva", "email": "riva@plinth.example"}, {"name": "Sofia Lund", "email": "lund@plinth.example"},
        {"name": "Jonas Weiss", "email": "weiss@plinth.example"}, {"name": "Jonas Pohl", "email": "pohl@plinth.example"},
        {"name": "Yuki Tanabe", "email": "tanabe@plinth.example"}, {"name": "Beata Kowal", "email": "kowal@plinth.example"},
        {"name": "Dario Fenn", "email": "fenn@plinth.example"}, {"name": "Leila Amrani", "email": "amrani@plinth.example"},
        {"name": "Piet Vos", "email": "vos@plinth.example"}, {"name": "Rosa Quint", "email": "quint@plinth.example"},
        {"name": "Emil Strand", "email": "strand@plinth.example"}, {"name": "Sam Idris", "email": "idris@plinth.example"},
    ],
    "sent": [],
}  # fmt: skip


def _iso(when: datetime) -> str:
    return (when.astimezone(UTC) if when.tzinfo else when).replace(tzinfo=None, microsecond=0).isoformat()


class Company:
    """Its state, and the tools over it."""

    def __init__(self) -> None:
        self.state: dict[str, Rows] = {
            name: [dict(copy.deepcopy(each)) for each in rows] for name, rows in START.items()
        }

    def tools(self) -> Sequence[Tool]:
        """Return all tools of the company."""
        return (
            *self._agenda(), *self._post(), *self._contacts(), *self._board(), *self._web(), self._people(),
        )  # fmt: skip

    def _one(self, table: str, value: str) -> dict[str, Any]:
        return {row[KEYS[table]]: row for row in self.state[table]}[value]

    def _add(self, table: str, prefix: str, **fields: object) -> dict[str, str]:
        rows, key = self.state[table], KEYS[table]
        number = f"{prefix}-{max(int(row[key].split('-')[1]) for row in rows) + 1}"
        rows.append({key: number, **fields})
        return {key: number}

    def _agenda(self) -> Sequence[Tool]:
        rows = self.state["meetings"]

        @tool(effect="read")
        def agenda_list_meetings(
            title: str = "",
            attendee_email: str = "",
            starts_after: datetime | None = None,
            starts_before: datetime | None = None,
        ) -> list[dict[str, Any]]:
            """List the meetings in the office's shared agenda, earliest first.

            Args:
                title: The title, or words of it.
                attendee_email: Only meetings that the colleague with this e-mail address attends.
                starts_after: Only meetings that start then or later.
                starts_before: Only meetings that start then or earlier.
            """
            found = [
                copy.deepcopy(row) for row in rows
                if title.lower() in row["title"].lower() and (not attendee_email or attendee_email in row["attendees"])
                and (starts_after is None or row["starts_at"] >= _iso(starts_after))
                and (starts_before is None or row["starts_at"] <= _iso(starts_before))
            ]  # fmt: skip
            return sorted(found, key=lambda row: str(row["starts_at"]))

        @tool(effect="write")
        def agenda_create_meeting(
            title: str, attendee_emails: list[str], starts_at: datetime, minutes: int
        ) -> dict[str, str]:
            """Put a new meeting into the shared agenda.

            Args:
                title: Title of the meeting.
                attendee_emails: E-mail addresses of the colleagues who attend.
                starts_at: Day and time of its start.
                minutes: How long it takes, in minutes.
            """
            return self._add(
                "meetings",
                "A",
                title=title,
                attendees=list(attendee_emails),
                starts_at=_iso(starts_at),
                minutes=minutes,
            )

        @tool(effect="write")
        def agenda_move_meeting(meeting_id: str, starts_at: datetime) -> None:
            """Move a meeting to another day or time. Its length stays.

            Args:
                meeting_id: Id of the meeting.
                starts_at: Its new start.
            """
            self._one("meetings", meeting_id)["starts_at"] = _iso(starts_at)

        @tool(effect="write")
        def agenda_add_attendee(meeting_id: str, attendee_email: str) -> None:
            """Add a colleague to the attendees of a meeting.

            Args:
                meeting_id: Id of the meeting.
                attendee_email: E-mail address of the colleague.
            """
            attendees = self._one("meetings", meeting_id)["attendees"]
            if attendee_email not in attendees:
                attendees.append(attendee_email)

        @tool(effect="write")
        def agenda_remove_attendee(meeting_id: str, attendee_email: str) -> None:
            """Take a colleague off the attendees of a meeting. The meeting itself stays.

            Args:
                meeting_id: Id of the meeting.
                attendee_email: E-mail address of the colleague.
            """
            self._one("meetings", meeting_id)["attendees"].remove(attendee_email)

        @tool(effect="write")
        def agenda_cancel_meeting(meeting_id: str) -> None:
            """Cancel a meeting for everybody.

            Args:
                meeting_id: Id of the meeting.
            """
            rows.remove(self._one("meetings", meeting_id))

        return (
            agenda_list_meetings, agenda_create_meeting, agenda_move_meeting, agenda_add_attendee, agenda_remove_attendee,
            agenda_cancel_meeting,
        )  # fmt: skip

    def _post(self) -> Sequence[Tool]:
        rows, sent = self.state["mails"], self.state["sent"]

        @tool(effect="read")
        def post_search(
            words: str = "",
            sender: str = "",
            folder: Literal["inbox", "projects", "invoices", "archive"] | None = None,
            since: date | None = None,
            until: date | None = None,
        ) -> list[dict[str, Any]]:
            """Search my mailbox, newest mail first. The body is not told, see post_open.

            Args:
                words: Words in the subject or the body.
                sender: Name or e-mail address of the sender, or a part of it.
                folder: Only mails in this folder; all folders if not given.
                since: Only mails that came in on this day or after it.
                until: Only mails that came in on this day or before it.
            """
            found = [
                {name: value for name, value in row.items() if name != "body"} for row in rows
                if words.lower() in f"{row['subject']} {row['body']}".lower()
                and sender.lower() in f"{row['from_name']} {row['from_address']}".lower() and folder in (None, row["folder"])
                and (since is None or row["received_at"][:10] >= since.isoformat())
                and (until is None or row["received_at"][:10] <= until.isoformat())
            ]  # fmt: skip
            return sorted(found, key=lambda row: str(row["received_at"]), reverse=True)

        @tool(effect="read")
        def post_open(mail_id: str) -> dict[str, Any]:
            """Open one mail and read its body.

            Args:
                mail_id: Id of the mail.
            """
            return dict(self._one("mails", mail_id))

        @tool(effect="irreversible", roles={"to": "destination"})
        def post_send(to: str, subject: str, body: str) -> None:
            """Send a mail.

            Args:
                to: E-mail address of the recipient.
                subject: The subject.
                body: The body.
            """
            sent.append({"to": to, "subject": subject, "body": body})

        @tool(effect="irreversible")
        def post_reply(mail_id: str, body: str) -> None:
            """Answer a mail; the answer goes to its sender.

            Args:
                mail_id: Id of the mail.
                body: Body of the answer.
            """
            row = self._one("mails", mail_id)
            sent.append({"to": row["from_address"], "subject": f"Re: {row['subject']}", "body": body})

        @tool(effect="irreversible", roles={"to": "destination"})
        def post_forward(mail_id: str, to: str) -> None:
            """Pass a mail on to somebody else.

            Args:
                mail_id: Id of the mail.
                to: E-mail address of the recipient.
            """
            row = self._one("mails", mail_id)
            sent.append({"to": to, "subject": f"Fwd: {row['subject']}", "body": row["body"]})

        @tool(effect="write")
        def post_file(mail_id: str, folder: Literal["inbox", "projects", "invoices", "archive"]) -> None:
            """File a mail in a folder of my mailbox.

            Args:
                mail_id: Id of the mail.
                folder: The folder that it is moved to.
            """
            self._one("mails", mail_id)["folder"] = folder

        @tool(effect="write")
        def post_delete(mail_id: str) -> None:
            """Delete a mail from my mailbox.

            Args:
                mail_id: Id of the mail.
            """
            rows.remove(self._one("mails", mail_id))

        return post_search, post_open, post_send, post_reply, post_forward, post_file, post_delete

    def _contacts(self) -> Sequence[Tool]:
        rows = self.state["contacts"]

        @tool(effect="read")
        def contacts_search(
            name: str = "",
            town: str = "",
            stage: Literal["new", "met", "in_talks", "client", "former"] | None = None,
            looked_after_by: str = "",
        ) -> list[dict[str, Any]]:
            """Search the office's contacts: clients, former clients and those who may become clients.

            Args:
                name: Name of the person or the organisation, or a part of it.
                town: The town where they are.
                stage: How well we know them.
                looked_after_by: E-mail address of the colleague who looks after them.
            """
            return [
                dict(row) for row in rows
                if name.lower() in row["name"].lower() and town.lower() in row["town"].lower()
                and stage in (None, row["stage"]) and looked_after_by in ("", row["looked_after_by"])
            ]  # fmt: skip

        @tool(effect="write")
        def contacts_add(
            name: str,
            email: str,
            town: str,
            looked_after_by: str,
            stage: Literal["new", "met", "in_talks", "client", "former"] = "new",
        ) -> dict[str, str]:
            """Add a contact.

            Args:
                name: Name of the person or the organisation.
                email: E-mail address of the contact.
                town: The town where they are.
                looked_after_by: E-mail address of the colleague who looks after them.
                stage: How well we know them.
            """
            return self._add(
                "contacts", "K", name=name, email=email, town=town, stage=stage, looked_after_by=looked_after_by
            )

        @tool(effect="write")
        def contacts_update(
            contact_id: str, field: Literal["name", "email", "town", "stage", "looked_after_by"], new_value: str
        ) -> None:
            """Change one field of a contact.

            Args:
                contact_id: Id of the contact.
                field: Which field.
                new_value: What it is from now on. For stage: new, met, in_talks, client or former. For looked_after_by: the
                    e-mail address of a colleague.
            """
            self._one("contacts", contact_id)[field] = new_value

        @tool(effect="write")
        def contacts_remove(contact_id: str) -> None:
            """Remove a contact for good.

            Args:
                contact_id: Id of the contact.
            """
            rows.remove(self._one("contacts", contact_id))

        return contacts_search, contacts_add, contacts_update, contacts_remove

    def _board(self) -> Sequence[Tool]:
        rows = self.state["tasks"]

        @tool(effect="read")
        def board_list_tasks(
            title: str = "",
            owner_email: str = "",
            project: Literal["Mill Lane", "Harbour Baths", "Norden School", "Office"] | None = None,
            state: Literal["todo", "doing", "checking", "done"] | None = None,
            due_after: date | None = None,
            due_before: date | None = None,
        ) -> list[dict[str, Any]]:
            """List the tasks on the board of projects.

            Args:
                title: The title, or words of it.
                owner_email: E-mail address of the colleague who has the task.
                project: Only tasks of this project.
                state: Only tasks in this state.
                due_after: Only tasks that are due on this day or after it.
                due_before: Only tasks that are due on this day or before it.
            """
            return [
                dict(row) for row in rows
                if title.lower() in row["title"].lower() and owner_email in ("", row["owner"])
                and project in (None, row["project"]) and state in (None, row["state"])
                and (due_after is None or row["due_on"] >= due_after.isoformat())
                and (due_before is None or row["due_on"] <= due_before.isoformat())
            ]  # fmt: skip

        @tool(effect="write")
        def board_create_task(
            title: str,
            owner_email: str,
            project: Literal["Mill Lane", "Harbour Baths", "Norden School", "Office"],
            due_on: date,
        ) -> dict[str, str]:
            """Create a task on the board. It starts in the state todo.

            Args:
                title: What is to be done.
                owner_email: E-mail address of the colleague who has the task.
                project: The project that it is part of.
                due_on: The day by which it must be done.
            """
            return self._add(
                "tasks", "T", title=title, owner=owner_email, state="todo", due_on=due_on.isoformat(), project=project
            )

        @tool(effect="write")
        def board_update_task(
            task_id: str, field: Literal["title", "owner", "state", "due_on", "project"], value: str
        ) -> None:
            """Set one field of a task to a new value.

            Args:
                task_id: Id of the task.
                field: The field to set.
                value: The new value: for owner an e-mail address, for state todo, doing, checking or done, for due_on a day as
                    YYYY-MM-DD, for project Mill Lane, Harbour Baths, Norden School or Office.
            """
            self._one("tasks", task_id)[field] = value

        @tool(effect="write")
        def board_drop_task(task_id: str) -> None:
            """Take a task off the board for good.

            Args:
                task_id: Id of the task.
            """
            rows.remove(self._one("tasks", task_id))

        return board_list_tasks, board_create_task, board_update_task, board_drop_task

    def _web(self) -> Sequence[Tool]:
        def by_day(field: str, first_day: date | None, last_day: date | None) -> dict[str, int]:
            return {
                row["day"]: row[field] for row in self.state["web"]
                if (first_day is None or row["day"] >= first_day.isoformat()) and (last_day is None or row["day"] <= last_day.isoformat())
            }  # fmt: skip

        @tool(effect="read")
        def web_count_visitors(first_day: date | None = None, last_day: date | None = None) -> dict[str, int]:
            """Tell how many visitors our web site had, by day.

            Args:
                first_day: The first day that is counted.
                last_day: The last day that is counted.
            """
            return by_day("visitors", first_day, last_day)

        @tool(effect="read")
        def web_count_inquiries(first_day: date | None = None, last_day: date | None = None) -> dict[str, int]:
            """Tell how many inquiries were sent through the form of our web site, by day.

            Args:
                first_day: The first day that is counted.
                last_day: The last day that is counted.
            """
            return by_day("inquiries", first_day, last_day)

        return web_count_visitors, web_count_inquiries

    def _people(self) -> Tool:
        people = self.state["people"]

        @tool(effect="read")
        def people_find(name: str) -> list[dict[str, str]]:
            """Find colleagues by name, and tell their e-mail addresses.

            Args:
                name: First name, last name, or both.
            """
            return [dict(row) for row in people if name.lower() in row["name"].lower()]

        return people_find
