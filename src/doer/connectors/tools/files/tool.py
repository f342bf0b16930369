"""The four verbs of every file tool that changes something; what differs between the tools is a function to deeds.

How a key is honoured: files keep no keys, so a small record (key, and each place's version before and after) is put
into the payload store before anything is touched; its digest can be told from the key and what was foretold. A place
that shows the foretold result and whose record is there is this key's work, and a second try does nothing; without the
record it is somebody else's, and is neither adopted nor overwritten. So a line is appended once a key, whatever it says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar

from doer.connectors.tools.calling import in_thread
from doer.connectors.tools.files.deed import Deed, MakeTree, Write, changes_of, keep, perform_watched, version
from doer.connectors.tools.files.disk import Disk, open_disk
from doer.connectors.tools.files.place import Place, parse, temporary_name
from doer.connectors.tools.files.undo import read_undo, take_back
from doer.connectors.tools.files.view import LARGEST_KEPT, View, entry_of
from doer.domain.action import Change, Intent, Manifest, Preview, Receipt
from doer.domain.errors import PayloadErased, Permanent, Transient
from doer.domain.outcome import Absent, Refuted, Reversal, Unknown, Verification, Verified
from doer.domain.ports import Payloads
from doer.domain.template import has_hole
from doer.domain.value import Digest, JsonObject, Key, canonical

Planning: TypeAlias = Callable[[View, JsonObject], Sequence[Deed]]
"""From the workspace and the arguments to deeds; raises Permanent when it cannot be done as asked."""

T = TypeVar("T")
_Status: TypeAlias = Literal["before", "after", "other"]


@dataclass(frozen=True, slots=True)
class FileTool:
    """One action on files below `root`. Blocking work is done in a thread."""

    manifest: Manifest
    planning: Planning
    target: str
    """The argument that names what the result tells: `path`."""
    root: Path
    snapshots: Payloads
    protected: Sequence[str]
    spoken: Callable[[str], str] = str
    """From that argument, as people say it, to a path."""

    # --- preview

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        """Say what would change; a path that will be known only later is taken as free."""
        return await in_thread(lambda: self._preview(arguments, pending))

    def _preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        try:
            with open_disk(self.root, self.protected) as disk:
                deeds = self.planning(View(disk, pending), arguments)
        except Permanent:
            if has_hole(arguments):
                return Preview(foreseeable=False, note="where it goes is known only when an earlier step has run")
            raise
        changes = changes_of(deeds)
        final = any(not change.reversible for change in changes)
        notes = [f"larger than {LARGEST_KEPT:,} bytes, so no snapshot is kept for undo"] if final else []
        linked = [each for each in deeds if isinstance(each, Write) and each.before and each.before.links > 1]
        notes += [each.note for each in deeds if isinstance(each, Write | MakeTree) and each.note]
        notes += [f"{'/'.join(each.place)} has other names (hard links), which keep the old content" for each in linked]
        return Preview(changes, "irreversible" if final else None, self._result(arguments), note="; ".join(notes))

    def _result(self, arguments: JsonObject) -> JsonObject:
        return {"path": "/".join(parse(self.spoken(str(arguments[self.target])), self.protected))}

    # --- apply

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        """Do it, if the places are as foretold. Raises Permanent when somebody changed them since the preview."""
        return await in_thread(lambda: self._apply(arguments, key, before))

    def _apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        with open_disk(self.root, self.protected, change=True) as disk:
            ours = bool(before) and self._has_record(key, before)
            states = {_status(disk, change) for change in _effective(before)}
            if ours and states == {"after"}:
                return self._receipt(arguments, key, before)
            if "other" in states or ("after" in states and not ours):
                raise Permanent(
                    f"{_named(before)} was changed since the preview; nothing was changed. Preview it again"
                )
            deeds = self.planning(View(disk), arguments)
            foretold = before or changes_of(deeds)
            asked = [(each.resource, each.before, each.after) for each in foretold]
            if any((each.resource, each.before, each.after) not in asked for each in changes_of(deeds)):
                raise Permanent(
                    f"{_named(before)} was changed since the preview; nothing was changed. Preview it again"
                )
            if not _effective(foretold):
                return self._receipt(arguments, key, foretold)
            for deed in deeds:
                keep(deed, disk, self.snapshots)
            self.snapshots.put(_record(key, foretold))
            strays = [name for deed in deeds for name in perform_watched(deed, disk, temporary_name(key))]
            return self._receipt(arguments, key, foretold, strays)

    def _receipt(
        self, arguments: JsonObject, key: Key, foretold: Sequence[Change], strays: Sequence[str] = ()
    ) -> Receipt:
        """Return the receipt, which follows from the key and what was foretold; so verify can make it too."""
        effective = _effective(foretold)
        left = {change.resource: entry_of(change.after) for change in effective}
        return Receipt(
            self._result(arguments),
            {name: entry.version for name, entry in left.items() if entry is not None},
            {
                "record": _digest(_record(key, foretold)),
                "restore": [[change.resource, change.version] for change in effective],
                "moved": self.target == "target",
                "strays": list(strays),
            },
        )

    def _has_record(self, key: Key, foretold: Sequence[Change]) -> bool:
        try:
            self.snapshots.get(_digest(_record(key, foretold)))
        except PayloadErased:
            return False
        return True

    # --- verify

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        """Compare each place, and the folder's listing, with what was foretold; without a receipt, look for the record."""
        return await in_thread(lambda: self._verify(intent, receipt))

    def _verify(self, intent: Intent, receipt: Receipt | None) -> Verification:
        effective = _effective(intent.changes)
        ours = receipt is not None or not effective or self._has_record(intent.key, intent.changes)
        try:
            with open_disk(self.root, self.protected, change=receipt is None) as disk:
                if receipt is None:
                    for change in effective:
                        disk.sweep(_place(change), temporary_name(intent.key))
                states = {change.resource: _status(disk, change) for change in effective or intent.changes}
                strays = _strays(disk, receipt)
        except Transient as unreadable:
            return Unknown(str(unreadable))
        except Permanent as unreadable:
            return Unknown(f"{unreadable}; it cannot be read back", final=False)
        found = receipt or self._receipt(intent.arguments, intent.key, intent.changes)
        if strays:
            return Refuted(f"a copy appeared in another place: {', '.join(strays)}", found)
        if set(states.values()) <= {"after"}:
            if ours:
                return Verified(found, f"read back: {', '.join(states) or 'nothing was to change'}")
            return Absent(f"{_named(intent.changes)} is as wished, but this key did not make it so")
        if not ours or set(states.values()) == {"before"}:
            return Absent(f"{_named(intent.changes)} shows nothing of it")
        wrong = [name for name, status in states.items() if status != "after"]
        return Refuted(f"{', '.join(wrong)} shows something else than what was written", found)

    # --- undo

    async def undo(self, receipt: Receipt) -> Reversal:
        """Put back what was there from its snapshot, if what is there is still ours."""
        return await in_thread(lambda: self._undo(receipt))

    def _undo(self, receipt: Receipt) -> Reversal:
        for restore in read_undo(receipt).restores:
            parse("/".join(restore.place), self.protected)
        with open_disk(self.root, self.protected, change=True) as disk:
            return take_back(receipt, disk, self.snapshots)


