"""Plans that symbols account for by themselves: a field that gets a value in rows that a read told; and calls that leave no word open."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from doer.domain.action import Manifest
from doer.domain.goal import Goal
from doer.domain.plan import Step
from doer.domain.template import Literal, Template
from doer.domain.value import Provenance, StepId
from doer.intent.text import stem, word_set, words
from doer.intent.vocabulary import POLITE, alike_nouns
from doer.planning.action.assign import Filled
from doer.planning.action.doubt import SIGNS
from doer.planning.action.schema import listed_choices
from doer.planning.action.sense import words_of_name
from doer.planning.lookup.fields import Update, updates
from doer.planning.lookup.find import Asked, Lookups, NotLooked, Told
from doer.planning.lookup.joined import with_told
from doer.planning.lookup.people import as_name
from doer.planning.lookup.tools import called, keys_of, parameters, required
from doer.planning.stop import Stop

EXPLAINED: Final = 0.8
"""How sure a plan is of which every telling word is accounted for, by the tool's own verb, by its arguments or by the row; less than settles a question."""
_PLAIN: Final = 0.8
"""How sure the network must be of the arguments that no read told."""
_CHANGES: Final = word_set("change update edit modify alter amend reschedule")
_CHANGING: Final = _CHANGES | word_set(
    "make set move put shift push postpone delay shorten lengthen extend rename retitle"
)
"""What is said for it; `by` (`shorten by 10 minutes`) is no new value."""
_STEP: Final = StepId("s1")


async def updated(lookups: Lookups) -> list[Step]:
    """Return the steps of a field that gets a value; none where that is not what is said, or not exactly one tool fits.

    Raises Stop with a question where rows, or people, cannot be told apart.
    """
    goal, found = lookups.goal, list[tuple[Update, Told]]()
    for each in updates(goal, lookups.tools)[:2]:
        filled = [Filled(name, value, (), 1.0) for name, value in filter(None, (each.field, each.value))]
        asked = Asked(each.tool, _STEP, filled, {}, last=0, alone=True)
        try:
            found.append((each, await lookups.row(asked, each.key, [each.span, each.deed])))
        except NotLooked:
            return []
        except Stop as stopped:
            if not stopped.absent:
                raise
    if len(found) != 1:
        return []
    update, told = found[0]
    if not told.spans or not (update.named or _quoted(goal, told)):
        return []  # nothing says what it is, so that it may be a row of which no read here was asked
    name, value = update.value
    origin = Provenance("words", goal.text[slice(*update.span)], *update.span)
    if update.person:
        slot = f"{_STEP}.{name}"
        answer = lookups.answers.get(slot)
        if answer is not None:
            value, origin = str(answer.value or answer.text.strip()), Provenance("answer", answer.text)
        else:
            person = as_name(str(value))
            value, by = await lookups.address_of(update.tool, slot, person)
            origin = Provenance("read", f"{by}: {person}")
    chosen = {} if update.field is None else {update.field[0]: Literal(update.field[1])}
    arguments: dict[str, Template] = {**chosen, name: Literal(value)}
    step = Step(_STEP, update.tool.name, arguments, (), None, "", {name: origin}, EXPLAINED)
    return with_told(step, [told])


def _quoted(goal: Goal, told: Told) -> bool:
    return any(goal.text[start : start + 1] in "'\"‘“" for start, _ in told.spans)


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
    """Tell whether it changes rows, each field by an argument of its own: one that takes field and value is `updates`' to read."""
    needed, fields = required(tool), parameters(tool)
    chosen = any(listed_choices(fields.get(each, {})) for each in needed)
    return not chosen and bool(_verbs(tool) & {stem(each) for each in _CHANGES}) and bool(keys_of(tool))


def _verbs(tool: Manifest) -> set[str]:
    described = re.match(r"\W*([a-z]+)", tool.description.lower())
    own = words_of_name(tool.name.rpartition(".")[2])[:1]
    return {stem(each) for each in (*own, *([described[1]] if described else []))}
