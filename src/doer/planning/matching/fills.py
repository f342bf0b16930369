"""Fills: every way in which the words of a goal can fill a slot, each with the evidence for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from doer.domain.goal import Option
from doer.intent.mention import Mention
from doer.intent.names import ARTICLES
from doer.intent.text import words
from doer.intent.vocabulary import CLOSED_CLASS, FUNCTION_WORDS, plain_words, verbs
from doer.planning.matching.clocks import coming, timed
from doer.planning.matching.cues import Cues, evidence
from doer.planning.matching.fill import MOST, Fill, Scene, cuts, in_place, made, overlap, writes
from doer.planning.matching.periods import limit_before, opened, periods, spanned
from doer.planning.matching.ranges import ranges
from doer.planning.matching.texts import after_colon, bare_paths, ends_as_wanted, free_text, may_be_folder, phrase_fills
from doer.planning.skills.slots import Choice, SlotSpec, value_of
from doer.planning.words.utterance import Span, Utterance

_MOMENTS = frozenset({"period", "date", "time", "datetime"})
_JOINED = re.compile(r"\s*(?:[,&]|,?\s*(?:and|plus|as well as)(?: also)?)(?: the| some)?\s*", re.IGNORECASE)
_APART = 1.0
"""What a time without the day that it was joined with is worth less."""


def fills(spec: SlotSpec, cues: Cues, scene: Scene) -> tuple[Fill, ...]:
    """Return the best ways to fill a slot, best first."""
    found = sorted(_merged(_candidates(spec, cues, scene)), key=lambda each: -each.score)
    if spec.worded:
        codes = [(m.start, m.end) for m in scene.said.atoms if m.kind not in {"person", "quoted"}]
        found = [each for each in found if not any(overlap(each.span, code) for code in codes)]
        # `the price of the mug` names no product
        found = [each for each in found if not scene.matter & {word.stem for word in scene.said.within(each.span)}]
    label = scene.labels.get(spec.name)
    if label is not None:
        inside = [each for each in found if label[1][0] <= each.span[0] and each.span[1] <= label[1][1]]
        return tuple(replace(each, score=each.score + 2.0, evidence=2.0) for each in inside)[:MOST]
    others = [value for name, (_, value) in scene.labels.items() if name != spec.name]
    free = [each for each in found if not any(overlap(each.span, other) for other in others)]
    return tuple(free[:MOST])


def _merged(found: Iterable[Fill]) -> list[Fill]:
    """The same words found in two ways are one candidate, with what speaks most for it."""
    best: dict[tuple[Span, str], Fill] = {}
    for each in found:
        key = (each.span, str([option.value for option in each.options]))
        other = best.get(key)
        high = each if other is None or each.score > other.score else other
        best[key] = high if other is None else replace(high, evidence=max(each.evidence, other.evidence))
    return list(best.values())


def _candidates(spec: SlotSpec, cues: Cues, scene: Scene) -> Iterator[Fill]:
    said = scene.said
    typed = [each for each in _typed(spec, cues, scene) if not in_place(each, scene)]
    whole = scene.labels.get(spec.name)
    if whole is not None and spec.type in {"text", "address", "identifier"} and not spec.many:
        yield made(spec, whole[1], (Option(said.text[slice(*whole[1])], said.text[slice(*whole[1])]),), 3.0, 2.0)
    if spec.is_address:
        yield from _addresses(spec, cues, said)
    if spec.type == "choice":
        yield from _choices(spec, spec.choices, cues, said)
    if spec.type == "text" and spec.likely:
        yield from _choices(spec, [Choice(each, each) for each in spec.likely], cues, said)
    if spec.type in {"text", "address"}:
        yield from (each for each in phrase_fills(spec, cues, scene) if not in_place(each, scene))
        typed = [each for each in typed if not cuts(each.span, scene) and not writes(scene, each.span)]
    if spec.type == "path":
        yield from bare_paths(spec, cues, scene)
    if spec.open_ended or (spec.type == "period" and spec.required):
        yield from _from_to(spec, said)
    if spec.type == "text" and cues.colon and cues.last and not spec.many:
        yield from after_colon(spec, said)
    yield from typed
    yield from _free_fills(spec, cues, scene, any_typed=bool(typed))


def _free_fills(spec: SlotSpec, cues: Cues, scene: Scene, *, any_typed: bool) -> Iterator[Fill]:
    if spec.type != "text" and (spec.type not in {"person", "identifier"} or any_typed):
        return
    if spec.is_address:
        return
    for each in free_text(spec, cues, scene, scene.matter):
        if in_place(each, scene) or (spec.type == "text" and (cuts(each.span, scene) or writes(scene, each.span))):
            continue
        if spec.type == "text":
            yield each
        elif _could_be_name(spec, each, scene.said, scene.known):
            yield _as_name(each, many=spec.many) if spec.type == "person" else each


def _addresses(spec: SlotSpec, cues: Cues, said: Utterance) -> Iterator[Fill]:
    for each in said.addresses:
        near = max(0.8, evidence(cues, said, (each.start, each.end)))
        yield made(spec, (each.start, each.end), (Option(each.text, each.text),), 2.2, near)


def _typed(spec: SlotSpec, cues: Cues, scene: Scene) -> Iterator[Fill]:
    said = scene.said
    if spec.many:
        for group in said.listed:
            values = [_options(spec, each, apart=scene.apart) for each in group]
            if all(len(each) == 1 for each in values):
                span = (group[0].start, group[-1].end)
                near = evidence(cues, said, span)
                yield made(
                    spec, span, (Option(said.text[slice(*span)], [each[0].value for each in values]),), 2.2, near
                )
    kinds = spec.kinds
    for mention in said.together if spec.whole else said.each:
        if mention.kind not in kinds and spec.type not in _MOMENTS:
            continue
        options = _options(spec, mention, apart=scene.apart)
        if spec.type == "period":
            options = periods(spec, mention, options, said.goal.local_time.date(), said.text)
            limit, start = limit_before(said.text, mention.start) if spec.open_ended else ("", mention.start)
            if limit and options:
                near = max(1.0, evidence(cues, said, (mention.start, mention.end)))
                span = (start, mention.end)
                yield made(spec, span, opened(options, limit), 2.5, near)
                continue
        elif spec.type in {"date", "time", "datetime"}:
            options = timed(spec, mention, options, said.goal)
            options = options or (() if _beside_day(mention, said) else coming(spec, mention, said.goal))
        if not options and not (mention.problem and mention.kind in spec.kinds):
            continue
        if spec.type == "text" and mention.kind != "quoted":
            as_read = str(mention.value) if str(mention.value) in mention.text else mention.text
            options = (Option(mention.text, as_read),)
        near = evidence(cues, said, (mention.start, mention.end))
        base = _base(spec, mention, near)
        if base is None:
            continue
        if mention.kind == "time" and mention not in said.mentions:
            base -= _APART if spec.type == "datetime" else 0.0
        if spec.many:
            options = tuple(Option(each.label, [each.value]) for each in options)
        span = _with_noun(spec, mention, said)
        if span != _span(mention):
            whole = said.text[slice(*span)]
            yield made(spec, span, (Option(whole, [whole] if spec.many else whole),), base + near + 0.1, near)
            continue
        yield _of_mention(spec, mention, options, base, near)


def _with_noun(spec: SlotSpec, mention: Mention, said: Utterance) -> Span:
    """The span of what is called by a noun and a number: `Room 1` is a place, and `1` is none."""
    before = next((each for each in reversed(said.words) if each.end < mention.start), None)
    if not spec.is_place or spec.type == "address" or mention.kind not in {"number", "identifier"} or before is None:
        return _span(mention)
    joined = said.text[before.end : mention.start] == " " and before.start not in said.mentioned
    noun = (
        joined
        and before.lower.isalpha()
        and before.lower not in FUNCTION_WORDS | CLOSED_CLASS
        and before.stem not in verbs()
    )
    return (before.start, mention.end) if noun else _span(mention)


def _from_to(spec: SlotSpec, said: Utterance) -> Iterator[Fill]:
    """Periods that are told by their first and their last day: `between 16 and 18 November`."""
    today = said.goal.local_time.date()
    for each in ranges(said):
        if each.first.kind != "date":
            continue
        ends = [
            periods(spec, one, _options(spec, one, apart=False), today, said.text) for one in (each.first, each.last)
        ]
        text = said.text[slice(*each.joint)]
        value = spanned(spec, [way.value for ways in ends for way in ways], today, text)
        if [len(ways) for ways in ends] == [1, 1] and value is not None:
            yield made(spec, each.joint, (Option(f"{value['start']} to {value['end']}", value),), 3.0, 1.0)


def _beside_day(mention: Mention, said: Utterance) -> bool:
    """Tell whether a time stands with its day: `Monday at 9`; it is then no time of any other day."""
    return any(mention in each.parts and (each.start, each.end) != _span(mention) for each in said.mentions)


def _span(mention: Mention) -> Span:
    return mention.start, mention.end


def _base(spec: SlotSpec, mention: Mention, near: float) -> float | None:
    """What the form of a mention is worth to a slot; None where it cannot fill it."""
    if spec.type == "text" and near < (0.4 if mention.kind == "quoted" else 1.0):
        return 0.9 if mention.kind == "quoted" else None
    if mention.kind == "number":
        if spec.type == "identifier" and (not mention.text[0].isdigit() or (near < 0.5 and len(mention.text) < 3)):
            return None
        if spec.type == "amount":  # a number without a currency is money only where it is called so
            return 0.6 if near >= 0.8 else None
    if spec.type == "identifier" and mention.kind == "identifier":
        return 2.0
    return 1.0 + 0.5 * mention.confidence


def _options(spec: SlotSpec, mention: Mention, *, apart: bool) -> tuple[Option, ...]:
    if mention.kind not in spec.kinds:
        return ()
    if spec.type == "path" and not (
        ends_as_wanted(spec, str(mention.value)) and may_be_folder(spec, str(mention.value))
    ):
        return ()
    values = [(value_of(spec, mention, each.value, currency_apart=apart), each.label) for each in mention.readings]
    return tuple(Option(label, value) for value, label in values if value is not None)


def _of_mention(spec: SlotSpec, mention: Mention, options: tuple[Option, ...], base: float, near: float) -> Fill:
    span = (mention.start, mention.end)
    taken: tuple[Span, ...] = (span,)
    shared: tuple[Span, ...] = ()
    if mention.parts:
        day, clock = mention.parts
        taken, shared = ((clock.start, clock.end),), ((day.start, day.end),)
    return Fill(spec.name, span, taken, shared, options, base + near, near, mention.problem)


def _choices(spec: SlotSpec, choices: Sequence[Choice], cues: Cues, said: Utterance) -> Iterator[Fill]:
    found: list[Fill] = []
    for choice in choices:
        found += [
            made(
                spec,
                span,
                (Option(choice.label, [choice.value] if spec.many else choice.value),),
                1.2 + 0.2 * count,
                evidence(cues, said, span),
            )
            for span, count in _heard(choice, said)
        ]
    # `I haven't read` says one choice, and not the other one that is called `read`.
    found = [each for each in found if not any(_within(each.span, other.span) for other in found)]
    if spec.many and len({each.options[0].label for each in found}) > 1:
        yield _several(found, said)
    else:
        yield from found


def _within(span: Span, other: Span) -> bool:
    return span != other and other[0] <= span[0] and span[1] <= other[1]


def _heard(choice: Choice, said: Utterance) -> Iterator[tuple[Span, int]]:
    """Yield where a choice is said, and in how many words."""
    for name in (choice.label, *choice.words):
        heard, wanted = (said.lowers if name.startswith("=") else said.stems), _wanted(name)
        if not wanted or wanted[0] not in heard:
            continue
        for place in range(len(heard) - len(wanted) + 1):
            if heard[place : place + len(wanted)] == wanted:
                yield (said.words[place].start, said.words[place + len(wanted) - 1].end), len(wanted)


def _several(found: Sequence[Fill], said: Utterance) -> Fill:
    """One list of all the choices that are said; said apart, or as alternatives, it is asked about: none is left out unsaid."""
    best: list[Fill] = []
    for each in sorted(found, key=lambda fill: (fill.span[0], -fill.span[1])):
        if not best or each.span[0] >= best[-1].span[1]:
            best.append(each)
    gaps = [said.text[one.span[1] : other.span[0]] for one, other in pairwise(best)]
    labels = list(dict.fromkeys(each.options[0].label for each in best))
    values = [next(each.options[0].value for each in best if each.options[0].label == label) for label in labels]
    span = best[0].span[0], best[-1].span[1]
    values = [one for value in values if isinstance(value, list) for one in value]
    joined = all(_JOINED.fullmatch(gap) for gap in gaps)
    return replace(
        best[0],
        span=span,
        taken=tuple(each.span for each in best),
        options=(Option(said.text[slice(*span)], values),) if joined else (),
        score=max(each.score for each in best),
        evidence=max(each.evidence for each in best),
        problem="" if joined else f"{', '.join(map(repr, labels))} are named, and not as one list",
    )


@lru_cache(maxsize=10_000)
def _wanted(name: str) -> tuple[str, ...]:
    """The words of a choice as they are looked for: with `=` before it exactly, otherwise in any form."""
    return tuple(each.lower if name.startswith("=") else each.stem for each in words(name.replace("_", " ")))


def _could_be_name(spec: SlotSpec, fill: Fill, said: Utterance, known: frozenset[str]) -> bool:
    inside = said.within(fill.span)
    if spec.type == "identifier":
        return len(inside) == 1 and any(letter.isdigit() for letter in inside[0].text)
    before = said.text[: inside[0].start].lower().split()[-1:] if inside else []
    if before and before[0] in ARTICLES:  # `the caretaker`, `my neighbour`: somebody, and not by name
        return False
    free = all(word.lower not in plain_words() and word.stem not in known for word in inside)
    return bool(inside) and len(inside) <= 3 and free and fill.evidence >= 0.5


def _as_name(fill: Fill, *, many: bool) -> Fill:
    """A name in lower case is written as names are."""
    label = fill.options[0].label
    name = label.title() if label.islower() else label
    return replace(fill, options=(Option(label, [name] if many else name),)) if label else fill


def shortened(options: Sequence[Option]) -> tuple[Option, ...]:
    """Return the options without those that say the same."""
    seen: list[Option] = []
    for each in options:
        if all(each.value != other.value for other in seen):
            seen.append(each)
    return tuple(seen)