def _effective(changes: Sequence[Change]) -> list[Change]:
    return [change for change in changes if change.kind != "same"]


def _place(change: Change) -> Place:
    return tuple(change.resource.removeprefix("file:").split("/"))


def _named(changes: Sequence[Change]) -> str:
    return ", ".join("/".join(_place(change)) for change in changes)


def _status(disk: Disk, change: Change) -> _Status:
    place = _place(change)
    deep = any(isinstance(state, Mapping) and "entries" in state for state in (change.before, change.after))
    try:
        found = disk.look(place, deep=deep)
        listed = found is None or place[-1] in disk.names(place[:-1])
    except Permanent:
        return "other"  # a link or a device, where there was or should be a file
    state = None if found is None else found.state
    if listed and state == change.after:
        return "after"
    as_before = version(found) == change.version if change.version else state == change.before
    return "before" if as_before else "other"


def _strays(disk: Disk, receipt: Receipt | None) -> list[str]:
    data = receipt.undo if receipt is not None else None
    names = data.get("strays") if isinstance(data, Mapping) else None
    if not isinstance(names, Sequence) or isinstance(names, str):
        return []
    places = {str(name): tuple(str(name).removeprefix("file:").split("/")) for name in names}
    return [name for name, place in places.items() if disk.look(place) is not None]


def _record(key: Key, foretold: Sequence[Change]) -> bytes:
    rows = [[change.resource, change.version, change.after] for change in foretold]
    return canonical({"what": "doer files record 1", "key": key, "changes": rows})


def _digest(content: bytes) -> Digest:
    return Digest(f"sha256:{hashlib.sha256(content).hexdigest()}")
