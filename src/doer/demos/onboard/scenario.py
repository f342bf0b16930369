"""The scenario `onboard`: a new colleague in six systems, against the servers of a small company."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from doer.app.doer import Doer
from doer.app.later import Later
from doer.connectors.secrets import fixed
from doer.connectors.tools.calendar import calendar_tools
from doer.connectors.tools.database import database_tools
from doer.connectors.tools.directory import directory_tools
from doer.connectors.tools.files import file_tools
from doer.connectors.tools.mail import MaildirMailbox, mail_tools
from doer.demos.onboard.access_tool import access_tool
from doer.demos.onboard.compare import digest, duplicates, effects, settled
from doer.demos.onboard.keep import make_workspace
from doer.demos.onboard.meddling import meddle, still
from doer.demos.onboard.places import DOMAIN, Services
from doer.demos.onboard.services import reset, start_services
from doer.demos.onboard.world import World, observe
from doer.domain.ports import Tool
from doer.domain.value import Json
from doer.journal.store import open_journal
from doer.planning.skills.skill import Skill
from doer.runtime.system import SystemClock
from doer.testing.scenario import WrapJournal, WrapTools

ZONE = "Europe/Berlin"
SKILLS = Path(__file__).parent / "skills"
_SEED = "seed.json"


@dataclass(frozen=True, slots=True)
class Onboard:
    """The scenario, as `doer demo onboard` and `doer chaos` use it."""

    name: str = "onboard"
    sentence: str = "Onboard Ada Lovelace as a backend engineer starting next Monday; her manager is Grace Hopper"

    @contextmanager
    def start(self, root: Path) -> Iterator[None]:
        """Start directory, calendar, mail, access application and database under `root`, with the seed of the world."""
        with start_services(root) as running:
            (root / _SEED).write_text(json.dumps(observe(running.services)))
            yield

    def attach(self, root: Path, through: Mapping[str, str] | None = None) -> Company:
        """Return the world under `root`; `through` puts proxies before directory, calendar, access (URLs) or mail."""
        services = Services.load(root)
        return Company(root, services, _through(services, through or {}))


def _through(services: Services, through: Mapping[str, str]) -> Services:
    reached = services
    for name, url in through.items():
        match name:
            case "directory":
                reached = replace(reached, directory_url=url)
            case "calendar":
                reached = replace(reached, calendar_url=url)
            case "access":
                reached = replace(reached, access_url=url)
            case "mail":
                host, _, port = url.removeprefix("smtp://").partition(":")
                reached = replace(reached, smtp_host=host, smtp_port=int(port))
            case _:
                raise ValueError(f"no proxy can be put before {name!r}")
    return reached


@dataclass(frozen=True, slots=True)
class Company:
    """A `Stage`: the running company; doer reaches it through `reached`, the observer always directly."""

    root: Path
    direct: Services
    reached: Services

    @property
    def services(self) -> Mapping[str, str]:
        """What can be made to lie, by name: what a proxy can stand before, the database's file, the folder of files."""
        return {
            "directory": self.direct.directory_url,
            "calendar": self.direct.calendar_url,
            "access": self.direct.access_url,
            "mail": f"smtp://{self.direct.smtp_host}:{self.direct.smtp_port}",
            "database": str(self.direct.database),
            "files": str(self.workspace),
        }

    @property
    def kinds(self) -> Mapping[str, str]:
        """What serves each, for a person."""
        return {
            "directory": "SCIM 2.0 · scim2-server",
            "calendar": "CalDAV · radicale",
            "access": "HTTP with ETags · an application of ours, its tool written with @tool",
            "mail": "SMTP · aiosmtpd, mailboxes on disk",
            "database": "SQLite",
        }

    @property
    def workspace(self) -> Path:
        """The folder that doer works in."""
        return self.direct.workspace

    def open(self, *, tools: WrapTools | None = None, journal: WrapJournal | None = None) -> Doer:
        """Return a Doer over this company, its journal in the workspace. Closing it closes the journal too."""
        kept = open_journal(self.workspace / ".doer", SystemClock())
        made = self.tools(file_tools(self.workspace, kept))
        return Doer(
            tools=tools(made) if tools is not None else made,
            skills=Later(_skills),
            journal=journal(kept) if journal is not None else kept,
            closing=(kept.close,),
            me=f"sam.rivera@{DOMAIN}",
            timezone=ZONE,
        )

    def tools(self, files: Sequence[Tool]) -> list[Tool]:
        """The tools of every system."""
        at = self.reached
        return [
            *files,
            *directory_tools("directory", at.directory_url, token=fixed(at.directory_token)),
            access_tool(at.access_url, at.access_token),
            *database_tools("people", f"sqlite:///{at.database}", once="unique:email", writable=("people",)),
            *calendar_tools(
                "calendar",
                at.calendar_url,
                calendar=at.calendar_path,
                username=at.calendar_user,
                password=fixed(at.calendar_password),
                zone=ZONE,
            ),
            *mail_tools(
                "mail",
                f"smtp://{at.smtp_host}:{at.smtp_port}",
                sender=f"sam.rivera@{DOMAIN}",
                mailbox=MaildirMailbox(at.maildir),
            ),
        ]

    def effects(self) -> Sequence[str]:
        """What has changed since the seed, each as a line that is equal from run to run."""
        return [effect.signature() for effect in effects(observe(self.direct), self._seed())]

    def differences(self) -> Sequence[str]:
        """What has changed since the seed, each in words."""
        found = effects(observe(self.direct), self._seed())
        return [f"{each.system}: {each.name} ({each.change})" for each in found]

    def doubled(self) -> Sequence[str]:
        """What is there more than once, each in words."""
        found = duplicates(observe(self.direct), self._seed())
        return [f"{each.system}: {each.name}, {each.times} times" for each in found]

    def observe(self) -> Json:
        """The whole world, volatile fields left out."""
        return cast("Json", settled(observe(self.direct)))

    def digest(self) -> str:
        """SHA-256 of what `observe` returns."""
        return digest(observe(self.direct))

    def _seed(self) -> World:
        return cast("World", json.loads((self.root / _SEED).read_text()))

    def meddle(self, where: Sequence[str] = ()) -> Sequence[str]:
        """Let somebody else at Acme edit what the run made in these services (all, when none is named)."""
        return meddle(self.direct, tuple(where))

    def still(self, edits: Sequence[str]) -> Sequence[str]:
        """Return those edits that are still there."""
        return still(self.direct, tuple(edits))

    def keep(self) -> Sequence[str]:
        """Make the company's folder a workspace; return the shell commands to go there."""
        return make_workspace(self.direct, SKILLS, ZONE)

    def reset(self) -> None:
        """Put the world back to its seed and forget doer's journal."""
        reset(self.direct)
        shutil.rmtree(self.workspace / ".doer", ignore_errors=True)


def _skills() -> Sequence[Skill]:
    from doer.planning.skills.file import (
        load_skills,  # planning is loaded by who plans, and not by who carries on or undoes
    )

    return load_skills([SKILLS])
