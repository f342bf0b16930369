"""The workspace: the folder with doer.toml, found upwards as git does; what is in it, and how a Doer is made of it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from doer.app.action_model import own_weights
from doer.app.consent import Approver
from doer.app.doer import Doer
from doer.app.language_models import budget, language_models
from doer.app.later import Later
from doer.app.own_tools import OwnModule, load_own
from doer.app.secrets import Secrets
from doer.app.settings import FILE_NAME, Settings, read_settings
from doer.app.state import STATE, open_state
from doer.connectors.catalog import Catalog
from doer.connectors.models.own_weights import use_weights
from doer.connectors.secrets.leak import quiet_logs
from doer.domain.errors import DoerError, UsageError
from doer.domain.ports import Model, Payloads, Planner, Tool
from doer.journal.store import SqliteJournal
from doer.observation.durations import MeasuredDurations
from doer.planning.skills.skill import Skill
from doer.policy.rules import BuiltInRules, Limits
from doer.runtime.system import SystemClock

SKILLS = "skills"


def find_workspace(start: Path) -> Path:
    """Return the nearest folder upwards that has a doer.toml. Raises UsageError when there is none."""
    here = start.resolve()
    if not here.is_dir():
        raise UsageError(f"{start} is not a folder")
    for folder in (here, *here.parents):
        if (folder / FILE_NAME).is_file():
            return folder
    raise UsageError(f"no workspace in {here} or above it: `doer init` makes one here")


def init_workspace(folder: Path) -> Sequence[str]:
    """Make a workspace, and return what was made; what is there stays as it is. Raises UsageError when it cannot be."""
    made: list[str] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / FILE_NAME).exists():
            (folder / FILE_NAME).write_text(_TEMPLATE.format(timezone=system_timezone()), encoding="utf-8")
            made.append(FILE_NAME)
        for name in (SKILLS, STATE):
            if not (folder / name).is_dir():
                (folder / name).mkdir(mode=0o700 if name == STATE else 0o755)
                made.append(f"{name}/")
        if _ignore_state(folder / ".gitignore"):
            made.append(".gitignore")
    except OSError as failure:
        raise UsageError(f"no workspace can be made in {folder}: {failure.strerror}") from failure
    with open_state(folder, SystemClock()):
        return made


def _ignore_state(file: Path) -> bool:
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    if any(line.strip().strip("/") == STATE for line in text.splitlines()):
        return False
    gap = "" if not text or text.endswith("\n") else "\n"
    file.write_text(f"{text}{gap}# the journal and keys of doer\n/{STATE}/\n", encoding="utf-8")
    return True


def system_timezone(environment: Mapping[str, str] = os.environ, localtime: Path = Path("/etc/localtime")) -> str:
    """Return the machine's IANA time zone; UTC where it does not say."""
    named = environment.get("TZ", "").lstrip(":")
    linked = str(localtime.resolve()).partition("zoneinfo/")[2] if localtime.is_symlink() else ""
    for name in (named, linked):
        with suppress(KeyError, ValueError, OSError):
            if name:
                return ZoneInfo(name).key
    return "UTC"


@dataclass(frozen=True, slots=True)
class Parts:
    """What a workspace is made of: its tools by connection, and what could not be connected."""

    settings: Settings
    secrets: Secrets
    """What credentials the connections were given, and what must not be seen of them."""
    tools: Mapping[str, Sequence[Tool]] = field(default_factory=dict)
    """Connection, or module of own tools -> its tools."""
    missing: Mapping[str, str] = field(default_factory=dict)
    """Connection or module -> why it is left out."""
    own: Sequence[OwnModule] = ()


def read_parts(folder: Path, snapshots: Payloads, secrets: Secrets | None = None) -> Parts:
    """Return the parts of the workspace; a connection that cannot be made is told under `missing`. Raises UsageError
    for a doer.toml that is wrong.
    """
    from doer.app.connect import connect

    secrets = Secrets(folder) if secrets is None else secrets
    settings = read_settings(folder / FILE_NAME)
    tools: dict[str, Sequence[Tool]] = {}
    missing: dict[str, str] = {}
    own: list[OwnModule] = []
    for name, connection in settings.connections.items():
        try:
            tools[name] = connect(folder, settings, name, connection, snapshots, secrets)
        except DoerError as wrong:
            missing[name] = str(wrong)
    for name in settings.tools.modules:
        try:
            [module] = load_own(folder, (name,))
        except UsageError as wrong:
            missing[name] = str(wrong)
            continue
        own.append(module)
        tools[name] = module.tools
    return Parts(settings, secrets, tools, missing, tuple(own))


@dataclass(frozen=True, slots=True)
class Opened:
    """An open workspace."""

    folder: Path
    doer: Doer
    parts: Parts
    journal: SqliteJournal
    skills: Sequence[Skill] = ()


