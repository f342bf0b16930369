"""Secrets in an age file (age-encryption.org/v1, X25519), for machines without a keyring.

`secrets.age` and, beside it, `secrets.key`, the identity that opens it (mode 0600). This protects what leaves the machine
without its key: a backup, a synchronised folder, a file sent by mistake. It does not protect from a program that runs as
the same user, which can read both: only a keyring that is unlocked by a person does.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from doer.connectors.secrets import age
from doer.domain.errors import CredentialRefused, UsageError


def config_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder of doer's own files of this user (XDG Base Directory Specification 0.8)."""
    given = environment.get("XDG_CONFIG_HOME", "")
    top = Path(given) if Path(given).is_absolute() else Path(environment.get("HOME") or Path.home()) / ".config"
    return top / "doer"


@dataclass(frozen=True, slots=True)
class AgeFile:
    """The secrets of all workspaces of this user, in `folder`; `workspace` is the one that asks."""

    folder: Path
    workspace: Path

    @property
    def told(self) -> str:
        """What it is."""
        return f"the encrypted file {self._file}"

    @property
    def _file(self) -> Path:
        return self.folder / "secrets.age"

    @property
    def _identity(self) -> Path:
        return self.folder / "secrets.key"

    def get(self, key: str) -> str | None:
        """Return the secret. Raises CredentialRefused when the file cannot be opened."""
        try:
            return self._read().get(key)
        except UsageError as wrong:
            raise CredentialRefused(str(wrong)) from wrong

    def put(self, key: str, secret: str) -> None:
        """Keep the secret: the file is written anew and put in the place of the old one."""
        if self.folder.resolve().is_relative_to(self.workspace.resolve()):
            raise UsageError(
                f"{self.folder} is inside the workspace {self.workspace}, where secrets may not be: "
                "move the workspace, or set XDG_CONFIG_HOME to a folder outside it"
            )
        with self._alone():
            self._write({**self._read(), key: secret})

    def remove(self, key: str) -> bool:
        """Forget it."""
        if not self._file.exists():
            return False
        with self._alone():
            kept = dict(self._read())
            if kept.pop(key, None) is None:
                return False
            self._write(kept)
        return True

    def _read(self) -> Mapping[str, str]:
        try:
            sealed = self._file.read_bytes()
        except FileNotFoundError:
            return {}
        except OSError as unreadable:
            raise UsageError(f"{self._file} cannot be read: {unreadable.strerror}") from unreadable
        opened = age.opened(sealed, self._key())
        if opened is None:
            raise UsageError(
                f"{self._file} does not open with {self._identity}: restore both from the same backup, or remove both and "
                "connect again"
            )
        return {str(key): str(secret) for key, secret in json.loads(opened).items()}

    def _key(self) -> str:
        try:
            if self._identity.stat().st_mode & 0o077:
                raise UsageError(f"{self._identity} can be read by others: chmod 600 {self._identity}")
            return self._identity.read_text(encoding="ascii", errors="replace").strip()
        except FileNotFoundError as gone:
            raise UsageError(
                f"{self._identity}, which opens {self._file}, is gone: restore it, or remove the file and connect again"
            ) from gone
        except OSError as wrong:
            raise UsageError(f"{self._identity} cannot be read: {wrong.strerror}") from wrong

    def _write(self, kept: Mapping[str, str]) -> None:
        try:
            if not self._identity.exists() and not self._file.exists():
                _replace(self._identity, f"{age.new_identity()}\n".encode())
            sealed = age.sealed(json.dumps(kept).encode(), self._key())
            if sealed is None:
                raise UsageError(f"{self._identity} is no age identity: restore it, or remove it and {self._file}")
            _replace(self._file, sealed)
        except OSError as unwritable:
            raise UsageError(f"no secret can be kept in {self.folder}: {unwritable.strerror}") from unwritable

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other processes from writing at the same time: what they add would be lost."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self.folder / "secrets.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as unwritable:
            raise UsageError(f"no secret can be kept in {self.folder}: {unwritable.strerror}") from unwritable
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def _replace(path: Path, content: bytes) -> None:
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
