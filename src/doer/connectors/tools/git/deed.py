"""What the git tools share: the four verbs over one deed, in a thread, and what belongs to a connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from doer.connectors.tools.calling import in_thread
from doer.connectors.tools.git.opening import open_repository
from doer.connectors.tools.git.program import Program
from doer.connectors.tools.git.repository import Repository
from doer.domain.action import Change, Intent, Manifest, Preview, Receipt
from doer.domain.errors import Permanent, Transient
from doer.domain.outcome import Reversal, Undone, Unknown, Verification, Verified
from doer.domain.ports import Credential
from doer.domain.value import Json, JsonObject, Key


@dataclass(frozen=True, slots=True)
class Link:
    """One connected repository, and its remote."""

    name: str
    place: Path
    program: Program
    url: str | None
    remote: str
    author: str | None
    push: tuple[str, ...]
    username: str | None
    password: Credential | None
    now: Callable[[], datetime]

    def open(self) -> Repository:
        """Open the repository. Raises Permanent when there is none."""
        return open_repository(self.program, self.place)

    def resource(self, ref: str) -> str:
        """Return the URI of a ref of this repository: `git:code/refs/heads/main`."""
        return f"git:{self.name}/{ref}"

    def moment(self) -> int:
        """Return the present second, as git keeps it."""
        return int(self.now().timestamp())


class Deed(Protocol):
    """One action in four blocking verbs; as `Tool` tells."""

    def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        """Say what would change."""
        ...

    def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        """Do it."""
        ...

    def verify(self, intent: Intent, receipt: Receipt | None) -> Verification:
        """Read it back."""
        ...

    def undo(self, receipt: Receipt) -> Reversal:
        """Take it back."""
        ...


@dataclass(frozen=True, slots=True)
class GitTool:
    """A deed as a tool: its verbs run in a thread of their own."""

    manifest: Manifest
    deed: Deed

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        """Say what apply would change; nothing of the repository is written."""
        return await in_thread(lambda: self.deed.preview(arguments, pending))

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        """Do it once for the key, if everything is as foretold."""
        return await in_thread(lambda: self.deed.apply(arguments, key, before))

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        """Read it back from the repository or the remote."""
        return await in_thread(lambda: self._verify(intent, receipt))

    def _verify(self, intent: Intent, receipt: Receipt | None) -> Verification:
        try:
            return self.deed.verify(intent, receipt)
        except Transient as unreadable:
            return Unknown(str(unreadable))
        except Permanent as unreadable:
            return Unknown(f"{unreadable}; it cannot be read back")

    async def undo(self, receipt: Receipt) -> Reversal:
        """Take it back, if it is still ours."""
        return await in_thread(lambda: self.deed.undo(receipt))


@dataclass(frozen=True, slots=True)
class Reading:
    """A deed that only reads."""

    link: Link
    read: Callable[[Link, JsonObject], Json]

    def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        """Reading changes nothing."""
        return Preview()

    def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        """Return what was read."""
        return Receipt(self.read(self.link, arguments))

    def verify(self, intent: Intent, receipt: Receipt | None) -> Verification:
        """A read is its own proof; one that was lost is read again."""
        return Verified(receipt or self.apply(intent.arguments, intent.key, ()), "read")

    def undo(self, receipt: Receipt) -> Reversal:
        """There is nothing to take back."""
        return Undone(evidence="a read changes nothing")


def note(key: Key, new: str) -> str:
    """Return what is noted in the reflog when a key moves a ref: git's own record, made in one step with the move."""
    return f"doer: {key} {new}"


def undo_note(key: str) -> str:
    """Return what is noted when that is taken back."""
    return f"doer: undo {key}"


def noted(notes: Sequence[str], key: Key) -> str | None:
    """Return what the key made a ref point to, if it moved it and that was not taken back since."""
    for each in notes:
        if each == undo_note(key):
            return None
        if each.startswith(f"doer: {key} "):
            return each.split(" ")[2]
    return None


def field(receipt: Receipt, name: str) -> str:
    """Return a text that apply left for undo. Raises Permanent when the receipt is not one of these tools."""
    found = receipt.undo.get(name) if isinstance(receipt.undo, Mapping) else None
    if not isinstance(found, str):
        raise Permanent(f"the receipt has no {name!r}: it is not one of this tool")
    return found


def pending_state(pending: Sequence[Change], resource: str) -> Change | None:
    """Return the last earlier planned change of a resource."""
    return next((each for each in reversed(pending) if each.resource == resource), None)
