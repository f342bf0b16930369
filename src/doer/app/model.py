"""The action model of a workspace as a thing of its own: what it is, how well it does here, and how it is taught."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from doer.app.action_model import own_weights, packaged
from doer.app.doer import Doer
from doer.app.workspace import Opened
from doer.connectors.models.own_weights import SHIPPED, USE, card_of, digest_of, use_weights
from doer.domain.action import Manifest
from doer.domain.errors import DoerError, UsageError
from doer.domain.goal import Answer, Goal
from doer.domain.plan import Plan, Step
from doer.domain.ports import ActionScorer, Proposal, Reader
from doer.domain.template import Literal
from doer.domain.value import Provenance, RunId, StepId
from doer.learning.gate import LEAST, Verdict, judge
from doer.learning.lessons import Lesson, Lessons, gather
from doer.learning.score import Reading
from doer.planning.action_model import understand

_LIBRARIES = ("torch", "onnx", "onnxruntime", "numpy")


@dataclass(frozen=True, slots=True)
class Info:
    """What weights are."""

    name: str
    """SHIPPED, or the name of the workspace's own."""
    folder: Path
    digest: str
    size: int
    """Bytes."""
    load: float
    """Seconds until it could answer, just now."""
    card: dict[str, Any]
    """What the weights' own file says: version, steps, and more where it is there."""
    notice: str


def info(folder: Path) -> Info:
    """Return what the weights in use are. Raises UsageError where they are gone or a library lacks."""
    own = own_weights(folder)
    place = own.place(own.current)
    began = time.perf_counter()
    packaged(place).nearest("hello", [])
    load = time.perf_counter() - began
    from doer.connectors.models.action import WEIGHTS

    where = place or WEIGHTS
    size = sum(each.stat().st_size for each in where.iterdir() if each.is_file())
    notice = (WEIGHTS / "NOTICE").read_text(encoding="utf-8").strip()
    return Info(own.current, where, digest_of(where), size, load, card_of(where), notice)


async def lessons_of(opened: Opened) -> Lessons:
    """Return what the workspace's journal teaches; runs that cannot be read teach nothing."""
    runs = []
    for run in await opened.journal.runs():
        with suppress(DoerError):
            runs.append((run, await opened.journal.read(run)))
    return gather(runs, {each.name: each.parameters for each in tools_of(opened)})


def tools_of(opened: Opened) -> Sequence[Manifest]:
    """Return the tools that sentences are about."""
    return [each for each in opened.doer.catalog.manifests() if each.name != USE]


def judged(lessons: Lessons, name: str) -> tuple[Lesson, ...]:
    """Return the lessons that these weights were not trained on: all for those of the package, else the held-out."""
    return lessons.learnt if name == SHIPPED else tuple(each for each in lessons.learnt if each.held_out)


async def readings(
    scorer: ActionScorer, lessons: Sequence[Lesson], tools: Sequence[Manifest], abstain_below: float
) -> list[Reading]:
    """Return what it says of each lesson, as it would in use: less sure than the threshold, it says nothing."""

    def say(lesson: Lesson) -> Reading:
        try:
            understood = understand(scorer, lesson.goal, tools)
        except UsageError:
            return Reading(lesson, ())
        silent = any(call.asks for call in understood.calls) or scorer.trust(understood.raw) < abstain_below
        return Reading(lesson, () if silent else tuple((each.tool, each.arguments) for each in understood.calls))

    return [await asyncio.to_thread(say, each) for each in lessons]


def can_train() -> None:
    """Raise UsageError where a library for training is not installed."""
    if missing := [each for each in _LIBRARIES if find_spec(each) is None]:
        raise UsageError(
            f"training needs {', '.join(missing)}: pip install 'doer[train]'; without it nothing was changed"
        )


def enough(lessons: Lessons) -> str:
    """Return why there is too little to learn from; nothing where there is enough."""
    held = sum(each.held_out and each.right for each in lessons.learnt)
    taught = sum(not each.held_out and each.right for each in lessons.learnt)
    if held < LEAST or not taught:
        return (
            f"too few to tell: {taught} sentences to learn from and {held} held out to judge by; {LEAST} held out are needed "
            "(three of ten are)"
        )
    return ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How training was asked for."""

    steps: int
    seed: int
    masked: bool
    threads: int = 2


async def train(
    opened: Opened, lessons: Lessons, wanted: Wanted, say: Callable[[int, float], None]
) -> tuple[str, Verdict]:
    """Train on what is not held out, judge on what is; return the name of the new weights and the verdict.

    Weights that are not better are erased again. Raises UsageError where there is too little, or a library lacks.
    """
    if few := enough(lessons):
        raise UsageError(few)
    can_train()
    from doer.training.own import own_examples
    from doer.training.tune import Course, tune

    own, tools = own_weights(opened.folder), tools_of(opened)
    start = own.place(own.current)
    below = opened.parts.settings.planning.abstain_below
    held = [each for each in lessons.learnt if each.held_out]
    before = await readings(packaged(start), held, tools, below)
    examples = own_examples(lessons.learnt, tools, wanted.seed, masked=wanted.masked)
    from doer.connectors.models.action import WEIGHTS

    course = Course(wanted.steps, wanted.seed, threads=wanted.threads)
    version = _version(start or WEIGHTS, lessons, wanted)
    place = own.folder / "training"
    made = await asyncio.to_thread(tune, examples, start or WEIGHTS, place, course, version, say)
    name = own.keep(made)
    after = await readings(packaged(own.place(name)), held, tools, below)
    verdict = judge(before, after)
    if not verdict.better and name != own.current:
        own.erase(name)
    return name, verdict


def _version(start: Path, lessons: Lessons, wanted: Wanted) -> str:
    """The version that it began with, and six digits of what was learnt: plans say which weights made them."""
    begun = str(card_of(start).get("version", "?")).partition("+")[0]
    told = json.dumps([sorted(each.run for each in lessons.learnt), wanted.steps, wanted.seed, wanted.masked])
    return f"{begun}+{hashlib.sha256(told.encode()).hexdigest()[:6]}"


@dataclass(frozen=True, slots=True)
class _Says:
    """A planner that proposes the one step that a command asks for."""

    step: Step

    async def propose(
        self, goal: Goal, answers: Sequence[Answer], tools: Sequence[Manifest], reader: Reader
    ) -> Proposal:
        return Plan((self.step,), goal.text, "doer model")


def switching(opened: Opened, name: str, because: str) -> Doer:
    """Return a Doer over the same journal whose one plan is to use these weights."""
    arguments = {"weights": Literal(name), "because": Literal(because)}
    origins = dict.fromkeys(arguments, Provenance("caller", "doer model"))
    step = Step(StepId("use"), USE, arguments, why=because, provenance=origins)
    settings = opened.parts.settings.workspace
    return Doer(
        tools=[use_weights(own_weights(opened.folder))], planners=[_Says(step)], journal=opened.journal,
        clock=opened.doer.clock, entropy=opened.doer.entropy, me=opened.doer.me, timezone=settings.timezone,
    )  # fmt: skip


async def switch(opened: Opened, name: str, because: str) -> tuple[Doer, RunId]:
    """Accept the run that will use these weights: like any other it is shown, approved, recorded, and can be undone."""
    doer = switching(opened, name, because)
    said = "use the action model of the package" if name == SHIPPED else f"use the action model {name}, trained here"
    return doer, await doer.accept(said)
