"""The independent observer: reads the whole world of the demo with the standard library and no connector's code."""

from __future__ import annotations

import base64
import email
import hashlib
import mailbox
import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, suppress
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import TypedDict
from urllib.parse import quote

from doer.demos.onboard.ical import Collection, event_record, read_listing
from doer.demos.onboard.places import Services
from doer.demos.onboard.reset import DOERS_OWN
from doer.demos.onboard.wire import Json, Record, ask, basic, bearer, canonical, expect, records

MAX_TEXT = 262_144
"""Bytes up to which a file's text is part of its record; larger files are known by their digest."""


class World(TypedDict):
    """Everything there is, JSON-able. Each system maps a place (a path within the system) to one record.

    directory: `users/<userName>`, `groups/<name>`, `groups/<name>/members/<userName>` · calendar: the path on the server,
    collections end in `/` · database: `<table>` (its schema), `<table>/<primary key>` · files: the path in the workspace,
    folders end in `/` · access: `grants/<id>` · mail: a list, one record a delivered copy. A second record of one place
    gets the place `…#2`.
    """

    directory: dict[str, Record]
    calendar: dict[str, Record]
    database: dict[str, Record]
    files: dict[str, Record]
    access: dict[str, Record]
    mail: list[Record]


def observe(services: Services) -> World:
    """Read the whole world now; about 20 ms. Hand in the services without a proxy between.

    It changes nothing. Raises OSError or UnexpectedReply when a server does not answer as its protocol says.
    """
    return World(
        directory=_directory(services),
        calendar=_calendar(services),
        database=_database(services.database),
        files=_files(services.workspace),
        access=_access(services),
        mail=_mail(services.maildir),
    )


def _put(system: dict[str, Record], place: str, record: Record) -> None:
    """Add a record; a second one of the same place is kept beside the first, never over it."""
    free, count = place, 1
    while free in system:
        count += 1
        free = f"{place}#{count}"
    system[free] = record


def _directory(services: Services) -> dict[str, Record]:
    found: dict[str, Record] = {}
    users = _scim_list(services, "Users")
    names = {str(user["id"]): str(user["userName"]) for user in users}
    for user in users:
        _put(found, f"users/{user['userName']}", user)
    for group in _scim_list(services, "Groups"):
        place = f"groups/{group['displayName']}"
        _put(found, place, {key: value for key, value in group.items() if key != "members"})
        for member in records(group.get("members")):
            who = names.get(str(member.get("value")), "(nobody: the user of this id is gone)")
            _put(found, f"{place}/members/{who}", member)
    return found


def _scim_list(services: Services, kind: str) -> list[Record]:
    """All resources of one kind, page by page, oldest first."""
    found: list[Record] = []
    while True:
        url = f"{services.directory_url}/{kind}?count=500&startIndex={len(found) + 1}&sortBy=meta.created"
        reply = expect(ask("GET", url, bearer(services.directory_token)), 200, doing=f"observing {kind}")
        page = reply.record()
        fresh = records(page.get("Resources"))
        found += fresh
        total = page["totalResults"]
        if not fresh or not isinstance(total, int) or len(found) >= total:
            return found


def _calendar(services: Services) -> dict[str, Record]:
    headers = {**basic(services.observer_user, services.observer_password), "Depth": "1"}
    found: dict[str, Record] = {}
    waiting = ["/"]
    while waiting:
        path = waiting.pop()
        reply = expect(ask("PROPFIND", services.calendar_url + path, headers), 207, doing=f"observing {path}")
        for entry in read_listing(reply.body):
            if entry.path == path:
                continue
            if isinstance(entry, Collection):
                waiting.append(entry.path)
                _put(found, entry.path, {"name": entry.name, "calendar": entry.is_calendar})
                continue
            item = expect(ask("GET", services.calendar_url + entry.path, headers), 200, doing=f"observing {entry.path}")
            _put(found, entry.path, event_record(item.body.decode("utf-8"), item.headers.get("etag", "")))
    return found


