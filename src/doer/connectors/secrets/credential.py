"""Credentials: callables that give a secret at the last moment. None of them shows it when printed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from doer.connectors.secrets.vault import Vault
from doer.domain.errors import CredentialRefused
from doer.domain.ports import Credential


@runtime_checkable
class Renewable(Credential, Protocol):
    """A credential that may have another secret after the first was refused: a token that is refreshed."""

    def invalidate(self) -> bool:
        """Forget what was handed out last; tell whether the next call may hand out something else."""
        ...


@dataclass(frozen=True, slots=True)
class FromVault:
    """The secret of that name in the vault of this workspace, which is opened when it is asked."""

    vault: Callable[[], Vault]
    name: str
    kind: str
    connection: str

    def __call__(self) -> str:
        """Return it. Raises CredentialRefused when it is not there, or cannot be read."""
        found = self.vault().get(self.name)
        if found is None:
            asks = "doer model key" if self.kind == "model" else f"doer connect {self.kind}"
            raise CredentialRefused(
                f"{self.connection}: its secret secret://{self.name} is not on this machine; "
                f"`{asks} {self.connection}` asks for it and stores it"
            )
        return found


@dataclass(frozen=True, slots=True)
class FromEnvironment:
    """The value of an environment variable, as it is when it is asked for."""

    variable: str
    connection: str
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)

    def __call__(self) -> str:
        """Return it. Raises CredentialRefused when it is not set."""
        found = self.environment.get(self.variable)
        if not found:
            raise CredentialRefused(
                f"connection {self.connection}: its secret is the environment variable {self.variable}, which is not set: "
                f"export {self.variable}=…"
            )
        return found


class _Fixed:
    """A secret that a program hands in."""

    __slots__ = ("_secret",)

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def __call__(self) -> str:
        return self._secret

    def __repr__(self) -> str:
        return "fixed(…)"


def fixed(secret: str) -> Credential:
    """Return the credential that always gives this secret: for programs and tests that hold it anyway."""
    return _Fixed(secret)


def for_header(secret: str) -> str:
    """Return the secret as an HTTP header can carry it. Raises CredentialRefused, which does not repeat it, when none can."""
    if not secret or not secret.isascii() or not secret.isprintable():
        raise CredentialRefused(
            "the token is empty, or holds characters that no token has: was all of it copied, and no more?"
        )
    return secret


@contextmanager
def renewing(kind: str, connection: str) -> Iterator[None]:
    """Within it, a refused credential is told with its connection and the command that renews it."""
    try:
        yield
    except CredentialRefused as refusal:
        told = str(refusal)
        if f"`doer connect {kind} {connection}`" in told or "export " in told:
            raise
        raise CredentialRefused(f"{connection}: {told}; `doer connect {kind} {connection}` renews it") from refusal
