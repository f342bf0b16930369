"""Lays the office down and puts it back to its seed between trials: through the servers' own state, in about 0.2 s."""

from __future__ import annotations

import imaplib
import shutil
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from doer.demos.office import seed
from doer.demos.office.places import Office
from doer.demos.office.repositories import git
from doer.demos.office.seeing import folders
from doer.demos.office.servers import OWNER
from doer.demos.onboard.reset import reset_calendar
from doer.demos.onboard.wire import Json, Record, as_record, ask, bearer, canonical, expect, records


def lay_down(office: Office) -> None:
    """Make the seeds that are copied later."""
    office.seeds.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(office.seeds / "ledger.db")) as connection, connection:
        connection.execute(seed.SCHEMA)
        connection.executemany("INSERT INTO launches VALUES (?, ?, ?, ?)", seed.LAUNCHES)
    office.reminders.parent.mkdir(exist_ok=True)
    _lay_reminders(office.seeds / "reminders.db")
    desk = office.seeds / "desk"
    write(desk, seed.FILES)
    for name, content in (("site", seed.SITE), ("manual", seed.MANUAL)):
        bare = office.seeds / "git" / f"{name}.git"
        lay_repository(bare, desk / name, [("Begin", content)], f"{office.git_url}/{name}.git")
    write(desk, seed.EDITED)
    shutil.rmtree(desk / "manual")  # the job clones it


def reset(office: Office) -> None:
    """Put the whole office back to its seed. Hand in the office without a proxy between; nobody else may be writing."""
    reset_calendar(office.places.calendar, seed.CALENDAR_FILES)
    reset_directory(office.directory_url, office.directory_token, _users(), seed.GROUPS)
    form = {**bearer(office.shop_token), "Content-Type": "application/json"}
    expect(
        ask("POST", f"{office.shop_url}/reset", form, canonical(seed.shop()).encode()), 204, doing="seeding the shop"
    )
    with office.mailbox() as client:
        reset_mailbox(client, seed.FOLDERS, [_letter(*each) for each in seed.LETTERS])
    shutil.rmtree(office.places.maildir, ignore_errors=True)
    for kept, place in ((office.seeds / "git", office.hosted), (office.seeds / "desk", office.desk)):
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(kept, place, symlinks=True)
    for name, path in (("ledger.db", office.ledger), ("reminders.db", office.reminders)):
        for each in path.parent.glob(f"{path.name}-*"):
            each.unlink()  # what a killed process left beside the file would be taken for its own
        shutil.copyfile(office.seeds / name, path)


# --- what others lay down as well -------------------------------------------------------------------------------------


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write texts by path below the folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def lay_repository(bare: Path, clone: Path, commits: Sequence[tuple[str, Mapping[str, str]]], url: str) -> None:
    """Make a bare repository that may be pushed to over HTTP, and a clone of it that has `url` for its remote."""
    bare.parent.mkdir(parents=True, exist_ok=True)
    git(bare.parent, "init", "-q", "--bare", "-b", "main", str(bare))
    git(bare, "config", "http.receivepack", "true")
    git(bare.parent, "clone", "-q", str(bare), str(clone))
    git(clone, "checkout", "-q", "-B", "main")
    git(clone, "config", "user.name", "Sam Rivera")
    git(clone, "config", "user.email", OWNER)
    for message, files in commits:
        write(clone, files)
        git(clone, "add", "-A")
        git(clone, "commit", "-q", "-m", message)
    git(clone, "push", "-q", "-u", "origin", "main")
    git(clone, "remote", "set-url", "origin", url)


