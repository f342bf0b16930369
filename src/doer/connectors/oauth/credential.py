"""The credential of a connection that a person agreed to: the token in the vault, renewed when it ends or is refused."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from oauthlib.oauth2 import WebApplicationClient

from doer.connectors.oauth.provider import Client, Provider, ask, open_provider, refusal
from doer.connectors.oauth.tokens import Tokens, read_tokens, tokens_of
from doer.connectors.secrets.vault import Vault
from doer.domain.errors import CredentialRefused


@dataclass(slots=True)
class OAuthCredential:
    """A `Renewable`: returns a token that is good now. Renewing asks the provider, at most once an hour or so.

    Providers give each refresh token once (RFC 9700 section 4.14.2), so processes take turns: whoever comes second finds the
    new token in the vault. `locks` is a folder of this user.
    """

    vault: Callable[[], Vault]
    name: str
    """Of the secret, `secret://NAME`."""
    connection: str
    client: Client
    provider: Callable[[], Provider]
    locks: Path
    now: Callable[[], datetime]
    _refused: str = field(default="", repr=False)

    def __call__(self) -> str:
        """Return the token. Raises CredentialRefused when there is none and none can be had."""
        tokens = self._kept()
        if tokens.access != self._refused and tokens.is_good(self.now()):
            return tokens.access
        with self._alone():
            tokens = self._kept()  # somebody may have been quicker
            if tokens.access != self._refused and tokens.is_good(self.now()):
                return tokens.access
            renewed = self._renewed(tokens)
            self.vault().put(self.name, renewed.kept())
        return renewed.access

    def invalidate(self) -> bool:
        """Take it that the token was refused although it had not ended; tell whether another may be had."""
        tokens = self._kept()
        self._refused = tokens.access
        return tokens.refresh is not None

    def _kept(self) -> Tokens:
        kept = self.vault().get(self.name)
        if kept is None:
            raise CredentialRefused(f"nobody has agreed to {self.connection} on this machine yet: connect it")
        return read_tokens(kept, self.connection)

    def _renewed(self, tokens: Tokens) -> Tokens:
        if tokens.refresh is None:
            raise CredentialRefused(
                f"the token of {self.connection} has ended, and cannot be renewed: connect it again"
            )
        form = WebApplicationClient(self.client.client_id).prepare_refresh_body(
            refresh_token=tokens.refresh, client_id=self.client.client_id
        )
        with open_provider() as client:
            status, told = ask(client, "POST", self.provider().token, form)
        if status != 200 or "access_token" not in told:
            raise refusal(told, f"to renew the token of {self.connection}")
        return tokens_of(told, self.now(), tokens)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.locks.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = hashlib.sha256(f"{self.client.issuer} {self.name}".encode()).hexdigest()[:16]
        file = os.open(self.locks / f"oauth-{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        finally:
            os.close(file)
