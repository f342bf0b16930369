"""A typed function as a tool: what its signature says, what its verbs answer, and what happens when it misbehaves."""

from __future__ import annotations

import asyncio
import enum
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field

from doer.connectors.tools.function import FunctionTool, tool
from doer.domain.action import Change, Intent, Preview, Receipt
from doer.domain.errors import OutcomeUnknown, Permanent, Transient, UsageError
from doer.domain.outcome import Absent, Conflict, Reversal, Undone, Unknown, Verification, Verified
from doer.domain.ports import Tool
from doer.domain.value import Hole, Json, Key

KEY = Key("k1")


class Note(BaseModel):
    id: str
    text: str


class Urgency(enum.Enum):
    LOW = "low"
    HIGH = "high"


@dataclass
class Booking:
    day: date
    price: Decimal


class Notes:
    """Somebody's notes by key."""

    def __init__(self) -> None:
        self.by_key: dict[str, str] = {}


def add_note_over(notes: Notes) -> FunctionTool[..., Note]:
    @tool(
        effect="write",
        roles={"recipient": "destination"},
        once=True,
        examples=["leave {recipient} a note that {text}"],
        issued=["id"],
    )
    def add_note(recipient: str, text: str, key: Key, urgency: Urgency = Urgency.LOW) -> Note:
        """Leave a note for somebody.

        It stays until it is taken down.

        Args:
            recipient: Who shall read it,
                by first name.
            text: What it says.
        """
        notes.by_key.setdefault(key, f"{recipient}: {text} ({urgency.value})")
        return Note(id=f"note-{key}", text=text)

    @add_note.preview
    def _(recipient: str, text: str, pending: Sequence[Change]) -> Change:
        return Change(f"note:{recipient}/{len(pending)}", None, {"text": text})

    @add_note.verify
    async def _(intent: Intent, receipt: Receipt | None = None) -> Verification:
        if intent.key not in notes.by_key:
            return Absent()
        return Verified(receipt or Receipt({"id": f"note-{intent.key}", "text": intent.arguments["text"]}))

    @add_note.undo
    def _(receipt: Receipt) -> Reversal:
        assert isinstance(receipt.result, dict)
        gone = notes.by_key.pop(receipt.result["id"].removeprefix("note-"), None)
        return Undone() if gone else Conflict("it is gone")

    return add_note


def test_signature_annotations_and_docstring_are_the_schema() -> None:
    manifest = add_note_over(Notes()).manifest

    assert manifest.name == "add_note"
    assert manifest.description == "Leave a note for somebody.\n\nIt stays until it is taken down."
    assert manifest.parameters == {
        "$defs": {"Urgency": {"enum": ["low", "high"], "type": "string"}},
        "type": "object",
        "properties": {
            "recipient": {"type": "string", "description": "Who shall read it, by first name."},
            "text": {"type": "string", "description": "What it says."},
            "urgency": {"$ref": "#/$defs/Urgency", "default": "low"},
        },
        "required": ["recipient", "text"],
        "additionalProperties": False,
    }
    assert manifest.result["properties"] == {"id": {"type": "string"}, "text": {"type": "string"}}
    assert (manifest.effect, manifest.once, manifest.issued) == ("write", True, ("id",))
    assert manifest.roles == {"recipient": "destination"}
    assert manifest.verbs == {"preview", "apply", "verify", "undo"}
    assert manifest.digest == add_note_over(Notes()).manifest.digest


async def test_all_four_verbs_answer() -> None:
    notes = Notes()
    add_note: Tool = add_note_over(notes)
    arguments = {"recipient": "Ana", "text": "hi", "urgency": "high"}

    preview = await add_note.preview(arguments, [Change("x:y", None, 1)])
    intent = Intent(arguments, KEY, preview.changes)
    absent = await add_note.verify(intent)
    receipt = await add_note.apply(arguments, KEY, preview.changes)

    assert preview == Preview((Change("note:Ana/1", None, {"text": "hi"}),))
    assert absent == Absent()
    assert receipt == Receipt({"id": "note-k1", "text": "hi"})
    assert notes.by_key == {"k1": "Ana: hi (high)"}
    assert await add_note.verify(intent) == Verified(receipt)
    assert await add_note.undo(receipt) == Undone()
    assert notes.by_key == {}


def test_the_function_stays_a_plain_function() -> None:
    note = add_note_over(Notes())("Ana", "hi", key=KEY)

    assert note == Note(id="note-k1", text="hi")


async def test_arguments_arrive_as_the_types_of_the_signature() -> None:
    seen: list[object] = []

    @tool(effect="read")
    def book(
        day: date, price: Decimal, tags: Annotated[list[str], Field(description="labels")], schema: int = 3
    ) -> Booking:
        seen.extend([day, price, tags, schema])
        return Booking(day, price)

    receipt = await book.apply({"day": "2026-07-06", "price": "9.50", "tags": ["a"]}, KEY, ())

    assert seen == [date(2026, 7, 6), Decimal("9.50"), ["a"], 3]
    assert receipt.result == {"day": "2026-07-06", "price": "9.50"}
    tags = book.manifest.parameters["properties"]["tags"]  # type: ignore[index, call-overload]
    assert tags == {"description": "labels", "items": {"type": "string"}, "type": "array"}