@asynccontextmanager
async def open_workspace(
    folder: Path, *, approve: Approver | None = None, me: str | None = None, whole: bool = True, reads: bool = False
) -> AsyncIterator[Opened]:
    """Open the workspace in `folder`, and close it at the end; with `reads`, also one that cannot be written.

    With `whole`, a connection that cannot be made is an error, because a run that is carried on without its tools would
    be given up; else it is left out and told in `parts.missing`. Skills and planners are read when they are first looked
    at, which raises UsageError for a file that is wrong. Raises UsageError and JournalError.
    """
    clock = SystemClock()
    settings = read_settings(folder / FILE_NAME)  # before the journal is opened: a typo changes nothing
    secrets = Secrets(folder)
    with open_state(folder, clock, reads=reads) as journal, quiet_logs(secrets.redactions):
        parts = read_parts(folder, journal, secrets)
        if whole and parts.missing:
            raise UsageError("\n".join(parts.missing.values()))
        tools = [tool for each in parts.tools.values() for tool in each]
        own = own_weights(folder)
        if own.folder.is_dir():  # so that runs which said which weights are in use can be taken back
            tools.append(use_weights(own))
        kinds = {name: each.kind for name, each in settings.connections.items() if name in parts.tools}
        skills = Later(lambda: _skills(folder, kinds, doer.catalog))
        models = language_models(folder, settings, secrets)
        limits = {name: Limits(**each.limits.model_dump()) for name, each in settings.connections.items()}
        doer = Doer(
            tools=tools,
            skills=skills,
            planners=Later(lambda: _planners(folder, settings, models, skills, kinds)),
            models=models,
            budget=budget(settings),
            policy=BuiltInRules(limits),
            journal=journal,
            clock=clock,
            durations=MeasuredDurations(journal),
            approve=approve,
            me=me or settings.workspace.me,
            timezone=settings.workspace.timezone,
            locale=settings.workspace.locale,
        )
        async with doer:
            yield Opened(folder, doer, parts, journal, skills)


def _skills(folder: Path, kinds: Mapping[str, str], catalog: Catalog) -> Sequence[Skill]:
    from doer.app.planners import skills_of

    return skills_of(folder / SKILLS, kinds, catalog)


def _planners(
    folder: Path, settings: Settings, models: Sequence[Model], skills: Sequence[Skill], kinds: Mapping[str, str]
) -> Sequence[Planner]:
    from doer.app.planners import of_workspace

    return of_workspace(folder, settings, models, skills, kinds)


@asynccontextmanager
async def open_doer(folder: Path, approve: Approver | None = None, me: str | None = None) -> AsyncIterator[Doer]:
    """Open the workspace in `folder` as a Doer, and close it at the end. Raises UsageError and JournalError."""
    async with open_workspace(folder, approve=approve, me=me) as opened:
        yield opened.doer


_TEMPLATE = """\
# doer.toml: the settings of this workspace. Typed: an unknown key is an error. Commit it: it never holds a secret.

[workspace]
timezone = "{timezone}"           # dates and times in your words are read in it
# me = "sam@acme.example"         # who asks here; without it the operating-system user
# locale = "en"                   # how amounts and dates are written

# What doer may touch. Each connection brings its tools: `doer tools list` shows them, `doer connections test` tries them.
# `doer connect KIND NAME` asks what it needs, tries it with reads only and writes it here; by hand it looks like this.
# Every kind takes environment = "production" (a word shown beside every change); those that reach out, timeout (seconds)
# and secret: "secret://NAME", kept outside the workspace by `doer connect`, or "env://NAME", an environment variable.

[connections.files]
kind = "files"
folder = "."                      # this workspace; nothing outside it is touched

[connections.reminders]
kind = "reminders"                # kept in this workspace

# [connections.crm]
# kind = "database"
# url = "postgresql://doer@db/crm"             # or sqlite:///crm.db
# secret = "secret://crm"
# allow = {{ read = ["*"], write = ["public.tickets"] }}
# once = "operations-table"                    # or "unique:external_ref"; else a lost outcome is asked about

# [connections.calendar]
# kind = "calendar"
# url = "https://dav.acme.example/sam/work/"   # the calendar itself; `doer connect` finds it from the server's address
# username = "sam"
# secret = "secret://calendar"

# [connections.directory]
# kind = "directory"
# url = "https://id.acme.example/scim/v2"      # SCIM 2.0
# secret = "secret://directory"                # the bearer token

# [connections.mail]
# kind = "mail"
# smtp = "smtps://mail.acme.example"
# sender = "Sam <sam@acme.example>"
# username = "sam"
# secret = "secret://mail"
# imap = "imaps://mail.acme.example"           # the mailbox; without it there is none, and mail ends unproven

# [connections.site]
# kind = "git"
# repository = "site"                          # a folder; it need not be there yet where url says what to clone
# url = "https://git.acme.example/site.git"
# push = ["main", "feature/*"]                 # branches that may be pushed; without it none
# secret = "secret://site"                     # a token

# [connections.tracker]
# kind = "http"
# url = "https://tracker.acme.example/api"
# auth = "bearer"                              # or "basic" with username, "header:NAME", "none"
# secret = "secret://tracker"
# allow = {{ read = ["/issues/**"], write = ["/issues/*"] }}
# once = "idempotency-key"                     # where the service honours that header

# Who proposes plans, in this order; the first that knows is heard. Skills come first. The action model, a small network on
# this machine (extra `action-model`), takes part only where it is named: its weights are still weak.
# [planning]
# order = ["skills", "action-model", "language-models"]
# abstain_below = 0.5                          # less sure than this, the action model says nothing
# ask_below = 0.75                             # less sure than this, it asks whether its reading is meant
# settle_above = 0.9                           # as sure as this, it may settle a question where all else agrees

# [models.small]
# use = "local"                                # or "openai:gpt-4.1-mini" with secret = "env://OPENAI_API_KEY"

# [tools]
# modules = ["mytools"]                        # mytools.py beside this file: functions made tools by @tool
"""
