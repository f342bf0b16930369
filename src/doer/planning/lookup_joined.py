"""What reads told, joined to a plan: into the step that lacked it, and into what can be seen of how likely the plan is right."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from doer.domain.plan import Step
from doer.domain.template import Literal
from doer.domain.value import StepId
from doer.planning.action_assign import Filled
from doer.planning.action_choice import Draft
from doer.planning.action_doubt import signs
from doer.planning.candidates import Listened
from doer.planning.lookup import Told
from doer.planning.schema import mapping

_TOLD: Final = 0.98
"""How sure an argument is that a read told; what was read may be old."""


def signs_with(
    meant: Sequence[Draft], considered: Sequence[Draft], listened: Listened, told: Sequence[Told]
) -> tuple[float, ...]:
    """Return the signs of a plan, with the words taken up that say what was looked up, and sure of what reads told."""
    last, looked = listened.last, {each.argument for each in told}
    spans = [(start + last, end + last) for each in told for start, end in each.spans]
    sure_of = list[Draft]()
    for draft in meant:
        filled = [each for each in draft.made.filled if each.name not in looked]
        doubt = math.prod(each.confidence for each in draft.made.filled if each.name in looked)
        names = [each for each in told if each.argument in mapping(draft.manifest.parameters.get("properties"))]
        sure = [Filled(each.argument, each.values[0], (), _TOLD) for each in names or told[:1]]
        sure = [replace(each, spans=tuple(spans)) if place == 0 else each for place, each in enumerate(sure)]
        made = replace(
            draft.made, filled=(*filled, *sure), confidence=min(1.0, draft.made.confidence / max(doubt, 1e-6))
        )
        sure_of.append(replace(draft, made=made))
    return signs(sure_of, considered, listened)


def with_told(step: Step, told: Sequence[Told]) -> list[Step]:
    """Return the step with what reads told; one for each row where several are meant."""
    count = max((len(each.values) for each in told), default=1)
    steps = list[Step]()
    for place in range(count):
        chosen = {each.argument: place if len(each.values) > 1 else 0 for each in told}
        arguments = {each.argument: Literal(each.values[chosen[each.argument]]) for each in told}
        origins = {each.argument: each.origins[min(chosen[each.argument], len(each.origins) - 1)] for each in told}
        name = StepId(f"{step.id}_{place + 1}") if count > 1 else step.id
        provenance = {**step.provenance, **origins}
        steps.append(replace(step, id=name, arguments={**step.arguments, **arguments}, provenance=provenance))
    return steps