@pytest.mark.parametrize("arguments", [{"n": "3"}, {"n": 3, "m": 1}, {}, {"n": None}], ids=str)
async def test_arguments_that_do_not_fit_are_refused_before_anything_is_called(arguments: dict[str, Json]) -> None:
    called: list[int] = []

    @tool(effect="write")
    def count(n: int) -> None:
        called.append(n)

    with pytest.raises(Permanent, match=r"count: .*nothing was done"):
        await count.apply(arguments, KEY, ())
    assert called == []


async def test_the_foretold_changes_are_handed_to_a_function_that_asks_for_them() -> None:
    @tool(effect="write")
    def put(text: str, before: Sequence[Change]) -> str:
        return f"{text} over {before[0].version}"

    receipt = await put.apply({"text": "x"}, KEY, [Change("a:b", 1, 2, version="v7")])

    assert receipt.result == "x over v7"
    assert list(put.manifest.parameters["properties"]) == ["text"]  # type: ignore[arg-type]


async def test_a_receipt_of_ones_own_is_kept_whole() -> None:
    @tool(effect="write")
    async def put() -> Receipt:
        return Receipt({"id": 1}, {"a:b": "v1"}, {"old": None})

    assert await put.apply({}, KEY, ()) == Receipt({"id": 1}, {"a:b": "v1"}, {"old": None})
    assert put.manifest.result == {}


async def test_missing_verbs_are_told() -> None:
    @tool(effect="write")
    def bare(text: str) -> None:
        """Do something."""

    intent = Intent({"text": "x"}, KEY)

    assert bare.manifest.verbs == {"apply"}
    assert bare.manifest.effect == "irreversible"
    assert (await bare.preview({"text": "x"}, ())).foreseeable is False
    unproven = await bare.verify(intent, Receipt())
    assert isinstance(unproven, Unknown)
    assert unproven.final
    with pytest.raises(Permanent, match="no undo"):
        await bare.undo(Receipt())


async def test_a_read_needs_no_other_verbs() -> None:
    @tool(effect="read")
    def count() -> int:
        return 3

    receipt = await count.apply({}, KEY, ())

    assert count.manifest.effect == "read"
    assert await count.preview({}, ()) == Preview()
    assert isinstance(await count.verify(Intent({}, KEY), receipt), Verified)
    assert isinstance(await count.undo(receipt), Undone)


async def test_a_sync_function_runs_off_the_loop() -> None:
    @tool(effect="read")
    def where() -> str:
        return threading.current_thread().name

    assert (await where.apply({}, KEY, ())).result == "doer-tool"


async def test_a_function_that_hangs_is_an_unknown_outcome() -> None:
    released = threading.Event()

    @tool(effect="write", timeout=0.01)
    def hang() -> None:
        released.wait()

    @tool(effect="write", timeout=0.01)
    async def hang_too() -> None:
        await asyncio.Event().wait()

    for each in (hang, hang_too):
        with pytest.raises(OutcomeUnknown, match=r"took more than 0.01 s; it may have had its effect"):
            await each.apply({}, KEY, ())
    released.set()


def a_list_in_itself() -> list[Any]:
    it: list[Any] = []
    it.append(it)
    return it


@pytest.mark.parametrize(
    "rubbish",
    [
        float("nan"),
        object(),
        "x" * 1_000_001,
        list(range(600_000)),
        a_list_in_itself(),
        b"\xff\xfe",
        "\ud800",
        2**60,
        Receipt({"n": float("inf")}),
        Receipt(undo="x" * 1_000_001),
    ],
    ids=["nan", "object", "huge", "many", "loop", "bytes", "surrogate", "big", "nan_inside", "huge_undo"],
)
async def test_rubbish_returned_after_apply_is_an_unknown_outcome(rubbish: object) -> None:
    @tool(effect="write")
    def put() -> Any:
        return rubbish

    with pytest.raises(OutcomeUnknown, match=r"put returned something unusable: .*may have had its effect"):
        await put.apply({}, KEY, ())


async def test_a_result_of_another_type_than_annotated_is_an_unknown_outcome() -> None:
    @tool(effect="write")
    def put() -> Note:
        return "no note"  # type: ignore[return-value]

    with pytest.raises(OutcomeUnknown, match="put returned something unusable"):
        await put.apply({}, KEY, ())


@pytest.mark.parametrize("raised", [KeyError("x"), SystemExit(3), StopIteration(1), AssertionError("no")], ids=repr)
async def test_whatever_a_function_raises_is_an_unknown_outcome(raised: BaseException) -> None:
    @tool(effect="write")
    def put() -> None:
        raise raised

    with pytest.raises(OutcomeUnknown, match="put raised"):
        await put.apply({}, KEY, ())


