"""Fills: every way in which the words of a goal can fill a slot, each with the evidence for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from doer.domain.goal import Option
from doer.domain.value import Json
from doer.intent import Mention
from doer.intent.text import stem, word_set, words
from doer.intent.vocabulary import FUNCTION_WORDS, plain_words
from doer.planning.cues import GREEDY, LINKS, Cues, evidence, skipped
from doer.planning.slots import Choice, SlotSpec, value_of
from doer.planning.utterance import Span, Utterance

MOST = 6
_WALLS = word_set("""
    date datetime time date_range amount email phone url duration
    """)
_BREAK = re.compile(r"[,;!?()\n]|\.(?=\s|$)|\s[-–—]\s")
_END = re.compile(r"[.!?](?=\s+[A-ZÀ-Þ])|\n")
_TURNS = word_set("""
    starting starts beginning with on at from for who whose which because since by until and but so her his
    their then please to when where under reporting using via as is
    """)
_LIST = re.compile(r"\s*(?:,\s*and\s+|,|\band\b|&|;)\s*")


@dataclass(frozen=True, slots=True)
class Fill:
    """One way to fill one slot."""

    slot: str
    span: Span
    """The words, for provenance."""
    taken: tuple[Span, ...]
    """Spans that nothing else may take."""
    shared: tuple[Span, ...]
    """Spans that other values of the same kind may take too: the one date of two times."""
    options: tuple[Option, ...]
    """Ways to read it; several are asked about."""
    score: float
    evidence: float
    problem: str = ""

    def clashes(self, other: Fill) -> bool:
        """Tell whether both want the same words."""
        return any(_overlap(one, two) for one in self.taken for two in (*other.taken, *other.shared)) or any(
            _overlap(one, two) for one in self.shared for two in other.taken
        )


def _overlap(one: Span, two: Span) -> bool:
    return one[0] < two[1] and two[0] < one[1]


def fills(spec: SlotSpec, cues: Cues, said: Utterance, apart: bool, known: frozenset[str]) -> tuple[Fill, ...]:  # noqa: FBT001
    """Return the best ways to fill a slot, best first. `apart`: another slot takes the currency; `known`: unit's stems."""
    found = list(_typed(spec, cues, said, apart=apart))
    if spec.type == "choice":
        found += _choices(spec, spec.choices, cues, said)
    if spec.type == "text" and spec.likely:
        found += _choices(spec, [Choice(each, each) for each in spec.likely], cues, said)
    known_here = {each for each in known if each not in FUNCTION_WORDS}
    if spec.type == "text" or (spec.type in {"person", "identifier"} and not found):
        free = [
            each
            for each in _free(spec, cues, said, known_here)
            if spec.type == "text" or _could_be_name(spec, each, said, known)
        ]
        found += [_as_name(each) for each in free] if spec.type == "person" else free
    return tuple(sorted(found, key=lambda each: -each.score)[:MOST])


def _typed(spec: SlotSpec, cues: Cues, said: Utterance, *, apart: bool) -> Iterator[Fill]:
    if spec.many:
        for group in said.listed:
            values = [_options(spec, each, apart=apart) for each in group]
            if all(len(each) == 1 for each in values):
                span = (group[0].start, group[-1].end)
                near = _evidence(cues, said, span)
                yield _fill(
                    spec, span, (Option(said.text[slice(*span)], [each[0].value for each in values]),), 2.2, near
                )
    for mention in (*said.mentions, *(part for each in said.mentions for part in each.parts)):
        options = _options(spec, mention, apart=apart)
        if not options and not (mention.problem and mention.kind in spec.kinds):
            continue
        near = _evidence(cues, said, (mention.start, mention.end))
        if spec.type == "text" and near < (0.4 if mention.kind == "quoted" else 1.0):
            base = 0.9 if mention.kind == "quoted" else -9.0
        else:
            base = 1.0 + 0.5 * mention.confidence
        if base < 0 or (
            spec.type == "identifier" and mention.kind == "number" and near < 0.5 and len(mention.text) < 3
        ):
            continue
        if spec.many:
            options = tuple(Option(each.label, [each.value]) for each in options)
        yield _of_mention(spec, mention, options, base, near)


def _options(spec: SlotSpec, mention: Mention, *, apart: bool) -> tuple[Option, ...]:
    if mention.kind not in spec.kinds:
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


def _fill(spec: SlotSpec, span: Span, options: tuple[Option, ...], base: float, near: float) -> Fill:
    return Fill(spec.name, span, (span,), (), options, base + near, near)


def _evidence(cues: Cues, said: Utterance, span: Span) -> float:
    walls = [(each.start, each.end) for each in said.atoms if each.end <= span[0] or each.start >= span[1]]
    return evidence(cues, said.words, said.text, span, walls)


