"""Looks at an office's systems one by one: each function gives places and what is there, through clients of no connector.

A place is a path that a person would understand (`calendar/1:1 with Ana`); a record holds what it says, without what a
server makes up by itself: ids, versions, time stamps, UIDs. Times are told by the clock of `zone`.
"""

from __future__ import annotations

import csv
import email
import email.policy
import hashlib
import imaplib
import io
import json
import mailbox
import sqlite3
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote
from zoneinfo import ZoneInfo

from doer.demos.onboard.ical import Collection, read_listing
from doer.demos.onboard.wire import ask, bearer, expect, records

Record: TypeAlias = dict[str, Any]
Snapshot: TypeAlias = dict[str, Record]
"""Place -> what is there."""

MESSAGE_ID = "message id"
"""Field of a mail that `gathered` uses and takes out."""
_KNOWN = frozenset(
    ["id", "meta", "schemas", "externalId", "userName", "name", "displayName", "title", "active", "emails", "groups"]
)
_TEXT = frozenset({".md", ".txt", ".json", ".toml", ".yaml", ".ics", ".py", ".html", ""})


def gathered(found: Iterator[tuple[str, Record]]) -> Snapshot:
    """One snapshot of it all: a second record of one place is `PLACE #2`, and a mail answers another by its subject."""
    everything = list(found)
    subjects = {record[MESSAGE_ID]: record["subject"] for _, record in everything if MESSAGE_ID in record}
    snapshot: Snapshot = {}
    for place, record in everything:
        if MESSAGE_ID in record:
            del record[MESSAGE_ID]
            record["answers"] = subjects.get(record["answers"], record["answers"])
        free, count = place, 1
        while free in snapshot:
            count += 1
            free = f"{place} #{count}"
        snapshot[free] = record
    return snapshot


def local(moment: datetime, zone: ZoneInfo) -> str:
    """The clock there."""
    told = moment.astimezone(zone)
    return told.strftime("%Y-%m-%d %H:%M:%S" if told.second else "%Y-%m-%d %H:%M")


# --- calendar ---------------------------------------------------------------------------------------------------------


def calendar(server: str, path: str, headers: Mapping[str, str], zone: ZoneInfo) -> Iterator[tuple[str, Record]]:
    """The events of the calendar at `path` on a CalDAV server; `headers` let one in."""
    listed = expect(ask("PROPFIND", server + path, {**headers, "Depth": "1"}), 207, doing="observing the calendar")
    events = []
    for each in read_listing(listed.body):
        if not isinstance(each, Collection):
            text = expect(ask("GET", server + quote(each.path), headers), 200, doing="observing an event")
            events.append(_event(text.body.decode(), zone))
    for record in sorted(events, key=lambda each: (each["start"], each["title"])):
        yield f"calendar/{record['title']}", record


def _event(text: str, zone: ZoneInfo) -> Record:
    lines = text.replace("\r\n ", "").replace("\r\n\t", "").splitlines()
    inside = lines[lines.index("BEGIN:VEVENT") : lines.index("END:VEVENT")]
    said: dict[str, tuple[str, str]] = {}
    guests = []
    for line in inside:
        head, _, value = line.partition(":")
        name, _, options = head.partition(";")
        if name == "ATTENDEE":
            guests.append(value.lower().removeprefix("mailto:"))
        said.setdefault(name, (options, value))

    def plain(name: str) -> str:
        value = said.get(name, ("", ""))[1]
        return value.replace("\\n", "\n").replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\")

    record: Record = {"title": plain("SUMMARY"), "place": plain("LOCATION"), "description": plain("DESCRIPTION")}
    record |= {
        "start": _moment(said.get("DTSTART"), zone),
        "end": _moment(said.get("DTEND"), zone),
        "guests": sorted(guests),
    }
    more = {"repeats": "RRULE", "status": "STATUS", "duration": "DURATION", "except": "EXDATE"}
    return record | {name: plain(field) for name, field in more.items() if plain(field)}


