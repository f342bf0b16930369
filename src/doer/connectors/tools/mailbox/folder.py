"""Folders: what LIST tells, their special use (RFC 6154), and the one that is meant by what somebody said."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from imap_tools.imap_utf7 import utf7_decode

from doer.domain.errors import Permanent

_LISTED = re.compile(rb'\(([^)]*)\) (?:NIL|"(?:[^"\\]|\\.)*") (.*)', re.DOTALL)
_MOST_FOLDERS = 500
SPECIAL: Mapping[str, str] = MappingProxyType(
    {"archive": "archive", "drafts": "drafts", "sent": "sent", "trash": "trash", "bin": "trash", "junk": "junk"}
    | {"spam": "junk", "sent mail": "sent", "sent items": "sent", "deleted items": "trash", "inbox": "inbox"}
)
"""Words for folders with a special use."""
VIRTUAL = frozenset({"all", "flagged", "important"})
"""Views of what lies in other folders: searching them would find every mail twice."""


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder; `use` is its special use in lower case, such as `archive`, or empty."""

    name: str
    use: str = ""
    selectable: bool = True


def read_listed(data: Sequence[Any]) -> list[Folder]:
    """Return the folders of LIST's answers; a name that came as a literal is a pair."""
    found: dict[str, Folder] = {}
    for part in data:
        line = part[0] if isinstance(part, tuple) else part
        told = _LISTED.match(line) if isinstance(line, bytes) else None
        if told is None:
            continue
        name = utf7_decode(part[1] if isinstance(part, tuple) else _unquoted(told[2]))
        flags = {each.lower().lstrip("\\") for each in told[1].decode("ascii", "replace").split()}
        uses = sorted(flags & {"archive", "drafts", "sent", "trash", "junk", *VIRTUAL})
        use = "inbox" if name.upper() == "INBOX" else (uses[0] if uses else "")
        found[name] = Folder(name, use, not flags & {"noselect", "nonexistent"})
    return sorted(found.values(), key=lambda each: (each.use != "inbox", each.name))[:_MOST_FOLDERS]


def meant(said: str, folders: Sequence[Folder], settings: Mapping[str, str]) -> Folder:
    """Return the folder that `said` names: by its name, else by its special use, told by the server or by `settings`.

    Raises Permanent, naming the nearest, when there is none.
    """
    there = [each for each in folders if each.selectable]
    same = [each for each in there if each.name == said]
    folded = [each for each in there if each.name.casefold() == said.strip().casefold()]
    use = SPECIAL.get(said.strip().casefold().removesuffix(" folder"), "")
    special = [each for each in there if use and each.use == use]
    setting = [each for each in there if use and each.name == settings.get(use)]
    leaf = [each for each in there if re.split(r"[/.]", each.name)[-1].casefold() == said.strip().casefold()]
    for found in (same, folded, special, setting, leaf):
        if len(found) == 1:
            return found[0]
    names = [each.name for each in there]
    near = difflib.get_close_matches(said, names, 3, 0.4) or names[:5]
    raise Permanent(f"there is no folder {said[:80]!r} in this mailbox; the nearest are {', '.join(near)}")


def special(use: str, folders: Sequence[Folder], settings: Mapping[str, str]) -> Folder | None:
    """Return the folder of that use: the one that the server marks, else the one that the connection names."""
    there = [each for each in folders if each.selectable]
    marked = [each for each in there if each.use == use]
    named = [each for each in there if each.name == settings.get(use)]
    return next(iter(marked or named), None)


def _unquoted(name: bytes) -> bytes:
    if len(name) > 1 and name[:1] == name[-1:] == b'"':
        return re.sub(rb"\\(.)", rb"\1", name[1:-1])
    return name
