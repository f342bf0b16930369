"""How the arguments of each file tool become deeds."""

from __future__ import annotations

import re
from collections.abc import Sequence

from doer.connectors.tools.files.deed import Deed, MakeFolder, Move, Remove, Write
from doer.connectors.tools.files.entry import LARGEST_SHOWN
from doer.connectors.tools.files.place import Place, parse, text_argument
from doer.connectors.tools.files.view import LARGEST_KEPT, View
from doer.domain.errors import Permanent
from doer.domain.template import has_hole
from doer.domain.value import JsonObject

_BOX = re.compile(r"(?P<lead>\s*(?:[-*+]|\d+[.)])\s+)(?P<box>\[(?P<mark>[ xX])\])\s+(?P<item>[^\r\n]*)")


def place_of(view: View, arguments: JsonObject, name: str = "path") -> Place:
    """Return the place that an argument names. Raises Permanent for the workspace itself, and what is out of reach."""
    place = parse(text_argument(arguments, name), view.protected)
    if not place:
        raise Permanent(f"{name} is empty or the workspace itself; name a file or folder in it")
    return place


def written(view: View, place: Place, content: bytes | None, text: str, note: str = "") -> Sequence[Deed]:
    """Return the deed that leaves this content there. `text`: what of it came from the arguments, to look for holes."""
    view.folder_above(place)
    before = view.at(place)
    if before is not None and before.is_folder:
        raise Permanent(f"{'/'.join(place)} is a folder; name a file")
    if content is not None and len(content) > LARGEST_KEPT:
        raise Permanent(f"{'/'.join(place)} would be larger than {LARGEST_KEPT:,} bytes, the most that is written")
    unknown = content is None or (has_hole(text) and len(content) > LARGEST_SHOWN)
    return [Write(place, before, None if unknown else content, note)]


def write(view: View, arguments: JsonObject) -> Sequence[Deed]:
    """Create or replace a file."""
    text = text_argument(arguments, "text")
    return written(view, place_of(view, arguments), text.encode(), text)


def append_line(view: View, arguments: JsonObject) -> Sequence[Deed]:
    """Add one line at the end; the file is made if it is not there."""
    line = _line(arguments, "line")
    place = place_of(view, arguments)
    view.folder_above(place)
    content = view.content(place, view.at(place))
    if content is not None:
        _check_text(place, content)
        gap = b"" if not content or content.endswith(b"\n") else b"\n"
        content += gap + line.encode() + b"\n"
    return written(view, place, content, line)


def replace_line(view: View, arguments: JsonObject) -> Sequence[Deed]:
    """Replace the one line that reads exactly like `line`."""
    line, replacement = _line(arguments, "line"), _line(arguments, "replacement")
    place = place_of(view, arguments)
    if (entry := view.at(place)) is None:
        raise Permanent(f"{'/'.join(place)} is not there")
    content = view.content(place, entry)
    if content is not None:
        _check_text(place, content)
        lines = content.decode().splitlines(keepends=True)
        places = [index for index, each in enumerate(lines) if each.rstrip("\r\n") == line]
        if len(places) != 1:
            raise Permanent(f"{'/'.join(place)} has {len(places)} lines that read {line!r:.80}; exactly one was meant")
        old = lines[places[0]]
        lines[places[0]] = replacement + old[len(old.rstrip("\r\n")) :]
        content = "".join(lines).encode()
    return written(view, place, content, replacement)


def replace_text(view: View, arguments: JsonObject) -> Sequence[Deed]:
    """Replace the one place in a text that reads `old`."""
    old, new = text_argument(arguments, "old"), text_argument(arguments, "new")
    if not old:
        raise Permanent("old is empty: say which words are to be replaced")
    place, text = _text(view, arguments)
    if text is None:
        return written(view, place, None, new)
    count = len(re.findall(rf"(?<!\w){re.escape(old)}(?!\w)", text))
    if count != 1:
        told = "does not have" if not count else f"has {count} times"
        raise Permanent(f"{'/'.join(place)} {told} {old!r:.80}; exactly one place was meant: give more of its words")
    content = re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", lambda _: new, text)
    return written(view, place, content.encode(), new)


