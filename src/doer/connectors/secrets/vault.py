"""The vault: the secrets of one workspace, in the machine's keyring or, where it has none, in an age file.

Two workspaces may both have `secret://crm`: every name stands under the workspace's own id (a random word kept in its
`.doer`, which is not committed), so a colleague's copy of a workspace has its own secrets.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from doer.connectors.secrets.age_file import AgeFile, config_folder
from doer.connectors.secrets.keyrings import MachineKeyring, why_no_keyring
from doer.domain.errors import UsageError

CHOICE = "DOER_SECRETS"
"""The environment variable that forces a place: `keyring` or `file`."""


class Place(Protocol):
    """Where secrets are kept. Methods raise CredentialRefused when it cannot be read, UsageError when not written."""

    @property
    def told(self) -> str:
        """What it is, for a person."""
        ...

    def get(self, key: str) -> str | None:
        """Return the secret of that key, or None when there is none."""
        ...

    def put(self, key: str, secret: str) -> None:
        """Keep the secret under that key, over what was there."""
        ...

    def remove(self, key: str) -> bool:
        """Forget it; tell whether there was one."""
        ...


@dataclass(frozen=True, slots=True)
class Vault:
    """The secrets of one workspace. What is written goes to the first place; what is read is looked for in all."""

    identity: Callable[[bool], str | None]
    """The workspace's id; asked with True where one may be made."""
    places: Sequence[Place]

    @property
    def told(self) -> str:
        """Where a new secret goes, for a person."""
        return self.places[0].told

    def get(self, name: str) -> str | None:
        """Return the secret, or None. Raises CredentialRefused when a place cannot be read."""
        workspace = self.identity(False)  # noqa: FBT003 - a question of the protocol above
        if workspace is None:
            return None
        found = (place.get(_key(workspace, name)) for place in self.places)
        return next((each for each in found if each is not None), None)

    def put(self, name: str, secret: str) -> None:
        """Keep the secret in the first place, and nowhere else. Raises UsageError when it cannot be kept."""
        workspace = self.identity(True)  # noqa: FBT003
        assert workspace is not None
        first, *others = self.places
        first.put(_key(workspace, name), secret)
        for place in others:
            place.remove(_key(workspace, name))

    def remove(self, name: str) -> bool:
        """Forget the secret wherever it is; tell whether there was one."""
        workspace = self.identity(False)  # noqa: FBT003
        if workspace is None:
            return False
        removed = [place.remove(_key(workspace, name)) for place in self.places]  # from all of them
        return any(removed)


def open_vault(
    workspace: Path, identity: Callable[[bool], str | None], environment: Mapping[str, str] = os.environ
) -> Vault:
    """Return the vault of a workspace: the keyring where the machine has one, else an age file; both are read.

    Raises UsageError for a `DOER_SECRETS` that is neither `keyring` nor `file`, and for a keyring that is forced and missing.
    """
    choice = environment.get(CHOICE, "")
    if choice not in ("", "keyring", "file"):
        raise UsageError(f"{CHOICE} is {choice[:40]!r}; it can be keyring or file")
    file = AgeFile(config_folder(environment), workspace)
    if choice == "file":
        return Vault(identity, (file,))
    reason = why_no_keyring()
    if choice == "keyring":
        if reason:
            raise UsageError(f"{CHOICE} asks for the keyring, and {reason}; unset {CHOICE}, or start a keyring")
        return Vault(identity, (MachineKeyring(),))
    return Vault(identity, (file,) if reason else (MachineKeyring(), file))


def _key(workspace: str, name: str) -> str:
    return f"{workspace}/{name}"
