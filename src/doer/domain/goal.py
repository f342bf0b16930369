"""What was asked, and the three answers that a planner may give besides a plan's steps: plan, question, abstention."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from doer.domain.errors import UsageError
from doer.domain.value import Json, Principal

CORRECTION = "correction"
"""The slot under which corrections stand among the answers, in order; the value is when it was said (RFC 3339)."""
LONGEST_GOAL = 20_000
"""Characters; a longer text is a document, to be put in the workspace and named."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What was asked, by whom and when. Relative words resolve against `said_at` in `zone`, never against now."""

    text: str
    by: Principal
    said_at: datetime
    zone: str = "UTC"
    locale: str = "en"
    context: tuple[str, ...] = ()
    """Earlier turns, oldest first."""

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise UsageError("the goal is empty: say in words what should be done")
        if not self.text.isascii() and any("\ud800" <= character <= "\udfff" for character in self.text):
            raise UsageError("the goal is not valid Unicode: your terminal or program handed in bytes that are no text")
        if len(self.text) > LONGEST_GOAL:
            raise UsageError(
                f"the goal has {len(self.text):,} characters; {LONGEST_GOAL:,} is the most: put long material into a "
                "file in the workspace and name the file"
            )
        if self.said_at.utcoffset() is None:
            raise UsageError("said_at has no time zone: naive times are refused, hand in an aware datetime")
        try:
            ZoneInfo(self.zone)
        except (KeyError, ValueError, OSError) as unknown:
            raise UsageError(f"unknown time zone {self.zone!r}: use an IANA name such as Europe/Berlin") from unknown

    @property
    def local_time(self) -> datetime:
        """`said_at` on the wall clock of `zone`."""
        return self.said_at.astimezone(ZoneInfo(self.zone))


@dataclass(frozen=True, slots=True)
class Option:
    """One likely answer to a question."""

    label: str
    value: Json


@dataclass(frozen=True, slots=True)
class Question:
    """What a planner must know before it can plan; asked instead of guessing."""

    slot: str
    """Name of the slot or argument that is missing or doubtful; answers are filed under it."""
    text: str
    options: tuple[Option, ...] = ()
    """Likely answers, best first; may be empty."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A person's answer to a question."""

    slot: str
    text: str
    value: Json = None
    """The value of the option that was chosen, where one was; else None and `text` is grounded by the planner."""


@dataclass(frozen=True, slots=True)
class Abstention:
    """Nothing here can do what was asked."""

    reason: str
    nearest: tuple[str, ...] = ()
    """Up to three tools or skills that come nearest."""
    missing: str = ""
    """The connection or tool that would be needed, if known."""


class Declined(Abstention):
    """The person said that it should not happen: no other planner is asked, whatever it could make of the words."""

    __slots__ = ()


class NotAsked(Abstention):
    """The person asked about something, or told of it, and asked for nothing to be done: whoever is asked next may only read."""

    __slots__ = ()