def tick_off(view: View, arguments: JsonObject) -> Sequence[Deed]:
    """Tick the box of the one item that the words mean: `- [ ] order paper`; with `done` false, clear it."""
    item, done = text_argument(arguments, "item"), arguments.get("done") is not False
    place, text = _text(view, arguments)
    if text is None:
        return written(view, place, None, "")
    lines = text.splitlines(keepends=True)
    boxes = [(at, box) for at, each in enumerate(lines) if (box := _BOX.match(each))]
    same = [one for one in boxes if _said(one[1]["item"]) == _said(item)]
    found = same or [one for one in boxes if set(_said(item)) <= set(_said(one[1]["item"]))]
    fresh = [one for one in found if (one[1]["mark"] == " ") is done]
    if len(fresh) != 1:
        told = "; ".join(one[1]["item"].strip() for one in boxes[:8]) or "none"
        raise Permanent(
            f"{'/'.join(place)} has {len(fresh)} items {'to be ticked' if done else 'that are ticked'} of {item!r:.80}; exactly one was meant. "
            f"The items are: {told}"
        )
    at, box = fresh[0]
    lines[at] = f"{box['lead']}[{'x' if done else ' '}]{lines[at][box.end('box') :]}"
    return written(view, place, "".join(lines).encode(), "")


def _said(item: str) -> list[str]:
    return [each for each in re.findall(r"\w+", item.casefold()) if each not in {"the", "a", "an", "to", "my", "our"}]


def _text(view: View, arguments: JsonObject) -> tuple[Place, str | None]:
    """The place and its text; None for one that is known only when an earlier step has run."""
    place = place_of(view, arguments)
    if (entry := view.at(place)) is None:
        raise Permanent(f"{'/'.join(place)} is not there")
    content = view.content(place, entry)
    if content is None:
        return place, None
    _check_text(place, content)
    return place, content.decode()


def move(view: View, arguments: JsonObject) -> Sequence[Deed]:
    """Move or rename a file or folder to a name that is free."""
    source, target = place_of(view, arguments, "source"), place_of(view, arguments, "target")
    if target[: len(source)] == source:
        raise Permanent(f"{'/'.join(source)} cannot be moved onto or into itself")
    before = view.at(source, deep=True)
    if before is None:
        raise Permanent(f"{'/'.join(source)} is not there")
    view.folder_above(target)
    if view.at(target) is not None:
        raise Permanent(f"{'/'.join(target)} is there already; it is never overwritten: choose another name")
    return [Move(source, target, before)]


def copy(view: View, arguments: JsonObject) -> Sequence[Deed]:
    """Copy a file to a name that is free."""
    source, place = place_of(view, arguments, "source"), place_of(view, arguments)
    entry = view.at(source)
    if entry is None:
        raise Permanent(f"{'/'.join(source)} is not there")
    if view.at(place) is not None:
        raise Permanent(f"{'/'.join(place)} is there already; it is never overwritten: choose another name")
    return written(view, place, view.content(source, entry), "")


def delete(view: View, arguments: JsonObject) -> Sequence[Deed]:
    """Remove a file, or an empty folder."""
    place = place_of(view, arguments)
    before = view.at(place)
    if before is None:
        raise Permanent(f"{'/'.join(place)} is not there")
    if before.is_folder and (inside := view.names(place)):
        raise Permanent(
            f"the folder {'/'.join(place)} is not empty ({inside[0]}{' …' if len(inside) > 1 else ''}); "
            "only empty folders are deleted: delete what is in it first"
        )
    return [Remove(place, before)]


def create_folder(view: View, arguments: JsonObject) -> Sequence[Deed]:
    """Make a folder, and those above it that are not there; one that is there already is left as it is."""
    place = place_of(view, arguments)
    deeds: list[Deed] = []
    for depth in range(1, len(place) + 1):
        entry = view.at(place[:depth])
        if entry is None:
            deeds.append(MakeFolder(place[:depth]))
        elif not entry.is_folder:
            raise Permanent(f"{'/'.join(place[:depth])} is a file, not a folder")
    return deeds


def _line(arguments: JsonObject, name: str) -> str:
    line = text_argument(arguments, name)
    if len(line.splitlines()) > 1 or line.endswith(("\n", "\r")):
        raise Permanent(f"{name} has a line break in it; give one line")
    return line


def _check_text(place: Place, content: bytes) -> None:
    try:
        content.decode()
    except UnicodeDecodeError as wrong:
        raise Permanent(f"{'/'.join(place)} is not a text in UTF-8; its lines cannot be edited") from wrong
