"""Settling: words that can be read in several ways, of which one alone is of something that is there.

`Cancel the board call on Friday`, said on a Friday, may be today's or next week's; where a board call is on one of these
days only, that one is meant. So with `Chris`, where one of two has written such a mail. Only what is looked up is settled
so: what a step itself is given stays a question.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from doer.domain.goal import Answer, Option, Question
from doer.domain.plan import Plan
from doer.planning.matching.doubt import LEAVE_OUT
from doer.planning.matching.pick import MEANT
from doer.planning.stop import Stop

_MOST = 4
_VAGUE = frozenset({MEANT, LEAVE_OUT, "parts"})


async def settled(whole: Callable[[Sequence[Answer]], Awaitable[Plan]], answers: Sequence[Answer]) -> Plan:
    """Return the plan, also where a question has one answer alone with which something is found. Raises Stop otherwise."""
    try:
        return await whole(answers)
    except Stop as stopped:
        question = stopped.proposal
        if not isinstance(question, Question) or not _readable(question):
            raise
        found: list[tuple[Option, Plan]] = []
        for option in question.options:
            try:
                plan = await whole((*answers, Answer(question.slot, option.label, option.value)))
            except Stop as other:
                if not other.absent:
                    raise stopped from other
            else:
                found.append((option, plan))
        if len(found) != 1 or _given(*found[0]):
            raise
        return found[0][1]


def _readable(question: Question) -> bool:
    """Tell whether the options are ways to read words, and no rows that were found."""
    vague = question.slot.rsplit(".", 1)[-1] in _VAGUE
    plain = all(each.value is not None and not isinstance(each.value, Mapping) for each in question.options)
    return not vague and plain and 2 <= len(question.options) <= _MOST


def _given(option: Option, plan: Plan) -> bool:
    """Tell whether a step is given the reading itself, and not only what was found by it."""
    return any(
        each.source == "answer" and each.text == option.label
        for step in plan.steps
        for each in step.provenance.values()
    )
