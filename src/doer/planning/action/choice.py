"""The choice among tools: which are worth reading with the network, and which of those that were read are meant."""

from __future__ import annotations

import math
import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from doer.domain.action import Manifest
from doer.domain.goal import Goal
from doer.domain.ports import ActionScorer
from doer.domain.scoring import Candidate, ToolText
from doer.intent.text import stem
from doer.planning.action.assign import Assignment, lent
from doer.planning.action.carried import with_carried, without_carried
from doer.planning.action.dialogue import Dialogue
from doer.planning.action.objects import once, repeated
from doer.planning.action.read import Read
from doer.planning.action.recent import looking_back
from doer.planning.action.schema import tool_text
from doer.planning.matching.fill import overlaps
from doer.planning.words.candidates import Listened
from doer.planning.words.nouns import phrase
from doer.planning.words.requests import asks, leads_up, requests

MOST_SCORED: Final = 4
"""Tools that the network reads together with the request; each costs some milliseconds."""
_FAR: Final = 0.22
"""How much farther in meaning than the nearest a tool may be and still be read."""
_LEADS: Final = 0.3
"""Nearness from which a part of a request is about a tool at all."""
EVIDENCE: Final = ("nearness", "relevance", "missing", "mentions taken", "confidence", "made before")
"""What the worth of a tool is made of: its nearness in meaning; the network's log odds; required parameters that nobody said; the share
of typed mentions that the call takes up; the log chance of its arguments; whether the very call was made in an earlier turn."""
_MEANT: Final = (0.3, 0.4)
"""Probability from which the likeliest tool is called, and each further one: of two rivals, both may be half likely."""
_OF_A_ROW: Final = 0.7
"""What a typed mention counts that no argument takes up, where it may say which row is meant."""
_ALONE: Final = 4.0
"""How far ahead a tool is that has no rival."""
_BACK: Final = re.compile(r"\b(?:same|it|them|him|there|its|their|his|her|this|that|these|those)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Considered:
    """One tool that was read together with the request."""

    tool: str
    relevance: float
    near: float
    lead: float
    """How much more it is worth than the best other one."""
    meant: float
    evidence: tuple[float, ...] = ()
    """What its worth was made of, see `EVIDENCE`."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What one tool would be called with."""

    manifest: Manifest
    place: int
    """Of the tool among those that were offered: two may have one name."""
    seen: Considered
    made: Assignment
    read: Read
    leads: frozenset[int] = frozenset()
    """The parts of the request to which the tool is the nearest."""
    parts: Sequence[tuple[int, int]] = ()
    """Where the parts are in the last turn, of all drafts alike; they are counted from 1."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """What tools are read with."""

    tools: Sequence[Manifest]
    listened: Listened
    named: Sequence[ToolText]
    """The tools without their parameters, to look for the nearest."""
    heads: frozenset[str]
    """Stems of the words that the tools are called by."""
    dialogue: Dialogue
    """What was said and done before."""
    looked: Container[str] = frozenset()
    """Tools of which a row is looked up; what none of their arguments takes up may say which."""
    today: date | None = None
    """Where it was said; nothing: days without a year that have just been stay doubtful."""

    @classmethod
    def of(
        cls,
        tools: Sequence[Manifest],
        listened: Listened,
        dialogue: Dialogue,
        looked: Container[str] = (),
        today: date | None = None,
    ) -> Hearing:
        """Return what tools are read with; `dialogue`: the earlier turns."""
        named = [ToolText(each.name, each.description, ()) for each in tools]
        return cls(tools, listened, named, heads_of(tools), dialogue, looked, today)

    def heard_for(self, tool: Manifest) -> Listened:
        """Return what was heard, as the tool means its days."""
        return self.listened if self.today is None else looking_back(self.listened, tool, self.today)


def drafted(scorer: ActionScorer, goal: Goal, hearing: Hearing) -> list[Draft]:
    """Return what each tool that is near would be called with, the likeliest first."""
    found = _near(scorer, goal, hearing)
    drafts = weighed(scorer, hearing, found.near, found.of)
    return [replace(each, leads=found.leads[each.place], parts=found.parts) for each in drafts]


def weighed(
    scorer: ActionScorer, hearing: Hearing, near: Mapping[int, float], of: Mapping[int, int] | None = None
) -> list[Draft]:
    """Return what tools would be called with, the likeliest first. `near`: by the place of each its nearness in meaning.

    `of`: the part of the request that each is about, if there are any: one that is about another part is no rival.
    """
    tools, listened = hearing.tools, hearing.listened
    texts = {place: tool_text(tools[place].name, tools[place].description, tools[place].parameters) for place in near}
    scores = dict(zip(near, scorer.score(listened.heard, list(texts.values())), strict=True))
    reads = {
        place: Read(texts[place], scores[place], tools[place].parameters, hearing.heard_for(tools[place]))
        for place in near
    }
    every = {place: hearing.dialogue.completed(scorer, read) for place, read in reads.items()}
    reads = {place: read for place, (read, _) in every.items()}
    made = {place: one for place, (_, one) in every.items()}
    evidence = {
        place: _evidence(
            near[place],
            reads[place].score.relevance,
            made[place],
            listened,
            hearing.dialogue.made_before(tools[place].name, made[place], listened.last),
            open_ended=tools[place].name in hearing.looked,
        )
        for place in near
    }
    again = {place for place in near if hearing.dialogue.again(tools[place].name, made[place], listened.last)}
    worth = {place: scorer.worth(told) for place, told in evidence.items()}
    drafts = list[Draft]()
    for place in near:
        others = [other for other in near if other != place and other not in again]
        rivals = [worth[other] for other in others if of is None or of[other] in (of[place], 0)]
        lead = worth[place] - max(rivals, default=worth[place] - _ALONE)
        relevance = reads[place].score.relevance
        meant = 0.0 if place in again else scorer.meant(relevance, near[place], lead)
        seen = Considered(tools[place].name, relevance, near[place], lead, meant, evidence[place])
        drafts.append(Draft(tools[place], place, seen, made[place], reads[place]))
    return sorted(drafts, key=lambda each: (-each.seen.meant, -each.seen.lead))


def chosen(drafts: Sequence[Draft], listened: Listened) -> list[Draft]:
    """The likeliest tool, and others with words of their own, in the order in which they were said."""
    kept = list[Draft]()
    for draft in drafts:
        if draft.seen.meant < _MEANT[bool(kept)]:
            break
        spans = [span for each in draft.made.filled for span in each.spans]
        taken = [span for other in kept for each in other.made.filled for span in each.spans]
        if kept and draft.made.missing and draft.seen.relevance < 0.5:
            continue  # neither said nor believed
        if kept and not draft.leads - frozenset(part for other in kept for part in other.leads):
            continue  # no part of what was said is about it more than about another
        if kept and spans and all(overlaps(span, taken) for span in spans):
            continue  # it would say again what another tool was told
        kept.append(draft)
    kept = _asked(kept, listened)
    told = [replace(each, made=_of_its_parts(each, drafts if len(kept) > 1 else kept, listened)) for each in kept]
    told.sort(key=lambda each: min((s for f in each.made.filled for s, _ in f.spans), default=10**6))
    return _shared(told, listened)


def _asked(kept: Sequence[Draft], listened: Listened) -> list[Draft]:
    """Leave what is nearest only to what leads up to what is asked for, or explains it and takes no words at all."""
    text = listened.heard.text[listened.last :]
    heads = frozenset(stem(word) for each in kept for word in phrase(each.manifest.name).split())
    parts = list(enumerate(kept[0].parts, 1)) if kept else []
    before = {number for number, (start, _) in parts if leads_up(text, start)}
    asking = {number for number, (start, end) in parts if asks(text[start:end], heads)} - before
    if not any(each.leads & asking for each in kept):
        return list(kept)

    def aside(each: Draft) -> bool:
        bare = not (each.made.filled or each.made.missing)
        return bool(each.leads) and (each.leads <= before or (bare and not each.leads & asking))

    return [each for each in kept if not aside(each)]


def _of_its_parts(draft: Draft, every: Sequence[Draft], listened: Listened) -> Assignment:
    """What the tool is called with, once or as often as it is said, without the words of parts that are about another tool."""
    if draft.made.amends:
        return draft.made
    others = {part for other in every if other is not draft for part in other.leads} - draft.leads
    foreign = [
        (listened.last + start, listened.last + end)
        for number, (start, end) in enumerate(draft.parts, 1)
        if number in others
    ]
    if not foreign or not draft.leads:
        return with_carried(repeated(draft.read, without_carried(draft.made)), draft.made)
    read = draft.read.outside(foreign)
    own = once(read)
    return with_carried(repeated(read, lent(own, without_carried(draft.made).filled)), draft.made)


def _shared(drafts: Sequence[Draft], listened: Listened) -> list[Draft]:
    """Let what a call lacks be what another was told under the same name, where the words point back: `the same employee`."""
    if len(drafts) < 2 or not _BACK.search(listened.heard.text, listened.last):
        return list(drafts)
    told = {each.name: each for draft in drafts for each in draft.made.filled if not draft.made.calls}
    return [replace(draft, made=lent(draft.made, told.values())) for draft in drafts]


def said_last(listened: Listened) -> Sequence[Candidate]:
    """The typed mentions of the last turn; its first word is no name for having a capital."""
    return [
        candidate
        for candidate, mention in zip(listened.heard.candidates, listened.mentions, strict=True)
        if mention is not None
        and candidate.start >= listened.last
        and not (mention.kind == "person" and candidate.start == listened.last)
    ]


def _evidence(
    near: float,
    relevance: float,
    made: Assignment,
    listened: Listened,
    before: bool,  # noqa: FBT001
    *,
    open_ended: bool = False,
) -> tuple[float, ...]:
    """How well a tool answers the request, to choose among tools: what it is about, and what its call would leave unsaid."""
    clipped = min(max(relevance, 1e-3), 1 - 1e-3)
    spans = [span for each in made.filled for span in each.spans]
    typed = said_last(listened)
    up = [overlaps((each.start, each.end), spans) for each in typed]
    said = sum(1.0 if each else _OF_A_ROW * open_ended for each in up)
    confidence = math.log(max(made.confidence, 1e-4))
    missing = float(min(len(made.missing), 2))
    return (near, math.log(clipped / (1 - clipped)), missing, said / max(len(typed), 1), confidence, float(before))


def heads_of(tools: Sequence[Manifest]) -> frozenset[str]:
    """Return the stems of the words that tools are called by."""
    return frozenset(stem(word) for each in tools for word in phrase(each.name).split())


@dataclass(frozen=True, slots=True)
class _Nearest:
    """Tools that are worth reading, by their places."""

    near: Mapping[int, float]
    """Nearness in meaning to the whole or to a part of it, the nearest first."""
    of: Mapping[int, int]
    """The part of the request to which it is nearest; 0 for the whole."""
    leads: Mapping[int, frozenset[int]]
    """The parts of the request to which the tool is the nearest."""
    parts: Sequence[tuple[int, int]]


def _near(scorer: ActionScorer, goal: Goal, hearing: Hearing) -> _Nearest:
    """Find what is near to the whole request and to each sentence or clause of it."""
    places = requests(goal.text, hearing.heads)
    parts = [goal.text[start:end] for start, end in places]
    whole = " ".join((*goal.context[-4:], goal.text))[-400:]
    kept, of, leads = dict[int, float](), dict[int, int](), dict[int, set[int]]()
    steps = hearing.dialogue.steps
    for number, part in enumerate((whole, *(parts[:5] if len(parts) > 1 else ()))):
        told = scorer.nearest(part, hearing.named)
        ranked = sorted(range(len(told)), key=lambda place: -told[place])
        first = next((place for place in ranked if hearing.named[place].name not in steps), ranked[0])
        if number and told[ranked[0]] >= _LEADS:
            leads.setdefault(ranked[0], set()).add(number)
        for place in ranked[: 2 if number else MOST_SCORED]:
            if told[place] >= told[first] - _FAR and told[place] > kept.get(place, -2.0):
                kept[place], of[place] = told[place], number
    near = dict(sorted(kept.items(), key=lambda pair: -pair[1])[: MOST_SCORED + 2 * (len(parts) - 1)])
    return _Nearest(near, of, {place: frozenset(leads.get(place, ())) for place in near}, places)
