"""A system of record in memory, and the faults that can befall a call to it; `doer.testing.tools` has tools over it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TypeAlias, TypeVar, assert_never, cast

from doer.domain.action import Receipt
from doer.domain.value import Json

T = TypeVar("T")

# --- what can befall a call -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fail:
    """The call raises; with `after`, once it has had its effect."""

    error: Exception
    after: bool = False


@dataclass(frozen=True, slots=True)
class Hang:
    """The call waits until `release` is set; with `after`, once it has had its effect."""

    release: asyncio.Event = field(default_factory=asyncio.Event)
    after: bool = False


@dataclass(frozen=True, slots=True)
class Drop:
    """The call says that it did it, and the world does not bear a trace of it."""


@dataclass(frozen=True, slots=True)
class Double:
    """The call does it, and leaves a second copy beside it."""


@dataclass(frozen=True, slots=True)
class Halve:
    """The call does it, and half of the value is lost."""


@dataclass(frozen=True, slots=True)
class Stale:
    """The call sees the world as it was before the latest change."""


@dataclass(frozen=True, slots=True)
class Rubbish:
    """The call has its effect and returns something that nobody asked for."""

    answer: object = None


Fault: TypeAlias = Fail | Hang | Drop | Double | Halve | Stale | Rubbish

# --- the world --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its value, its version (changes with every write) and the key of the action that wrote it."""

    value: Json
    version: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """Something sent, which cannot be taken back."""

    to: str
    text: str
    key: str


@dataclass(frozen=True, slots=True)
class Deed:
    """One effect that the world bore: what was done to which resource, under which key."""

    what: str
    resource: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """All that the world holds at one moment."""

    records: Mapping[str, Record] = field(default_factory=dict)
    letters: tuple[Letter, ...] = ()
    deeds: tuple[Deed, ...] = ()
    operations: Mapping[str, Receipt] = field(default_factory=dict)
    """Key -> receipt, of the tools that apply once for a key."""


class MemoryWorld:
    """Records by name, with versions, and letters. `values` and `letters` are what an independent observer compares.

    `deeds` lists every effect there ever was, so that a test sees what was done twice.
    """

    def __init__(self, records: Mapping[str, Json] | None = None) -> None:
        self._serial = count(1)
        self.now = Standing({name: Record(value, self._version()) for name, value in (records or {}).items()})
        self.before = self.now
        """As it was before the latest change."""

    @property
    def values(self) -> dict[str, Json]:
        """Name -> value of every record."""
        return {name: record.value for name, record in sorted(self.now.records.items())}

    @property
    def letters(self) -> tuple[tuple[str, str], ...]:
        """Receiver and text of everything that was sent."""
        return tuple((letter.to, letter.text) for letter in self.now.letters)

    @property
    def deeds(self) -> tuple[tuple[str, str], ...]:
        """What was done to which resource, in order."""
        return tuple((deed.what, deed.resource) for deed in self.now.deeds)

    def edit(self, name: str, value: Json) -> None:
        """Change a record as somebody else; None removes it."""
        self.write("edited", name, value, "")

    def write(self, what: str, name: str, value: Json, key: str) -> str:
        """Change a record and return its new version; None removes it, and the version is then empty."""
        version = self._version() if value is not None else ""
        records = {each: record for each, record in self.now.records.items() if each != name}
        if value is not None:
            records[name] = Record(value, version, key)
        self.become(replace(self.now, records=records, deeds=(*self.now.deeds, Deed(what, f"memory:{name}", key))))
        return version

    def send(self, to: str, text: str, key: str) -> None:
        """Send a letter."""
        deed = Deed("sent", f"letter:{to}", key)
        letters = (*self.now.letters, Letter(to, text, key))
        self.become(replace(self.now, letters=letters, deeds=(*self.now.deeds, deed)))

    def remember(self, key: str, receipt: Receipt) -> None:
        """Keep what came of an operation, as a system does that enforces keys."""
        self.now = replace(self.now, operations={**self.now.operations, key: receipt})

    def become(self, standing: Standing) -> None:
        """Change to this."""
        self.before, self.now = self.now, standing

    def _version(self) -> str:
        return f"v{next(self._serial)}"


async def strike(fault: Fault | None, act: Callable[[], T], world: MemoryWorld, key: str) -> T:
    """Return what `act` returns, as the fault lets it. `key` is that of the action, for faults that spoil its trace."""
    match fault:
        case None:
            return act()
        case Fail(error, after):
            if after:
                act()
            raise error
        case Hang(release, after):
            if not after:
                await release.wait()
                return act()
            done = act()
            await release.wait()
            return done
        case Stale():
            return _as_of(world.before, act, world)
        case Drop():
            return _as_of(world.now, act, world)
        case Double():
            done = act()
            _copy(world, key)
            return done
        case Halve():
            done = act()
            _halve(world, key)
            return done
        case Rubbish(answer):
            act()
            return cast("T", answer)
        case _:
            assert_never(fault)


def _as_of(standing: Standing, act: Callable[[], T], world: MemoryWorld) -> T:
    """Act in the world as it stood then, and leave no trace of it in the world as it stands now."""
    before, now = world.before, world.now
    world.now = standing
    try:
        return act()
    finally:
        world.before, world.now = before, now


def _copy(world: MemoryWorld, key: str) -> None:
    for name, record in list(world.now.records.items()):
        if record.key == key:
            world.write("put", f"{name} (2)", record.value, key)
    for letter in [letter for letter in world.now.letters if letter.key == key]:
        world.send(letter.to, letter.text, key)


def _halve(world: MemoryWorld, key: str) -> None:
    records = {
        name: replace(record, value=str(record.value)[: len(str(record.value)) // 2]) if record.key == key else record
        for name, record in world.now.records.items()
    }
    world.now = replace(world.now, records=records)
