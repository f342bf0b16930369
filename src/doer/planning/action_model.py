"""The action planner: a small network proposes tools and words, symbols type and check them; else a question, or nothing."""

from __future__ import annotations

import asyncio
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from doer.domain.action import Manifest
from doer.domain.errors import PlanInvalid
from doer.domain.goal import CORRECTION, Abstention, Answer, Declined, Goal, Option, Question
from doer.domain.plan import Candidate, Plan, Step
from doer.domain.ports import ActionScorer, Proposal, Reader
from doer.domain.scoring import ToolText
from doer.domain.template import Literal, to_json
from doer.domain.value import Json, Provenance, StepId
from doer.intent.grounder import Grounder
from doer.planning.action_assign import Assignment, Filled, assign
from doer.planning.action_schema import tool_text
from doer.planning.candidates import Listened, listen
from doer.planning.evidence import Evidence
from doer.planning.mood import all_but
from doer.planning.schema import mapping
from doer.planning.validate import validate

MOST_SCORED: Final = 4
"""Tools that the network reads together with the request; each costs some milliseconds."""
_FAR: Final = 0.22
"""How much farther in meaning than the nearest a tool may be and still be read."""
_LEADS: Final = 0.3
"""Nearness from which a part of a request is about a tool at all."""
_WORTH: Final = (3.5, 0.65, -0.9, 1.1)
"""Of nearness, of the network's log odds, of each required parameter that nobody said, and of the share of typed mentions that the
call takes up; a conditional logit over validation rows."""
_ALONE: Final = 2.0
"""How far ahead a tool is that has no rival."""
_MOST_CALLS: Final = 12
_NO: Final = frozenset(("no", "none", "nothing", "neither", "wrong"))
_PARTS: Final = re.compile(
    r"(?<=[.!?;])\s+|,?\s+(?:and )?(?:then|also|after that|additionally|finally|next|lastly)\b,?\s+", re.IGNORECASE
)
TRUSTED: Final = 0.5
"""Below this calibrated confidence it says that it does not know."""
SURE: Final = 0.75
"""Below this one it asks whether its reading is what was meant."""
_READING: Final = "understood"
"""The slot under which that question is filed; the answer's value is the digest of the plan that was agreed to."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call as it was understood."""

    tool: str
    arguments: Mapping[str, Json]
    filled: tuple[Filled, ...]
    missing: tuple[str, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class Considered:
    """One tool that was read together with the request."""

    tool: str
    relevance: float
    near: float
    lead: float
    """How much more it is worth than the best other one."""
    meant: float


@dataclass(frozen=True, slots=True)
class Understood:
    """What the network and the constraints make of a request; no calls: nothing fits."""

    calls: tuple[Call, ...]
    raw: float
    """Confidence in all of it, 0 … 1, not yet calibrated."""
    considered: tuple[Considered, ...]
    """The tools that were read, the likeliest first."""
    listened: Listened


@dataclass(frozen=True, slots=True)
class ActionPlanner:
    """A `Planner` over an action model. A plan is valid for its tools by construction, and checked in the end."""

    scorer: ActionScorer
    trusted: float = TRUSTED
    sure: float = SURE

    async def propose(
        self, goal: Goal, answers: Sequence[Answer], tools: Sequence[Manifest], reader: Reader
    ) -> Proposal:
        """Return a valid plan, a question or an abstention. Raises UsageError for invisible characters."""
        if not tools:
            return Abstention("there are no tools here yet")
        if turned := all_but(goal.text):  # it takes words for what they name, and cannot turn them around
            return Declined(f"{turned!r} says which are not meant; say only which are")
        if any(each.slot.startswith(CORRECTION) for each in answers):
            return Abstention("what should be otherwise was not understood: say the whole of it again, as a new goal")
        understood = await asyncio.to_thread(understand, self.scorer, goal, tools)
        nearest = tuple(each.tool for each in understood.considered[:3])
        if not understood.calls:
            return Abstention("no tool here fits what was said", nearest)
        confidence = self.scorer.trust(understood.raw)
        if confidence < self.trusted:
            return Abstention(f"{self.scorer.name} is not sure enough ({confidence:.0%})", nearest)
        by_name = {each.name: each for each in tools}
        evidence = Evidence.of(goal, answers)
        drafts = [(_step(call, number, understood.listened), call) for number, call in enumerate(understood.calls, 1)]
        found = [(evidence.grounded(step, by_name[call.tool]), step, call) for step, call in drafts]
        for (_, unsaid), step, call in found:
            missing = [each for each in call.missing if f"{step.id}.{each}" not in evidence.answers]
            for name in (*missing, *unsaid):
                return Question(f"{step.id}.{name}", _question(by_name[call.tool], name))
        steps = tuple(_spanned(grounded, step) for (grounded, _), step, _ in found)
        manifests = {step.tool: by_name[step.tool].digest for step in steps}
        candidates = tuple(
            Candidate(each.tool, round(each.meant, 4), 1.0 if each.tool in manifests else 0.0)
            for each in understood.considered
        )
        plan = Plan(steps, goal.text.strip(), self.scorer.name, round(min(confidence, 0.99), 4), manifests, candidates)
        try:
            validate(plan, tools)
        except PlanInvalid as invalid:
            return Abstention(f"what was understood is no valid plan: {invalid.problems[0]}"[:300], nearest)
        return plan if confidence >= self.sure else _agreed(plan, answers)


def _agreed(plan: Plan, answers: Sequence[Answer]) -> Proposal:
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


def understand(scorer: ActionScorer, goal: Goal, tools: Sequence[Manifest]) -> Understood:
    """Return what is asked for, without judging whether it is sure enough. Raises UsageError for invisible characters."""
    listened = listen((*goal.context, goal.text), Grounder.of(goal))
    found = _near(scorer, goal, tools)
    near = found.near
    texts = {place: tool_text(tools[place].name, tools[place].description, tools[place].parameters) for place in near}
    scores = scorer.score(listened.heard, list(texts.values()))
    made = {
        place: assign(texts[place], score, listened, tools[place].parameters)
        for place, score in zip(near, scores, strict=True)
    }
    relevance = {place: score.relevance for place, score in zip(near, scores, strict=True)}
    worth = {place: _worth(near[place], relevance[place], made[place], listened) for place in near}
    drafts = list[_Draft]()
    for place in near:
        # One that is about another part of the request is no rival.
        rivals = [worth[other] for other in near if other != place and found.of[other] in (found.of[place], 0)]
        lead = worth[place] - max(rivals, default=worth[place] - _ALONE)
        meant = scorer.meant(relevance[place], near[place], lead)
        seen = Considered(tools[place].name, relevance[place], near[place], lead, meant)
        drafts.append(_Draft(tools[place], seen, made[place], found.leads[place]))
    drafts.sort(key=lambda each: (-each.seen.meant, -each.seen.lead))
    calls = tuple(call for draft in _meant(drafts, listened) for call in _calls(draft))[:_MOST_CALLS]
    raw = min((call.confidence for call in calls), default=0.0)
    return Understood(calls, raw, tuple(each.seen for each in drafts), listened)


def _worth(near: float, relevance: float, made: Assignment, listened: Listened) -> float:
    """How well a tool answers the request, to choose among tools: what it is about, and what its call would leave unsaid."""
    clipped = min(max(relevance, 1e-3), 1 - 1e-3)
    spans = [span for each in made.filled for span in each.spans]
    typed = [
        candidate
        for candidate, mention in zip(listened.heard.candidates, listened.mentions, strict=True)
        if mention is not None and candidate.start >= listened.last
    ]
    said = sum(any(start < each.end and each.start < end for start, end in spans) for each in typed)
    evidence = (near, math.log(clipped / (1 - clipped)), min(len(made.missing), 2), said / max(len(typed), 1))
    return sum(weight * each for weight, each in zip(_WORTH, evidence, strict=True))


@dataclass(frozen=True, slots=True)
class _Nearest:
    """Tools that are worth reading, by their places."""

    near: Mapping[int, float]
    """Nearness in meaning to the whole or to a part of it, the nearest first."""
    of: Mapping[int, int]
    """The part of the request to which it is nearest; 0 for the whole."""
    leads: Mapping[int, frozenset[int]]
    """The parts of the request to which the tool is the nearest."""


def _near(scorer: ActionScorer, goal: Goal, tools: Sequence[Manifest]) -> _Nearest:
    """Find what is near to the whole request and to each sentence or clause of it."""
    texts = [ToolText(each.name, each.description, ()) for each in tools]
    parts = _parts(goal.text)
    words = [turn for turn in goal.context if turn.strip()[:1] not in ("{", "[")]
    whole = " ".join((*words[-4:], goal.text))[-400:]
    kept, of, leads = dict[int, float](), dict[int, int](), dict[int, set[int]]()
    for number, part in enumerate((whole, *(parts[:5] if len(parts) > 1 else ()))):
        told = scorer.nearest(part, texts)
        ranked = sorted(range(len(told)), key=lambda place: -told[place])
        if number and told[ranked[0]] >= _LEADS:
            leads.setdefault(ranked[0], set()).add(number)
        for place in ranked[: 2 if number else MOST_SCORED]:
            if told[place] >= told[ranked[0]] - _FAR and told[place] > kept.get(place, -2.0):
                kept[place], of[place] = told[place], number
    near = dict(sorted(kept.items(), key=lambda pair: -pair[1])[: MOST_SCORED + 2 * (len(parts) - 1)])
    return _Nearest(near, of, {place: frozenset(leads.get(place, ())) for place in near})


def _parts(text: str) -> list[str]:
    """Sentences and clauses that may each ask for something."""
    return [part for part in _PARTS.split(text) if part and len(part.split()) > 2] or [text]


@dataclass(frozen=True, slots=True)
class _Draft:
    """What one tool would be called with."""

    manifest: Manifest
    seen: Considered
    made: Assignment
    leads: frozenset[int]


def _meant(drafts: Sequence[_Draft], listened: Listened) -> list[_Draft]:
    """The likeliest tool, and others with words of their own, in the order in which they were said."""
    kept = list[_Draft]()
    parts = len(_parts(listened.heard.text[listened.last :]))
    for draft in drafts:
        if draft.seen.meant < 0.5 or len(kept) >= parts:
            break
        spans = [span for each in draft.made.filled for span in each.spans]
        taken = [span for other in kept for each in other.made.filled for span in each.spans]
        if kept and not draft.leads - frozenset(part for other in kept for part in other.leads):
            continue  # no part of what was said is about it more than about another
        if kept and spans and all(any(s < e2 and s2 < e for s2, e2 in taken) for s, e in spans):
            continue  # it would say again what another tool was told
        kept.append(draft)
    return sorted(kept, key=lambda each: min((s for f in each.made.filled for s, _ in f.spans), default=10**6))


def _calls(draft: _Draft) -> list[Call]:
    """One call, or one for each value of what is listed; what has one value is shared."""
    made = draft.made
    count = max((len(each.values) for each in made.filled), default=1)
    confidence = draft.seen.meant * made.confidence
    found = list[Call]()
    for number in range(count):
        chosen = {each.name: each.values[min(number, len(each.values) - 1)] for each in made.filled}
        filled = tuple(
            replace(
                each,
                values=(chosen[each.name],),
                spans=each.spans[number : number + 1] if len(each.values) > 1 else each.spans,
            )
            for each in made.filled
        )
        found.append(Call(draft.manifest.name, nested(chosen), filled, made.missing, confidence))
    return found


def nested(flat: Mapping[str, Json]) -> dict[str, Json]:
    """`{"a.b": 1}` as `{"a": {"b": 1}}`."""
    whole = dict[str, Json]()
    for name, value in flat.items():
        *path, last = name.split(".")
        here: dict[str, Json] = whole
        for part in path:
            inner = here.setdefault(part, {})
            assert isinstance(inner, dict)
            here = inner
        here[last] = value
    return whole


def _step(call: Call, number: int, listened: Listened) -> Step:
    arguments = {name: Literal(value) for name, value in call.arguments.items()}
    origins = dict[str, Provenance]()
    for each in call.filled:
        top = each.name.split(".")[0]
        for start, end in each.spans[:1]:
            own = start >= listened.last
            at = (start - listened.last, end - listened.last) if own else (None, None)
            origins.setdefault(top, Provenance("words", listened.heard.text[start:end], *at))
    return Step(StepId(f"s{number}"), call.tool, arguments, (), None, "", origins, round(call.confidence, 4))


def _spanned(grounded: Step, step: Step) -> Step:
    """Keep the words that the network chose; where it chose none, what evidence found."""
    chosen = {
        name: each for name, each in step.provenance.items() if grounded.provenance.get(name, each).source != "answer"
    }
    return replace(grounded, provenance={**grounded.provenance, **chosen})


def _question(manifest: Manifest, name: str) -> str:
    here = mapping(manifest.parameters)
    for part in name.split("."):
        here = mapping(mapping(here.get("properties")).get(part))
    described = here.get("description", "")
    return f"{name.replace('_', ' ').replace('.', ' ')}{f' ({described})' if described else ''} for {manifest.name}?"
