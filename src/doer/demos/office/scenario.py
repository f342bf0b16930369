"""The scenario `office`: a new price list brought out in everything that an office has, against real local servers."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from doer.app.doer import Doer
from doer.app.later import Later
from doer.connectors.secrets import fixed
from doer.connectors.tools.archive import archive_tools
from doer.connectors.tools.calendar import calendar_tools
from doer.connectors.tools.database import database_tools
from doer.connectors.tools.directory import directory_tools
from doer.connectors.tools.files import file_tools
from doer.connectors.tools.git import git_tools
from doer.connectors.tools.http import http_tools
from doer.connectors.tools.mail import MaildirMailbox, mail_tools
from doer.connectors.tools.mailbox import mailbox_tools
from doer.connectors.tools.reminders import reminder_tools
from doer.connectors.tools.tables import table_tools
from doer.demos.office import seed, servers
from doer.demos.office.laying import lay_down, reset
from doer.demos.office.meddling import meddle, still
from doer.demos.office.places import Office
from doer.demos.office.seeing import Snapshot
from doer.demos.office.servers import GIT_USER, OWNER, OfficeCredentials
from doer.demos.office.world import differences, effects, observe
from doer.demos.onboard import servers as company
from doer.demos.onboard.places import CALENDAR_USER, Places
from doer.demos.onboard.servers import Credentials, Server
from doer.demos.onboard.supervisor import await_ready, stop_all
from doer.demos.onboard.wire import Record, canonical
from doer.domain.ports import Tool
from doer.domain.value import Json
from doer.journal.store import open_journal
from doer.planning.skills.skill import Skill
from doer.runtime.system import SystemClock
from doer.testing.scenario import WrapJournal, WrapTools

SKILLS = Path(__file__).parent / "skills"
_SEED = "seed.json"


@dataclass(frozen=True, slots=True)
class OfficeDay:
    """The scenario, as `doer demo office` and `doer chaos` use it."""

    name: str = "office"
    sentence: str = "Ship the spring price list next Monday"

    @contextmanager
    def start(self, root: Path) -> Iterator[None]:
        """Start every server of the office under `root`, with the seed of its world; they end when this is left."""
        places = Places(root.resolve())
        places.logs.mkdir(parents=True, exist_ok=True)
        secret, own = Credentials(), OfficeCredentials()
        started: list[Server] = []
        try:
            started += [company.start_directory(places, secret), company.start_calendar(places, secret)]
            imap = servers.start_mailbox(places, own)
            started += [imap, servers.start_post(places, own, imap.port), servers.start_shop(places, own)]
            started.append(servers.start_git(places, own, places.root / "git"))
            await_ready(started, threading.Event())
            office = _office(places, secret, own, {each.name: each for each in started})
            office.save()
            lay_down(office)
            reset(office)
            (root / _SEED).write_text(json.dumps(observe(office)))
            yield
        finally:
            stop_all(started)

    def attach(self, root: Path, through: Mapping[str, str] | None = None) -> OfficeStage:
        """Return the office under `root`; `through` puts proxies before the services that have an address."""
        office = Office.load(root)
        return OfficeStage(root, office, _through(office, through or {}))


def _through(office: Office, through: Mapping[str, str]) -> Office:
    reached = office
    for name, url in through.items():
        match name:
            case "directory":
                reached = replace(reached, directory_url=url)
            case "calendar":
                reached = replace(reached, calendar_url=url)
            case "shop":
                reached = replace(reached, shop_url=url)
            case "git":
                reached = replace(reached, git_url=url)
            case "mail":
                reached = replace(reached, smtp_url=url)
            case "mailbox":
                reached = replace(reached, imap_url=url)
            case _:
                raise ValueError(f"no proxy can be put before {name!r}")
    return reached


def _office(places: Places, secret: Credentials, own: OfficeCredentials, at: Mapping[str, Server]) -> Office:
    return Office(
        root=places.root,
        directory_url=at["directory"].url + "/v2",
        directory_token=secret.directory_token,
        calendar_url=at["calendar"].url,
        calendar_password=secret.calendar_password,
        observer_password=secret.observer_password,
        shop_url=at["shop"].url,
        shop_token=own.shop_token,
        git_url=at["git"].url,
        git_token=own.git_token,
        smtp_url=at["post"].url.replace("http://", "smtp://"),
        imap_url=at["mailbox"].url.replace("http://", "imap://"),
        mail_password=own.mail_password,
    )


@dataclass(frozen=True, slots=True)
class OfficeStage:
    """A `Stage`: the running office; doer reaches it through `reached`, the observer always directly."""

    root: Path
    direct: Office
    reached: Office

    @property
    def services(self) -> Mapping[str, str]:
        """What can be made to lie, by name."""
        at = self.direct
        return {
            "directory": at.directory_url,
            "calendar": at.calendar_url,
            "shop": at.shop_url,
            "git": at.git_url,
            "mail": at.smtp_url,
            "mailbox": at.imap_url,
            "ledger": str(at.ledger),
            "reminders": str(at.reminders),
            "files": str(at.desk),
        }

    @property
    def kinds(self) -> Mapping[str, str]:
        """What serves each, for a person."""
        return {
            "directory": "SCIM 2.0 · scim2-server",
            "calendar": "CalDAV · radicale",
            "shop": "HTTP with ETags, idempotency keys and pages · an application of ours",
            "git": "git over smart HTTP · git http-backend",
            "mail": "SMTP · aiosmtpd, mailboxes on disk",
            "mailbox": "IMAP · pymap",
            "ledger": "SQLite",
            "reminders": "SQLite, doer's own file",
        }

    @property
    def workspace(self) -> Path:
        """The folder that doer works in."""
        return self.direct.desk

    def open(self, *, tools: WrapTools | None = None, journal: WrapJournal | None = None) -> Doer:
        """Return a Doer over this office. Closing it closes the journal too."""
        kept = open_journal(self.direct.state, SystemClock())
        made = self.tools(
            [
                *file_tools(self.direct.desk, kept),
                *table_tools(self.direct.desk, kept),
                *archive_tools(self.direct.desk, kept),
            ]
        )
        return Doer(
            tools=tools(made) if tools is not None else made,
            skills=Later(_skills),
            journal=journal(kept) if journal is not None else kept,
            closing=(kept.close,),
            me=OWNER,
            timezone=seed.ZONE,
        )

    def tools(self, files: Sequence[Tool]) -> list[Tool]:
        """The tools of every system."""
        return [*files, *self._remote(), *self._mail(), *self._git("site"), *self._git("manual")]

    def _remote(self) -> list[Tool]:
        at = self.reached
        return [
            *directory_tools("directory", at.directory_url, token=fixed(at.directory_token)),
            *calendar_tools(
                "calendar", at.calendar_url, calendar=seed.CALENDAR_PATH, username=CALENDAR_USER,
                password=fixed(at.calendar_password), zone=seed.ZONE,
            ),
            *http_tools(
                "shop", f"{at.shop_url}/api", auth="bearer", credential=fixed(at.shop_token),
                writable=("/products/*", "/announcements", "/announcements/*"), once="idempotency-key",
            ),
            *database_tools("ledger", f"sqlite:///{at.ledger}", once="unique:season", writable=("launches",)),
            *reminder_tools("reminders", at.reminders.parent, seed.ZONE),
        ]  # fmt: skip

    def _mail(self) -> list[Tool]:
        at = self.reached
        arrivals, password = MaildirMailbox(at.places.maildir), fixed(at.mail_password)
        return [
            *mail_tools(
                "mail", at.smtp_url, sender=f"Sam Rivera <{OWNER}>", mailbox=arrivals, username=OWNER, password=password
            ),
            *mailbox_tools(
                "mail", at.imap_url, username=OWNER, password=password, smtp_url=at.smtp_url,
                sender=f"Sam Rivera <{OWNER}>", arrivals=arrivals,
            ),
        ]  # fmt: skip

    def _git(self, name: str) -> Sequence[Tool]:
        at = self.reached
        return git_tools(
            name, at.desk / name, url=f"{at.git_url}/{name}.git", author=f"Sam Rivera <{OWNER}>",
            push=("main", "tags/prices-*"), username=GIT_USER, password=fixed(at.git_token),
        )  # fmt: skip

    def effects(self) -> Sequence[str]:
        """What has changed since the seed, each as a line that is equal from run to run."""
        return effects(self._seed(), observe(self.direct))

    def differences(self) -> Sequence[str]:
        """What has changed since the seed, each in words."""
        return differences(self._seed(), observe(self.direct))

    def doubled(self) -> Sequence[str]:
        """What is there more than once, each in words."""
        before = self._seed()
        return [place for place in observe(self.direct) if " #" in place and place not in before]

    def observe(self) -> Json:
        """The whole world by system, volatile fields left out."""
        found: dict[str, dict[str, Json]] = {}
        for place, record in observe(self.direct).items():
            system, _, rest = place.partition("/")
            found.setdefault(system, {})[rest] = record
        return found

    def digest(self) -> str:
        """SHA-256 of what `observe` returns."""
        return hashlib.sha256(canonical(cast("Record", self.observe())).encode()).hexdigest()

    def _seed(self) -> Snapshot:
        return cast("Snapshot", json.loads((self.root / _SEED).read_text()))

    def meddle(self, where: Sequence[str] = ()) -> Sequence[str]:
        """Let somebody else edit what the run made in these services (all, when none is named)."""
        return meddle(self.direct, where)

    def still(self, edits: Sequence[str]) -> Sequence[str]:
        """Return those edits that are still there."""
        return still(self.direct, edits)

    def reset(self) -> None:
        """Put the office back to its seed and forget doer's journal."""
        shutil.rmtree(self.direct.state, ignore_errors=True)
        reset(self.direct)


def _skills() -> Sequence[Skill]:
    from doer.planning.skills.file import (
        load_skills,  # planning is loaded by who plans, and not by who carries on or undoes
    )

    return load_skills([SKILLS])