async def test_errors_that_say_what_happened_pass_through() -> None:
    @tool(effect="write")
    async def put() -> None:
        raise Transient("locked")

    with pytest.raises(Transient, match="locked"):
        await put.apply({}, KEY, ())


async def test_a_verb_that_crashes_or_answers_rubbish_gets_a_clear_answer() -> None:
    @tool(effect="write")
    def put(n: int) -> None: ...

    @put.preview
    def _(n: int) -> Any:
        return {"n": n} if n else 1 / n

    @put.verify
    def _(intent: Intent, receipt: Receipt | None = None) -> Any:
        if receipt is None:
            raise KeyError("key")
        return True

    @put.undo
    def _(receipt: Receipt) -> Any:
        return "undone"

    with pytest.raises(Permanent, match=r"preview of put returned {'n': 1}; it must return Preview"):
        await put.preview({"n": 1}, ())
    with pytest.raises(Permanent, match="preview of put raised ZeroDivisionError"):
        await put.preview({"n": 0}, ())
    assert await put.verify(Intent({"n": 1}, KEY)) == Unknown("the verify of put raised KeyError: 'key'")
    answer = await put.verify(Intent({"n": 1}, KEY), Receipt())
    assert isinstance(answer, Unknown)
    assert answer.final
    with pytest.raises(OutcomeUnknown, match="undo of put returned 'undone'"):
        await put.undo(Receipt())


async def test_a_preview_shows_holes_in_text_and_foresees_nothing_of_other_types() -> None:
    @tool(effect="write")
    def put(text: str, n: int = 1) -> None: ...

    @put.preview
    def _(text: str, n: int) -> list[Change]:
        return [Change(f"x:{text}", None, n)]

    later = Hole.of("id of account")

    assert await put.preview({"text": later}, ()) == Preview((Change(f"x:{later}", None, 1),))
    assert (await put.preview({"text": "a", "n": later}, ())).foreseeable is False


async def test_a_preview_that_changes_nothing_may_return_none_and_one_of_rubbish_is_refused() -> None:
    @tool(effect="write")
    def put(text: str) -> None: ...

    @put.preview
    def _(text: str) -> Change | None:
        return Change("x:y", None, float("nan")) if text == "nan" else None

    assert await put.preview({"text": ""}, ()) == Preview()
    with pytest.raises(Permanent, match="not JSON"):
        await put.preview({"text": "nan"}, ())


def test_functions_that_cannot_be_tools_are_refused_with_the_reason() -> None:
    with pytest.raises(UsageError, match="parameter 'x' has no annotation"):
        tool(effect="read")(lambda_like)
    with pytest.raises(UsageError, match="cannot be named in a call"):
        tool(effect="read")(spread)
    with pytest.raises(UsageError, match="roles names who; there are only: text"):
        tool(effect="read", roles={"who": "destination"})(plain)
    with pytest.raises(UsageError, match=r"example 'say {what}' names what"):
        tool(effect="read", examples=["say {what}"])(plain)
    with pytest.raises(UsageError, match="issued names id"):
        tool(effect="read", issued=["id"])(returns_booking)
    with pytest.raises(UsageError, match=r"has '.u0430' in it"):
        tool(effect="read", name="m\u0430il.send")(plain)
    with pytest.raises(UsageError, match="use types with a JSON form"):
        tool(effect="read")(takes_a_lock)
    with pytest.raises(UsageError, match="timeout"):
        tool(effect="read", timeout=0)(plain)
    with pytest.raises(UsageError, match="define the type at the top of the module"):
        tool(effect="read")(takes_the_undefined)


def lambda_like(x):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    return x


def spread(*words: str) -> None: ...


def plain(text: str) -> None: ...


def returns_booking() -> Booking:
    raise NotImplementedError


def takes_a_lock(lock: threading.Event) -> None: ...


def takes_the_undefined(x: Undefined) -> None: ...  # type: ignore[name-defined]  # noqa: F821


def test_a_verb_is_attached_once_and_asks_only_for_what_exists() -> None:
    add_note = add_note_over(Notes())

    with pytest.raises(UsageError, match="two functions for undo"):
        add_note.undo(lambda receipt: Undone())
    other = tool(effect="write")(plain)
    with pytest.raises(UsageError, match="its preview asks for 'recipient'; it can have: pending, text"):
        other.preview(lambda recipient: None)


async def test_verbs_that_hang_say_what_can_be_told() -> None:
    @tool(effect="write", timeout=0.01)
    def put() -> None: ...

    @put.preview
    async def _() -> Any:
        await asyncio.Event().wait()

    @put.verify
    async def _(intent: Intent, receipt: Receipt | None = None) -> Any:
        await asyncio.Event().wait()

    @put.undo
    async def _(receipt: Receipt) -> Any:
        await asyncio.Event().wait()

    with pytest.raises(Transient, match="preview of put took more than"):
        await put.preview({}, ())
    assert await put.verify(Intent({}, KEY)) == Unknown("the verify of put took more than 0.01 s")
    with pytest.raises(OutcomeUnknown, match="undo of put took more than"):
        await put.undo(Receipt())
