"""A planner that says what a test wrote down: a real `Planner` at the seam, for tests of everything that comes after it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias

from doer.domain.action import Manifest
from doer.domain.errors import UsageError
from doer.domain.goal import Abstention, Answer, Goal
from doer.domain.model import Prompt, Reply
from doer.domain.plan import Guard, Plan, Step
from doer.domain.ports import Model, Proposal, Reader
from doer.domain.template import Template, parse
from doer.domain.value import Json, JsonObject, StepId

Improvised: TypeAlias = Callable[[Goal, Sequence[Answer], Reader], Awaitable[Proposal]]
"""A line of the script that reads before it speaks, or fails."""
Line: TypeAlias = Proposal | Improvised


class ScriptedPlanner:
    """Returns the proposal that was written down for a goal's text, and abstains from every other goal.

    Args:
        script: Goal text -> a proposal, a function that makes one, or several in turn: the n-th is said once n answers
            were given, and the last of them from then on.
    """

    def __init__(self, script: Mapping[str, Line | Sequence[Line]]) -> None:
        self._script = {text: tuple(said) if isinstance(said, Sequence) else (said,) for text, said in script.items()}
        self.heard: list[tuple[Goal, tuple[Answer, ...]]] = []
        """What it was asked, in order."""

    async def propose(
        self, goal: Goal, answers: Sequence[Answer], tools: Sequence[Manifest], reader: Reader
    ) -> Proposal:
        """Return what the script says."""
        self.heard.append((goal, tuple(answers)))
        lines = self._script.get(goal.text, ())
        if not lines:
            return Abstention(f"the script has nothing for {goal.text!r}", tuple(self._script)[:3])
        line = lines[min(len(answers), len(lines) - 1)]
        if callable(line):
            return await line(goal, answers, reader)
        return line


class NothingToRead:
    """A `Reader` that grants nothing: for planners that are to do without reads and models."""

    async def read(self, tool: str, arguments: JsonObject) -> Json:
        """Raise UsageError."""
        raise UsageError(f"nothing is to be read here, and {tool} was, with {sorted(arguments)}")

    async def ask(self, model: Model, prompt: Prompt) -> Reply:
        """Raise UsageError."""
        raise UsageError(f"no model is to be asked here, and {model.name} was, for {prompt.most_tokens} tokens")


def scripted_step(
    name: str, tool: str, arguments: JsonObject, *, needs: Sequence[str] = (), guard: Guard | None = None
) -> Step:
    """Return a step whose arguments are templates in their JSON form, e.g. {"to": {"$ref": "account.id"}}."""
    templates = {argument: parse(value) for argument, value in arguments.items()}
    return Step(StepId(name), tool, templates, tuple(StepId(each) for each in needs), guard)


def scripted_plan(*steps: Step, title: str = "") -> Plan:
    """Return a plan of these steps; the runtime adds the digests of the manifests that it knows."""
    return Plan(steps, title=title, planner="script")


def when(left: Json, comparison: str, right: Json = None) -> Guard:
    """Return a guard over templates in their JSON form, e.g. {"$ref": "found.value"}, "equals", 3."""
    other: Template | None = None if comparison in ("exists", "missing") else parse(right)
    match comparison:
        case "equals" | "differs" | "in" | "exists" | "missing" | "less" | "greater":
            return Guard(parse(left), comparison, other)
        case _:
            raise ValueError(f"unknown comparison {comparison!r}")
