"""Fills: every way in which the words of a goal can fill a slot, each with the evidence for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from doer.domain.goal import Option
from doer.domain.value import Json
from doer.intent import Mention
from doer.intent.text import stem, word_set, words
from doer.intent.vocabulary import FUNCTION_WORDS, LIGHT_VERBS, plain_words, verbs
from doer.planning.cues import GREEDY, LINKS, Cues, evidence, skipped
from doer.planning.phrases import NEVER, Phrase
from doer.planning.slots import Choice, SlotSpec, value_of
from doer.planning.utterance import Span, Utterance

MOST = 6
PLAIN = 0.45
"""Evidence from which on a text is taken without more ado."""
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


@dataclass(frozen=True, slots=True)
class Scene:
    """A goal as one unit sees it."""

    said: Utterance
    phrases: tuple[Phrase, ...]
    wide: tuple[Phrase, ...]
    """The phrases with the names of people and towns in them: `our Vienna office`."""
    labels: Mapping[str, tuple[Span, Span]]
    """Slot -> label and value."""
    places: tuple[Span, ...]
    """Addresses, where the unit has a slot for one."""
    apart: bool
    """True: another slot takes the currency of an amount."""
    known: frozenset[str]
    """The unit's own stems."""


def fills(spec: SlotSpec, cues: Cues, scene: Scene) -> tuple[Fill, ...]:
    """Return the best ways to fill a slot, best first."""
    found = sorted(_merged(_candidates(spec, cues, scene)), key=lambda each: -each.score)
    label = scene.labels.get(spec.name)
    if label is not None:
        inside = [each for each in found if label[1][0] <= each.span[0] and each.span[1] <= label[1][1]]
        return tuple(replace(each, score=each.score + 2.0, evidence=2.0) for each in inside)[:MOST]
    others = [value for name, (_, value) in scene.labels.items() if name != spec.name]
    free = [each for each in found if not any(_overlap(each.span, other) for other in others)]
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
    typed = [each for each in _typed(spec, cues, scene) if not _in_place(each, scene)]
    whole = scene.labels.get(spec.name)
    if whole is not None and spec.type in {"text", "address", "identifier"} and not spec.many:
        yield _fill(spec, whole[1], (Option(said.text[slice(*whole[1])], said.text[slice(*whole[1])]),), 3.0, 2.0)
    if spec.is_address:
        yield from _addresses(spec, cues, said)
    if spec.type == "choice":
        yield from _choices(spec, spec.choices, cues, said)
    if spec.type == "text" and spec.likely:
        yield from _choices(spec, [Choice(each, each) for each in spec.likely], cues, said)
    if spec.type in {"text", "address"}:
        yield from (each for each in phrase_fills(spec, cues, scene) if not _in_place(each, scene))
        typed = [each for each in typed if not _cuts(each.span, scene) and not _writes(scene, each.span)]
    yield from typed
    yield from _free_fills(spec, cues, scene, any_typed=bool(typed))


def _free_fills(spec: SlotSpec, cues: Cues, scene: Scene, *, any_typed: bool) -> Iterator[Fill]:
    if spec.type != "text" and (spec.type not in {"person", "identifier"} or any_typed):
        return
    if spec.is_address:
        return
    known = {each for each in scene.known if each not in FUNCTION_WORDS}
    for each in _free(spec, cues, scene, known):
        if _in_place(each, scene) or (spec.type == "text" and (_cuts(each.span, scene) or _writes(scene, each.span))):
            continue
        if spec.type == "text":
            yield each
        elif _could_be_name(spec, each, scene.said, scene.known):
            yield _as_name(each) if spec.type == "person" else each


def _in_place(fill: Fill, scene: Scene) -> bool:
    """Tell whether a fill is a part of an address: a street is no person, and its number no amount."""
    return any(start <= fill.span[0] and fill.span[1] <= end for start, end in scene.places)


def _cuts(span: Span, scene: Scene) -> bool:
    """Tell whether a span is a part of a phrase: then it says something else than what was said."""
    return any(
        _overlap(span, each.span) and not (span[0] <= each.span[0] and each.span[1] <= span[1])
        for each in scene.phrases
    )


def _addresses(spec: SlotSpec, cues: Cues, said: Utterance) -> Iterator[Fill]:
    for each in said.addresses:
        near = max(0.8, _evidence(cues, said, (each.start, each.end)))
        yield _fill(spec, (each.start, each.end), (Option(each.text, each.text),), 2.2, near)


