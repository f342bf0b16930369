"""Connecting: settings as they are wished, tried with reads, and only then kept; the secret outside the workspace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from doer.app.connections import TABLES, CalendarConnection, Connection, Remote
from doer.app.known import KnownStore
from doer.app.secrets import Secrets
from doer.app.settings import FILE_NAME, NAME, Settings
from doer.app.state import STATE
from doer.app.survey import Trial, calendar_surveyor
from doer.app.toml_edit import Setting, put_connection, remove_connection
from doer.connectors.secrets import fixed, read_reference
from doer.connectors.surveys import Entity, Survey
from doer.domain.errors import UsageError
from doer.domain.ports import Payloads


@dataclass(frozen=True, slots=True)
class Wish:
    """A connection as it is wished."""

    kind: str
    name: str
    settings: Mapping[str, Setting]
    """What goes into doer.toml, without kind and secret."""
    reference: str | None = None
    """Where the secret is or will be; None: there is none."""
    secret: str | None = None
    """The secret itself, where it was typed and is not kept yet."""
    token: str | None = None
    """What is sent at first, where the secret to be kept is more than that: tokens that a person agreed to."""

    def __repr__(self) -> str:
        """Show everything but the secret."""
        return f"Wish({self.kind} {self.name}, {dict(self.settings)}, {self.reference})"

    @property
    def table(self) -> dict[str, Setting]:
        """What goes into doer.toml."""
        secret: dict[str, Setting] = {} if self.reference is None else {"secret": self.reference}
        return {"kind": self.kind, **self.settings, **secret}


def checked(wish: Wish) -> Connection:
    """Return the connection that the wish describes. Raises UsageError that names each setting that cannot be."""
    if not NAME.fullmatch(wish.name):
        raise UsageError(
            f"a connection cannot be called {wish.name!r:.80}: its name begins every tool's name; use a lower-case letter, "
            "then lower-case letters, digits and _"
        )
    try:
        found: Connection = TypeAdapter(Connection).validate_python(wish.table)
    except ValidationError as wrong:
        told = "; ".join(
            f"{'.'.join(map(str, each['loc'][1:])) or 'kind'}: {each['msg'].removeprefix('Value error, ')}"
            for each in wrong.errors()
        )
        raise UsageError(f"connection {wish.name}: {told}") from None
    return found


@dataclass(frozen=True, slots=True)
class Connecting:
    """Connects systems to one workspace."""

    folder: Path
    settings: Settings
    snapshots: Payloads
    secrets: Secrets

    def existing(self, kind: str, name: str) -> Mapping[str, Setting]:
        """Return the settings of the connection as doer.toml has them; none when there is none yet.

        Raises UsageError for an unknown kind, and when the name is another kind's.
        """
        if kind not in TABLES:
            near = get_close_matches(kind, TABLES, 1, 0.6)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise UsageError(f"there is no kind {kind!r:.40}; {hint}there are: {', '.join(TABLES)}")
        found = self.settings.connections.get(name)
        if found is None:
            return {}
        if found.kind != kind:
            raise UsageError(
                f"{name} is a {found.kind} connection already: choose another name, or `doer connections remove {name}` first"
            )
        given: dict[str, Setting] = found.model_dump(exclude_unset=True, exclude={"kind"})
        return given

    async def calendars(self, wish: Wish) -> Sequence[Entity]:
        """Return the calendars that the user has at the wished address. Raises ToolError when it cannot be read."""
        connection = checked(wish)
        assert isinstance(connection, CalendarConnection)
        self._give(wish)
        credential = self.secrets.credential(wish.name, connection)
        return await calendar_surveyor(wish.name, connection, credential).calendars()

    async def try_out(self, wish: Wish) -> Survey:
        """Try the wished connection with reads only. Raises UsageError and ToolError."""
        connection = checked(wish)
        self._give(wish)
        settings = self.settings.model_copy(update={"connections": {wish.name: connection}})
        return await Trial(self.folder, settings, self.snapshots, self.secrets).survey(wish.name, connection)

    def _give(self, wish: Wish) -> None:
        if wish.secret is not None:
            self.secrets.redaction(wish.name).learn(wish.secret)
            self.secrets.give(wish.name, fixed(wish.token or wish.secret))

    def keep(self, wish: Wish) -> str:
        """Store the secret and write doer.toml; return where the secret is, for a person. Raises UsageError.

        What was known of the connection is forgotten: the next plan learns it anew.

        When doer.toml cannot be written, a secret that was not there before is forgotten again.
        """
        checked(wish)
        place = self._store(wish)
        try:
            put_connection(self.folder / FILE_NAME, wish.name, wish.table)
        except UsageError:
            if wish.secret is not None and wish.name not in self.settings.connections:
                self.secrets.vault().remove(_name_of(wish.reference))
            raise
        KnownStore(self.folder / STATE).forget(wish.name)
        return place

    def _store(self, wish: Wish) -> str:
        if wish.reference is None:
            return ""
        place = read_reference(wish.reference)
        if place.scheme == "env":
            return f"the environment variable {place.name}"
        vault = self.secrets.vault()
        if wish.secret is not None:
            vault.put(place.name, wish.secret)
        return vault.told


def disconnect(folder: Path, settings: Settings, secrets: Secrets, name: str) -> bool:
    """Take a connection out of doer.toml and forget its secret, unless another connection has the same one.

    Return whether a secret was forgotten. Raises UsageError when there is no such connection.
    """
    connection = settings.connections.get(name)
    if connection is None or not remove_connection(folder / FILE_NAME, name):
        raise UsageError(f"there is no connection {name!r:.60}; `doer connections list` shows those that are")
    KnownStore(folder / STATE).forget(name)
    if not isinstance(connection, Remote) or connection.secret is None:
        return False
    others = [each for other, each in settings.connections.items() if other != name and isinstance(each, Remote)]
    place = read_reference(connection.secret)
    if place.scheme == "env" or any(each.secret == connection.secret for each in others):
        return False
    return secrets.vault().remove(place.name)


def _name_of(reference: str | None) -> str:
    return read_reference(reference).name if reference is not None else ""


def with_url(wish: Wish, url: str) -> Wish:
    """Return the wish with another address."""
    return replace(wish, settings={**wish.settings, "url": url})


_USES = {"sent": "Sent", "drafts": "Drafts", "archive": "Archive"}


def adopted(wish: Wish, found: Survey) -> Wish:
    """Return the wish with what the system itself says: the mailbox's own folders of sent mail, drafts and filed mail."""
    folders = {str(each.detail.get("use")): each.key for each in found.entities if each.kind == "folder"}
    own = {
        use: folders[use]
        for use, usual in _USES.items()
        if folders.get(use, usual) != usual and use not in wish.settings
    }
    return replace(wish, settings={**wish.settings, **own}) if wish.kind == "mail" and own else wish
