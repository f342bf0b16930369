"""Background: a goal that tells how things are beside what is to be done: `Ticket 12 is fixed, so it can be closed`.

This is the one account of what a goal tells. The request is read by itself, with what its `it`, `his` or `there` means in
the place of that word; whoever plans it must plan all of it. What was told is never done. A value that was told and that
the request does not take up (`idle`) may still matter: it may narrow a set, and it may fill what the request leaves open.
At the end, `but don't push it yet` and `Don't send it yet.` forbid what the request does not do anyway.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from doer.intent.mention import Mention
from doer.intent.text import stem, words
from doer.planning.compound.pointing import WHOLE, parts_of, pointers, readings, value_told
from doer.planning.skills.unit import Unit
from doer.planning.words.mood import bars, stands_apart
from doer.planning.words.reword import CONTENT, Reworded
from doer.planning.words.telling import Part as Clause
from doer.planning.words.telling import asks, parts
from doer.planning.words.utterance import Span, Utterance

_SET = re.compile(r"\b(?:all|every\w*|any\w*|both|each|whatever|(?:my|our|his|her|their|the) [a-z]+s)\b", re.IGNORECASE)
_OF_IT = re.compile(
    r"(?:and )?(?:it|this|that|they|its? \w+|the (?:place|room|text|subject|title|body|message|price|time|day|date))\b.*\b(?:in|at|on|for|about|with|called|to|is|are)\s+"
    r"(?:(?:the|an?)\b|(?-i:[A-Z])|[\d\"“'])",
    re.IGNORECASE,
)
_PLACED = re.compile(r"(?:\b(?:on|at|in|for|from|by|until)\s+)?$", re.IGNORECASE)
_NEGATED_PART = re.compile(r"[^.;,]*\b(?:not|never|nothing|no|without)\b[^.;,]*", re.IGNORECASE)
_HARMLESS = frozenset({"person", "time"})


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for: a part of the goal, with words in the place of those that point back."""

    way: Reworded
    idle: tuple[Mention, ...] = ()
    """Values that were told, lie ahead or bound nothing plainly, and stand nowhere in the request."""
    forbidden: tuple[str, ...] = ()
    """Verbs that must not be done."""
    alone: tuple[str, ...] = ()
    """What must be left alone."""
    apart: bool = False
    """True: it is forbidden in a sentence or a clause of its own, which may as well be the end of a text: `Don't ship it.`"""
    ends: int | None = None
    """Where the request ends in the goal, where something that was told follows it."""

    def forbids(self, unit: Unit, every: Iterable[Unit]) -> bool:
        """Tell whether the unit would do what must not be done; and, of what stands apart, whether it is something else
        altogether than what the unit's systems do: `Mail Ana that it is late. Don't ship it.`
        """
        return any(self._forbids(stem(verb), unit, every) for verb in self.forbidden)

    def _forbids(self, verb: str, unit: Unit, every: Iterable[Unit]) -> bool:
        if any(verb == word.stem for part in _NEGATED_PART.findall(unit.description) for word in words(part)):
            return False  # a draft is not sent
        told = (*unit.examples, _NEGATED_PART.sub(" ", unit.description), unit.name.replace("_", " ").replace(".", " "))
        if unit.does(verb) or any(verb == word.stem for text in told for word in words(text)):
            return True
        return self.apart and not any(each.does(verb) for each in every if each.systems & unit.systems)


def requests(said: Utterance, acts: Callable[[str], bool]) -> Iterator[Request]:
    """Yield the ways to read a goal as a request beside words that ask for nothing. `acts` tells the stem of a verb with
    which a request may begin.
    """
    text, end = said.text, len(said.text.rstrip())
    barred = Request(Reworded.of(text))
    if found := bars(text):
        starts, ends = [0, *(each.end() for each in found)], [*(each.start() for each in found), len(text)]
        verbs_ = tuple((each["verb"] or each["noun"]).lower() for each in found if each["verb"] or each["noun"])
        barred = Request(
            Reworded.of(text).made(tuple(zip(starts, ends, strict=True))),
            forbidden=verbs_,
            alone=tuple(each["alone"] for each in found if each["alone"]),
            apart=any(each["verb"] and stands_apart(each) for each in found),
        )
        end = end if text[found[-1].end() : end].strip(" .!;") else found[-1].start()
        yield barred
    away = [(each.start, each.end) for each in said.mentions if each.kind in WHOLE]
    clauses = [
        each
        for each in parts(text[:end], away, acts)
        if each.told is not None or not _is_manners(text, each.span, said.polite)
    ]
    for kept in _kept(clauses):
        told = [each for each in clauses if each not in kept]
        first = next((each for each in kept if each.told is None), None)
        if first is not None and not asks(text[slice(*first.span)], acts):
            continue  # `…, by the way`
        if any(_describes(text[slice(*each.span)]) for each in told if each.span[0] > kept[0].span[0]):
            continue
        for each in _with(said, kept, told):
            yield replace(barred, way=each.way, idle=each.idle, ends=each.ends)


