"""What is in the day-one office on Friday, 20 November 2026, at 9 in the morning in Berlin, as data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=ZONE)
"""A Friday. Every sentence is said at this moment."""
DOMAIN = "acme.example"
ME = f"sam@{DOMAIN}"
CALENDAR_PATH = "/sam/work/"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account; `groups` beside everyone."""

    user: str
    given: str
    family: str
    title: str
    department: str
    groups: tuple[str, ...] = ()
    active: bool = True

    @property
    def mail(self) -> str:
        return f"{self.user}@{DOMAIN}"

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}"


PEOPLE = (
    Person("sam", "Sam", "Rivera", "Office Manager", "Operations"),
    Person("ana", "Ana", "Lopez", "Product Manager", "Product", ("platform",)),
    Person("bob", "Bob", "Stone", "Backend Engineer", "Engineering", ("platform",)),
    Person("jo", "Jo", "Park", "Account Executive", "Sales"),
    Person("chris.young", "Chris", "Young", "Designer", "Design", ("design",)),
    Person("chris.adeyemi", "Chris", "Adeyemi", "Data Analyst", "Engineering", ("platform",)),
    Person("dana", "Dana", "Weiss", "Head of Design", "Design", ("design",)),
    Person("eve", "Eve", "Martin", "Accountant", "Finance"),
    Person("mia", "Mia", "Chen", "Backend Engineer", "Engineering"),
    Person("omar", "Omar", "Haddad", "Site Reliability Engineer", "Engineering"),
    Person("lena", "Lena", "Fischer", "Backend Engineer", "Engineering"),
    Person("tom", "Tom", "Okafor", "Contractor", "Engineering", active=False),
)
GROUPS = ("everyone", "platform", "design")


@dataclass(frozen=True, slots=True)
class Meeting:
    """One event in Sam's work calendar."""

    title: str
    day: str
    begins: str
    minutes: int
    guests: tuple[str, ...] = ()
    place: str = ""

    @property
    def start(self) -> datetime:
        return datetime.fromisoformat(f"{self.day}T{self.begins}").replace(tzinfo=ZONE)

    @property
    def end(self) -> datetime:
        return self.start + timedelta(minutes=self.minutes)


MEETINGS = (
    Meeting("Weekly planning", "2026-11-16", "10:00", 60, ("ana", "bob"), "Room 2"),
    Meeting("Budget review", "2026-11-18", "14:00", 60, ("eve",), "Room 1"),
    Meeting("Offer for Globex", "2026-11-19", "16:00", 45, ("jo",)),
    Meeting("Release check", "2026-11-20", "11:00", 30, ("bob",), "Room 2"),
    Meeting("1:1 with Ana", "2026-11-20", "15:00", 30, ("ana",), "Room 3"),
    Meeting("Weekly planning", "2026-11-23", "10:00", 60, ("ana", "bob"), "Room 2"),
    Meeting("Pairing with Bob", "2026-11-24", "09:30", 90, ("bob",)),
    Meeting("Design critique", "2026-11-24", "14:00", 60, ("dana", "chris.young"), "Studio"),
    Meeting("Roadmap with Ana", "2026-11-25", "11:00", 60, ("ana",), "Room 1"),
    Meeting("Lunch with Jo", "2026-11-26", "12:30", 60, ("jo",), "Canteen"),
    Meeting("Board call", "2026-11-27", "16:00", 60),
)