def phrase_fills(spec: SlotSpec, cues: Cues, scene: Scene) -> Iterator[Fill]:
    """Yield the noun phrases that a text slot may take, each whole."""
    for each in scene.wide if spec.is_address else scene.phrases:
        if each.listed and (spec.is_party or spec.is_address):
            continue
        text = scene.said.text[slice(*each.span)]
        near = _phrase_evidence(spec, cues, scene, each)
        if near < -0.5:
            continue
        if (spec.is_party or spec.is_address) and near < 0.5 and not each.named:
            continue
        if near < 0.8 and not (spec.required and spec.default is None):
            continue  # what is not asked for is taken only where it is plainly meant
        value: Json = [part for part in _LIST.split(text) if part] if spec.many else text
        yield _fill(spec, each.span, (Option(text, value),), 0.5, near)


def _phrase_evidence(spec: SlotSpec, cues: Cues, scene: Scene, phrase: Phrase) -> float:
    said = scene.said
    between = said.text[said.words[phrase.before].end : phrase.span[0]] if phrase.before >= 0 else ""
    near = 0.0
    if phrase.before >= 0 and not set(between) & set(",;.!?:()\n"):
        near = _opens(cues, said, phrase.before)
        verb = said.words[phrase.before]
        if not near and verb.stem in verbs() and verb.lower not in LIGHT_VERBS:
            return -1.0  # `Book a table`: no example books this
    elif ":" in between:
        near = 0.9 if cues.colon else 0.3
    elif between.startswith(",") and cues.follows and any(
        each.end == said.words[phrase.before].end and each.kind == "person" for each in said.atoms
    ):
        near = 0.8
    after = said.words[phrase.last + 1] if phrase.last + 1 < len(said.words) else None
    owned = said.text[phrase.span[1] : phrase.span[1] + 2] in {"'s", "’s"}
    if owned and cues.owns:
        near = max(near, 1.0)
    elif after is not None and said.text[phrase.span[1] : after.start] == " " and after.lower in cues.ends:
        near = max(near, 0.3)
    if _writes(scene, phrase.span):
        near -= 0.8
    if spec.is_party or spec.is_address:
        near += 0.5 if phrase.named else 0.0
    elif phrase.named and not phrase.told:
        near -= 0.3
    elif phrase.told:
        near += 0.1
    return min(near, 2.0)


def _writes(scene: Scene, span: Span) -> bool:
    """Tell whether words only name whose mail address follows: `Jana at jana.kuhn@acme.example`."""
    said = scene.said
    return any(
        each.kind == "email"
        and each.start >= span[1]
        and said.text[span[1] : each.start].strip().lower() in {"at", "(", "<", ",", ""}
        for each in said.atoms
    )


def _typed(spec: SlotSpec, cues: Cues, scene: Scene) -> Iterator[Fill]:
    said = scene.said
    if spec.many:
        for group in said.listed:
            values = [_options(spec, each, apart=scene.apart) for each in group]
            if all(len(each) == 1 for each in values):
                span = (group[0].start, group[-1].end)
                near = _evidence(cues, said, span)
                yield _fill(
                    spec, span, (Option(said.text[slice(*span)], [each[0].value for each in values]),), 2.2, near
                )
    for mention in (*said.mentions, *(part for each in said.mentions for part in each.parts)):
        options = _options(spec, mention, apart=scene.apart)
        if not options and not (mention.problem and mention.kind in spec.kinds):
            continue
        if spec.type == "text" and mention.kind != "quoted":
            as_read = str(mention.value) if str(mention.value) in mention.text else mention.text
            options = (Option(mention.text, as_read),)
        near = _evidence(cues, said, (mention.start, mention.end))
        base = _base(spec, mention, near)
        if base is None:
            continue
        if spec.many:
            options = tuple(Option(each.label, [each.value]) for each in options)
        yield _of_mention(spec, mention, options, base, near)


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


def _free(spec: SlotSpec, cues: Cues, scene: Scene, known: set[str]) -> Iterator[Fill]:
    """Free text after a cue, up to the next value, stop or turn of the sentence."""
    said = scene.said
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
        if not greedy and sum(_overlap(span, each.span) for each in scene.phrases) > 1 and spec.type == "text":
            continue  # two things in a row are not one
        if not greedy and spec.type == "text" and not _ends_well(span, scene):
            continue
        inside = [each for each in said.within(span) if each.lower not in FUNCTION_WORDS]
        if not greedy and all(each.stem in known or each.lower in NEVER for each in inside):
            continue
        seen.add(span)
        text = said.text[slice(*span)]
        value: Json = [part for part in _LIST.split(text) if part] if spec.many else text
        yield _fill(spec, span, (Option(text, value),), 0.8, min(strength, 2.0))


def _ends_well(span: Span, scene: Scene) -> bool:
    """Tell whether free text ends where its phrase ends: `spare pump quickly` does not."""
    inside = [each for each in scene.phrases if _overlap(span, each.span)]
    before = scene.said.within((span[0], inside[0].span[0])) if inside else ()
    pronoun = any(each.lower in {"us", "me", "them", "him", "her", "you"} for each in before)
    return all(each.span[1] == span[1] for each in inside) and not pronoun


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
