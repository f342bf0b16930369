"""Every error of doer, as one tree; each class says whose fault it is and what to do.

DoerError
├── UsageError            yours: the words, the plan or the configuration are wrong; mend them and ask again
│   ├── PlanInvalid       a plan that breaks the rules of plans; nothing was run
│   ├── UnknownRun        no run of that name is in the journal
│   └── NotNow            the run is not in a state in which that can be said to it
├── ToolError             the outside world's, told by a tool
│   ├── NoEffect          the tool knows that nothing was changed
│   │   ├── Transient     it may work later: the runtime tries again by itself
│   │   └── Permanent     it will not work as asked: the run is taken back
│   │       └── CredentialRefused  the system does not accept our credential: the run waits for a new one
│   └── OutcomeUnknown    the tool cannot tell whether anything was changed: the runtime reads back, or asks
├── JournalError          the record's
│   ├── Outdated          somebody appended first; read again and decide again (the runtime does)
│   ├── AlreadyDriven     another process drives this run; watch it, or wait
│   ├── JournalUnwritable the disk is full or read-only: nothing further is done until it is writable
│   ├── JournalBroken     the record was edited, cut or reordered; nothing is driven from it
│   ├── PayloadErased     personal data of this run was erased; it can be verified, not driven
│   └── NewerRecord       written by a newer doer: it can be verified, not driven
└── DoerBug               ours: this should never happen; please report it

Any other exception that a tool raises while it applies is taken as OutcomeUnknown: a tool that did not say that
nothing happened has not said it.
"""

from __future__ import annotations

from datetime import datetime


class DoerError(Exception):
    """Root of all errors that doer raises on purpose."""


class UsageError(DoerError):
    """Your words, plan or configuration are wrong; the message says what to mend. Nothing was changed."""


class PlanInvalid(UsageError):
    """A plan breaks the rules of plans; `problems` names each breach. Nothing was run."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class UnknownRun(UsageError):
    """No run of that name is in the journal; `doer runs` lists those that are."""


class NotNow(UsageError):
    """The run is not in a state in which that can be said to it; `doer show RUN` tells its state."""


class ToolError(DoerError):
    """The outside world did not do as asked."""


class NoEffect(ToolError):
    """The tool knows that nothing was changed."""


class Transient(NoEffect):
    """Nothing was changed and it may work later (connection refused, 429, locked); doer tries again by itself.

    `again_at`: not before that time, where the system says so (Retry-After); an aware time.
    """

    def __init__(self, message: str = "", again_at: datetime | None = None) -> None:
        super().__init__(message)
        self.again_at = again_at


class Permanent(NoEffect):
    """Nothing was changed and asking again will not help (unauthorised, refused, not found); the run is taken back."""


class CredentialRefused(Permanent):
    """The system refused the credential, or there is none (401): nothing was changed. `doer connect KIND NAME` renews it."""


class OutcomeUnknown(ToolError):
    """The request may have had an effect (time-out, cut connection, 500); doer reads back, and asks if it cannot tell."""


class JournalError(DoerError):
    """The record cannot be written or trusted; nothing happens without a record."""


class Outdated(JournalError):
    """Another process appended to the run first; the runtime reads again and decides again."""


class AlreadyDriven(JournalError):
    """Another process drives this run; `doer watch RUN` shows it."""


class JournalUnwritable(JournalError):
    """The disk is full or read-only. Nothing further was touched; free space, then `doer resume`."""


class JournalBroken(JournalError):
    """The record was edited, cut or reordered; `doer audit verify` says where. Nothing is driven from it."""


class PayloadErased(JournalError):
    """Personal data of this run was erased on request; the run can still be verified, but not driven."""


class NewerRecord(JournalError):
    """The record was written by a newer doer; upgrade to drive it. `doer audit verify` still checks it."""


class DoerBug(DoerError):
    """doer broke its own rules. This should never happen: please report it with `doer audit report RUN`."""
