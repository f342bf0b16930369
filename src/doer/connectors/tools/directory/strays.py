"""What else changed while we wrote: a server that writes twice, or elsewhere, is seen by looking beside the record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from doer.connectors.tools.directory.record import objects, text
from doer.connectors.tools.directory.scim import Place, Wire
from doer.domain.action import Receipt
from doer.domain.outcome import Refuted, Unknown
from doer.domain.value import Json, JsonObject

_MOST_LOOKED_AT = 5


@dataclass(frozen=True, slots=True)
class Stray:
    """Another record that changed in the moment of our write."""

    id: str
    name: str
    how: str
    """created, changed or gone."""
    alike: bool
    """It shows what we wrote, so that it is our write in the wrong place; else somebody else may have changed it."""

    def to_json(self) -> JsonObject:
        """The form kept in a receipt."""
        return {"id": self.id, "name": self.name, "how": self.how, "alike": self.alike}


async def look_beside(
    wire: Wire,
    place: Place,
    before: Mapping[str, str] | None,
    ours: str,
    is_alike: Callable[[str, JsonObject | None], bool],
) -> list[Json] | None:
    """Return, as JSON, the strays between the versions `before` and now; `ours` is the id of the record that was meant.

    `is_alike(how, record)` tells whether a record shows our write. Records that somebody else created and that do not
    resemble ours are left out: people join all the time. None: there are too many records to look at all of them.
    """
    after = None if before is None else await wire.versions(place)
    if before is None or after is None:
        return None
    created = [(id_, "created") for id_ in after if id_ not in before]
    changed = [(id_, "changed") for id_ in after if id_ in before and after[id_] != before[id_]]
    gone = [(id_, "gone") for id_ in before if id_ not in after]
    found: list[Json] = []
    for id_, how in [each for each in (*gone, *changed, *created) if each[0] != ours][:_MOST_LOOKED_AT]:
        record = None if how == "gone" else await wire.get(place, id_)
        alike = is_alike(how, record)
        if alike or how != "created":
            name = id_ if record is None else text(record.get("userName")) or text(record.get("displayName"))
            found.append(Stray(id_, name, how, alike).to_json())
    return found


def strays_of(undo: JsonObject) -> list[Stray]:
    """Return the strays that a receipt remembers."""
    return [
        Stray(text(each.get("id")), text(each.get("name")), text(each.get("how")), each.get("alike") is True)
        for each in objects(undo.get("strays"))
    ]


def looked(undo: JsonObject) -> str:
    """Return, for the evidence, that the other records were not looked at, where they were not."""
    return "" if undo.get("strays") is not None else "; other records not compared: the outcome was lost, or too many"


def judge(undo: JsonObject, receipt: Receipt) -> Refuted | Unknown | None:
    """Return what the strays say of a write that is otherwise as intended; None: nothing."""
    strays = strays_of(undo)
    told = ", ".join(f"{each.name} ({each.how})" for each in strays)
    if any(each.alike for each in strays):
        return Refuted(f"the directory did it elsewhere too: {told}", receipt)
    if strays:
        return Unknown(f"in the moment of the write others changed too, by it or by somebody else: {told}", final=True)
    return None
