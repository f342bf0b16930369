"""Cues: which words stand beside a slot's value, learnt from the examples of wording and from the slot's own name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from doer.intent.text import Word, stem, word_set, words
from doer.intent.vocabulary import FUNCTION_WORDS, LIGHT_VERBS, alike, like_nouns, near
from doer.planning.skills.slots import SlotSpec
from doer.planning.skills.unit import Unit
from doer.planning.words.utterance import Span, Utterance
from doer.planning.words.wording import MARKER

_STOP = re.compile(r"[,;.:!?]")
_BEFORE_COMMA = re.compile(r"\{(\w+)\}, $")
_OWNED = re.compile(r"^['’]s\b")
LINKS = word_set("""
    on at to for from with as under by in of about into onto via than until till before after since over against
    """)
_COPULA = word_set("""
    is as will be being are becomes become was remains 's
    """)
_SKIPPED = word_set("""
    a an the his her their its my our your is be will are to
    """)
# Words that tell of a role without naming it.
_SAYINGS: Mapping[str, tuple[str, ...]] = {
    "manager": (
        "reports to",
        "reporting to",
        "report to",
        "managed by",
        "supervised by",
        "led by",
        "works under",
        "under",
    ),
    "start": ("starting", "starts", "joining", "joins", "beginning", "begins", "from"),
    "recipient": ("to",),
    "to": ("to",),
    "reason": ("because", "because of", "due to"),
    "body": ("saying", "that says"),
    "message": ("saying", "that says"),
    "text": ("saying", "that says"),
    "title": ("called", "titled", "named"),
    "subject": ("about", "titled"),
    "topic": ("about",),
    "role": ("as",),
    "location": ("in", "at"),
    "address": ("in", "at"),
    "place": ("in", "at"),
    "destination": ("in", "at", "to"),
    "venue": ("at", "in"),
    "amount": ("of",),
    "value": ("worth",),
}
GREEDY = word_set("""
    saying says say that because reason message text body note :
    """)


@dataclass(frozen=True)  # without slots: it keeps what every sentence asks of it
class Cues:
    """Words beside the values of one slot, with weights up to 1."""

    left: Mapping[str, float] = field(default_factory=dict)
    """Stems of content words up to four words before the value."""
    right: Mapping[str, float] = field(default_factory=dict)
    links: Mapping[str, float] = field(default_factory=dict)
    """Small words directly before the value."""
    phrases: frozenset[tuple[str, ...]] = frozenset()
    """Whole phrases directly before the value."""
    nouns: frozenset[str] = frozenset()
    """Words that name the slot."""
    linked: frozenset[str] = frozenset()
    """Those of `left` that always have a small word after them (`reporting to`), and tell little without it."""
    opens: Mapping[str, float] = field(default_factory=dict)
    """Stems of words directly before free text, small connecting words aside."""
    ends: frozenset[str] = frozenset()
    """Words directly after it in an example."""
    last: bool = False
    """True: an example ends with it, so that free text may run to the end."""
    colon: bool = False
    """True: in an example it stands directly after a colon."""
    follows: frozenset[str] = frozenset()
    """Slots that an example names directly before it, with nothing but a comma between."""
    owns: bool = False
    """True: in an example it has a possessive ending."""

    @cached_property
    def stems(self) -> frozenset[str]:
        """Stems of the words that name the slot."""
        return frozenset(map(stem, self.nouns))

    @cached_property
    def named(self) -> frozenset[str]:
        """Those, and the stems of other nouns for the same things."""
        return frozenset(each for one in self.stems for each in (one, *like_nouns(one)))

    @cached_property
    def acts(self) -> bool:
        """True: it is called after one who does something, as a manager is."""
        return any(noun.endswith(("er", "or")) for noun in self.nouns)

    @cached_property
    def before(self) -> frozenset[str]:
        """Stems that may stand for one of `left`."""
        return near(self.left)

    @cached_property
    def after(self) -> frozenset[str]:
        """Stems that may stand for one of `right`."""
        return near(self.right)

    def opening(self, before: tuple[str, ...], stem: str) -> float:
        """Return how strongly the last of these words, of this stem, announces the slot's text."""
        word, phrase = before[-1], 0.0
        for each in self.phrases:
            if each and each[-1] == word and before[-len(each) :] == each:
                phrase = max(phrase, 1.0 + 0.5 * len(each))
        if len(word) > 2 and word in self.nouns:
            phrase = max(phrase, 1.5)
        link = 0.8 * self.links.get(word, 0.0) if word in LINKS else 0.0
        return max(phrase, 1.2 * self.opens.get(stem, 0.0), link)


