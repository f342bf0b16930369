"""Profiles: the words by which a unit is known, prepared once for each unit, and their weights over all units."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from doer.intent.text import stem as stem_of
from doer.intent.text import words
from doer.intent.vocabulary import (
    FUNCTION_WORDS,
    LIGHT_VERBS,
    NEGATIONS,
    POLITE,
    alike_nouns,
    likes,
    near,
    plain_words,
    verbs,
)
from doer.planning.matching.cues import Cues, learn
from doer.planning.matching.spoken import Must
from doer.planning.skills.unit import Unit
from doer.planning.words.utterance import phrases_joined
from doer.planning.words.wording import MARKER, Node, bracketed, spoken
from doer.planning.words.wording import plain as plain_sentence

_CUE_WEIGHT = 0.35
"""Of a word that stands in one example only and is no verb: it belongs to a slot rather than to the matter."""
_SMALL = FUNCTION_WORDS | LIGHT_VERBS | NEGATIONS | POLITE
_TYPE_WORDS = {
    "date": "date day",
    "datetime": "date day time",
    "time": "time",
    "email": "email address",
    "person": "person name",
    "identifier": "number id",
    "amount": "amount sum",
    "integer": "number",
    "path": "file path",
    "minutes": "length duration",
    "duration": "length duration",
}


@dataclass(frozen=True)  # without slots: it keeps what every sentence asks of it
class Profile:
    """The words of one unit."""

    unit: Unit
    cues: Mapping[str, Cues]
    skeletons: tuple[Mapping[str, float], ...]
    """For each example, and for the name: the content stems with their weights."""
    stems: frozenset[str]
    """Every stem that speaks of the unit, in its examples, name, description, slots and choices."""
    strong: frozenset[str]
    """Those of its examples, name and slots."""
    heads: frozenset[str]
    """Stems of the words with which its examples and its description begin."""
    order: tuple[str, ...]
    """Slots in the order of the first example."""

    def speaks(self, stem: str) -> bool:
        """Tell whether the unit knows the stem or one that may stand for it."""
        return stem in self.stems or not self.strong.isdisjoint(likes().get(stem, ()))

    def says(self, stem: str) -> bool:
        """Tell whether the stem, or another noun for the same thing, is of its examples, name, slots or choices."""
        return stem in self.strong or any(
            alike_nouns(stem, other) for other in likes().get(stem, frozenset()) & self.strong
        )

    def owns(self, stem: str) -> bool:
        """Tell whether the stem, or one that may stand for it, is of the unit's examples, name, slots or choices."""
        return stem in self.strong or not self.strong.isdisjoint(likes().get(stem, ()))

    def meant(self, word: str, stem: str) -> str:
        """Return the unit's stem that a misspelt word may stand for: one edit, same first letter; else nothing.

        Of four letters none is another: `snow` is no `show`; `mial` is mail, and `bok` book.
        """
        if len(word) < 3 or word in plain_words():
            return ""
        near = (each for each in self._spelt.get(stem[0], ()) if _one_edit(stem, each))
        return next(
            (each for each in near if len(word) > 4 or len(stem) != len(each) or sorted(stem) == sorted(each)), ""
        )

    @cached_property
    def _spelt(self) -> Mapping[str, Sequence[str]]:
        """The stems that a misspelt word may stand for, in order, by their first letter."""
        found: dict[str, list[str]] = {}
        for each in sorted(each for each in self.strong if len(each) > 3):
            found.setdefault(each[0], []).append(each)
        return found

    @cached_property
    def holding(self) -> Mapping[str, Sequence[int]]:
        """For each stem, which skeletons have it."""
        found: dict[str, list[int]] = {}
        for place, skeleton in enumerate(self.skeletons):
            for stem in skeleton:
                found.setdefault(stem, []).append(place)
        return found

    @cached_property
    def sentences(self) -> tuple[tuple[Node, ...], ...]:
        """Its examples and patterns, to be followed word for word."""
        return (*map(plain_sentence, self.unit.examples), *map(bracketed, self.unit.patterns))

    @cached_property
    def musts(self) -> tuple[Must, ...]:
        """What each of these sentences must have of words."""
        return tuple(map(Must.of, self.sentences))

    @cached_property
    def worded(self) -> frozenset[str]:
        """All words of its examples and patterns."""
        return frozenset(word for each in self.sentences for word in spoken(each))

    @cached_property
    def negates(self) -> bool:
        """Whether its own sentences say what is not so: `which files are not committed yet?`"""
        return not self.worded.isdisjoint(NEGATIONS)

    @cached_property
    def in_view(self) -> frozenset[str]:
        """Stems of the words of its patterns that speak of a matter: they bring it into view, and explain nothing."""
        said = (word for each in self.unit.patterns for word in spoken(bracketed(each)))
        return frozenset(stem_of(word) for word in said if is_content(word))

    @cached_property
    def matter(self) -> frozenset[str]:
        """The strong stems that are no words of grammar."""
        return self.strong - FUNCTION_WORDS

    @cached_property
    def announcing(self) -> frozenset[str]:
        """Stems of the words that name a slot or stand before its value."""
        cues = self.cues.values()
        parts = (part for each in cues for phrase in (*each.phrases, each.nouns) for part in phrase)
        return frozenset(map(stem_of, parts))

    @cached_property
    def slot_nouns(self) -> frozenset[str]:
        """Stems of the words that name slots."""
        return frozenset().union(*(each.stems for each in self.cues.values()))

    @cached_property
    def near_heads(self) -> frozenset[str]:
        """The heads, and all that may stand for one of them."""
        return near(self.heads)

    @cached_property
    def openings(self) -> frozenset[tuple[str, ...]]:
        """The first two words of each example."""
        return frozenset(tuple(each.lower().split()[:2]) for each in self.unit.examples)


