"""A bicycle workshop without examples and skills: sentences of which every word is accounted for are planned, all others are not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, Literal

import pytest

from doer import Doer, tool
from doer.domain.goal import Question
from doer.domain.plan import Plan
from doer.domain.template import to_json
from doer.testing import EagerClock, MemoryJournal
from doer.testing.scorer import ScriptedScorer

SAID_AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
REPAIRS = [
    {"repair_ref": "r1", "bike": "Red tandem", "owner": "Nils Aho", "mechanic": "kim@spokes.example", "starts_at": "2026-11-25T10:00", "ready": False},
    {"repair_ref": "r2", "bike": "Cargo bike", "owner": "Eva Ruiz", "mechanic": "kim@spokes.example", "starts_at": "2026-11-25T15:00", "ready": True},
    {"repair_ref": "r3", "bike": "Blue racer", "owner": "Eva Ruiz", "mechanic": "lou@spokes.example", "starts_at": "2026-11-27T09:00", "ready": False},
]  # fmt: skip
RIDERS = [
    {"rider_no": "7", "name": "Nils Aho", "email": "nils@aho.example", "phone": "555-0101", "town": "Bruges", "plan": "basic"},
    {"rider_no": "8", "name": "Eva Ruiz", "email": "eva@ruiz.example", "phone": "555-0102", "town": "Ghent", "plan": "none"},
]  # fmt: skip
PARTS = [
    {"sku": "CH-8", "part": "Chain 8 speed", "left": 3, "minimum": 5},
    {"sku": "BK-1", "part": "Brake pads", "left": 40, "minimum": 10},
]
CREW = [("Kim Dahl", "kim@spokes.example"), ("Lou Dahl", "lou@spokes.example"), ("Mo Beck", "mo@spokes.example")]


def workshop() -> Sequence[Any]:
    """Its tools; none of them changes anything, for plans are all that is looked at."""

    @tool(effect="read")
    def listRepairs(words: str = "") -> list[dict[str, Any]]:  # noqa: N802
        """List the repairs (jobs) of the workshop."""
        return [each for each in REPAIRS if words.lower() in str(each).lower()]

    @tool(effect="write")
    def cancelRepair(repairRef: str) -> None:  # noqa: N802, N803
        """Cancel a repair (job)."""

    @tool(effect="write")
    def moveRepair(repairRef: str, startsAt: datetime) -> None:  # noqa: N802, N803
        """Move a repair to another day or time."""

    @tool(effect="write")
    def handRepair(repairRef: str, mechanicEmail: str) -> None:  # noqa: N802, N803
        """Hand a repair over to another mechanic."""

    @tool(effect="read")
    def listRiders(words: str = "") -> list[dict[str, Any]]:  # noqa: N802
        """List the riders, who are our customers."""
        return [each for each in RIDERS if words.lower() in str(each).lower()]

    @tool(effect="write")
    def changeRider(  # noqa: N802
        riderNo: str,  # noqa: N803
        phone: str | None = None,
        town: str | None = None,
        plan: Literal["none", "basic", "plus"] | None = None,
    ) -> None:
        """Change what is known of a rider."""

    @tool(effect="read")
    def listParts(words: str = "", belowMinimum: bool = False) -> list[dict[str, Any]]:  # noqa: N802, N803
        """List the parts in stock."""
        return [each for each in PARTS if not belowMinimum or int(str(each["left"])) < int(str(each["minimum"]))]

    @tool(effect="irreversible")
    def orderPart(sku: str, quantity: int) -> None:  # noqa: N802
        """Order more of a part."""

    @tool(effect="irreversible", roles={"toEmail": "destination"})
    def sendMail(toEmail: str, subject: str, text: str) -> None:  # noqa: N802, N803
        """Send a mail to a rider or a colleague."""

    @tool(effect="write")
    def addTask(title: str, whoEmail: str, due: date) -> None:  # noqa: N802, N803
        """Add a task for a colleague."""

    @tool(effect="read")
    def lookUpColleague(name: str) -> list[dict[str, str]]:  # noqa: N802
        """Look a colleague's e-mail address up."""
        return [{"name": known, "email": mail} for known, mail in CREW if name.lower() in known.lower()]

    return (
        listRepairs, cancelRepair, moveRepair, handRepair, listRiders, changeRider, listParts, orderPart, sendMail, addTask, lookUpColleague,
    )  # fmt: skip


def doer() -> Doer:
    """With a network that proposes nothing."""
    clock = EagerClock(SAID_AT)
    return Doer(tools=workshop(), action_model=ScriptedScorer({}), journal=MemoryJournal(clock), clock=clock, me="sam")


def calls(plan: object) -> list[tuple[str, dict[str, Any]]]:
    assert isinstance(plan, Plan), plan
    return [(step.tool, {name: to_json(each) for name, each in step.arguments.items()}) for step in plan.steps]


KIM = "kim@spokes.example"