def _database(path: Path) -> dict[str, Record]:
    found: dict[str, Record] = {}
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=rw", uri=True, timeout=10)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("BEGIN")  # One snapshot for all tables.
        schema = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name"
        for kind, name, sql in connection.execute(schema).fetchall():
            _put(found, str(name), {"type": str(kind), "sql": str(sql)})
            if kind == "table":
                _rows(connection, str(name), found)
    return found


def _rows(connection: sqlite3.Connection, table: str, found: dict[str, Record]) -> None:
    quoted = '"' + table.replace('"', '""') + '"'
    columns = connection.execute(f"PRAGMA table_info({quoted})").fetchall()
    key = [str(column["name"]) for column in sorted(columns, key=lambda c: int(c["pk"])) if column["pk"]]
    names = [str(column["name"]) for column in columns]
    rows = [{name: _cell(row[name]) for name in names} for row in connection.execute(f"SELECT * FROM {quoted}")]
    for row in sorted(rows, key=canonical):
        name = ",".join(str(row[column]) for column in key) if key else canonical(row)
        _put(found, f"{table}/{name}", row)


def _cell(value: object) -> Json:
    if value is None or isinstance(value, int | float | str):
        return value
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    raise TypeError(f"SQLite holds no {type(value).__name__}")


def _files(workspace: Path) -> dict[str, Record]:
    return dict(_walk(workspace, ""))


def _walk(folder: Path, prefix: str) -> Iterator[tuple[str, Record]]:
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if not prefix and entry.name in DOERS_OWN:
            continue
        place = prefix + entry.name
        mode = stat.filemode(entry.stat(follow_symlinks=False).st_mode)
        if entry.is_symlink():
            yield place, {"link": str(Path(entry.path).readlink()), "mode": mode}
        elif entry.is_dir():
            yield place + "/", {"mode": mode}
            yield from _walk(Path(entry.path), place + "/")
        else:
            yield place, {"mode": mode, **_content(Path(entry.path).read_bytes())}


def _content(raw: bytes) -> Record:
    record: Record = {"sha256": hashlib.sha256(raw).hexdigest(), "size": len(raw)}
    if len(raw) <= MAX_TEXT:
        with suppress(UnicodeDecodeError):  # Not a text: its digest says enough.
            record["text"] = raw.decode("utf-8")
    return record


def _access(services: Services) -> dict[str, Record]:
    headers = bearer(services.access_token)
    reply = expect(ask("GET", f"{services.access_url}/grants", headers), 200, doing="observing the access grants")
    found: dict[str, Record] = {}
    for grant in records(reply.record().get("grants")):
        _put(found, f"grants/{grant['id']}", {key: value for key, value in grant.items() if key != "id"})
    return found


def _mail(root: Path) -> list[Record]:
    found: list[Record] = []
    for folder in sorted(root.iterdir()) if root.exists() else []:
        box = mailbox.Maildir(folder, create=False)
        found += [_message(folder.name, box.get_bytes(key)) for key in box.iterkeys()]
    return sorted(found, key=lambda record: (str(record["mailbox"]), str(record["received"]), canonical(record)))


def _message(owner: str, raw: bytes) -> Record:
    message = email.message_from_bytes(raw, policy=policy.default)
    if not isinstance(message, EmailMessage):
        raise TypeError("the default policy makes EmailMessage")
    body = message.get_body(preferencelist=("plain", "html"))
    files: list[Json] = []
    for part in message.iter_attachments():
        content = part.get_payload(decode=True)
        raw_part = content if isinstance(content, bytes) else str(part.get_payload()).encode()
        files.append({"name": part.get_filename(), "type": part.get_content_type(), **_content(raw_part)})
    return {
        "mailbox": owner,
        "envelope_from": str(message.get("Return-Path", "")),
        "from": str(message.get("From", "")),
        "to": str(message.get("To", "")),
        "cc": str(message.get("Cc", "")),
        "subject": str(message.get("Subject", "")),
        "message_id": str(message.get("Message-ID", "")),
        "date": str(message.get("Date", "")),
        "received": str(message.get("Received", "")),
        "text": "" if body is None else str(body.get_content()),
        "attachments": files,
    }
