"""What the archive and checksum tools say of themselves."""

from __future__ import annotations

from collections.abc import Mapping

from doer.connectors.tools.archive.checksums import ALGORITHMS
from doer.domain.action import Effect, Manifest, Role
from doer.domain.value import Json, JsonObject

_TEXT: JsonObject = {"type": "string"}
_ALGORITHM: JsonObject = {"enum": list(ALGORITHMS), "description": "sha256 unless another is named"}
_WRITTEN: JsonObject = {"type": "object", "properties": {"path": _TEXT}, "required": ["path"]}


_PACKED = "[everything in|all files in|all the files in|all files from|all of|everything from|the contents of|the files in|the] [folder|files|file] {sources} [folder]"


def create_archive(name: str) -> Manifest:
    """Return the manifest of `name.create_archive`."""
    sources: JsonObject = {
        "type": "array",
        "items": {"type": "string", "minLength": 1, "format": "path"},
        "minItems": 1,
        "maxItems": 1000,
        "description": "files and folders to pack",
    }
    return _manifest(
        f"{name}.create_archive",
        "Pack files or folders into a new zip archive.",
        {"sources": sources, "path": {**_TEXT, "description": "the archive to make, ending with .zip"}},
        ("sources", "path"),
        # Alike on purpose: what is packed follows the verb, the archive follows into or to.
        (
            "zip {sources} into {path}",
            "zip {sources} to {path}",
            "zip the folder {sources} into {path}",
            "zip up {sources} into {path}",
            "pack {sources} into {path}",
            "compress {sources} into {path}",
            "put {sources} into the zip {path}",
        ),
        _WRITTEN,
        patterns=(
            f"(zip|zip up|pack|compress|archive|bundle|pack up|put) {_PACKED} [together|up] (into|in|to|as) (the|a|one) [single] [zip|archive|file] [called|named] {{path}}",
            f"(zip|zip up|pack|compress|archive|bundle|pack up|put) {_PACKED} [together|up] (into|in|to|as) {{path}}",
            f"(make|create|build) [me] [a|an|one] [zip|archive] [called|named] {{path}} (out of|from|of|with|containing) {_PACKED}",
        ),
    )


def extract_archive(name: str) -> Manifest:
    """Return the manifest of `name.extract_archive`."""
    return _manifest(
        f"{name}.extract_archive",
        "Unpack a zip or tar.gz archive into a new folder.",
        {
            "path": {**_TEXT, "description": "the archive: .zip, .tar or .tar.gz"},
            "output": {**_TEXT, "minLength": 1, "description": "the folder to make, which is not there yet"},
        },
        ("path", "output"),
        (
            "unpack {path} into {output}",
            "unpack {path} to {output}",
            "unzip {path} into {output}",
            "unzip {path} to {output}",
            "extract {path} into {output}",
            "extract {path} to {output}",
            "unpack the archive {path} into the folder {output}",
            "decompress {path} into {output}",
        ),
        _WRITTEN,
    )


def list_archive(name: str) -> Manifest:
    """Return the manifest of `name.list_archive`."""
    entry: JsonObject = {
        "type": "object",
        "properties": {
            "name": _TEXT,
            "kind": {"enum": ["file", "folder", "link", "other"]},
            "size": {"type": "integer", "description": "bytes when unpacked, as the archive says"},
            "modified": {**_TEXT, "description": "local time without a zone in a zip, UTC in a tar"},
        },
        "required": ["name", "kind", "size"],
    }
    result: JsonObject = {
        "type": "object",
        "properties": {
            "path": _TEXT,
            "entries": {"type": "array", "items": entry},
            "count": {"type": "integer"},
            "size": {"type": "integer", "description": "bytes of all when unpacked, as the archive says"},
        },
        "required": ["path", "entries", "count"],
    }
    return _manifest(
        f"{name}.list_archive",
        "List what is in a zip or tar.gz archive, without unpacking it.",
        {"path": {**_TEXT, "description": "the archive: .zip, .tar or .tar.gz"}},
        ("path",),
        (
            "what is in the archive {path}",
            "what does the archive {path} contain",
            "list the contents of {path}",
            "show the contents of the archive {path}",
            "which files are in the zip {path}",
            "list the archive {path}",
        ),
        result,
        "read",
    )


def checksum(name: str) -> Manifest:
    """Return the manifest of `name.checksum`."""
    file: JsonObject = {"type": "object", "properties": {"path": _TEXT, "digest": _TEXT}}
    result: JsonObject = {
        "type": "object",
        "properties": {
            "path": _TEXT,
            "algorithm": _TEXT,
            "digest": {**_TEXT, "description": "hexadecimal; of a folder, that of the list of its files"},
            "files": {"type": "array", "items": file},
        },
        "required": ["path", "algorithm", "digest"],
    }
    return _manifest(
        f"{name}.checksum",
        "Compute the checksum of a file, or of all files in a folder.",
        {"path": {**_TEXT, "description": "the file or folder"}, "algorithm": _ALGORITHM},
        ("path",),
        (
            "what is the checksum of {path}",
            "compute the checksum of {path}",
            "what is the {algorithm} checksum of {path}",
            "show the {algorithm} checksum of {path}",
            "show the hash of {path}",
            "checksum {path}",
        ),
        result,
        "read",
    )


def verify_checksum(name: str) -> Manifest:
    """Return the manifest of `name.verify_checksum`."""
    wrong: JsonObject = {
        "type": "object",
        "properties": {"path": _TEXT, "expected": _TEXT, "found": {"type": ["string", "null"]}},
    }
    result: JsonObject = {
        "type": "object",
        "properties": {
            "matches": {"type": "boolean"},
            "algorithm": _TEXT,
            "checked": {"type": "integer"},
            "wrong": {"type": "array", "items": wrong},
        },
        "required": ["matches", "algorithm", "checked", "wrong"],
    }
    return _manifest(
        f"{name}.verify_checksum",
        "Compare the checksum of a file with a given one, or with a list such as SHA256SUMS.",
        {
            "path": {**_TEXT, "description": "the file or folder; with a list and without a path, all that is listed"},
            "digest": {**_TEXT, "description": "the expected checksum, hexadecimal"},
            "sums": {**_TEXT, "format": "path", "description": "a list of checksums, as sha256sum writes it"},
            "algorithm": _ALGORITHM,
        },
        (),
        (
            "verify that {path} has the checksum {digest}",
            "verify {path} against the checksum {digest}",
            "verify {path} against {sums}",
            "check {path} against {sums}",
            "verify the checksums in {sums}",
            "check the checksums listed in {sums}",
        ),
        result,
        "read",
    )


def _manifest(  # noqa: PLR0913, PLR0917 - the parts of a manifest
    name: str,
    description: str,
    parameters: Mapping[str, Json],
    required: tuple[str, ...],
    examples: tuple[str, ...],
    result: JsonObject,
    effect: Effect = "write",
    patterns: tuple[str, ...] = (),
) -> Manifest:
    roles: dict[str, Role] = {
        each: "destination" for each in parameters if each in ("path", "output", "sources", "sums")
    }
    schema: JsonObject = {
        "type": "object",
        "properties": parameters,
        "required": list(required),
        "additionalProperties": False,
        **({"x-said": {"patterns": list(patterns)}} if patterns else {}),
    }
    return Manifest(name, description, schema, effect, result, examples, once=True, roles=roles, timeout=120)
