"""What each file tool says of itself, and how its arguments become deeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from doer.connectors.tools.files.deed import Deed, MakeFolder, Move, Remove, Write
from doer.connectors.tools.files.entry import LARGEST_SHOWN
from doer.connectors.tools.files.place import Place, parse, text_argument
from doer.connectors.tools.files.reads import Reading, list_folder, read_file
from doer.connectors.tools.files.tool import Planning
from doer.connectors.tools.files.view import LARGEST_KEPT, View
from doer.domain.action import Effect, Manifest, Role
from doer.domain.errors import Permanent
from doer.domain.template import has_hole
from doer.domain.value import JsonObject

Row: TypeAlias = tuple[Manifest, Reading | None, Planning | None, str]


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


_PATH: JsonObject = {"type": "string", "description": "Path in the workspace, with / between folders."}
_TEXT: JsonObject = {"type": "string"}
_RESULT: JsonObject = {"type": "object", "properties": {"path": _TEXT}, "required": ["path"]}


def _manifest(  # noqa: PLR0913, PLR0917 - the parts of a manifest
    name: str,
    description: str,
    parameters: JsonObject,
    examples: Sequence[str],
    effect: Effect = "write",
    result: JsonObject = _RESULT,
    required: Sequence[str] | None = None,
    patterns: Sequence[str] = (),
) -> Manifest:
    roles: dict[str, Role] = {each: "destination" for each in parameters if each in ("path", "source", "target")}
    schema: JsonObject = {
        "type": "object",
        "properties": parameters,
        "required": list(parameters) if required is None else list(required),
        "additionalProperties": False,
    }
    if patterns:
        schema = {**schema, "x-said": {"patterns": list(patterns)}}
    return Manifest(name, description, schema, effect, result, tuple(examples), once=True, roles=roles)


_VERBATIM: JsonObject = {"verbatim": True}


def manifests(namespace: str) -> Sequence[Row]:
    """Return each tool's manifest with what it does: a reading, or a planning and the argument its result tells."""
    size: JsonObject = {"type": "integer", "description": "Bytes."}
    moment: JsonObject = {"type": "string", "description": "When it was last changed, in UTC."}
    day: JsonObject = {"type": "string", "format": "date", "description": "The one date that the name holds, if any."}
    shot: JsonObject = {"type": "string", "description": "When a photograph was taken, on its camera's clock."}
    listed: JsonObject = {"name": _TEXT, "kind": _TEXT, "size": size, "modified": moment, "date": day, "taken": shot}
    entry: JsonObject = {"type": "object", "properties": listed, "required": ["name", "kind"]}
    read_result: JsonObject = {"path": _TEXT, "size": size, "sha256": _TEXT, "text": _TEXT}
    list_result: JsonObject = {"path": _TEXT, "entries": {"type": "array", "items": entry}}
    return (
        (
            _manifest(
                f"{namespace}.read",
                "Read a file: its size, its SHA-256 and, if it is a text of at most 500 kB, its text.",
                {"path": _PATH},
                (
                    "read {path}",
                    "show the file {path}",
                    "open the file {path}",
                    "show me {path}",
                    "what does {path} say",
                    "what is in {path}",
                    "what is in the file {path}",
                ),
                "read",
                {"type": "object", "properties": read_result, "required": ["path", "size", "sha256"]},
            ),
            read_file,
            None,
            "path",
        ),
        (
            _manifest(
                f"{namespace}.list",
                "List what is in a folder, sorted by name; without a path, the workspace.",
                {"path": _PATH},
                (
                    "list the files in {path}",
                    "list the folder {path}",
                    "list the files",
                    "list all files",
                    "what is in the folder {path}",
                    "which files are in {path}",
                    "what files are in the folder {path}",
                ),
                "read",
                {"type": "object", "properties": list_result, "required": ["path", "entries"]},
                (),
                (
                    "(what is|what's|which files are|what files are|what do we have) in [the] (folder {path}|{path} [folder|directory])",
                    "(list|show|show me) [all] [the] (files|contents|content|everything) (in|of) [the] (folder {path}|{path} [folder|directory])",
                ),
            ),
            list_folder,
            None,
            "path",
        ),
        (
            _manifest(
                f"{namespace}.write",
                "Create a file with this text, or replace its whole content.",
                {"path": _PATH, "text": {"type": "string", "description": "The whole content."}},
                (
                    "write {path}: {text}",
                    "write {text} to {path}",
                    "write {text} into the file {path}",
                    "create the file {path} with {text}",
                    "create the file {path} with the text {text}",
                    "save {text} as {path}",
                ),
            ),
            None,
            write,
            "path",
        ),
        (
            _manifest(
                f"{namespace}.append_line",
                "Add one line at the end of a text file; the file is made if it is not there.",
                {
                    "path": _PATH,
                    "line": {"type": "string", "description": "The line, without a line break.", "x-said": _VERBATIM},
                },
                ("add the line {line} to {path}", "append {line} to {path}"),
                patterns=(
                    "(add|append|write|put) (a|the|this|one) [new] (line|entry|point|item|note|task|todo) (to|in|into|at the end of) [the file] {path} : {line}",
                    "(add|append) to [the file] {path} : {line}",
                    "(add|append|write|put) (the line|the entry|the item) {line} (to|at the end of) [the file|my|the] {path}",
                    "{path} (needs|should get|gets) (a|the) [new] line : {line}",
                ),
            ),
            None,
            append_line,
            "path",
        ),
        (
            _manifest(
                f"{namespace}.replace_line",
                "Replace the one line of a text file that reads exactly like `line`.",
                {
                    "path": _PATH,
                    "line": {"type": "string", "description": "The line as it reads now."},
                    "replacement": {"type": "string", "description": "The line as it shall read."},
                },
                ("replace the line {line} by {replacement} in {path}",),
            ),
            None,
            replace_line,
            "path",
        ),
        (
            _manifest(
                f"{namespace}.move",
                "Move or rename a file or folder; the new name must be free.",
                {
                    "source": {**_PATH, "format": "path"},
                    "target": {"type": "string", "description": "The new path, with the name."},
                },
                (
                    "move {source} to {target}",
                    "rename {source} to {target}",
                    "move the file {source} to {target}",
                    "rename the file {source} to {target}",
                    "move the folder {source} to {target}",
                ),
                patterns=(
                    "(rename|change the name of) [the file|the folder] {source} (to|into|as) {target}",
                    "(move|rename) [the file|the folder] {source} (to|as) {target}",
                    "(call|name) [the file|the folder] {source} {target} [instead]",
                    "give [the file] {source} the name {target}",
                    "{source} (should be|must be|is to be|has to be) (called|named|renamed to|renamed) {target} [instead]",
                ),
            ),
            None,
            move,
            "target",
        ),
        (
            _manifest(
                f"{namespace}.delete",
                "Delete a file, or an empty folder.",
                {"path": _PATH},
                (
                    "delete {path}",
                    "remove {path}",
                    "delete the file {path}",
                    "remove the file {path}",
                    "delete the folder {path}",
                ),
            ),
            None,
            delete,
            "path",
        ),
        (
            _manifest(
                f"{namespace}.create_folder",
                "Create a folder, and those above it that are missing.",
                {"path": _PATH},
                (
                    "create the folder {path}",
                    "create a folder {path}",
                    "make a folder {path}",
                    "make a folder called {path}",
                ),
            ),
            None,
            create_folder,
            "path",
        ),
    )
