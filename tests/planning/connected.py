"""A small connected office for plain sentences: real CalDAV, SCIM, IMAP, SQLite, files and git, and the shipped skills."""

import subprocess
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from tests.connectors.calendar_server import PASSWORD, USER, CalendarServer, calendar_server
from tests.connectors.database_servers import SqliteWorld
from tests.connectors.directory_server import TOKEN, World, directory_server
from tests.connectors.mail_server import ImapServer, imap_server

from doer.app.doer import Doer
from doer.connectors.tools.calendar import calendar_tools
from doer.connectors.tools.database import database_tools
from doer.connectors.tools.directory import directory_tools
from doer.connectors.tools.files import file_tools
from doer.connectors.tools.git import git_tools
from doer.connectors.tools.mail import mail_tools
from doer.connectors.tools.mailbox import mailbox_tools
from doer.connectors.tools.reminders import reminder_tools
from doer.connectors.tools.tables import table_tools
from doer.domain.ports import Tool
from doer.planning.grounded import GroundedPlanner
from doer.planning.skills.uses import workspace_skills
from doer.testing import ManualClock, MemoryJournal

SATURDAY = datetime(2026, 11, 21, 13, 0, tzinfo=UTC)
ZONE = "Europe/Berlin"
KINDS: Mapping[str, str] = {
    "calendar": "calendar", "directory": "directory", "crm": "database", "files": "files", "mail": "mail", "repo": "git",
    "reminders": "reminders",
}  # fmt: skip
SQL = """
CREATE TABLE tickets (id INTEGER PRIMARY KEY, title TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('open', 'waiting', 'closed')),
    priority TEXT NOT NULL CHECK (priority IN ('low', 'normal', 'high')), created_at TIMESTAMP, closed_at TIMESTAMP);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, amount NUMERIC(10,2) NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('new', 'paid', 'shipped', 'cancelled')), placed_at TIMESTAMP NOT NULL);
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT UNIQUE, city TEXT,
    active BOOLEAN NOT NULL DEFAULT 1);
CREATE TABLE products (sku TEXT PRIMARY KEY, name TEXT NOT NULL, price NUMERIC(10,2) NOT NULL, stock INTEGER NOT NULL);
CREATE TABLE invoices (number TEXT PRIMARY KEY, total NUMERIC(10,2), due_date DATE, paid_on DATE);
INSERT INTO tickets VALUES (4812, 'Printer', 'open', 'high', '2026-11-20 08:00:00', NULL),
    (4813, 'VPN', 'waiting', 'normal', '2026-11-19 08:00:00', NULL),
    (4814, 'Mail', 'closed', 'low', '2026-11-01 08:00:00', '2026-11-20 09:00:00'),
    (4815, 'Net', 'open', 'low', '2026-11-12 08:00:00', NULL);
INSERT INTO orders VALUES (1, 1, 19.90, 'new', '2026-11-20 10:00:00'), (2, 1, 5.10, 'paid', '2026-11-20 23:30:00'),
    (3, 2, 100, 'shipped', '2026-11-12 10:00:00'), (4, 2, 7.77, 'paid', '2026-03-03 10:00:00'),
    (5, 2, 7.77, 'paid', '2026-03-31 23:59:59');
INSERT INTO customers VALUES (1, 'Hansa', 'info@hansa.example', 'Lisbon', 1),
    (2, 'Nordwind', 'hi@nordwind.example', 'Oslo', 0), (3, 'Sol', 's@sol.example', 'Lisbon', 1);
INSERT INTO products VALUES ('A-12', 'Pump', 19, 5), ('A-13', 'Valve', 3.5, 0);
INSERT INTO invoices VALUES ('INV-1', 100, '2026-11-20', NULL), ('INV-2', 50, '2026-12-01', '2026-11-20');
"""
STATEMENTS = tuple(each.strip() for each in SQL.split(";") if each.strip())
EVENTS = (
    ("pricing", "Pricing", "20261123T150000", "20261123T154500", "ana.lopez@acme.example"),
    ("standup", "Standup", "20261123T091500", "20261123T093000", "bob.stone@acme.example"),
    ("review", "Design review", "20261124T110000", "20261124T120000", "bob.stone@acme.example"),
    ("lunch", "Lunch with Jo", "20261122T123000", "20261122T133000", ""),
    ("sync", "Ana sync", "20261126T100000", "20261126T103000", "ana.lopez@acme.example"),
)
PEOPLE = (
    ("ana.lopez@acme.example", "Ana", "Lopez"), ("bob.stone@acme.example", "Bob", "Stone"),
    ("jo.weber@acme.example", "Jo", "Weber"), ("tom.becker@acme.example", "Tom", "Becker"),
    ("tom.hill@acme.example", "Tom", "Hill"),
)  # fmt: skip


@dataclass(frozen=True)
class Servers:
    """The systems, as an independent client sees them."""

    calendar: CalendarServer
    directory: World
    imap: ImapServer
    crm: SqliteWorld
    folder: Path
    planners: list[GroundedPlanner] = field(default_factory=list)
    """The one that plans here, once the office was opened: what it learnt of the systems and of the skills, no test leaves otherwise."""


