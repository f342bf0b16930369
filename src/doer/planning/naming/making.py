"""What is to be made is what is made: a plan for `create a folder called archive` that makes a group is none."""

from __future__ import annotations

import re
from collections.abc import Sequence

from doer.domain.action import Manifest
from doer.domain.goal import Abstention, Question
from doer.domain.plan import Plan
from doer.domain.template import Literal
from doer.intent.text import words
from doer.planning.words.conditions import masked

_MAKES = re.compile(
    r"^\W*(?:(?:please|pls|can you|could you|would you)\s+)*(?:create|make|set up|build|start|open)\s+(?:me\s+|us\s+)?(?:an?|the|another|one)\s+"
    r"(?:(?:new|empty|blank)\s+)*(?P<thing>[a-z]+)\s+(?:called|named)\b",
    re.IGNORECASE,
)
_CALLED = re.compile(r"^(?:(?:an?|the|new|empty|blank)\s+)*\w*\s*(?:called|named)$", re.IGNORECASE)


def made_of_another_kind(text: str, plan: Plan, tools: Sequence[Manifest]) -> Question | Abstention | None:
    """Return what is to be said of a plan that makes something else than what was named; None where it makes that."""
    found = _MAKES.match(masked(text))
    if found is None:
        return None
    by_name = {each.name: each for each in tools}
    used = [by_name[step.tool] for step in plan.steps if step.tool in by_name]
    known = {
        one.stem
        for each in used
        for said in (each.name.replace("_", " ").replace(".", " "), each.description, *each.examples)
        for one in words(said)
    }
    values = {
        one.stem
        for step in plan.steps
        for each in step.arguments.values()
        if isinstance(each, Literal)
        for one in words(str(each.value))
    }
    thing = words(found["thing"])[0]
    if thing.stem not in known | values:
        names = tuple(dict.fromkeys(step.tool for step in plan.steps))
        return Abstention(
            f"{names[0]} comes nearest and makes no {found['thing']}", names, f"a tool for {found['thing']!r}"
        )
    for step in plan.steps:
        for name, value in step.arguments.items():
            if isinstance(value, Literal) and isinstance(value.value, str) and _CALLED.match(value.value):
                return Question(name, f"What should the {found['thing']} say?")
    return None