def _is_manners(text: str, span: Span, polite: Sequence[Span]) -> bool:
    """Tell whether a clause only greets or thanks."""
    rest = "".join(" " if any(a <= n < b for a, b in polite) else text[n] for n in range(*span))
    return not words(rest)


def _describes(told: str) -> bool:
    """Tell whether words that follow a request say what is asked for: `…, it is in Room 2`, `…, the title is Chairs`."""
    return CONTENT.match(told) is not None or _OF_IT.match(told) is not None


def _kept(clauses: Sequence[Clause]) -> Iterator[Sequence[Clause]]:
    """Yield the clauses that may be the request: all that do not tell; those after what is told first; those before it."""
    asking = [place for place, each in enumerate(clauses) if each.told is None]
    if not asking:  # `The lunch is off, she is ill`: one of them may be a wish that is told
        yield from (kept for place in range(1, len(clauses)) for kept in (clauses[:place], clauses[place:]))
        return
    if len(asking) == len(clauses):
        return
    seen: list[Sequence[Clause]] = []
    for kept in (
        [each for each in clauses if each.told is None],
        clauses[asking[0] :],
        clauses[: asking[-1] + 1],
    ):
        if len(kept) < len(clauses) and list(kept) not in [list(each) for each in seen]:
            seen.append(kept)
            yield kept


def _with(said: Utterance, kept: Sequence[Clause], told: Sequence[Clause]) -> Iterator[Request]:
    """Yield the request with each way to put what was told into the place of what points back to it."""
    text, runs = said.text, _runs(kept, told)
    found = pointers(said, runs)
    first = min((each.span[0] for each in found), default=0)
    asked = " ".join(text[slice(*run)] for run in runs)
    last = max(each.span[1] for each in kept)
    ends = last if any(each.span[0] >= last for each in told) else None
    back = [each for each in told if each.span[1] <= first]
    for way in readings(said, found, back):
        used = [put.meant for put in way]
        idle = [
            each for each in said.atoms if _within((each.start, each.end), told) and _is_idle(each, used, said, asked)
        ]
        if _SET.search(asked) and idle:
            continue  # `I am away on Monday, cancel my meetings`: what is told may narrow them
        rest = tuple(each for each in idle if each.kind not in _HARMLESS)
        yield Request(Reworded.of(text).made(tuple(parts_of(said, runs, way))), rest, ends=ends)
        if len(runs) == 1 and (more := value_told(said, runs[0], found, back)) is not None:
            value, place = more
            head = parts_of(said, [(runs[0][0], place[0])], way)
            yield Request(Reworded.of(text).made((*head, " to ", value, place)), rest, ends=ends)


def _runs(kept: Sequence[Clause], told: Sequence[Clause]) -> list[Span]:
    """The stretches of the goal that stay: clauses that stood side by side with what joined them."""
    runs: list[Span] = []
    for each in kept:
        if runs and not any(runs[-1][1] <= one.span[0] < each.span[0] for one in told):
            runs[-1] = (runs[-1][0], each.span[1])
        else:
            runs.append(each.span)
    return runs


def _within(span: Span, clauses: Sequence[Clause]) -> bool:
    return any(each.span[0] <= span[0] and span[1] <= each.span[1] for each in clauses)


def _is_idle(mention: Mention, used: Sequence[Span], said: Utterance, asked: str) -> bool:
    """Tell whether a value that was told stands nowhere in the request, and is no day that has come."""
    if any(start <= mention.start and mention.end <= end for start, end in used):
        return False
    return not _has_come(mention, said) and mention.text.lower() not in asked.lower()


def _has_come(mention: Mention, said: Utterance) -> bool:
    """Tell whether it is a day or a period that is over, or today: `Ana left last week` bounds nothing that is asked for now."""
    today = said.goal.local_time.date().isoformat()
    ends = [each.value.get("end") if isinstance(each.value, Mapping) else each.value for each in mention.readings]
    return mention.kind in {"date", "date_range"} and all(str(each) <= today for each in ends)


def narrowing(mention: Mention, text: str) -> str:
    """Return how a value that was told is said at the end of a request: ` on Thursday`."""
    found = _PLACED.search(text, 0, mention.start)
    return f" {text[found.start() if found else mention.start : mention.end].strip()}"
