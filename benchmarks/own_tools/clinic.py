"""A small veterinary practice's own tools, in memory: visits, mail, clients and their pets, jobs, stock and the team; plain functions."""
# ruff: noqa: FBT001, FBT002, N802, N803

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Literal

from doer import tool
from doer.domain.ports import Tool

Rows = list[dict[str, Any]]
Folder = Literal["inbox", "lab", "insurance", "done"]
CarePlan = Literal["none", "basic", "plus"]

SAID_AT = datetime(2027, 5, 13, 11, 20, tzinfo=UTC)
KEYS: Mapping[str, str] = {
    "visits": "visitRef", "mails": "mailId", "clients": "clientNo", "jobs": "jobNo", "stock": "sku", "orders": "orderNo",
}  # fmt: skip
START: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "visits": [
        {"visitRef": "vis_2k9d", "pet": "Pixel", "client": "Joanna Brandt", "vet": "r.tavares@willowvets.example", "reason": "Vaccination", "at": "2027-05-10T09:00", "minutes": 20},
        {"visitRef": "vis_3m0x", "pet": "Bruno", "client": "Samir Haddad", "vet": "m.colgan@willowvets.example", "reason": "Dental check", "at": "2027-05-12T15:00", "minutes": 20},
        {"visitRef": "vis_4c7p", "pet": "Olive", "client": "Nora Keane", "vet": "h.ekberg@willowvets.example", "reason": "Nail trim", "at": "2027-05-13T09:40", "minutes": 10},
        {"visitRef": "vis_5t1h", "pet": "Bella", "client": "Keiko Arai", "vet": "r.tavares@willowvets.example", "reason": "Stitches out", "at": "2027-05-13T14:20", "minutes": 20},
        {"visitRef": "vis_6w8z", "pet": "Ziggy", "client": "Owen Pryce", "vet": "m.colgan@willowvets.example", "reason": "X-ray", "at": "2027-05-13T16:00", "minutes": 30},
        {"visitRef": "vis_7b3n", "pet": "Mochi", "client": "Lucia Ferro", "vet": "h.ekberg@willowvets.example", "reason": "Vaccination", "at": "2027-05-14T09:00", "minutes": 20},
        {"visitRef": "vis_8fq2", "pet": "Bruno", "client": "Samir Haddad", "vet": "r.tavares@willowvets.example", "reason": "Dental cleaning", "at": "2027-05-14T10:30", "minutes": 60},
        {"visitRef": "vis_9d5r", "pet": "Pixel", "client": "Joanna Brandt", "vet": "r.tavares@willowvets.example", "reason": "Blood test", "at": "2027-05-14T15:15", "minutes": 20},
        {"visitRef": "vis_a1ju", "pet": "Thor", "client": "Viktor Lund", "vet": "m.colgan@willowvets.example", "reason": "Hip X-ray", "at": "2027-05-17T11:00", "minutes": 30},
        {"visitRef": "vis_b6ye", "pet": "Olive", "client": "Nora Keane", "vet": "h.ekberg@willowvets.example", "reason": "Surgery", "at": "2027-05-18T08:45", "minutes": 90},
        {"visitRef": "vis_c2vk", "pet": "Bella", "client": "Pieter Maas", "vet": "r.tavares@willowvets.example", "reason": "Vaccination", "at": "2027-05-18T13:30", "minutes": 20},
        {"visitRef": "vis_d8sg", "pet": "Mochi", "client": "Lucia Ferro", "vet": "h.ekberg@willowvets.example", "reason": "Booster", "at": "2027-05-19T10:00", "minutes": 20},
        {"visitRef": "vis_e4lm", "pet": "Ziggy", "client": "Owen Pryce", "vet": "m.colgan@willowvets.example", "reason": "Beak check", "at": "2027-05-20T14:00", "minutes": 20},
        {"visitRef": "vis_f7qa", "pet": "Clover", "client": "Agnes Toth", "vet": "r.tavares@willowvets.example", "reason": "Weight check", "at": "2027-05-24T09:30", "minutes": 10},
    ],
    "mails": [
        {"mailId": "m:0a11", "writer": "Northlab", "writerEmail": "results@northlab.example", "subject": "Results for Bruno", "came": "2027-05-05T16:30", "text": "All clear.", "seen": True, "folder": "lab"},
        {"mailId": "m:01c4", "writer": "Northlab", "writerEmail": "results@northlab.example", "subject": "Results for Pixel", "came": "2027-05-07T16:10", "text": "Kidney values are fine.", "seen": True, "folder": "inbox"},
        {"mailId": "m:02e8", "writer": "Rui Tavares", "writerEmail": "r.tavares@willowvets.example", "subject": "A Monday off", "came": "2027-05-08T09:00", "text": "May I have the 31st?", "seen": True, "folder": "inbox"},
        {"mailId": "m:13b7", "writer": "Furever Insurance", "writerEmail": "claims@furever.example", "subject": "Claim 8812", "came": "2027-05-10T10:05", "text": "We need the invoice.", "seen": True, "folder": "inbox"},
        {"mailId": "m:0f3a", "writer": "Joanna Brandt", "writerEmail": "joanna@brandt.example", "subject": "Pixel is scratching", "came": "2027-05-10T18:22", "text": "Since the weekend.", "seen": True, "folder": "inbox"},
        {"mailId": "m:1a90", "writer": "PetPantry", "writerEmail": "news@petpantry.example", "subject": "Spring discount", "came": "2027-05-11T05:00", "text": "Ten per cent off.", "seen": True, "folder": "inbox"},
        {"mailId": "m:35f6", "writer": "Tobias Falk", "writerEmail": "t.falk@willowvets.example", "subject": "Kennel latch", "came": "2027-05-11T12:15", "text": "The part has not come.", "seen": True, "folder": "inbox"},
        {"mailId": "m:2d51", "writer": "Northlab", "writerEmail": "results@northlab.example", "subject": "Results for Olive", "came": "2027-05-11T15:40", "text": "Please call us.", "seen": True, "folder": "inbox"},
        {"mailId": "m:4428", "writer": "PetPantry", "writerEmail": "news@petpantry.example", "subject": "New recovery food", "came": "2027-05-12T05:00", "text": "Try a sample.", "seen": False, "folder": "inbox"},
        {"mailId": "m:4b0d", "writer": "Furever Insurance", "writerEmail": "claims@furever.example", "subject": "Claim 8840", "came": "2027-05-12T11:30", "text": "Paid in full.", "seen": False, "folder": "inbox"},
        {"mailId": "m:58e3", "writer": "Owen Pryce", "writerEmail": "owen@pryce.example", "subject": "Ziggy won't eat", "came": "2027-05-12T20:47", "text": "Not even grapes.", "seen": False, "folder": "inbox"},
        {"mailId": "m:6c17", "writer": "Northlab", "writerEmail": "results@northlab.example", "subject": "Results for Thor", "came": "2027-05-13T07:30", "text": "Slightly raised.", "seen": False, "folder": "inbox"},
        {"mailId": "m:72aa", "writer": "Priya Nair", "writerEmail": "p.nair@willowvets.example", "subject": "Room 2", "came": "2027-05-13T08:05", "text": "The lamp is loose.", "seen": False, "folder": "inbox"},
    ],
    "clients": [
        {"clientNo": "C/201", "name": "Joanna Brandt", "pet": "Pixel", "species": "cat", "email": "joanna@brandt.example", "phone": "555-0141", "town": "Harwick", "plan": "basic"},
        {"clientNo": "C/202", "name": "Samir Haddad", "pet": "Bruno", "species": "dog", "email": "samir@haddad.example", "phone": "555-0107", "town": "Ellford", "plan": "plus"},
        {"clientNo": "C/203", "name": "Nora Keane", "pet": "Olive", "species": "rabbit", "email": "nora@keane.example", "phone": "555-0162", "town": "Harwick", "plan": "none"},
        {"clientNo": "C/204", "name": "Keiko Arai", "pet": "Bella", "species": "dog", "email": "keiko@arai.example", "phone": "555-0118", "town": "Ellford", "plan": "basic"},
        {"clientNo": "C/205", "name": "Owen Pryce", "pet": "Ziggy", "species": "parrot", "email": "owen@pryce.example", "phone": "555-0175", "town": "Stowe", "plan": "none"},
        {"clientNo": "C/206", "name": "Lucia Ferro", "pet": "Mochi", "species": "cat", "email": "lucia@ferro.example", "phone": "555-0129", "town": "Harwick", "plan": "plus"},
        {"clientNo": "C/207", "name": "Viktor Lund", "pet": "Thor", "species": "dog", "email": "viktor@lund.example", "phone": "555-0133", "town": "Stowe", "plan": "basic"},
        {"clientNo": "C/208", "name": "Pieter Maas", "pet": "Bella", "species": "cat", "email": "pieter@maas.example", "phone": "555-0184", "town": "Dunmoor", "plan": "none"},
        {"clientNo": "C/209", "name": "Agnes Toth", "pet": "Clover", "species": "rabbit", "email": "agnes@toth.example", "phone": "555-0150", "town": "Ellford", "plan": "basic"},
        {"clientNo": "C/210", "name": "Lucia Webb", "pet": "Rex", "species": "dog", "email": "lucia@webb.example", "phone": "555-0196", "town": "Dunmoor", "plan": "plus"},
        {"clientNo": "C/211", "name": "Milan Kovar", "pet": "Nugget", "species": "hamster", "email": "milan@kovar.example", "phone": "555-0103", "town": "Stowe", "plan": "none"},
        {"clientNo": "C/212", "name": "Faye Dorsey", "pet": "Shadow", "species": "cat", "email": "faye@dorsey.example", "phone": "555-0158", "town": "Ellford", "plan": "none"},
    ],
    "jobs": [
        {"jobNo": "wo.31", "what": "Descale the autoclave", "who": "d.conti@willowvets.example", "by": "2027-05-10", "urgent": False, "done": False},
        {"jobNo": "wo.32", "what": "Order new thermometers", "who": "t.falk@willowvets.example", "by": "2027-05-12", "urgent": False, "done": False},
        {"jobNo": "wo.33", "what": "Fix the kennel latch", "who": "t.falk@willowvets.example", "by": "2027-05-11", "urgent": True, "done": False},
        {"jobNo": "wo.34", "what": "Send vaccine reminders", "who": "h.lindt@willowvets.example", "by": "2027-05-12", "urgent": False, "done": False},
        {"jobNo": "wo.35", "what": "Update the price list", "who": "i.moreau@willowvets.example", "by": "2027-05-21", "urgent": False, "done": False},
        {"jobNo": "wo.36", "what": "Clean the X-ray plate", "who": "p.nair@willowvets.example", "by": "2027-05-13", "urgent": False, "done": False},
        {"jobNo": "wo.37", "what": "Restock room 2", "who": "p.nair@willowvets.example", "by": "2027-05-12", "urgent": False, "done": True},
        {"jobNo": "wo.38", "what": "Check expiry dates", "who": "p.nair@willowvets.example", "by": "2027-05-19", "urgent": False, "done": False},
        {"jobNo": "wo.39", "what": "Draft the June rota", "who": "i.moreau@willowvets.example", "by": "2027-05-17", "urgent": False, "done": False},
        {"jobNo": "wo.40", "what": "Call the lab about Olive", "who": "h.ekberg@willowvets.example", "by": "2027-05-14", "urgent": True, "done": False},
        {"jobNo": "wo.41", "what": "Calibrate the scales", "who": "d.conti@willowvets.example", "by": "2027-05-20", "urgent": False, "done": False},
        {"jobNo": "wo.42", "what": "Shred old consent forms", "who": "t.falk@willowvets.example", "by": "2027-05-07", "urgent": False, "done": True},
        {"jobNo": "wo.43", "what": "Replace the waiting room bulbs", "who": "t.falk@willowvets.example", "by": "2027-05-18", "urgent": False, "done": False},
    ],
    "stock": [
        {"sku": "GZ-10", "item": "Gauze swabs", "shelf": "B2", "left": 14, "minimum": 20, "supplier": "Medivet"},
        {"sku": "BD-04", "item": "Elastic bandages", "shelf": "B2", "left": 32, "minimum": 15, "supplier": "Medivet"},
        {"sku": "SY-05", "item": "Syringes 5 ml", "shelf": "B1", "left": 180, "minimum": 100, "supplier": "Medivet"},
        {"sku": "SY-10", "item": "Syringes 10 ml", "shelf": "B1", "left": 60, "minimum": 80, "supplier": "Medivet"},
        {"sku": "VX-R", "item": "Rabies vaccine", "shelf": "F1", "left": 9, "minimum": 12, "supplier": "Noble Pharma"},
        {"sku": "VX-K", "item": "Kennel cough vaccine", "shelf": "F1", "left": 16, "minimum": 10, "supplier": "Noble Pharma"},
        {"sku": "GL-S", "item": "Gloves small", "shelf": "A3", "left": 6, "minimum": 5, "supplier": "CleanHands"},
        {"sku": "GL-M", "item": "Gloves medium", "shelf": "A3", "left": 3, "minimum": 5, "supplier": "CleanHands"},
        {"sku": "DW-01", "item": "Dewormer tablets", "shelf": "C1", "left": 45, "minimum": 30, "supplier": "Noble Pharma"},
        {"sku": "FD-R", "item": "Recovery food", "shelf": "C2", "left": 22, "minimum": 12, "supplier": "PetPantry"},
        {"sku": "CC-L", "item": "Cone collars large", "shelf": "C3", "left": 4, "minimum": 4, "supplier": "PetPantry"},
    ],
    "orders": [
        {"orderNo": "PO-77", "sku": "SY-05", "quantity": 100, "placed": "2027-05-04"},
    ],
    "team": [
        {"name": "Hanna Ekberg", "role": "vet", "email": "h.ekberg@willowvets.example"}, {"name": "Rui Tavares", "role": "vet", "email": "r.tavares@willowvets.example"},
        {"name": "Maeve Colgan", "role": "vet", "email": "m.colgan@willowvets.example"}, {"name": "Dario Conti", "role": "nurse", "email": "d.conti@willowvets.example"},
        {"name": "Priya Nair", "role": "nurse", "email": "p.nair@willowvets.example"}, {"name": "Hanna Lindt", "role": "reception", "email": "h.lindt@willowvets.example"},
        {"name": "Tobias Falk", "role": "caretaker", "email": "t.falk@willowvets.example"}, {"name": "Ines Moreau", "role": "accounts", "email": "i.moreau@willowvets.example"},
    ],
    "sent": [],
}  # fmt: skip


