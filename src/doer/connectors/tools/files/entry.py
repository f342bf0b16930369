"""What is at a place, as a change shows it and as it is compared: a file, or a folder, alone or with all that is in it."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass

from doer.domain.value import Json

LARGEST_SHOWN = 16 * 1024
"""Bytes of a text file that are shown in full in a change; of others, size and SHA-256."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is at a place: a file or a folder."""

    state: Json
    """As shown in a change: kind and text, or kind, size and sha256."""
    version: str
    """`sha256:…` of a file's content; `folder`; `tree:…` of a folder seen with all that is in it."""
    mode: int
    size: int = 0
    links: int = 1

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return not self.version.startswith("sha256:")


def file_entry(content: bytes, mode: int = 0o644) -> Entry:
    """Return what a file with this content looks like."""
    return shown(content, hashlib.sha256(content).hexdigest(), len(content), mode, 1)


def folder_entry(mode: int = 0o755) -> Entry:
    """Return what a folder looks like."""
    return Entry({"kind": "folder"}, "folder", mode)


def tree_entry(entries: Json, digest: str, mode: int = 0o755) -> Entry:
    """Return what a folder looks like when it is seen with all that is in it."""
    return Entry({"kind": "folder", "entries": entries, "sha256": digest}, f"tree:{digest}", mode)


def shown(head: bytes, digest: str, size: int, mode: int, links: int) -> Entry:
    state: Json = {"kind": "file", "size": size, "sha256": digest}
    if size <= LARGEST_SHOWN and b"\0" not in head:
        with suppress(UnicodeDecodeError):
            state = {"kind": "file", "text": head.decode()}
    return Entry(state, f"sha256:{digest}", mode, size, links)
