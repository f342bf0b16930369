"""Which words of a question a read would not take up: what was not narrowed by all that was said is no answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from doer.domain.action import Manifest
from doer.domain.goal import Goal
from doer.domain.plan import Plan
from doer.domain.template import Literal
from doer.intent.grounder import Grounder
from doer.intent.text import stem, words
from doer.planning.accounted.rowset import measures
from doer.planning.accounted.wonder import CHOOSING, IDLE, SELF, TURNING, called, frame_in
from doer.planning.action.sense import words_of_name
from doer.planning.lookup.tools import is_readable, parameters, required
from doer.planning.matching.fill import overlaps

_KINDS: Final = frozenset({"person", "quoted", "email", "date", "datetime", "time", "date_range"})
_OWN: Final = re.compile(r"\b(?:my|your)\b", re.IGNORECASE)


def unheard(goal: Goal, plan: Plan, tools: Sequence[Manifest]) -> str:
    """Return the first words of a question that its one read, which needs nothing, does not take up; empty where there are none."""
    frame, by_name = frame_in(goal.text), {each.name: each for each in tools}
    if frame is None or goal.context or len(plan.steps) != 1:
        return ""
    [step] = plan.steps
    read = by_name[step.tool]
    if not is_readable(read) or required(read):
        return ""
    taken = [
        (each.start, each.end) for each in step.provenance.values() if each.start is not None and each.end is not None
    ]
    for measure in measures(goal.text):
        if not overlaps(measure.span, taken):
            return measure.said
    for each in Grounder.of(goal).mentions(goal.text):
        named = each.kind in _KINDS and not (each.kind == "person" and each.text == each.text.lower())
        if named and each.start >= frame.start and not overlaps((each.start, each.end), taken):
            return each.text
    values = [str(each.value) for each in step.arguments.values() if isinstance(each, Literal)]
    known = _said_by(read) | {stem(part) for value in values for part in re.findall(r"[^\W_]+", value.lower())}
    mine = _OWN.search(read.description) is not None
    for word in words(goal.text):
        if word.start < frame.start or overlaps((word.start, word.end), taken):
            continue
        turns = word.lower in TURNING | CHOOSING or (word.lower in SELF and not mine)
        plain = word.lower in IDLE | SELF or word.stem in known or called(read.name, word.stem) is not None
        if turns or not plain:
            return word.text
    return ""


def _said_by(read: Manifest) -> set[str]:
    """The stems of all words with which a read says what it is."""
    told = [*words_of_name(read.name), *re.findall(r"[^\W_]+", read.description.lower())]
    for name, schema in parameters(read).items():
        told += [*words_of_name(name), *re.findall(r"[^\W_]+", str(schema.get("description", "")).lower())]
    return {stem(each) for each in told}
