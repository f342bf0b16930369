"""Connections become tools: the one place that knows which settings each kind of connector takes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from email.utils import parseaddr
from pathlib import Path
from typing import assert_never

from doer.app.connections import (
    CalendarConnection,
    Connection,
    DatabaseConnection,
    DirectoryConnection,
    FilesConnection,
    GitConnection,
    HttpConnection,
    MailConnection,
    RemindersConnection,
    Remote,
)
from doer.app.own_tools import file_of
from doer.app.secrets import Secrets
from doer.app.settings import Settings
from doer.app.state import STATE
from doer.connectors.secrets import fixed
from doer.connectors.secrets.age_file import config_folder
from doer.connectors.secrets.guarded import Guarded, Watched
from doer.connectors.tools.files.place import PROTECTED
from doer.domain.errors import UsageError
from doer.domain.ports import Credential, Payloads, Tool

_SLOWEST = 4
"""How many answers a verb may need: it may take so often the time of one."""


def connect(
    folder: Path, settings: Settings, name: str, connection: Connection, snapshots: Payloads, secrets: Secrets
) -> Sequence[Tool]:
    """Return the tools of one connection; nothing is asked of its system yet, and no secret is asked for.

    Raises UsageError for settings that the connector refuses, ToolError likewise.
    """
    credential = secrets.credential(name, connection) if isinstance(connection, Remote) else None
    tools = _tools(folder, settings, name, connection, snapshots, credential)
    timeout = connection.timeout if isinstance(connection, Remote) else None
    if credential is None and timeout is None and connection.environment is None:
        return tools
    return [
        Guarded(
            tool,
            replace(tool.manifest, timeout=max(tool.manifest.timeout, _SLOWEST * (timeout or 0))),
            connection.kind,
            name,
            secrets.redaction(name),
            credential,
            connection.environment or "",
        )
        for tool in tools
    ]


def _tools(
    folder: Path,
    settings: Settings,
    name: str,
    connection: Connection,
    snapshots: Payloads,
    credential: Watched | None,
) -> Sequence[Tool]:
    match connection:
        case FilesConnection():
            return _files(folder, settings, name, connection, snapshots)
        case DatabaseConnection():
            return _database(folder, name, connection, credential)
        case CalendarConnection():
            return _calendar(settings, name, connection, credential)
        case DirectoryConnection():
            return _directory(name, connection, credential)
        case MailConnection():
            return _mail(folder, name, connection, credential, settings.workspace.timezone)
        case GitConnection():
            return _git(folder, name, connection, credential)
        case HttpConnection():
            return _http(name, connection, credential)
        case RemindersConnection():
            return _reminders(folder, settings, name)
        case _:
            assert_never(connection)


def _files(
    folder: Path, settings: Settings, name: str, connection: FilesConnection, snapshots: Payloads
) -> Sequence[Tool]:
    from doer.connectors.tools.archive import archive_tools
    from doer.connectors.tools.files import file_tools
    from doer.connectors.tools.tables import table_tools

    root = _folder(folder, name, connection.folder)
    # A plan that could write them would choose what code runs at the next start.
    code = [file_of(module) for module in settings.tools.modules]
    protected = (*PROTECTED, *code)
    return [
        *file_tools(root, snapshots, protected, name),
        *table_tools(root, snapshots, protected, name),
        *archive_tools(root, snapshots, protected, name),
    ]


def _database(folder: Path, name: str, connection: DatabaseConnection, credential: Watched | None) -> Sequence[Tool]:
    from doer.connectors.tools.database import database_tools

    return database_tools(
        name,
        database_address(name, connection.url, secret=credential is not None),
        once=connection.once,
        readable=connection.allow.read,
        writable=connection.allow.write,
        volatile=connection.volatile,
        password=credential,
        folder=folder.resolve(),
        timeout=connection.timeout or 20.0,
    )


def database_address(name: str, url: str, *, secret: bool) -> str:
    """Return the address. Raises UsageError when it is none, and when a secret has no user to go with."""
    scheme, there, rest = url.partition("://")
    if not there or not rest:
        raise UsageError(
            f"connection {name}: {url!r} is no database address; write sqlite:///people.db or postgresql://user@host/name"
        )
    if secret and scheme != "sqlite" and "@" not in rest:
        raise UsageError(f"connection {name}: it has a secret and no user; write {scheme}://USER@{rest}")
    return url


def _calendar(
    settings: Settings, name: str, connection: CalendarConnection, credential: Watched | None
) -> Sequence[Tool]:
    from doer.connectors.tools.calendar import calendar_tools

    me = settings.workspace.me or ""
    return calendar_tools(
        name,
        connection.url,
        calendar="",
        username=connection.username or None,
        password=credential,
        timeout=connection.timeout or 10.0,
        owner=me if "@" in me else None,
        zone=settings.workspace.timezone,
    )


def _directory(name: str, connection: DirectoryConnection, credential: Watched | None) -> Sequence[Tool]:
    from doer.connectors.tools.directory import directory_tools

    return directory_tools(name, connection.url, token=credential, timeout=connection.timeout or 10.0)


def _mail(folder: Path, name: str, connection: MailConnection, credential: Watched | None, zone: str) -> Sequence[Tool]:
    from doer.connectors.tools.mail import ImapMailbox, Mailbox, MaildirMailbox, mail_tools

    user = connection.username or None
    timeout = connection.timeout or 20.0
    mailbox: Mailbox | None = None
    if connection.maildir is not None and connection.imap is not None:
        raise UsageError(f"connection {name}: has both maildir and imap; one mailbox to read back from is enough")
    if connection.maildir is not None:
        mailbox = MaildirMailbox((folder / connection.maildir).resolve())
    elif connection.imap is not None:
        mailbox = ImapMailbox(
            connection.imap,
            user or _plain(connection.sender),
            credential or fixed(""),
            sent=(connection.sent,),
            timeout=timeout,
        )
    files = None if connection.attachments is None else _folder(folder, name, connection.attachments)
    tools = mail_tools(
        name, connection.smtp, sender=connection.sender, mailbox=mailbox, username=user, password=credential, files=files,
        timeout=timeout,
    )  # fmt: skip
    if connection.imap is None:
        return tools
    return [*tools, *_mailbox(name, connection, credential or fixed(""), files, zone)]


def _mailbox(
    name: str, connection: MailConnection, credential: Credential, files: Path | None, zone: str
) -> Sequence[Tool]:
    from doer.connectors.tools.mailbox import mailbox_tools

    assert connection.imap is not None
    return mailbox_tools(
        name,
        connection.imap,
        username=connection.username or _plain(connection.sender),
        password=credential,
        smtp_url=connection.smtp,
        smtp_username=connection.username or "",
        sender=connection.sender,
        drafts=connection.drafts,
        sent=connection.sent,
        archive=connection.archive,
        zone=zone,
        files=files,
        timeout=connection.timeout or 20.0,
    )


def _plain(sender: str) -> str:
    """Return the address of `Name <address>`."""
    return parseaddr(sender)[1]


def _git(folder: Path, name: str, connection: GitConnection, credential: Watched | None) -> Sequence[Tool]:
    from doer.connectors.tools.git import git_tools

    repository = (folder / connection.repository).resolve()
    _out_of_reach(folder.resolve(), name, repository)
    if connection.url is None and not repository.is_dir():
        raise UsageError(f"connection {name}: {repository} is not there; say with url what is to be cloned into it")
    return git_tools(
        name,
        repository,
        url=connection.url,
        remote=connection.remote,
        author=connection.author,
        push=connection.push,
        username=connection.username or None,
        password=credential,
        timeout=connection.timeout or 60.0,
    )


def _http(name: str, connection: HttpConnection, credential: Watched | None) -> Sequence[Tool]:
    from doer.connectors.tools.http import http_tools

    return http_tools(
        name,
        connection.url,
        auth=connection.auth,
        username=connection.username or None,
        credential=credential,
        readable=connection.allow.read,
        writable=connection.allow.write,
        once=connection.once,
        timeout=connection.timeout or 30.0,
        volatile=connection.volatile,
        natural_key=connection.natural_key,
        id_field=connection.id_field,
        recreatable=connection.recreatable,
    )


def _reminders(folder: Path, settings: Settings, name: str) -> Sequence[Tool]:
    from doer.connectors.tools.reminders import reminder_tools

    return reminder_tools(name, folder / STATE, settings.workspace.timezone)


def _folder(workspace: Path, name: str, given: str) -> Path:
    """Return a folder that a connection may use. Raises UsageError when doer's own files would be in its reach."""
    top, root = workspace.resolve(), (workspace / given).resolve()
    if not root.is_dir():
        raise UsageError(f"connection {name}: {root} is not a folder: make it, or name another in doer.toml")
    _out_of_reach(top, name, root)
    return root


def _out_of_reach(top: Path, name: str, root: Path) -> None:
    """Refuse a folder that has doer's own files in it: the workspace's, and those of this user's secrets."""
    inside = root != top and root.is_relative_to(top)
    if (inside and root.relative_to(top).parts[0] in PROTECTED) or (root != top and top.is_relative_to(root)):
        raise UsageError(
            f"connection {name}: doer's own files would be in reach in {root}; name a folder in this workspace or beside it"
        )
    kept = config_folder(os.environ).resolve()
    if kept.is_dir() and (kept.is_relative_to(root) or root.is_relative_to(kept)):
        raise UsageError(
            f"connection {name}: the secrets in {kept} would be in reach in {root}; move the workspace, or set XDG_CONFIG_HOME"
        )
