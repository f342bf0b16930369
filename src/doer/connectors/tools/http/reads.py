"""Reading: one resource, or the records of a collection page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from doer.connectors.tools.calling import MOST_RESULT_BYTES
from doer.connectors.tools.http.address import parse_query
from doer.connectors.tools.http.collection import read_collection
from doer.connectors.tools.http.site import Site
from doer.domain.action import Change, Intent, Manifest, Preview, Receipt
from doer.domain.errors import Permanent
from doer.domain.outcome import Reversal, Undone, Verification, Verified
from doer.domain.template import has_hole
from doer.domain.value import Json, JsonObject, Key, canonical

_MOST_RESULT = MOST_RESULT_BYTES - 50_000
"""Bytes of a result: a receipt has at most a megabyte."""


@dataclass(frozen=True, slots=True)
class Read:
    """Reads a resource (`one`), or a collection (`many`)."""

    manifest: Manifest
    site: Site
    what: Literal["one", "many"]

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        """Nothing changes. Raises Permanent for a place that may not be read."""
        if not has_hole(arguments["path"]):
            self._place(arguments)
        return Preview()

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        """Read it. Raises Permanent where nothing is there, or it is larger than a result may be."""
        path, query = self._place(arguments)
        result = await (self._one(path, query) if self.what == "one" else self._many(path, query))
        try:
            size = len(canonical(result))
        except ValueError as wrong:
            raise Permanent(f"{self.site.uri(path)} answers what no JSON can hold: {wrong}") from wrong
        if size > _MOST_RESULT:
            raise Permanent(
                f"{self.site.uri(path)} answers {size:,} bytes; at most {_MOST_RESULT:,} are kept: ask for less"
            )
        return Receipt(result)

    async def _one(self, path: str, query: str) -> Json:
        async with self.site.open() as wire:
            seen = await wire.get(path, query)
        if seen is None:
            raise Permanent(f"there is nothing at {self.site.uri(path)}")
        told: dict[str, Json] = {"status": seen.status, "path": seen.path, "etag": seen.etag}
        return told | ({"body": seen.body} if seen.text is None else {"text": seen.text})

    async def _many(self, path: str, query: str) -> Json:
        async with self.site.open() as wire:
            found = await read_collection(wire, path, query, most_bytes=_MOST_RESULT)
        if found is None:
            raise Permanent(f"there is nothing at {self.site.uri(path)}")
        return {"items": list(found.items), "count": len(found.items), "complete": found.complete, "pages": found.pages}

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        """A read is its own proof; one that was lost is read again."""
        return Verified(receipt or await self.apply(intent.arguments, intent.key, ()), "read")

    async def undo(self, receipt: Receipt) -> Reversal:
        """Nothing is to be taken back."""
        return Undone(evidence="a read changes nothing")

    def _place(self, arguments: JsonObject) -> tuple[str, str]:
        """Return path and query; a query may also stand in the path, as people write it."""
        said, given = arguments["path"], parse_query(arguments.get("query"))
        path, _, more = said.partition("?") if isinstance(said, str) else (said, "", "")
        query = "&".join(each for each in (parse_query(more), given) if each)
        return self.site.to_read(path), query
