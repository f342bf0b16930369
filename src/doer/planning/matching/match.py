"""Matching: how well a goal fits a unit, what each slot is given, and what the unit does not account for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from doer.intent.mention import Mention
from doer.intent.text import Word
from doer.intent.vocabulary import verbs
from doer.planning.matching.assign import Assignment, assign
from doer.planning.matching.fill import PLAIN, Fill, Scene, overlap
from doer.planning.matching.fills import fills
from doer.planning.matching.labels import labelled
from doer.planning.matching.patterns import followed
from doer.planning.matching.profile import Profile, Weights, is_content, is_verbatim, recall
from doer.planning.matching.ranges import ranges, settled
from doer.planning.matching.rest import (
    asks,
    free_words,
    loose_values,
    mentioned,
    objects,
    odd_words,
    strange,
    unexplained,
)
from doer.planning.matching.spoken import Spoken
from doer.planning.skills.slots import SlotSpec
from doer.planning.words.phrases import phrases
from doer.planning.words.utterance import Span, Utterance

ACCEPTED = 0.62
"""At least this score runs without asking what is meant."""
_EXACT = 0.95
"""Of a sentence that is worded as an example is."""
DOUBTED = 0.36
"""At least this score is worth a question; below it nothing fits."""


@dataclass(frozen=True, slots=True)
class Fit:
    """One unit held against one goal."""

    profile: Profile
    score: float
    assignment: Assignment
    options: Mapping[str, tuple[Fill, ...]]
    missing: tuple[SlotSpec, ...]
    loose: tuple[Mention, ...]
    """Values in the sentence that no slot takes."""
    foreign: tuple[Word, ...]
    """Words that ask for something that the unit does not do."""
    unknown: tuple[Word, ...]
    """All words that the unit knows nothing of."""
    odd: tuple[Word, ...]
    """Words that may change what is asked for, and that the unit knows nothing of."""

    worth: float
    """What the values alone say for the unit."""
    strange: str
    """The verb that heads the sentence where no example begins with it, and the words that state and do not ask."""
    verbatim: bool
    """True: the words of an example are all there."""
    told: bool
    """True: at least one value is there by more than a guess."""
    scene: Scene
    exactly: int = 0
    """How many words of an example it says, where it is worded as that is; else 0."""

    @property
    def whole(self) -> bool:
        """True when everything that was said is accounted for."""
        return not (self.loose or self.foreign or self.odd)


def fit(each: Profile, said: Utterance, weight: Weights, answered: Mapping[str, Sequence[Span]]) -> Fit:
    """Hold a unit against a goal. `answered`: slots that questions have filled, with the words they used up."""
    open_slots = [slot for slot in each.unit.slots if slot.name not in answered]
    scene = _scene(each, said, open_slots)
    used = [span for spans in answered.values() for span in spans]
    spans = tuple(ranges(said))
    options = settled(open_slots, {slot.name: _ways(each, slot, scene, used) for slot in open_slots}, spans)
    may_follow = Spoken.of(said.words).may_follow
    sentences = [one for one, needed in zip(each.sentences, each.musts, strict=True) if may_follow(needed)]
    pattern = followed((sentences, each.worded), open_slots, options, said, answered) if sentences else None
    if pattern is not None:
        options = {slot.name: pattern.ways(slot, options[slot.name], said) for slot in open_slots}
    chosen = assign(open_slots, options)
    taken = [*used, *(span for way in chosen.chosen.values() for span in (*way.taken, *way.shared, way.span))]
    taken += [(start, end + 2) for start, end in taken if said.text[end : end + 2] in {"'s", "’s"}]
    taken += [label for name, (label, _) in scene.labels.items() if name in chosen.chosen or name in answered]
    held = {way.span for way in chosen.chosen.values()}
    taken += [one.joint for one in spans if {(m.start, m.end) for m in (one.first, one.last)} <= held]
    missing = tuple(
        slot
        for slot in open_slots
        if slot.name not in chosen.chosen
        and ((slot.required and slot.default is None) or _one_of_several(slot, chosen.chosen.keys() | answered.keys()))
    )
    loose = tuple(loose_values(each, said, taken))
    rest = unexplained(each, said, taken)
    foreign = tuple(word for word, stem in rest if asks(each, word, stem, said, taken))
    foreign = (*foreign, *(word for word in objects(each, scene, taken) if word not in foreign))
    odd = tuple(word for word in odd_words(each, said, [word for word, _ in rest]) if word not in foreign)
    # A text that only was left over explains itself to no one: it speaks against the unit as an unknown word does.
    guessed = [way.span for way in chosen.chosen.values() if way.evidence < PLAIN and way.span in _spans(scene)]
    sure = [span for span in taken if span not in guessed]
    unsure = rest if not guessed else unexplained(each, said, sure)
    by_words = _score(each, said, weight, sure, unsure)
    needed = [slot for slot in open_slots if slot.required and slot.default is None]
    worth = _worth(each, said, taken, needed, chosen, _certain(needed, chosen, options), labels=bool(scene.labels))
    exactly = pattern.literal if pattern is not None and pattern.holds(chosen.chosen) else 0
    if exactly:  # every word has its place
        loose, foreign, odd, unsure = (), (), (), []
    score = _EXACT if exactly else max(by_words, worth + 0.2 * by_words if worth else 0.0)
    unknown = tuple(word for word, _ in unsure)
    exact = is_verbatim(each, [stem for _, stem in free_words(said, taken)])
    told = len(chosen.chosen) > len(guessed)
    return Fit(
        each,
        score,
        chosen,
        options,
        missing,
        loose,
        foreign,
        unknown,
        odd,
        worth,
        "" if exactly else strange(each, said, taken),
        exact,
        told,
        scene,
        exactly,
    )


def _one_of_several(slot: SlotSpec, told: AbstractSet[str]) -> bool:
    """Tell whether one of several slots must be told, and none is: a day or a time to which a meeting is moved."""
    return bool(slot.unless) and not told & set(slot.unless)


def _certain(
    needed: Sequence[SlotSpec], chosen: Assignment, options: Mapping[str, Sequence[Fill]]
) -> tuple[SlotSpec, ...]:
    """The slots whose value is plain by its form, by the words around it, or because there is no other."""
    return tuple(
        slot
        for slot in needed
        if (way := chosen.chosen.get(slot.name)) is not None
        and (
            slot.type not in {"text", "person", "identifier"}
            or way.evidence >= 0.4
            or (slot.type == "identifier" and way.score >= 2.0)
            or (slot.type == "person" and not _others(slot, options, chosen))
        )
    )


def _others(slot: SlotSpec, options: Mapping[str, Sequence[Fill]], chosen: Assignment) -> bool:
    """Tell whether a value that nothing has taken could fill the slot as well."""
    return any(
        not any(way.clashes(other) for other in chosen.chosen.values()) and way.span != chosen.chosen[slot.name].span
        for way in options[slot.name]
    )


def _ways(each: Profile, slot: SlotSpec, scene: Scene, used: Sequence[Span]) -> tuple[Fill, ...]:
    """The ways to fill a slot with words that no answer has settled."""
    # `web@acme.example` says nothing of a channel that is called `web`.
    names = [(m.start, m.end) for m in scene.said.atoms if m.kind in {"email", "url", "path"}] if slot.choices else []
    return tuple(
        way
        for way in fills(slot, each.cues[slot.name], scene)
        if not any(start <= way.span[0] and way.span[1] <= end for start, end in names)
        and not any(overlap(taken, span) for taken in way.taken for span in used)
    )


def _spans(scene: Scene) -> frozenset[Span]:
    return frozenset(each.span for each in scene.phrases)


def _scene(each: Profile, said: Utterance, slots: Sequence[SlotSpec]) -> Scene:
    labels = labelled(said.text, slots, each.cues)
    places = tuple((way.start, way.end) for way in said.addresses) if any(slot.is_address for slot in slots) else ()
    kinds = frozenset(slot.type for slot in each.unit.slots)
    away = [*places, *(label for label, _ in labels.values())]
    apart = any(slot.name == "currency" for slot in each.unit.slots)
    words = (each.says, each.owns, each.announcing.__contains__)
    near = phrases(said, kinds, words, away)
    wide = phrases(said, kinds - {"person"}, words, away) if "person" in kinds else near
    return Scene(said, near, wide, labels, places, apart, each.strong, each.matter)


def _worth(
    each: Profile,
    said: Utterance,
    taken: Sequence[Span],
    needed: Sequence[SlotSpec],
    chosen: Assignment,
    sure: Sequence[SlotSpec],
    *,
    labels: bool,
) -> float:
    """What values that are plainly its own say for a unit: enough to run where all are there and something is asked for.

    So a verb that no example has, or none at all (`INV-1, Hansa, 20 EUR, due 3 May`), does not hide what is meant.
    """
    given = [slot for slot in needed if slot.name in chosen.chosen]
    if len(needed) < 3 or len(sure) < 0.6 * len(needed):
        return 0.0
    matter = [stem for word, stem in free_words(said, taken) if is_content(word.lower) and each.owns(stem)]
    asked = said.mood.requests or any(stem in verbs() for stem in matter)
    if len(given) < len(needed) or len(sure) < len(needed) - 1 or not (asked or not said.mood.states):
        return 0.4
    return (
        0.62
        if matter or labels or any(way.slot not in {s.name for s in needed} for way in chosen.chosen.values())
        else 0.4
    )


def _apart(word: str) -> tuple[str, ...]:
    """`what's` says `what is`."""
    asking = word.removesuffix("'s").removesuffix("’s")
    return (word, asking, "is") if asking != word else (word,)


def _score(
    each: Profile, said: Utterance, weight: Weights, taken: Sequence[Span], rest: Sequence[tuple[Word, str]]
) -> float:
    free = [
        (word, stem) for word, stem in free_words(said, taken) if not mentioned(said, word) and is_content(word.lower)
    ]
    stems = [each.meant(word.lower, stem) or stem if not each.speaks(stem) else stem for word, stem in free]
    # Words inside values can still speak of the matter: `the Mercury room`.
    stems += [part for word in said.words[:3] if not is_content(word.lower) for part in _apart(word.lower)]
    stems += [
        word.stem for word in said.words if each.speaks(word.stem) and word.stem not in stems and mentioned(said, word)
    ]
    heaviest = weight.heaviest
    unknown = {stem for _, stem in rest}
    mass = sum(weight.of(stem, heaviest) for _, stem in free)
    lost = sum(heaviest for _, stem in free if stem in unknown)
    cover = 1.0 - lost / (mass + lost) if mass + lost else 1.0
    said_of_it = recall(each, stems, weight)
    return said_of_it * 0.6 + cover * 0.4 if said_of_it > 0 else 0.0
