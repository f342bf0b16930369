"""What a person is asked for a call that is not whole: an argument that nobody said, or one that cannot be."""

from __future__ import annotations

from doer.domain.action import Manifest
from doer.planning.action.malformed import Malformed
from doer.planning.action.nesting import item
from doer.planning.schema import mapping


def said_again(manifest: Manifest, wrong: Malformed) -> str:
    """Say what cannot be, and ask for it."""
    return f"{wrong.words!r} cannot be {question_for(manifest, wrong.name)[:-1]}: {wrong.reason}. What is it?"[:500]


def question_for(manifest: Manifest, name: str) -> str:
    """Ask for an argument, by its name and how its tool describes it."""
    here = mapping(manifest.parameters)
    for part in name.split("."):
        here = item(here, manifest.parameters) or here
        here = mapping(mapping(here.get("properties")).get(part))
    described = here.get("description", "")
    return f"{name.replace('_', ' ').replace('.', ' ')}{f' ({described})' if described else ''} for {manifest.name}?"
