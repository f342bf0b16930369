"""What a survey finds: the server, which verbs it supports, and the names of what is there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

from doer.domain.value import JsonObject

EntityKind = Literal["table", "calendar", "folder", "group", "person", "branch"]


@dataclass(frozen=True, slots=True)
class Ability:
    """One thing that can be done with this server by this user, or cannot."""

    verb: str
    """`create`, `change`, `send`, `read back`, `undo`, `once`."""
    works: bool
    why: str = ""
    """By what it works, or why it does not: `ETag`, `read-only for you`."""

    def __str__(self) -> str:
        """Return it as a person reads it: `undo ✓ (ETag)`."""
        return f"{self.verb} {'✓' if self.works else '✗'}" + (f" ({self.why})" if self.why else "")


@dataclass(frozen=True, slots=True)
class Entity:
    """One thing that has a name there."""

    kind: EntityKind
    name: str
    """As people call it: `tickets`, `Team calendar`, `platform`, `Ana Lopez`."""
    key: str
    """As the system calls it: title, address, id, user name."""
    detail: JsonObject = field(default_factory=dict)
    """More, by kind. table: `columns`, `primary`, `writable` as `NAME.tables` returns them; person: `email`; calendar: `url`,
    `writable`; folder: `use`."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found."""

    server: str
    """What it is, as far as it says: `PostgreSQL 16.2`, `Radicale`, `SCIM 2.0`."""
    abilities: tuple[Ability, ...] = ()
    entities: tuple[Entity, ...] = ()
    more: bool = False
    """There are more entities than were read."""
    unproven: str = ""
    """What the reads could not tell, and what to do about it; empty: nothing."""


class Surveyor(Protocol):
    """Looks at one system, and changes nothing."""

    async def survey(self) -> Survey:
        """Return what is there. Raises ToolError: CredentialRefused, Transient when it is not reached, Permanent."""
        ...