def reset_directory(url: str, token: str, users: Mapping[str, Record], groups: Mapping[str, tuple[str, ...]]) -> None:
    """Make the users (SCIM records by user name) and groups (user names by name) of a SCIM service these and no others."""

    def scim(method: str, path: str, content: Record | None = None) -> Record:
        headers = {**bearer(token), "Content-Type": "application/scim+json"}
        body = None if content is None else canonical(content).encode()
        reply = ask(method, f"{url}/{path}", headers, body)
        expect(reply, 200, 201, 204, doing=f"seeding the directory ({method} {path})")
        return as_record(reply.record() if reply.body else {})

    def settled(kind: str, key: str, wanted: Mapping[str, Record]) -> dict[str, str]:
        found = {str(each[key]): each for each in records(scim("GET", f"{kind}?count=1000").get("Resources"))}
        ids: dict[str, str] = {}
        for name in found.keys() - wanted.keys():
            scim("DELETE", f"{kind}/{found[name]['id']}")
        for name, record in wanted.items():
            there = found.get(name)
            said = {} if there is None else {each: there[each] for each in there if each not in ("id", "meta")}
            if there is None:
                ids[name] = str(scim("POST", kind, record)["id"])
                continue
            ids[name] = str(there["id"])
            if canonical(said) != canonical(record):
                scim("PUT", f"{kind}/{there['id']}", record)
        return ids

    ids = settled("Users", "userName", users)
    wanted: dict[str, Record] = {}
    for name, members in groups.items():
        inside: list[Json] = [
            {"value": ids[each], "type": "User", "display": users[each]["displayName"]} for each in members
        ]
        wanted[name] = {"schemas": [seed.GROUP_SCHEMA], "displayName": name, "members": inside}
    settled("Groups", "displayName", wanted)


def reset_mailbox(
    client: imaplib.IMAP4, names: Sequence[str], letters: Sequence[tuple[str, str, datetime, EmailMessage]]
) -> None:
    """Make a mailbox hold these folders beside the inbox, and these mails: folder, flags, when it came, the mail."""
    for name in folders(client):
        if name != "INBOX":
            client.delete(f'"{name}"')
    client.select("INBOX")
    client.uid("STORE", "1:*", "+FLAGS", "(\\Deleted)")
    client.expunge()
    for name in names:
        client.create(name)
    for folder, flags, when, mail in letters:
        raw = mail.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        status, told = client.append(folder, flags, imaplib.Time2Internaldate(when), raw)
        if status != "OK":
            raise RuntimeError(f"the mailbox took no mail: {told!r}")


def letter(sender: str, to: str, subject: str, when: datetime, text: str, name: str) -> EmailMessage:
    """A mail; `name` is the local part of its Message-ID."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = format_datetime(when)
    message["Message-ID"] = f"<{name}@{sender.rpartition('@')[2].rstrip('>')}>"
    message.set_content(text + "\n")
    return message


def _letter(folder: str, sender: str, subject: str, came: str, text: str) -> tuple[str, str, datetime, EmailMessage]:
    when = datetime.fromisoformat(came)
    name = subject.lower().replace(" ", "-")
    return folder, "(\\Seen)", when, letter(sender, f"Sam Rivera <{OWNER}>", subject, when, text, name)


def _users() -> dict[str, Record]:
    return {
        mail: {
            "schemas": [seed.USER_SCHEMA],
            "userName": mail,
            "name": {"formatted": name, "givenName": name.split()[0], "familyName": name.split()[1]},
            "displayName": name,
            "active": True,
            "emails": [{"value": mail, "type": "work", "primary": True}],
        }
        for mail, name in seed.PEOPLE.items()
    }


def _lay_reminders(path: Path) -> None:
    lay_reminders(path, [(name, text, at, "") for name, text, at in seed.REMINDERS], seed.ZONE)


def lay_reminders(path: Path, reminders: Sequence[tuple[str, str, str, str]], zone: str) -> None:
    """Make the file of reminders as doer keeps it, with these: id, text, when, how it repeats."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(
            "CREATE TABLE reminders (id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, text TEXT NOT NULL,"
            " at TEXT NOT NULL, zone TEXT NOT NULL, rule TEXT NOT NULL) STRICT;"
            "CREATE TABLE deeds (key TEXT PRIMARY KEY, id TEXT NOT NULL, origin TEXT NOT NULL, before TEXT, after TEXT) STRICT;"
        )
        for name, text, at, rule in reminders:
            row = (name, f"key of {name}", "reminder", text, at, zone, rule)
            connection.execute("INSERT INTO reminders VALUES (?, ?, ?, ?, ?, ?, ?)", row)
