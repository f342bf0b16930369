"""A request with a condition that the person's own reads can tell: read first, then planned, or said not to be so.

The plan says in the words of each step what was asked for and what was read. Where it cannot be told plainly whether the
condition holds, there is no plan here, and a person is asked as before.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from doer.domain.action import Manifest
from doer.domain.goal import Answer, Declined, Goal, Question
from doer.domain.plan import Plan
from doer.domain.ports import Proposal, Reader
from doer.domain.template import Literal
from doer.domain.value import JsonObject
from doer.intent.grounder import Grounder
from doer.intent.text import stem, words
from doer.intent.vocabulary import verbs
from doer.planning.lookup.condition import Count, Outcome, State, Undecided, said_by
from doer.planning.lookup.holding import Holding
from doer.planning.lookup.rows import key_of
from doer.planning.lookup.tools import is_key, nouns, parameters, readers, reads_among
from doer.planning.words.conditions import Conditional, Told, conditionals, masked, pointing, resolved
from doer.planning.words.utterance import Span

IF: Final = "if"
"""The slot under which it is asked whether a condition holds that nothing here can read."""
_NEXT: Final = frozenset({"when", "only when", "should"})
"""Words that may speak of a time, or ask: no condition is read for them."""
_SEVERAL: Final = re.compile(r"[.;!]\s+\S|\n\s*\S")
_TEXTUAL: Final = re.compile(
    r"\b(?:says?|saying|tell|ask|remind|note|text|body|message|that|whether|and|then|also)\b|:", re.IGNORECASE
)
"""Of what stands before a condition: what may make its words part of a text, or a condition of one part only."""
_PERSON: Final = frozenset({"person", "email"})
Planning = Callable[[Goal, Sequence[Answer], Sequence[Manifest], Reader], Awaitable[Proposal]]


async def conditioned(
    goal: Goal, answers: Sequence[Answer], tools: Sequence[Manifest], reader: Reader, planned: Planning
) -> Proposal | None:
    """Return what becomes of a request with a condition; None where it has none, or reads do not tell whether it holds."""
    if any(each.slot == IF for each in answers):
        return None
    cut = _cut(goal.text)
    if cut is None:
        return None
    condition = goal.text[slice(*cut.condition)].strip()
    said = said_by(condition)
    if said is None:
        return None
    holding = Holding(goal, tools, reader)

    async def part(span: Span) -> Proposal | None:
        return await _planned(goal, span, condition, answers, tools, reader, planned)

    made: Proposal | None = None
    try:
        if isinstance(said, State) and not said.subject:
            made = await part(cut.main)
            outcome = await _of_its_row(said, made, holding, tools)
        else:
            outcome = await _outcome(said, holding)
    except Undecided:
        return None
    so = outcome.holds != cut.negated
    span = cut.main if so else cut.other
    if span is None:
        return Declined(f"nothing is to be done: it asks for it {cut.word} {condition!r}, and {outcome.told}")
    made = made if made is not None and so else await part(span)
    if isinstance(made, Question | Declined):
        return made
    if not isinstance(made, Plan):
        return None
    lead = "" if so else "otherwise: "
    why = f"{lead}{cut.word} {condition!r} (now: {'true' if outcome.holds else 'false'}, {outcome.told})"
    steps = tuple(replace(each, why=f"{why}: {each.why}".removesuffix(": ")) for each in made.steps)
    return replace(made, steps=steps, title=goal.text.strip(), planner=f"{made.planner} if {outcome.read}")


def _cut(text: str) -> Conditional | None:
    """The one way to cut it at a condition; None where it is not plain."""
    for cut in conditionals(text, verbs().__contains__):
        main = text[slice(*cut.main)]
        first = next((each for each in words(main) if each.lower not in ("please", "then", "just")), None)
        if cut.word in _NEXT or cut.watches or first is None or _SEVERAL.search(masked(main)):
            return None
        if cut.trailing and _TEXTUAL.search(masked(main)):
            return None
        if stem(first.lower) in verbs():
            return cut
    return None


async def _outcome(said: Count | State, holding: Holding) -> Outcome:
    return await (holding.counted(said) if isinstance(said, Count) else holding.state(said, None))


async def _of_its_row(said: State, made: Proposal | None, holding: Holding, tools: Sequence[Manifest]) -> Outcome:
    """Whether the one row that the plan changes is what is told. Raises Undecided."""
    if not isinstance(made, Plan) or len(made.steps) != 1:
        raise Undecided
    step = made.steps[0]
    tool = next(each for each in tools if each.name == step.tool)
    for name, origin in step.provenance.items():
        value = step.arguments.get(name)
        if origin.source != "read" or not is_key(name) or not isinstance(value, Literal):
            continue
        found = list[JsonObject]()
        for read in readers(name, tool, reads_among(tools))[:1]:
            rows = await holding.rows(read)
            own = [key_of(row, name, nouns(name, tool), parameters(tool)[name]) for row in rows]
            found += [row for row, key in zip(rows, own, strict=True) if key == value.value]
        if len(found) == 1:
            return await holding.state(said, found[0])
    raise Undecided


async def _planned(
    goal: Goal,
    span: Span,
    condition: str,
    answers: Sequence[Answer],
    tools: Sequence[Manifest],
    reader: Reader,
    planned: Planning,
) -> Proposal | None:
    """The plan of a part, with what its words point to in their place; the first way that is one."""
    text = goal.text[slice(*span)]
    first: Proposal | None = None
    for told in _ways(goal, text, span[0], condition):
        made = await planned(replace(goal, text=told.text), answers, tools, reader)
        if isinstance(made, Plan):
            return replace(
                made,
                steps=tuple(
                    replace(step, provenance={name: told.origin(each) for name, each in step.provenance.items()})
                    for step in made.steps
                ),
            )
        first = made if first is None or (isinstance(made, Question) and not isinstance(first, Question)) else first
    return first


def _ways(goal: Goal, text: str, offset: int, condition: str) -> Iterator[Told]:
    """The part as it was said; where its words point to who or what the condition is about, with that in their place."""
    if not pointing(text):
        yield Told(text, offset)
        return
    mentions = Grounder.of(goal).mentions(condition)
    people = re.search(r"\b(?:him|his|her|hers|he|she)\b", masked(text), re.IGNORECASE) is not None
    things = re.search(r"\b(?:its?)\b", masked(text), re.IGNORECASE) is not None
    kinds = _PERSON if people and not things else frozenset({"quoted"})
    meant = [each.text for each in mentions if each.kind in kinds]
    if len(meant) != 1 or people == things:
        yield Told(text, offset)  # whom it means stands in the part itself, or nobody can tell
        return
    yield from resolved(text, offset, meant[0])
