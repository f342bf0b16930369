"""Refs as their files hold them (gitrepository-layout(5)): a look costs no process, and a verb looks half a dozen times.

What is plain is answered from here: a file with an object's name or another ref, and packed refs. Whatever is not (a
link, an odd name, other content) is `Odd`, and who asks turns to git itself. Refs are moved by git alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

SHARED = ("refs/heads/", "refs/tags/", "refs/remotes/")
"""Refs that all work trees of a repository share; others may be kept for each."""

_OBJECT = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_DEEPEST = 5
_PLAIN = re.compile(r"[\w+=,#%!'&;()@-][\w+=,#%!'&;().@/-]*")


class Odd(Exception):
    """Something that git answers better."""


def branch_of(directory: Path) -> str | None:
    """Return the full name of the ref that HEAD names in this git directory; None: HEAD is detached. Raises Odd."""
    told = _read(directory / "HEAD")
    if told is not None and told.startswith(b"ref: refs/"):
        return _named(told)
    if told is None or not _OBJECT.fullmatch(told):
        raise Odd
    return None


def target(common: Path, ref: str) -> str | None:
    """Return the object that a shared ref points to, through others where it names one; None: it is not there.

    `common` is the git directory that work trees share. Raises Odd.
    """
    for _ in range(_DEEPEST):
        if not ref.startswith(SHARED) or not _PLAIN.fullmatch(ref) or "/." in ref or ".." in ref or "//" in ref:
            raise Odd
        told = _loose_or_packed(common, ref)
        if told is None or _OBJECT.fullmatch(told):
            return None if told is None else told.decode()
        ref = _named(told)
    raise Odd


def below(common: Path, prefix: str) -> dict[str, str]:
    """Return the refs whose full name starts with one of `SHARED`, by name, with their objects. Raises Odd."""
    names = {*_loose_names(common, prefix), *_packed_names(common, prefix)}
    found = {name: target(common, name) for name in sorted(names)}
    return {name: points_to for name, points_to in found.items() if points_to is not None}


def _loose_or_packed(common: Path, ref: str) -> bytes | None:
    # git packs a ref by writing the packed one first: who finds neither looks once more.
    for _ in range(2):
        if (told := _read(common / ref)) is not None:
            return told
        if (told := _packed(common).get(ref.encode())) is not None:
            return told
    return None


def _read(place: Path) -> bytes | None:
    if place.is_symlink():
        raise Odd
    try:
        return place.read_bytes().rstrip(b"\n")
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return None
    except OSError as refused:
        raise Odd from refused


def _named(told: bytes) -> str:
    if not told.startswith(b"ref: "):
        raise Odd
    try:
        return told.removeprefix(b"ref: ").decode()
    except UnicodeDecodeError as strange:
        raise Odd from strange


def _packed(common: Path) -> dict[bytes, bytes]:
    pairs = (line.partition(b" ") for line in (_read(common / "packed-refs") or b"").split(b"\n"))
    return {name: object_ for object_, _, name in pairs if _OBJECT.fullmatch(object_)}


def _packed_names(common: Path, prefix: str) -> list[str]:
    try:
        names = [name.decode() for name in _packed(common)]
    except UnicodeDecodeError as strange:
        raise Odd from strange
    return [name for name in names if name.startswith(prefix)]


def _loose_names(common: Path, prefix: str) -> Iterator[str]:
    waiting = [common / prefix]
    while waiting:
        folder = waiting.pop()
        if folder.is_symlink():
            raise Odd
        for each in folder.iterdir() if folder.is_dir() else ():
            if each.is_dir():
                waiting.append(each)
            elif not each.name.endswith(".lock") and not each.name.startswith("."):
                yield each.relative_to(common).as_posix()