@contextmanager
def servers(root: Path) -> Iterator[Servers]:
    """Start the systems once; `fill` seeds them."""
    folder = root / "work"
    folder.mkdir(parents=True)
    with calendar_server(root / "dav") as calendar, directory_server() as directory, imap_server(root / "imap") as imap:
        made = Servers(calendar, directory, imap, SqliteWorld(root / "crm.db"), folder)
        fill(made)
        yield made


def fill(made: Servers) -> None:
    """Seed all systems."""
    made.crm.run(*STATEMENTS)
    made.calendar.make("work")
    for uid, title, start, end, guest in EVENTS:
        attendee = f"\nATTENDEE:mailto:{guest}" if guest else ""
        made.calendar.put(
            "work", uid, f"DTSTART;TZID={ZONE}:{start}\nDTEND;TZID={ZONE}:{end}\nSUMMARY:{title}{attendee}"
        )
    for name, given, family in PEOPLE:
        made.directory.add_user(name, given, family)
    made.directory.add_group("Platform", "ana.lopez@acme.example")
    made.directory.add_group("Sales")
    made.imap.fresh("Sent", "Drafts", "Archive")
    for sender, subject, day in (
        ("Jo Weber <jo.weber@acme.example>", "Friday?", 20),
        ("Ana Lopez <ana.lopez@acme.example>", "Prices", 19),
    ):
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, "sam@acme.example", subject
        mail["Message-ID"] = f"<{subject.strip('?').lower()}@acme.example>"
        mail.set_content("Does it work?\n")
        made.imap.append("INBOX", mail.as_bytes(), when=datetime(2026, 11, day, 10, tzinfo=UTC))
    _files(made.folder)


def _files(folder: Path) -> None:
    (folder / "in").mkdir()
    (folder / "in" / "scan_2026-11-03.pdf").write_bytes(b"%PDF-1")
    (folder / "in" / "scan_20261104_b.pdf").write_bytes(b"%PDF-2")
    (folder / "archive").mkdir()
    (folder / "outbox").mkdir()
    (folder / "invoice.pdf").write_bytes(b"%PDF-3")
    (folder / "new_hires.csv").write_text(
        "name,email\nTom Becker,tom.becker@acme.example\nJo Weber,jo.weber@acme.example\n"
    )
    (folder / "spent.csv").write_text("date,what,amount\n2026-11-10,Train,59.90\n")
    (folder / "starts.csv").write_text(
        "name,email,start\nTom,tom.becker@acme.example,2026-12-01\nJo,jo.weber@acme.example,2027-01-04\n"
    )
    (folder / "mixed.csv").write_text("a,b\nx@acme.example,y@acme.example\n")
    repository = folder / "repo"
    (repository / "docs").mkdir(parents=True)
    (repository / "docs" / "a.md").write_text("one\n")
    for words in (["init", "-q", "-b", "main"], ["config", "user.email", "sam@acme.example"], ["config", "user.name", "Sam"],
                  ["commit", "-q", "--allow-empty", "-m", "start"]):  # fmt: skip
        subprocess.run(["git", *words], cwd=repository, check=True, capture_output=True)
    bare = folder.parent / "origin.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(bare)], check=True, capture_output=True)
    subprocess.run(["git", "remote", "add", "origin", str(bare)], cwd=repository, check=True, capture_output=True)
    subprocess.run(["git", "push", "-q", "origin", "main"], cwd=repository, check=True, capture_output=True)


@asynccontextmanager
async def office(made: Servers, state: Path) -> AsyncIterator[Doer]:
    """Return a Doer connected to everything, whose planner knows what was learnt of it before."""
    clock = ManualClock(SATURDAY)
    journal = MemoryJournal(clock)
    tools: list[Tool] = [
        *calendar_tools("calendar", f"{made.calendar.url}/{USER}/work/", calendar="", username=USER,
                        password=lambda: PASSWORD, owner="sam@acme.example", zone=ZONE),
        *directory_tools("directory", made.directory.url, token=lambda: TOKEN),
        *database_tools("crm", made.crm.url, writable=("*",), once="operations-table"),
        *file_tools(made.folder, journal, (".doer",), "files"),
        *table_tools(made.folder, journal, (".doer",), "files"),
        *mail_tools("mail", "smtp://127.0.0.1:9", sender="sam@acme.example", files=made.folder),
        *mailbox_tools("mail", made.imap.url, username=made.imap.user, password=lambda: ImapServer.password,
                       smtp_url="smtp://127.0.0.1:9", sender="sam@acme.example"),
        *reminder_tools("reminders", state, ZONE, clock.now),
        *git_tools("repo", made.folder / "repo", author="Sam <sam@acme.example>", push=("main",)),
    ]  # fmt: skip
    if not made.planners:
        made.planners.append(
            GroundedPlanner(workspace_skills((), KINDS, [each.manifest.name for each in tools]), (), KINDS)
        )
    async with Doer(tools=tools, planners=made.planners, journal=journal, clock=clock, timezone=ZONE, me="sam") as doer:
        yield doer
