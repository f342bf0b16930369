"""Actions: what a tool says of itself, what it foretells, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from doer.domain.plainly import Check, quick_yes
from doer.domain.quick import kept, quick
from doer.domain.value import Digest, Json, JsonObject, Key, digest, plainly_same

Effect = Literal["read", "write", "irreversible"]
Role = Literal["destination", "authority", "executable", "credential", "content"]
Verb = Literal["preview", "apply", "verify", "undo"]
ChangeKind = Literal["create", "update", "delete", "same"]

_STRICTNESS: tuple[Effect, ...] = ("read", "write", "irreversible")


def stricter(one: Effect, other: Effect) -> Effect:
    """Return the stricter of two effects."""
    return max(one, other, key=_STRICTNESS.index)


def system_of(tool: str) -> str:
    """Return the connection that a tool belongs to: what stands before its last dot, or the tool itself."""
    return tool.rpartition(".")[0] or tool


@quick
@dataclass(frozen=True)  # without slots: it keeps what it was asked for
class Manifest:
    """What a tool says of itself; its digest is part of every grant, so that a changed tool asks again."""

    name: str
    """Namespaced by its connection, e.g. `calendar.create_event`."""
    description: str
    parameters: JsonObject
    """JSON Schema (2020-12) of the arguments: an object with `properties` and `required`."""
    effect: Effect
    result: JsonObject = field(default_factory=dict)
    """JSON Schema of the result that later steps may refer to; empty: anything."""
    examples: tuple[str, ...] = ()
    """Wordings with `{parameter}` where a value goes: "put {title} on the calendar at {start}"."""
    once: bool = False
    """True: the system enforces the key, so a second try with it is safe. False: an unknown outcome waits for a person."""
    roles: Mapping[str, Role] = field(default_factory=dict)
    """Role of each parameter; those not named are content."""
    issued: tuple[str, ...] = ()
    """Result fields that the system of record issues (the id of what was created): they keep the run's integrity."""
    verbs: frozenset[Verb] = frozenset({"preview", "apply", "verify", "undo"})
    timeout: float = 30.0
    """Seconds that one call of a verb may take."""

    @kept
    def system(self) -> str:
        """The connection that it belongs to."""
        return system_of(self.name)

    @kept
    def plainly_takes(self) -> Check:
        """Tells whether arguments are valid for certain; where it says no, the validator must say."""
        return quick_yes(self.parameters)

    @kept
    def digest(self) -> Digest:
        """SHA-256 over everything above but time-out and examples, canonical.

        Examples are read before there is a plan: another wording changes nothing of what was approved.
        """
        return digest(
            {
                "name": self.name,
                "description": self.description,
                "parameters": self.parameters,
                "result": self.result,
                "effect": self.effect,
                "once": self.once,
                "roles": self.roles,
                "issued": self.issued,
                "verbs": sorted(self.verbs),
            }
        )


@quick
@dataclass(frozen=True, slots=True)
class Change:
    """One line of the diff of the world: one resource, before and after."""

    resource: str
    """URI: `file:notes/a.txt`, `scim:Users/ada@acme.example`, `sql:crm/people/ada@acme.example`."""
    before: Json
    """State before, without volatile fields and without version; None: it does not exist."""
    after: Json
    """State after; None: it will not exist."""
    reversible: bool = True
    echoes: tuple[str, ...] = ()
    """What else happens and cannot be unheard: people notified, automation started, numbers used up."""
    version: str | None = None
    """Version of the before-state (ETag, row digest), for an atomic comparison by apply; never part of a comparison
    between an approved and a later preview."""

    @property
    def kind(self) -> ChangeKind:
        """What happens to the resource."""
        if self.before is None:
            return "create" if self.after is not None else "same"
        if self.after is None:
            return "delete"
        return "same" if self.before == self.after else "update"


def essence(changes: Sequence[Change]) -> Json:
    """Return what a person approves of changes: everything but their versions."""
    return [[each.resource, each.before, each.after, each.reversible, list(each.echoes)] for each in changes]


def alike(some: Sequence[Change], others: Sequence[Change]) -> bool:
    """Tell whether a person would see the same changes for certain: their `essence` is one in canonical JSON."""
    return len(some) == len(others) and all(map(_plainly_same, some, others))


def _plainly_same(one: Change, other: Change) -> bool:
    return (
        one.resource == other.resource
        and one.reversible is other.reversible
        and (one.echoes == other.echoes == () or plainly_same(one.echoes, other.echoes))
        and plainly_same(one.before, other.before)
        and plainly_same(one.after, other.after)
    )


@quick
@dataclass(frozen=True, slots=True)
class Preview:
    """What applying would change; made without changing anything."""

    changes: tuple[Change, ...] = ()
    effect: Effect | None = None
    """Effect with these arguments where it is stricter than the manifest says (an event with attendees sends mail)."""
    result: Json = None
    """What can be foretold of the result; fields not foretold are left out."""
    foreseeable: bool = True
    """False: the tool has no preview, or cannot foresee; it always asks."""
    note: str = ""
    """One line for a person, e.g. that the comparison is made just before and not atomically."""
    holes: Mapping[str, str] = field(default_factory=dict)
    """‹…› that stands in these changes although the arguments are complete -> resource URI: it is the version that an
    earlier step of the same run will have left there, so that an approval of it needs no second one."""


@quick
@dataclass(frozen=True, slots=True)
class Receipt:
    """What is needed to verify and to undo; kept in the journal."""

    result: Json = None
    """The tool's result; later steps refer to its fields."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """resource URI -> version (ETag, digest) of what apply left there. A verified undo of a later step of the same run
    replaces the version of that resource here, so that our own undo is not taken for somebody else's edit."""
    undo: Json = None
    """The tool's own data for undo: before-images, or the digests of snapshots."""


@quick
@dataclass(frozen=True, slots=True)
class Intent:
    """What apply was asked to do; verify compares the world with it."""

    arguments: JsonObject
    key: Key
    changes: tuple[Change, ...] = ()
    """The changes foretold just before apply, with their before-images."""
