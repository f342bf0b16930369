"""Any tool that works on a folder, as the conformance kit wants it; the world is seen without the tool's code."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from tests.connectors.files_case import Case, ClearableCase

from doer.domain.action import Intent, Receipt
from doer.domain.ports import Tool
from doer.domain.value import JsonObject, Key
from doer.testing.conformance import Setting

Edit: TypeAlias = Callable[[Path], object]


def workspace_case(
    furnish: Edit, tool: Callable[[Path], Tool], arguments: JsonObject, edit: Edit, clear: Edit | None = None
) -> Callable[[], AbstractAsyncContextManager[Setting]]:
    """A case on a fresh folder: furnished, and edited or cleared by somebody else."""

    @asynccontextmanager
    async def make() -> AsyncIterator[Setting]:
        with TemporaryDirectory() as folder:
            root = Path(folder)
            furnish(root)
            made = tool(root)
            if clear is None:
                yield Case(root, made, arguments, edit)
            else:
                yield ClearableCase(root, made, arguments, edit, clear)

    return make


async def done(tool: Tool, arguments: JsonObject, key: str = "k1") -> tuple[Intent, Receipt]:
    """Preview and apply, as the runtime does."""
    preview = await tool.preview(arguments, ())
    intent = Intent(arguments, Key(key), preview.changes)
    return intent, await tool.apply(arguments, Key(key), preview.changes)
