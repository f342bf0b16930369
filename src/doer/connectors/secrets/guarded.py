"""A tool as its connection shows it: with its environment's name beside every change, and without its secret anywhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from doer.connectors.secrets.credential import Renewable, renewing
from doer.connectors.secrets.leak import scrubbed
from doer.connectors.secrets.redaction import Redaction
from doer.domain.action import Change, Intent, Manifest, Preview, Receipt
from doer.domain.errors import CredentialRefused, Permanent
from doer.domain.outcome import Absent, Conflict, Partial, Refuted, Reversal, Undone, Unknown, Verification, Verified
from doer.domain.ports import Credential, Tool
from doer.domain.value import Hole, Json, JsonObject, Key

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Watched:
    """A credential whose every secret is known to the redaction from the moment it is handed out."""

    credential: Credential
    redaction: Redaction

    def __call__(self) -> str:
        """Return the secret. Raises CredentialRefused as the credential does."""
        secret = self.credential()
        self.redaction.learn(secret)
        return secret

    def invalidate(self) -> bool:
        """Have it renewed, where it can be."""
        return isinstance(self.credential, Renewable) and self.credential.invalidate()


@dataclass(frozen=True, slots=True)
class Guarded:
    """One tool of a connection.

    What leaves it is scrubbed: results, previews, proofs, and errors with their causes. A refused credential is renewed once,
    where it can be, and the verb tried again: nothing was changed by the first try.
    """

    tool: Tool
    manifest: Manifest
    """What the tool says of itself; its time-out may be longer, where its connection says so."""
    kind: str
    connection: str
    redaction: Redaction
    credential: Watched | None = None
    environment: str = ""

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        """Foretell, and say in which environment."""
        self._refuse_marks(arguments)
        found = await self._within(lambda: self.tool.preview(arguments, pending))
        where = f"{self.connection}: {self.environment}" if self.environment else ""
        notes = [each for each in (where, self.redaction.text(found.note)) if each]
        return replace(
            found,
            changes=tuple(self._change(each) for each in found.changes),
            result=self.redaction.json(found.result),
            note="; ".join(notes),
        )

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        """Do it."""
        self._refuse_marks(arguments)
        return self._receipt(await self._within(lambda: self.tool.apply(arguments, key, before)))

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        """Read it back."""
        text = self.redaction.text
        match await self._within(lambda: self.tool.verify(intent, receipt)):
            case Verified(found, evidence):
                return Verified(self._receipt(found), text(evidence))
            case Absent(reason):
                return Absent(text(reason))
            case Refuted(reason, left):
                return Refuted(text(reason), None if left is None else self._receipt(left))
            case Unknown(reason, final):
                return Unknown(text(reason), final)

    async def undo(self, receipt: Receipt) -> Reversal:
        """Put back what was there; what was scrubbed from the receipt cannot be, and nothing else is written in its place."""
        if self.redaction.marks(receipt.undo):
            return Conflict(
                f"what was there held the secret of {self.connection}, which the record does not keep: put it back by hand"
            )
        text = self.redaction.text
        match await self._within(lambda: self.tool.undo(receipt)):
            case Undone(versions, evidence):
                return Undone(self._versions(versions), text(evidence))
            case Conflict(reason):
                return Conflict(text(reason))
            case Partial(reason, versions):
                return Partial(text(reason), self._versions(versions))

    async def close(self) -> None:
        """Let go of what the tool holds, where it holds something."""
        close = getattr(self.tool, "close", None)
        if close is not None:
            await close()

    async def _within(self, verb: Callable[[], Awaitable[T]]) -> T:
        try:
            with renewing(self.kind, self.connection):
                try:
                    return await verb()
                except CredentialRefused:
                    if self.credential is None or not self.credential.invalidate():
                        raise
                    return await verb()
        except Exception as failure:
            clean = scrubbed(failure, self.redaction)
            if clean is failure:
                raise
        raise clean  # out here, so that it does not hold the failure that held the secret

    def _refuse_marks(self, arguments: JsonObject) -> None:
        if any(self.redaction.marks(each) and not isinstance(each, Hole) for each in arguments.values()):
            raise Permanent(
                f"an argument is {self.redaction.mark}, which stands where a secret was taken out: write what is meant"
            )

    def _change(self, change: Change) -> Change:
        return replace(
            change,
            resource=self.redaction.text(change.resource),
            before=self.redaction.json(change.before),
            after=self.redaction.json(change.after),
            echoes=tuple(self.redaction.text(each) for each in change.echoes),
        )

    def _receipt(self, receipt: Receipt) -> Receipt:
        clean: Callable[[Json], Json] = self.redaction.json
        return Receipt(clean(receipt.result), self._versions(receipt.versions), clean(receipt.undo))

    def _versions(self, versions: Mapping[str, str]) -> dict[str, str]:
        return {self.redaction.text(resource): self.redaction.text(version) for resource, version in versions.items()}
