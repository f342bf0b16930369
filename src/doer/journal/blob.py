"""Payload files: what is too large for a row, one file a digest, durable before anything refers to it."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from doer.domain.errors import JournalUnwritable, UsageError
from doer.domain.value import Digest
from doer.journal.codec import digest_of

LARGEST_ROW: Final = 64 * 1024
"""Bytes; a larger payload is a file."""

_PREFIX = "sha256:"


@dataclass(frozen=True, slots=True)
class BlobFolder:
    """A folder of files named by the SHA-256 of their content."""

    folder: Path

    def write(self, content: bytes) -> Digest:
        """Store the bytes; on return they and their name are on disk. Raises JournalUnwritable."""
        digest = digest_of(content)
        path = self._path(digest)
        if self.read(digest) == content:
            return digest
        new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._write_through(new, path, content)
        except OSError as unwritable:
            new.unlink(missing_ok=True)
            raise JournalUnwritable(
                f"{len(content):,} bytes could not be stored in {path.parent}: {unwritable.strerror}; free space, then "
                "`doer resume`"
            ) from unwritable
        return digest

    def read(self, digest: Digest) -> bytes | None:
        """Return the bytes as they are there, or None."""
        try:
            return self._path(digest).read_bytes()
        except FileNotFoundError:
            return None

    def digests(self) -> list[Digest]:
        """Return the digests of all files."""
        names = (path.name for path in self.folder.glob("*")) if self.folder.is_dir() else ()
        return [Digest(_PREFIX + name) for name in sorted(names) if len(name) == 64 and not name.startswith(".")]

    def remove(self, digest: Digest) -> None:
        """Remove the file, if there is one."""
        self._path(digest).unlink(missing_ok=True)

    def _path(self, digest: Digest) -> Path:
        name = digest.removeprefix(_PREFIX)
        if not digest.startswith(_PREFIX) or len(name) != 64 or set(name) - set("0123456789abcdef"):
            raise UsageError(f"{digest!r} is not the digest of a payload: `sha256:` and 64 hex digits")
        return self.folder / name

    @staticmethod
    def _write_through(new: Path, path: Path, content: bytes) -> None:
        with new.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.rename(path)
        sync_folder(path.parent)  # the name too


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
