"""Names that git tools take: branches, tags, paths, messages, addresses; what could be read as an option is refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from doer.connectors.tools.files.place import parse, text_argument
from doer.domain.errors import Permanent
from doer.domain.template import has_hole
from doer.domain.value import JsonObject

PROTECTED = (".doer", ".git")
"""Never committed, shown or named: doer's own state, and git's."""

MOST_PATHS = 500
LONGEST_MESSAGE = 20_000
_SCP_LIKE = re.compile(r"(?:[\w.-]+@)?[\w][\w.-]*:(?!//)[^\s]+")
# git-check-ref-format(1), as one rule a line of its manual page.
_REFUSED = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(/|$)|\.$|/$|^/|^\.|^-|^@$")


def ref_name(arguments: JsonObject, argument: str) -> str:
    """Return an argument that names a branch or tag (git-check-ref-format(1)). Raises Permanent for what is none."""
    name = text_argument(arguments, argument).strip()
    for prefix in ("refs/heads/", "refs/tags/"):
        name = name.removeprefix(prefix)
    if not name or len(name) > 200 or _REFUSED.search(name) or not name.isprintable() or name == "HEAD":
        raise Permanent(
            f"{argument} is {name!r:.80}, which cannot name a branch or tag: use letters, digits, '-', '_', '.' and '/'"
        )
    return name


def paths_argument(arguments: JsonObject, argument: str = "paths") -> tuple[str, ...]:
    """Return the paths asked for, from the repository's top; `.` is all of it. Raises Permanent for one outside."""
    given = arguments.get(argument, ["."])
    if isinstance(given, str):
        given = [given]
    if not isinstance(given, Sequence) or not given or len(given) > MOST_PATHS:
        raise Permanent(f"{argument} is {given!r:.60}: expected 1 to {MOST_PATHS} paths")
    return tuple(path_of({argument: each}, argument) for each in given)


def path_of(arguments: JsonObject, argument: str) -> str:
    """Return one path below the repository's top, `.` for the top itself."""
    text = text_argument(arguments, argument)
    if not text.strip():
        raise Permanent(f"{argument} is empty: name a file or folder of the repository")
    return "/".join(parse(text, PROTECTED)) or "."


def message_argument(arguments: JsonObject, otherwise: str) -> str:
    """Return the message, or what stands for one where none was said. Raises Permanent when there is nothing in it."""
    if "message" not in arguments:
        return otherwise
    message = text_argument(arguments, "message")
    if has_hole(message):
        return message
    message = message.strip()
    if not message or "\0" in message or len(message) > LONGEST_MESSAGE:
        raise Permanent(f"message is {message!r:.60}: expected 1 to {LONGEST_MESSAGE:,} characters")
    return message


def allowed(patterns: Sequence[str], name: str) -> bool:
    """Tell whether a branch (`main`), or a tag (`tags/v1`), is one that the connection may push to; `*` is any text."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def check_address(url: str) -> str:
    """Return the address of a remote if it is one that is used here. Raises Permanent that says why it is not."""
    if not url or url.startswith("-") or not url.isprintable() or " " in url:
        raise Permanent(f"{url!r:.60} is no address of a repository")
    if url.startswith("/") or _SCP_LIKE.fullmatch(url):
        if "::" in url:
            raise Permanent("addresses with '::' run a program; only https, http, ssh and file are used")
        return url
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http", "ssh", "file"):
        raise Permanent(f"{parts.scheme or url!r:.40}: only https, http, ssh and file addresses are used")
    if parts.password or (parts.username and parts.scheme in ("http", "https")):
        raise Permanent("the address of the remote holds a user name or password; keep it in the connection's secret")
    return url


def check_remote(name: str) -> str:
    """Return the name of a remote. Raises Permanent for one that could be read as something else."""
    if not re.fullmatch(r"[A-Za-z0-9_][\w.-]{0,99}", name, re.ASCII):
        raise Permanent(f"{name!r:.60} cannot name a remote: use letters, digits, '-', '_' and '.'")
    return name
