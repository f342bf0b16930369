"""Tokens: what a provider gave for one connection, and the form in which a vault keeps them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from doer.domain.errors import CredentialRefused

_SHORTEST = timedelta(seconds=30)
"""A token that ends so soon is renewed now, as it may have ended when the request arrives."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """A token for requests, until when it is good, and the one that gets the next."""

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    ends_at: datetime | None
    """UTC; None where the provider did not say."""
    scope: tuple[str, ...] = ()

    def is_good(self, now: datetime) -> bool:
        """Tell whether a request sent now will find it valid, as far as its end goes."""
        return self.ends_at is None or now + _SHORTEST < self.ends_at

    def kept(self) -> str:
        """Return them as one text for a vault."""
        ends_at = self.ends_at.isoformat() if self.ends_at is not None else None
        return json.dumps({"access": self.access, "refresh": self.refresh, "ends_at": ends_at, "scope": self.scope})


def read_tokens(kept: str, connection: str) -> Tokens:
    """Return the tokens that a vault kept. Raises CredentialRefused for a text that holds none."""
    try:
        found = json.loads(kept)
        ends_at = datetime.fromisoformat(found["ends_at"]) if found["ends_at"] else None
        return Tokens(str(found["access"]), found["refresh"], ends_at, tuple(found["scope"]))
    except (ValueError, KeyError, TypeError) as wrong:
        raise CredentialRefused(f"what is kept for {connection} are no tokens: connect it again") from wrong


def tokens_of(answer: Mapping[str, object], now: datetime, before: Tokens | None = None) -> Tokens:
    """Return the tokens of a provider's answer (RFC 6749 section 5.1); a refresh token that it leaves out stays the same."""
    lasts = answer.get("expires_in")
    ends_at = now.astimezone(UTC) + timedelta(seconds=float(lasts)) if isinstance(lasts, int | float | str) else None
    refresh = answer.get("refresh_token") or (before.refresh if before else None)
    scope = answer.get("scope")
    words = (
        tuple(scope.split()) if isinstance(scope, str) else tuple(map(str, scope)) if isinstance(scope, list) else ()
    )
    return Tokens(str(answer["access_token"]), None if refresh is None else str(refresh), ends_at, words)
