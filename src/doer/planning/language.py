"""The language planner: a model proposes a plan as JSON, and symbols decide whether it is one.

The model sees the goal and what tools say of themselves, never what a tool has said. Its answer is untrusted: steps, schemas,
references and order are checked as those of any plan; a destination, an authority, code, a date or a number that the person did
not say becomes a question; what it wrote itself is marked as such. An invalid plan goes back to it with the validator's words, a
few times, and then there is no plan.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from doer.domain.action import Manifest
from doer.domain.errors import PlanInvalid
from doer.domain.goal import Abstention, Answer, Goal, Question
from doer.domain.model import Prompt
from doer.domain.plan import Plan, Step
from doer.domain.ports import Model, Proposal, Reader
from doer.domain.template import Fields, Items, Literal, Reference, Template
from doer.domain.value import Json, JsonObject, StepId
from doer.planning.evidence import Evidence
from doer.planning.schema import mapping, names
from doer.planning.shortlist import shortlist
from doer.planning.validate import validate

MOST_TOOLS: Final = 12
"""Tools that a model is shown: the nearest to the words. More cost tokens and attention, and small models lose their way."""
REPAIRS: Final = 2
MOST_STEPS: Final = 20
_REFERENCE = re.compile(r"\$([A-Za-z_]\w*)((?:\.\w+)*)")
_NAME = re.compile(r"[A-Za-z_]\w{0,39}")

_INSTRUCTIONS: Final = """\
You turn a request into a plan: calls of the tools below, and nothing else. Answer with one JSON object.
- {"answer": "plan", "steps": [{"id": "s1", "tool": NAME, "arguments": {...}, "needs": []}, ...]} when tools can do ALL of it.
- {"answer": "question", "about": "ARGUMENT", "question": TEXT} when something needed was not said. Never make up an address, a
  name, a date, a number or a path.
