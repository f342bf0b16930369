"""Pace: when a server that limits its callers may be asked again, from what its answers say."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx2

from doer.connectors.tools.http_outcome import LONGEST_ASKED, Response, retry_after, seconds_between, server_time

Sleep = Callable[[float], Awaitable[None]]
"""Waits so many seconds; handed in, so that tests need not."""

_AN_EPOCH = 1_000_000_000


@dataclass(slots=True)
class Pace:
    """What one server said last about when it may be asked again."""

    until: float = 0.0
    """The loop's time at which the next request may be sent."""

    def note(self, headers: httpx2.Headers, now: float) -> None:
        """Remember what an answer says of the next request: none left means to wait until the limit is reset."""
        wait = used_up(headers)
        self.until = now + wait if wait else 0.0

    def left(self, now: float) -> float:
        """Return how many seconds are still to be waited."""
        return max(self.until - now, 0.0)


def is_throttled(answer: Response) -> bool:
    """Tell whether the server did nothing because it was asked too often (429), or is away for a while (503).

    Some answer 403 instead, with none remaining.
    """
    if answer.status_code == 403:
        return answer.headers.get("x-ratelimit-remaining", "").strip() == "0"
    return answer.status_code == 429 or (answer.status_code == 503 and "retry-after" in answer.headers)


def asked_wait(headers: httpx2.Headers) -> float | None:
    """Return how many seconds the server asks to wait; None where it does not say.

    Retry-After, in seconds or as a date (RFC 9110, section 10.2.3), stands above what the limits say of themselves.
    """
    said = retry_after(headers)
    return used_up(headers) if said is None else said


def used_up(headers: httpx2.Headers) -> float | None:
    """Return in how many seconds a limit that is used up is reset; None while requests are left.

    `RateLimit: "default";r=0;t=30` (draft-ietf-httpapi-ratelimit-headers), its older form in three fields, and the
    X-RateLimit fields, whose reset is in seconds or a Unix time.
    """
    items = headers.get("ratelimit", "").split(",")
    spent = [item for item in items if re.search(r";\s*r=0+\s*(;|$)", item) or re.search(r"remaining=0+\b", item)]
    resets = [float(found[1][:9]) for item in spent if (found := re.search(r"(?:\bt|reset)=(\d+)", item))]
    if resets:
        return min(max(resets), LONGEST_ASKED)
    for prefix in ("ratelimit", "x-ratelimit"):
        left, reset = headers.get(f"{prefix}-remaining", "").strip(), headers.get(f"{prefix}-reset", "").strip()
        if left == "0" and reset.isascii() and reset.isdigit():
            seconds = float(reset[:12])
            if seconds < _AN_EPOCH:
                return min(seconds, LONGEST_ASKED)
            return seconds_between(server_time(headers), datetime.fromtimestamp(seconds, UTC))
    return None


def again_at(headers: httpx2.Headers, wait: float) -> str:
    """Return the moment at which it may be asked again, by the server's own clock: `2026-11-21T14:00:12+00:00`."""
    return (server_time(headers) + timedelta(seconds=wait)).isoformat(timespec="seconds")
