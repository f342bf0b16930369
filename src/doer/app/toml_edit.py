"""doer.toml edited as a person would: one connection added, changed or removed, every comment and blank line kept."""

from __future__ import annotations

import os
import re
import secrets
import tomllib
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import TypeAlias

import tomlkit
from tomlkit.exceptions import TOMLKitError

from doer.domain.errors import UsageError

Setting: TypeAlias = "str | float | tuple[str, ...] | Mapping[str, str | tuple[str, ...]]"


def put_connection(path: Path, name: str, settings: Mapping[str, Setting]) -> None:
    """Write `[connections.NAME]`: keys that are there are changed in place, new ones added at the end of the table.

    Raises UsageError when the file cannot be read as TOML, or not be written.
    """
    text = _read(path)
    document = _parsed(path, text)
    connections = document.get("connections")
    if not isinstance(connections, MutableMapping):
        document["connections"] = connections = tomlkit.table(is_super_table=True)
    table = connections.get(name)
    if not isinstance(table, MutableMapping):
        connections[name] = table = tomlkit.table()
        table = connections[name]
    for key, value in settings.items():
        if table.get(key) != _plain(value):
            table[key] = _item(value)
    edited = tomlkit.dumps(document)
    wanted = {key: _plain(value) for key, value in settings.items()}
    if not wanted.items() <= _connections(edited).get(name, {}).items():
        raise UsageError(f"{path}: [connections.{name}] cannot be written as the file is laid out; write it by hand")
    _write(path, edited)


def remove_connection(path: Path, name: str) -> bool:
    """Take `[connections.NAME]` out; tell whether it was there. Raises UsageError as `put_connection` does."""
    text = _read(path)
    _parsed(path, text)
    before = _connections(text)
    if name not in before:
        return False
    del before[name]
    edited = _without(text, name)
    if _connections(edited) != before:  # laid out in another way than ours
        document = _parsed(path, text)
        connections = document["connections"]
        assert isinstance(connections, MutableMapping)
        del connections[name]
        edited = tomlkit.dumps(document)
    _write(path, edited)
    return True


def _without(text: str, name: str) -> str:
    """Return the text without the table's own lines; the comments behind its last key may be about what follows."""
    header = re.compile(rf"\s*\[\s*connections\s*\.\s*[\"']?{re.escape(name)}[\"']?\s*(\.|\])")
    kept: list[str] = []
    trailing: list[str] | None = None
    for line in text.splitlines(keepends=True):
        if line.lstrip().startswith("["):
            kept += trailing or ()
            trailing = [] if header.match(line) else None
        elif trailing is not None and line.strip() and not line.lstrip().startswith("#"):
            trailing.clear()
        elif trailing is not None:
            trailing.append(line)
        if trailing is None:
            kept.append(line)
    return "".join((*kept, *(trailing or ())))


def _connections(text: str) -> dict[str, dict[str, object]]:
    try:
        found = tomllib.loads(text).get("connections", {})
    except tomllib.TOMLDecodeError:
        return {}
    return {name: table for name, table in found.items() if isinstance(table, dict)}


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as unreadable:
        raise UsageError(f"{path} cannot be read: {unreadable}") from unreadable


def _parsed(path: Path, text: str) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(text)
    except TOMLKitError as broken:
        raise UsageError(f"{path}: not TOML: {broken}") from broken


def _plain(value: Setting) -> object:
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    return list(value) if isinstance(value, tuple) else value


def _item(value: Setting) -> object:
    if not isinstance(value, Mapping):
        return tomlkit.item(_plain(value))
    inline = tomlkit.inline_table()
    for key, each in value.items():
        inline[key] = _plain(each)
    return inline


def _write(path: Path, text: str) -> None:
    """Put the file in the place of the old one, whole, with the rights that it had."""
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        mode = path.stat().st_mode & 0o777
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as unwritable:
        raise UsageError(f"{path} cannot be written: {unwritable.strerror}") from unwritable
    finally:
        new.unlink(missing_ok=True)
