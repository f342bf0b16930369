"""Puts the world back to its seed: at the start, and between the trials of a fault harness. Leaves nothing from before."""

from __future__ import annotations

import fcntl
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from doer.demos.onboard import seed
from doer.demos.onboard.access_store import GrantStore
from doer.demos.onboard.places import Places, Services
from doer.demos.onboard.wire import Record, as_record, ask, bearer, canonical, expect, records

DOERS_OWN = frozenset({".doer", "doer.toml", "policy.cedar", "skills", ".git"})
"""Names at the top of the workspace that are doer's state, not the company's: neither reset nor observed."""


def lay_down(places: Places) -> None:
    """Write the seed of every system that keeps its state on disk. The directory is seeded when its server runs."""
    places.seed_database.parent.mkdir(parents=True, exist_ok=True)
    places.seed_database.unlink(missing_ok=True)
    with closing(sqlite3.connect(places.seed_database)) as connection, connection:
        connection.execute(seed.PEOPLE_TABLE)
        connection.executemany("INSERT INTO people VALUES (?, ?, ?, ?, ?, ?)", seed.rows())
    GrantStore(places.access).create()
    reset_stored(places)


def reset_stored(places: Places) -> None:
    """Reset database, files, mail, calendar and access grants."""
    reset_database(places)
    reset_files(places.workspace)
    reset_mail(places.maildir)
    reset_calendar(places.calendar)
    GrantStore(places.access).replace_all(seed.grants())


def reset(services: Services) -> None:
    """Put the whole world back to its seed through the servers' own state; about 50 ms.

    Nobody else may be writing meanwhile: a proxy that still holds a delayed request has to be drained first.
    Server-issued volatile values (SCIM ids of recreated users, versions, ETags) are new. Hand in the services as
    `start_services` gave them, not with a faulty proxy between. Raises OSError or UnexpectedReply when a server is gone.
    """
    reset_stored(services.places)
    reset_directory(services)


def reset_database(places: Places) -> None:
    """Copy the seed's pages over the live file (SQLite backup), so tables, rows and schema are the seed's.

    Raises sqlite3.OperationalError when somebody still holds a transaction after 5 s.
    """
    with closing(sqlite3.connect(places.seed_database)) as source, closing(sqlite3.connect(places.database)) as live:
        live.execute("PRAGMA synchronous=OFF")  # A trial's start need not survive a power cut.
        live.execute("BEGIN EXCLUSIVE")  # backup() alone would wait for a forgotten writer without end.
        live.execute("ROLLBACK")
        source.backup(live)


def reset_files(workspace: Path) -> None:
    """Empty the workspace but for doer's own names and write the seed's files."""
    workspace.mkdir(parents=True, exist_ok=True)
    for entry in workspace.iterdir():
        if entry.name not in DOERS_OWN:
            _remove(entry)
    for name, text in seed.files().items():
        path = workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o644)
        path.parent.chmod(0o755)


def reset_mail(maildir: Path) -> None:
    """Remove every mailbox."""
    maildir.mkdir(parents=True, exist_ok=True)
    for entry in maildir.iterdir():
        _remove(entry)


def reset_calendar(folder: Path, files: Mapping[str, str] = seed.CALENDAR_FILES) -> None:
    """Rewrite the calendar server's storage, its caches included, under the lock that the server itself takes.

    `files`: text by path below its collections.
    """
    folder.mkdir(parents=True, exist_ok=True)
    root = folder / "collection-root"
    with _locked(folder / ".Radicale.lock"):
        if root.exists():
            shutil.rmtree(root)
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode("utf-8"))


def reset_directory(services: Services) -> None:
    """Mend what differs from the seed through SCIM itself: the server keeps its state in memory only."""
    ids = _reset_users(services)
    found = _all(services, "Groups")
    by_name = {str(group["displayName"]): group for group in found}
    kept = {by_name[name]["id"] for name in seed.GROUPS if name in by_name}
    for group in found:
        if group["id"] not in kept:
            _scim(services, "DELETE", f"Groups/{group['id']}")
    for name in seed.GROUPS:
        _settle(services, "Groups", by_name.get(name), seed.group_record(name, ids))


def _reset_users(services: Services) -> dict[str, str]:
    """Make the users those of the seed; gives the id for each user name."""
    found = {str(user["userName"]).lower(): user for user in _all(services, "Users")}
    for name in found.keys() - {person.mail for person in seed.PEOPLE}:
        _scim(services, "DELETE", f"Users/{found[name]['id']}")
    return {p.mail: _settle(services, "Users", found.get(p.mail), p.user()) for p in seed.PEOPLE}


def _settle(services: Services, kind: str, stored: Record | None, wanted: Record) -> str:
    """Create or replace one resource where it differs from `wanted`; gives its id."""
    if stored is None:
        return str(_scim(services, "POST", kind, wanted)["id"])
    content = {name: value for name, value in stored.items() if name not in ("id", "meta")}
    if canonical(content) != canonical(wanted):
        _scim(services, "PUT", f"{kind}/{stored['id']}", wanted)
    return str(stored["id"])


def _all(services: Services, kind: str) -> list[Record]:
    page = _scim(services, "GET", f"{kind}?count=1000")
    found = records(page.get("Resources"))
    if len(found) != page["totalResults"]:
        raise RuntimeError(f"the directory holds {page['totalResults']} {kind}: too many to reset in one page")
    return found


def _scim(services: Services, method: str, path: str, content: Record | None = None) -> Record:
    headers = {**bearer(services.directory_token), "Content-Type": "application/scim+json"}
    body = None if content is None else canonical(content).encode()
    reply = ask(method, f"{services.directory_url}/{path}", headers, body)
    expect(reply, 200, 201, 204, doing=f"seeding the directory ({method} {path})")
    return as_record(reply.record() if reply.body else {})


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
