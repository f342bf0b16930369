"""Connections become tools: the one place that knows which settings each kind of connector takes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import assert_never
from urllib.parse import quote

from doer.app.own_tools import file_of
from doer.app.settings import (
    CalendarConnection,
    Connection,
    DatabaseConnection,
    DirectoryConnection,
    FilesConnection,
    MailConnection,
    Settings,
    secret_of,
)  # fmt: skip
from doer.connectors.tools.files.place import PROTECTED
from doer.domain.errors import UsageError
from doer.domain.ports import Payloads, Tool


def connect(folder: Path, settings: Settings, name: str, connection: Connection, snapshots: Payloads) -> Sequence[Tool]:
    """Return the tools of one connection; nothing is asked of its system yet.

    Raises UsageError for a secret that is not set and for settings that the connector refuses, ToolError likewise.
    """
    match connection:
        case FilesConnection():
            return _files(folder, settings, name, connection, snapshots)
        case DatabaseConnection():
            return _database(folder, name, connection)
        case CalendarConnection():
            return _calendar(settings, name, connection)
        case DirectoryConnection():
            return _directory(name, connection)
        case MailConnection():
            return _mail(folder, name, connection)
        case _:
            assert_never(connection)


def _files(
    folder: Path, settings: Settings, name: str, connection: FilesConnection, snapshots: Payloads
) -> Sequence[Tool]:
    from doer.connectors.tools.files import file_tools

    root = _folder(folder, name, connection.folder)
    # A plan that could write them would choose what code runs at the next start.
    code = [file_of(module) for module in settings.tools.modules]
    return file_tools(root, snapshots, (*PROTECTED, *code), name)


def _database(folder: Path, name: str, connection: DatabaseConnection) -> Sequence[Tool]:
    from doer.connectors.tools.database import database_tools

    url = _database_url(folder, name, connection.url, secret_of(name, connection))
    return database_tools(
        name,
        url,
        once=connection.once,
        readable=connection.allow.read,
        writable=connection.allow.write,
        volatile=connection.volatile,
    )


def _database_url(folder: Path, name: str, url: str, secret: str) -> str:
    """Return the address with the secret in it, and with a file of SQLite found from the workspace."""
    if url.startswith("sqlite:///"):
        return f"sqlite:///{(folder / url.removeprefix('sqlite:///')).resolve()}"
    scheme, there, rest = url.partition("://")
    if not there or not rest:
        raise UsageError(
            f"connection {name}: {url!r} is no database address; write sqlite:///people.db or postgresql://user@host/name"
        )
    if not secret:
        return url
    user, at, place = rest.rpartition("@")
    if not at:
        raise UsageError(f"connection {name}: it has a secret and no user; write {scheme}://USER@{rest}")
    return f"{scheme}://{user}:{quote(secret, safe='')}@{place}"


def _calendar(settings: Settings, name: str, connection: CalendarConnection) -> Sequence[Tool]:
    from doer.connectors.tools.calendar import calendar_tools

    me = settings.workspace.me or ""
    return calendar_tools(
        name,
        connection.url,
        calendar="",
        username=connection.username or None,
        password=secret_of(name, connection) or None,
        owner=me if "@" in me else None,
        zone=settings.workspace.timezone,
    )


def _directory(name: str, connection: DirectoryConnection) -> Sequence[Tool]:
    from doer.connectors.tools.directory import directory_tools

    return directory_tools(name, connection.url, token=secret_of(name, connection) or None)


def _mail(folder: Path, name: str, connection: MailConnection) -> Sequence[Tool]:
    from doer.connectors.tools.mail import ImapMailbox, Mailbox, MaildirMailbox, mail_tools

    secret = secret_of(name, connection) or None
    user = connection.username or None
    mailbox: Mailbox | None = None
    if connection.maildir is not None and connection.imap is not None:
        raise UsageError(f"connection {name}: has both maildir and imap; one mailbox to read back from is enough")
    if connection.maildir is not None:
        mailbox = MaildirMailbox((folder / connection.maildir).resolve())
    elif connection.imap is not None:
        mailbox = ImapMailbox(connection.imap, user or connection.sender, secret or "")
    files = None if connection.attachments is None else _folder(folder, name, connection.attachments)
    if files == folder.resolve():
        raise UsageError(
            f"connection {name}: attachments may not come from the whole workspace, which has doer's own files"
        )
    return mail_tools(
        name, connection.smtp, sender=connection.sender, mailbox=mailbox, username=user, password=secret, files=files
    )


def _folder(workspace: Path, name: str, given: str) -> Path:
    """Return a folder that a connection may use. Raises UsageError when doer's own files would be in its reach."""
    top, root = workspace.resolve(), (workspace / given).resolve()
    if not root.is_dir():
        raise UsageError(f"connection {name}: {root} is not a folder: make it, or name another in doer.toml")
    inside = root != top and root.is_relative_to(top)
    if (inside and root.relative_to(top).parts[0] in PROTECTED) or (root != top and top.is_relative_to(root)):
        raise UsageError(
            f"connection {name}: doer's own files would be in reach in {root}; name a folder in this workspace or beside it"
        )
    return root
