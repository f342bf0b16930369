"""What each file tool says of itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

from doer.connectors.tools.files.plans import (
    append_line,
    copy,
    create_folder,
    delete,
    move,
    replace_line,
    replace_text,
    tick_off,
    write,
)
from doer.connectors.tools.files.reads import Reading, find_files, list_folder, read_file
from doer.connectors.tools.files.tool import Planning
from doer.domain.action import Effect, Manifest, Role
from doer.domain.value import JsonObject

Row: TypeAlias = tuple[Manifest, Reading | None, Planning | None, str]

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


_COPIES: Final = (
    "(copy|duplicate|clone|back up|backup) [the file] {source} (to|as|into|under the name) {path}",
    "(copy|duplicate|clone|back up) [the file] {source} and (call|name) (it|the copy|that) {path}",
    "(make|create|save|put|store|keep|I need|I want|I'd like) [me] (a|one) [backup|back-up|second] copy of [the file] {source} (as|called|named|to|in|under the name) {path}",
    "(save|store|keep) [the file] {source} [also] (as|under the name) {path} [too|as well]",
)
_VERBATIM: JsonObject = {"verbatim": True}
_KIND: Final[JsonObject] = {
    "type": "string",
    "enum": ["pdf", "csv", "md", "txt", "docx", "xlsx", "pptx", "png", "jpg", "json", "zip", "log", "html", "any"],
    "x-said": {
        "words": {
            "pdf": ["pdfs"], "csv": ["csvs"], "md": ["markdown"], "txt": ["text"], "docx": ["word"], "xlsx": ["excel"],
            "pptx": ["powerpoint"], "jpg": ["jpeg"], "zip": ["zips"], "log": ["logs"],
        }
    },
}  # fmt: skip
_PLACE: Final = "[(in|from|inside|of) [the] (folder {path}|{path} [folder|directory])]"
_FOUND: Final = tuple(
    f"{each} {_PLACE}"
    for kind in ("{kind} (files|file|documents)", "{kind}")
    for each in (
        f"(list|show|show me|find|find me|give me|get me|tell me) [all|all of] [the|our|my] {kind}",
        f"(which|what) {kind} (are there|do we have|have we got|do I have|are)",
        f"(which|what) are [all] [the|our] {kind}",
        f"(how many|count the|count all|number of) {kind} [are there|do we have|have we got|do I have|are]",
    )
)
_FOLDERS: Final = (
    "(create|make|add|set up|open|start) [me] (a|an|the|another|one) [new] [empty] (folder|directory|subfolder) [called|named|with the name] {path} [for me]",
    "(I need|we need|I want|I'd like) (a|another) [new] [empty] (folder|directory|subfolder) [called|named] {path}",
)
_REPLACED: Final = (
    "(replace|swap|exchange) [the] (word|words|text|phrase|sentence) {old} (with|by|for) {new} (in|inside) [the file] {path}",
    "(replace|swap) {old} (with|by|for) {new} (in|inside) [the file] {path}",
    "(change|correct|fix) {old} (to|into) {new} (in|inside) [the file] {path}",
    "in [the file] {path} [please] (change|replace|correct|fix) {old} (to|into|with|by) {new}",
)
_TICKED: Final = (
    "(tick|check|cross) off [the] [item|task|point|line|todo] {item} (in|on|from) [the file|my|the] {path}",
    "(tick|check|cross) {item} off (in|on|from) [the file|my|the] {path}",
    "(mark|set) [the] [item|task|point|line|todo] {item} (as|to) (done|finished|completed|complete) (in|on) [the file|my|the] {path}",
    "in [the file] {path} (mark|set) {item} (as|to) (done|finished|completed|complete)",
    "in [the file] {path} (tick|check|cross) off {item}",
)


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
    found_result: JsonObject = {
        "type": "object",
        "properties": {**list_result, "count": {"type": "integer"}},
        "required": ["path", "entries", "count"],
    }
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
                f"{namespace}.find_files",
                "Find files in a folder and those below it: of one kind, or with a word in the name; without a path, in the workspace.",
                {
                    "kind": {**_KIND, "description": "the kind of file"},
                    "path": _PATH,
                    "name": {"type": "string", "minLength": 1, "description": "a word in its name"},
                },
                (
                    "find all {kind} files",
                    "list the {kind} files in the folder {path}",
                    "how many {kind} files are there",
                ),
                "read",
                {**found_result},
                ("kind",),
                _FOUND,
            ),
            find_files,
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
                    "(add|append|write|put) (a|the|one|another) [new] (line|entry|note|sentence|remark) (to|in|into|at the end of) [the file] {path} (saying|that says|which says|reading|with the text|with the words) [that] {line}",
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
                f"{namespace}.replace_text",
                "Replace words in a text file: the one place that reads exactly so.",
                {
                    "path": _PATH,
                    "old": {"type": "string", "minLength": 1, "description": "The words as they stand there."},
                    "new": {"type": "string", "description": "The words that shall stand there."},
                },
                ("replace {old} with {new} in {path}", "replace {old} by {new} in {path}"),
                patterns=_REPLACED,
            ),
            None,
            replace_text,
            "path",
        ),
        (
            _manifest(
                f"{namespace}.tick_off",
                "Tick off one item of a list in a text file, whose items begin with a box: - [ ].",
                {
                    "path": _PATH,
                    "item": {
                        "type": "string",
                        "minLength": 1,
                        "description": "The words of the item.",
                        "x-said": _VERBATIM,
                    },
                    "done": {"type": "boolean", "description": "false: clear the box again"},
                },
                ("tick off {item} in {path}", "check off {item} in {path}", "mark {item} as done in {path}"),
                required=("path", "item"),
                patterns=_TICKED,
            ),
            None,
            tick_off,
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
                f"{namespace}.copy",
                "Copy a file; the name of the copy must be free.",
                {
                    "source": {**_PATH, "format": "path"},
                    "path": {"type": "string", "description": "The path of the copy, with the name."},
                },
                (
                    "copy {source} to {path}",
                    "copy {source} as {path}",
                    "copy the file {source} to {path}",
                    "make a copy of {source} called {path}",
                    "duplicate {source} as {path}",
                ),
                patterns=_COPIES,
            ),
            None,
            copy,
            "path",
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
                    "create a folder called {path}",
                ),
                patterns=_FOLDERS,
            ),
            None,
            create_folder,
            "path",
        ),
    )