def profile(unit: Unit) -> Profile:
    """Prepare a unit."""
    cues = learn(unit)
    cut = [words(MARKER.sub(" ", example)) for example in unit.examples]
    told = [_stems(MARKER.sub(" ", example)) for example in unit.examples]
    # `who is {name}` has small words only: there they are all that tells.
    bags = [stems or [word.lower for word in each] for each, stems in zip(cut, told, strict=True)]
    name = _stems(unit.name.replace("_", " ").replace("-", " ").replace(".", " "))
    count = Counter(stem for bag in bags for stem in set(bag))
    described = _stems(unit.description)
    named = {*name, *described}
    skeletons = [
        {stem: 1.0 if stem in named or stem in verbs() or count[stem] > 1 else _CUE_WEIGHT for stem in bag}
        for bag in bags
        if bag
    ]
    if action := [stem for stem in name if stem in verbs() or stem in count]:
        skeletons.append(dict.fromkeys([*action, *name[-2:]], 1.0))
    slots = _stems(" ".join(slot.name.replace("_", " ") for slot in unit.slots))
    choices = _stems(
        " ".join(f"{c.label} {' '.join(c.words)}".replace("_", " ") for s in unit.slots for c in s.choices)
    )
    phrases = _stems(" ".join(word for each in cues.values() for phrase in each.phrases for word in phrase))
    raw = {word.stem for each in cut for word in each if is_content(word.lower)}
    strong = frozenset([*count, *raw, *name, *slots, *choices])
    typed = {stem for slot in unit.slots for stem in _stems(_TYPE_WORDS.get(slot.type, ""))}
    stems = strong | typed | frozenset([*described, *phrases])
    first = unit.examples[0] if unit.examples else ""
    order = tuple(dict.fromkeys([*MARKER.findall(first), *(slot.name for slot in unit.slots)]))
    begins = [stem for stems in (*told, described) for stem in stems[:1]]
    heads = frozenset([*begins, *(each for each in name if each in verbs())])
    return Profile(unit, cues, tuple(skeletons), stems, strong, heads, order)


@lru_cache(maxsize=8_000)
def _stems(text: str) -> tuple[str, ...]:
    """The stems of its content words; each workspace that is opened asks for those of the same skills."""
    return tuple(stem for word, stem in phrases_joined(words(text)) if is_content(word.lower))


def is_content(word: str) -> bool:
    """Tell whether a word speaks of the matter, and not only of grammar, manners or a number."""
    word = word.split("'", maxsplit=1)[0] or word
    return not (word in _SMALL or word.isdigit())


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each stem tells, over all units."""

    by_stem: Mapping[str, float]
    heaviest: float
    """Of the rarest stem, and of one that nobody has."""

    def of(self, stem: str, otherwise: float = 1.0) -> float:
        """Return the weight of a stem."""
        return self.by_stem.get(stem, otherwise)


def weights(profiles: Sequence[Profile]) -> Weights:
    """Return each stem's inverse document frequency over the units (Spärck Jones, 1972), smoothed."""
    count = Counter(stem for each in profiles for stem in each.strong)
    by_stem = {stem: math.log(1 + len(profiles) / seen) for stem, seen in count.items()}
    return Weights(by_stem, max(by_stem.values(), default=1.0))


def recall(each: Profile, said: Iterable[str], weight: Weights) -> float:
    """Return how much of the unit's best example the sentence says, 0 to 1; like-meaning words count nearly fully."""
    stems = set(said)
    heard = _heard(each, stems)
    places = {place for stem in heard for place in each.holding[stem]}
    return max((_covered(each.skeletons[place], heard, weight) for place in places), default=0.0)


def _heard(each: Profile, said: set[str]) -> Mapping[str, float]:
    """The stems of the examples of which the sentence speaks, and how plainly."""
    # A compound holds its head: `boardroom` speaks of a room.
    heads = {stem[place:] for stem in said for place in range(1, len(stem) - 3)}
    heard = dict.fromkeys(heads & each.holding.keys(), 0.7)
    heard |= dict.fromkeys(near(said) & each.holding.keys(), 0.9)
    return heard | dict.fromkeys(said & each.holding.keys(), 1.0)


def is_verbatim(each: Profile, said: Iterable[str]) -> bool:
    """Tell whether the sentence has every word of one of the unit's examples, and not only words that are alike."""
    stems = set(said)
    return any(len(skeleton) > 1 and skeleton.keys() <= stems for skeleton in each.skeletons)


def _covered(skeleton: Mapping[str, float], heard: Mapping[str, float], weight: Weights) -> float:
    total = sum(part * weight.of(stem) for stem, part in skeleton.items())
    got = sum(part * weight.of(stem) * heard[stem] for stem, part in skeleton.items() if stem in heard)
    return got / total if total else 0.0


def _one_edit(one: str, other: str) -> bool:
    """Tell whether two words differ by one insertion, deletion, substitution or swap of neighbours."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    place = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[place:], other[place:]
    return (
        a[1:] == b[1:]
        or a[1:] == b
        or a == b[1:]
        or (len(a) > 1 and len(b) > 1 and a[0] == b[1] and a[1] == b[0] and a[2:] == b[2:])
    )
