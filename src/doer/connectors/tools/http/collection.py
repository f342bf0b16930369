"""Collections: the records below a path, page by page, and what changed in one beside our write."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from doer.connectors.tools.http.address import is_allowed, parent_of
from doer.connectors.tools.http.image import image, missing, view
from doer.connectors.tools.http.site import Habits
from doer.connectors.tools.http.wire import Seen, Wire
from doer.domain.action import Receipt
from doer.domain.errors import CredentialRefused, Permanent
from doer.domain.outcome import Refuted, Unknown
from doer.domain.value import Json, JsonObject

MOST_PAGES = 20
MOST_BYTES = 32 * 1024 * 1024
"""Bytes of all pages of one collection together."""

_LISTS = ("items", "data", "results", "records", "value", "entries", "Resources")
_TOTALS = ("total", "total_count", "totalCount", "totalResults", "count")
_MOST_STRAYS = 5
_LINK = re.compile(r'<([^<>]*)>((?:\s*;\s*[\w*!-]+(?:\s*=\s*(?:"[^"]*"|[^\s",;]+))?)*)')


@dataclass(frozen=True, slots=True)
class Collection:
    """What a collection held when it was read."""

    items: tuple[Json, ...]
    complete: bool
    """False: there are more than were read."""
    pages: int = 1


@dataclass(frozen=True, slots=True)
class Stray:
    """Another record that changed in the moment of our write."""

    path: str
    how: str
    """created, changed or gone."""
    alike: bool
    """It shows what we wrote, so that it is our write in the wrong place; else somebody else may have changed it."""

    def to_json(self) -> JsonObject:
        """The form kept in a receipt."""
        return {"path": self.path, "how": self.how, "alike": self.alike}


@dataclass(frozen=True, slots=True)
class Members:
    """The records of a collection by path, less volatile fields."""

    records: Mapping[str, JsonObject] = field(default_factory=dict)


async def read_collection(
    wire: Wire, path: str, query: str = "", most_pages: int = MOST_PAGES, most_bytes: int = MOST_BYTES
) -> Collection | None:
    """Return the records of a collection, following `rel="next"` (RFC 8288) or the `next` of the body; None: not there.

    Raises Permanent where it is no list, or where the next page lies elsewhere.
    """
    seen = await wire.get(path, query)
    items: list[Json] = []
    size, visited = 0, set[str]()
    while seen is not None:
        found = listed(seen.body)
        if found is None:
            raise Permanent(f"{path} is no collection: its JSON holds no list of records")
        size += seen.size
        if size > most_bytes and visited:
            return Collection(tuple(items), complete=False, pages=len(visited))
        items += found
        visited.add(seen.url)
        following = _next_page(wire, seen)
        if following is None:
            return Collection(tuple(items), complete=len(items) >= _total(seen.body), pages=len(visited))
        if wire.base.url(following) in visited or len(visited) >= most_pages:
            return Collection(tuple(items), complete=False, pages=len(visited))
        place, _, more = following.partition("?")
        seen = await wire.get(place, more)
    return None if not visited else Collection(tuple(items), complete=False, pages=len(visited))


def listed(body: Json) -> list[Json] | None:
    """Return the list that a body is, or holds; None where there is none, or several."""
    if isinstance(body, list):
        return body
    if not isinstance(body, Mapping):
        return None
    if isinstance(embedded := body.get("_embedded"), Mapping):  # HAL
        return listed(embedded)
    lists = {name: value for name, value in body.items() if isinstance(value, list)}
    named = [lists[name] for name in _LISTS if name in lists]
    return named[0] if named else next(iter(lists.values())) if len(lists) == 1 else None


def _next_page(wire: Wire, seen: Seen) -> str | None:
    targets = [target for target, rest in _LINK.findall(seen.link) if re.search(r'rel\s*=\s*"?[^"]*\bnext\b', rest)]
    if isinstance(seen.body, Mapping) and not targets:
        inner = [seen.body.get(name) for name in ("_links", "links")]
        places = [seen.body, *(each for each in inner if isinstance(each, Mapping))]
        told = [each.get("next") for each in places] + [seen.body.get("@odata.nextLink")]
        hrefs = [each.get("href") if isinstance(each, Mapping) else each for each in told]
        targets = [each for each in hrefs if isinstance(each, str) and ("/" in each or each.startswith("?"))]
    if not targets:
        return None
    place = wire.base.below(targets[0], seen.url)
    if place is None or not is_allowed(place.partition("?")[0], wire.readable):
        raise Permanent(
            f"{seen.path}: the next page is {targets[0]!a:.120}, not below the connection's address or not to be read"
        )
    return place


def _total(body: Json) -> int:
    told = [body.get(name) for name in _TOTALS] if isinstance(body, Mapping) else []
    return max((each for each in told if isinstance(each, int) and not isinstance(each, bool)), default=0)


def path_of(collection: str, record: Json, habits: Habits) -> str:
    """Return the path of a record in its collection; empty where it has no id."""
    told = record.get(habits.id_field) if isinstance(record, Mapping) else None
    if isinstance(told, bool) or not isinstance(told, str | int) or told == "":
        return ""
    return f"{collection.rstrip('/')}/{quote(str(told), safe='')}"


def names_of(path: str, body: Json, habits: Habits) -> list[Json]:
    """Return the paths under which a resource may stand in its collection: as it was said, and by its id.

    They differ where a service takes another name than the id too: `/users/ada` for `/users/7`.
    """
    return [path.rstrip("/"), path_of(parent_of(path.rstrip("/")), body, habits)]


async def members(wire: Wire, collection: str, habits: Habits) -> Members | None:
    """Return the records of a collection; None where they cannot all be seen: not readable, no list, too many."""
    if not is_allowed(collection or "/", wire.readable):
        return None
    try:
        found = await read_collection(wire, collection or "/")
    except CredentialRefused:
        raise
    except Permanent:
        return None  # it has no listing: then there is nothing to compare with, and the evidence says so
    if found is None or not found.complete:
        return None
    records = {path_of(collection, each, habits): each for each in found.items if isinstance(each, Mapping)}
    return None if "" in records or len(records) != len(found.items) else Members(records)


async def look_beside(
    wire: Wire,
    collection: str,
    before: Members | None,
    ours: Sequence[Json],
    habits: Habits,
    is_alike: Callable[[str, JsonObject | None], bool],
) -> list[Json] | None:
    """Return, as JSON, the strays of a collection between `before` and now; `ours` are the paths of the record
    that was meant.

    `is_alike(how, record)` tells whether a record shows our write. Records that somebody else created and that do not
    resemble ours are left out: others work too. None: the collection cannot be seen whole.
    """
    after = None if before is None else await members(wire, collection, habits)
    if before is None or after is None:
        return None
    old, new = before.records, after.records
    hidden = habits.volatile
    found = [(path, "gone") for path in old if path not in new]
    found += [(path, "changed") for path in old if path in new and image(old[path], hidden) != image(new[path], hidden)]
    found += [(path, "created") for path in new if path not in old]
    strays: list[Json] = []
    for path, how in [each for each in found if each[0] not in ours]:
        alike = is_alike(how, new.get(path))
        if alike or how != "created":
            strays.append(Stray(path, how, alike).to_json())
    return strays[:_MOST_STRAYS]


def resembles(record: JsonObject | None, written: Json, habits: Habits) -> bool:
    """Tell whether a record shows what was written, or all but one field of it: a copy under another name."""
    wrong = missing(view(record, habits.volatile), view(written, habits.volatile))
    several = isinstance(written, Mapping) and len(view_fields(written, habits)) > 1
    return not wrong or (several and len(wrong) == 1)


def view_fields(written: JsonObject, habits: Habits) -> list[str]:
    """Return the names of the fields that are compared."""
    return [name for name, value in written.items() if value is not None and name not in habits.volatile]


def strays_of(undo: JsonObject) -> list[Stray]:
    """Return the strays that a receipt remembers."""
    told = undo.get("strays")
    each_told = told if isinstance(told, Sequence) and not isinstance(told, str) else ()
    return [
        Stray(str(each.get("path")), str(each.get("how")), each.get("alike") is True)
        for each in each_told
        if isinstance(each, Mapping)
    ]


def looked(undo: JsonObject) -> str:
    """Return, for the evidence, that the records beside it were not compared, where they were not."""
    if undo.get("strays") is not None:
        return "; nothing else in its collection changed with it"
    return "; the rest of its collection was not compared (it cannot be listed whole, or the outcome was lost)"


def judge(undo: JsonObject, receipt: Receipt) -> Refuted | Unknown | None:
    """Return what the strays say of a write that is otherwise as intended; None: nothing."""
    strays = strays_of(undo)
    told = ", ".join(f"{each.path} ({each.how})" for each in strays)
    if any(each.alike for each in strays):
        return Refuted(f"the service did it elsewhere too: {told}", receipt)
    if strays:
        return Unknown(f"in the moment of the write others changed too, by it or by somebody else: {told}", final=True)
    return None