@dataclass(frozen=True, slots=True)
class _Seen:
    left: tuple[str, ...]
    right: tuple[str, ...]
    last: bool


def learn(unit: Unit) -> Mapping[str, Cues]:
    """Return the cues of each slot of the unit. A word beside several slots tells them apart less."""
    seen: dict[str, list[_Seen]] = {slot.name: [] for slot in unit.slots}
    heard: dict[str, tuple[str, ...]] = {}
    for example in unit.examples:
        for name, each in _around(example, heard):
            seen.setdefault(name, []).append(each)
    lefts = {name: _content(word for each in all_ for word in each.left) for name, all_ in seen.items()}
    rights = {name: _content(word for each in all_ for word in each.right) for name, all_ in seen.items()}
    opens = {
        name: {stem(each.left[-1]) for each in all_ if each.left and each.left[-1] not in LINKS}
        for name, all_ in seen.items()
    }
    links = {
        name: {each.left[-1] for each in all_ if each.left and each.left[-1] in LINKS} for name, all_ in seen.items()
    }
    return {
        slot.name: Cues(
            _shared(lefts, slot.name),
            _shared(rights, slot.name),
            _shared(links, slot.name),
            _phrases(slot),
            _nouns(slot),
            _linked(seen[slot.name]),
            _shared(opens, slot.name),
            frozenset(each.right[0] for each in seen[slot.name] if each.right),
            any(each.last for each in seen[slot.name]),
            *_beside(unit.examples, slot.name),
        )
        for slot in unit.slots
    }


def _beside(examples: Sequence[str], name: str) -> tuple[bool, frozenset[str], bool]:
    marker = "{" + name + "}"
    ends = [each.split(marker) for each in examples if marker in each]
    follows = [found for pieces in ends for each in pieces[:-1] if (found := _BEFORE_COMMA.search(each))]
    colon = any(each.rstrip().endswith(":") for pieces in ends for each in pieces[:-1])
    owns = any(_OWNED.match(each) for pieces in ends for each in pieces[1:])
    return colon, frozenset(found[1] for found in follows), owns


def _around(example: str, heard: dict[str, tuple[str, ...]]) -> Iterable[tuple[str, _Seen]]:
    """Each marker of an example with the words before and after it, up to the next marker or stop.

    `heard` keeps the words of pieces: most stand in several examples.
    """
    pieces = MARKER.split(example)
    for place in range(1, len(pieces), 2):
        left = _lowers(_STOP.split(pieces[place - 1])[-1], heard)[-4:]
        right = _lowers(_STOP.split(pieces[place + 1])[0], heard)[:3]
        yield pieces[place], _Seen(_stripped(left), right, not pieces[place + 1].strip(" .!?"))


