"""The conformance kit itself: a right tool is all green, and each broken one turns exactly the intended checks red."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from doer.domain.action import Change, Intent, Manifest, Preview, Receipt
from doer.domain.errors import OutcomeUnknown, Permanent, Transient, UsageError
from doer.domain.outcome import Absent, Conflict, Refuted, Reversal, Undone, Unknown, Verification, Verified
from doer.domain.value import Json, JsonObject, Key
from doer.testing.case import agrees, differences
from doer.testing.conformance import CHECKS, LIE, ConformanceFailure, Make, Setting, check, check_names, conform

LIES = ("drop", "halve", "double", "misplace", "deny")


@dataclass
class Note:
    name: str
    text: str
    key: str
    version: int = 1


@dataclass
class Board:
    """A service that keeps notes, and that can be made to lie."""

    notes: dict[str, Note] = field(default_factory=dict)
    lying: str = ""
    issued: int = 0

    def put(self, name: str, text: str, key: str) -> str:
        self.issued += 1
        note = f"n{self.issued}"
        if self.lying == "drop":
            return note
        if self.lying == "misplace":
            name = f"{name} (1)"
        self.notes[note] = Note(name, text[: len(text) // 2] if self.lying == "halve" else text, key)
        if self.lying == "double":
            self.notes[f"{note}b"] = Note(name, text, key)
        if self.lying == "deny":
            raise OutcomeUnknown("500")
        return note


PARAMETERS: JsonObject = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "text": {"type": "string"}},
    "required": ["name", "text"],
}
MANIFEST = Manifest(
    "board.pin",
    "Pin a note.",
    PARAMETERS,
    "write",
    result={"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
    examples=("pin {text} as {name}",),
    once=True,
    roles={"name": "destination"},
    issued=("id",),
)


class Pin:
    """Pins a note, keeping every promise; the mutants below break one each."""

    manifest = MANIFEST

    def __init__(self, board: Board) -> None:
        self.board = board

    def by_name(self, name: str) -> Note | None:
        return next((note for note in self.board.notes.values() if note.name == name), None)

    def by_key(self, key: Key) -> list[str]:
        return [id_ for id_, note in self.board.notes.items() if note.key == key]

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        name, text = arguments.get("name"), arguments.get("text")
        if not isinstance(name, str) or not isinstance(text, str):
            raise Permanent("name and text are texts")
        if self.by_name(name):
            raise Permanent(f"{name} is pinned already")
        return Preview((Change(f"board:{name}", None, {"text": text}),))

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        await asyncio.sleep(0)
        if not (pinned := self.by_key(key)):
            if self.by_name(str(arguments["name"])):
                raise Permanent("it is pinned already, by somebody else")
            pinned = [self.board.put(str(arguments["name"]), str(arguments["text"]), key)]
        return self.receipt(pinned[0], 1)

    def receipt(self, note: str, version: int) -> Receipt:
        return Receipt({"id": note}, {note: str(version)}, {"id": note})

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        found = self.by_key(intent.key)
        if not found:
            return Absent()
        note = self.board.notes[found[0]]
        wished = (intent.arguments["name"], intent.arguments["text"], 1)
        if len(found) > 1 or (note.name, note.text, note.version) != wished:
            return Refuted(f"{found} shows {note}")
        return Verified(receipt or self.receipt(found[0], 1))

    async def undo(self, receipt: Receipt) -> Reversal:
        note = str(receipt.undo["id"])  # type: ignore[call-overload, index]
        pinned = self.board.notes.get(note)
        if pinned is None:
            return Undone()
        if str(pinned.version) != receipt.versions[note]:
            return Conflict("edited since")
        del self.board.notes[note]
        return Undone()


class PreviewWrites(Pin):
    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        foretold = await super().preview(arguments, pending)
        self.board.put("draft", "", "")
        return foretold


class PreviewRefusesHoles(Pin):
    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        if "\u2039" in str(arguments):
            raise Permanent("no such name")
        return await super().preview(arguments, pending)


class PreviewCrashesOnNonsense(Pin):
    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        if str(arguments.get("name", "x")).strip() == "":
            raise IndexError("list index out of range")
        return await super().preview(arguments, pending)


class ForetellsNothing(Pin):
    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        foretold = await super().preview(arguments, pending)
        return replace(foretold, changes=())


class ForetellsAnotherResult(Pin):
    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        return replace(await super().preview(arguments, pending), result={"id": "n77"})


class NoKey(Pin):
    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        if any(note.key != key and note.name == arguments["name"] for note in self.board.notes.values()):
            raise Permanent("it is pinned already, by somebody else")
        return self.receipt(self.board.put(str(arguments["name"]), str(arguments["text"]), key), 1)


class ChecksThenWrites(Pin):
    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        pinned = self.by_key(key)
        if not pinned and self.by_name(str(arguments["name"])):
            raise Permanent("it is pinned already, by somebody else")
        await asyncio.sleep(0)
        pinned = pinned or [self.board.put(str(arguments["name"]), str(arguments["text"]), key)]
        return self.receipt(pinned[0], 1)


class DeniesItsOwnWork(Pin):
    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        if self.by_name(str(arguments["name"])):
            raise Permanent("it is pinned already")
        return await super().apply(arguments, key, before)


class AdoptsForeign(Pin):
    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        for id_, note in self.board.notes.items():
            if note.name == arguments["name"]:
                return self.receipt(id_, 1)
        return await super().apply(arguments, key, before)


class NoIssuedField(Pin):
    def receipt(self, note: str, version: int) -> Receipt:
        return Receipt({}, {note: str(version)}, {"id": note})


class VerifyBelieves(Pin):
    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        return Verified(receipt) if receipt else await super().verify(intent)


class VerifyAlwaysSaysYes(Pin):
    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        return Verified(receipt or self.receipt("n1", 1))


class LosesTheKey(Pin):
    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        return await super().verify(intent, receipt) if receipt else Absent()


class CountsNothing(Pin):
    """Reads back its own record and nothing wider."""

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        found = await super().verify(intent, receipt)
        pinned = self.by_key(intent.key)
        doubled = len(pinned) > 1 and self.board.notes[pinned[0]].version == 1
        return Verified(receipt or self.receipt(pinned[0], 1)) if doubled else found


class UndoOverwrites(Pin):
    async def undo(self, receipt: Receipt) -> Reversal:
        self.board.notes.pop(str(receipt.undo["id"]), None)  # type: ignore[call-overload, index]
        return Undone()


class UndoLies(Pin):
    async def undo(self, receipt: Receipt) -> Reversal:
        return Undone()


class UndoOnlyOnce(Pin):
    async def undo(self, receipt: Receipt) -> Reversal:
        if receipt.undo not in [{"id": note} for note in self.board.notes]:
            raise KeyError("no such note")
        return await super().undo(receipt)


class UndoBurnsTheName(Pin):
    burnt = False

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        if self.burnt:
            raise Permanent("that name was used before")
        return await super().preview(arguments, pending)

    async def undo(self, receipt: Receipt) -> Reversal:
        self.burnt = True
        return await super().undo(receipt)


class Hangs(Pin):
    async def undo(self, receipt: Receipt) -> Reversal:
        await asyncio.Event().wait()
        raise AssertionError


class BadManifest(Pin):
    manifest = replace(MANIFEST, roles={"nobody": "destination"})


@dataclass
class Case:
    board: Board
    tool: Pin
    arguments: JsonObject = field(default_factory=lambda: {"name": "demo", "text": "moved to 3pm"})
    lies: Sequence[str] = LIES

    async def observe(self) -> Json:
        return sorted([note.name, note.text] for note in self.board.notes.values())

    async def meddle(self) -> None:
        note = list(self.board.notes.values())[-1]
        note.text, note.version = "moved to 5pm", note.version + 1

    async def remove(self) -> None:
        self.board.notes.popitem()

    async def lie(self, kind: str) -> None:
        self.board.lying = kind


def make(tool: type[Pin]) -> Make:
    @asynccontextmanager
    async def open_case() -> AsyncIterator[Setting]:
        board = Board()
        yield Case(board, tool(board))

    return open_case


def lies(*kinds: str) -> set[str]:
    return {LIE + kind for kind in kinds}


UNDO = {
    "at_once_with_one_key_is_one_effect",
    "verify_from_the_key_finds_it",
    "undo_restores",
    "undo_twice_is_safe",
    "undo_after_a_foreign_edit_is_a_conflict",
    "redo_after_undo_works",
}

MUTANTS: Mapping[type[Pin], set[str]] = {
    Pin: set(),
    BadManifest: {"manifest_is_sound"},
    PreviewWrites: {
        "preview_changes_nothing",
        "preview_of_nonsense_changes_nothing",
        "preview_takes_holes",
        "at_once_with_one_key_is_one_effect",
        "verify_from_the_key_finds_it",
        "undo_restores",
        "undo_twice_is_safe",
        "redo_after_undo_works",
    },
    PreviewRefusesHoles: {"preview_takes_holes"},
    PreviewCrashesOnNonsense: {"preview_of_nonsense_changes_nothing"},
    ForetellsNothing: {"foretold_is_what_happens"},
    ForetellsAnotherResult: {"foretold_is_what_happens"},
    NoKey: {"twice_with_one_key_is_one_effect", "at_once_with_one_key_is_one_effect"},
    ChecksThenWrites: {"at_once_with_one_key_is_one_effect"},
    DeniesItsOwnWork: {"twice_with_one_key_is_one_effect", "at_once_with_one_key_is_one_effect"},
    AdoptsForeign: {"another_key_adopts_nothing"},
    NoIssuedField: {"receipt_is_small_and_fits"},
    VerifyBelieves: {"verify_after_a_foreign_edit_is_refuted"} | lies("drop", "halve", "double", "misplace"),
    VerifyAlwaysSaysYes: {
        "verify_before_apply_is_absent",
        "verify_after_a_foreign_edit_is_refuted",
        "undo_restores",
    }
    | lies("drop", "halve", "double", "misplace"),
    LosesTheKey: {"verify_from_the_key_finds_it"},
    CountsNothing: lies("double"),
    UndoOverwrites: {"undo_after_a_foreign_edit_is_a_conflict"},
    UndoLies: UNDO,
    UndoOnlyOnce: {"undo_twice_is_safe", "undo_of_what_was_removed_is_calm"},
    UndoBurnsTheName: {"redo_after_undo_works"},
}


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
async def test_each_mutant_turns_exactly_the_intended_checks_red(mutant: type[Pin]) -> None:
    report = await conform(make(mutant))

    assert set(report.broken) == MUTANTS[mutant], str(report)
    assert report.conforms is (not MUTANTS[mutant])


def test_every_check_is_turned_red_by_some_mutant() -> None:
    """Except those that need a tool of another shape, which are shown one by one below."""
    caught = set().union(*MUTANTS.values())

    assert set(CHECKS) - caught == {
        "preview_sees_pending_changes",
        "a_read_changes_nothing",
        "verify_with_receipt_is_verified",
    }


class Retext(Pin):
    """Changes the text of the note there is: an update, whose preview must see what an earlier step leaves."""

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        left = {change.resource: change.after for change in pending}
        before = left.get("board:it", {"text": "old"})
        return Preview((Change("board:it", before, {"text": str(arguments.get("text"))}),))


class IgnoresPending(Retext):
    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        return await super().preview(arguments, ())


async def test_a_preview_that_ignores_earlier_steps_is_caught() -> None:
    await check("preview_sees_pending_changes", make(Retext))
    with pytest.raises(ConformanceFailure, match="board:it seen as pending"):
        await check("preview_sees_pending_changes", make(IgnoresPending))


class WritingRead(Pin):
    manifest = replace(MANIFEST, effect="read")


async def test_a_read_that_writes_is_caught() -> None:
    assert "a_read_changes_nothing" in (await conform(make(WritingRead))).broken


class NeverSure(Pin):
    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        return Unknown("the mailbox cannot be read", final=True)


async def test_a_tool_that_promises_once_must_be_able_to_tell() -> None:
    with pytest.raises(ConformanceFailure, match="expected Verified after apply; seen: Unknown"):
        await check("verify_with_receipt_is_verified", make(NeverSure))


class Posted(NeverSure):
    manifest = replace(MANIFEST, effect="irreversible", once=False, verbs=frozenset({"preview", "apply", "verify"}))


async def test_an_irreversible_tool_that_cannot_tell_is_held_to_what_applies_to_it() -> None:
    report = await conform(make(Posted))

    assert report.conforms, str(report)
    kept = {name for name in report.kept if not name.startswith(LIE)}
    assert kept == set(check_names("irreversible", once=False, verbs=Posted.manifest.verbs))
    assert "verify_before_apply_is_absent" in kept
    assert not kept & {"undo_restores", "twice_with_one_key_is_one_effect", "another_key_adopts_nothing"}


async def test_a_tool_that_hangs_is_reported_and_not_waited_for() -> None:
    report = await conform(make(Hangs), limit=0.05)

    assert report.broken["undo_restores"] == "expected an answer; seen: none within 0.05 s"


class Raises(Pin):
    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        raise Transient("the board is away")


async def test_an_error_out_of_a_tool_is_a_finding_and_does_not_stop_the_run() -> None:
    report = await conform(make(Raises))

    assert report.broken["undo_restores"] == "expected no error; seen: Transient: the board is away"


async def test_a_check_is_skipped_with_its_reason_and_only_if_it_exists() -> None:
    report = await conform(make(UndoLies), skip=dict.fromkeys(UNDO, "there is no undo here yet"))

    assert report.conforms
    assert report.skipped["undo_restores"] == "there is no undo here yet"
    assert "  skipped  undo_restores: there is no undo here yet" in str(report)
    with pytest.raises(UsageError, match="no check is called undo; there are"):
        await conform(make(Pin), skip={"undo": "?"})
    with pytest.raises(UsageError, match="no check is called 'undo'; there are"):
        await check("undo", make(Pin))


class Still(Pin):
    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        return Preview((Change("board:demo", {"text": "x"}, {"text": "x"}),))


async def test_a_case_that_changes_nothing_is_the_settings_fault() -> None:
    with pytest.raises(ConformanceFailure, match="a case whose arguments change something"):
        await check("undo_restores", make(Still))


@pytest.mark.parametrize(
    ("foretold", "seen", "same"),
    [
        ("‹id of a›", "n7", True),
        ("x/‹id of a›/y", "x/n7/y", True),
        ("x/‹id of a›/y", "z/n7/y", False),
        ({"a": ["‹n›", 1]}, {"a": ["3", 1]}, True),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ([1], [1, 2], False),
        (True, 1, False),
        (1, 1.0, True),
    ],
    ids=str,
)
def test_a_hole_in_what_was_foretold_stands_for_anything(foretold: Any, seen: Any, same: bool) -> None:
    assert agrees(foretold, seen) is same


def test_a_difference_of_worlds_names_the_place() -> None:
    assert differences({"a": {"b": 1}, "c": 2}, {"a": {"b": 3}, "d": 2}) == [
        "world/a/b: expected 1, seen 3",
        "world/c: expected 2, seen '(nothing)'",
        "world/d: expected '(nothing)', seen 2",
    ]
