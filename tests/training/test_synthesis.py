"""Requests that are written over schemas: every label is where its words are, whatever is done to the text and to the names."""

from __future__ import annotations

import random
from typing import Any

from training.bank import Bank
from training.schemas import renamed
from training.swap import swapped
from training.synthesise import Synthesis
from training.values import Values
from training.writer import leaf

from doer.training.examples import Example, heard, joined, text_of
from doer.training.label import positive

TOOLS: list[dict[str, Any]] = [
    {"name": "get_exchange_rate", "description": "Retrieve the exchange rate between two currencies", "parameters": {
        "type": "object", "required": ["base_currency", "target_currency"], "properties": {
            "base_currency": {"type": "string", "description": "The base currency (e.g., USD, EUR)"},
            "target_currency": {"type": "string", "description": "The target currency (e.g., CNY, GBP)"},
            "include_history": {"type": "boolean", "description": "Whether to include the rates of before"}}}},
    {"name": "book_room", "description": "Book a room in a specific hotel", "parameters": {
        "type": "object", "required": ["hotel"], "properties": {
            "hotel": {"type": "string", "description": "The hotel's name"},
            "guests": {"type": "integer", "description": "The number of guests"},
            "check_in_date": {"type": "string", "description": "The day of arrival"},
            "contact_email": {"type": "string", "description": "Where the confirmation goes"}}}},
    {"name": "calculate_thrust", "description": "Calculate the thrust of an engine", "parameters": {
        "type": "object", "required": ["force"], "properties": {
            "force": {"type": "number", "description": "The force in newtons"},
            "angle": {"type": "number", "description": "The angle in degrees"}}}},
]  # fmt: skip
ROWS: list[dict[str, Any]] = [
    {"calls": [{"tool": "x", "arguments": {"a": "old town", "b": "Miles Davis", "c": 4}}]},
    {"calls": [{"tool": "x", "arguments": {"a": "spicy noodles", "b": "the blue door"}}]},
]


def synthesis(seed: int) -> Synthesis:
    return Synthesis(TOOLS, len(TOOLS), Bank(TOOLS, ROWS), random.Random(seed))


def labelled(example: Example) -> list[tuple[int, int]]:
    spans = [label["spans"] for label in example.labels.values() if isinstance(label, dict) and "spans" in label]
    return [(start, end) for each in spans for start, end in each]


def test_every_label_of_a_request_is_a_candidate_of_its_words() -> None:
    writing = synthesis(1)
    made = [each for _ in range(150) for each in writing.request()]
    assert sum(len(labelled(each)) for each in made) > 200
    for each in made:
        candidates = {(one.start, one.end) for one in heard(each.turns).heard.candidates}
        assert candidates.issuperset(labelled(each))


def test_every_parameter_of_a_tool_that_is_meant_has_a_label() -> None:
    writing = synthesis(2)
    for each in [each for _ in range(100) for each in writing.request() if each.relevant]:
        assert {one.name for one in text_of(each.tool).parameters} == set(each.labels)


def test_the_same_seed_writes_the_same_requests() -> None:
    one, other = synthesis(3), synthesis(3)
    assert [list(one.request()) for _ in range(20)] == [list(other.request()) for _ in range(20)]


def test_mistyped_requests_keep_their_values_as_they_were() -> None:
    writing = synthesis(4)
    emails = []
    for _ in range(400):
        for each in writing.request():
            label = next((label for name, label in each.labels.items() if "mail" in name.lower()), None)
            if isinstance(label, dict):
                emails += [joined(each.turns)[start:end] for start, end in label["spans"]]
    assert len(emails) > 20
    assert all("@" in each for each in emails)


def test_a_renamed_tool_leads_back_to_its_parameters() -> None:
    for seed in range(20):
        tool, before = renamed(TOOLS[1], random.Random(seed))
        assert sorted(before.values()) == sorted(TOOLS[1]["parameters"]["properties"])
        assert all(leaf(tool["parameters"], new) == leaf(TOOLS[1]["parameters"], old) for new, old in before.items())
        assert [before[name] for name in tool["parameters"]["required"]] == ["hotel"]


def test_exchanged_values_are_where_the_labels_say() -> None:
    turns = ["Book a room in the hotel Meridian for 3 guests. The confirmation goes to ana@example.org, please."]
    call = {"hotel": "Meridian", "guests": 3, "contact_email": "ana@example.org"}
    plain = positive(turns, TOOLS[1], [call], "rows")
    kinds = set()
    for seed in range(30):
        chance = random.Random(seed)
        made = swapped(plain, Values(chance, Bank(TOOLS, ROWS)), chance)
        candidates = {(one.start, one.end) for one in heard(made.turns).heard.candidates}
        assert candidates.issuperset(labelled(made))
        assert made.turns[0].startswith("Book a room in the hotel ")
        kinds.add(made.turns[0])
    assert len(kinds) > 15
    assert labelled(plain)
