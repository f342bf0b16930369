"""Database errors as doer's: what provably had no effect, what may work later, and what nobody can tell.

PostgreSQL says it by SQLSTATE (Appendix A of its manual), SQLite by result code (sqlite.org/rescode.html).
"""

from __future__ import annotations

import sqlite3
from typing import Literal

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from doer.domain.errors import CredentialRefused, OutcomeUnknown, Permanent, ToolError, Transient

Constraint = Literal["unique", "foreign key", "other"]
Phase = Literal["connect", "work", "commit"]

_LATER = ("40", "53", "55P03", "55006", "57014", "57P03")
_CUT = ("08", "57P", "58", "XX")
_NOT_BELIEVED = ("password authentication failed", "no password supplied")
_REFUSED = ("does not exist", "no pg_hba.conf entry", "not permitted")


class ConstraintViolated(Permanent):
    """A constraint of the database refused it; nothing was changed."""

    def __init__(self, message: str, constraint: Constraint) -> None:
        super().__init__(message)
        self.constraint: Constraint = constraint


def translate(error: Exception, name: str, phase: Phase) -> ToolError:
    """Return what a driver's error means. The SQL and its values are left out of the message: they may be personal."""
    origin = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(origin, sqlite3.Error):
        return _sqlite(origin, name, phase)
    if isinstance(origin, UnicodeError):
        return Permanent(f"{name}: a value holds characters that no database can store ({origin})")
    state = getattr(origin, "sqlstate", None)
    if isinstance(origin, Exception) and isinstance(error, SQLAlchemyError):
        return _postgres(origin, state if isinstance(state, str) else None, name, phase)
    return OutcomeUnknown(f"{name}: {error}") if phase == "commit" else Permanent(f"{name}: {error}")


def _postgres(origin: Exception, state: str | None, name: str, phase: Phase) -> ToolError:
    text = " ".join(str(origin).split("\n", 1)[0].split()) or type(origin).__name__
    if phase == "connect" and state is None:
        if any(each in str(origin) for each in _NOT_BELIEVED):
            return CredentialRefused(
                f"{name} refused the connection: {text}; the user name or password is not accepted: "
                f"`doer connect database {name}` renews it"
            )
        if any(each in str(origin) for each in _REFUSED):
            return Permanent(f"{name} refused the connection: {text}; check its url and secret")
        return Transient(f"{name} cannot be reached: {text}")
    if state is None and type(origin).__name__ in {"DataError", "ProgrammingError", "NotSupportedError"}:
        return Permanent(f"{name}: {text}")
    if state is not None and state.startswith(_LATER):
        return Transient(f"{name} is busy: {text}")
    if state is None or state.startswith(_CUT):
        if phase == "commit":
            return OutcomeUnknown(f"{name}: the connection was lost while committing: {text}")
        return Transient(f"{name}: the connection was lost before committing: {text}")
    return _refusal(state, text, name)


def _refusal(state: str, text: str, name: str) -> Permanent:
    match state:
        case "23505":
            return ConstraintViolated(f"{name}: there is such a row already: {text}", "unique")
        case "23503" | "23001":
            return ConstraintViolated(f"{name}: other rows depend on it: {text}", "foreign key")
        case "42501":
            return Permanent(f"{name}: this connection's user may not do that: {text}")
        case _ if state.startswith("23"):
            return ConstraintViolated(f"{name}: a constraint refused it: {text}", "other")
        case _:
            return Permanent(f"{name}: {text}")


def _sqlite(origin: sqlite3.Error, name: str, phase: Phase) -> ToolError:
    code = getattr(origin, "sqlite_errorcode", 0)
    extended, text = getattr(origin, "sqlite_errorname", ""), str(origin)
    match code & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED | sqlite3.SQLITE_FULL | sqlite3.SQLITE_NOMEM:
            return Transient(f"{name} is busy: {text}")
        case sqlite3.SQLITE_CONSTRAINT:
            return ConstraintViolated(f"{name}: a constraint refused it: {text}", _constraint(extended, text))
        case sqlite3.SQLITE_IOERR if phase == "commit":
            return OutcomeUnknown(f"{name}: the disk failed while committing: {text}")
        case sqlite3.SQLITE_IOERR:
            return Transient(f"{name}: the disk failed: {text}")
        case sqlite3.SQLITE_CANTOPEN:
            return Permanent(f"{name}: the database file cannot be opened: {text}; check the path in its url")
        case _:
            return Permanent(f"{name}: {text}")


def _constraint(extended: str, text: str) -> Constraint:
    if extended in {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_ROWID"}:
        return "unique"
    return "foreign key" if "FOREIGN KEY" in text else "other"