@pytest.mark.parametrize(
    ("said", "made"),
    [
        ("Scrap the repair of the red tandem", [("cancelRepair", {"repairRef": "r1"})]),
        ("Cancel all of Kim's repairs tomorrow", [("cancelRepair", {"repairRef": "r1"}), ("cancelRepair", {"repairRef": "r2"})]),
        ("Push the cargo bike back by a week", [("moveRepair", {"repairRef": "r2", "startsAt": "2026-12-02T15:00:00"})]),
        ("Nils can't make it, cancel his repair", [("cancelRepair", {"repairRef": "r1"})]),
        ("The blue racer goes to Kim", [("handRepair", {"repairRef": "r3", "mechanicEmail": KIM})]),
        ("Lou is ill, hand her repairs over to Kim, please", [("handRepair", {"repairRef": "r3", "mechanicEmail": KIM})]),
        ("Lou is ill from tomorrow. Hand all her repairs from tomorrow on to Kim", [("handRepair", {"repairRef": "r3", "mechanicEmail": KIM})]),
        ("We have a shop in Ghent now, put all riders there on the plus plan", [("changeRider", {"riderNo": "8", "plan": "plus"})]),
        ("Eva Ruiz has moved to Bruges, please change her record", [("changeRider", {"riderNo": "8", "town": "Bruges"})]),
        ("Nils Aho's new phone number is 555-0199", [("changeRider", {"riderNo": "7", "phone": "555-0199"})]),
        ("Put everybody in Ghent on the plus plan", [("changeRider", {"riderNo": "8", "plan": "plus"})]),
        ("We run low, order 20 brake pads", [("orderPart", {"sku": "BK-1", "quantity": 20})]),
        ("Cancel the repairs of Nils and Eva", [("cancelRepair", {"repairRef": each}) for each in ("r1", "r2", "r3")]),
        (
            "Send Kim and Mo a mail 'Rota' saying 'Please check'",
            [("sendMail", {"toEmail": each, "subject": "Rota", "text": "Please check"}) for each in (KIM, "mo@spokes.example")],
        ),
        (
            "Mail all riders who have a repair on Friday, subject 'Bike', text 'See you then'",
            [("sendMail", {"toEmail": "eva@ruiz.example", "subject": "Bike", "text": "See you then"})],
        ),
        ("If there are fewer than 5 chains left, order 20", [("orderPart", {"sku": "CH-8", "quantity": 20})]),
        ("Cancel the repiar of the red tandme", [("cancelRepair", {"repairRef": "r1"})]),
        ("Hand the red tandem to Lou and the cargo bike to Mo", [
            ("handRepair", {"repairRef": "r1", "mechanicEmail": "lou@spokes.example"}),
            ("handRepair", {"repairRef": "r2", "mechanicEmail": "mo@spokes.example"}),
        ]),
        ("Move Friday's repair to Monday", [("moveRepair", {"repairRef": "r3", "startsAt": "2026-11-30T09:00:00"})]),
        ("How many brake pads do we have left?", [("listParts", {"words": "brake pads"})]),
        ("Order 10 of every part below its minimum", [("orderPart", {"sku": "CH-8", "quantity": 10})]),
        (
            "Drop Nils Aho a mail with the subject 'Bike' that says 'It is ready'",
            [("sendMail", {"toEmail": "nils@aho.example", "subject": "Bike", "text": "It is ready"})],
        ),
        (
            "Cancel the repair of the blue racer and add a task 'Call Eva' for Mo, due 27 November",
            [("cancelRepair", {"repairRef": "r3"}), ("addTask", {"title": "Call Eva", "whoEmail": "mo@spokes.example", "due": "2026-11-27"})],
        ),
    ],
)  # fmt: skip
async def test_what_is_accounted_for_to_the_last_word_is_planned(said: str, made: list[Any]) -> None:
    assert calls(await doer().plan(said)) == made


@pytest.mark.parametrize(
    "said",
    [
        "Scrap the repair of the green tandem",
        "Cancel every repair except the tandem",
        "If there are fewer than 5 purple chains left, order 20",
        "If Lou sings, cancel the red tandem",
        "Photocopy the repair of the red tandem and cancel it",
        "Don't cancel the red tandem, hand it to Mo",
        "Cancel the red tandem quietly",
        "Undo the repair of the red tandem",
        "Order another 10 brake pads or chains",
        "Hand all her repairs over to Mo",
        "Mo met Kim and Lou. Cancel all their repairs",
        "We had a quarrel, put all riders there on the plus plan",
        "We have closed in Ghent, put all riders on the basic plan",
    ],
)
async def test_where_a_telling_word_is_left_nothing_is_planned(said: str) -> None:
    assert not isinstance(await doer().plan(said), Plan)


async def test_of_people_and_rows_that_cannot_be_told_apart_and_of_what_was_not_said_a_person_is_asked() -> None:
    for said, slot in (
        ("Hand the red tandem to Dahl", "s1.mechanicEmail"),
        ("Cancel Eva's repair", "s1.repairRef"),
        ("Add a task 'Call Eva' for Mo", "s1.due"),
    ):
        asked = await doer().plan(said)
        assert isinstance(asked, Question), said
        assert asked.slot == slot
    app = doer()
    run = await app.do("Cancel Eva's repair")
    assert [each.arguments for each in (await app.answer(run.id, "2")).steps] == [{"repairRef": "r3"}]
