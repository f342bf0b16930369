"""Postal addresses, identifiers, deadlines and names that begin a sentence."""

from datetime import UTC, datetime

import pytest

from doer.intent.grounder import Grounder
from doer.intent.mention import Setting

WEDNESDAY = datetime(2026, 3, 11, 9, 0, tzinfo=UTC)
GROUNDER = Grounder(Setting(WEDNESDAY, "Europe/Berlin"), lambda word: word in {"invoice", "order", "express"})


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("to Ana Ferreira, Rua Augusta 24, Lisbon, express", "Rua Augusta 24, Lisbon"),
        ("for Dr. Marsh, 12 King Street, Leeds.", "12 King Street, Leeds"),
        ("to Yuki Tanaka, 3-1-1 Marunouchi, Tokyo on 2026-03-24", "3-1-1 Marunouchi, Tokyo"),
        ("at Messeplatz 1, 60327 Frankfurt", "Messeplatz 1, 60327 Frankfurt"),
        ("to Lena Vogt, Hauptstr. 12, 50667 Köln", "Hauptstr. 12, 50667 Köln"),
        ("to Hugo Blanc, 3 rue Monge, Lyon, tomorrow", "3 rue Monge, Lyon"),
        ("221B Baker Street, London NW1 6XE, UK", "221B Baker Street, London NW1 6XE, UK"),
        ("in 10115 Berlin", "10115 Berlin"),
        ("to ana ferreira, rua augusta 24, lisbon, on friday", "rua augusta 24, lisbon"),
    ],
)
def test_an_address_is_found_whole(text: str, address: str) -> None:
    assert [each.text for each in GROUNDER.addresses(text)] == [address]


@pytest.mark.parametrize(
    "text",
    ["18 March, Berlin", "Invoice 77120, Weber Druck", "Order 12, Hansa", "1000-2000 EUR", "RE-2026-117 EUR 300"],
)
def test_what_only_looks_like_a_street_is_none(text: str) -> None:
    assert GROUNDER.addresses(text) == ()


@pytest.mark.parametrize("text", ["2026-0342", "CT/4490", "INV-20601", "TX-5561", "RE-2026-117", "A-1009", "inv-5520"])
def test_an_identifier_is_one_value(text: str) -> None:
    assert [(each.kind, each.value) for each in GROUNDER.mentions(f"for {text} now")] == [("identifier", text)]


def test_an_identifier_beside_an_amount_takes_nothing_of_it() -> None:
    found = GROUNDER.mentions("RE-2026-117 EUR 300")

    assert [(each.kind, each.text) for each in found] == [("identifier", "RE-2026-117"), ("amount", "EUR 300")]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("by the end of the month", ["2026-03-31"]),
        ("by the end of next month", ["2026-04-30"]),
        ("by the end of April", ["2026-04-30"]),
        ("end of next week", ["2026-03-20", "2026-03-22"]),
        ("within ten days", ["2026-03-21"]),
        ("Monday the 16th", ["2026-03-16"]),
        ("Tuesday the 16th", []),
    ],
)
def test_a_deadline_is_a_day_or_two_days_to_choose_from(text: str, days: list[str]) -> None:
    (found,) = [each for each in GROUNDER.mentions(text) if each.kind == "date"]

    assert [each.value for each in found.readings] == days


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Offboard Ada Lovelace, backend engineer", ["Ada Lovelace", "Offboard Ada Lovelace"]),
        ("offboard ada lovelace, backend engineer", ["Ada Lovelace", "Offboard Ada Lovelace"]),
        ("Tom Becker in Hamburg needs the spare keys", ["Tom Becker"]),
        ("we promised Mark O'Neill a set", ["Mark O'Neill"]),
    ],
)
def test_a_verb_that_nobody_knows_is_not_quietly_a_first_name(text: str, names: list[str]) -> None:
    person = next(each for each in GROUNDER.mentions(text) if each.kind == "person")

    assert [each.value for each in person.readings] == names
