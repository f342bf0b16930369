"""Doubt: what must be asked before a fit may become a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from doer.domain.goal import Option, Question
from doer.domain.value import Json
from doer.intent.text import word_set
from doer.planning.assign import assign
from doer.planning.cues import Cues
from doer.planning.fills import Fill, shortened
from doer.planning.match import Fit
from doer.planning.slots import SlotSpec
from doer.planning.utterance import Span, Utterance

MARGIN = 0.6
"""By how much the best assignment must beat the second best."""
LEAVE_OUT = "leave_out"
_TIMED = frozenset({"date", "datetime", "date_range"})
_LIMITS = word_set("""
    before after until till by since within except not not between around about roughly
    """)
_BOUNDS = word_set("""
    over under least most than about around roughly approximately nearly almost maximum minimum max min minus negative
    """)
_PAIRS = frozenset({"up to", "at least", "at most", "more than", "less than", "no more", "as much", "close to"})


def doubts(fit: Fit, said: Utterance, answered: Mapping[str, Sequence[Span]]) -> Iterator[Question]:
    """Yield what must be asked, most important first."""
    slots = [slot for slot in fit.profile.unit.slots if slot.name not in answered]
    by_name = {slot.name: slot for slot in slots}
    for name in fit.profile.order:
        if name in by_name and name in fit.assignment.chosen:
            yield from _of_fill(fit, by_name[name], slots, said)
    for slot in fit.missing:
        yield Question(slot.name, slot.asks, shortened(tuple(_offers(fit, slot, said))))
    yield from _left(fit, said)


def _of_fill(fit: Fit, slot: SlotSpec, slots: Sequence[SlotSpec], said: Utterance) -> Iterator[Question]:
    chosen = fit.assignment.chosen[slot.name]
    words = words_of(said, chosen)
    if not chosen.options:
        yield Question(slot.name, f"{chosen.problem or f'{words!r} cannot be read'}. {slot.asks}")
    elif len(chosen.options) > 1:
        yield Question(slot.name, f"{words!r} can be read in {len(chosen.options)} ways. {slot.asks}", chosen.options)
    elif rival := _rival(fit, slot, slots, chosen):
        yield Question(slot.name, f"The sentence does not make plain: {slot.asks}", rival)
    elif limit := _limit(slot, chosen, said, fit.profile.cues[slot.name]):
        yield Question(slot.name, f"{f'{limit} {words}'!r} names no exact value. {slot.asks}", chosen.options)
    elif not slot.past and not fit.profile.unit.reads and _is_past(chosen.options[0].value, slot, said):
        yield Question(slot.name, f"{words!r} is in the past ({chosen.options[0].label}). {slot.asks}", chosen.options)


def _rival(fit: Fit, slot: SlotSpec, slots: Sequence[SlotSpec], chosen: Fill) -> tuple[Option, ...]:
    """The options where another value could as well be meant, or where nothing says that it is this slot's."""
    if slot.type == "choice" and not slot.many:
        said = shortened([option for way in fit.options[slot.name] for option in way.options])
        if len(said) > 1:
            return said
    second = assign(slots, fit.options, without=chosen)
    other = second.chosen.get(slot.name)
    if other is not None and fit.assignment.total - second.total < MARGIN:
        same = other.options[:1] == chosen.options[:1]
        inside = other.span[0] < chosen.span[1] and chosen.span[0] < other.span[1]
        return () if same or inside else shortened((*chosen.options, *other.options))
    like = [each for each in slots if each.type == slot.type and slot.type not in {"text", "choice"}]
    first = min(like, key=lambda each: fit.profile.order.index(each.name), default=slot)
    unsaid = len(like) > 1 and chosen.evidence < 0.45
    empty = any(each.name not in fit.assignment.chosen for each in like if each is not slot and each.required)
    if unsaid and (slot is not first or empty):
        return chosen.options
    return ()


def _limit(slot: SlotSpec, chosen: Fill, said: Utterance, cues: Cues) -> str:
    """The word before a value that makes it a limit instead of the value itself: `before Friday`, `at least 20 euros`."""
    before = [word for word in said.words if word.end <= chosen.span[0]][-2:]
    near = [word.lower for word in before if not set(said.text[word.end : chosen.span[0]]) & set(";.!?,")]
    near = [word for word in near if word not in {"the", "a"}]
    if words_of(said, chosen).startswith(("-", "−")) and slot.type in {"amount", "decimal", "number", "integer"}:
        return "below zero:"
    if not near:
        return ""
    if " ".join(near) in _PAIRS and slot.type in {"amount", "decimal", "number", "integer", "minutes", "duration"}:
        return " ".join(near)
    known = near[-1] in cues.links or any(near[-1] == phrase[-1] for phrase in cues.phrases)
    if slot.type in {*_TIMED, "time"}:
        return near[-1] if near[-1] in _LIMITS and not known else ""
    if slot.type in {"amount", "decimal", "number", "integer", "minutes", "duration"}:
        return near[-1] if near[-1] in _BOUNDS and not known else ""
    return ""


def words_of(said: Utterance, chosen: Fill) -> str:
    """Return the words that a fill was made of."""
    return said.text[slice(*chosen.span)]


def _is_past(value: Json, slot: SlotSpec, said: Utterance) -> bool:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return any(_is_past(each, slot, said) for each in value)
    if slot.type == "date":
        return str(value) < said.goal.local_time.date().isoformat()
    if slot.type == "datetime":
        return datetime.fromisoformat(str(value)) < said.goal.said_at
    return False


def _left(fit: Fit, said: Utterance) -> Iterator[Question]:
    """What was said and would be dropped silently."""
    parts = [said.text[each.start : each.end] for each in fit.loose]
    problems = [each.problem for each in fit.loose if each.problem]
    parts += [word.text for word in fit.odd if word.text not in parts]
    if not parts:
        return
    listed = ", ".join(repr(each) for each in parts)
    why = f" ({'; '.join(problems)})" if problems else ""
    text = f"{fit.profile.unit.name} has no place for {listed}{why}. Go on without?"
    yield Question(LEAVE_OUT, text, (Option(f"go on without {listed}", parts), Option("do nothing", "nothing")))


def _offers(fit: Fit, slot: SlotSpec, said: Utterance) -> Iterator[Option]:
    if slot.type == "choice":
        yield from (Option(choice.label, choice.value) for choice in slot.choices[:20])
        return
    for way in fit.options.get(slot.name, ()):
        if not any(way.clashes(chosen) for chosen in fit.assignment.chosen.values()):
            yield from way.options[:3]
    if slot.type == "text" and fit.odd:
        phrase = said.text[fit.odd[0].start : fit.odd[-1].end]
        if len(phrase) < 60:
            yield Option(phrase, phrase)
