"""A connection tried with reads only: what its system says of itself, whichever kind it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from doer.app.connect import connect, database_address
from doer.app.connections import (
    CalendarConnection,
    Connection,
    DatabaseConnection,
    DirectoryConnection,
    GitConnection,
    HttpConnection,
    MailConnection,
    Remote,
)
from doer.app.secrets import Secrets
from doer.app.settings import Settings
from doer.connectors.secrets.credential import fixed
from doer.connectors.secrets.guarded import Watched
from doer.connectors.secrets.leak import scrubbed
from doer.connectors.surveys import Ability, Survey, Surveyor
from doer.connectors.surveys.calendar import CalendarSurveyor, at
from doer.domain.action import Manifest
from doer.domain.errors import CredentialRefused
from doer.domain.ports import Payloads, Tool
from doer.domain.value import Json, JsonObject, Key


@dataclass(frozen=True, slots=True)
class Trial:
    """What it takes to try the connections of a workspace."""

    folder: Path
    settings: Settings
    snapshots: Payloads
    secrets: Secrets

    async def survey(self, name: str, connection: Connection) -> Survey:
        """Return what the system of this connection says of itself; only reads are made.

        Raises UsageError for settings that cannot be, CredentialRefused, Transient and Permanent, none of which shows the
        secret.
        """
        try:
            tools = connect(self.folder, self.settings, name, connection, self.snapshots, self.secrets)
            credential = self.secrets.credential(name, connection) if isinstance(connection, Remote) else None
            if credential is not None:
                credential()  # one that is missing is told as that, also where the system would let anybody in
            surveyor = _surveyor(self.folder, name, connection, credential, tools)
            try:
                return await surveyor.survey()
            except CredentialRefused:
                if credential is None or not credential.invalidate():
                    raise
                return await surveyor.survey()  # as a tool does: a token that a person agreed to is renewed once
        except Exception as failure:
            clean = scrubbed(failure, self.secrets.redaction(name))
            if clean is failure:
                raise
        raise clean


@dataclass(frozen=True, slots=True)
class OneConnection:
    """One connection of a workspace, to be tried."""

    trial: Trial
    name: str
    connection: Connection

    async def survey(self) -> Survey:
        """Try it. Raises what `Trial.survey` raises."""
        return await self.trial.survey(self.name, self.connection)


def _surveyor(
    folder: Path, name: str, connection: Connection, credential: Watched | None, tools: Sequence[Tool]
) -> Surveyor:
    match connection:
        case DatabaseConnection():
            return _database(folder, name, connection, credential)
        case CalendarConnection():
            return calendar_surveyor(name, connection, credential)
        case DirectoryConnection():
            return _directory(name, connection, credential)
        case MailConnection():
            return _mail(name, connection, credential)
        case GitConnection():
            return _git(folder, name, connection, credential)
        case HttpConnection():
            return _http(name, connection, credential, tools)
        case _:
            return ReadSurveyor(tools)


def calendar_surveyor(name: str, connection: CalendarConnection, credential: Watched | None) -> CalendarSurveyor:
    """Return the surveyor of a calendar."""
    from doer.connectors.tools.calendar.caldav import Collection

    timeout = connection.timeout or 10.0
    return at(Collection(connection.url, connection.username or None, credential, timeout, name), connection.url)


def _database(folder: Path, name: str, connection: DatabaseConnection, credential: Watched | None) -> Surveyor:
    from doer.connectors.surveys.database import DatabaseSurveyor
    from doer.connectors.tools.database import Access, Database

    url = database_address(name, connection.url, secret=credential is not None)
    access = Access(connection.allow.read, connection.allow.write, connection.once, connection.volatile)
    timeout = connection.timeout or 20.0
    return DatabaseSurveyor(Database(name, url, access, password=credential, folder=folder.resolve(), timeout=timeout))


def _directory(name: str, connection: DirectoryConnection, credential: Watched | None) -> Surveyor:
    from doer.connectors.surveys.directory import DirectorySurveyor
    from doer.connectors.tools.directory.scim import Scim

    return DirectorySurveyor(Scim(connection.url, credential, connection.timeout or 10.0, name=name))


def _mail(name: str, connection: MailConnection, credential: Watched | None) -> Surveyor:
    from doer.connectors.surveys.mail import ImapAccount, MailSurveyor
    from doer.connectors.tools.mail.relay import Relay

    timeout = connection.timeout or 20.0
    user = connection.username or None
    imap = connection.imap and ImapAccount(connection.imap, user or connection.sender, credential or fixed(""), timeout)
    relay = Relay(connection.smtp, user, credential, timeout)
    return MailSurveyor(name, relay, imap or None, connection.maildir is not None)


def _git(folder: Path, name: str, connection: GitConnection, credential: Watched | None) -> Surveyor:
    from doer.connectors.surveys.git import GitSurveyor
    from doer.connectors.tools.git.deed import Link
    from doer.connectors.tools.git.program import Program

    place, user = (folder / connection.repository).resolve(), connection.username or None
    program = Program(connection.timeout or 60.0)
    return GitSurveyor(
        Link(
            name, place, program, connection.url, connection.remote, connection.author, connection.push, user, credential,
            lambda: datetime.now(UTC),
        )
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReadSurveyor:
    """Tries a connection with one read of its own that needs no arguments to be made up."""

    tools: Sequence[Tool]

    async def survey(self) -> Survey:
        """Return the tools by what they promise; raises whatever the read raises."""
        found = next(((tool, given) for tool in self.tools if (given := _harmless(tool.manifest)) is not None), None)
        if found is None:
            return Survey("not asked: it has no read that needs no arguments", _promises(self.tools))
        tool, arguments = found
        await tool.apply(arguments, Key("survey"), ())
        return Survey(f"answered {tool.manifest.name}", _promises(self.tools))


def _http(name: str, connection: HttpConnection, credential: Watched | None, tools: Sequence[Tool]) -> Surveyor:
    from doer.connectors.surveys.http import http_surveyor

    return http_surveyor(
        name, connection.url, connection.probe or _readable_path(connection), auth=connection.auth,
        username=connection.username or None, credential=credential, readable=connection.allow.read,
        timeout=connection.timeout or 30.0, abilities=_promises(tools),
    )  # fmt: skip


def _readable_path(connection: HttpConnection) -> str:
    """Return the first path that may be read, or where the first pattern begins; the base where everything may be."""
    plain = [each for each in connection.allow.read if "*" not in each]
    patterns = [each.partition("*")[0].rstrip("/") for each in connection.allow.read]
    return "/" + next(iter((*plain, *patterns)), "").lstrip("/")


def _promises(tools: Sequence[Tool]) -> tuple[Ability, ...]:
    writes = [tool.manifest for tool in tools if tool.manifest.effect != "read"]
    lasting = [each.name.rpartition(".")[2] for each in writes if "undo" not in each.verbs]
    abilities = [Ability("read", works=any(tool.manifest.effect == "read" for tool in tools))]
    if writes:
        unread = [each.name.rpartition(".")[2] for each in writes if "verify" not in each.verbs]
        abilities.append(Ability("read back", not unread, ", ".join(unread)))
        why = f"not {', '.join(lasting)}" if lasting else ""
        abilities.append(Ability("undo", len(lasting) < len(writes), why))
    return tuple(abilities)


def _harmless(manifest: Manifest) -> JsonObject | None:
    """Return arguments for a read that needs none, or only a limit; None for any other tool."""
    if manifest.effect != "read" or manifest.parameters.get("required"):
        return None
    properties = manifest.parameters.get("properties")
    arguments: dict[str, Json] = {"limit": 1} if isinstance(properties, Mapping) and "limit" in properties else {}
    return arguments
