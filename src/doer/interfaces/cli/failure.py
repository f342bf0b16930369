"""The account of an error that no run's report tells: its cause, and the one command that goes on from it."""

from __future__ import annotations

import re

from doer.domain.errors import (
    AlreadyDriven,
    DoerError,
    JournalBroken,
    JournalError,
    JournalUnwritable,
    NewerRecord,
    NotNow,
    OutcomeUnknown,
    PayloadErased,
    ToolError,
    UnknownRun,
    UsageError,
)
from doer.interfaces.cli.account import PASTED, Account
from doer.interfaces.cli.escape import visible


def _named_command(text: str) -> str:
    """Return the command of doer that a message names in backticks."""
    found = re.search(r"`(doer [^`]+)`", text)
    return found[1] if found else ""


def _file_to_mend(text: str) -> bool:
    return "doer.toml" in text or "/skills/" in text or "tools.modules" in text


def account_of_error(error: BaseException, run: str = "", log: str = "", again: str = "") -> Account:
    """Return the account of an error.

    `run` where one was begun, `log` where the details of a bug were written, `again`: the command that failed.
    """
    so_far = f"see `doer show {run}`; all of it is in the journal" if run else "nothing"
    again = again if 0 < len(again) <= PASTED and visible(again) == again else "# the same command again"
    text = str(error) or type(error).__name__
    match error:
        case UnknownRun():
            return Account(text, "nothing", "nothing", "doer runs")
        case NotNow():
            return _not_now(text, run)
        case UsageError():
            if named := _named_command(text):
                return Account(text, so_far, "nothing until it is mended", named)
            mended = (
                ("doer doctor", "once the file is corrected") if _file_to_mend(text) else (again, "once it is mended")
            )
            return Account(text, so_far, "nothing until it is mended", *mended)
        case AlreadyDriven():
            return Account(text, so_far, "goes on in that process", f"doer watch {run}" if run else "doer runs")
        case JournalUnwritable():
            return _unwritable(text, so_far, f"doer resume {run}" if run else again)
        case JournalBroken():
            return _broken(text, again)
        case NewerRecord() | PayloadErased():
            return Account(f"{text} — in the journal", "nothing by this command", "nothing", "doer audit verify")
        case OutcomeUnknown():
            return Account(text, "not certain", "reads back before it does anything else", f"doer resume {run}".strip())
        case ToolError() | JournalError():
            return Account(text, so_far, "nothing more by itself", f"doer resume {run}" if run else "doer doctor")
        case DoerError():
            return Account(text, so_far, "nothing", "doer doctor")
        case _:
            return Account(
                f"this is a bug in doer: {type(error).__name__}: {text[:300]}", so_far,
                "nothing; the journal is whole, and a run that was under way can be resumed",
                f"doer resume {run}".strip() if log else f"DOER_DEBUG=1 {again}", f"and please report {log}" if log else "",
            )  # fmt: skip


def _not_now(text: str, run: str) -> Account:
    by_name = re.search(r"must be approved by name: (.+)$", text)
    command = f"doer show {run}" if run else "doer runs"
    if by_name and run:
        command = f"doer approve {run} {by_name[1].replace(',', '')}"
    return Account(text, "nothing by this command", "nothing", _named_command(text) or command)


def _unwritable(text: str, so_far: str, command: str) -> Account:
    """Return the account of a record that cannot be written; of a full disk only where the system said so."""
    cause = re.sub(r", then `doer resume`$", "", text)
    full = re.search(r"is full|No space left|quota", text) is not None
    if full or "readonly" in text:
        cause = re.sub(r"; free space or mend its rights$", "", cause)
    once = "there is space" if full else "it can be written"
    return Account(
        f"{cause} — in the journal",
        so_far,
        f"nothing without a record; it goes on once {once}",
        command,
        f"once {once}",
    )


def _broken(text: str, again: str) -> Account:
    """Return the account of a record that cannot be trusted. Where nothing of it can be read, nothing can be verified."""
    unreadable = "restore" in text or "journal.db is" in text or again.startswith("doer audit verify")
    return Account(
        f"{text} — in the journal", "nothing by this command", "drives nothing from a record that it cannot trust",
        *(("doer doctor", "once the journal is restored from a backup") if unreadable else ("doer audit verify",)),
    )  # fmt: skip
