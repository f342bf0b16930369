"""What a survey found, for a person and as JSON."""

from __future__ import annotations

from collections import Counter

from rich.text import Text

from doer.connectors.surveys import Ability, Survey
from doer.domain.value import Json
from doer.interfaces.cli.account import count
from doer.interfaces.cli.look import ADD, NAME, QUIET, REMOVE, WARN, data

_SHOWN = 6
_PEOPLE = {"person": "people"}


def survey_lines(name: str, kind: str, found: Survey) -> list[Text]:
    """Return the lines that tell it: the server, what it supports, and how much of what is there."""
    head = Text.assemble(("✓ ", ADD), data(name, NAME), "  ", data(found.server, QUIET))
    lines = [head, Text.assemble(f"  {kind}: ", Text(", ").join([_ability(each) for each in found.abilities]))]
    for sort, number in Counter(each.kind for each in found.entities).items():
        names = [each.name for each in found.entities if each.kind == sort]
        some = ", ".join(names[:_SHOWN]) + (" …" if number > _SHOWN else "")
        told = f"{number} people" if sort == "person" and number != 1 else count(number, sort)
        lines.append(Text.assemble(f"  {told}: ", data(some, QUIET)))
    if found.unproven:
        lines.append(Text.assemble(("! ", WARN), data(found.unproven)))
    return lines


def _ability(each: Ability) -> Text:
    sign = ("✓", ADD) if each.works else ("✗", REMOVE)
    return Text.assemble(f"{each.verb} ", sign, (f" ({data(each.why)})" if each.why else "", QUIET))


def survey_json(found: Survey | None) -> dict[str, Json]:
    """Return what `--json` shows of it."""
    if found is None:
        return {"server": None, "abilities": [], "entities": {}, "unproven": ""}
    entities: dict[str, list[Json]] = {}
    for each in found.entities:
        entities.setdefault(each.kind, []).append(each.name)
    return {
        "server": found.server,
        "abilities": [{"verb": each.verb, "works": each.works, "why": each.why} for each in found.abilities],
        "entities": {kind: tuple(names) for kind, names in entities.items()},
        "unproven": found.unproven,
    }
