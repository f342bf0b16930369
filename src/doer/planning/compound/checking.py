"""Checking: a statement becomes a read of a tool that is here, and a guard on what it reads.

A sentence that asks for what the statement says is planned as any other; where its plan is one read, and what is read tells
whether the statement holds, the guard is made of that. What cannot be read so is nobody's to guess.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from doer.domain.action import Manifest
from doer.domain.errors import ToolError, UsageError
from doer.domain.goal import Goal
from doer.domain.plan import Guard, Plan, Step, holds
from doer.domain.ports import Reader
from doer.domain.template import Literal
from doer.domain.value import Provenance, StepId
from doer.intent.text import stem, words
from doer.intent.vocabulary import alike
from doer.planning.compound.judging import judged, rows_of
from doer.planning.matching.space import Space
from doer.planning.schema import mapping
from doer.planning.stop import Stop
from doer.planning.words.statements import Statement

Plain = Callable[[Goal], Awaitable[Plan]]
_TELLING = re.compile(r"[A-Z]\w*|\S*[\d@/._-]\S*")


@dataclass(frozen=True, slots=True)
class Check:
    """A read, and what must be true of its result."""

    step: Step
    guard: Guard
    now: bool
    """Whether it was true when it was read while planning."""
    told: str
    """What was read."""
    firm: bool = True
    """False: nothing was there, so that the guard can only tell whether there still is nothing."""


@dataclass(frozen=True, slots=True)
class Checking:
    """Finds the read that can tell whether a statement holds."""

    space: Space
    goal: Goal
    reader: Reader
    plain: Plain
    """Plans a sentence that is one request."""

    async def check(self, said: Statement, name: StepId) -> Check | None:
        """Return the check, its step called `name`; None where nothing here can read it."""
        for question in said.questions:
            step = await self._asking(question)
            if (
                step is not None
                and _about(step, said)
                and self._speaks(step, said)
                and (made := await self._read(step, said, name))
            ):
                return made
        direct = _direct(said, self.space.tools)
        return await self._read(direct[0], said, name) if len(direct) == 1 else None

    async def _asking(self, question: str) -> Step | None:
        try:
            plan = await self.plain(replace(self.goal, text=question))
        except (Stop, UsageError):
            return None
        step = plan.steps[0]
        known = all(isinstance(each, Literal) for each in step.arguments.values())
        return step if len(plan.steps) == 1 and known and step.guard is None and self._reads(step) else None

    def _speaks(self, step: Step, said: Statement) -> bool:
        """Tell whether what is had is what the tool reads: an account is no group."""
        if said.kind != "has":
            return True
        tool = next(each for each in self.space.tools if each.name == step.tool)
        given = json.dumps([each.value for each in step.arguments.values() if isinstance(each, Literal)])
        told = f"{re.sub('[._]', ' ', tool.name)} {tool.description} {' '.join(tool.examples)} {given}"
        spoken = {word.stem for word in words(told)}
        return all(any(alike(one.stem, each) for each in spoken) for one in words(said.told))

    def _reads(self, step: Step) -> bool:
        return any(each.name == step.tool and each.effect == "read" for each in self.space.tools)

    async def _read(self, step: Step, said: Statement, name: StepId) -> Check | None:
        arguments = {key: each.value for key, each in step.arguments.items() if isinstance(each, Literal)}
        try:
            result = await self.reader.read(step.tool, arguments)
            found = judged(said, name, result, arguments, self.goal)
            if found is None:
                return None
            guard, told = found
            now = holds(guard, {name: result})
        except (ToolError, UsageError):
            return None
        origins = {key: placed(each, self.goal.text) for key, each in step.provenance.items()}
        rows = rows_of(result)
        firm = said.kind != "member" or rows is None or bool(rows[1])
        return Check(
            replace(step, id=name, provenance=origins, why="reads what the condition is about"), guard, now, told, firm
        )


def _about(step: Step, said: Statement) -> bool:
    """Tell whether a read is told of whom or what the condition speaks: what has no place in it would be ignored."""
    told = json.dumps([each.value for each in step.arguments.values() if isinstance(each, Literal)]).casefold()
    subject = said.subject.rpartition("/")[0] if said.kind == "path" else said.subject
    texts = [subject] if said.kind != "member" else [said.subject, said.told]
    names = [[each.casefold() for each in _TELLING.findall(text)] for text in texts]
    if said.kind == "member":
        return any(wanted and all(each in told for each in wanted) for wanted in names)
    return all(each.strip("'’s") in told or each in told for wanted in names for each in wanted)


def _direct(said: Statement, tools: Sequence[Manifest]) -> Sequence[Step]:
    """Reads of a person by name or mail address, of a connection in whose words the thing is spoken of: an account."""
    if said.kind != "has" or said.limit != "0":
        return ()
    wanted = {stem(word.lower) for word in words(said.told)}
    mail = re.fullmatch(r"\S+@\S+\.\S+", said.subject) is not None
    if not mail and len(said.subject.split()) < 2:
        return ()  # a first name alone is nobody's: that nobody is called so would be read as that there is nobody
    found: list[Step] = []
    for each in tools:
        prefix = each.name.partition(".")[0]
        fields = mapping(each.parameters.get("properties"))
        names = [key for key in fields if key in ({"email", "mail"} if mail else {"name", "full_name", "person"})]
        if each.effect != "read" or not names:
            continue
        spoken = {
            word.stem
            for other in tools
            if other.name.partition(".")[0] == prefix
            for word in words(f"{other.description} {' '.join(other.examples)}")
        }
        if wanted <= spoken:
            value = Literal(said.subject)
            found.append(
                Step(
                    StepId("check"),
                    each.name,
                    {names[0]: value},
                    provenance={names[0]: Provenance("words", said.subject, 0, 0)},
                )
            )
    return found


def placed(told: Provenance, text: str) -> Provenance:
    """Return the same by its place in the goal, where its words are there."""
    at = text.casefold().find(told.text.casefold()) if told.source == "words" and told.text else -1
    return (
        told
        if told.source != "words"
        else Provenance("words", told.text, max(at, 0), max(at, 0) + len(told.text) * (at >= 0))
    )
