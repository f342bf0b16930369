"""The tool that files a mail: moves it to another folder, once, and moves it back."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from doer.connectors.tools.mailbox.account import Account, find, find_in, foretold, letters, named, undo_data
from doer.connectors.tools.mailbox.letter import Letter, Stamp, is_view
from doer.connectors.tools.mailbox.target import Target, also_in, target_of
from doer.connectors.tools.mailbox.wire import Wire
from doer.domain.action import Change, Intent, Manifest, Preview, Receipt
from doer.domain.errors import OutcomeUnknown, Permanent
from doer.domain.outcome import Absent, Conflict, Refuted, Reversal, Undone, Unknown, Verification, Verified
from doer.domain.template import has_hole
from doer.domain.value import Hole, Json, JsonObject, Key

_JUST_BEFORE = "IMAP moves without comparing: the mail is looked at just before"
_NO_MOVE = (
    "this server has neither MOVE (RFC 6851) nor UIDPLUS (RFC 4315): a mail cannot be moved safely; nothing was done"
)


@dataclass(frozen=True, slots=True)
class FileMail:
    """Moves one mail. UIDs name one message for good, so that a second MOVE of the same UID does nothing."""

    manifest: Manifest
    account: Account

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        """The mail before and after. Raises Permanent when there is none, several, or no such folder."""
        if has_hole(arguments):
            said = str(arguments.get("message", ""))
            after = Hole.of(f"the same, in {str(arguments.get('to')).strip(Hole.OPEN + Hole.CLOSE)}")
            return Preview((Change(self.account.resource(said), Hole.of("as it is then"), after),), foreseeable=False)
        return await asyncio.to_thread(self._preview, arguments, pending)

    def _preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        with self.account.session() as wire:
            to = self._to(wire, arguments)
            target = target_of(self.account, wire, arguments, pending)
        change = Change(target.resource, target.before, {**target.before, "folder": to}, version=target.version)
        return Preview((change,), result={"id": target.id, "folder": to}, note=_JUST_BEFORE)

    def _to(self, wire: Wire, arguments: JsonObject) -> str:
        said = arguments.get("to")
        if not isinstance(said, str) or not said.strip():
            raise Permanent("to must be the name of a folder; list_folders tells which there are")
        if not (wire.can_move or wire.can_remove):
            raise Permanent(_NO_MOVE)
        return self.account.folder(wire, said).name

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        """Move it. Raises Permanent when it is not as foretold."""
        return await asyncio.to_thread(self._apply, arguments, key, before)

    def _apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        with self.account.writing:
            if (done := self.account.deeds.of(key)) is not None:
                return done
            with self.account.session() as wire:
                to = self._to(wire, arguments)
                target = target_of(self.account, wire, arguments, ())
                letter = moved = target.there()
                target.expect(foretold(before, target.resource))
                if letter.spot.folder != to:
                    wire.open(letter.spot.folder, write=True)
                    wire.move(letter.spot.uid, to)
                    moved = _arrived(wire, to, letter)
            return self.account.deeds.keep(key, _receipt(target, letter, moved))

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        """Look through every folder: in the target exactly once, whole, and not where it was any more."""
        return await asyncio.to_thread(self._verify, intent, receipt)

    def _verify(self, intent: Intent, receipt: Receipt | None) -> Verification:
        change = intent.changes[0] if intent.changes else None
        stamp = Stamp.parse(change.version) if change is not None else None
        if change is None or stamp is None:
            return Unknown("nobody knows where the mail was before", final=True)
        mail = named(intent.arguments.get("message"))
        with self.account.session() as wire:
            found = self._everywhere(wire, mail, stamp, receipt)
            can_move = wire.can_move
        source, to = stamp.spot.folder, str(is_view(change.after).get("folder"))
        if receipt is None and not found and mail == str(stamp.spot):
            return Unknown("a mail without a Message-ID is not found again once it has moved", final=True)
        was = Counter([source, *also_in(change.before)])
        is_now = Counter(each.spot.folder for each in found)
        there = [each for each in found if each.spot.folder == to and each.identity == stamp.identity]
        if is_now == was and source != to:
            if receipt is None and not can_move:
                return Unknown("it is where it was, but this server moves in two steps: a copy may still arrive")
            return Absent(f"{change.resource} is where it was, in {source}")
        if is_now != was - Counter([source]) + Counter([to]):
            told = ", ".join(f"{times} in {folder}" for folder, times in sorted(is_now.items())) or "it is nowhere"
            return Refuted(f"{change.resource} should be once in {to}: {told}", receipt)
        if not there:
            return Refuted(f"what lies in {to} under that id is not the mail that was in {source}", receipt)
        target = Target.of(self.account, mail, there[-1], change)
        left = receipt or _receipt(target, Letter(stamp.spot, there[-1].fetched), there[-1])
        return Verified(left, f"once in {to}, and not in {source} any more")

    def _everywhere(self, wire: Wire, mail: str, stamp: Stamp, receipt: Receipt | None) -> list[Letter]:
        """Find it by its id; a mail without a Message-ID by its old and its new place."""
        found = find(wire, mail)
        place = str(undo_data(receipt).get("place", "")) if receipt is not None else ""
        return found + (find(wire, place) if mail == str(stamp.spot) and place and place != mail else [])

    async def undo(self, receipt: Receipt) -> Reversal:
        """Move it back if it still lies there; read that back."""
        return await asyncio.to_thread(self._undo, receipt)

    def _undo(self, receipt: Receipt) -> Reversal:
        data = undo_data(receipt)
        home, to, resource = str(data.get("from")), str(data.get("to")), str(data.get("resource"))
        if home == to:
            return Undone(evidence="nothing had been changed")
        with self.account.writing, self.account.session() as wire:
            mail, place = str(data.get("id")), str(data.get("place"))
            found = [each for each in find(wire, mail) if each.identity == data.get("identity")]
            found = found or find(wire, place)
            ours = _ours([each for each in found if each.spot.folder == to], place, also_in(data))
            back = [each for each in found if each.spot.folder == home]
            is_back = len(back) > also_in(data).count(home)
            if is_back and ours is None:
                self.account.deeds.forget(receipt.undo)
                return Undone({resource: back[0].stamp()}, f"it is in {home} already")
            if is_back or ours is None:
                return Conflict(f"{resource} does not lie once in {to} any more; it was left alone")
            if all(each.name != home for each in wire.folders()):
                return Conflict(f"the folder {home} is gone; the mail stays in {to}")
            wire.open(to, write=True)
            wire.move(ours.spot.uid, home)
            letter = _arrived(wire, home, ours)
        self.account.deeds.forget(receipt.undo)
        return Undone({resource: letter.stamp()}, f"once in {home} again, and not in {to}")


def _ours(there: Sequence[Letter], place: str, also: Sequence[str]) -> Letter | None:
    """Return the mail that we moved: the one at its place, else the only one where there was none before."""
    at_place = [each for each in there if str(each.spot) == place]
    lonely = [each for each in there if len(there) == 1 and each.spot.folder not in also]
    return next(iter(at_place or lonely), None)


def _arrived(wire: Wire, folder: str, letter: Letter) -> Letter:
    """Return the mail in its new folder. Raises OutcomeUnknown when it is not seen there, or still where it was."""
    validity = wire.open(letter.spot.folder)
    if validity == letter.spot.validity and wire.uids("UID", str(letter.spot.uid)):
        raise OutcomeUnknown(f"{letter.id} was moved, and is still in {letter.spot.folder}")
    if letter.message_id:
        found = [each for each in find_in(wire, folder, letter.message_id) if each.identity == letter.identity]
    else:
        found = _newest(wire, folder, letter)
    if not found:
        raise OutcomeUnknown(f"{letter.id} was moved, and is not seen in {folder}")
    return found[-1]


def _newest(wire: Wire, folder: str, letter: Letter) -> list[Letter]:
    validity = wire.open(folder)
    return [
        each for each in letters(wire, folder, validity, wire.uids("ALL")[-50:]) if each.identity == letter.identity
    ]


def _receipt(target: Target, letter: Letter, moved: Letter) -> Receipt:
    undo: dict[str, Json] = {
        "resource": target.resource,
        "id": target.id,
        "identity": letter.identity,
        "from": letter.spot.folder,
        "to": moved.spot.folder,
        "place": str(moved.spot),
        "also_in": list(also_in(target.before)),
    }
    return Receipt({"id": target.id, "folder": moved.spot.folder}, {target.resource: moved.stamp()}, undo)