def _choices(spec: SlotSpec, choices: Sequence[Choice], cues: Cues, said: Utterance) -> Iterator[Fill]:
    stems = [word.stem for word in said.words]
    for choice in choices:
        for name in (choice.label, *choice.words):
            wanted = [stem(word.lower) for word in words(name.replace("_", " "))]
            for place in range(len(stems) - len(wanted) + 1):
                if wanted and stems[place : place + len(wanted)] == wanted:
                    span = (said.words[place].start, said.words[place + len(wanted) - 1].end)
                    value: Json = [choice.value] if spec.many else choice.value
                    near = _evidence(cues, said, span)
                    yield _fill(spec, span, (Option(choice.label, value),), 1.2 + 0.2 * len(wanted), near)


def _free(spec: SlotSpec, cues: Cues, said: Utterance, known: set[str]) -> Iterator[Fill]:
    """Free text after a cue, up to the next value, stop or turn of the sentence."""
    seen: set[Span] = set()
    for place, word in enumerate(said.words):
        strength = _opens(cues, said, place)
        if not strength or any(each.start <= word.start < each.end for each in said.atoms):
            continue
        first = place + 1
        greedy = cues.last and (word.lower in GREEDY or said.text[word.end : word.end + 1] == ":")
        while not greedy and first < len(said.words) and skipped(said.words[first].lower) and first - place < 3:
            first += 1
        while greedy and first + 1 < len(said.words) and said.words[first].lower in {"that", "of"}:
            first += 1
        if first >= len(said.words):
            continue
        span = _until(said, said.words[first].start, word.end, cues, greedy=greedy)
        if span is None or span in seen:
            continue
        inside = [each for each in said.within(span) if each.lower not in FUNCTION_WORDS]
        if not greedy and all(each.stem in known for each in inside):
            continue
        seen.add(span)
        text = said.text[slice(*span)]
        value: Json = [part for part in _LIST.split(text) if part] if spec.many else text
        yield _fill(spec, span, (Option(text, value),), 0.8, min(strength, 2.0))


def _opens(cues: Cues, said: Utterance, place: int) -> float:
    """How strongly the word at a place announces the slot's text."""
    word = said.words[place]
    before = tuple(each.lower for each in said.words[max(0, place - 3) : place + 1])
    phrase = max((1.0 + 0.5 * len(each) for each in cues.phrases if before[-len(each) :] == each), default=0.0)
    if word.lower in {stem_ for stem_ in cues.nouns if len(stem_) > 2}:
        phrase = max(phrase, 1.5)
    content = 1.2 * cues.opens.get(word.stem, 0.0)
    link = 0.8 * cues.links.get(word.lower, 0.0) if word.lower in LINKS else 0.0
    return max(phrase, content, link)


def _until(said: Utterance, start: int, cue_end: int, cues: Cues, *, greedy: bool) -> Span | None:
    if _BREAK.search(said.text[cue_end:start]):
        return None
    if greedy:
        found = _END.search(said.text, start)
        end = found.start() if found else len(said.text)
        return _trimmed(said.text, start, end)
    walls = [each for each in said.atoms if each.kind in _WALLS or (each.kind == "person" and each.confidence > 0.9)]
    stops = [each.start for each in walls if each.start > start or (each.start == start and each.kind in _WALLS)]
    if found := _BREAK.search(said.text, start):
        stops.append(found.start())
    stops += [
        word.start for word in said.words if word.start > start and (word.lower in _TURNS or word.lower in cues.ends)
    ][:1]
    end = min([*stops, len(said.text)])
    return _trimmed(said.text, start, end)


def _trimmed(text: str, start: int, end: int) -> Span | None:
    piece = text[start:end].rstrip(" \t\n.,;:!?")
    return (start, start + len(piece)) if piece else None


def _could_be_name(spec: SlotSpec, fill: Fill, said: Utterance, known: frozenset[str]) -> bool:
    inside = said.within(fill.span)
    if spec.type == "identifier":
        return len(inside) == 1 and any(letter.isdigit() for letter in inside[0].text)
    article = inside and said.text[: inside[0].start].lower().endswith((" a ", " an ", " the "))
    if article:
        return False
    free = all(word.lower not in plain_words() and word.stem not in known for word in inside)
    return bool(inside) and len(inside) <= 3 and free and fill.evidence >= 0.5


def _as_name(fill: Fill) -> Fill:
    """A name in lower case is written as names are."""
    label = fill.options[0].label
    return replace(fill, options=(Option(label, label.title() if label.islower() else label),)) if label else fill


def shortened(options: Sequence[Option]) -> tuple[Option, ...]:
    """Return the options without those that say the same."""
    seen: list[Option] = []
    for each in options:
        if all(each.value != other.value for other in seen):
            seen.append(each)
    return tuple(seen)
