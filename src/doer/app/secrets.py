"""The secrets of a workspace: from the reference in a connection's settings to the credential that its connector asks."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from doer.app.connections import Agreeable, OAuth, Remote
from doer.app.state import STATE
from doer.connectors.secrets import FromEnvironment, FromVault, Redaction, Reference, Vault, open_vault, read_reference
from doer.connectors.secrets.age_file import config_folder
from doer.connectors.secrets.guarded import Watched
from doer.domain.errors import UsageError
from doer.domain.ports import Credential

_IDENTITY = "id"
MODEL: Final = "model"
"""The kind of a secret that is the key of a language model."""


class Secrets:
    """The credentials of the connections of one workspace, and what must not be seen of them."""

    def __init__(self, folder: Path, environment: Mapping[str, str] = os.environ) -> None:
        self._folder = folder
        self._environment = environment
        self._vault: Vault | None = None
        self._redactions: dict[str, Redaction] = {}
        self._given: dict[str, Credential] = {}

    def vault(self) -> Vault:
        """Return where this workspace's secrets are kept; nothing is opened before somebody asks."""
        if self._vault is None:
            self._vault = open_vault(self._folder, self._identity, self._environment)
        return self._vault

    def give(self, name: str, credential: Credential) -> None:
        """Use this credential for the connection, whatever its settings say: one that is not kept yet."""
        self._given[name] = credential

    def credential(self, name: str, connection: Remote) -> Watched | None:
        """Return the credential of a connection, which learns what to scrub; None when the connection names no secret."""
        found = self._given.get(name) or self._from_settings(name, connection)
        return None if found is None else Watched(found, self.redaction(name))

    def of_model(self, name: str, reference: str) -> Watched:
        """Return the key of a language model, which learns what to scrub."""
        place = read_reference(reference)
        found: Credential = (
            FromEnvironment(place.name, name, self._environment)
            if place.scheme == "env"
            else FromVault(self.vault, place.name, MODEL, name)
        )
        return Watched(found, self.redaction(f"{MODEL} {name}"))

    def redaction(self, name: str) -> Redaction:
        """Return what must not be seen of a connection's secret; it grows as the secret is handed out."""
        return self._redactions.setdefault(name, Redaction(name))

    @property
    def redactions(self) -> Mapping[str, Redaction]:
        """Those of every connection."""
        return self._redactions

    def _from_settings(self, name: str, connection: Remote) -> Credential | None:
        if connection.secret is None:
            return None
        place = read_reference(connection.secret)
        if isinstance(connection, Agreeable) and connection.oauth is not None:
            return self._agreed(name, connection.oauth, place)
        if place.scheme == "env":
            return FromEnvironment(place.name, name, self._environment)
        return FromVault(self.vault, place.name, str(getattr(connection, "kind", "")), name)

    def _agreed(self, name: str, oauth: OAuth, place: Reference) -> Credential:
        from doer.connectors.oauth import Client, OAuthCredential, discover

        if place.scheme != "secret":
            raise UsageError(
                f'connection {name}: what a person agrees to is kept on this machine: secret = "secret://{name}"'
            )
        client = Client(oauth.issuer, oauth.client_id, oauth.scopes, oauth.algorithm)
        return OAuthCredential(
            self.vault, place.name, name, client, lambda: discover(oauth.issuer), config_folder(self._environment),
            lambda: datetime.now(UTC),
        )  # fmt: skip

    def _identity(self, make: bool) -> str | None:  # noqa: FBT001 - asked by the vault
        file = self._folder / STATE / _IDENTITY
        try:
            if not file.exists():
                if not make:
                    return None
                file.parent.mkdir(mode=0o700, exist_ok=True)
                new = file.with_name(f".{_IDENTITY}.{secrets.token_hex(4)}")
                new.write_text(secrets.token_hex(8), encoding="ascii")
                try:
                    os.link(new, file)  # whole, and the first of two processes wins
                except FileExistsError:
                    pass
                finally:
                    new.unlink()
            return file.read_text(encoding="ascii").strip()
        except OSError as failure:
            raise UsageError(
                f"{file}, the workspace's own name for its secrets, cannot be used: {failure.strerror}"
            ) from failure
