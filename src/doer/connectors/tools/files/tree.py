"""The digest of a folder with all that is in it: of one on the disk, and of one that is to be made."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence

from doer.connectors.tools.files.place import Place

FOLDER = "folder"
"""Version of a folder seen by itself."""


def walk(listing: Callable[[Place], Iterable[tuple[str, str]]]) -> tuple[int, str]:
    """Return how much is in a folder at any depth, and the SHA-256 over its names and versions.

    `listing` tells what is in the folder at a place (from the top, which is empty): names with versions, sorted by name.
    """
    digest, count = hashlib.sha256(), 0
    waiting: list[Place] = [()]
    while waiting:
        here = waiting.pop()
        for name, version in listing(here):
            count += 1
            digest.update(repr(((*here, name), version)).encode())
            if version == FOLDER:
                waiting.append((*here, name))
    return count, digest.hexdigest()


def walk_of(files: Mapping[Place, bytes], folders: Sequence[Place]) -> tuple[int, str]:
    """Return the same of a tree that is to be made: contents of its files, and its folders, by place from its top."""
    inside: dict[Place, list[tuple[str, str]]] = {}
    for place in all_folders(files, folders):
        inside.setdefault(place[:-1], []).append((place[-1], FOLDER))
    for place, content in files.items():
        inside.setdefault(place[:-1], []).append((place[-1], f"sha256:{hashlib.sha256(content).hexdigest()}"))
    return walk(lambda place: sorted(inside.get(place, [])))


def all_folders(files: Iterable[Place], folders: Iterable[Place]) -> list[Place]:
    """Return the named folders, and those above files and folders, each after the one that it is in."""
    found = {place[:depth] for place in folders for depth in range(1, len(place) + 1)}
    found |= {place[:depth] for place in files for depth in range(1, len(place))}
    return sorted(found)
