"""Connections as doer.toml describes them: a typed table for each kind, every key documented here. None holds a secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, field_validator

from doer.connectors.secrets.reference import read_reference

Patterns: TypeAlias = tuple[str, ...]


def _tuple(given: object) -> object:
    return tuple(given) if isinstance(given, list) else given


class Table(BaseModel):
    """One table of the file: frozen; a key that is not known is an error."""

    # Built when a table is read: nobody has connections of all kinds.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


class LimitsTable(Table):
    """`limits = { … }`: how much one run may change through a connection, whoever approves it."""

    changes: int = Field(default=500, ge=0)
    """Records that are made or changed."""
    deletions: int = Field(default=50, ge=0)
    recipients: int = Field(default=50, ge=0)
    """Different addresses of what cannot be taken back."""


class Named(Table):
    """What every connection may say of itself."""

    limits: LimitsTable = LimitsTable()
    """How much one run may change here; more is refused, counted over all of its steps."""

    environment: str | None = Field(default=None, min_length=1, max_length=40, pattern=r"^[\w .-]+$")
    """A word of yours such as `production`: shown beside every change and in every approval."""


class Remote(Named):
    """A connection to a system elsewhere, which may need a secret and may be slow."""

    secret: str | None = None
    """Where the secret is: `secret://NAME`, kept on this machine by `doer connect`, or `env://NAME`, an environment
    variable. Never the secret itself."""
    timeout: float | None = Field(default=None, gt=0, le=600, strict=False)
    """Seconds that the system may take for one answer; without it what the kind takes for usual (10 to 30)."""

    @field_validator("secret")
    @classmethod
    def _is_place(cls, given: str | None) -> str | None:
        return None if given is None else str(read_reference(given))


class OAuth(Table):
    """`oauth = { … }`: where a person agrees to a connection, instead of typing a token."""

    issuer: str
    """The identity provider's own name, an https address (RFC 8414)."""
    client_id: str
    """Who doer is there: registered beforehand, a public client."""
    scopes: Patterns = ()
    algorithm: Literal["ES256", "ES384", "EdDSA", "Ed25519", "PS256", "RS256"] = "ES256"
    """The one that its signed tokens may have; what a token says of itself is never believed."""

    _patterns = field_validator("scopes", mode="before")(_tuple)


class Agreeable(Remote):
    """A connection that sends a bearer token, which may come from an identity provider."""

    oauth: OAuth | None = None
    """Where a person agrees; the tokens are then the secret, and are renewed by themselves."""


class FilesConnection(Named):
    """`kind = "files"`: a folder. Tools: read, list, write, append, replace lines, move, delete, folders, tables, archives."""

    kind: Literal["files"]
    folder: str = "."
    """Relative to the workspace, or absolute. Nothing outside it is touched."""


class RemindersConnection(Named):
    """`kind = "reminders"`: what is to be remembered at a time, kept in this workspace."""

    kind: Literal["reminders"]


class Allow(Table):
    """What a connection may touch: patterns of names (of tables, of paths), `*` for all."""

    read: Patterns = ("*",)
    write: Patterns = ()

    _patterns = field_validator("read", "write", mode="before")(_tuple)


class DatabaseConnection(Remote):
    """`kind = "database"`: SQLite or PostgreSQL. Tools: find, count, add up, insert, update, delete by key."""

    kind: Literal["database"]
    url: str
    """`sqlite:///people.db` (relative to the workspace), `postgresql://user@host/name`; the password is the secret."""
    allow: Allow = Allow()
    """Which tables may be read and written; by default all may be read and none written."""
    once: str | None = None
    """`operations-table` or `unique:COLUMN`: how a second try is recognised. Without it a lost outcome is asked about."""
    volatile: Patterns = ()
    """Columns that change by themselves, as `table.column`: left out of every comparison."""

    _patterns = field_validator("volatile", mode="before")(_tuple)


class CalendarConnection(Remote):
    """`kind = "calendar"`: one CalDAV calendar. Tools: find, create, move, change, cancel events."""

    kind: Literal["calendar"]
    url: str
    """Address of the calendar itself (the collection that holds its events)."""
    username: str = ""


