"""Paying and shipping in words that no example has: what is understood, and for each leniency the twin that must not be."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.planning.world import Office, text, tool

from doer.connectors.tools.files.manifests import manifests as file_manifests
from doer.domain.action import Manifest
from doer.domain.goal import Abstention, Answer, Goal, Question
from doer.domain.plan import Plan
from doer.domain.ports import Proposal
from doer.domain.template import to_json
from doer.domain.value import Principal
from doer.planning.propose import SkillPlanner
from doer.planning.skills.file import load_skills

SAID_AT = datetime(2026, 3, 11, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))  # a Wednesday
SKILLS = load_skills([Path(__file__).parents[2] / "benchmarks" / "wordings" / "skills"])
TOOLS = (
    tool("bank.pay_invoice", "Pay an invoice", {"supplier": text(), "amount": {}, "invoice": text(), "due": text("date"),
         "account": text(), "advice": {}}, ["supplier", "amount", "invoice", "due"]),
    tool("ledger.add_note", "Add a note", {"invoice": text(), "text": text()}, ["invoice", "text"]),
    tool("courier.book", "Book a courier", {"contents": text(), "recipient": text(), "address": text(), "pickup": text("date"),
         "service": text(), "value": {}, "tracking": {}}, ["contents", "recipient", "address", "pickup"]),
)  # fmt: skip
FILES = tuple(row[0] for row in file_manifests("files"))


@cache
def planner(*, skilled: bool) -> SkillPlanner:
    return SkillPlanner(SKILLS if skilled else ())


async def ask(words: str, *answers: Answer, tools: tuple[Manifest, ...] = TOOLS) -> Proposal:
    goal = Goal(words, Principal("user:sam"), SAID_AT, "Europe/Berlin", "en")
    return await planner(skilled=tools is TOOLS).propose(goal, answers, tools, Office())


def told(plan: Proposal) -> Mapping[str, object]:
    assert isinstance(plan, Plan), plan
    return {name: to_json(each) for name, each in plan.steps[0].arguments.items()}


UNDERSTOOD: list[tuple[str, dict[str, object]]] = [
    ("send two bags to Tom Becker in Hamburg, collect tomorrow", {"contents": "two bags", "address": "Hamburg"}),
    ("Hey, could you send a box of sample tiles to Nora Lind in Oslo? Pickup tomorrow please.",
     {"contents": "box of sample tiles", "recipient": "Nora Lind", "address": "Oslo", "pickup": "2026-03-12"}),
    ("Two spare batteries for Karim Haddad, 5 Quay Street, Bristol BS1 4XE, collect on Friday, express",
     {"contents": "Two spare batteries", "address": "5 Quay Street, Bristol BS1 4XE", "service": "express"}),
    ("Ship to Omar Said, 14 Nile Street, Cairo: the demo unit. Pick-up 19 March.",
     {"contents": "demo unit", "recipient": "Omar Said", "address": "14 Nile Street, Cairo"}),
    ("overnight parcel to Mia Wong, 88 Queen's Road, Hong Kong - passport copies - tomorrow",
     {"contents": "passport copies", "address": "88 Queen's Road, Hong Kong", "service": "overnight"}),
    ("Thanks for the help! Could you please ship my old monitor to Sara Lund in Bergen on Friday?",
     {"contents": "old monitor", "recipient": "Sara Lund", "pickup": "2026-03-13"}),
    ("Have the gift basket for Margaret Hill, 7 Elm Road, York collected on March 19th", {"contents": "gift basket"}),
    ("Payment of 85 euros to Blumen Schmidt for invoice BS-12, due tomorrow", {"supplier": "Blumen Schmidt", "invoice": "BS-12"}),
    ("Please transfer 99.90 EUR to Post & Partner (invoice PP-5) on Monday", {"supplier": "Post & Partner", "due": "2026-03-16"}),
    ("INV-9, Papier Union, 642.17 EUR, due 20 March", {"supplier": "Papier Union", "invoice": "INV-9"}),
    ("Vendor: Ost Metall; invoice no: OM-12; amount: 300 EUR; due: 20 March; account: project",
     {"supplier": "Ost Metall", "invoice": "OM-12", "account": "projects"}),
    ("Pay Keller & S\u00f6hne 300 EUR for invoice 2026-0342 in two weeks, on March 25",
     {"supplier": "Keller & S\u00f6hne", "invoice": "2026-0342", "due": "2026-03-25"}),
    ("Pay Keller GmbH 300 EUR for invoice INV-20 on 3 April because they will not wait", {"supplier": "Keller GmbH"}),
]  # fmt: skip


@pytest.mark.parametrize(("words", "expected"), UNDERSTOOD, ids=[each[0] for each in UNDERSTOOD])
async def test_what_is_plain_needs_none_of_the_verbs_of_the_examples(words: str, expected: dict[str, object]) -> None:
    said = told(await ask(words))

    assert said == {**said, **expected}


SHIP = "Ship the pump to Ana Ferreira, Rua Augusta 24, Lisbon"
PAY = "Pay Keller GmbH 300 EUR for invoice INV-20"
TRAPS = [
    f"{SHIP}, no wait, Porto, pick-up on 16 March",
    f"{SHIP}, pick-up on Monday, no wait, Tuesday",
    f"{SHIP}, pick-up on Friday or Monday",
    f"{SHIP}, must arrive on Friday",
    f"{SHIP}, tomorrow morning",
    f"{SHIP}, on 16 March, signature required",
    f"{SHIP}, on 16 March, c/o Tom Becker",
    f"{SHIP}, on 16 March, asap",
    f"{SHIP} within 10 days",
    f"{SHIP} on 16 March, it cost 300 euros",
    f"{SHIP} on Monday and pay the courier 20 euros",
    f"{SHIP} on Monday and cancel the invoice",
    f"If Tom agrees, {SHIP} on Monday",
    "Ship the demo laptop to Ana Ferreira in Lisbon, not Porto, pick-up on 16 March",
    "Ship the demo laptop to Ana Ferreira in Lisbon or Porto, pick-up on 16 March",
    "Ship the demo laptop to Ana Ferreira in Lisbon and Porto, pick-up on 16 March",
    "Ship the demo laptop from Berlin to Ana Ferreira in Lisbon, pick-up on Monday",
    "Ship the laptop, sorry, the monitor to Ana Ferreira in Lisbon, pick-up on Monday",
    "Ship the demo laptop to Ana Ferreira and Tom Becker in Lisbon, pick-up on Monday",
    "Ship the laptop with the charger to Ana Ferreira in Lisbon, pick-up on Monday",
    "Ship express brochures to Ana Ferreira in Lisbon, pick-up on Monday",
    "Ship the demo parcel to Ana Ferreira in Lisbon, pick-up on Monday",
    "Pick up the spare pump from Luis Ortega, Calle Mayor 5, Madrid next Tuesday",
    "Ana Ferreira, Rua Augusta 24, Lisbon, sent us the pump on Friday",
    "Insure the demo laptop for Tom Becker in Hamburg, collect tomorrow, for 300 euros",
    "Book a table for Ana Ferreira in Lisbon on Friday",
    "Book a hotel for Ana Ferreira, Rua Augusta 24, Lisbon on Friday",
    "Unpack brochures to Tom Becker in Hamburg, collect tomorrow",
    f"{PAY}, actually 400, on 3 April",
    f"{PAY} or INV-21 on 3 April",
    f"{PAY} in two weeks, on March 26",
    f"{PAY} before 3 April",
    f"{PAY} on 3 April from the marketing account",
    f"{PAY} on 3 April unless the goods are broken",
    f"I don't want this: {PAY} on 3 April",
    f"I can't read the scan: {PAY} on 3 April",
    f"Should we {PAY} on 3 April?",
    "Have you paid Keller GmbH 300 EUR for invoice INV-20 on 3 April?",
    "Have Keller GmbH pay 300 EUR for invoice INV-20 on 3 April",
    "Keller GmbH should pay us 300 EUR for invoice INV-20 on 3 April",
    "Sam paid Keller GmbH 300 EUR for invoice INV-20 on 3 April",
    "Invoice INV-20 of Keller GmbH over 300 EUR was paid on 3 April",
    "Invoice INV-20 of Keller GmbH over 300 EUR is due on 3 April",
    "Invoice INV-20 of Keller GmbH, 300 EUR, due 3 April: do nothing",
    f"{SHIP} on 16 March, uninsured",
    "Ship the pump to Ana Ferreira, old address Rua Augusta 24, Lisbon, on 16 March",
    "Ship everything to Ana Ferreira in Lisbon on 16 March",
    "Pay Keller GmbH another 300 EUR for invoice INV-20 on 3 April",
    f"{PAY} dated 3 April",
    f"{PAY} on 3 April as soon as the goods arrive",
    "Please forward invoice INV-20 from Keller GmbH over 300 EUR, due 3 April, to accounts@x.example",
    "Please hold invoice INV-20 from Keller GmbH over 300 EUR, due 3 April",
    "Please return 300 EUR to Keller GmbH for invoice INV-20 on 3 April",
    "Dispute Keller GmbH, invoice INV-20, 300 EUR, due 3 April",
    "Offset Keller GmbH, invoice INV-20, 300 EUR, due 3 April",
    "Escalate Ana Ferreira, Rua Augusta 24, Lisbon: spare pump, pick-up on Monday",
    "Dispute invoice INV-20, 300 EUR, due 3 April",
    "File invoice INV-20 of Keller GmbH, 300 EUR, due 3 April",
    "Charge Keller GmbH 300 EUR for invoice INV-20 on 3 April",
    "Send Keller GmbH invoice INV-20 over 300 EUR, due 3 April",
    "Pay Keller GmbH and Fischer Bau 300 EUR for invoice INV-20 on 3 April",
    "Pay Keller GmbH 300 EUR less 2% for invoice INV-20 on 3 April",
]


@pytest.mark.parametrize("words", TRAPS)
async def test_what_says_more_or_something_else_is_never_planned(words: str) -> None:
    proposal = await ask(words)

    assert not isinstance(proposal, Plan), told(proposal)


@pytest.mark.parametrize(
    ("words", "slot"),
    [
        ("Send the brochures to Tom Becker in Hamburg, pick-up on Friday or Monday", "pickup"),
        ("Ship the spare pump to Rua Augusta 24, Lisbon, pick-up on 16 March, standard.", "recipient"),
        ("courier the test boards to Pavel Novak, collect on friday", "address"),
        ("Settle invoice CT/4490 of CleanTeam GmbH, \u20ac390", "due"),
        ("Pay Keller GmbH 300 EUR for invoice INV-20 asap", "due"),
        ("Pay Keller GmbH 300 EUR for invoice INV-20 by the end of next week", "due"),
    ],
)
async def test_what_is_missing_is_asked_before_what_is_doubtful_and_optional(words: str, slot: str) -> None:
    question = await ask(words)

    assert isinstance(question, Question), question
    assert question.slot == slot


async def test_two_days_joined_by_or_are_both_offered() -> None:
    question = await ask("Send the brochures to Tom Becker in Hamburg, pick-up on Friday or Monday")

    assert isinstance(question, Question)
    assert {option.value for option in question.options} == {"2026-03-13", "2026-03-16"}


async def test_a_verb_of_an_example_right_after_a_name_speaks_for_it() -> None:
    join = tool("team.join", "A person joins a team", {"name": text(), "team": {"enum": ["red", "blue"]}}, ["name", "team"],
                "{name} joins the team {team}")  # fmt: skip

    assert told(await ask("Ada Lovelace joins the team blue", tools=(join,))) == {
        "name": "Ada Lovelace",
        "team": "blue",
    }
    assert not isinstance(await ask("Ada Lovelace leaves the team blue", tools=(join,)), Plan)


@pytest.mark.parametrize("word", ["none", "No", "leave it out"])
async def test_an_optional_slot_can_be_declined(word: str) -> None:
    words = f"{SHIP} on 16 March, the tracking number goes to ana@acme.example or tom@acme.example"
    question = await ask(words)
    assert isinstance(question, Question)

    plan = await ask(f"{SHIP} on 16 March", Answer("tracking", word), Answer("value", word))

    assert not {"tracking", "value"} & told(plan).keys()


async def test_a_required_slot_cannot_be_declined() -> None:
    plan = await ask(f"{SHIP}", Answer("pickup", "none"))

    assert isinstance(plan, Question)
    assert plan.slot == "pickup"


COUNTS = ["two", "three", "a dozen", "40", "seven"]
THINGS = ["bags", "boxes of brochures", "rolls of carpet samples", "spare keys", "bags and a box", "trade show banners"]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(COUNTS), st.sampled_from(THINGS), st.sampled_from(["send", "Please ship", "courier"]))
async def test_a_text_slot_takes_the_whole_phrase_as_it_was_written(count: str, things: str, verb: str) -> None:
    words = f"{verb} {count} {things} to Tom Becker in Hamburg, collect tomorrow"
    said = told(await ask(words))

    assert f"{count} {things}".removeprefix("a ") == said["contents"]
    assert str(said["contents"]) in words


PARTS = [
    "two", "bags", "of", "and", "the", "box", "Tom", "Becker", "Hamburg", "in", "to", "for", "tomorrow", "300", "EUR", ",", ":",
    "ship", "send", "pick-up", "on", "16", "March", "express", "laptop", "INV-20", "Keller", "&", "GmbH", "pay", "invoice",
]  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(PARTS), min_size=4, max_size=22).map(" ".join))
async def test_a_text_is_always_whole_words_of_the_goal(words: str) -> None:
    proposal = await ask(words)
    if not isinstance(proposal, Plan):
        assert isinstance(proposal, Question | Abstention)
        return
    said = told(proposal)
    for name in ("contents", "address", "supplier"):
        assert f" {said[name]} " in f" {words} " if name in said else True


@pytest.mark.parametrize(
    ("words", "name", "arguments"),
    [
        ("write hello.md: it works", "files.write", {"path": "hello.md", "text": "it works"}),
        ("write hello to notes.txt", "files.write", {"path": "notes.txt", "text": "hello"}),
        ("create a folder reports", "files.create_folder", {"path": "reports"}),
        ("list the files", "files.list", {}),
        ("list the files in reports", "files.list", {"path": "reports"}),
        ("move a.txt to archive/a.txt", "files.move", {"source": "a.txt", "target": "archive/a.txt"}),
        ("delete notes.txt", "files.delete", {"path": "notes.txt"}),
        ("read team.md", "files.read", {"path": "team.md"}),
    ],
)
async def test_single_file_tools_just_work(words: str, name: str, arguments: dict[str, object]) -> None:
    plan = await ask(words, tools=FILES)

    assert told(plan) == arguments
    assert isinstance(plan, Plan)
    assert plan.planner == name


@pytest.mark.parametrize(
    "words",
    [
        "delete notes.txt and a.txt",
        "delete everything",
        "delete the folder reports if it is empty",
        "don't delete notes.txt",
        "move a.txt from old to new",
        "create a folder reports and a folder old",
        "delete the notes",
    ],
)
async def test_a_file_wording_that_says_more_is_not_planned(words: str) -> None:
    assert not isinstance(await ask(words, tools=FILES), Plan)
