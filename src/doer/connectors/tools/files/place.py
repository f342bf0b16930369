"""Names of files inside a workspace: what a path may say, and which names are out of reach of every file tool."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import TypeAlias

from doer.domain.errors import Permanent
from doer.domain.value import JsonObject

Place: TypeAlias = tuple[str, ...]
"""Folders and at last the name, below the workspace's root; empty: the root itself."""

PROTECTED = (".doer", "doer.toml", "policy.cedar", "skills", ".git")
"""Names at the top of a workspace that no file tool reads or writes; those that begin with a dot, at any depth."""

LONGEST_COMPONENT = 255
"""Bytes of one name, the limit of common file systems; those of a temporary name are left below it."""

_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_SHORT_NAME = re.compile(r"(git|doer)~\d+")


def resource(place: Place) -> str:
    """Return the URI of a place: `file:notes/a.txt`."""
    return "file:" + "/".join(place)


def parse(path: str, protected: Sequence[str] = PROTECTED) -> Place:
    """Return the place that a path names. Raises Permanent for one that leaves the workspace or is out of reach.

    A path is relative, with `/` between folders. Control characters and marks of writing direction are refused, because
    a person must be able to read what they approve.
    """
    if path.startswith(("/", "~")) or "\\" in path:
        raise Permanent(f"{path!r:.200} is not inside the workspace: give a path from its top, with / between folders")
    parts = tuple(part for part in path.split("/") if part not in ("", "."))
    for part in parts:
        if part == "..":
            raise Permanent(f"{path!r:.200} goes upwards: '..' is refused, give the path from the workspace's top")
        if strange := [sign for sign in part if sign in _DIRECTION or unicodedata.category(sign) in ("Cc", "Cs")]:
            raise Permanent(f"{path!r:.200} has {strange[0]!a} in it, which cannot be seen; leave it out")
        if len(part.encode()) > LONGEST_COMPONENT:
            raise Permanent(f"{part[:40]!r}… is longer than {LONGEST_COMPONENT} bytes; choose a shorter name")
    refuse_protected(parts, protected)
    return parts


def refuse_protected(place: Place, protected: Sequence[str] = PROTECTED) -> None:
    """Raise Permanent when the place is, or is below, a protected name, however it is written."""
    for depth, part in enumerate(place):
        if is_protected(part, depth, protected):
            raise Permanent(f"{'/'.join(place)!r:.200} is out of reach: {part!r} belongs to doer or to git")


def is_protected(name: str, depth: int, protected: Sequence[str] = PROTECTED) -> bool:
    """Tell whether a name at this depth is out of reach, also in forms that some file system takes for the same name.

    Such forms: other case, compatibility characters (NFKC), invisible characters, trailing dots and spaces, streams
    (`.git::$INDEX_ALLOCATION`), short names (`GIT~1`). The list is that of git's fixes for CVE-2014-9390 and
    CVE-2019-1352.
    """
    folded = _folded(name)
    names = {_folded(each) for each in protected if depth == 0 or each.startswith(".")}
    return folded in names or is_temporary(folded) or _SHORT_NAME.fullmatch(folded) is not None


def _folded(name: str) -> str:
    seen = unicodedata.normalize("NFKC", name).casefold()
    seen = "".join(sign for sign in seen if unicodedata.category(sign) not in ("Cf", "Mn", "Me"))
    return unicodedata.normalize("NFKC", seen).split(":")[0].rstrip(". ")


def temporary_name(key: str) -> str:
    """Return the name under which the work of a key is prepared, in the folder that it is for."""
    return f".doer-{re.sub('[^A-Za-z0-9]', '_', key)[:64]}.tmp"


def is_temporary(name: str) -> bool:
    """Tell whether a name is one that `temporary_name` makes; such files are left over from a killed process."""
    return name.startswith(".doer-") and name.endswith(".tmp")


def text_argument(arguments: JsonObject, name: str) -> str:
    """Return an argument that is text. Raises Permanent when it is something else, or no valid Unicode."""
    value = arguments.get(name)
    if not isinstance(value, str):
        raise Permanent(f"{name} is {value!r:.60}: expected text")
    try:
        value.encode()
    except UnicodeEncodeError as wrong:
        raise Permanent(f"{name} has {value[wrong.start]!a} in it, which is no character") from wrong
    return value
