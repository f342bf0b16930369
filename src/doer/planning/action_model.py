"""The action planner: a small network proposes tools and words, symbols type and check them; else a question, or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from doer.domain.action import Manifest
from doer.domain.errors import PlanInvalid
from doer.domain.goal import CORRECTION, Abstention, Answer, Declined, Goal, Question
from doer.domain.plan import Candidate, Plan, Step
from doer.domain.ports import ActionScorer, Proposal, Reader
from doer.domain.template import Literal, Reference, Template
from doer.domain.value import Json, Provenance, StepId
from doer.intent.grounder import Grounder
from doer.planning.accounted.planner import accounted, accounted_if
from doer.planning.accounted.unheard import unheard
from doer.planning.action.alike import Alike
from doer.planning.action.assign import Filled
from doer.planning.action.choice import Considered, Draft, Hearing, chosen, drafted
from doer.planning.action.dialogue import Dialogue
from doer.planning.action.division import better, divided
from doer.planning.action.doubt import signs
from doer.planning.action.malformed import Malformed, malformed
from doer.planning.action.nesting import assembled
from doer.planning.action.questions import agreed, question_for, said_again
from doer.planning.action.refer import Linked, Result, linked
from doer.planning.action.remembering import Remembering
from doer.planning.evidence import Evidence
from doer.planning.lookup.conditioned import conditioned
from doer.planning.lookup.explained import EXPLAINED, agrees, explained
from doer.planning.lookup.find import Asked, Lookups, NotLooked, Told
from doer.planning.lookup.joined import signs_with, with_told
from doer.planning.lookup.tools import keys_of
from doer.planning.stop import Stop
from doer.planning.thresholds import SURE, TRUSTED
from doer.planning.validate import validate
from doer.planning.words.candidates import Listened, listen
from doer.planning.words.mood import all_but

_MOST_CALLS: Final = 12
_RELATED: Final = (0.1, 0.3)
"""Relevance or nearness from which a request is about a tool: of 322 held-back requests 9 were below with a tool that was not meant, 3 with
one that was."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call as it was understood."""

    tool: str
    arguments: Mapping[str, Json]
    filled: tuple[Filled, ...]
    missing: tuple[str, ...]
    confidence: float
    malformed: tuple[Malformed, ...] = ()
    """What was said and cannot be: asked for again, like what is missing."""
    results: tuple[Result, ...] = ()
    """Arguments that are fields of an earlier call's result."""

    @property
    def asks(self) -> bool:
        """Whether somebody has to say something before it can be made."""
        return bool(self.missing or self.malformed)


