"""Records of pushes: written in the git directory before the remote is asked, since a remote keeps no keys."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from doer.connectors.tools.git.repository import records_folder
from doer.domain.errors import Permanent


@dataclass(frozen=True, slots=True)
class Record:
    """What a key was about to move at the remote."""

    ref: str
    old: str | None
    new: str
    back: bool = False
    """Whether the remote is being asked to move it back."""


def _file(common: Path, key: str) -> Path:
    return records_folder(common) / f"push-{re.sub('[^A-Za-z0-9]', '_', key)[:64]}.json"


def keep(common: Path, key: str, record: Record) -> None:
    """Write the record durably: on disk before anything is sent."""
    place = _file(common, key)
    temporary = place.with_suffix(".new")
    try:
        temporary.unlink(missing_ok=True)
        with temporary.open("x") as opened:  # a new file: never through a link that was there
            json.dump({"ref": record.ref, "old": record.old, "new": record.new, "back": record.back}, opened)
            opened.flush()
            os.fsync(opened.fileno())
        temporary.replace(place)
        folder = os.open(place.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as refused:
        raise Permanent(f"{place} cannot be written: {refused.strerror}; nothing was changed") from refused


def kept(common: Path, key: str) -> Record | None:
    """Return the record of a key, if it is there."""
    try:
        found = json.loads(_file(common, key).read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    if not isinstance(found, Mapping):
        return None
    return Record(str(found.get("ref")), found.get("old"), str(found.get("new")), found.get("back") is True)


def drop(common: Path, key: str) -> None:
    """Remove the record of a key, which had no effect or was taken back."""
    _file(common, key).unlink(missing_ok=True)
