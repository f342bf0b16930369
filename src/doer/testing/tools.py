"""Tools over a `MemoryWorld`, complete in their four verbs, that can be told to lie or fail.

Fakes at the seam: the world stands for a server, the tools for a connector. A tool is told what befalls its next calls
with `befall("apply", Fail(Transient("busy")), times=3)`; everything else it does as a good tool would.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeVar, final

from doer.domain.action import Change, Effect, Intent, Manifest, Preview, Receipt, Role, Verb
from doer.domain.errors import Permanent
from doer.domain.outcome import Absent, Conflict, Refuted, Reversal, Undone, Unknown, Verification, Verified
from doer.domain.value import Hole, Json, JsonObject, Key
from doer.testing.world import Fault, MemoryWorld, strike

T = TypeVar("T")

ALL_VERBS: frozenset[Verb] = frozenset({"preview", "apply", "verify", "undo"})
_ADDRESS: Mapping[str, Role] = MappingProxyType({"name": "destination"})


class MemoryTool(ABC):
    """What the tools of a memory world share: a manifest, and the faults that were foretold for their calls."""

    def __init__(self, world: MemoryWorld, manifest: Manifest) -> None:
        self.world = world
        self.manifest = manifest
        self.calls: list[Verb] = []
        """Every verb that was called, in order."""
        self._faults: dict[Verb, deque[Fault | None]] = {}

    @final
    def befall(self, verb: Verb, fault: Fault | None, times: int = 1) -> None:
        """Let the fault (None: nothing) befall the next `times` calls of the verb, after those foretold before."""
        self._faults.setdefault(verb, deque()).extend([fault] * times)

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        """Say what apply would change."""
        return await self._call("preview", lambda: self._preview(arguments, pending))

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        """Do it, once for a key where the manifest says so. Raises Permanent when the record changed meanwhile."""
        return await self._call("apply", lambda: self._apply_once(arguments, key, before), key)

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        """Read it back; without a receipt, look for what the key did."""
        return await self._call("verify", lambda: self._verify(intent, receipt))

    async def undo(self, receipt: Receipt) -> Reversal:
        """Put back what was there; Conflict when somebody changed it since."""
        return await self._call("undo", lambda: self._undo(receipt))

    def _apply_once(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        known = self.world.now.operations.get(key) if self.manifest.once else None
        if known is not None:
            return known
        receipt = self._apply(arguments, key, before)
        if self.manifest.once:
            self.world.remember(key, receipt)
        return receipt

    async def _call(self, verb: Verb, act: Callable[[], T], key: str = "") -> T:
        self.calls.append(verb)
        waiting = self._faults.get(verb)
        return await strike(waiting.popleft() if waiting else None, act, self.world, key)

    @abstractmethod
    def _preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview: ...

    @abstractmethod
    def _apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt: ...

    @abstractmethod
    def _verify(self, intent: Intent, receipt: Receipt | None) -> Verification: ...

    @abstractmethod
    def _undo(self, receipt: Receipt) -> Reversal: ...


class _Writing(MemoryTool):
    """What writing one record has in common, whatever is written."""

    def _wanted(self, arguments: JsonObject) -> Json:
        """The value that the record shall have; None: it shall be gone."""
        return None

    def _preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        name, wanted = str(arguments["name"]), self._wanted(arguments)
        resource = f"memory:{name}"
        record = self.world.now.records.get(name)
        foretold = [change.after for change in pending if change.resource == resource]
        before = foretold[-1] if foretold else record.value if record is not None else None
        if wanted is None and before is None:
            raise Permanent(f"there is no record {name!r} to remove")
        told = arguments.get("tell", ())
        echoes = tuple(f"{each} is told" for each in told) if isinstance(told, Sequence) else ()
        change = Change(resource, before, wanted, echoes=echoes, version=record.version if record is not None else None)
        effect: Effect | None = "irreversible" if echoes else None
        return Preview((change,), effect, {"name": name, "value": wanted})

    def _apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        name, wanted = str(arguments["name"]), self._wanted(arguments)
        record = self.world.now.records.get(name)
        expected = before[0].version if before else None
        if (record.version if record is not None else None) != expected:
            raise Permanent(f"record {name!r} was changed meanwhile: its version is no longer {expected}")
        self.world.write(self.manifest.name.split(".")[-1], name, wanted, key)
        return self._receipt(name, wanted, record.value if record is not None else None)

    def _receipt(self, name: str, wanted: Json, before: Json) -> Receipt:
        record = self.world.now.records.get(name)
        version = record.version if record is not None else ""
        result = {"name": name, "value": wanted, "id": f"{name}@{version}"}
        return Receipt(result, {f"memory:{name}": version}, {"name": name, "before": before})

    def _verify(self, intent: Intent, receipt: Receipt | None) -> Verification:
        name, wanted = str(intent.arguments["name"]), self._wanted(intent.arguments)
        record = self.world.now.records.get(name)
        value = record.value if record is not None else None
        before = intent.changes[0].before if intent.changes else None
        strays = [other for other, each in self.world.now.records.items() if each.key == intent.key and other != name]
        if strays:
            return Refuted(f"it also wrote {', '.join(strays)}", receipt)
        if receipt is None:
            receipt = self.world.now.operations.get(intent.key)
            if receipt is None and value == before:
                return Absent(f"record {name!r} is as it was")
            if receipt is None and value != wanted:
                return Refuted(f"record {name!r} is {value!r}, and nobody knows who wrote that")
            receipt = receipt or self._receipt(name, wanted, before)
        elif value == before and value != wanted:
            return Absent(f"record {name!r} is as it was")
        version = record.version if record is not None else ""
        if value != wanted or version != receipt.versions[f"memory:{name}"]:
            return Refuted(f"record {name!r} is {value!r} ({version or 'gone'})", receipt)
        return Verified(receipt, f"record {name!r} is {value!r}")

    def _undo(self, receipt: Receipt) -> Reversal:
        kept = receipt.undo
        assert isinstance(kept, Mapping)
        name, before = str(kept["name"]), kept["before"]
        record = self.world.now.records.get(name)
        resource = f"memory:{name}"
        if (record.value if record is not None else None) == before:
            return Undone({resource: record.version} if record is not None else {}, "it is as it was before")
        if (record.version if record is not None else "") != receipt.versions[resource]:
            return Conflict(f"record {name!r} was changed since by somebody else")
        version = self.world.write("undone", name, before, "")
        return Undone({resource: version} if version else {}, f"record {name!r} is {before!r} again")


class PutTool(_Writing):
    """`put(name, value, tell=[])`: writes a record. Whoever is in `tell` hears of it, which cannot be unheard.

    Args:
        world: Where it writes.
        name: The tool's name.
        once: The world enforces the key.
        verbs: The verbs that it promises; without undo its effect is irreversible.
    """

    def __init__(
        self, world: MemoryWorld, name: str = "memory.put", *, once: bool = True, verbs: frozenset[Verb] = ALL_VERBS
    ) -> None:
        effect: Effect = "write" if "undo" in verbs else "irreversible"
        examples = ("put {value} into {name}",)
        parameters = _object({"name": {"type": "string"}, "value": {}, "tell": {"type": "array"}}, ("name", "value"))
        super().__init__(
            world,
            Manifest(
                name,
                "Write a record.",
                parameters,
                effect,
                examples=examples,
                once=once,
                roles=_ADDRESS,
                issued=("id",),
                verbs=verbs,
            ),
        )

    def _wanted(self, arguments: JsonObject) -> Json:
        return arguments["value"]


class RemoveTool(_Writing):
    """`remove(name)`: removes a record."""

    def __init__(self, world: MemoryWorld, name: str = "memory.remove", *, once: bool = True) -> None:
        parameters = _object({"name": {"type": "string"}}, ("name",))
        examples = ("remove {name}",)
        super().__init__(
            world,
            Manifest(name, "Remove a record.", parameters, "write", examples=examples, once=once, roles=_ADDRESS),
        )


class SendTool(MemoryTool):
    """`send(to, text)`: sends a letter, which cannot be taken back. Read back only where letters are `readable`."""

    def __init__(
        self, world: MemoryWorld, name: str = "memory.send", *, once: bool = False, readable: bool = True
    ) -> None:
        parameters = _object({"to": {"type": "string"}, "text": {"type": "string"}}, ("to", "text"))
        verbs = ALL_VERBS - {"undo"}
        examples = ("send {text} to {to}",)
        super().__init__(
            world,
            Manifest(
                name,
                "Send a letter.",
                parameters,
                "irreversible",
                examples=examples,
                once=once,
                roles={"to": "destination"},
                verbs=verbs,
            ),
        )
        self._readable = readable

    def _preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        to = str(arguments["to"])
        letter = {"text": arguments["text"]}
        return Preview((Change(f"letter:{to}", None, letter, reversible=False, echoes=(f"{to} reads it",)),))

    def _apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        self.world.send(str(arguments["to"]), str(arguments["text"]), key)
        return Receipt({"to": arguments["to"]})

    def _verify(self, intent: Intent, receipt: Receipt | None) -> Verification:
        if not self._readable:
            return Unknown("no letter can be read back", final=True)
        found = [letter for letter in self.world.now.letters if letter.key == intent.key]
        if not found:
            return Absent("no such letter was sent")
        if len(found) > 1:
            return Refuted(f"it was sent {len(found)} times", receipt)
        return Verified(receipt or Receipt({"to": found[0].to}), "the letter was read back")

    def _undo(self, receipt: Receipt) -> Reversal:
        return Conflict("what was sent cannot be taken back")


class ReadTool(MemoryTool):
    """`read(name)`: returns a record's value, or null."""

    def __init__(self, world: MemoryWorld, name: str = "memory.read") -> None:
        parameters = _object({"name": {"type": "string"}}, ("name",))
        examples = ("read {name}",)
        super().__init__(
            world, Manifest(name, "Read a record.", parameters, "read", examples=examples, once=True, roles=_ADDRESS)
        )

    def _preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        return Preview(result={"name": arguments["name"], "value": Hole.of(f"value of {arguments['name']}")})

    def _apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        record = self.world.now.records.get(str(arguments["name"]))
        return Receipt({"name": arguments["name"], "value": record.value if record is not None else None})

    def _apply_once(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        return self._apply(arguments, key, before)

    def _verify(self, intent: Intent, receipt: Receipt | None) -> Verification:
        return Verified(receipt) if receipt is not None else Absent("a read leaves no trace")

    def _undo(self, receipt: Receipt) -> Reversal:
        return Undone(evidence="a read changed nothing")


def _object(properties: JsonObject, required: Sequence[str]) -> JsonObject:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}
