"""A rental shop for event equipment (sound, lights, tents), in memory: bookings, items, customers and invoices, deliveries, messages."""

# ruff: noqa: N802, N803

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Literal

from doer import tool
from doer.domain.ports import Tool

Rows = list[dict[str, Any]]

SAID_AT = datetime(2027, 5, 12, 8, 15, tzinfo=UTC)
KEYS: Mapping[str, str] = {
    "bookings": "bookingRef", "items": "itemNo", "customers": "customerNo", "deliveries": "deliveryId", "invoices": "invoiceNo",
    "messages": "messageId",
}  # fmt: skip
START: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "bookings": [
        {"bookingRef": "BK10352", "title": "Spring fair", "customerName": "Oakridge School", "venue": "School yard", "startsOn": "2027-04-24", "endsOn": "2027-04-24", "status": "returned", "handledBy": "aisha.noor@lanternfield.example"},
        {"bookingRef": "BK10357", "title": "Quiz night", "customerName": "Punchline Comedy", "venue": "Punchline cellar", "startsOn": "2027-04-29", "endsOn": "2027-04-30", "status": "returned", "handledBy": "jonas.weir@lanternfield.example"},
        {"bookingRef": "BK10361", "title": "Wedding Pereira", "customerName": "Novak Weddings", "venue": "Tarn Lodge", "startsOn": "2027-05-07", "endsOn": "2027-05-09", "status": "handed_out", "handledBy": "aisha.noor@lanternfield.example"},
        {"bookingRef": "BK10364", "title": "Car show", "customerName": "Kestrel Motors", "venue": "Kestrel forecourt", "startsOn": "2027-05-11", "endsOn": "2027-05-13", "status": "handed_out", "handledBy": "imke.vos@lanternfield.example"},
        {"bookingRef": "BK10366", "title": "Reading week", "customerName": "Marlbridge Library", "venue": "Library hall", "startsOn": "2027-05-13", "endsOn": "2027-05-14", "status": "confirmed", "handledBy": "aisha.noor@lanternfield.example"},
        {"bookingRef": "BK10369", "title": "Garden party", "customerName": "Clara Jensen", "venue": "12 Elm Row", "startsOn": "2027-05-15", "endsOn": "2027-05-16", "status": "confirmed", "handledBy": "aisha.noor@lanternfield.example"},
        {"bookingRef": "BK10371", "title": "Garden party", "customerName": "Tobias Renner", "venue": "3 Weir Lane", "startsOn": "2027-05-22", "endsOn": "2027-05-22", "status": "quote", "handledBy": "petra.blum@lanternfield.example"},
        {"bookingRef": "BK10374", "title": "Wedding Doyle", "customerName": "Novak Weddings", "venue": "Tarn Lodge", "startsOn": "2027-05-21", "endsOn": "2027-05-23", "status": "confirmed", "handledBy": "petra.blum@lanternfield.example"},
        {"bookingRef": "BK10375", "title": "Wedding Okafor", "customerName": "Novak Weddings", "venue": "Old Mill", "startsOn": "2027-06-04", "endsOn": "2027-06-06", "status": "quote", "handledBy": "petra.blum@lanternfield.example"},
        {"bookingRef": "BK10378", "title": "Open air stage", "customerName": "Brightwater Festival", "venue": "Brightwater meadow", "startsOn": "2027-06-10", "endsOn": "2027-06-14", "status": "confirmed", "handledBy": "imke.vos@lanternfield.example"},
        {"bookingRef": "BK10380", "title": "Summer concert", "customerName": "Oakridge School", "venue": "School yard", "startsOn": "2027-06-18", "endsOn": "2027-06-19", "status": "quote", "handledBy": "aisha.noor@lanternfield.example"},
        {"bookingRef": "BK10383", "title": "Club final", "customerName": "Oakridge Tennis Club", "venue": "Centre court", "startsOn": "2027-05-29", "endsOn": "2027-05-30", "status": "quote", "handledBy": "aisha.noor@lanternfield.example"},
        {"bookingRef": "BK10384", "title": "Stand-up evening", "customerName": "Punchline Comedy", "venue": "Punchline cellar", "startsOn": "2027-05-20", "endsOn": "2027-05-21", "status": "cancelled", "handledBy": "jonas.weir@lanternfield.example"},
        {"bookingRef": "BK10386", "title": "Parish fete", "customerName": "St Brannoc Parish", "venue": "Church green", "startsOn": "2027-05-30", "endsOn": "2027-05-30", "status": "confirmed", "handledBy": "petra.blum@lanternfield.example"},
        {"bookingRef": "BK10389", "title": "DJ night", "customerName": "Velvet Room", "venue": "Velvet Room", "startsOn": "2027-05-14", "endsOn": "2027-05-15", "status": "confirmed", "handledBy": "jonas.weir@lanternfield.example"},
        {"bookingRef": "BK10390", "title": "DJ night", "customerName": "Velvet Room", "venue": "Velvet Room", "startsOn": "2027-06-11", "endsOn": "2027-06-12", "status": "quote", "handledBy": "jonas.weir@lanternfield.example"},
    ],
    "items": [
        {"itemNo": "SND-0408", "name": "Wireless microphone set A", "category": "sound", "status": "available", "bay": "A2", "dayRate": 35},
        {"itemNo": "SND-0409", "name": "Wireless microphone set B", "category": "sound", "status": "in_repair", "bay": "W1", "dayRate": 35},
        {"itemNo": "SND-0412", "name": "Mixing desk 16 channel", "category": "sound", "status": "available", "bay": "A3", "dayRate": 60},
        {"itemNo": "SND-0413", "name": "Mixing desk 32 channel", "category": "sound", "status": "on_hire", "bay": "A3", "dayRate": 110},
        {"itemNo": "SND-0417", "name": "Subwoofer 18 inch", "category": "sound", "status": "in_repair", "bay": "W1", "dayRate": 45},
        {"itemNo": "SND-0420", "name": "Stage monitor", "category": "sound", "status": "available", "bay": "A1", "dayRate": 25},
        {"itemNo": "SND-0424", "name": "DJ turntable", "category": "sound", "status": "retired", "bay": "Z9", "dayRate": 20},
        {"itemNo": "LGT-0081", "name": "Moving head spot", "category": "lights", "status": "on_hire", "bay": "B1", "dayRate": 55},
        {"itemNo": "LGT-0084", "name": "LED par can", "category": "lights", "status": "available", "bay": "B1", "dayRate": 12},
        {"itemNo": "LGT-0088", "name": "Follow spot", "category": "lights", "status": "in_repair", "bay": "W2", "dayRate": 70},
        {"itemNo": "LGT-0090", "name": "Haze machine", "category": "lights", "status": "available", "bay": "B4", "dayRate": 30},
        {"itemNo": "LGT-0093", "name": "Dimmer rack", "category": "lights", "status": "available", "bay": "B4", "dayRate": 40},
        {"itemNo": "TNT-0031", "name": "Marquee 6 by 12", "category": "tents", "status": "on_hire", "bay": "C1", "dayRate": 180},
        {"itemNo": "TNT-0033", "name": "Marquee 10 by 20", "category": "tents", "status": "available", "bay": "C1", "dayRate": 320},
        {"itemNo": "TNT-0036", "name": "Pagoda tent", "category": "tents", "status": "in_repair", "bay": "W2", "dayRate": 90},
        {"itemNo": "TNT-0039", "name": "Tent heater", "category": "tents", "status": "available", "bay": "C3", "dayRate": 28},
        {"itemNo": "TNT-0040", "name": "Sidewall roll", "category": "tents", "status": "retired", "bay": "Z9", "dayRate": 8},
    ],
    "customers": [
        {"customerNo": "C-4402", "name": "Brightwater Festival", "email": "office@brightwaterfest.example", "phone": "0471 220 118", "city": "Marlbridge", "discountPercent": 10},
        {"customerNo": "C-4409", "name": "Clara Jensen", "email": "clara.jensen@postbox.example", "phone": "0471 903 377", "city": "Welby", "discountPercent": 0},
        {"customerNo": "C-4413", "name": "Clara Osei", "email": "c.osei@mailhaus.example", "phone": "0471 815 042", "city": "Marlbridge", "discountPercent": 0},
        {"customerNo": "C-4417", "name": "Oakridge School", "email": "secretary@oakridgeschool.example", "phone": "0471 330 010", "city": "Welby", "discountPercent": 5},
        {"customerNo": "C-4421", "name": "Oakridge Tennis Club", "email": "club@oakridgetennis.example", "phone": "0471 330 466", "city": "Welby", "discountPercent": 0},
        {"customerNo": "C-4426", "name": "Novak Weddings", "email": "hello@novakweddings.example", "phone": "0472 118 900", "city": "Tarnstead", "discountPercent": 15},
        {"customerNo": "C-4430", "name": "Marlbridge Library", "email": "desk@marlbridgelibrary.example", "phone": "0471 200 300", "city": "Marlbridge", "discountPercent": 0},
        {"customerNo": "C-4434", "name": "Punchline Comedy", "email": "booking@punchline.example", "phone": "0473 640 221", "city": "Dunmoor", "discountPercent": 0},
        {"customerNo": "C-4438", "name": "St Brannoc Parish", "email": "parish@stbrannoc.example", "phone": "0472 115 733", "city": "Tarnstead", "discountPercent": 5},
        {"customerNo": "C-4441", "name": "Velvet Room", "email": "events@velvetroom.example", "phone": "0473 644 808", "city": "Dunmoor", "discountPercent": 10},
        {"customerNo": "C-4445", "name": "Tobias Renner", "email": "tobias.renner@postbox.example", "phone": "0472 190 254", "city": "Tarnstead", "discountPercent": 0},
        {"customerNo": "C-4449", "name": "Kestrel Motors", "email": "marketing@kestrelmotors.example", "phone": "0471 777 100", "city": "Marlbridge", "discountPercent": 0},
    ],
    "deliveries": [
        {"deliveryId": "dv_5502", "bookingRef": "BK10352", "bookingTitle": "Spring fair", "kind": "pickup", "address": "School yard", "leavesAt": "2027-04-25T09:00:00", "driverEmail": "ruben.adeyemi@lanternfield.example", "van": "Van 1", "status": "done"},
        {"deliveryId": "dv_5507", "bookingRef": "BK10361", "bookingTitle": "Wedding Pereira", "kind": "dropoff", "address": "Tarn Lodge", "leavesAt": "2027-05-06T14:00:00", "driverEmail": "dario.conti@lanternfield.example", "van": "Lorry", "status": "done"},
        {"deliveryId": "dv_5511", "bookingRef": "BK10364", "bookingTitle": "Car show", "kind": "dropoff", "address": "Kestrel forecourt", "leavesAt": "2027-05-10T08:00:00", "driverEmail": "marta.kowal@lanternfield.example", "van": "Van 2", "status": "done"},
        {"deliveryId": "dv_5513", "bookingRef": "BK10361", "bookingTitle": "Wedding Pereira", "kind": "pickup", "address": "Tarn Lodge", "leavesAt": "2027-05-12T10:00:00", "driverEmail": "dario.conti@lanternfield.example", "van": "Lorry", "status": "planned"},
        {"deliveryId": "dv_5514", "bookingRef": "BK10366", "bookingTitle": "Reading week", "kind": "dropoff", "address": "Library hall", "leavesAt": "2027-05-12T15:30:00", "driverEmail": "ruben.adeyemi@lanternfield.example", "van": "Van 1", "status": "planned"},
        {"deliveryId": "dv_5516", "bookingRef": "BK10364", "bookingTitle": "Car show", "kind": "pickup", "address": "Kestrel forecourt", "leavesAt": "2027-05-13T17:00:00", "driverEmail": "marta.kowal@lanternfield.example", "van": "Van 2", "status": "planned"},
        {"deliveryId": "dv_5517", "bookingRef": "BK10389", "bookingTitle": "DJ night", "kind": "dropoff", "address": "Velvet Room", "leavesAt": "2027-05-14T11:00:00", "driverEmail": "ruben.adeyemi@lanternfield.example", "van": "Van 2", "status": "planned"},
        {"deliveryId": "dv_5519", "bookingRef": "BK10369", "bookingTitle": "Garden party", "kind": "dropoff", "address": "12 Elm Row", "leavesAt": "2027-05-14T15:00:00", "driverEmail": "dario.conti@lanternfield.example", "van": "Van 1", "status": "planned"},
        {"deliveryId": "dv_5520", "bookingRef": "BK10366", "bookingTitle": "Reading week", "kind": "pickup", "address": "Library hall", "leavesAt": "2027-05-14T18:00:00", "driverEmail": "marta.kowal@lanternfield.example", "van": "Van 1", "status": "planned"},
        {"deliveryId": "dv_5521", "bookingRef": "BK10389", "bookingTitle": "DJ night", "kind": "pickup", "address": "Velvet Room", "leavesAt": "2027-05-17T10:00:00", "driverEmail": "ruben.adeyemi@lanternfield.example", "van": "Van 2", "status": "planned"},
        {"deliveryId": "dv_5522", "bookingRef": "BK10369", "bookingTitle": "Garden party", "kind": "pickup", "address": "12 Elm Row", "leavesAt": "2027-05-17T14:00:00", "driverEmail": "dario.conti@lanternfield.example", "van": "Van 1", "status": "planned"},
        {"deliveryId": "dv_5525", "bookingRef": "BK10374", "bookingTitle": "Wedding Doyle", "kind": "dropoff", "address": "Tarn Lodge", "leavesAt": "2027-05-20T09:00:00", "driverEmail": "ruben.adeyemi@lanternfield.example", "van": "Lorry", "status": "planned"},
        {"deliveryId": "dv_5528", "bookingRef": "BK10374", "bookingTitle": "Wedding Doyle", "kind": "pickup", "address": "Tarn Lodge", "leavesAt": "2027-05-24T09:00:00", "driverEmail": "dario.conti@lanternfield.example", "van": "Lorry", "status": "planned"},
        {"deliveryId": "dv_5530", "bookingRef": "BK10386", "bookingTitle": "Parish fete", "kind": "dropoff", "address": "Church green", "leavesAt": "2027-05-29T08:30:00", "driverEmail": "marta.kowal@lanternfield.example", "van": "Van 1", "status": "planned"},
    ],
    "invoices": [
        {"invoiceNo": "INV-70270", "customerName": "Oakridge Tennis Club", "bookingTitle": "Winter ball", "amount": 510, "issuedOn": "2027-02-15", "dueOn": "2027-03-01", "status": "paid"},
        {"invoiceNo": "INV-70276", "customerName": "Tobias Renner", "bookingTitle": "Birthday", "amount": 95, "issuedOn": "2027-03-20", "dueOn": "2027-04-03", "status": "sent"},
        {"invoiceNo": "INV-70281", "customerName": "St Brannoc Parish", "bookingTitle": "Easter mass", "amount": 130, "issuedOn": "2027-03-30", "dueOn": "2027-04-13", "status": "paid"},
        {"invoiceNo": "INV-70284", "customerName": "Clara Osei", "bookingTitle": "Baby shower", "amount": 75, "issuedOn": "2027-04-09", "dueOn": "2027-04-23", "status": "void"},
        {"invoiceNo": "INV-70288", "customerName": "Oakridge School", "bookingTitle": "Spring fair", "amount": 420, "issuedOn": "2027-04-26", "dueOn": "2027-05-10", "status": "sent"},
        {"invoiceNo": "INV-70291", "customerName": "Punchline Comedy", "bookingTitle": "Quiz night", "amount": 180, "issuedOn": "2027-05-01", "dueOn": "2027-05-15", "status": "paid"},
        {"invoiceNo": "INV-70294", "customerName": "Velvet Room", "bookingTitle": "Easter rave", "amount": 260, "issuedOn": "2027-04-12", "dueOn": "2027-04-26", "status": "sent"},
        {"invoiceNo": "INV-70297", "customerName": "Kestrel Motors", "bookingTitle": "Car show", "amount": 1350, "issuedOn": "2027-05-05", "dueOn": "2027-05-19", "status": "sent"},
        {"invoiceNo": "INV-70299", "customerName": "Novak Weddings", "bookingTitle": "Wedding Pereira", "amount": 2100, "issuedOn": "2027-05-03", "dueOn": "2027-05-17", "status": "sent"},
        {"invoiceNo": "INV-70302", "customerName": "Novak Weddings", "bookingTitle": "Wedding Doyle", "amount": 600, "issuedOn": "2027-05-06", "dueOn": "2027-05-20", "status": "draft"},
        {"invoiceNo": "INV-70303", "customerName": "Brightwater Festival", "bookingTitle": "Open air stage", "amount": 3000, "issuedOn": "2027-05-07", "dueOn": "2027-05-28", "status": "sent"},
        {"invoiceNo": "INV-70305", "customerName": "Clara Jensen", "bookingTitle": "Garden party", "amount": 340, "issuedOn": "2027-05-10", "dueOn": "2027-05-24", "status": "draft"},
        {"invoiceNo": "INV-70306", "customerName": "Marlbridge Library", "bookingTitle": "Reading week", "amount": 150, "issuedOn": "2027-05-11", "dueOn": "2027-05-25", "status": "draft"},
    ],
    "messages": [
        {"messageId": "660120388", "fromName": "StageDeal", "fromEmail": "deals@stagedeal.example", "subject": "Stage deals in May", "receivedAt": "2027-05-03T05:00:00", "body": "Truss from 39."},
        {"messageId": "660120391", "fromName": "Punchline Comedy", "fromEmail": "booking@punchline.example", "subject": "Stand-up evening is off", "receivedAt": "2027-05-04T11:20:00", "body": "Our comic is ill."},
        {"messageId": "660120395", "fromName": "Kestrel Motors", "fromEmail": "marketing@kestrelmotors.example", "subject": "Parking for the car show", "receivedAt": "2027-05-06T09:05:00", "body": "Use the north gate."},
        {"messageId": "660120399", "fromName": "Hal Brookes", "fromEmail": "hal.brookes@lanternfield.example", "subject": "Subwoofer", "receivedAt": "2027-05-07T15:40:00", "body": "The cone is torn."},
        {"messageId": "660120402", "fromName": "StageDeal", "fromEmail": "deals@stagedeal.example", "subject": "Half price hazers", "receivedAt": "2027-05-10T05:00:00", "body": "Only this week."},
        {"messageId": "660120404", "fromName": "Novak Weddings", "fromEmail": "hello@novakweddings.example", "subject": "Chairs for Doyle", "receivedAt": "2027-05-10T13:30:00", "body": "Do you have 120?"},
        {"messageId": "660120405", "fromName": "Clara Jensen", "fromEmail": "clara.jensen@postbox.example", "subject": "More fairy lights", "receivedAt": "2027-05-10T18:45:00", "body": "Two more strings, please."},
        {"messageId": "660120407", "fromName": "Ruben Adeyemi", "fromEmail": "ruben.adeyemi@lanternfield.example", "subject": "Van 1 brakes", "receivedAt": "2027-05-11T07:50:00", "body": "They squeal."},
        {"messageId": "660120409", "fromName": "Clara Osei", "fromEmail": "c.osei@mailhaus.example", "subject": "Question about my invoice", "receivedAt": "2027-05-11T10:15:00", "body": "Is it really void?"},
        {"messageId": "660120410", "fromName": "Novak Weddings", "fromEmail": "hello@novakweddings.example", "subject": "Tent size for Doyle", "receivedAt": "2027-05-11T12:00:00", "body": "Is 6 by 12 enough?"},
        {"messageId": "660120412", "fromName": "Velvet Room", "fromEmail": "events@velvetroom.example", "subject": "Load-in time", "receivedAt": "2027-05-11T16:25:00", "body": "From when can you come?"},
        {"messageId": "660120415", "fromName": "StageDeal", "fromEmail": "deals@stagedeal.example", "subject": "Last call: cable week", "receivedAt": "2027-05-12T05:00:00", "body": "XLR by the metre."},
        {"messageId": "660120416", "fromName": "Marta Kowal", "fromEmail": "marta.kowal@lanternfield.example", "subject": "Late on Thursday", "receivedAt": "2027-05-12T06:55:00", "body": "Dentist until ten."},
        {"messageId": "660120418", "fromName": "Brightwater Festival", "fromEmail": "office@brightwaterfest.example", "subject": "Power on the field", "receivedAt": "2027-05-12T07:40:00", "body": "We get 63 amps."},
    ],
    "team": [
        {"name": "Imke Vos", "job": "owner", "email": "imke.vos@lanternfield.example"},
        {"name": "Aisha Noor", "job": "booking desk", "email": "aisha.noor@lanternfield.example"},
        {"name": "Marta Lindgren", "job": "bookkeeping", "email": "marta.lindgren@lanternfield.example"},
        {"name": "Marta Kowal", "job": "driver", "email": "marta.kowal@lanternfield.example"},
        {"name": "Ruben Adeyemi", "job": "driver", "email": "ruben.adeyemi@lanternfield.example"},
        {"name": "Dario Conti", "job": "driver", "email": "dario.conti@lanternfield.example"},
        {"name": "Jonas Weir", "job": "sound technician", "email": "jonas.weir@lanternfield.example"},
        {"name": "Wen Li", "job": "lights technician", "email": "wen.li@lanternfield.example"},
        {"name": "Petra Blum", "job": "tent crew", "email": "petra.blum@lanternfield.example"},
        {"name": "Hal Brookes", "job": "workshop", "email": "hal.brookes@lanternfield.example"},
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
            *self._bookings(), *self._items(), *self._customers(), *self._deliveries(), *self._invoices(), *self._messages(),
            self._team(),
        )  # fmt: skip

    def _one(self, table: str, value: str) -> dict[str, Any]:
        return {row[KEYS[table]]: row for row in self.state[table]}[value]

    def _next(self, table: str, prefix: str) -> str:
        return f"{prefix}{max(int(row[KEYS[table]].removeprefix(prefix)) for row in self.state[table]) + 1}"

    def _bookings(self) -> Sequence[Tool]:
        rows = self.state["bookings"]

        @tool(name="booking.search", effect="read")
        def search(
            text: str = "",
            customer: str = "",
            status: Literal["quote", "confirmed", "handed_out", "returned", "cancelled"] | None = None,
            startsFrom: date | None = None,
            startsTo: date | None = None,
        ) -> list[dict[str, Any]]:
            """Search the booking book. Sorted by first day.

            Args:
                text: Part of the title or the venue.
                customer: Part of the customer's name.
                status: quote, confirmed, handed_out (equipment is with the customer), returned or cancelled.
                startsFrom: First day of the hire is this day or later.
                startsTo: First day of the hire is this day or earlier.
            """
            found = [
                dict(row) for row in rows
                if text.lower() in f"{row['title']} {row['venue']}".lower() and customer.lower() in row["customerName"].lower()
                and status in (None, row["status"])
                and (startsFrom is None or row["startsOn"] >= startsFrom.isoformat())
                and (startsTo is None or row["startsOn"] <= startsTo.isoformat())
            ]  # fmt: skip
            return sorted(found, key=lambda row: str(row["startsOn"]))

        @tool(name="booking.create", effect="write")
        def create(customerNo: str, title: str, startsOn: date, endsOn: date, venue: str) -> dict[str, str]:
            """Enter a new booking for a customer. It starts as a quote.

            Args:
                customerNo: Number of the customer.
                title: What kind of event it is.
                startsOn: First day of the hire.
                endsOn: Last day of the hire.
                venue: Where the event is.
            """
            ref = self._next("bookings", "BK")
            rows.append({
                "bookingRef": ref, "title": title, "customerName": self._one("customers", customerNo)["name"], "venue": venue,
                "startsOn": startsOn.isoformat(), "endsOn": endsOn.isoformat(), "status": "quote", "handledBy": "",
            })  # fmt: skip
            return {"bookingRef": ref}

        @tool(name="booking.reschedule", effect="write")
        def reschedule(bookingRef: str, startsOn: date, endsOn: date) -> None:
            """Move a booking to other days.

            Args:
                bookingRef: Reference of the booking.
                startsOn: New first day.
                endsOn: New last day.
            """
            self._one("bookings", bookingRef).update(startsOn=startsOn.isoformat(), endsOn=endsOn.isoformat())

        @tool(name="booking.setStatus", effect="write")
        def set_status(bookingRef: str, status: Literal["quote", "confirmed", "handed_out", "returned"]) -> None:
            """Set how far a booking is.

            Args:
                bookingRef: Reference of the booking.
                status: quote, confirmed, handed_out or returned.
            """
            self._one("bookings", bookingRef)["status"] = status

        @tool(name="booking.cancel", effect="write")
        def cancel(bookingRef: str) -> None:
            """Cancel a booking. It stays in the book with the status cancelled.

            Args:
                bookingRef: Reference of the booking.
            """
            self._one("bookings", bookingRef)["status"] = "cancelled"

        return search, create, reschedule, set_status, cancel

    def _items(self) -> Sequence[Tool]:
        rows = self.state["items"]

        @tool(effect="read")
        def findItems(
            name: str = "",
            category: Literal["sound", "lights", "tents"] | None = None,
            status: Literal["available", "on_hire", "in_repair", "retired"] | None = None,
            bay: str = "",
        ) -> list[dict[str, Any]]:
            """Find equipment in our stock.

            Args:
                name: Name of the item or part of it.
                category: sound, lights or tents.
                status: available, on_hire, in_repair or retired.
                bay: The storage bay, such as A2; W1 and W2 are the workshop.
            """
            return [
                dict(row) for row in rows
                if name.lower() in row["name"].lower() and category in (None, row["category"]) and status in (None, row["status"])
                and bay.lower() in ("", row["bay"].lower())
            ]  # fmt: skip

        @tool(effect="write")
        def setItemStatus(itemNo: str, status: Literal["available", "on_hire", "in_repair", "retired"]) -> None:
            """Set the status of an item.

            Args:
                itemNo: Stock number of the item.
                status: available, on_hire, in_repair or retired.
            """
            self._one("items", itemNo)["status"] = status

        @tool(effect="write")
        def moveItem(itemNo: str, bay: str) -> None:
            """Move an item to another storage bay.

            Args:
                itemNo: Stock number of the item.
                bay: The bay where it is now kept, such as A2.
            """
            self._one("items", itemNo)["bay"] = bay

        return findItems, setItemStatus, moveItem

    def _customers(self) -> Sequence[Tool]:
        rows = self.state["customers"]

        @tool(effect="read")
        def listCustomers(name: str = "", city: str = "") -> list[dict[str, Any]]:
            """List our customers with number, e-mail, phone, city and discount.

            Args:
                name: Only customers whose name contains this.
                city: Only customers in this city.
            """
            return [
                dict(row) for row in rows
                if name.lower() in row["name"].lower() and city.lower() in ("", row["city"].lower())
            ]  # fmt: skip

        @tool(effect="write")
        def addCustomer(name: str, email: str, city: str, phone: str = "", discountPercent: int = 0) -> dict[str, str]:
            """Add a new customer.

            Args:
                name: Name of the person or company.
                email: Their e-mail address.
                city: Where they are.
                phone: Phone number.
                discountPercent: Standing discount in percent.
            """
            number = self._next("customers", "C-")
            rows.append({
                "customerNo": number, "name": name, "email": email, "phone": phone, "city": city, "discountPercent": discountPercent,
            })  # fmt: skip
            return {"customerNo": number}

        @tool(effect="write")
        def editCustomer(
            customerNo: str,
            name: str | None = None,
            email: str | None = None,
            phone: str | None = None,
            city: str | None = None,
            discountPercent: int | None = None,
        ) -> None:
            """Change a customer's record. Whatever is left out stays.

            Args:
                customerNo: Number of the customer.
                name: New name.
                email: New e-mail address.
                phone: New phone number.
                city: New city.
                discountPercent: New standing discount in percent.
            """
            given = {"name": name, "email": email, "phone": phone, "city": city, "discountPercent": discountPercent}
            self._one("customers", customerNo).update(
                {field: value for field, value in given.items() if value is not None}
            )

        return listCustomers, addCustomer, editCustomer

    def _deliveries(self) -> Sequence[Tool]:
        rows = self.state["deliveries"]

        @tool(name="delivery.list", effect="read")
        def list_(
            text: str = "",
            kind: Literal["dropoff", "pickup"] | None = None,
            driverEmail: str = "",
            van: Literal["Van 1", "Van 2", "Lorry"] | None = None,
            status: Literal["planned", "done"] | None = None,
            dayFrom: date | None = None,
            dayTo: date | None = None,
        ) -> list[dict[str, Any]]:
            """List the deliveries of our vans (drop-offs and pickups), in the order in which they leave.

            Args:
                text: Part of the booking's title or the address.
                kind: dropoff brings equipment to the customer, pickup fetches it back.
                driverEmail: E-mail address of the driver.
                van: The vehicle.
                status: planned or done.
                dayFrom: Leaves on this day or later.
                dayTo: Leaves on this day or earlier.
            """
            found = [
                dict(row) for row in rows
                if text.lower() in f"{row['bookingTitle']} {row['address']}".lower() and kind in (None, row["kind"])
                and driverEmail in ("", row["driverEmail"]) and van in (None, row["van"]) and status in (None, row["status"])
                and (dayFrom is None or row["leavesAt"][:10] >= dayFrom.isoformat())
                and (dayTo is None or row["leavesAt"][:10] <= dayTo.isoformat())
            ]  # fmt: skip
            return sorted(found, key=lambda row: str(row["leavesAt"]))

        @tool(name="delivery.plan", effect="write")
        def plan(
            bookingRef: str,
            kind: Literal["dropoff", "pickup"],
            leavesAt: datetime,
            driverEmail: str,
            van: Literal["Van 1", "Van 2", "Lorry"],
        ) -> dict[str, str]:
            """Plan a drop-off or a pickup for a booking.

            Args:
                bookingRef: Reference of the booking.
                kind: dropoff or pickup.
                leavesAt: When the van leaves our yard.
                driverEmail: E-mail address of the driver.
                van: The vehicle.
            """
            number, booking = self._next("deliveries", "dv_"), self._one("bookings", bookingRef)
            rows.append({
                "deliveryId": number, "bookingRef": bookingRef, "bookingTitle": booking["title"], "kind": kind,
                "address": booking["venue"], "leavesAt": _iso(leavesAt), "driverEmail": driverEmail, "van": van, "status": "planned",
            })  # fmt: skip
            return {"deliveryId": number}

        @tool(name="delivery.assign", effect="write")
        def assign(
            deliveryId: str, driverEmail: str | None = None, van: Literal["Van 1", "Van 2", "Lorry"] | None = None
        ) -> None:
            """Give a delivery to another driver, to another van, or both.

            Args:
                deliveryId: Id of the delivery.
                driverEmail: E-mail address of the new driver.
                van: The new vehicle.
            """
            given = {"driverEmail": driverEmail, "van": van}
            self._one("deliveries", deliveryId).update(
                {field: value for field, value in given.items() if value is not None}
            )

        @tool(name="delivery.move", effect="write")
        def move(deliveryId: str, leavesAt: datetime) -> None:
            """Move a delivery to another time.

            Args:
                deliveryId: Id of the delivery.
                leavesAt: The new time at which the van leaves.
            """
            self._one("deliveries", deliveryId)["leavesAt"] = _iso(leavesAt)

        @tool(name="delivery.cancel", effect="write")
        def cancel(deliveryId: str) -> None:
            """Strike a delivery from the plan.

            Args:
                deliveryId: Id of the delivery.
            """
            rows.remove(self._one("deliveries", deliveryId))

        return list_, plan, assign, move, cancel

    def _invoices(self) -> Sequence[Tool]:
        rows = self.state["invoices"]

        @tool(effect="read")
        def findInvoices(
            customer: str = "",
            status: Literal["draft", "sent", "paid", "void"] | None = None,
            dueFrom: date | None = None,
            dueTo: date | None = None,
        ) -> list[dict[str, Any]]:
            """Find invoices. The amount is in euros.

            Args:
                customer: Part of the customer's name.
                status: draft, sent, paid or void.
                dueFrom: Due on this day or later.
                dueTo: Due on this day or earlier.
            """
            return [
                dict(row) for row in rows
                if customer.lower() in row["customerName"].lower() and status in (None, row["status"])
                and (dueFrom is None or row["dueOn"] >= dueFrom.isoformat())
                and (dueTo is None or row["dueOn"] <= dueTo.isoformat())
            ]  # fmt: skip

        @tool(effect="write")
        def setInvoiceStatus(invoiceNo: str, status: Literal["draft", "sent", "paid", "void"]) -> None:
            """Set the status of an invoice.

            Args:
                invoiceNo: Number of the invoice.
                status: draft, sent, paid or void.
            """
            self._one("invoices", invoiceNo)["status"] = status

        @tool(effect="write")
        def changeDueDate(invoiceNo: str, dueOn: date) -> None:
            """Give the customer another date until which an invoice is to be paid.

            Args:
                invoiceNo: Number of the invoice.
                dueOn: The new due date.
            """
            self._one("invoices", invoiceNo)["dueOn"] = dueOn.isoformat()

        return findInvoices, setInvoiceStatus, changeDueDate

    def _messages(self) -> Sequence[Tool]:
        rows, sent = self.state["messages"], self.state["sent"]

        @tool(name="message.search", effect="read")
        def search(
            text: str = "", sender: str = "", receivedFrom: date | None = None, receivedTo: date | None = None
        ) -> list[dict[str, Any]]:
            """Search the mails in the shop's inbox, latest first.

            Args:
                text: Words in the subject or the body.
                sender: Name or address of the sender, or part of it.
                receivedFrom: Came on this day or later.
                receivedTo: Came on this day or earlier.
            """
            found = [
                dict(row) for row in rows
                if text.lower() in f"{row['subject']} {row['body']}".lower()
                and sender.lower() in f"{row['fromName']} {row['fromEmail']}".lower()
                and (receivedFrom is None or row["receivedAt"][:10] >= receivedFrom.isoformat())
                and (receivedTo is None or row["receivedAt"][:10] <= receivedTo.isoformat())
            ]  # fmt: skip
            return sorted(found, key=lambda row: str(row["receivedAt"]), reverse=True)

        @tool(name="message.send", effect="irreversible", roles={"to": "destination"})
        def send(to: str, subject: str, body: str) -> None:
            """Send a mail to a customer or a colleague.

            Args:
                to: E-mail address of whoever gets it.
                subject: Subject line.
                body: The text.
            """
            sent.append({"to": to, "subject": subject, "body": body})

        @tool(name="message.reply", effect="irreversible")
        def reply(messageId: str, body: str) -> None:
            """Answer a mail; the answer goes to its sender.

            Args:
                messageId: Id of the mail.
                body: The text of the answer.
            """
            row = self._one("messages", messageId)
            sent.append({"to": row["fromEmail"], "subject": f"Re: {row['subject']}", "body": body})

        @tool(name="message.delete", effect="write")
        def delete(messageId: str) -> None:
            """Delete a mail from the inbox.

            Args:
                messageId: Id of the mail.
            """
            rows.remove(self._one("messages", messageId))

        return search, send, reply, delete

    def _team(self) -> Tool:
        team = self.state["team"]

        @tool(effect="read")
        def lookupColleague(name: str = "") -> list[dict[str, Any]]:
            """Look up colleagues: name, job and e-mail address.

            Args:
                name: First name, last name or both.
            """
            return [dict(row) for row in team if name.lower() in row["name"].lower()]

        return lookupColleague
