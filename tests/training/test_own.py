"""Own examples: where the arguments stand is learnt, whom they name is not; what is held out is not among them."""

from __future__ import annotations

from datetime import UTC, datetime

from doer.domain.action import Manifest
from doer.domain.goal import Goal
from doer.domain.value import Json, JsonObject, Principal, RunId
from doer.learning.lessons import Lesson, Said
from doer.training.examples import Example, heard
from doer.training.own import own_examples

AT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
TEXT: JsonObject = {"type": "string"}


def tool(name: str, properties: JsonObject) -> Manifest:
    return Manifest(name, f"does {name}", {"type": "object", "properties": properties}, "write")


NOTE = tool("add_note", {"recipient": TEXT, "text": TEXT, "loud": {"type": "boolean"}})
INVITE = tool("invite", {"people": {"type": "array", "items": TEXT}, "day": {"type": "string", "format": "date"}})
TOOLS = (NOTE, INVITE, tool("pay", {"amount": TEXT}))


def lesson(text: str, name: str, arguments: JsonObject, *words: tuple[str, str], right: bool = True) -> Lesson:
    """A lesson; its text gets a number at the end, until it is one to be learnt from."""
    spans = {argument: (text.index(word), text.index(word) + len(word)) for argument, word in words}
    for number in range(100):
        goal = Goal(f"{text} please{'!' * number}", Principal("sam"), AT)
        made = Lesson(RunId("r1"), goal, (Said(name, arguments, spans),), right)
        if not made.held_out:
            return made
    raise AssertionError


def meant(examples: list[Example]) -> list[Example]:
    return [each for each in examples if each.relevant]


def words(example: Example, name: str) -> list[str]:
    text = heard(example.turns).heard.text
    return [text[start:end] for start, end in example.labels[name]["spans"]]


def of(one: Lesson, *, masked: bool = False) -> list[Example]:
    return own_examples([one], TOOLS, 4, masked=masked)


NOTED = lesson(
    "leave Ana a note that lunch is late", "add_note", {"recipient": "Ana", "text": "lunch is late"},
    ("recipient", "Ana"), ("text", "lunch is late"),
)  # fmt: skip


def test_a_lesson_says_where_each_argument_stands_and_which_were_not_said() -> None:
    (example,) = meant(of(NOTED))
    assert example.tool["name"] == "add_note"
    assert (words(example, "recipient"), words(example, "text")) == (["Ana"], ["lunch is late"])
    assert example.labels["loud"] is None


def test_tools_that_were_not_called_are_shown_as_not_meant() -> None:
    others = {each.tool["name"] for each in of(NOTED) if not each.relevant}
    assert others == {"invite", "pay"}


def test_a_relative_day_stands_where_the_record_says() -> None:
    said = lesson(
        "invite Ana and Ben for tomorrow",
        "invite",
        {"people": ["Ana", "Ben"], "day": "2026-11-21"},
        ("day", "tomorrow"),
    )
    (example,) = meant(of(said))
    assert words(example, "day") == ["tomorrow"], "the value alone would not be found in the words"
    assert words(example, "people") == ["Ana", "Ben"]


def test_names_and_addresses_are_masked_and_their_places_kept() -> None:
    said = lesson(
        "leave Ada Lovelace a note that ada@acme.example moved", "add_note",
        {"recipient": "Ada Lovelace", "text": "ada@acme.example moved"},
        ("recipient", "Ada Lovelace"), ("text", "ada@acme.example moved"),
    )  # fmt: skip
    (example,) = meant(of(said, masked=True))
    told = " ".join(example.turns)
    assert "Ada" not in told
    assert "acme" not in told
    (name,) = words(example, "recipient")
    assert len(name.split()) == 2
    (text,) = words(example, "text")
    assert text.endswith("@example.org moved")


def test_the_same_seed_masks_alike() -> None:
    assert of(NOTED, masked=True) == of(NOTED, masked=True)


def test_what_is_held_out_is_not_learnt_from() -> None:
    sides = [Lesson(RunId("r"), Goal(f"note {n}", Principal("sam"), AT), NOTED.calls, right=True) for n in range(60)]
    held = {each.goal.text for each in sides if each.held_out}
    assert held
    seen = {each.turns[-1] for each in own_examples(sides, TOOLS, 4, masked=False)}
    assert not seen & held


def test_a_corrected_tool_is_shown_as_not_meant_unless_it_was_right_after_all() -> None:
    arguments: dict[str, Json] = {"recipient": "Ana", "text": "lunch is late"}
    wrong = Lesson(NOTED.run, NOTED.goal, (Said("pay", {}, {}),), right=False)
    (example,) = own_examples([wrong], TOOLS, 4)
    assert (example.tool["name"], example.relevant) == ("pay", False)
    again = Lesson(NOTED.run, NOTED.goal, (Said("add_note", arguments, {}),), right=False)
    assert all(each.relevant for each in own_examples([NOTED, again], (NOTE,), 4))
