"""Doubt: what must be asked before a fit may become a plan."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from doer.domain.goal import Option, Question
from doer.domain.value import Json
from doer.intent.mention import Mention
from doer.intent.text import stem, word_set
from doer.planning.matching.assign import assign
from doer.planning.matching.cues import Cues
from doer.planning.matching.fill import PLAIN, Fill, Scene
from doer.planning.matching.fills import shortened
from doer.planning.matching.match import Fit
from doer.planning.matching.parts import other_part, words_of
from doer.planning.matching.ranges import pairs, ranges, reversed_pair
from doer.planning.skills.slots import SlotSpec, value_of
from doer.planning.words.utterance import Span, Utterance

MARGIN = 0.6
"""By how much the best assignment must beat the second best."""
LEAVE_OUT = "leave_out"
_TIMED = frozenset({"date", "datetime", "date_range"})
_TALKS = re.compile(
    r",\s+not\s+(?:in|on|at|to|for|the|a)\b|[.!?]\s+(?:please\s+)?(?:fix|change|update|correct|adjust|note|enter|record) (?:that|this|it)\b",
    re.IGNORECASE,
)
"""`Room 1, not in Room 2. Please fix that`: words about a value, and no part of it."""
_NEXT = re.compile(r"\w[, ]+and(?: then| also)?(?: at| on| in| by)?\s+$", re.IGNORECASE)
"""What stands before the time of something else that is asked for as well."""
_LIMITS = word_set("""
    before after until till by since within except not not between around about roughly
    """)
_BOUNDS = word_set("""
    over under least most than about around roughly approximately nearly almost maximum minimum max min minus negative
    """)
_DEADLINES = frozenset({"by", "due", "until", "within", "before", "deadline"})
_FAST = frozenset({"fast", "express", "urgent", "priority", "rush", "overnight", "same-day", "immediate"})
_PAIRS = frozenset({"up to", "at least", "at most", "more than", "less than", "no more", "as much", "close to"})


def doubts(fit: Fit, said: Utterance, answered: Mapping[str, Sequence[Span]]) -> Iterator[Question]:
    """Yield what must be asked, most important first: what must be known, in the order of the examples; then the rest."""
    slots = [slot for slot in fit.profile.unit.slots if slot.name not in answered]
    by_name = {slot.name: slot for slot in slots}
    missing = {slot.name for slot in fit.missing}
    order = [by_name[name] for name in fit.profile.order if name in by_name]
    for slot in sorted(order, key=lambda each: not each.required or each.default is not None):
        if fit.exactly and slot.verbatim and slot.name in fit.assignment.chosen:
            if more := _more_said(slot, fit.assignment.chosen[slot.name], said):
                yield more
            continue  # the example says which words these are
        if slot.name in fit.assignment.chosen:
            yield from _of_fill(fit, slot, slots, said)
        elif slot.name in missing or (
            fit.profile.unit.skill is None and slot.unless and not {*slot.unless} & {*fit.assignment.chosen, *answered}
        ):
            yield Question(slot.name, _half(fit, slot, said) or slot.asks, shortened(tuple(_offers(fit, slot, said))))
        elif said.urgent and slot.type == "choice" and _is_about_speed(slot):
            yield Question(slot.name, slot.asks, tuple(_offers(fit, slot, said)))
    yield from _in_order(fit, slots, said)
    yield from _left(fit, said)


def _half(fit: Fit, slot: SlotSpec, said: Utterance) -> str:
    """The question for the other half of a moment, where the day or the time of day alone was said; else empty."""
    taken = [way.span for way in fit.assignment.chosen.values()]
    free = [
        each
        for each in said.atoms
        if each.kind in {"date", "time"} and not any(_overlap((each.start, each.end), span) for span in taken)
    ]
    if slot.type != "datetime" or len(free) != 1 or len(free[0].readings) != 1:
        return ""
    label = free[0].readings[0].label
    return f"At what time on {label}?" if free[0].kind == "date" else f"On which day at {label}?"


def _in_order(fit: Fit, slots: Sequence[SlotSpec], said: Utterance) -> Iterator[Question]:
    """What ends before it begins."""
    chosen = fit.assignment.chosen
    values = {name: way.options[0].value for name, way in chosen.items() if len(way.options) == 1}
    if pair := reversed_pair(slots, values):
        begin, end = pair
        words = words_of(said, chosen[end.name])
        told = f"{words!r} is before {words_of(said, chosen[begin.name])!r}. {end.asks}"
        yield Question(end.name, told, (*chosen[end.name].options, *chosen[begin.name].options))


def _is_about_speed(slot: SlotSpec) -> bool:
    return any(_FAST & {choice.label, *choice.words} for choice in slot.choices)


def _either(slot: SlotSpec, chosen: Fill, said: Utterance, scene: Scene) -> tuple[Option, ...]:
    """The options where the value stands in an `A or B`."""
    found = list(chosen.options)
    for mention in said.atoms:
        low, high = (mention, chosen.span[0]) if mention.end <= chosen.span[0] else (None, 0)
        between = said.text[mention.end : high] if low else said.text[chosen.span[1] : mention.start]
        if mention.start < chosen.span[1] and not low:
            continue
        alike = mention.kind in slot.kinds or {mention.kind, slot.type} == {"number", "amount"}
        if alike and re.fullmatch(
            r"\s*,?\s*(?:or|/|or (?:maybe|perhaps|rather|possibly|even)|or (?:on|by|at|in|to|for)(?: the)?)\s*",
            between,
            re.IGNORECASE,
        ):
            values = [
                (value_of(slot, mention, each.value, currency_apart=scene.apart), each) for each in mention.readings
            ]
            found += [Option(each.label, value) for value, each in values if value is not None]
            found += [] if values and found[len(chosen.options) :] else [Option(mention.text, mention.text)]
    return shortened(found) if len(found) > len(chosen.options) else ()


def _weak(fit: Fit, slot: SlotSpec, chosen: Fill) -> bool:
    """Tell whether a text was taken with nothing that speaks for it being the one that is meant."""
    if slot.type not in {"text", "address"}:
        return False
    phrase = next((each for each in fit.scene.phrases if each.span == chosen.span), None)
    if phrase is None or (chosen.evidence >= PLAIN and not phrase.cut):
        return False
    if phrase.cut:
        return True
    rivals = [
        each
        for each in fit.scene.phrases
        if not each.cut
        and each.span != chosen.span
        and not any(_overlap(each.span, way.span) for way in fit.assignment.chosen.values())
    ]
    alone = not rivals and len(fit.assignment.chosen) >= 3 and fit.worth >= 0.5
    begins = phrase.opens and not phrase.told and phrase.last > phrase.first and not phrase.named
    fits = phrase.named if slot.is_party or slot.is_address else not phrase.named
    return not (alone and fits and not begins)


def _after_choice(fit: Fit, chosen: Fill, said: Utterance) -> tuple[Option, ...]:
    """The options where a choice stands directly before the text: `standard connectors` may be one thing."""
    inside = [stem(word.lower) for word in said.within(chosen.span)]
    for other in fit.profile.unit.slots:
        for choice in other.choices if other.type == "choice" and other.name not in fit.assignment.chosen else ():
            if any(stem(each.lower()) in inside for each in (choice.label, *choice.words)):
                return chosen.options  # `express brochures`
    for way in fit.assignment.chosen.values():
        if way.slot != chosen.slot and said.text[way.span[1] : chosen.span[0]] == " " and _is_choice(fit, way):
            whole = said.text[way.span[0] : chosen.span[1]]
            return (*chosen.options, Option(whole, whole))
    return ()


def _is_choice(fit: Fit, way: Fill) -> bool:
    return any(slot.name == way.slot and slot.type == "choice" for slot in fit.profile.unit.slots)


def _overlap(one: Span, two: Span) -> bool:
    return one[0] < two[1] and two[0] < one[1]


def _of_fill(fit: Fit, slot: SlotSpec, slots: Sequence[SlotSpec], said: Utterance) -> Iterator[Question]:
    chosen = fit.assignment.chosen[slot.name]
    words = words_of(said, chosen)
    if not chosen.options:
        yield Question(slot.name, f"{chosen.problem or f'{words!r} cannot be read'}. {slot.asks}")
    elif len(chosen.options) > 1:
        yield Question(slot.name, f"{words!r} can be read in {len(chosen.options)} ways. {slot.asks}", chosen.options)
    elif more := _more_said(slot, chosen, said):
        yield more
    elif fit.exactly and not _below_zero(slot, chosen, said):
        yield from _of_past(fit, slot, chosen, said)  # every word has its place in the example
    elif either := _either(slot, chosen, said, fit.scene):
        yield Question(slot.name, f"There is more than one way to take that. {slot.asks}", either)
    elif slot.type == "text" and (whole := _after_choice(fit, chosen, said)):
        yield Question(slot.name, f"The sentence does not make plain: {slot.asks}", whole)
    elif _weak(fit, slot, chosen):
        yield Question(slot.name, f"The sentence does not make plain: {slot.asks}", chosen.options)
    elif wrong := other_part(fit, slot, chosen, said):
        yield Question(slot.name, f"{wrong!r} says something else. {slot.asks}", chosen.options)
    elif rival := _rival(fit, slot, slots, chosen):
        yield Question(slot.name, f"The sentence does not make plain: {slot.asks}", rival)
    elif not _in_range(slot, slots, chosen, said) and (
        limit := _limit(slot, chosen, said, fit.profile.cues[slot.name])
    ):
        yield Question(slot.name, f"{f'{limit} {words}'!r} names no exact value. {slot.asks}", chosen.options)
    else:
        yield from _of_past(fit, slot, chosen, said)


def _more_said(slot: SlotSpec, chosen: Fill, said: Utterance) -> Question | None:
    """The question where a text holds words about it, or begins with a time that was meant for something else."""
    words = words_of(said, chosen)
    times = [each for each in said.atoms if each.kind in {"time", "datetime"}]
    timed = any(each.start == chosen.span[0] and each.end < chosen.span[1] for each in times)
    timed = timed or any(_begins_anew(each, chosen, said) for each in (*said.mentions, *said.atoms))
    if slot.type != "text" or not (timed or _TALKS.search(words)):
        return None
    return Question(slot.name, f"{words!r} seems to say more than that. {slot.asks}", chosen.options)


def _begins_anew(time: Mention, chosen: Fill, said: Utterance) -> bool:
    """Tell whether a text goes on with the time of something else: `to eat and at 6 to go home`."""
    before, after = said.text[chosen.span[0] : time.start], said.text[time.end : chosen.span[1]]
    timed = time.kind in {"date", "time", "datetime", "duration"}
    return timed and bool(_NEXT.search(before)) and after.startswith(" to ")


def _of_past(fit: Fit, slot: SlotSpec, chosen: Fill, said: Utterance) -> Iterator[Question]:
    """What is over, where it should lie ahead."""
    if slot.past or fit.profile.unit.reads or not _is_past(chosen.options[0].value, slot, said):
        return
    words = words_of(said, chosen)
    yield Question(slot.name, f"{words!r} is in the past ({chosen.options[0].label}). {slot.asks}", chosen.options)


def _in_range(slot: SlotSpec, slots: Sequence[SlotSpec], chosen: Fill, said: Utterance) -> bool:
    """Tell whether it is an end of a range that fills a pair of slots: `between 3 and 5 May` bounds nothing."""
    paired = any(slot in pair for pair in pairs(slots))
    return paired and any(
        chosen.span in {(each.first.start, each.first.end), (each.last.start, each.last.end)} for each in ranges(said)
    )


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
    if _below_zero(slot, chosen, said):
        return "below zero:"
    if words_of(said, chosen).lower().startswith("within") and not _DEADLINES & {*cues.links, *cues.nouns}:
        return "(a limit)"
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


def _below_zero(slot: SlotSpec, chosen: Fill, said: Utterance) -> bool:
    counted = slot.type in {"amount", "decimal", "number", "integer"}
    return counted and words_of(said, chosen).lower().startswith(("-", "−", "minus", "negative"))


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
    parts += [said.text[slice(*span)] for span in said.puzzles]
    if not parts:
        return
    listed = ", ".join(repr(each) for each in parts)
    why = f" ({'; '.join(problems)})" if problems else ""
    if twins := _twins(fit, said):
        told = " and ".join(repr(each) for each in twins)
        text = f"{fit.profile.unit.name} is for one at a time, and {told} are said. Which one is meant? The other is another request."
        yield Question(LEAVE_OUT, text, (Option("do nothing", "nothing"),))
        return
    text = f"{fit.profile.unit.name} has no place for {listed}{why}. Go on without?"
    yield Question(LEAVE_OUT, text, (Option(f"go on without {listed}", parts), Option("do nothing", "nothing")))


def _twins(fit: Fit, said: Utterance) -> tuple[str, ...]:
    """Values of one kind that stand in a list, of which only one was taken: `orders 9005 and 9006`."""
    taken = {way.span for way in fit.assignment.chosen.values()}
    loose = {(each.start, each.end) for each in fit.loose}
    for group in said.listed:
        spans = {(each.start, each.end) for each in group}
        if spans & taken and spans & loose:
            return tuple(each.text for each in group)
    return ()


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