def _moment(given: tuple[str, str] | None, zone: ZoneInfo) -> str:
    if given is None:
        return ""
    options, value = given
    if len(value) == 8:
        return datetime.strptime(value, "%Y%m%d").strftime("%Y-%m-%d")  # noqa: DTZ007 - a whole day has no zone
    named = next((each.partition("=")[2] for each in options.split(";") if each.startswith("TZID=")), "UTC")
    kept = ZoneInfo("UTC" if value.endswith("Z") else named.strip('"'))
    return local(datetime.strptime(value.rstrip("Z"), "%Y%m%dT%H%M%S").replace(tzinfo=kept), zone)


# --- directory -------------------------------------------------------------------------------------------


def directory(url: str, token: str) -> Iterator[tuple[str, Record]]:
    """The users and groups of a SCIM service, members by name."""

    def all_of(kind: str) -> list[Record]:
        reply = ask("GET", f"{url}/{kind}?count=1000", bearer(token))
        return list(records(expect(reply, 200, doing=f"observing {kind}").record().get("Resources")))

    users = all_of("Users")
    names = {each["id"]: str(each["userName"]) for each in users}
    for each in sorted(users, key=lambda user: str(user["userName"])):
        yield f"users/{each['userName']}", _user(each, names)
    for each in sorted(all_of("Groups"), key=lambda group: str(group["displayName"])):
        inside = [names.get(member.get("value"), "?") for member in records(each.get("members"))]
        yield f"groups/{each['displayName']}", {"name": each["displayName"], "members": sorted(inside)}


def _user(each: Record, names: Mapping[str, str]) -> Record:
    work: Record = next((value for name, value in each.items() if name.endswith(":enterprise:2.0:User")), {})
    manager = (work.get("manager") or {}).get("value")
    record = {
        "login": each["userName"],
        "name": each.get("displayName") or (each.get("name") or {}).get("formatted"),
        "title": each.get("title", ""),
        "active": each.get("active"),
        "mail": sorted(mail["value"] for mail in each.get("emails", [])),
        "department": work.get("department", ""),
        "manager": names.get(manager, manager) if manager else "",
    }
    more = {name: value for name, value in each.items() if name not in _KNOWN and ":enterprise:" not in name and value}
    return record | more


# --- files ------------------------------------------------------------------------------------------------------------


def files(root: Path) -> Iterator[tuple[str, Record]]:
    """Every file and folder below `root`, but for what is git's own."""
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if ".git" in path.relative_to(root).parts:
            continue
        if path.is_symlink():
            yield f"files/{name}", {"link": str(path.readlink())}
        elif path.is_dir():
            yield f"files/{name}/", {}
        else:
            yield f"files/{name}", file_record(name, path.read_bytes())


def file_record(name: str, content: bytes) -> Record:
    """What a file says, by what its name says that it is."""
    record: Record = {"sha256": hashlib.sha256(content).hexdigest()[:16]}
    kind = Path(name).suffix.lower()
    try:
        match kind:
            case ".csv":
                return record | {"rows": list(csv.DictReader(io.StringIO(content.decode(), newline="")))}
            case ".zip":
                with zipfile.ZipFile(io.BytesIO(content)) as archive:
                    return {"entries": sorted(each for each in archive.namelist() if not each.endswith("/"))}
            case ".gz" | ".tgz":
                with tarfile.open(fileobj=io.BytesIO(content)) as archive:
                    return {"entries": sorted(each.name for each in archive.getmembers() if each.isfile())}
            case ".pdf":
                return record | {"says": content.partition(b"Td (")[2].partition(b") Tj")[0].decode("latin-1")}
            case _:
                return record | ({"text": content.decode()} if kind in _TEXT else {})
    except (ValueError, OSError, csv.Error, zipfile.BadZipFile, tarfile.TarError) as broken:
        return record | {"broken": type(broken).__name__}


