"""A small shipping firm's own tools, in memory: a calendar, mail, cold-store figures, customers, a board and a directory; plain functions."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Literal

from doer import tool
from doer.domain.ports import Tool

Rows = list[dict[str, Any]]

SAID_AT = datetime(2027, 3, 9, 8, 30, tzinfo=UTC)
KEYS: Mapping[str, str] = {
    "bookings": "booking_id", "messages": "message_id", "charts": "chart_id", "customers": "customer_id", "tasks": "task_id",
}  # fmt: skip
START: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "bookings": [
        {"booking_id": "00000198", "subject": "Berth plan", "attendee": "ivo.marek@harbourline.example", "start_time": "2027-03-02T10:00:00", "length_min": "30"},
        {"booking_id": "00000199", "subject": "Yard walk", "attendee": "kenji.mori@harbourline.example", "start_time": "2027-03-04T16:00:00", "length_min": "30"},
        {"booking_id": "00000201", "subject": "Berth plan", "attendee": "ivo.marek@harbourline.example", "start_time": "2027-03-09T10:00:00", "length_min": "30"},
        {"booking_id": "00000202", "subject": "Crane inspection", "attendee": "kenji.mori@harbourline.example", "start_time": "2027-03-09T14:30:00", "length_min": "60"},
        {"booking_id": "00000203", "subject": "Customs briefing", "attendee": "noor.rahimi@harbourline.example", "start_time": "2027-03-10T09:00:00", "length_min": "45"},
        {"booking_id": "00000204", "subject": "Rate negotiation", "attendee": "pilar.ortega@harbourline.example", "start_time": "2027-03-10T13:00:00", "length_min": "90"},
        {"booking_id": "00000205", "subject": "Weekly sync", "attendee": "lena.hartog@harbourline.example", "start_time": "2027-03-11T09:30:00", "length_min": "30"},
        {"booking_id": "00000206", "subject": "Reefer audit", "attendee": "greta.sand@harbourline.example", "start_time": "2027-03-11T15:00:00", "length_min": "120"},
        {"booking_id": "00000207", "subject": "Driver roster", "attendee": "ivo.marek@harbourline.example", "start_time": "2027-03-12T09:00:00", "length_min": "30"},
        {"booking_id": "00000208", "subject": "Fuel contract", "attendee": "pilar.ortega@harbourline.example", "start_time": "2027-03-12T13:30:00", "length_min": "60"},
        {"booking_id": "00000209", "subject": "Freezer review", "attendee": "greta.sand@harbourline.example", "start_time": "2027-03-12T15:30:00", "length_min": "45"},
        {"booking_id": "00000210", "subject": "Berth plan", "attendee": "ivo.marek@harbourline.example", "start_time": "2027-03-16T10:00:00", "length_min": "30"},
        {"booking_id": "00000211", "subject": "Insurance renewal", "attendee": "tomas.oduya@harbourline.example", "start_time": "2027-03-17T11:00:00", "length_min": "60"},
        {"booking_id": "00000212", "subject": "Weekly sync", "attendee": "lena.hartog@harbourline.example", "start_time": "2027-03-18T09:30:00", "length_min": "30"},
        {"booking_id": "00000213", "subject": "Customs briefing", "attendee": "noor.rahimi@harbourline.example", "start_time": "2027-03-24T09:00:00", "length_min": "45"},
    ],
    "messages": [
        {"message_id": "00000901", "sender_name": "Meridian Bank", "sender_address": "service@meridian-bank.example", "subject": "Statement for January", "received_at": "2027-02-15T04:00:00", "text": "Your statement is ready."},
        {"message_id": "00000902", "sender_name": "Skylark Travel", "sender_address": "desk@skylark-travel.example", "subject": "Your flight to Oslo", "received_at": "2027-02-26T07:10:00", "text": "Booking code QX7."},
        {"message_id": "00000903", "sender_name": "Noor Rahimi", "sender_address": "noor.rahimi@harbourline.example", "subject": "Customs forms", "received_at": "2027-03-02T13:40:00", "text": "The new forms are on the shelf."},
        {"message_id": "00000904", "sender_name": "Skylark Travel", "sender_address": "desk@skylark-travel.example", "subject": "Hotel voucher", "received_at": "2027-03-03T06:45:00", "text": "Two nights in Oslo."},
        {"message_id": "00000905", "sender_name": "Lena Hartog", "sender_address": "lena.hartog@harbourline.example", "subject": "Pallet count", "received_at": "2027-03-03T10:00:00", "text": "We lack forty."},
        {"message_id": "00000906", "sender_name": "Ada Lindqvist", "sender_address": "ada.lindqvist@harbourline.example", "subject": "Reefer figures", "received_at": "2027-03-04T09:15:00", "text": "The plugs draw too much."},
        {"message_id": "00000907", "sender_name": "Ivo Marek", "sender_address": "ivo.marek@harbourline.example", "subject": "Berth 4 is blocked", "received_at": "2027-03-05T16:20:00", "text": "A barge has run aground."},
        {"message_id": "00000908", "sender_name": "Kenji Mori", "sender_address": "kenji.mori@harbourline.example", "subject": "Crane certificate", "received_at": "2027-03-06T14:00:00", "text": "It ends on Friday."},
        {"message_id": "00000909", "sender_name": "Orchard Foods", "sender_address": "jill@orchardfoods.example", "subject": "Late container from Porto", "received_at": "2027-03-07T18:30:00", "text": "Where is it?"},
        {"message_id": "00000910", "sender_name": "Skylark Travel", "sender_address": "desk@skylark-travel.example", "subject": "Spring offers", "received_at": "2027-03-08T05:30:00", "text": "Lisbon from 49."},
        {"message_id": "00000911", "sender_name": "Ivo Marek", "sender_address": "ivo.marek@harbourline.example", "subject": "Roster for Friday", "received_at": "2027-03-08T11:05:00", "text": "Two drivers are missing."},
        {"message_id": "00000912", "sender_name": "Orchard Foods", "sender_address": "jill@orchardfoods.example", "subject": "Late container again", "received_at": "2027-03-08T12:10:00", "text": "Now a second one."},
        {"message_id": "00000913", "sender_name": "Pilar Ortega", "sender_address": "pilar.ortega@harbourline.example", "subject": "Fuel quote", "received_at": "2027-03-08T15:25:00", "text": "612 a tonne."},
        {"message_id": "00000914", "sender_name": "Greta Sand", "sender_address": "greta.sand@harbourline.example", "subject": "Freezer alarm", "received_at": "2027-03-09T03:15:00", "text": "Gate 3 stood open."},
        {"message_id": "00000915", "sender_name": "Noor Rahimi", "sender_address": "noor.rahimi@harbourline.example", "subject": "Seal numbers", "received_at": "2027-03-09T07:50:00", "text": "Are these right?"},
    ],
    "readings": [
        {"day": "2027-03-01", "door_openings": 182, "temperature": -18.4, "alarms": 0},
        {"day": "2027-03-02", "door_openings": 175, "temperature": -18.1, "alarms": 1},
        {"day": "2027-03-03", "door_openings": 201, "temperature": -17.6, "alarms": 0},
        {"day": "2027-03-04", "door_openings": 166, "temperature": -18.3, "alarms": 2},
        {"day": "2027-03-05", "door_openings": 220, "temperature": -16.9, "alarms": 4},
        {"day": "2027-03-06", "door_openings": 74, "temperature": -18.8, "alarms": 0},
        {"day": "2027-03-07", "door_openings": 41, "temperature": -19.0, "alarms": 0},
        {"day": "2027-03-08", "door_openings": 193, "temperature": -17.9, "alarms": 1},
    ],
    "charts": [
        {"chart_id": "00000011", "metric": "alarms", "chart_type": "bar", "from_day": "2027-02-01", "to_day": "2027-02-28"},
    ],
    "customers": [
        {"customer_id": "00000051", "company_name": "Orchard Foods", "contact_email": "jill@orchardfoods.example", "city": "Bergen", "status": "active", "account_manager": "pilar.ortega@harbourline.example"},
        {"customer_id": "00000052", "company_name": "Fjord Salmon", "contact_email": "order@fjordsalmon.example", "city": "Bergen", "status": "active", "account_manager": "lena.hartog@harbourline.example"},
        {"customer_id": "00000053", "company_name": "Delta Tiles", "contact_email": "info@deltatiles.example", "city": "Porto", "status": "lead", "account_manager": "pilar.ortega@harbourline.example"},
        {"customer_id": "00000054", "company_name": "Nordic Cycles", "contact_email": "hello@nordiccycles.example", "city": "Malmo", "status": "dormant", "account_manager": "kenji.mori@harbourline.example"},
        {"customer_id": "00000055", "company_name": "Casa Verde", "contact_email": "buy@casaverde.example", "city": "Porto", "status": "active", "account_manager": "lena.hartog@harbourline.example"},
        {"customer_id": "00000056", "company_name": "Baltic Paper", "contact_email": "sales@balticpaper.example", "city": "Gdansk", "status": "dormant", "account_manager": "pilar.ortega@harbourline.example"},
        {"customer_id": "00000057", "company_name": "Baltic Steel", "contact_email": "office@balticsteel.example", "city": "Gdansk", "status": "lead", "account_manager": "kenji.mori@harbourline.example"},
        {"customer_id": "00000058", "company_name": "Tulip Trade", "contact_email": "post@tuliptrade.example", "city": "Rotterdam", "status": "lead", "account_manager": "ivo.marek@harbourline.example"},
        {"customer_id": "00000059", "company_name": "Arctic Berries", "contact_email": "mail@arcticberries.example", "city": "Tromso", "status": "active", "account_manager": "greta.sand@harbourline.example"},
        {"customer_id": "00000060", "company_name": "Quay Coffee", "contact_email": "beans@quaycoffee.example", "city": "Rotterdam", "status": "dormant", "account_manager": "ivo.marek@harbourline.example"},
    ],
    "tasks": [
        {"task_id": "00000301", "title": "Renew crane permit", "assignee": "kenji.mori@harbourline.example", "status": "in_progress", "due_date": "2027-03-05", "board": "Maintenance"},
        {"task_id": "00000302", "title": "Replace dock lights", "assignee": "kenji.mori@harbourline.example", "status": "to_do", "due_date": "2027-03-19", "board": "Maintenance"},
        {"task_id": "00000303", "title": "Count empty pallets", "assignee": "lena.hartog@harbourline.example", "status": "to_do", "due_date": "2027-03-04", "board": "Operations"},
        {"task_id": "00000304", "title": "Update tariff sheet", "assignee": "lena.hartog@harbourline.example", "status": "in_progress", "due_date": "2027-03-08", "board": "Sales"},
        {"task_id": "00000305", "title": "Book forklift training", "assignee": "lena.hartog@harbourline.example", "status": "to_do", "due_date": "2027-03-22", "board": "Operations"},
        {"task_id": "00000306", "title": "Scan old waybills", "assignee": "lena.hartog@harbourline.example", "status": "done", "due_date": "2027-02-26", "board": "Operations"},
        {"task_id": "00000307", "title": "Fix berth 4 fender", "assignee": "ivo.marek@harbourline.example", "status": "to_do", "due_date": "2027-03-12", "board": "Maintenance"},
        {"task_id": "00000308", "title": "Draft night roster", "assignee": "ivo.marek@harbourline.example", "status": "in_progress", "due_date": "2027-03-15", "board": "Operations"},
        {"task_id": "00000309", "title": "Label hazard bay", "assignee": "ivo.marek@harbourline.example", "status": "done", "due_date": "2027-03-03", "board": "Operations"},
        {"task_id": "00000310", "title": "Call Tulip Trade", "assignee": "pilar.ortega@harbourline.example", "status": "to_do", "due_date": "2027-03-10", "board": "Sales"},
        {"task_id": "00000311", "title": "Prepare fuel tender", "assignee": "pilar.ortega@harbourline.example", "status": "in_review", "due_date": "2027-03-11", "board": "Sales"},
        {"task_id": "00000312", "title": "Write customs guide", "assignee": "noor.rahimi@harbourline.example", "status": "in_progress", "due_date": "2027-03-02", "board": "Operations"},
        {"task_id": "00000313", "title": "Calibrate reefer probes", "assignee": "greta.sand@harbourline.example", "status": "to_do", "due_date": "2027-03-16", "board": "Maintenance"},
        {"task_id": "00000314", "title": "Archive 2025 invoices", "assignee": "tomas.berg@harbourline.example", "status": "to_do", "due_date": "2027-03-30", "board": "Sales"},
        {"task_id": "00000315", "title": "Check insurance list", "assignee": "tomas.oduya@harbourline.example", "status": "in_review", "due_date": "2027-03-18", "board": "Sales"},
    ],
    "staff": [
        {"name": "Lena Hartog", "email": "lena.hartog@harbourline.example"}, {"name": "Ivo Marek", "email": "ivo.marek@harbourline.example"},
        {"name": "Ada Lindqvist", "email": "ada.lindqvist@harbourline.example"}, {"name": "Noor Rahimi", "email": "noor.rahimi@harbourline.example"},
        {"name": "Tomas Berg", "email": "tomas.berg@harbourline.example"}, {"name": "Tomas Oduya", "email": "tomas.oduya@harbourline.example"},
        {"name": "Pilar Ortega", "email": "pilar.ortega@harbourline.example"}, {"name": "Kenji Mori", "email": "kenji.mori@harbourline.example"},
        {"name": "Greta Sand", "email": "greta.sand@harbourline.example"},
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
            *self._calendar(), *self._mail(), *self._figures(), *self._customers(), *self._board(), self._directory(),
        )  # fmt: skip

    def _one(self, table: str, value: str) -> dict[str, Any]:
        return {row[KEYS[table]]: row for row in self.state[table]}[value]

    def _add(self, table: str, **fields: str) -> dict[str, str]:
        rows, key = self.state[table], KEYS[table]
        number = f"{max((int(row[key]) for row in rows), default=0) + 1:08d}"
        rows.append({key: number, **fields})
        return {key: number}

    def _calendar(self) -> Sequence[Tool]:
        rows = self.state["bookings"]

        @tool(effect="read")
        def search_bookings(
            query: str = "", time_min: datetime | None = None, time_max: datetime | None = None
        ) -> list[dict[str, Any]]:
            """Search my calendar for bookings (meetings), in the order of their start.

            Args:
                query: Words in the subject or the attendee's e-mail address.
                time_min: Only bookings that start at or after this time.
                time_max: Only bookings that start at or before this time.
            """
            found = [
                dict(row) for row in rows
                if query.lower() in f"{row['subject']} {row['attendee']}".lower()
                and (time_min is None or row["start_time"] >= _iso(time_min))
                and (time_max is None or row["start_time"] <= _iso(time_max))
            ]  # fmt: skip
            return sorted(found, key=lambda row: str(row["start_time"]))

        @tool(effect="write")
        def create_booking(subject: str, attendee_email: str, start_time: datetime, length_min: str) -> dict[str, str]:
            """Book a new meeting with somebody in my calendar.

            Args:
                subject: What the meeting is about.
                attendee_email: E-mail address of the attendee.
                start_time: When it starts.
                length_min: Its length in minutes.
            """
            return self._add(
                "bookings", subject=subject, attendee=attendee_email, start_time=_iso(start_time), length_min=length_min
            )

        @tool(effect="write")
        def change_booking(
            booking_id: str,
            subject: str | None = None,
            start_time: datetime | None = None,
            length_min: str | None = None,
        ) -> None:
            """Change a meeting in my calendar: its subject, its start or its length; what is not given stays as it is.

            Args:
                booking_id: Id of the booking.
                subject: The new subject.
                start_time: The new start.
                length_min: The new length in minutes.
            """
            given = {"subject": subject, "start_time": start_time and _iso(start_time), "length_min": length_min}
            self._one("bookings", booking_id).update(
                {name: value for name, value in given.items() if value is not None}
            )

        @tool(effect="write")
        def cancel_booking(booking_id: str) -> None:
            """Cancel a meeting and take it out of my calendar.

            Args:
                booking_id: Id of the booking.
            """
            rows.remove(self._one("bookings", booking_id))

        return search_bookings, create_booking, change_booking, cancel_booking

    def _mail(self) -> Sequence[Tool]:
        rows, sent = self.state["messages"], self.state["sent"]

        @tool(effect="read")
        def search_inbox(
            query: str = "", received_from: date | None = None, received_to: date | None = None
        ) -> list[dict[str, Any]]:
            """Search the mails in my inbox, newest first. Tells who sent them, the subject and when they came, not the text.

            Args:
                query: Words in the subject, the text or the sender.
                received_from: Only mails that came on this day or later.
                received_to: Only mails that came on this day or earlier.
            """
            found = [
                {name: value for name, value in row.items() if name != "text"} for row in rows
                if query.lower() in f"{row['sender_name']} {row['sender_address']} {row['subject']} {row['text']}".lower()
                and (received_from is None or row["received_at"][:10] >= received_from.isoformat())
                and (received_to is None or row["received_at"][:10] <= received_to.isoformat())
            ]  # fmt: skip
            return sorted(found, key=lambda row: str(row["received_at"]), reverse=True)

        @tool(effect="read")
        def read_message(message_id: str) -> dict[str, Any]:
            """Read one mail with its text.

            Args:
                message_id: Id of the mail.
            """
            return dict(self._one("messages", message_id))

        @tool(effect="irreversible", roles={"to": "destination"})
        def send_message(to: str, subject: str, text: str) -> None:
            """Send a new mail to somebody.

            Args:
                to: E-mail address of the recipient.
                subject: Subject of the mail.
                text: Text of the mail.
            """
            sent.append({"to": to, "subject": subject, "text": text})

        @tool(effect="irreversible")
        def reply_message(message_id: str, text: str) -> None:
            """Reply to the sender of a mail.

            Args:
                message_id: Id of the mail that is answered.
                text: Text of the reply.
            """
            row = self._one("messages", message_id)
            sent.append({"to": row["sender_address"], "subject": f"Re: {row['subject']}", "text": text})

        @tool(effect="irreversible", roles={"to": "destination"})
        def forward_message(message_id: str, to: str) -> None:
            """Forward a mail to somebody else.

            Args:
                message_id: Id of the mail that is forwarded.
                to: E-mail address of the recipient.
            """
            row = self._one("messages", message_id)
            sent.append({"to": to, "subject": f"Fwd: {row['subject']}", "text": row["text"]})

        @tool(effect="write")
        def delete_message(message_id: str) -> None:
            """Delete a mail from my inbox.

            Args:
                message_id: Id of the mail.
            """
            rows.remove(self._one("messages", message_id))

        return search_inbox, read_message, send_message, reply_message, forward_message, delete_message

    def _figures(self) -> Sequence[Tool]:
        def by_day(field: str, from_day: date | None, to_day: date | None) -> dict[str, Any]:
            return {
                row["day"]: row[field] for row in self.state["readings"]
                if (from_day is None or row["day"] >= from_day.isoformat()) and (to_day is None or row["day"] <= to_day.isoformat())
            }  # fmt: skip

        @tool(effect="read")
        def count_door_openings(from_day: date | None = None, to_day: date | None = None) -> dict[str, int]:
            """Count how often the door of the cold store was opened, by day.

            Args:
                from_day: The first day.
                to_day: The last day.
            """
            return by_day("door_openings", from_day, to_day)

        @tool(effect="read")
        def average_temperature(from_day: date | None = None, to_day: date | None = None) -> dict[str, float]:
            """Tell the average temperature in the cold store in degrees Celsius, by day.

            Args:
                from_day: The first day.
                to_day: The last day.
            """
            return by_day("temperature", from_day, to_day)

        @tool(effect="read")
        def count_alarms(from_day: date | None = None, to_day: date | None = None) -> dict[str, int]:
            """Count the alarms of the cold store, by day.

            Args:
                from_day: The first day.
                to_day: The last day.
            """
            return by_day("alarms", from_day, to_day)

        @tool(effect="write")
        def create_chart(
            metric: Literal["door_openings", "temperature", "alarms"],
            chart_type: Literal["bar", "line"],
            from_day: date,
            to_day: date,
        ) -> dict[str, str]:
            """Make a chart of a figure of the cold store over some days.

            Args:
                metric: Which figure is drawn.
                chart_type: The type of the chart.
                from_day: The first day.
                to_day: The last day.
            """
            return self._add(
                "charts",
                metric=metric,
                chart_type=chart_type,
                from_day=from_day.isoformat(),
                to_day=to_day.isoformat(),
            )

        return count_door_openings, average_temperature, count_alarms, create_chart

    def _customers(self) -> Sequence[Tool]:
        rows = self.state["customers"]

        @tool(effect="read")
        def search_customers(
            company_name: str = "",
            city: str = "",
            status: Literal["lead", "active", "dormant"] | None = None,
            account_manager: str = "",
        ) -> list[dict[str, Any]]:
            """Search the list of customers.

            Args:
                company_name: The name of the company, or a part of it.
                city: The city where it is.
                status: Only customers with this status.
                account_manager: E-mail address of the colleague who looks after the customer.
            """
            return [
                dict(row) for row in rows
                if company_name.lower() in row["company_name"].lower() and city.lower() in row["city"].lower()
                and status in (None, row["status"]) and account_manager in ("", row["account_manager"])
            ]  # fmt: skip

        @tool(effect="write")
        def add_customer(
            company_name: str,
            contact_email: str,
            city: str,
            account_manager_email: str,
            status: Literal["lead", "active", "dormant"] = "lead",
        ) -> dict[str, str]:
            """Add a customer to the list.

            Args:
                company_name: The name of the company.
                contact_email: E-mail address of the customer.
                city: The city where it is.
                account_manager_email: E-mail address of the colleague who looks after the customer.
                status: The customer's status.
            """
            return self._add(
                "customers", company_name=company_name, contact_email=contact_email, city=city, status=status,
                account_manager=account_manager_email,
            )  # fmt: skip

        @tool(effect="write")
        def update_customer(
            customer_id: str,
            field: Literal["company_name", "contact_email", "city", "status", "account_manager"],
            new_value: str,
        ) -> None:
            """Update one field of a customer.

            Args:
                customer_id: Id of the customer.
                field: The field that is updated.
                new_value: Its new value: for status lead, active or dormant; for account_manager a colleague's e-mail address.
            """
            self._one("customers", customer_id)[field] = new_value

        @tool(effect="write")
        def delete_customer(customer_id: str) -> None:
            """Delete a customer from the list.

            Args:
                customer_id: Id of the customer.
            """
            rows.remove(self._one("customers", customer_id))

        return search_customers, add_customer, update_customer, delete_customer

    def _board(self) -> Sequence[Tool]:
        rows = self.state["tasks"]

        @tool(effect="read")
        def search_tasks(
            title: str = "",
            assignee_email: str = "",
            status: Literal["to_do", "in_progress", "in_review", "done"] | None = None,
            board: Literal["Operations", "Sales", "Maintenance"] | None = None,
            due_from: date | None = None,
            due_to: date | None = None,
        ) -> list[dict[str, Any]]:
            """Search the tasks on the boards.

            Args:
                title: The title, or a part of it.
                assignee_email: E-mail address of who does it.
                status: Only tasks with this status.
                board: Only tasks on this board.
                due_from: Only tasks that are due on this day or later.
                due_to: Only tasks that are due on this day or earlier.
            """
            return [
                dict(row) for row in rows
                if title.lower() in row["title"].lower() and assignee_email in ("", row["assignee"])
                and status in (None, row["status"]) and board in (None, row["board"])
                and (due_from is None or row["due_date"] >= due_from.isoformat())
                and (due_to is None or row["due_date"] <= due_to.isoformat())
            ]  # fmt: skip

        @tool(effect="write")
        def create_task(
            title: str,
            assignee_email: str,
            due_date: date,
            board: Literal["Operations", "Sales", "Maintenance"],
            status: Literal["to_do", "in_progress", "in_review", "done"] = "to_do",
        ) -> dict[str, str]:
            """Create a task on a board.

            Args:
                title: What is to be done.
                assignee_email: E-mail address of who does it.
                due_date: When it is due.
                board: The board that it belongs to.
                status: Its status.
            """
            return self._add(
                "tasks", title=title, assignee=assignee_email, status=status, due_date=due_date.isoformat(), board=board
            )

        @tool(effect="write")
        def update_task(
            task_id: str, field: Literal["title", "assignee", "status", "due_date", "board"], new_value: str
        ) -> None:
            """Update one field of a task.

            Args:
                task_id: Id of the task.
                field: The field that is updated.
                new_value: Its new value: for assignee an e-mail address, for status to_do, in_progress, in_review or done, for
                    due_date a day as YYYY-MM-DD.
            """
            self._one("tasks", task_id)[field] = new_value

        @tool(effect="write")
        def delete_task(task_id: str) -> None:
            """Delete a task from its board.

            Args:
                task_id: Id of the task.
            """
            rows.remove(self._one("tasks", task_id))

        return search_tasks, create_task, update_task, delete_task

    def _directory(self) -> Tool:
        staff = self.state["staff"]

        @tool(effect="read")
        def find_email_address(name: str) -> list[str]:
            """Find the e-mail address of a colleague.

            Args:
                name: First name, last name or both.
            """
            return [row["email"] for row in staff if name.lower() in row["name"].lower()]

        return find_email_address