def _minute(when: datetime) -> str:
    return (when.astimezone(UTC) if when.tzinfo else when).replace(tzinfo=None).isoformat(timespec="minutes")


class Company:
    """Its state, and the tools over it."""

    def __init__(self) -> None:
        self.state: dict[str, Rows] = {
            name: [dict(copy.deepcopy(each)) for each in rows] for name, rows in START.items()
        }
        self._issued = 0

    def tools(self) -> Sequence[Tool]:
        """Return all tools of the company."""
        return (
            *self._visits(), *self._mails(), *self._clients(), *self._jobs(), *self._stock(), self._team(),
        )  # fmt: skip

    def _one(self, table: str, value: str) -> dict[str, Any]:
        return {row[KEYS[table]]: row for row in self.state[table]}[value]

    def _number(self, prefix: str, first: int) -> str:
        self._issued += 1
        return f"{prefix}{first + self._issued}"

    def _visits(self) -> Sequence[Tool]:
        rows = self.state["visits"]

        @tool(effect="read")
        def listVisits(
            words: str = "", vetEmail: str = "", fromDay: date | None = None, untilDay: date | None = None
        ) -> list[dict[str, Any]]:
            """List the visits (appointments) at the practice, earliest first.

            Args:
                words: Words in the pet's name, the client's name or the reason.
                vetEmail: E-mail address of the vet; only visits to this vet.
                fromDay: Only visits on this day or later.
                untilDay: Only visits on this day or earlier.
            """
            found = [
                dict(row) for row in rows
                if words.lower() in f"{row['pet']} {row['client']} {row['reason']}".lower()
                and vetEmail in ("", row["vet"])
                and (fromDay is None or row["at"][:10] >= fromDay.isoformat())
                and (untilDay is None or row["at"][:10] <= untilDay.isoformat())
            ]  # fmt: skip
            return sorted(found, key=lambda row: str(row["at"]))

        @tool(effect="write")
        def bookVisit(clientNo: str, reason: str, at: datetime, vetEmail: str, minutes: int = 20) -> dict[str, str]:
            """Book a visit (appointment) for a client and their pet.

            Args:
                clientNo: Number of the client whose pet comes.
                reason: Why the pet comes.
                at: Day and time of the visit.
                vetEmail: E-mail address of the vet who sees the pet.
                minutes: How long it takes.
            """
            client, ref = self._one("clients", clientNo), self._number("vis_n", 100)
            rows.append(
                {"visitRef": ref, "pet": client["pet"], "client": client["name"], "vet": vetEmail, "reason": reason, "at": _minute(at), "minutes": minutes}
            )  # fmt: skip
            return {"visitRef": ref}

        @tool(effect="write")
        def rebookVisit(visitRef: str, at: datetime) -> None:
            """Move a visit (appointment) to another day or time.

            Args:
                visitRef: Reference of the visit.
                at: The new day and time.
            """
            self._one("visits", visitRef)["at"] = _minute(at)

        @tool(effect="write")
        def swapVet(visitRef: str, vetEmail: str) -> None:
            """Give a visit (appointment) to another vet.

            Args:
                visitRef: Reference of the visit.
                vetEmail: E-mail address of the vet who takes it over.
            """
            self._one("visits", visitRef)["vet"] = vetEmail

        @tool(effect="write")
        def callOffVisit(visitRef: str) -> None:
            """Call off (cancel) a visit.

            Args:
                visitRef: Reference of the visit.
            """
            rows.remove(self._one("visits", visitRef))

        return listVisits, bookVisit, rebookVisit, swapVet, callOffVisit

    def _mails(self) -> Sequence[Tool]:
        rows, sent = self.state["mails"], self.state["sent"]

        @tool(effect="read")
        def listMails(
            words: str = "", folder: Folder | None = None, since: date | None = None, unseenOnly: bool = False
        ) -> list[dict[str, Any]]:
            """List the mails that came in, newest first.

            Args:
                words: Words in the writer's name or address, the subject or the text.
                folder: Only mails in this folder.
                since: Only mails that came on this day or later.
                unseenOnly: Only mails that nobody has read yet.
            """
            found = [
                dict(row) for row in rows
                if words.lower() in f"{row['writer']} {row['writerEmail']} {row['subject']} {row['text']}".lower()
                and folder in (None, row["folder"]) and (since is None or row["came"][:10] >= since.isoformat())
                and not (unseenOnly and row["seen"])
            ]  # fmt: skip
            return sorted(found, key=lambda row: str(row["came"]), reverse=True)

        @tool(effect="irreversible", roles={"toEmail": "destination"})
        def sendMail(toEmail: str, subject: str, text: str) -> None:
            """Send a mail to a client or a colleague.

            Args:
                toEmail: E-mail address of the recipient.
                subject: The subject line.
                text: The text.
            """
            sent.append({"to": toEmail, "subject": subject, "text": text})

        @tool(effect="irreversible")
        def answerMail(mailId: str, text: str) -> None:
            """Answer a mail that came in.

            Args:
                mailId: Id of the mail that is answered.
                text: The text of the answer.
            """
            row = self._one("mails", mailId)
            sent.append({"to": row["writerEmail"], "subject": f"Re: {row['subject']}", "text": text})

        @tool(effect="write")
        def fileMail(mailId: str, folder: Folder) -> None:
            """File a mail: put it into a folder.

            Args:
                mailId: Id of the mail.
                folder: The folder that it goes into.
            """
            self._one("mails", mailId)["folder"] = folder

        return listMails, sendMail, answerMail, fileMail

    def _clients(self) -> Sequence[Tool]:
        rows = self.state["clients"]

        @tool(effect="read")
        def listClients(words: str = "", town: str = "", plan: CarePlan | None = None) -> list[dict[str, Any]]:
            """List the clients of the practice, each with the pet, e-mail address and phone number.

            Args:
                words: The name of the client or of the pet, or the species.
                town: Only clients who live in this town.
                plan: Only clients on this care plan.
            """
            return [
                dict(row) for row in rows
                if words.lower() in f"{row['name']} {row['pet']} {row['species']}".lower()
                and town.lower() in ("", row["town"].lower()) and plan in (None, row["plan"])
            ]  # fmt: skip

        @tool(effect="write")
        def editClient(
            clientNo: str,
            email: str | None = None,
            phone: str | None = None,
            town: str | None = None,
            plan: CarePlan | None = None,
        ) -> None:
            """Edit a client's record; what is left out stays as it is.

            Args:
                clientNo: Number of the client.
                email: The client's new e-mail address.
                phone: The client's new phone number.
                town: The town where the client lives now.
                plan: The care plan that the client is on.
            """
            given = {"email": email, "phone": phone, "town": town, "plan": plan}
            self._one("clients", clientNo).update({name: value for name, value in given.items() if value is not None})

        return listClients, editClient

    def _jobs(self) -> Sequence[Tool]:
        rows = self.state["jobs"]

        @tool(effect="read")
        def listJobs(
            words: str = "", whoEmail: str = "", openOnly: bool = False, dueUntil: date | None = None
        ) -> list[dict[str, Any]]:
            """List the jobs (tasks) of the team.

            Args:
                words: Words in what is to be done.
                whoEmail: E-mail address of the colleague who does it.
                openOnly: Only jobs that are not done yet.
                dueUntil: Only jobs that are due on this day or earlier.
            """
            return [
                dict(row) for row in rows
                if words.lower() in row["what"].lower() and whoEmail in ("", row["who"])
                and not (openOnly and row["done"]) and (dueUntil is None or row["by"] <= dueUntil.isoformat())
            ]  # fmt: skip

        @tool(effect="write")
        def addJob(what: str, whoEmail: str, by: date, urgent: bool = False) -> dict[str, str]:
            """Add a job (task) for a colleague.

            Args:
                what: What is to be done.
                whoEmail: E-mail address of the colleague who does it.
                by: The day by which it is due.
                urgent: Whether it is urgent.
            """
            number = self._number("wo.", 50)
            rows.append(
                {"jobNo": number, "what": what, "who": whoEmail, "by": by.isoformat(), "urgent": urgent, "done": False}
            )
            return {"jobNo": number}

        @tool(effect="write")
        def handOverJob(jobNo: str, toEmail: str) -> None:
            """Hand a job (task) over to another colleague.

            Args:
                jobNo: Number of the job.
                toEmail: E-mail address of the colleague who does it from now on.
            """
            self._one("jobs", jobNo)["who"] = toEmail

        @tool(effect="write")
        def postponeJob(jobNo: str, by: date) -> None:
            """Give a job (task) another due day.

            Args:
                jobNo: Number of the job.
                by: The new day by which it is due.
            """
            self._one("jobs", jobNo)["by"] = by.isoformat()

        @tool(effect="write")
        def tickOffJob(jobNo: str) -> None:
            """Tick a job (task) off: it is done.

            Args:
                jobNo: Number of the job.
            """
            self._one("jobs", jobNo)["done"] = True

        return listJobs, addJob, handOverJob, postponeJob, tickOffJob

    def _stock(self) -> Sequence[Tool]:
        rows, orders = self.state["stock"], self.state["orders"]

        @tool(effect="read")
        def listStock(words: str = "", shelf: str = "", belowMinimum: bool = False) -> dict[str, Any]:
            """List the items in stock: how many are left, and how many there should be at least.

            Args:
                words: Words in the name of the item or of its supplier.
                shelf: Only items on this shelf.
                belowMinimum: Only items of which fewer are left than the minimum.
            """
            found = [
                dict(row) for row in rows
                if words.lower() in f"{row['item']} {row['supplier']}".lower() and shelf in ("", row["shelf"])
                and not (belowMinimum and row["left"] >= row["minimum"])
            ]  # fmt: skip
            return {"items": found}

        @tool(effect="write")
        def correctCount(sku: str, left: int) -> None:
            """Correct how many pieces of an item are left in stock, after counting.

            Args:
                sku: Code of the item.
                left: How many are left.
            """
            self._one("stock", sku)["left"] = left

        @tool(effect="irreversible")
        def orderItem(sku: str, quantity: int) -> dict[str, str]:
            """Order more of an item from its supplier.

            Args:
                sku: Code of the item.
                quantity: How many pieces are ordered.
            """
            number = self._number("PO-", 100)
            orders.append(
                {"orderNo": number, "sku": self._one("stock", sku)["sku"], "quantity": quantity, "placed": SAID_AT.date().isoformat()}
            )  # fmt: skip
            return {"orderNo": number}

        return listStock, correctCount, orderItem

    def _team(self) -> Tool:
        team = self.state["team"]

        @tool(effect="read")
        def lookUpColleague(name: str) -> list[dict[str, Any]]:
            """Look a colleague up in the directory of the team: role and e-mail address.

            Args:
                name: First name, last name or both.
            """
            return [dict(row) for row in team if name.lower() in row["name"].lower()]

        return lookUpColleague
