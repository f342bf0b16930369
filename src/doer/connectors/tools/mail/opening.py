"""A mail of which parts are known only later: shown in the form of the concrete one, since the two are compared."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from doer.connectors.tools.mail.address import Address, address, addresses
from doer.connectors.tools.mail.message import attachments_of
from doer.domain.template import has_hole
from doer.domain.value import Hole, Json, JsonObject


def open_json(arguments: JsonObject, sender: Address, files: Path | None) -> dict[str, Json]:
    """Return what `Mail.to_json` would, with holes where they are."""
    people = {name: known(arguments.get(name), name) for name in ("to", "cc", "bcc")}
    after: dict[str, Json] = {"from": sender.header}
    after |= {name: [each.header for each in found] for name, found in people.items() if found or name == "to"}
    after |= {name: str(arguments.get(name, "")) for name in ("subject", "body")}
    if arguments.get("attachments"):
        after["attachments"] = _known_files(arguments["attachments"], files)
    return after


def known(value: Json, what: str) -> tuple[Address, ...]:
    """Return the addresses of a list in which some may be known only later. Raises Permanent for what is none."""
    if isinstance(value, str):
        return (Address(value),)  # the whole list is known only later
    if not has_hole(value):
        return addresses(value, what)
    listed = value if isinstance(value, Sequence) else ()
    return tuple(Address(str(each)) if has_hole(each) else address(each, what) for each in listed)


def _known_files(value: Json, root: Path | None) -> Json:
    return Hole.of("attachments") if has_hole(value) else [each.to_json() for each in attachments_of(value, root)]
