"""Matching: how well a goal fits a unit, what each slot is given, and what the unit does not account for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from doer.intent import Mention
from doer.intent.text import Word, word_set
from doer.intent.vocabulary import LIGHT_VERBS, POLITE, TURNING, verbs
from doer.planning.assign import Assignment, assign
from doer.planning.cues import LINKS
from doer.planning.fills import Fill, fills
from doer.planning.profile import Profile, is_content, recall
from doer.planning.slots import SlotSpec
from doer.planning.utterance import Span, Utterance, phrases_joined

ACCEPTED = 0.62
"""At least this score runs without asking what is meant."""
DOUBTED = 0.36
"""At least this score is worth a question; below it nothing fits."""
_HEADS = word_set("""
    with without for to near via including plus and cc only also at in from into about next
    """)
_CLAUSE = frozenset(",;.!?")


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

    @property
    def whole(self) -> bool:
        """True when everything that was said is accounted for."""
        return not (self.loose or self.foreign or self.odd)


def fit(each: Profile, said: Utterance, weight: Mapping[str, float], answered: Mapping[str, Sequence[Span]]) -> Fit:
    """Hold a unit against a goal. `answered`: slots that questions have filled, with the words they used up."""
    open_slots = [slot for slot in each.unit.slots if slot.name not in answered]
    apart = any(slot.name == "currency" for slot in each.unit.slots)
    used = [span for spans in answered.values() for span in spans]
    options = {
        slot.name: tuple(
            way
            for way in fills(slot, each.cues[slot.name], said, apart, each.strong)
            if not any(start < taken[1] and taken[0] < end for taken in way.taken for start, end in used)
        )
        for slot in open_slots
    }
    chosen = assign(open_slots, options)
    taken = [*used, *(span for way in chosen.chosen.values() for span in (*way.taken, *way.shared, way.span))]
    missing = tuple(
        slot for slot in open_slots if slot.required and slot.default is None and slot.name not in chosen.chosen
    )
    loose = tuple(_loose(each, said, taken))
    rest = _unexplained(each, said, taken)
    foreign = tuple(word for word, stem in rest if _asks(each, word, stem, said, taken))
    odd = tuple(word for word in _odd(each, said, [word for word, _ in rest]) if word not in foreign)
    score = max(_score(each, said, weight, taken, rest), _by_values(open_slots, chosen))
    return Fit(each, score, chosen, options, missing, loose, foreign, tuple(word for word, _ in rest), odd)


def _free(said: Utterance, taken: Sequence[Span]) -> Iterator[tuple[Word, str]]:
    """Words that no value has used, with their stems."""
    for word, stem in phrases_joined(said.words):
        if not any(start <= word.start and word.end <= end for start, end in (*taken, *said.polite)):
            yield word, stem


def _mentioned(said: Utterance, word: Word) -> bool:
    return any(each.start <= word.start < each.end for each in said.atoms)


def _unexplained(each: Profile, said: Utterance, taken: Sequence[Span]) -> list[tuple[Word, str]]:
    return [
        (word, stem)
        for word, stem in _free(said, taken)
        if not _mentioned(said, word)
        and (is_content(word.lower) or word.lower in TURNING)
        and not each.speaks(stem)
        and not any(len(known) > 3 and stem.endswith(known) for known in each.strong)
        and not each.meant(word.lower, stem)
    ]


def _loose(each: Profile, said: Utterance, taken: Sequence[Span]) -> Iterator[Mention]:
    for mention in said.atoms:
        if any(start < mention.end and mention.start < end for start, end in taken):
            continue
        inside = said.within((mention.start, mention.end))
        known = all(
            each.speaks(word.stem) or each.meant(word.lower, word.stem) or not is_content(word.lower) for word in inside
        )
        if mention.kind == "person" and known:
            continue
        if mention.kind == "number" and mention.text.lower() in {"one", "a"}:
            continue
        yield mention


def _asks(each: Profile, word: Word, stem: str, said: Utterance, taken: Sequence[Span]) -> bool:
    """Tell whether an unexplained word asks for an action: a verb that is not used as a noun, or the head of a clause."""
    place = said.words.index(word)
    before = said.words[place - 1] if place else None
    if stem in verbs():
        return before is None or before.lower not in {
            "a",
            "an",
            "the",
            "my",
            "our",
            "his",
            "her",
            "their",
            "this",
            "that",
        }
    if any(start <= word.start < end for start, end in taken):
        return False
    after = said.words[place + 1] if place + 1 < len(said.words) else None
    if after is not None and each.speaks(after.stem):
        return False  # `line manager`: it belongs to a word that is known
    return _heads_clause(said, place)


def _heads_clause(said: Utterance, place: int) -> bool:
    while place > 0:
        between = said.text[said.words[place - 1].end : said.words[place].start]
        before = said.words[place - 1].lower
        if any(mark in between for mark in _CLAUSE) or before in {"and", "then", "also"}:
            return True
        if before not in POLITE and before not in {
            "can",
            "could",
            "you",
            "would",
            "we",
            "i",
            "need",
            "want",
            "like",
            "to",
            "let's",
        }:
            return False
        place -= 1
    return True


def _modifies(each: Profile, said: Utterance, word: Word) -> bool:
    """`line manager`: a word before one that the unit knows, in the same breath, only says more of it."""
    place = said.words.index(word) + 1
    if word.lower in TURNING or place >= len(said.words):
        return False
    after = said.words[place]
    return said.text[word.end : after.start] == " " and is_content(after.lower) and each.speaks(after.stem)


def _odd(each: Profile, said: Utterance, rest: Sequence[Word]) -> Iterator[Word]:
    """Unexplained words that limit or add to what is asked for."""
    loose_ones = [word for word in rest if word.lower not in LIGHT_VERBS and not _modifies(each, said, word)]
    for word in loose_ones:
        place = said.words.index(word)
        before = [near.lower for near in said.words[max(0, place - 3) : place]]
        while before and before[-1] in {"a", "an", "the", "my", "our", "his", "her", "their", "some"}:
            before.pop()
        heads = bool(before) and (before[-1] in _HEADS or before[-1] in LINKS)
        owned = bool(before) and before[-1].endswith("'s")
        if heads or owned or len(loose_ones) > 1 or word.lower in TURNING:
            yield word


def _by_values(slots: Sequence[SlotSpec], chosen: Assignment) -> float:
    """Values that are plainly its own speak for a unit, enough to ask, never enough to run."""
    needed = [slot.name for slot in slots if slot.required and slot.default is None]
    plain = [name for name in needed if name in chosen.chosen and chosen.chosen[name].evidence >= 0.8]
    return 0.4 if len(needed) >= 3 and len(plain) >= 0.75 * len(needed) else 0.0


def _score(
    each: Profile, said: Utterance, weight: Mapping[str, float], taken: Sequence[Span], rest: Sequence[tuple[Word, str]]
) -> float:
    free = [(word, stem) for word, stem in _free(said, taken) if not _mentioned(said, word) and is_content(word.lower)]
    stems = [each.meant(word.lower, stem) or stem if not each.speaks(stem) else stem for word, stem in free]
    # Words inside values can still speak of the matter: `the Mercury room`.
    stems += [word.lower for word in said.words[:3] if not is_content(word.lower)]
    stems += [
        word.stem for word in said.words if each.speaks(word.stem) and word.stem not in stems and _mentioned(said, word)
    ]
    heaviest = max(weight.values(), default=1.0)
    unknown = {stem for _, stem in rest}
    mass = sum(weight.get(stem, heaviest) for _, stem in free)
    lost = sum(heaviest for _, stem in free if stem in unknown)
    cover = 1.0 - lost / (mass + lost) if mass + lost else 1.0
    said_of_it = recall(each, stems, weight)
    return said_of_it * 0.6 + cover * 0.4 if said_of_it > 0 else 0.0
