"""What a person is asked: for an argument that nobody said, or one that cannot be, and whether a plan is what was meant."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from doer.domain.action import Manifest
from doer.domain.goal import Answer, Declined, Option, Question
from doer.domain.plan import Plan, Step
from doer.domain.ports import Proposal
from doer.domain.template import to_json
from doer.planning.action.malformed import Malformed
from doer.planning.action.nesting import item
from doer.planning.schema import mapping

_NO: Final = frozenset(("no", "none", "nothing", "neither", "wrong"))
_READING: Final = "understood"
"""The slot under which that question is filed; the answer's value is the digest of the plan that was agreed to."""


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


def agreed(plan: Plan, answers: Sequence[Answer]) -> Proposal:
    """The plan, where a person said that it is what was meant; else that question. What was refused is planned by nobody."""
    said = next((each for each in reversed(answers) if each.slot == _READING), None)
    if said is not None and said.value == plan.digest:
        return plan
    if said is not None and (said.value == "none" or said.text.strip().casefold() in _NO):
        return Declined("that was not what was meant; say it in other words", tuple(each.tool for each in plan.steps))
    options = (Option("yes", plan.digest), Option("no", "none"))
    calls = "; ".join(_read_aloud(step) for step in plan.steps)
    return Question(
        _READING, f"Is this what is meant: {calls}? ({plan.planner} is {plan.confidence:.0%} sure)", options
    )


def _read_aloud(step: Step) -> str:
    """A call in one line: `calendar.create_event, title "Lunch", day "2026-11-21"`."""
    given = (f"{name} {json.dumps(to_json(each), ensure_ascii=False)}" for name, each in step.arguments.items())
    return ", ".join((step.tool, *given))[:400]
