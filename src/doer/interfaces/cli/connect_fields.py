"""What each kind of connection is asked for: the settings, in words, and how what is typed becomes a setting."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from doer.app import given
from doer.app.given import Given
from doer.app.toml_edit import Setting

Ask: TypeAlias = Literal["needed", "asked", "option"]
"""needed: it cannot be left out; asked: a person is asked for it; option: only who names it sets it."""


@dataclass(frozen=True, slots=True)
class Field:
    """One setting."""

    key: str
    """In doer.toml, and the option's name; `read` and `write` are parts of `allow`."""
    ask: Ask
    help: str
    default: str = ""
    normal: Callable[[str], Given] | None = None
    many: bool = False
    """Several, with commas between them."""
    unless: str = ""
    """Not asked where this other setting is missing, or `none`."""


Want: TypeAlias = Literal["needed", "with username", "may be", "with auth", "never"]


@dataclass(frozen=True, slots=True)
class Form:
    """Everything that a kind is asked for."""

    fields: tuple[Field, ...]
    wanted: Want = "never"
    called: str = "password"
    """What a person calls its secret."""


_ENVIRONMENT = Field("environment", "asked", "a word shown beside every change, such as production; Enter for none")
_TIMEOUT = Field("timeout", "option", "seconds for one answer")
_TABLES = "tables that may be written, with commas; * for all, Enter for none"

FORMS: Mapping[str, Form] = {
    "database": Form((
        Field("url", "needed", "postgresql://user@host/name, or the name of a SQLite file", normal=given.database),
        Field("write", "asked", _TABLES, many=True),
        Field("read", "option", "tables that may be read; all by default", many=True),
        Field("once", "option", "operations-table, or unique:COLUMN: how a second try is recognised"),
        _ENVIRONMENT, _TIMEOUT,
    ), "may be"),
    "calendar": Form((
        Field("url", "needed", "address of the CalDAV server, or of one calendar", normal=given.web),
        Field("username", "needed", "the name you sign in with"),
        _ENVIRONMENT, _TIMEOUT,
    ), "with username"),
    "directory": Form((
        Field("url", "needed", "address of the SCIM 2.0 service, up to and with its /v2", normal=given.web),
        _ENVIRONMENT, _TIMEOUT,
    ), "needed", "bearer token"),
    "mail": Form((
        Field("smtp", "needed", "server that mail goes out through: smtps://host, or host:587", normal=given.smtp),
        Field("username", "asked", "the name you sign in with; Enter where the server wants none"),
        Field("sender", "needed", "the address that mail comes from"),
        Field("imap", "asked", "mailbox, where sent mail can be seen; - for none", normal=given.imap),
        Field("maildir", "option", "a Maildir on this machine, instead of a mailbox over IMAP"),
        Field("attachments", "option", "the folder that files may be attached from"),
        Field("drafts", "option", "the mailbox's folder of drafts"),
        Field("sent", "option", "the mailbox's folder of sent mail"),
        Field("archive", "option", "the mailbox's folder for what is filed"),
        _ENVIRONMENT, _TIMEOUT,
    ), "with username"),
    "git": Form((
        Field("repository", "needed", "folder of the repository, from the workspace; it may not exist yet"),
        Field("url", "asked", "the remote to clone from; Enter where the folder is there"),
        Field("push", "asked", "branches that may be pushed, with commas (main, feature/*); Enter for none", many=True),
        Field("username", "option", "user name beside the token; hosts mostly take any"),
        Field("author", "option", "Name <mail> of commits; git's own configuration by default"),
        Field("remote", "option", "name of the remote; origin by default"),
        _ENVIRONMENT, _TIMEOUT,
    ), "may be", "token for https"),
    "http": Form((
        Field("url", "needed", "base of the application's interface", normal=given.web),
        Field("auth", "asked", "how the secret is sent: none, bearer, basic, or header:NAME", default="none"),
        Field("username", "option", "with basic: the user name"),
        Field("read", "asked", "paths that may be read, with commas (/users*)", many=True),
        Field("write", "asked", "paths that may be written; Enter for none", many=True),
        Field("probe", "asked", "a path that only you may read, to test the secret with; Enter for the first of those",
              unless="auth"),
        Field("once", "option", "idempotency-key, where the server honours that header"),
        _ENVIRONMENT, _TIMEOUT,
    ), "with auth", "token or password"),
    "files": Form((
        Field("folder", "needed", "a folder in the workspace, or beside it", default="."), _ENVIRONMENT,
    )),
    "reminders": Form((_ENVIRONMENT,)),
}  # fmt: skip


def option_of(field: Field) -> str:
    """Return the field's option."""
    return f"--{field.key}"


def read_value(field: Field, text: str) -> tuple[Setting, Given]:
    """Return the setting that was typed, and what stood in an address beside it. Raises UsageError."""
    if field.normal is not None:
        found = field.normal(text)
        return found.url, found
    if field.many:
        return tuple(part for part in (each.strip() for each in text.split(",")) if part), Given("")
    return text, Given("")