- {"answer": "nothing", "reason": TEXT} when no tool fits, or only for a part of it.
Take values from the request word for word; write dates as YYYY-MM-DD and times with the offset of the zone that is given.
A value that an earlier step's result holds is written "$ID.field", for example "$s1.id". Leave out what was not asked for.
"""


@dataclass(frozen=True, slots=True)
class LanguagePlanner:
    """A `Planner` over one model."""

    model: Model

    async def propose(
        self, goal: Goal, answers: Sequence[Answer], tools: Sequence[Manifest], reader: Reader
    ) -> Proposal:
        """Return a valid plan, a question or an abstention. Raises what the model raises when it cannot be reached."""
        offered = shortlist(goal.text, tools, MOST_TOOLS)
        if not offered:
            return Abstention("there are no tools here yet")
        evidence = Evidence.of(goal, answers)
        request, told = _request(goal, answers, offered), ""
        for _ in range(REPAIRS + 1):
            prompt = Prompt(_INSTRUCTIONS, request + told, answer_schema(offered))
            reply = await reader.ask(self.model, prompt)
            try:
                return self._read(reply.content, goal, offered, evidence)
            except PlanInvalid as invalid:
                told = f"\n\nYour last answer was refused: {'; '.join(invalid.problems)[:1500]}. Answer again."
        return Abstention(
            f"{self.model.name} gave no valid plan in {REPAIRS + 1} tries", tuple(each.name for each in offered[:3])
        )

    def _read(self, content: Json, goal: Goal, tools: Sequence[Manifest], evidence: Evidence) -> Proposal:
        """Return what the model meant. Raises PlanInvalid, with what it should mend."""
        said = mapping(content)
        match said.get("answer"):
            case "question":
                about, text = str(said.get("about", "")), str(said.get("question", "")).strip()
                if not text:
                    raise PlanInvalid(("a question needs its text",))
                return Question(about or "more", text[:300])
            case "nothing":
                return Abstention(str(said.get("reason", "no tool fits"))[:300], tuple(each.name for each in tools[:3]))
            case "plan":
                return self._plan(said, goal, tools, evidence)
            case other:
                raise PlanInvalid((f"'answer' is {str(other)[:40]!r}; it is plan, question or nothing",))

    def _plan(self, said: JsonObject, goal: Goal, tools: Sequence[Manifest], evidence: Evidence) -> Proposal:
        listed = said.get("steps")
        if not isinstance(listed, list) or not listed:
            raise PlanInvalid(("'steps' must be a list of at least one step",))
        if len(listed) > MOST_STEPS:
            raise PlanInvalid((f"the plan has {len(listed)} steps; {MOST_STEPS} is the most",))
        by_name = {each.name: each for each in tools}
        drafts = [_draft(mapping(each), number, by_name) for number, each in enumerate(listed, 1)]
        known = {each.id for each in drafts}
        found = [evidence.grounded(draft.step(known), by_name[draft.tool]) for draft in drafts]
        steps = [step for step, _ in found]
        manifests = {step.tool: by_name[step.tool].digest for step in steps}
        plan = Plan(tuple(steps), goal.text.strip(), f"model:{self.model.name}", 0.5, manifests)
        validate(plan, tools)
        for step, unsaid in found:
            for argument in unsaid:
                return Question(f"{step.id}.{argument}", _question(by_name[step.tool], argument))
        return plan


@dataclass(frozen=True, slots=True)
class _Draft:
    """One step as the model wrote it."""

    id: str
    tool: str
    arguments: JsonObject
    needs: tuple[str, ...]

    def step(self, known: set[str]) -> Step:
        arguments = {name: _template(value, known) for name, value in self.arguments.items() if value is not None}
        return Step(
            StepId(self.id), self.tool, arguments, tuple(StepId(need) for need in self.needs if need != self.id)
        )


def _draft(said: JsonObject, number: int, tools: Mapping[str, Manifest]) -> _Draft:
    tool, name = said.get("tool"), said.get("id", f"s{number}")
    if not isinstance(tool, str) or tool not in tools:
        raise PlanInvalid((f"step {number}: there is no tool {str(tool)[:60]!r}; there are {', '.join(tools)}",))
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise PlanInvalid((f"step {number}: its id must be letters, digits and _",))
    arguments = said.get("arguments", {})
    if not isinstance(arguments, Mapping):
        raise PlanInvalid((f"step {name}: 'arguments' must be an object",))
    return _Draft(name, tool, arguments, names(said.get("needs")))


def _template(value: Json, known: set[str]) -> Template:
    """Read a value; "$s1.id" refers to a step of the plan, and any other text stands for itself."""
    if isinstance(value, str):
        found = _REFERENCE.fullmatch(value)
        if found is not None and found[1] in known:
            return Reference(found[1], tuple(part for part in found[2].split(".") if part))
        return Literal(value)
    if isinstance(value, Mapping):
        parts = {name: _template(each, known) for name, each in value.items()}
        return Fields(parts) if any(not isinstance(each, Literal) for each in parts.values()) else Literal(value)
    if isinstance(value, Sequence):
        listed = tuple(_template(each, known) for each in value)
        return Items(listed) if any(not isinstance(each, Literal) for each in listed) else Literal(value)
    return Literal(value)


def _question(manifest: Manifest, argument: str) -> str:
    described = mapping(mapping(manifest.parameters.get("properties")).get(argument)).get("description", "")
    return f"{argument.replace('_', ' ')}{f' ({described})' if described else ''} for {manifest.name}?"


def _request(goal: Goal, answers: Sequence[Answer], tools: Sequence[Manifest]) -> str:
    now = goal.local_time
    offered = [{"name": each.name, "description": each.description, "parameters": each.parameters,
                "result": sorted(mapping(each.result.get("properties")))} for each in tools]  # fmt: skip
    earlier = "".join(f"\nEarlier: {turn}" for turn in goal.context)
    known = "".join(f"\nAnswer about {each.slot}: {each.text}" for each in answers)
    return (
        f"Tools:\n{json.dumps(offered, ensure_ascii=False, default=dict)}\n\n"
        f"It is {now:%A} {now.isoformat(timespec='minutes')} ({goal.zone}).{earlier}\nRequest: {goal.text}{known}"
    )


def answer_schema(tools: Sequence[Manifest]) -> JsonObject:
    """Return the JSON Schema of an answer over these tools; a text "$ID.field" may stand for any value."""
    reference: JsonObject = {"type": "string", "pattern": r"^\$[A-Za-z_]\w*(\.\w+)*$", "maxLength": 80}

    def open_schema(parameters: JsonObject) -> JsonObject:
        properties = mapping(parameters.get("properties"))
        return {**parameters, "properties": {name: {"anyOf": [each, reference]} for name, each in properties.items()}}

    steps: list[Json] = [
        {
            "type": "object",
            "properties": {
                "id": {"type": "string", "maxLength": 40},
                "tool": {"const": each.name},
                "arguments": open_schema(each.parameters),
                "needs": {"type": "array", "items": {"type": "string"}, "maxItems": MOST_STEPS},
            },
            "required": ["id", "tool", "arguments"],
            "additionalProperties": False,
        }
        for each in tools
    ]
    return {
        "type": "object",
        "properties": {
            "answer": {"enum": ["plan", "question", "nothing"]},
            "steps": {"type": "array", "items": {"anyOf": steps}, "maxItems": MOST_STEPS},
            "about": {"type": "string", "maxLength": 60},
            "question": {"type": "string", "maxLength": 300},
            "reason": {"type": "string", "maxLength": 300},
        },
        "required": ["answer"],
        "additionalProperties": False,
    }