def _lowers(text: str, heard: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    if text not in heard:
        heard[text] = tuple(word.lower for word in words(text))
    return heard[text]


def _stripped(left: tuple[str, ...]) -> tuple[str, ...]:
    while left and left[-1] in {"a", "an", "the"}:
        left = left[:-1]
    return left


def _linked(seen: Sequence[_Seen]) -> frozenset[str]:
    with_link = _content(word for each in seen if each.left and each.left[-1] in LINKS for word in each.left)
    return frozenset(
        with_link - _content(word for each in seen if not each.left or each.left[-1] not in LINKS for word in each.left)
    )


def _content(all_: Iterable[str]) -> set[str]:
    return {stem(word) for word in all_ if word not in FUNCTION_WORDS and word not in LIGHT_VERBS}


def _shared(by_slot: Mapping[str, set[str]], name: str) -> Mapping[str, float]:
    count = Counter(word for all_ in by_slot.values() for word in all_)
    return {word: 1.0 / count[word] for word in by_slot.get(name, ())}


def _nouns(slot: SlotSpec) -> frozenset[str]:
    """Words that name the slot: those of its name, and single words of its cues."""
    single = [each.lower() for each in slot.cues if each.isalpha() and each.lower() not in FUNCTION_WORDS | LINKS]
    return frozenset([*(word.lower for word in words(slot.name.replace("_", " "))), *single])


def _phrases(slot: SlotSpec) -> frozenset[tuple[str, ...]]:
    parts = slot.name.split("_")
    said = [*slot.cues, *(each for part in parts for each in _SAYINGS.get(part, ()))]
    return frozenset(tuple(each.lower().split()) for each in said)


def evidence(slot: Cues, said: Utterance, span: Span) -> float:
    """Return how strongly the words around a span say that it is this slot's value: 0 for nothing, about 2 for plain.

    Words beyond other values do not count.
    """
    before, after = said.near(span)
    left = _left(slot, before)
    return left + (_right(slot, after) if left < 2 else 0.0)


def _left(slot: Cues, before: Sequence[Word]) -> float:
    plain = [word.lower for word in before]
    score = 0.0
    for phrase in slot.phrases:
        near = plain[1:] if plain and plain[0] in {"a", "an", "the", "on"} and phrase[-1] != plain[0] else plain
        if tuple(reversed(near[: len(phrase)])) == phrase:
            score = max(score, 1.0 + 0.5 * min(len(phrase), 2))
    link = next((word for word in plain if word not in {"a", "an", "the"}), "")
    for distance, word in enumerate(before):
        nearness = 1.0 - 0.15 * distance
        if _names(slot, word) and not (_is_verb_form(slot, word) and plain[0] != "by"):
            score = max(score, 2.0 * nearness)
        if word.stem not in slot.before or (_names(slot, word) and _is_verb_form(slot, word) and plain[0] != "by"):
            continue
        loose = frozenset() if link in slot.links else slot.linked
        weight = max(
            part * (0.2 if known in loose else 1.0) for known, part in slot.left.items() if alike(known, word.stem)
        )
        score = max(score, 1.5 * weight * nearness)
    if link in slot.links:
        score += 0.5 * slot.links[link]
    return score


def _names(slot: Cues, word: Word) -> bool:
    return word.stem in slot.named


def _is_verb_form(slot: Cues, word: Word) -> bool:
    """`managed` beside a slot `manager`: the value stands before the verb, or after `by`."""
    return (
        slot.acts
        and not word.lower.removesuffix("'s").rstrip("s").endswith(("er", "or"))
        and word.lower not in {"boss", "lead"}
    )


def _right(slot: Cues, after: Sequence[Word]) -> float:
    score, copula = 0.0, False
    plain = [word.lower for word in after]
    for distance, word in enumerate(after):
        nearness = 1.0 - 0.15 * distance
        passive = distance + 1 < len(plain) and plain[distance + 1] == "by"
        if _names(slot, word) and not passive and (copula or _is_verb_form(slot, word)):
            score = max(score, 1.8 * nearness)
        if word.stem in slot.after:
            weight = max(weight for known, weight in slot.right.items() if alike(known, word.stem))
            score = max(score, 1.4 * weight * nearness)
        copula = copula or word.lower in _COPULA
    return score


def skipped(word: str) -> bool:
    """Tell whether a word may stand between a cue and free text."""
    return word in _SKIPPED