SCHEMA = """
CREATE TABLE customers (
    id integer PRIMARY KEY, name text NOT NULL, email text NOT NULL UNIQUE, city text NOT NULL, discount numeric(5,2) NOT NULL
);
CREATE TABLE products (
    sku text PRIMARY KEY, name text NOT NULL, price numeric(10,2) NOT NULL, stock integer NOT NULL
);
CREATE TABLE orders (
    id integer PRIMARY KEY, customer text NOT NULL, product text NOT NULL REFERENCES products, quantity integer NOT NULL,
    amount numeric(10,2) NOT NULL, status text NOT NULL, placed_at timestamptz NOT NULL
);
CREATE TABLE tickets (
    id integer PRIMARY KEY, title text NOT NULL, status text NOT NULL, priority text NOT NULL, assignee text,
    customer text NOT NULL, opened_at timestamptz NOT NULL
);
"""
CUSTOMERS = (
    (101, "Globex", "orders@globex.example", "Hamburg", "5.00"),
    (102, "Initech", "office@initech.example", "Berlin", "0.00"),
    (103, "Umbra", "hello@umbra.example", "Munich", "10.00"),
    (104, "Hooli", "buy@hooli.example", "Berlin", "2.50"),
)
PRODUCTS = (
    ("LMP-1", "Desk lamp", "39.90", 120),
    ("CHR-7", "Office chair", "249.00", 15),
    ("DSK-3", "Standing desk", "599.00", 4),
    ("MUG-2", "Mug", "12.50", 0),
)
ORDERS = (
    (9001, "Globex", "LMP-1", 10, "399.00", "shipped", "2026-11-16T10:12:00+01:00"),
    (9002, "Initech", "CHR-7", 2, "498.00", "shipped", "2026-11-17T15:40:00+01:00"),
    (9003, "Hooli", "DSK-3", 1, "599.00", "open", "2026-11-18T09:05:00+01:00"),
    (9004, "Umbra", "MUG-2", 20, "250.00", "cancelled", "2026-11-18T23:50:00+01:00"),
    (9005, "Globex", "MUG-2", 8, "100.00", "open", "2026-11-19T00:20:00+01:00"),
    (9006, "Initech", "LMP-1", 1, "39.90", "open", "2026-11-19T08:30:00+01:00"),
    (9007, "Globex", "CHR-7", 1, "249.00", "open", "2026-11-19T13:15:00+01:00"),
    (9008, "Hooli", "LMP-1", 3, "119.70", "shipped", "2026-11-19T18:00:00+01:00"),
    (9009, "Umbra", "DSK-3", 2, "1198.00", "open", "2026-11-19T23:40:00+01:00"),
    (9010, "Initech", "MUG-2", 4, "50.00", "open", "2026-11-20T00:10:00+01:00"),
    (9011, "Globex", "LMP-1", 2, "79.80", "open", "2026-11-20T08:45:00+01:00"),
)
TICKETS = (
    (4810, "Login page is slow", "open", "high", "bob", "Globex", "2026-11-16T09:00:00+01:00"),
    (4811, "Invoice shows the wrong address", "waiting", "normal", "eve", "Initech", "2026-11-17T11:30:00+01:00"),
    (4812, "Export fails for large files", "open", "high", "ana", "Umbra", "2026-11-18T16:20:00+01:00"),
    (4813, "Typo on the pricing page", "open", "low", None, "Hooli", "2026-11-19T10:00:00+01:00"),
    (4814, "Cannot reset the password", "closed", "normal", "bob", "Globex", "2026-11-12T14:00:00+01:00"),
    (4815, "Add dark mode", "open", "low", None, "Initech", "2026-11-20T08:10:00+01:00"),
)


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail in Sam's mailbox."""

    folder: str
    sender: str
    subject: str
    received: str
    text: str
    seen: bool = True
    to: str = f"Sam Rivera <{ME}>"
    reply_to_subject: str = ""

    @property
    def when(self) -> datetime:
        return datetime.fromisoformat(self.received).replace(tzinfo=ZONE)