# --- mail -------------------------------------------------------------------------------------------------------------


def folders(client: imaplib.IMAP4) -> list[str]:
    """The folders of a mailbox that hold mail."""
    listed = [each for each in client.list()[1] if isinstance(each, bytes) and b"Noselect" not in each]
    return sorted(each.rpartition(b'"/" ')[2].decode().strip('"') for each in listed)


def mails(client: imaplib.IMAP4) -> Iterator[tuple[str, Record]]:
    """The folders, and every mail in them with its marks; of the folder Sent only that it is there.

    A copy there is the consequence of what was delivered, which is what is looked at.
    """
    for name in folders(client):
        yield f"mailbox/{name}/", {}
        if name != "Sent":
            yield from _folder(client, name)


def _folder(client: imaplib.IMAP4, name: str) -> Iterator[tuple[str, Record]]:
    client.select(f'"{name}"', readonly=True)
    found = []
    for each in client.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[])")[1]:
        if isinstance(each, tuple):
            flags = {flag.decode().lower() for flag in imaplib.ParseFlags(each[0])}
            marks = {"read": "\\seen" in flags, "starred": "\\flagged" in flags}
            more = sorted(flags - {"\\seen", "\\flagged", "\\recent", "\\answered", "\\draft"})
            found.append(_letter(each[1]) | marks | ({"flags": more} if more else {}))
    for record in sorted(found, key=lambda record: json.dumps(record, sort_keys=True)):
        yield f"mailbox/{name}/{record['subject']}", record


def delivered(root: Path) -> Iterator[tuple[str, Record]]:
    """The mail that arrived, by recipient: one Maildir each."""
    for folder in sorted(root.iterdir()) if root.exists() else []:
        arrived = [_letter(each.as_bytes()) for each in mailbox.Maildir(folder, create=False)]
        for record in sorted(arrived, key=lambda record: json.dumps(record, sort_keys=True)):
            yield f"delivered/{folder.name}/{record['subject']}", record


def _letter(raw: bytes) -> Record:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))

    def people(name: str) -> list[str]:
        header = message[name]
        return sorted(each.addr_spec.lower() for each in header.addresses) if header is not None else []

    files = {str(each.get_filename()): _content(each) for each in message.iter_attachments()}
    return {
        "from": people("From"),
        "to": people("To"),
        "cc": people("Cc"),
        "subject": str(message["Subject"] or ""),
        "body": "" if body is None else "\n".join(str(body.get_content()).splitlines()).strip(),
        "attachments": {name: hashlib.sha256(content).hexdigest()[:16] for name, content in files.items()},
        "answers": str(message["In-Reply-To"] or "").strip(),
        MESSAGE_ID: str(message["Message-ID"] or "").strip(),
    }


def _content(part: Any) -> bytes:  # noqa: ANN401 - what email calls a message
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


@contextmanager
def looked_into(path: Path) -> Iterator[sqlite3.Connection]:
    """Open an SQLite file to look at it; by a connection that may write, as only that one mends what a killed process left."""
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=rw", uri=True, timeout=10)) as connection:
        connection.execute("PRAGMA query_only = ON")
        yield connection


# --- reminders ---------------------------------------------------------------------------------------------------------


def reminders(path: Path, zone: ZoneInfo) -> Iterator[tuple[str, Record]]:
    """The reminders in doer's file of them."""
    if not path.exists():
        return
    with looked_into(path) as connection:
        for kind, text, at, rule in connection.execute("SELECT kind, text, at, rule FROM reminders ORDER BY at, text"):
            record = {"kind": kind, "text": text, "at": _clock(at, zone), "repeats": rule}
            yield f"reminders/{text}", record


def _clock(at: str, zone: ZoneInfo) -> str:
    """The clock there; what is no time is shown as it stands."""
    try:
        return local(datetime.fromisoformat(at), zone)
    except ValueError:
        return at