@dataclass(frozen=True, slots=True)
class Understood:
    """What the network and the constraints make of a request; no calls: nothing fits."""

    calls: tuple[Call, ...]
    raw: float
    """Confidence in all of it, 0 … 1, not yet calibrated."""
    considered: tuple[Considered, ...]
    """The tools that were read, the likeliest first."""
    listened: Listened
    signs: tuple[float, ...] = ()
    """What `raw` was made of, see `doubt.SIGNS`; nothing where there are no calls."""
    meant: tuple[Draft, ...] = ()
    """The drafts that the calls are made of."""
    drafts: tuple[Draft, ...] = ()
    """Of all tools that were read."""
    explained: bool = False
    """Whether every telling word is accounted for, and the row was found."""


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
            return Declined(f"{turned!r} leaves some out; say only which are meant")
        if any(each.slot.startswith(CORRECTION) for each in answers):
            return Abstention("what should be otherwise was not understood: say the whole of it again, as a new goal")
        asked = await accounted(goal, answers, tools, reader)
        if isinstance(asked, Plan):
            return asked
        proposed = await self._proposed(goal, answers, tools, reader)
        return proposed if asked is None or isinstance(proposed, Plan) else asked

    async def _proposed(
        self, goal: Goal, answers: Sequence[Answer], tools: Sequence[Manifest], reader: Reader
    ) -> Proposal:
        """What the network makes of it."""
        decided = await conditioned(goal, answers, tools, reader, self.propose)
        if decided is None or isinstance(decided, Question):
            by_rows = await accounted_if(goal, answers, tools, reader)
            decided = by_rows if by_rows is not None and (decided is None or isinstance(by_rows, Plan)) else decided
        if decided is not None:
            return decided
        lookups = Lookups(goal, {each.slot: each for each in answers}, tools, reader)
        seen = lookups.lean()
        try:
            understood, looked = await self._understood(goal, seen, tools, lookups)
        except Stop as stopped:
            return stopped.proposal
        nearest = tuple(each.tool for each in understood.considered[:3])
        if not understood.calls:
            return Abstention("no tool here fits what was said", nearest)
        confidence = max(self.scorer.trust(understood.raw), EXPLAINED if understood.explained else 0.0)
        if confidence < self.trusted:
            return Abstention(f"{self.scorer.name} is not sure enough ({confidence:.0%})", nearest)
        by_name = {each.name: each for each in tools}
        evidence = Evidence.of(goal, answers)
        ids = {call.tool: f"s{number}" for number, call in enumerate(understood.calls, 1)}
        drafts = [
            (_step(call, number, understood.listened, ids), call) for number, call in enumerate(understood.calls, 1)
        ]
        whole = [(evidence.grounded(step, by_name[call.tool]), step, call) for step, call in drafts]
        for (_, unsaid), step, call in whole:
            told = {each.argument for each in looked.get(step.id, ())}
            for wrong in call.malformed:
                if wrong.name not in told and f"{step.id}.{wrong.name}" not in evidence.answers:
                    return Question(f"{step.id}.{wrong.name}", said_again(by_name[call.tool], wrong))
            missing = [each for each in call.missing if f"{step.id}.{each}" not in evidence.answers]
            for name in (each for each in (*missing, *unsaid) if each not in told):
                # A question costs a person more than a plan that is only looked at.
                if confidence < TRUSTED or not _about(call.tool, understood.considered):
                    return Abstention(f"{call.tool} may be meant, and its {name} was not said", nearest)
                return Question(f"{step.id}.{name}", question_for(by_name[call.tool], name))
        spanned = [_spanned(grounded, step) for (grounded, _), step, _ in whole]
        steps = tuple(each for step in spanned for each in with_told(step, looked.get(step.id, ())))
        proposal = self._planned(goal, steps, tools, confidence, understood.considered)
        if isinstance(proposal, Plan) and (left := unheard(goal, proposal, tools)):
            return Abstention(f"{proposal.steps[0].tool} may be meant, and would not be told {left!r}", nearest)
        return agreed(proposal, answers) if isinstance(proposal, Plan) and confidence < self.sure else proposal

    def _planned(
        self,
        goal: Goal,
        steps: Sequence[Step],
        tools: Sequence[Manifest],
        confidence: float,
        considered: Sequence[Considered] = (),
    ) -> Plan | Abstention:
        by_name = {each.name: each for each in tools}
        manifests = {step.tool: by_name[step.tool].digest for step in steps}
        candidates = tuple(
            Candidate(each.tool, round(each.meant, 4), 1.0 if each.tool in manifests else 0.0) for each in considered
        )
        plan = Plan(
            tuple(steps), goal.text.strip(), self.scorer.name, round(min(confidence, 0.99), 4), manifests, candidates
        )
        try:
            validate(plan, tools)
        except PlanInvalid as invalid:
            nearest = tuple(each.tool for each in considered[:3])
            return Abstention(f"what was understood is no valid plan: {invalid.problems[0]}"[:300], nearest)
        return plan

    async def _understood(
        self, goal: Goal, seen: Sequence[Manifest], tools: Sequence[Manifest], lookups: Lookups
    ) -> tuple[Understood, Mapping[StepId, Sequence[Told]]]:
        """What is asked for, and of each step what reads told. Raises Stop where a lookup ends in a question, or in nothing."""
        looking = {each.name for each, whole in zip(seen, tools, strict=True) if each is not whole}
        understood = await asyncio.to_thread(understand, self.scorer, goal, seen, looking)
        by_name, last = {each.name: each for each in tools}, understood.listened.last
        looked, alone = dict[StepId, Sequence[Told]](), len(understood.calls) == 1
        try:
            for number, call in enumerate(understood.calls, 1):
                step = StepId(f"s{number}")
                wrong = {each.name: each.words for each in call.malformed}
                looked[step] = await lookups.told(Asked(by_name[call.tool], step, call.filled, wrong, last, alone))
        except NotLooked:
            if not looking:
                return understood, {}
            again = await asyncio.to_thread(understand, self.scorer, goal, tools)
            keys = {name: keys_of(by_name[name]) for name in looking}
            return replace(again, calls=tuple(_unkeyed(each, keys.get(each.tool, ())) for each in again.calls)), {}
        except Stop as stopped:
            sure = self.scorer.trust(understood.raw) >= self.trusted
            likely = not stopped.absent and all(agrees(goal, by_name[each.tool], tools) for each in understood.calls)
            if not sure and not likely:
                return understood, {}  # it is not even sure of what to look for
            raise
        told = [each for found in looked.values() for each in found]
        if told:
            seen_again = signs_with(understood.meant, understood.drafts, understood.listened, told)
            first = understood.calls[0]
            whole = alone and explained(goal, first.filled, by_name[first.tool], tools, told, seen_again, last)
            understood = replace(understood, raw=self.scorer.sure(seen_again), signs=seen_again, explained=whole)
        return understood, looked


