"""Calls that leave no word open: their verb and noun are said, their row is found, and no telling word or value is left."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from doer.domain.action import Manifest
from doer.domain.goal import Goal
from doer.intent.text import stem, word_set, words
from doer.intent.vocabulary import POLITE, alike_nouns
from doer.planning.action.assign import Filled
from doer.planning.action.doubt import SIGNS
from doer.planning.action.schema import listed_choices
from doer.planning.action.sense import words_of_name
from doer.planning.lookup.find import Told
from doer.planning.lookup.tools import called, keys_of, parameters, required

EXPLAINED: Final = 0.8
"""How sure a plan is of which every telling word is accounted for, by the tool's own verb, by its arguments or by the row; less than settles a question."""
_PLAIN: Final = 0.8
"""How sure the network must be of the arguments that no read told."""
_CHANGES: Final = word_set("change update edit modify alter amend reschedule")
_CHANGING: Final = _CHANGES | word_set(
    "make set move put shift push postpone delay shorten lengthen extend rename retitle"
)
"""What is said for it; `by` (`shorten by 10 minutes`) is no new value."""


def agrees(goal: Goal, tool: Manifest, tools: Sequence[Manifest]) -> bool:
    """Tell whether the tool's own verb begins the sentence, and no other tool has that verb for what the sentence names."""
    said = [each for each in words(goal.text) if each.lower not in POLITE]
    deed = said[0].stem if said else ""
    changing = deed in {stem(each) for each in _CHANGING}
    fitting = [each for each in tools if deed in _verbs(each) or (changing and _changes(each))]
    named = [
        each for each in fitting if any(alike_nouns(one.stem, other) for one in said[1:] for other in called(each))
    ]
    return tool in fitting and (len(fitting) == 1 or [each.name for each in named] == [tool.name])


def explained(
    goal: Goal,
    filled: Sequence[Filled],
    tool: Manifest,
    tools: Sequence[Manifest],
    told: Sequence[Told],
    signs: Sequence[float],
    last: int,
) -> bool:
    """Tell whether one call leaves nothing open: its verb and noun are said, its row is found, no telling word or value is left."""
    if signs[SIGNS.index("words left")] or signs[SIGNS.index("mentions left")] or not agrees(goal, tool, tools):
        return False
    names = {each.argument for each in told} | {name for each in told for name in each.dropped}
    if not set(keys_of(tool)) or not set(keys_of(tool)) <= names:
        return False
    given = [each for each in filled if each.name not in names]
    by = any(goal.text[: start - last].rstrip().endswith(" by") for each in given for start, _ in each.spans)
    return not by and all(each.confidence >= _PLAIN for each in given)


def _changes(tool: Manifest) -> bool:
    """Tell whether it changes rows, each field by an argument of its own; one that takes a field and its value says no verb of its own."""
    needed, fields = required(tool), parameters(tool)
    chosen = any(listed_choices(fields.get(each, {})) for each in needed)
    return not chosen and bool(_verbs(tool) & {stem(each) for each in _CHANGES}) and bool(keys_of(tool))


def _verbs(tool: Manifest) -> set[str]:
    described = re.match(r"\W*([a-z]+)", tool.description.lower())
    own = words_of_name(tool.name.rpartition(".")[2])[:1]
    return {stem(each) for each in (*own, *([described[1]] if described else []))}
