"""What reads told, joined to a plan: into the step that lacked it, and into what can be seen of how likely the plan is right."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from doer.domain.plan import Step
from doer.domain.scoring import ParameterScore
from doer.domain.template import Literal
from doer.domain.value import StepId
from doer.planning.action.assign import Assignment, Filled
from doer.planning.action.choice import Draft
from doer.planning.action.doubt import signs
from doer.planning.action.objects import once
from doer.planning.lookup.find import Told
from doer.planning.matching.fill import overlaps
from doer.planning.schema import mapping
from doer.planning.words.candidates import Listened

_LEAST: Final = 0.02
"""Chance that must be left for all else: where the network is this sure that the row's words are an argument, it is not overruled."""


def signs_with(
    meant: Sequence[Draft], considered: Sequence[Draft], listened: Listened, told: Sequence[Told]
) -> tuple[float, ...]:
    """Return the signs of a plan, with the words taken up that say what was looked up, and sure of what reads told.

    That these words say which row is meant leaves fewer that can be another argument: what the network held of the others
    is conditioned on it.
    """
    spans = [(start + listened.last, end + listened.last) for each in told for start, end in each.spans]
    sure_of = list[Draft]()
    for draft in meant:
        own = set(mapping(draft.manifest.parameters.get("properties")))
        looked = [each for each in told if each.argument in own] or list(told[:1])
        names = {each.argument for each in looked}
        made = _conditioned(draft, spans, names)
        dropped = {name for each in looked for name in each.dropped}
        filled = [each for each in made.filled if each.name not in names | dropped]
        doubt = math.prod(each.confidence for each in made.filled if each.name in names)
        sure = [Filled(each.argument, each.values[0], (), each.sure) for each in looked]
        sure = [replace(each, spans=tuple(spans)) if place == 0 else each for place, each in enumerate(sure)]
        missing = tuple(each for each in made.missing if each not in names)
        made = replace(
            made, filled=(*filled, *sure), missing=missing, confidence=min(1.0, made.confidence / max(doubt, 1e-6))
        )
        sure_of.append(replace(draft, made=made))
    return signs(sure_of, considered, listened)


def _conditioned(draft: Draft, spans: Sequence[tuple[int, int]], looked: set[str]) -> Assignment:
    """The assignment given that words are of a row, where it is the same one; else as it was."""
    if draft.made.calls:
        return draft.made
    inside = [overlaps((each.start, each.end), spans) for each in draft.read.listened.heard.candidates]
    scores = tuple(
        score if name in looked or not score.spans else _without(score, inside)
        for name, score in zip(
            (each.name for each in draft.read.tool.parameters), draft.read.score.parameters, strict=True
        )
    )
    again = once(replace(draft.read, score=replace(draft.read.score, parameters=scores)))
    same = {each.name: each.value for each in again.filled} == {each.name: each.value for each in draft.made.filled}
    return again if same else draft.made


def _without(score: ParameterScore, inside: Sequence[bool]) -> ParameterScore:
    left = score.nothing + sum(chance for chance, taken in zip(score.spans, inside, strict=True) if not taken)
    if left < _LEAST:
        return score
    spans = tuple(0.0 if taken else chance / left for chance, taken in zip(score.spans, inside, strict=True))
    return replace(score, nothing=score.nothing / left, spans=spans)


def with_told(step: Step, told: Sequence[Told]) -> list[Step]:
    """Return the step with what reads told; one for each row where several are meant."""
    count = max((len(each.values) for each in told), default=1)
    steps, dropped = list[Step](), {name for each in told for name in each.dropped}
    step = replace(step, arguments={name: each for name, each in step.arguments.items() if name not in dropped})
    for place in range(count):
        chosen = {each.argument: place if len(each.values) > 1 else 0 for each in told}
        arguments = {each.argument: Literal(each.values[chosen[each.argument]]) for each in told}
        origins = {each.argument: each.origins[min(chosen[each.argument], len(each.origins) - 1)] for each in told}
        name = StepId(f"{step.id}_{place + 1}") if count > 1 else step.id
        kept = {name: each for name, each in step.provenance.items() if name not in dropped}
        provenance = {**kept, **origins}
        steps.append(replace(step, id=name, arguments={**step.arguments, **arguments}, provenance=provenance))
    return steps
