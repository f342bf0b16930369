"""A workspace on the real disk, seen and edited by somebody who shares no code with the file tools."""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from doer.connectors.tools.files import file_tools
from doer.domain.errors import PayloadErased
from doer.domain.ports import Tool
from doer.domain.value import Digest, Json, JsonObject
from doer.testing.conformance import Setting


class MemoryPayloads:
    """Payloads in memory, content-addressed as in the journal."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def put(self, content: bytes) -> Digest:
        digest = Digest("sha256:" + hashlib.sha256(content).hexdigest())
        self.kept[digest] = content
        return digest

    def get(self, digest: Digest) -> bytes:
        try:
            return self.kept[digest]
        except KeyError:
            raise PayloadErased(f"{digest} is gone") from None


def tool_named(name: str, root: Path, payloads: MemoryPayloads | None = None) -> Tool:
    tools = file_tools(root, payloads or MemoryPayloads())
    return next(each for each in tools if each.manifest.name == f"files.{name}")


def world(root: Path) -> dict[str, Json]:
    """Every name below root with its content and mode."""
    seen: dict[str, Json] = {}
    for above, folders, files in os.walk(root):
        for name in folders + files:
            path = Path(above, name)
            found = path.lstat()
            content = (
                hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() and not path.is_symlink() else None
            )
            seen[str(path.relative_to(root))] = [oct(found.st_mode), content]
    return seen


@dataclass
class Case:
    """One file tool on a fresh folder, as the conformance kit wants it."""

    root: Path
    tool: Tool
    arguments: JsonObject
    edit: Callable[[Path], object]

    async def observe(self) -> Json:
        return world(self.root)

    async def meddle(self) -> None:
        self.edit(self.root)


@dataclass
class ClearableCase(Case):
    """One whose work somebody else can remove."""

    clear: Callable[[Path], object]

    async def remove(self) -> None:
        self.clear(self.root)


def furnish(root: Path) -> None:
    """Make a small world with a text, an executable, a binary and a folder."""
    (root / "notes").mkdir()
    (root / "notes" / "a.txt").write_text("one\ntwo\n")
    (root / "todo.md").write_text("- [ ] pay the rent\n- [x] order paper\n")
    (root / "notes" / "run.sh").write_text("#!/bin/sh\nexit 0")
    (root / "notes" / "run.sh").chmod(0o750)
    (root / "big.bin").write_bytes(bytes(range(256)) * 300)
    (root / "empty").mkdir(mode=0o700)


def case(
    name: str,
    arguments: JsonObject,
    edit: Callable[[Path], object],
    clear: Callable[[Path], object] | None = None,
) -> Callable[[], AbstractAsyncContextManager[Setting]]:
    @asynccontextmanager
    async def make() -> AsyncIterator[Setting]:
        with TemporaryDirectory() as folder:
            root = Path(folder)
            furnish(root)
            tool = tool_named(name, root)
            if clear is None:
                yield Case(root, tool, arguments, edit)
            else:
                yield ClearableCase(root, tool, arguments, edit, clear)

    return make