_JO, _ANA = f"Jo Park <jo@{DOMAIN}>", f"Ana Lopez <ana@{DOMAIN}>"
_NEWS = "Paper Weekly <news@paperweekly.example>"
FOLDERS = ("Archive", "Drafts", "Sent", "Receipts", "Newsletters")
LETTERS = (
    Letter("INBOX", _JO, "Draft of the Globex offer", "2026-11-17T09:10", "Hi Sam,\n\nthe draft is in the folder.\n\nJo"),
    Letter("INBOX", _NEWS, "Ten folds you did not know", "2026-11-17T06:00", "This week: folds.", seen=False),
    Letter("INBOX", f"Billing <billing@{DOMAIN}>", "Invoice 2026-118 is overdue", "2026-11-18T08:00",
           "Dear Sam,\n\ninvoice 2026-118 over 1,240.00 EUR was due on 11 November.\n\nBilling"),
    Letter("INBOX", f"Chris Young <chris.young@{DOMAIN}>", "New logo", "2026-11-18T17:45", "Which of the two?\n\nChris"),
    Letter("INBOX", _NEWS, "The state of envelopes", "2026-11-19T06:00", "This week: envelopes.", seen=False),
    Letter("INBOX", _ANA, "Slides for Wednesday", "2026-11-19T14:05", "Can you send me the numbers?\n\nAna", seen=False),
    Letter("INBOX", _JO, "Does Friday work?", "2026-11-19T16:30", "Hi Sam,\n\ndoes Friday work for the visit?\n\nJo", seen=False),
    Letter("INBOX", "Rail Tickets <no-reply@rail.example>", "Your receipt R-5521", "2026-11-20T07:15", "Total: 59.90 EUR"),
    Letter("Archive", _JO, "Welcome back", "2026-10-05T09:00", "Good to have you back.\n\nJo"),
    Letter("Receipts", "Rail Tickets <no-reply@rail.example>", "Your receipt R-5107", "2026-10-12T18:00", "Total: 32.40 EUR"),
    Letter("Drafts", f"Sam Rivera <{ME}>", "Holiday plans", "2026-11-15T12:00", "I will be away from", to=f"dana@{DOMAIN}"),
)  # fmt: skip

REMINDERS = (
    ("Renew the parking permit", "2026-12-01T09:00:00+01:00", ""),
    ("Call the landlord", "2026-11-24T10:00:00+01:00", ""),
    ("Water the plants", "2026-11-23T08:00:00+01:00", "FREQ=WEEKLY"),
)

TRACKED = {
    "README.md": "# Acme office\n\nHow we work.\n",
    "docs/handbook.md": "# Handbook\n\nCore hours are 10 to 15.\n",
    "docs/plan.md": "# Plan for the quarter\n\n- Ship the export\n",
    ".gitignore": "in/\n*.pdf\n*.csv\n*.zip\n",
}
"""What is committed and pushed: two commits on main, the tag v1.0 at the first."""
EDITED = {
    "docs/plan.md": "# Plan for the quarter\n\n- Ship the export\n- Hire two engineers\n",
    "docs/travel.md": "# Travel\n\nBook trains two weeks ahead.\n",
}
"""What has been written since and is not committed: one changed file, one new one."""
FILES = {
    "new_hires.csv": f"name,email,start\nMia Chen,mia@{DOMAIN},2026-12-01\nOmar Haddad,omar@{DOMAIN},2026-12-01\n"
    f"Lena Fischer,lena@{DOMAIN},2027-01-04\n",
    "prices.csv": "sku,name,price\nLMP-1,Desk lamp,39.90\nCHR-7,Office chair,249.00\nDSK-3,Standing desk,599.00\nMUG-2,Mug,12.50\n",
    "expenses.csv": "date,what,amount\n2026-11-10,Train to Hamburg,59.90\n2026-11-12,Coffee beans,24.00\n"
    "2026-11-17,Printer paper,31.50\n",
    "todo.md": "# To do\n\n- [ ] order paper\n- [ ] book the room for Monday\n- [x] pay the rent\n",
    "notes/monday.md": "# Monday\n\nAna asked for the numbers.\n",
}
"""Not in the repository. in/ and notes/monday.md beside them."""
PDFS = {
    "invoice.pdf": ("Invoice 2026-121 to Globex over 399.00 EUR", "2026-11-19T12:00"),
    "offer_globex.pdf": ("Offer for Globex", "2026-11-17T09:00"),
    "in/scan_0001.pdf": ("Delivery note 771", "2026-11-16T08:55"),
    "in/scan_0002.pdf": ("Contract with Umbra", "2026-11-17T13:20"),
    "in/scan_0003.pdf": ("Receipt from the canteen", "2026-11-19T10:40"),
}
"""Path -> what is printed on it, and when the file was last written."""
