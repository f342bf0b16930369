"""Taking back: deletes what we made and puts back what was there, if it is still as we left it; read back each time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from doer.connectors.tools.directory.connection import undo_data
from doer.connectors.tools.http.address import parent_of
from doer.connectors.tools.http.collection import Members, look_beside, members, strays_of
from doer.connectors.tools.http.image import differing, image, patch_between, view, without
from doer.connectors.tools.http.site import Site
from doer.connectors.tools.http.wire import Seen, Wire
from doer.connectors.tools.http_outcome import after_a_write
from doer.domain.action import Receipt
from doer.domain.errors import OutcomeUnknown
from doer.domain.outcome import Conflict, Partial, Reversal, Undone
from doer.domain.value import Json, JsonObject


def version_of(site: Site, seen: Seen) -> str:
    """Return the strong ETag, or the digest of what is compared where the server gives none."""
    return seen.etag or image(seen.body, site.habits.volatile)


def if_match(seen: Seen) -> dict[str, str]:
    """Return the condition under which it is still what was read; none where the server gives no strong ETag."""
    return {"If-Match": seen.etag} if seen.etag else {}


def is_ours(site: Site, seen: Seen, receipt: Receipt) -> bool:
    """By version, or by content: a change that was taken back leaves a new version of what was ours."""
    undo = undo_data(receipt)
    version = receipt.versions.get(str(undo.get("uri")))
    return version == version_of(site, seen) or undo.get("image") == image(seen.body, site.habits.volatile)


async def take_away(site: Site, wire: Wire, receipt: Receipt) -> Reversal:
    """Delete what we made, if it is as we left it; read back that it is gone, and that nothing else went with it."""
    undo = undo_data(receipt)
    path, uri = str(undo.get("path")), str(undo.get("uri"))
    collection = parent_of(path)
    seen = await wire.record(path)
    before = await members(wire, collection, site.habits)
    if seen is not None:
        if not is_ours(site, seen, receipt):
            return Conflict(f"{uri} was changed since; it was left alone")
        if (await wire.delete(path, if_match(seen))).status_code == 412:
            return Conflict(f"{uri} was changed in this moment; it was left alone")
    left = await _delete_doubles(site, wire, undo)
    with after_a_write():
        if await wire.record(path) is not None:
            raise OutcomeUnknown(f"{uri} is still there after it was deleted")
        left += await _changed_beside(site, wire, undo, before)
    site.deeds.forget(undo)
    if left:
        return Partial(f"{uri} is gone; changed in the moment of its creation or deletion, and left: {', '.join(left)}")
    return Undone(evidence=f"{uri} is gone, read back")


async def _delete_doubles(site: Site, wire: Wire, undo: JsonObject) -> list[str]:
    """Delete what carries our key beside the record; return the paths of strays that do not."""
    left, key_field = [], site.habits.key_field
    for stray in strays_of(undo):
        seen = await wire.record(stray.path)
        body = seen.body if seen is not None and isinstance(seen.body, Mapping) else {}
        if seen is not None and key_field and body.get(key_field) == undo.get("key"):
            await wire.delete(stray.path, if_match(seen))
        elif seen is not None or stray.how == "gone":
            left.append(stray.path)
    return left


async def _changed_beside(site: Site, wire: Wire, undo: JsonObject, before: Members | None) -> list[str]:
    """Return what else changed or went in the moment of an undo: a server may do more than it was asked for."""
    known = {stray.path for stray in strays_of(undo)}
    kept = None if before is None else Members({p: each for p, each in before.records.items() if p not in known})
    path, names = str(undo.get("path")), undo.get("names")
    ours = names if isinstance(names, Sequence) else [path]
    found = await look_beside(wire, parent_of(path), kept, ours, site.habits, lambda _how, _record: False)
    return [stray.path for stray in strays_of({"strays": found})]


async def put_back(site: Site, wire: Wire, receipt: Receipt, *, whole: bool) -> Reversal:
    """Put the before-image back, by PUT (`whole`) or by merge patch, if the resource is as we left it; read that back."""
    undo = undo_data(receipt)
    path, uri, volatile = str(undo.get("path")), str(undo.get("uri")), site.habits.volatile
    old = undo.get("before")
    seen = await wire.record(path)
    if seen is None:
        return Conflict(f"{uri} is gone; nothing was put back")
    if view(seen.body, volatile) != view(old, volatile):
        if not is_ours(site, seen, receipt):
            return Conflict(f"{uri} was changed since; it was left alone")
        beside = await members(wire, parent_of(path), site.habits)
        if whole:
            answer = await wire.put(path, without(old, volatile), if_match(seen))
        else:
            back = patch_between(_object(view(seen.body, volatile)), _object(view(old, volatile)))
            answer = await wire.patch(path, back, if_match(seen))
        if answer.status_code == 412:
            return Conflict(f"{uri} was changed in this moment; it was left alone")
        with after_a_write():
            now = await wire.record(path)
            left = await _changed_beside(site, wire, undo, beside)
    else:
        now, left = seen, []
    return _judged(site, receipt, now, old, left)


def _judged(site: Site, receipt: Receipt, now: Seen | None, old: Json, left: list[str]) -> Reversal:
    undo, volatile = undo_data(receipt), site.habits.volatile
    uri = str(undo.get("uri"))
    if now is None or undo.get("image") == image(now.body, volatile):
        raise OutcomeUnknown(f"{uri} does not show what was put back")
    versions = {uri: version_of(site, now)}
    if (wrong := differing(view(now.body, volatile), view(old, volatile))) or now.body is None:
        return Partial(f"{uri} was put back, and differs from what it was in: {wrong}", versions)
    site.deeds.forget(undo)
    left = [*left, *(stray.path for stray in strays_of(undo))]
    if left:
        return Partial(f"{uri} is put back; changed in the same moment and left alone: {', '.join(left)}", versions)
    return Undone(versions, f"{uri} reads as before")


def _object(value: Json) -> JsonObject:
    return value if isinstance(value, Mapping) else {}
