"""Creating a record in a collection: POST once for a key where the service knows keys; undo deletes what is still ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from doer.connectors.tools.directory.connection import undo_data
from doer.connectors.tools.http.address import is_allowed
from doer.connectors.tools.http.collection import (
    Members,
    judge,
    look_beside,
    looked,
    members,
    names_of,
    path_of,
    read_collection,
    resembles,
)
from doer.connectors.tools.http.image import fits_receipt, image, missing, payload, shows, view
from doer.connectors.tools.http.putback import is_ours, take_away, version_of
from doer.connectors.tools.http.site import Site
from doer.connectors.tools.http.wire import Seen, Wire
from doer.connectors.tools.http_outcome import Response, after_a_write, refused
from doer.domain.action import Change, Intent, Manifest, Preview, Receipt
from doer.domain.errors import OutcomeUnknown, Permanent
from doer.domain.outcome import Absent, Refuted, Reversal, Unknown, Verification, Verified
from doer.domain.template import has_hole
from doer.domain.value import Hole, Json, JsonObject, Key, digest

_UNLISTED = "the collection cannot be listed whole here: a second copy, or one in another place, would not be seen"


@dataclass(frozen=True, slots=True)
class Create:
    """Creates one record by POST."""

    manifest: Manifest
    site: Site

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        """A record that is not there yet. Raises Permanent when its natural key is taken."""
        body = self._body(arguments)
        shown = {**body, self._key_field: Hole.of("key of this action")} if self._key_field else body
        if has_hole(arguments["path"]):
            change = Change(f"http:{self.site.name}:{arguments['path']}", None, shown)
            return Preview((change,), foreseeable=False)
        path = self.site.to_write(arguments["path"])
        resource = self._resource(path, body)
        if any(change.resource == resource and change.after is not None for change in pending):
            raise Permanent(f"an earlier step of this plan already creates {resource}")
        payload(body)
        async with self.site.open() as wire:
            await self._refuse_taken(wire, path, body)
            beside = await members(wire, path, self.site.habits)
        return Preview((Change(resource, None, shown),), note="" if beside is not None else _UNLISTED)

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        """Create it, once for this key where the service knows keys. Raises Permanent when it is taken."""
        path, body = self.site.to_write(arguments["path"]), self._body(arguments)
        async with self.site.writing, self.site.open() as wire:
            if (done := self.site.deeds.of(key)) is not None:
                return done
            sent = {**body, self._key_field: key} if self._key_field else body
            if self._key_field and (kept := await self._by_key(wire, path, sent, key)) is not None:
                return kept
            if not self.site.habits.sends_key:
                await self._refuse_taken(wire, path, body)
            beside = await members(wire, path, self.site.habits)
            # A structured field (RFC 8941): the key is a string, and strings are quoted.
            headers = {"Idempotency-Key": f'"{key}"'} if self.site.habits.sends_key else {}
            answer = await wire.write("POST", path, sent, headers=headers, accept=(409,) if self._key_field else ())
            if answer.status_code == 409:
                return await self._taken(wire, path, sent, key, answer)
            with after_a_write():
                return self.site.deeds.keep(key, await self._read_back(wire, path, sent, key, answer, beside))

    async def _read_back(
        self, wire: Wire, path: str, sent: JsonObject, key: Key, answer: Response, beside: Members | None
    ) -> Receipt:
        if answer.status_code == 202:
            raise OutcomeUnknown(f"{self.site.uri(path)}: the service will do it later (202), and does not say when")
        place = self._located(wire, path, answer) or await self._newcomer(wire, path, sent, beside)
        seen = await wire.record(place) if place else None
        if seen is None:
            raise OutcomeUnknown(f"{self.site.uri(path)}: the service accepted it, and does not show it")

        def is_alike(_how: str, record: JsonObject | None) -> bool:
            return resembles(record, sent, self.site.habits)

        ours = names_of(seen.path, seen.body, self.site.habits)
        strays = await look_beside(wire, path, beside, ours, self.site.habits, is_alike)
        return self._receipt(seen, key, strays)

    def _located(self, wire: Wire, path: str, answer: Response) -> str:
        """Return where the service says that it put it: Location (RFC 9110, section 15.3.2), else the id in the body."""
        target = answer.headers.get("location")
        place = wire.base.below(target, wire.base.url(path)) if target else None
        place = place.partition("?")[0] if place else path_of(path, wire.parsed(answer), self.site.habits)
        return place if place != path and is_allowed(place, self.site.readable) else ""

    async def _newcomer(self, wire: Wire, path: str, sent: JsonObject, beside: Members | None) -> str:
        after = None if beside is None else await members(wire, path, self.site.habits)
        if beside is None or after is None:
            return ""
        wanted = view(sent, self.site.habits.volatile)
        new = [each for each, record in after.records.items() if each not in beside.records and shows(record, wanted)]
        return new[0] if len(new) == 1 else ""

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        """Read it back, whole, and once in its collection; without a receipt look for the key, else the natural key."""
        path, body = self.site.to_write(intent.arguments["path"]), self._body(intent.arguments)
        sent = {**body, self._key_field: intent.key} if self._key_field else body
        async with self.site.open() as wire:
            if receipt is None:
                return await self._without_receipt(wire, path, sent, intent.key)
            place = str(undo_data(receipt).get("path"))
            seen = await wire.record(place)
            if seen is None:
                return Absent(f"{self.site.uri(place)} is not there")
            twins = await self._named(wire, path, body)
        if len(twins or ()) > 1:
            told = ", ".join(path_of(path, each, self.site.habits) for each in twins or ())
            return Refuted(f"there are {len(twins or ())} of it: {told}", receipt)
        return self._compared(seen, sent, receipt)

    def _compared(self, seen: Seen, sent: JsonObject, receipt: Receipt) -> Verification:
        uri, volatile = self.site.uri(seen.path), self.site.habits.volatile
        if wrong := missing(view(seen.body, volatile), view(sent, volatile)):
            return Refuted(f"{uri} does not show what was written: {', '.join(wrong)}", receipt)
        if not is_ours(self.site, seen, receipt):
            return Refuted(f"{uri} was changed since", receipt)
        undo = undo_data(receipt)
        return judge(undo, receipt) or Verified(receipt, f"{uri} reads as written{looked(undo)}")

    async def _without_receipt(self, wire: Wire, path: str, sent: JsonObject, key: Key) -> Verification:
        found = await read_collection(wire, path)
        if found is None or not found.complete:
            return Unknown(
                f"{self.site.uri(path)} cannot be listed whole, so nobody can tell what came of it", final=True
            )
        records = [each for each in found.items if isinstance(each, Mapping)]
        ours = [each for each in records if key in each.values()] or self._same_named(records, sent)
        if not ours:
            return self._by_likeness(path, records, sent)
        places = [path_of(path, each, self.site.habits) for each in ours]
        if len(ours) > 1:
            return Refuted(f"there are {len(ours)} of it: {', '.join(places)}")
        seen = await wire.record(places[0]) if places[0] else None
        if seen is None:
            return Unknown(f"{self.site.uri(path)} lists it, and it cannot be read by its own path")
        return self._compared(seen, sent, self._receipt(seen, key, None))

    def _by_likeness(self, path: str, records: Sequence[JsonObject], sent: JsonObject) -> Verification:
        wanted = view(sent, self.site.habits.volatile)
        alike = [path_of(path, each, self.site.habits) for each in records if shows(each, wanted)]
        if alike and not self.site.habits.natural_key and not self._key_field:
            told = f"{', '.join(alike[:5])} look{'s' if len(alike) == 1 else ''} like it"
            return Unknown(
                f"{told}, and nothing tells whether it is this action's work or was there before", final=True
            )
        return Absent(f"nothing of it is in {self.site.uri(path)}")

    async def undo(self, receipt: Receipt) -> Reversal:
        """Delete it, if it is as we left it; read back that it is gone."""
        async with self.site.writing, self.site.open() as wire:
            return await take_away(self.site, wire, receipt)

    @property
    def _key_field(self) -> str:
        return self.site.habits.key_field

    def _body(self, arguments: JsonObject) -> JsonObject:
        body = arguments.get("body")
        if not isinstance(body, Mapping) or not body:
            raise Permanent(f"body is {body!r:.60}: expected the fields of the new record")
        if self._key_field and body.get(self._key_field) is not None:
            raise Permanent(f"{self._key_field} carries the key of the action on this connection: leave it out")
        return body

    def _resource(self, path: str, body: JsonObject) -> str:
        """The address is known only when it is there; until then its natural key, or its content, tells it apart."""
        named = body.get(self.site.habits.natural_key)
        label = named if isinstance(named, str | int) else digest(body)[7:15]
        return f"{self.site.uri(path).rstrip('/')}/{Hole.of(f'{self.site.habits.id_field} of {label}')}"

    async def _refuse_taken(self, wire: Wire, path: str, body: JsonObject) -> None:
        if taken := await self._named(wire, path, body):
            place = path_of(path, taken[0], self.site.habits) or path
            name = self.site.habits.natural_key
            raise Permanent(f"{self.site.uri(place)} has that {name} already; change it instead, or choose another")

    async def _named(self, wire: Wire, path: str, body: JsonObject) -> list[JsonObject] | None:
        """Return the records with the same natural key; None where that cannot be told."""
        if body.get(self.site.habits.natural_key) is None or has_hole(body[self.site.habits.natural_key]):
            return None
        found = await members(wire, path, self.site.habits)
        return None if found is None else self._same_named(list(found.records.values()), body)

    def _same_named(self, records: Sequence[JsonObject], body: JsonObject) -> list[JsonObject]:
        name = self.site.habits.natural_key
        wanted = body.get(name)
        return [] if wanted is None else [each for each in records if _same(each.get(name), wanted)]

    async def _taken(self, wire: Wire, path: str, sent: JsonObject, key: Key, answer: Response) -> Receipt:
        """Return what an earlier try left that the service held unique. Raises Permanent when it is another's."""
        with after_a_write():
            found = await self._without_receipt(wire, path, sent, key)
        if isinstance(found, Verified):
            return found.receipt
        if isinstance(found, Absent):
            raise refused(answer, "write", f"POST {self.site.uri(path)}")
        raise OutcomeUnknown(f"{self.site.uri(path)}: it was there already (409): {found.reason}")

    async def _by_key(self, wire: Wire, path: str, sent: JsonObject, key: Key) -> Receipt | None:
        """Return the receipt of what an earlier try with this key left."""
        found = await self._without_receipt(wire, path, sent, key)
        return found.receipt if isinstance(found, Verified) else None

    def _receipt(self, seen: Seen, key: Key, strays: Json) -> Receipt:
        uri = self.site.uri(seen.path)
        record = seen.body if isinstance(seen.body, Mapping) else {}
        told = record if fits_receipt(record) else {}
        undo: JsonObject = {
            "uri": uri,
            "path": seen.path,
            "names": names_of(seen.path, seen.body, self.site.habits),
            "key": key,
            "image": image(seen.body, self.site.habits.volatile),
            "strays": strays,
        }
        id_ = record.get(self.site.habits.id_field, seen.path.rpartition("/")[2])
        return Receipt({"id": id_, "path": seen.path, "body": told}, {uri: version_of(self.site, seen)}, undo)


def _same(one: Json, other: Json) -> bool:
    """Natural keys are compared without case: `Ada@acme.example` is who `ada@acme.example` is."""
    return one.casefold() == other.casefold() if isinstance(one, str) and isinstance(other, str) else one == other