class DirectoryConnection(Agreeable):
    """`kind = "directory"`: SCIM 2.0 users and groups; the secret is the bearer token."""

    kind: Literal["directory"]
    url: str
    """Address of the SCIM service, up to and with its `/v2`."""


class MailConnection(Remote):
    """`kind = "mail"`: SMTP out; a mailbox to read back from makes mail provable, and over IMAP can be worked in."""

    kind: Literal["mail"]
    smtp: str
    """`smtps://host`, `smtp://host:587` (STARTTLS where the server offers it)."""
    sender: str
    """The address that mail comes from."""
    username: str = ""
    maildir: str | None = None
    """A Maildir on this machine in which sent mail can be seen."""
    imap: str | None = None
    """`imaps://host`: the mailbox that is searched, read, filed and drafted in, and in which sent mail can be seen."""
    drafts: str = "Drafts"
    """The folder of drafts, over IMAP."""
    sent: str = "Sent"
    """The folder of sent mail, over IMAP."""
    archive: str = "Archive"
    """The folder that mail is filed in when no other is named, over IMAP."""
    attachments: str | None = "."
    """The folder that files may be attached from: this workspace, less doer's own files, unless another is named."""


class GitConnection(Agreeable):
    """`kind = "git"`: one repository. Tools: clone, branch, commit, tag, push."""

    kind: Literal["git"]
    repository: str
    """Its folder, relative to the workspace; it need not exist yet where `url` says what to clone."""
    url: str | None = None
    """The remote to clone from."""
    remote: str = "origin"
    author: str | None = None
    """`Name <mail>` of commits; without it what git's own configuration says."""
    push: Patterns = ()
    """Branches that may be pushed, e.g. `["main", "feature/*"]`; by default none."""
    username: str = ""
    """Beside a token as the secret, over https."""

    _patterns = field_validator("push", mode="before")(_tuple)


class HttpConnection(Agreeable):
    """`kind = "http"`: an application's own HTTP interface, as far as it is allowed."""

    kind: Literal["http"]
    url: str
    """Its base; every path stands below it."""
    auth: str = Field(default="none", pattern=r"^(none|bearer|basic|header:[A-Za-z][A-Za-z0-9-]*)$")
    """How the secret is sent: `bearer`, `basic` (with `username`), `header:NAME`, or `none`."""
    username: str = ""
    probe: str | None = None
    """A path that only who is let in may read: what a test of the connection asks for; else the first that may be read."""
    allow: Allow = Allow()
    """Patterns of paths that may be read and written, e.g. `{ read = ["/users*"], write = ["/users/*"] }`; by default all
    may be read and none written."""
    once: str | None = Field(default=None, pattern=r"^(idempotency-key|unique:.+)$")
    """`idempotency-key` where the server honours that header, `unique:FIELD` where records may carry our key in a field
    that it holds unique; without it a lost outcome is asked about."""
    volatile: Patterns = ()
    """Fields that the server sets by itself, such as `updated_at`: left out of every comparison."""
    natural_key: str | None = None
    """A field that tells the records of a collection apart; a lost creation is found again by it."""
    id_field: str = "id"
    """The field whose value is the last part of a record's path."""
    recreatable: Patterns = ()
    """Paths at which PUT makes a deleted record again exactly, so that deleting can be taken back."""

    _patterns = field_validator("volatile", "recreatable", mode="before")(_tuple)


Connection: TypeAlias = Annotated[
    FilesConnection
    | DatabaseConnection
    | CalendarConnection
    | DirectoryConnection
    | MailConnection
    | GitConnection
    | HttpConnection
    | RemindersConnection,
    Field(discriminator="kind"),
]
TABLES: Mapping[str, type[Named]] = {
    "files": FilesConnection, "database": DatabaseConnection, "calendar": CalendarConnection,
    "directory": DirectoryConnection, "mail": MailConnection, "git": GitConnection, "http": HttpConnection,
    "reminders": RemindersConnection,
}  # fmt: skip
KINDS: tuple[str, ...] = tuple(TABLES)
