"""What is known of the connections, kept in `.doer/known/`: a cache that can be thrown away, with source and time. No secrets."""

from __future__ import annotations

import json
from collections.abc import Container, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from doer.domain.errors import UsageError
from doer.domain.known import Known, from_json, to_json
from doer.domain.ports import Reader
from doer.planning.derived.acquaint import acquaint

FOLDER = "known"


@dataclass(frozen=True, slots=True)
class KnownStore:
    """One file for each connection below the workspace's `.doer`."""

    state: Path
    """The `.doer` of the workspace."""

    def load(self) -> Sequence[Known]:
        """Return what is known. A file that cannot be read tells nothing: it is learnt again."""
        found: list[Known] = []
        for path in sorted((self.state / FOLDER).glob("*.json")):
            with suppress(OSError, ValueError, UsageError):
                found.append(from_json(json.loads(path.read_text(encoding="utf-8"))))
        return found

    def keep(self, known: Known) -> None:
        """Keep what was learnt; a workspace that cannot be written goes without."""
        with suppress(OSError):
            folder = self.state / FOLDER
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = folder / f"{known.connection}.json"
            fresh = path.with_suffix(".new")
            fresh.write_text(json.dumps(to_json(known), ensure_ascii=False, indent=1), encoding="utf-8")
            fresh.replace(path)

    def forget(self, connection: str) -> None:
        """Forget a connection, when it is removed."""
        with suppress(OSError):
            (self.state / FOLDER / f"{connection}.json").unlink(missing_ok=True)


async def learn(
    store: KnownStore, connection: str, kind: str, tools: Container[str], reader: Reader, now: datetime
) -> Known:
    """Learn what a connection holds, by reads only, and keep it. Raises ToolError, and UsageError for a read not granted."""
    known = await acquaint(connection, kind, tools, reader, now)
    store.keep(known)
    return known
