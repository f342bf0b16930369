"""Matching: how well a goal fits a unit, what each slot is given, and what the unit does not account for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from doer.intent import Mention
from doer.intent.text import Word, word_set
from doer.intent.text import stem as stem_of
from doer.intent.vocabulary import LIGHT_VERBS, POLITE, TURNING, alike, verbs
from doer.planning.assign import Assignment, assign
from doer.planning.cues import LINKS
from doer.planning.fills import PLAIN, Fill, Scene, fills
from doer.planning.labels import labelled
from doer.planning.phrases import phrases
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
_DETERMINERS = word_set("a an the my our your his her their this that these those")
_OPENING = word_set("""
    can could you would we i need want like to let's will
    """)
_SLIGHT = word_set("""
    pls plz meeting new
    """)
_CONTEXT = word_set("""
    promis owe owed come discuss agre expect await final realli simpli reach kind mind wonder fall
    """)


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
    told: bool
    """True: at least one value is there by more than a guess."""
    scene: Scene

    @property
    def whole(self) -> bool:
        """True when everything that was said is accounted for."""
        return not (self.loose or self.foreign or self.odd)


def fit(each: Profile, said: Utterance, weight: Mapping[str, float], answered: Mapping[str, Sequence[Span]]) -> Fit:
    """Hold a unit against a goal. `answered`: slots that questions have filled, with the words they used up."""
    open_slots = [slot for slot in each.unit.slots if slot.name not in answered]
    scene = _scene(each, said, open_slots)
    used = [span for spans in answered.values() for span in spans]
    options = {
        slot.name: tuple(
            way
            for way in fills(slot, each.cues[slot.name], scene)
            if not any(start < taken[1] and taken[0] < end for taken in way.taken for start, end in used)
        )
        for slot in open_slots
    }
    chosen = assign(open_slots, options)
    taken = [*used, *(span for way in chosen.chosen.values() for span in (*way.taken, *way.shared, way.span))]
    taken += [label for name, (label, _) in scene.labels.items() if name in chosen.chosen or name in answered]
    missing = tuple(
        slot for slot in open_slots if slot.required and slot.default is None and slot.name not in chosen.chosen
    )
    loose = tuple(_loose(each, said, taken))
    rest = _unexplained(each, said, taken)
    foreign = tuple(word for word, stem in rest if _asks(each, word, stem, said, taken))
    odd = tuple(word for word in _odd(each, said, [word for word, _ in rest]) if word not in foreign)
    # A text that only was left over explains itself to no one: it speaks against the unit as an unknown word does.
    guessed = [way.span for way in chosen.chosen.values() if way.evidence < PLAIN and way.span in _spans(scene)]
    sure = [span for span in taken if span not in guessed]
    unsure = rest if not guessed else _unexplained(each, said, sure)
    by_words = _score(each, said, weight, sure, unsure)
    needed = [slot for slot in open_slots if slot.required and slot.default is None]
    worth = _worth(each, said, taken, needed, chosen, _certain(needed, chosen, options))
    score = max(by_words, worth + 0.2 * by_words if worth else 0.0)
    unknown = tuple(word for word, _ in unsure)
    told = len(chosen.chosen) > len(guessed)
    return Fit(each, score, chosen, options, missing, loose, foreign, unknown, odd, worth, _strange(each, said, taken), told, scene)


def _strange(each: Profile, said: Utterance, taken: Sequence[Span]) -> str:
    """What makes it doubtful that this is asked for, although the words are known: `Insure the laptop`, `It is due`."""
    place = next((n for n, word in enumerate(said.words) if _is_verb_place(said, n) and is_content(word.lower)), None)
    slot_nouns = {stem for cues in each.cues.values() for noun in cues.nouns for stem in [stem_of(noun)]}
    if place is not None and place + 1 < len(said.words):
        word, after = said.words[place], said.words[place + 1]
        inside = any(start <= word.start < end for start, end in taken)
        joined = said.text[word.end : after.start] == " "
        object_ = after.lower in _DETERMINERS or (after.text[0].isupper() and not any(map(str.isdigit, after.text)))
        if not inside and joined and object_ and each.speaks(word.stem):
            if not any(alike(head, word.stem) for head in each.heads) or (word.stem in slot_nouns & verbs()):
                return word.text
    if said.mood.states and not said.mood.requests and not each.unit.reads:
        acts = [w for w, s in _free(said, taken) if s in verbs() and each.owns(s) and s not in slot_nouns]
        if not acts:
            return "it is said how things are"
    return ""


def _is_verb_place(said: Utterance, place: int) -> bool:
    return place == 0 or _begins(said, place) and not any(a <= said.words[place].start < b for a, b in said.polite)


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


def _spans(scene: Scene) -> frozenset[Span]:
    return frozenset(each.span for each in scene.phrases)


def _scene(each: Profile, said: Utterance, slots: Sequence[SlotSpec]) -> Scene:
    labels = labelled(said.text, slots, each.cues)
    places = tuple((way.start, way.end) for way in said.addresses) if any(slot.is_address for slot in slots) else ()
    kinds = frozenset(slot.type for slot in each.unit.slots)
    away = [*places, *(label for label, _ in labels.values())]
    apart = any(slot.name == "currency" for slot in each.unit.slots)
    words = (each.strong.__contains__, each.owns)
    near, wide = phrases(said, kinds, words, away), phrases(said, kinds - {"person"}, words, away)
    return Scene(said, near, wide, labels, places, apart, each.strong)


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
        and not _context(said, word)
    ]


def _context(said: Utterance, word: Word) -> bool:
    """Tell whether a word only tells how the request came about: `we promised Ada a set`, `they are owed 20 EUR`."""
    return word.stem in _CONTEXT and not _heads_clause(said, said.words.index(word))


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
        if mention.kind == "person" and _of_address(mention, said, taken):
            continue
        if mention.plain and _repeats(mention, said, taken):
            continue
        if mention.kind == "number" and mention.text.lower() in {"one", "a"}:
            continue
        yield mention


def _repeats(mention: Mention, said: Utterance, taken: Sequence[Span]) -> bool:
    """`in two weeks, on 25 March`: said twice, and the same; where it is another day, it is a doubt."""
    return mention.kind in {"date", "amount", "email"} and any(
        other is not mention
        and other.kind == mention.kind
        and other.plain
        and other.value == mention.value
        and (other.start, other.end) in taken
        for other in said.atoms
    )


def _of_address(mention: Mention, said: Utterance, taken: Sequence[Span]) -> bool:
    """`Jana at jana.kuhn@acme.example`: the name of the one whose mail address is taken."""
    for other in said.atoms:
        if other.kind != "email" or (other.start, other.end) not in taken:
            continue
        between = said.text[mention.end : other.start].strip().lower()
        local = other.text.split("@")[0].lower()
        if other.start >= mention.end and between in {"at", "(", "<", ",", ""}:
            return any(word.lower in local for word in said.within((mention.start, mention.end)) if len(word.text) > 2)
    return False


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
    if after is not None and each.speaks(after.stem) and not _begins(said, place):
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


def _begins(said: Utterance, place: int) -> bool:
    """Tell whether a sentence begins here, manners aside."""
    while place > 0 and not set(said.text[said.words[place - 1].end : said.words[place].start]) & set(".!?;:"):
        if said.words[place - 1].lower not in POLITE | _OPENING:
            return False
        place -= 1
    return True


def _modifies(each: Profile, said: Utterance, word: Word) -> bool:
    """`line manager`: a word before one that the unit knows, in the same breath, only says more of it."""
    place = said.words.index(word) + 1
    if word.lower in TURNING or place >= len(said.words):
        return False
    after = said.words[place]
    if _begins(said, place - 1) or any(
        slot.type == "choice" and each.cues[slot.name].nouns & {after.lower, after.stem} for slot in each.unit.slots
    ):
        return False  # `File invoice 12`; `the marketing account`, which is none of the accounts
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
        if heads or owned or len(loose_ones) > 1 or word.lower in TURNING or word.lower not in _SLIGHT:
            yield word


def _worth(
    each: Profile,
    said: Utterance,
    taken: Sequence[Span],
    needed: Sequence[SlotSpec],
    chosen: Assignment,
    sure: Sequence[SlotSpec],
) -> float:
    """What values that are plainly its own say for a unit: enough to run where all are there and something is asked for.

    So a verb that no example has, or none at all (`INV-1, Hansa, 20 EUR, due 3 May`), does not hide what is meant.
    """
    given = [slot for slot in needed if slot.name in chosen.chosen]
    if len(needed) < 3 or len(sure) < 0.6 * len(needed):
        return 0.0
    matter = [stem for word, stem in _free(said, taken) if is_content(word.lower) and each.owns(stem)]
    asked = said.mood.requests or any(stem in verbs() for stem in matter)
    if len(given) < len(needed) or len(sure) < len(needed) - 1 or not (asked or not said.mood.states):
        return 0.4
    return 0.62 if matter or any(way.slot not in {s.name for s in needed} for way in chosen.chosen.values()) else 0.4


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
