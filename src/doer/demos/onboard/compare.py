"""Compares two observations of the world: equal or not, what was added, removed, changed, and what is there twice."""

from __future__ import annotations

import difflib
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from doer.demos.onboard.wire import Json, Record, canonical
from doer.demos.onboard.world import World

System = Literal["directory", "calendar", "database", "files", "access", "mail"]
SYSTEMS: tuple[System, ...] = ("directory", "calendar", "database", "files", "access", "mail")

VOLATILE: Mapping[System, frozenset[str]] = MappingProxyType(
    {
        "directory": frozenset({"id", "meta", "value", "$ref"}),
        "calendar": frozenset({"etag", "stamps"}),
        "database": frozenset(),
        "files": frozenset(),
        "access": frozenset({"etag"}),
        "mail": frozenset({"received"}),
    }
)
"""Fields that a server renews by itself, so that work taken back leaves them different. Never part of a comparison.

A member's `value` and `$ref` hold the user's id; the place of the membership names the user instead.
"""

ISSUED: Mapping[System, frozenset[str]] = MappingProxyType(
    {
        "directory": frozenset({"externalId"}),
        "calendar": frozenset({"uid"}),
        "database": frozenset(),
        "files": frozenset(),
        "access": frozenset({"reference"}),
        "mail": frozenset({"message_id", "date"}),
    }
)
"""Fields that one run of doer makes from its own key and clock: part of the digest, not of comparing two runs' effects."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One record that is in one of two worlds only, or different. `before` is None for added, `after` for removed.

    `place` is where it is; `name` is what a person would call it, the same in each run (an event's title and start
    instead of a path made from a key).
    """

    system: System
    change: Literal["added", "removed", "changed"]
    place: str
    name: str
    before: Record | None
    after: Record | None

    def signature(self) -> str:
        """One text, equal for the same effect of two runs: without places and fields made from a run's key."""
        contents: list[Json] = [_without_issued(record, self.system) for record in (self.before, self.after)]
        return canonical([self.system, self.change, self.name, *contents])


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Something that is in the world `times` times where once (or as often as in the seed) was right."""

    system: System
    name: str
    times: int


def settled(world: World) -> dict[System, dict[str, Record]]:
    """The world without volatile fields; mail too by place (mailbox and Message-ID)."""
    return {system: dict(_records(world, system)) for system in SYSTEMS}


def digest(world: World) -> str:
    """SHA-256 (hex) of the settled world: equal digests mean equal but for fields declared volatile."""
    content: Record = {system: dict(places) for system, places in settled(world).items()}
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def effects(world: World, seed: World) -> list[Effect]:
    """What differs in `world` from `seed`, in the order of systems and places."""
    now, then = settled(world), settled(seed)
    found: list[Effect] = []
    for system in SYSTEMS:
        for place in sorted(now[system].keys() | then[system].keys()):
            before, after = then[system].get(place), now[system].get(place)
            if before != after:
                found.append(_effect(system, place, before, after))
    return found


def difference(before: World, after: World) -> list[str]:
    """Readable lines, one a change: `+`, `-` or `~`, the system, the place, what it is or which fields changed."""
    return [_line(effect) for effect in effects(after, before)]


def duplicates(world: World, seed: World) -> list[Duplicate]:
    """What is there more than once by its natural identity, and was not so in the seed.

    Identities: a user's name, a group's name, a membership, an event's title and time in any calendar, a row's name, a
    line of a text file, a file's content, a grant's person and resource, a mailbox's message subject.
    """
    now, then = Counter(_identities(world)), Counter(_identities(seed))
    found = [Duplicate(*identity, times) for identity, times in now.items() if times > max(1, then[identity])]
    return sorted(found, key=lambda duplicate: (duplicate.system, duplicate.name))


def _records(world: World, system: System) -> Iterator[tuple[str, Record]]:
    drop = VOLATILE[system]
    if system != "mail":
        for place, record in world[system].items():
            yield place, _without(record, drop)
        return
    seen: Counter[str] = Counter()
    for record in sorted((_without(record, drop) for record in world["mail"]), key=canonical):
        place = f"{record['mailbox']}/{record['message_id']}"
        seen[place] += 1
        yield (place if seen[place] == 1 else f"{place}#{seen[place]}"), record


def _without(record: Record | None, fields: frozenset[str]) -> Record:
    return {name: value for name, value in (record or {}).items() if name not in fields}


def _without_issued(record: Record | None, system: System) -> Record:
    """What is left without the marks that doer puts on what it makes."""
    plain = _without(record, ISSUED[system])
    said = plain.get("said")
    if isinstance(said, list):
        plain["said"] = [line for line in said if "X-DOER-" not in str(line)]
    return plain


def _effect(system: System, place: str, before: Record | None, after: Record | None) -> Effect:
    name = _name(system, place, after or before or {})
    if before is None:
        return Effect(system, "added", place, name, None, after)
    return Effect(system, "removed" if after is None else "changed", place, name, before, after)


def _name(system: System, place: str, record: Record) -> str:
    if system == "calendar" and "summary" in record:
        folder = place.rpartition("/")[0]
        return f"{folder}/ {record['summary']} at {record['start']}"
    if system == "mail":
        return f"{record['mailbox']}: {record['subject']}"
    return place


def _line(effect: Effect) -> str:
    head = f"{effect.system} {effect.name}"
    if effect.before is None or effect.after is None:
        mark = "+" if effect.before is None else "-"
        return f"{mark} {head}: {canonical(effect.after or effect.before)}"
    fields = sorted(effect.before.keys() | effect.after.keys())
    changed = [name for name in fields if effect.before.get(name) != effect.after.get(name)]
    return f"~ {head}: " + "; ".join(_field(name, effect.before.get(name), effect.after.get(name)) for name in changed)


def _field(name: str, before: Json, after: Json) -> str:
    if name == "text" and isinstance(before, str) and isinstance(after, str):
        lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
        return "text " + " | ".join(line for line in lines if not line.startswith(("---", "+++", "@@")))
    return f"{name} {canonical(before)} -> {canonical(after)}"


def _identities(world: World) -> Iterator[tuple[System, str]]:
    for place, record in world["directory"].items():
        plain = place.partition("#")[0]
        yield "directory", f"user {record.get('displayName')}" if plain.startswith("users/") else plain
    for record in world["calendar"].values():
        if "summary" in record:
            yield "calendar", f"{record['summary']} at {record['start']}"
    for place, record in world["database"].items():
        table, slash, _ = place.partition("/")
        if slash:
            yield "database", f"{table} {record['name'] if 'name' in record else canonical(record)}"
    for place, record in world["files"].items():
        yield from _file_identities(place, record)
    for record in world["access"].values():
        yield "access", f"{record['person']} {record['resource']}"
    for record in world["mail"]:
        yield "mail", f"{record['mailbox']}: {record['subject']}"


def _file_identities(place: str, record: Record) -> Iterator[tuple[System, str]]:
    if record.get("size"):
        yield "files", f"content {record['sha256']}"
    for line in str(record.get("text", "")).splitlines():
        if line.strip():
            yield "files", f"{place}: {line.strip()}"
