"""Replacing a resource (PUT) and changing fields of one (PATCH, RFC 7396) under If-Match; undo puts the image back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from doer.connectors.tools.directory.connection import foretold, undo_data
from doer.connectors.tools.http.address import parent_of
from doer.connectors.tools.http.collection import judge, look_beside, looked, members, names_of, resembles
from doer.connectors.tools.http.image import differing, fits_receipt, image, merged, missing, payload, view, without
from doer.connectors.tools.http.putback import if_match, is_ours, put_back, take_away, version_of
from doer.connectors.tools.http.site import Site
from doer.connectors.tools.http.wire import Seen, Wire
from doer.connectors.tools.http_outcome import after_a_write
from doer.domain.action import Change, Intent, Manifest, Preview, Receipt
from doer.domain.errors import OutcomeUnknown, Permanent
from doer.domain.outcome import Absent, Conflict, Refuted, Reversal, Undone, Unknown, Verification, Verified
from doer.domain.template import has_hole
from doer.domain.value import Hole, Json, JsonObject, Key, digest

NOT_ATOMIC = "this service gives no strong ETag: compared just before the write, by content, and not atomically"
_NOT_KEPT = "it cannot be put back: it is larger than a receipt keeps, or holds integers beyond 2**53, or the connection's secret"


@dataclass(frozen=True, slots=True)
class Alter:
    """Writes one resource: the whole (`whole`), or some fields of it."""

    manifest: Manifest
    site: Site
    whole: bool

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        """The resource before and after. Raises Permanent where there is nothing to change."""
        fields = self._fields(arguments, None)
        if has_hole(arguments["path"]):
            resource = f"http:{self.site.name}:{arguments['path']}"
            return Preview((Change(resource, Hole.of("as it is then"), fields),), foreseeable=False)
        path = self.site.to_write(arguments["path"])
        payload(fields)
        resource = self.site.uri(path)
        async with self.site.open() as wire:
            seen = await wire.record(path)
        earlier = [change.after for change in pending if change.resource == resource]
        before = earlier[-1] if earlier else None if seen is None else view(seen.body, self.site.habits.volatile)
        after = self._wanted(path, before, self._fields(arguments, before))
        keeps = seen is None or (seen.exact and fits_receipt(seen.body))
        version = None if seen is None or earlier else version_of(self.site, seen)
        change = Change(resource, before, after, reversible=keeps, version=version)
        note = "" if keeps else _NOT_KEPT
        if seen is not None and not seen.etag:
            note = f"{note}; {NOT_ATOMIC}" if note else NOT_ATOMIC
        return Preview((change,), effect=None if keeps else "irreversible", result={"path": path}, note=note)

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        """Write it under If-Match, or If-None-Match: * where nothing is there. Raises Permanent unless as foretold."""
        path = self.site.to_write(arguments["path"])
        async with self.site.writing, self.site.open() as wire:
            if (done := self.site.deeds.of(key)) is not None:
                return done
            seen = await wire.record(path)
            old = None if seen is None else view(seen.body, self.site.habits.volatile)
            approved = foretold(before, self.site.uri(path))
            if approved is not None and approved.before != old:
                raise Permanent(f"{self.site.uri(path)} is not as it was foretold; nothing was changed")
            fields = self._fields(arguments, old)
            # By digest: True and 1 are equal in Python, and not in JSON.
            if seen is not None and digest(self._wanted(path, old, fields)) == digest(old):
                return self.site.deeds.keep(key, self._receipt(seen, seen, key, [], idle=True))
            return self.site.deeds.keep(key, await self._write(wire, path, seen, fields, key))

    async def _write(self, wire: Wire, path: str, seen: Seen | None, fields: JsonObject, key: Key) -> Receipt:
        beside = await members(wire, parent_of(path), self.site.habits)
        condition = {"If-None-Match": "*"} if seen is None else if_match(seen)
        answer = await (wire.put if self.whole else wire.patch)(path, fields, condition)
        if answer.status_code == 412:
            raise Permanent(f"{self.site.uri(path)} was changed by somebody else in this moment; nothing was changed")

        def is_alike(how: str, record: JsonObject | None) -> bool:
            # Others may create a record with the same status; a copy of the whole is no coincidence.
            whole = seen.body if seen is not None and isinstance(seen.body, Mapping) else {}
            copied = {name: each for name, each in whole.items() if name != self.site.habits.id_field}
            written = fields if how == "changed" or self.whole else {**copied, **fields}
            return record is not None and resembles(record, written, self.site.habits)

        with after_a_write():
            now = await wire.record(path)
            if now is None:
                raise OutcomeUnknown(f"{self.site.uri(path)}: the service accepted it, and does not show it")
            ours = names_of(path, now.body, self.site.habits)
            strays = await look_beside(wire, parent_of(path), beside, ours, self.site.habits, is_alike)
        return self._receipt(seen, now, key, strays)

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        """Read it back: as foretold in every field, and nothing beside it changed."""
        path = self.site.to_write(intent.arguments["path"])
        uri, volatile = self.site.uri(path), self.site.habits.volatile
        wanted = foretold(intent.changes, uri)
        async with self.site.open() as wire:
            seen = await wire.record(path)
        if wanted is None:
            return Unknown(f"nobody knows what {uri} was before", final=True)
        if seen is None:
            return Absent(f"{uri} is not there") if wanted.before is None else Refuted(f"{uri} is gone", receipt)
        now, after = view(seen.body, volatile), view(wanted.after, volatile)
        if now == wanted.before and wanted.kind != "same":
            return Absent(f"{uri} is as it was before")
        found = receipt or self._lost(seen, wanted, intent.key)
        if wrong := missing(now, after):
            return Refuted(f"{uri} does not show what was written: {', '.join(wrong)}", found)
        if wanted.before is not None and now != after:
            return Refuted(
                f"{uri} shows more than what was written: {differing(now, after)} (where the service sets that by itself, "
                "name it under `volatile` of the connection)",
                found,
            )
        if receipt is not None and not is_ours(self.site, seen, receipt):
            return Refuted(f"{uri} was changed since", receipt)
        undo = undo_data(found)
        return judge(undo, found) or Verified(found, f"{uri} reads as written{looked(undo)}")

    async def undo(self, receipt: Receipt) -> Reversal:
        """Put back what was there, if it is as we left it; a resource that we made is deleted. Read back."""
        undo = undo_data(receipt)
        if undo.get("idle") is True:
            return Undone(evidence="nothing had been changed")
        if undo.get("kept") is False:
            return Conflict(
                f"{undo.get('uri')} was not kept as it was before, being too large or not exact; left alone"
            )
        async with self.site.writing, self.site.open() as wire:
            if undo.get("before") is None:
                return await take_away(self.site, wire, receipt)
            return await put_back(self.site, wire, receipt, whole=self.whole)

    def _fields(self, arguments: JsonObject, before: Json) -> JsonObject:
        """Return what is sent: the body, or the changes; a change may be told as one field and its value."""
        told = arguments.get("body" if self.whole else "changes")
        if told is None and not self.whole and isinstance(name := arguments.get("field"), str) and "value" in arguments:
            return {name: _like(before.get(name) if isinstance(before, Mapping) else None, arguments["value"])}
        if not isinstance(told, Mapping) or (not told and not self.whole):
            raise Permanent("nothing to write: give the fields of the resource, or one field and its value")
        return told

    def _wanted(self, path: str, before: Json, fields: JsonObject) -> Json:
        """Return the resource as it will be, as it is compared: null fields are no fields."""
        if self.whole:
            kept = self.site.habits.id_field
            named = {kept: before[kept]} if isinstance(before, Mapping) and kept in before else {}
            return view({**named, **fields}, frozenset())
        if before is None:
            raise Permanent(f"there is nothing at {self.site.uri(path)}: create it instead, or check the path")
        if not isinstance(before, Mapping):
            raise Permanent(f"{self.site.uri(path)} is no record with fields: replace it as a whole")
        return view(merged(before, fields), frozenset())

    def _lost(self, seen: Seen, wanted: Change, key: Key) -> Receipt:
        """Return the receipt of a write whose outcome was lost, from what was foretold just before."""
        uri = self.site.uri(seen.path)
        idle = wanted.kind == "same"
        return self._made(uri, seen, wanted.before, key, None, idle=idle, exact=wanted.reversible)

    def _receipt(self, old: Seen | None, now: Seen, key: Key, strays: Json, *, idle: bool = False) -> Receipt:
        before = None if old is None else without(old.body, self.site.habits.volatile)
        exact = old is None or old.exact
        return self._made(self.site.uri(now.path), now, before, key, strays, idle=idle, exact=exact)

    def _made(self, uri: str, now: Seen, before: Json, key: Key, strays: Json, *, idle: bool, exact: bool) -> Receipt:
        keeps = before is None or (exact and fits_receipt(before))
        undo: JsonObject = {
            "uri": uri,
            "path": now.path,
            "names": names_of(now.path, now.body, self.site.habits),
            "key": key,
            "before": before if keeps else None,
            "kept": keeps,
            "image": image(now.body, self.site.habits.volatile),
            "strays": strays,
            "idle": idle,
        }
        told = now.body if fits_receipt(now.body) else {}
        return Receipt({"path": now.path, "body": told}, {uri: version_of(self.site, now)}, undo)


def _like(was: Json, said: Json) -> Json:
    """Return the value as the field has it: a sentence says "3" or "true" where the service has a number or a yes."""
    if not isinstance(said, str) or has_hole(said):
        return said
    if isinstance(was, bool):
        return {"true": True, "yes": True, "false": False, "no": False}.get(said.casefold(), said)
    try:
        return type(was)(said) if isinstance(was, int | float) else said
    except ValueError:
        return said