def _unkeyed(call: Call, keys: Sequence[str]) -> Call:
    """The call without the ids that a read could tell: no turn says one, so that plain words were taken for them."""
    taken = tuple(each.name for each in call.filled if each.name in keys)
    return replace(
        call,
        arguments={name: each for name, each in call.arguments.items() if name not in taken},
        filled=tuple(each for each in call.filled if each.name not in taken),
        missing=(*call.missing, *taken),
    )


def _about(tool: str, considered: Sequence[Considered]) -> bool:
    """Tell whether the request is about the tool at all, and not only nearer to it than to the others."""
    return any(each.tool == tool and (each.relevance >= _RELATED[0] or each.near >= _RELATED[1]) for each in considered)


def understand(
    scorer: ActionScorer, goal: Goal, tools: Sequence[Manifest], looked: Container[str] = frozenset()
) -> Understood:
    """Return what is asked for, without judging whether it is sure enough. Raises UsageError for invisible characters.

    `looked`: tools of which a row will be looked up, by words that none of their arguments takes up.
    """
    grounder = Grounder.of(goal)
    dialogue = Dialogue.of(goal, tools, grounder)
    goal = replace(goal, context=dialogue.open)
    listened = listen((*goal.context, goal.text), grounder)
    hearing = Hearing.of(tools, listened, dialogue, looked, goal.local_time.date())
    scorer = Remembering(scorer)
    drafts = drafted(scorer, goal, hearing)
    whole = chosen(drafts, listened)
    apart = divided(scorer, hearing, drafts, whole, grounder)
    links = linked(apart if better(apart, whole) else _repeated(scorer, hearing, whole, grounder))
    meant = [each.draft for each in links]
    calls = tuple(call for each in links for call in _calls(each))[:_MOST_CALLS]
    told = signs(meant, drafts, listened) if calls else ()
    raw = scorer.sure(told) if told else 0.0
    return Understood(calls, raw, tuple(each.seen for each in drafts), listened, told, tuple(meant), tuple(drafts))


def _repeated(scorer: ActionScorer, hearing: Hearing, meant: Sequence[Draft], grounder: Grounder) -> list[Draft]:
    """What is meant by the request as one, each tool as often as it is said."""
    alike, span = Alike(scorer, hearing, grounder), (hearing.listened.last, len(hearing.listened.heard.text))
    return [replace(each, made=alike.read(each, span) or each.made) for each in meant]


def _calls(link: Linked) -> list[Call]:
    """One call, or one for each time that it is said; what was said once is shared."""
    draft = link.draft
    made, schema = draft.made, draft.manifest.parameters
    confidence = draft.seen.meant * made.confidence
    wrong = malformed(draft.read, made)
    return [
        Call(
            draft.manifest.name,
            assembled({each.name: each.value for each in filled}, schema),
            filled,
            made.missing,
            confidence,
            wrong,
            link.results,
        )
        for filled in made.calls or (made.filled,)
    ]


def _step(call: Call, number: int, listened: Listened, ids: Mapping[str, str]) -> Step:
    arguments: dict[str, Template] = {name: Literal(value) for name, value in call.arguments.items()}
    arguments |= {each.parameter: Reference(ids[each.tool], (each.field,)) for each in call.results}
    origins = dict[str, Provenance]()
    for each in call.filled:
        top = each.name.split(".")[0]
        if each.origin is not None:
            origins.setdefault(top, each.origin)
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
