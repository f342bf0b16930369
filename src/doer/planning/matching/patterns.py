"""Patterns: what is said word for word as an example or a pattern of a unit is, but for its values.

Then every word has its place, and nothing is left to doubt but what a value means. The words in the place of a `verbatim`
slot are its value, whatever they are: what somebody is to be reminded of, what a mail shall say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import assert_never

from doer.domain.goal import Option
from doer.intent.text import Word, stem, word_set
from doer.intent.vocabulary import FUNCTION_WORDS, verbs
from doer.planning.matching.expected import expected
from doer.planning.matching.fill import Fill, overlap
from doer.planning.matching.quotes import unquoted
from doer.planning.matching.spoken import ARTICLES, MAIL, Spoken
from doer.planning.skills.slots import SlotSpec
from doer.planning.words.utterance import Span, Utterance
from doer.planning.words.wording import Either, Node, Said, Value

_OPEN = word_set("by before until till to from for with since after and or the a an that of as")
"""Words with which no text ends where something else follows it."""
_KNOWN = word_set("the my our")
_NOTHING = MAIL | ARTICLES | word_set("it this that them him her me us something anything file files")
"""Words that alone tell nothing."""
_BEFORE_TIME = word_set("on at for")
_TIMED = frozenset({"date", "time", "datetime", "period"})
_MANNERS = re.compile(
    r"^\W*(?:(?:please|pls|plz|kindly|hi|hello|hey|ok|okay|oh|ah|so|and|also|just|then|now|doer)\b[\s,!:]*"
    r"|(?:by the way|btw|oh|ah|um|uh|well|actually|fyi|one more thing|alright|right then|great)\b[\s,!:.]*|(?:can|could|would|will) (?:you|u)\b[\s,]*|(?:i(?:['’]d| would) like|i want|i need) you to\b\s*|would you be so kind as to\b\s*"
    r"|be so kind as to\b\s*|would you mind\b\s*|(?:do not|don['’]?t) forget to\b\s*)+",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"(?:[\s,]*(?:\bas well|\btoo|\bplease|\bpls|\bplz|\bwould you|\bcould you)|[\s,.!?]*(?:\bthanks|\bthank you|\bcheers)(?: a lot| so much| in advance)?)*[\s.!?]*$",
    re.IGNORECASE,
)
_ENDS = re.compile(r"[,;?!\n]|(?<!\bProf)(?<!\bCorp)(?<!\w\.\w)(?<=\w{3})\.\s")
"""Where a breath ends: at a full stop too, but for `Dr. Stone`, `St. Pauli`."""
_FILLERS = word_set("please pls plz kindly just also")
_QUANTITIES = word_set(
    "all every everything everyone any anything both each no some other another what which who but only"
    " most least more less up"
)
_SUBJECTS = word_set("i we you he she they it i'm we're he's she's they're it's")
_JOINTS = frozenset({"and", "then", "but"})
_LONGEST_NAME = 7
_MOST_STEPS = 20_000


@dataclass(frozen=True, slots=True)
class Pattern:
    """An example that the sentence follows."""

    texts: Mapping[str, Span]
    """The words of each verbatim slot."""
    literal: int
    """How many words of the example itself the sentence says."""
    values: Mapping[str, Span]
    """The words of the other slots."""

    def ways(self, slot: SlotSpec, ways: Sequence[Fill], said: Utterance) -> tuple[Fill, ...]:
        """Return those ways to fill a slot that stand where the example has it; none where it does not have it."""
        span = self.texts.get(slot.name)
        if span is None and slot.type == "choice" and slot.name not in self.values:
            # The example's own word may say which: `cancel my meetings`, all of them; what has its place is no choice beside it.
            held = (*self.texts.values(), *self.values.values())
            return tuple(each for each in ways if not any(overlap(each.span, other) for other in held))
        if span is None:
            place = self.values.get(slot.name)
            here = tuple(each for each in ways if each.span == place)
            return here or tuple(each for each in expected(slot, said) if each.span == place)
        text = said.text[slice(*span)]
        return (Fill(slot.name, span, (span,), (), (Option(text, text),), 9.0, 2.0),)

    def holds(self, chosen: Mapping[str, Fill]) -> bool:
        """Tell whether each value is the one that stands in its place."""
        wanted = {**self.texts, **self.values}
        return {name: way.span for name, way in chosen.items() if name in wanted} == wanted


def followed(
    worded: tuple[Sequence[tuple[Node, ...]], frozenset[str]],
    slots: Sequence[SlotSpec],
    ways: Mapping[str, Sequence[Fill]],
    said: Utterance,
    answered: Mapping[str, Sequence[Span]],
) -> Pattern | None:
    """Return the sentence that is followed: the one that says most itself, and that leaves the texts least.

    `worded`: the sentences, and their words. None where there is none, and where two such divide the words differently: then nothing is certain.
    """
    sentences, own = worded
    free = {slot.name for slot in slots if slot.verbatim}
    kinds = {slot.name: slot.type for slot in slots}
    spans = {
        slot.name: (*_sure(slot, ways[slot.name], said), *(each.span for each in expected(slot, said)))
        for slot in slots
        if slot.name not in free
    }
    spans |= {name: tuple(held) for name, held in answered.items()}
    typed = [span for slot in slots if slot.type in _TIMED | {"choice"} for span in spans.get(slot.name, ())]
    people = {each.span for slot in slots if slot.type == "person" for each in expected(slot, said)}
    away = {slot.name: typed for slot in slots if slot.verbatim and not slot.required}
    every: list[Pattern] = []
    for cut, stop in _cuts(said):
        walk = _Walk(said.text, cut, spans, free, kinds, stop, own, away, said.quotes, people)
        every = [one for each in sentences for one in walk.all(each)]
        if every:
            break
    if not every:
        return None
    every = [replace(each, values={n: span for n, span in each.values.items() if n not in answered}) for each in every]
    best = max(every, key=_worth)
    same = [each for each in every if _worth(each) == _worth(best)]
    return best if all(_cut_alike(each, best) for each in same) else None


def _cut_alike(one: Pattern, other: Pattern) -> bool:
    """Tell whether both cut the words at the same places: `tomorrow` is a day and a period, and means the same."""
    return one.texts == other.texts and sorted(one.values.values()) == sorted(other.values.values())


def _sure(slot: SlotSpec, ways: Sequence[Fill], said: Utterance) -> set[Span]:
    """The words that may stand in the place of a value; for a mere name those that are known, or look like one."""
    if slot.type != "text" or slot.worded:
        return {each.span for each in ways}  # that a row is called so is looked up
    names = slot.called | {each.casefold() for each in slot.likely}
    formed = {(each.start, each.end) for each in said.atoms if each.kind != "number"}
    return {each.span for each in ways if each.span in formed or said.text[slice(*each.span)].casefold() in names}


def _cuts(said: Utterance) -> Iterator[tuple[tuple[Word, ...], int]]:
    """Yield the words to hold against a sentence, and where they end: without manners; then with those at the beginning."""
    starts = dict.fromkeys([found.end() if (found := _MANNERS.match(said.text)) else 0, 0])
    for start in starts:
        stop = found.start() if (found := _THANKS.search(said.text, start)) else len(said.text)
        inside = (word for word in said.words if start <= word.start and word.end <= stop)
        yield tuple(word for word in inside if not _fills(said, word)), stop


def _fills(said: Utterance, word: Word) -> bool:
    """Tell whether a word is manners alone, and stands in no quotes."""
    quoted = (each for each in said.mentions if each.kind == "quoted")
    return word.lower in _FILLERS and not any(each.start <= word.start < each.end for each in quoted)


def _worth(each: Pattern) -> tuple[int, int, int]:
    return each.literal, len(each.values), -sum(end - start for start, end in each.texts.values())


@dataclass(slots=True)
class _Walk:
    """Holds sentences against the words, going back where they do not fit."""

    text: str
    said: tuple[Word, ...]
    spans: Mapping[str, Sequence[Span]]
    free: set[str]
    kinds: Mapping[str, str]
    stop: int
    own: frozenset[str] = frozenset()
    """The words of all sentences: a text of these alone tells nothing, as `the meeting` does; `writing` is not `write`."""
    away: Mapping[str, Sequence[Span]] = field(default_factory=dict)
    """Of texts that need not be told: values of other slots, which are no part of them: `the lunch tomorrow`."""
    quotes: Sequence[Span] = ()
    people: AbstractSet[Span] = frozenset()
    steps: int = 0
    spoken: Spoken = field(init=False)

    def __post_init__(self) -> None:
        self.spoken = Spoken.of(self.said)

    def all(self, sentence: tuple[Node, ...]) -> list[Pattern]:
        """Return every way in which the whole sentence is what was said."""
        if not self.spoken.may_say(sentence):
            return []
        self.steps = 0
        return self._from(sentence, 0, Pattern({}, 0, {}))

    def _from(self, rest: tuple[Node, ...], place: int, so_far: Pattern) -> list[Pattern]:
        self.steps += 1
        if self.steps > _MOST_STEPS:
            return []
        if not rest:
            return [so_far] if place == len(self.said) else []
        first, rest = rest[0], rest[1:]
        match first:
            case Either(ways):
                return [one for way in ways for one in self._from((*way, *rest), place, so_far)]
            case Said(word):
                return self._literal(word, rest, place, so_far)
            case Value(slot, owns, colon):
                if colon and not self._after_colon(place):
                    return []
                if slot in self.free:
                    return self._free(slot, rest, place, so_far)
                return self._value(slot, rest, place, so_far, owns=owns)
            case _:
                assert_never(first)

    def _literal(self, token: str, rest: tuple[Node, ...], place: int, so_far: Pattern) -> list[Pattern]:
        here = self.said[place].lower if place < len(self.said) else ""
        if token in ARTICLES:
            return self._article(token, rest, place, so_far)
        if here in ARTICLES and place + 1 < len(self.said):
            place += 1
        if place == len(self.said) or not _same(token, self.said[place]):
            return []
        return self._from(rest, place + 1, Pattern(so_far.texts, so_far.literal + 1, so_far.values))

    def _article(self, token: str, rest: tuple[Node, ...], place: int, so_far: Pattern) -> list[Pattern]:
        here = self.said[place].lower if place < len(self.said) else ""
        if rest and isinstance(rest[0], Either):
            ways = ((Said(token), *way, *rest[1:]) for way in rest[0].ways)
            return [one for way in ways for one in self._from(way, place, so_far)]
        if rest and isinstance(rest[0], Value) and rest[0].slot in self.free:  # `cancel the …`: not `cancel all my …`
            told = here in ARTICLES and (here in _KNOWN) == (token in _KNOWN)
            return self._from(rest, place + 1, so_far) if told else []
        return self._from(rest, place + (here in ARTICLES), so_far)

    def _after_colon(self, place: int) -> bool:
        return 0 < place < len(self.said) and ":" in self.text[self.said[place - 1].end : self.said[place].start]

    def _value(self, name: str, rest: tuple[Node, ...], place: int, so_far: Pattern, *, owns: bool) -> list[Pattern]:
        if name in so_far.values:
            return []
        skips = ARTICLES | (_BEFORE_TIME if self.kinds.get(name) in _TIMED else frozenset())
        found: list[Pattern] = []
        for _ in range(3):
            if place == len(self.said):
                break
            for span in self.spans.get(name, ()):
                after = self._after(place, span)
                if after is not None and (owns or self.text[span[1] : span[1] + 2] not in {"'s", "’s"}):
                    values = {**so_far.values, name: span}
                    found += self._from(rest, after, Pattern(so_far.texts, so_far.literal, values))
            if self.said[place].lower not in skips:
                break
            place += 1
        return found

    def _after(self, place: int, span: Span) -> int | None:
        """The place of the first word after a value that begins here; None where it does not."""
        before = self.said[place - 1].end if place else 0
        if not before <= span[0] <= self.said[place].start < span[1]:
            return None  # a value may begin with a sign, as `./a.pdf` does, and so before its first word
        return next((n for n in range(place, len(self.said)) if self.said[n].start >= span[1]), len(self.said))

    def _free(self, name: str, rest: tuple[Node, ...], place: int, so_far: Pattern) -> list[Pattern]:
        found: list[Pattern] = []
        if name in so_far.texts:
            return []
        for after in range(place + 1, len(self.said) + 1) if rest else [len(self.said)]:
            if all(
                word.lower in _NOTHING
                or not self.own.isdisjoint((word.lower, word.lower.removesuffix("s"), f"{word.lower}s"))
                for word in self.said[place:after]
            ) or (after < len(self.said) and self.said[after - 1].lower in _OPEN):
                continue
            span = (self.said[place].start, self.stop if after == len(self.said) else self.said[after - 1].end)
            if (span := unquoted(span, self.text, self.quotes) or (0, 0)) == (0, 0):
                continue
            if name in self.away and not self._is_name(name, place, after):
                continue
            if place == 0 < after < len(self.said) and (self.said[0].lower in _SUBJECTS or self._ends_within(span)):
                continue  # `Jo is ill, the lunch is on Friday`, `I need to be there on Friday`
            found += self._from(rest, after, Pattern({**so_far.texts, name: span}, so_far.literal, so_far.values))
        return found

    def _ends_within(self, span: Span) -> bool:
        return _ENDS.search(self.text, *span) is not None and not any(
            a <= span[0] and span[1] <= b for a, b in self.quotes
        )

    def _is_name(self, name: str, place: int, after: int) -> bool:
        """Tell whether words can call something: a few, in one breath, without values of other slots or a new request."""
        inside = self.said[place:after]
        span = (inside[0].start, inside[-1].end)
        if len(inside) > _LONGEST_NAME or inside[0].lower in _QUANTITIES or _ENDS.search(self.text, *span):
            return False
        if span in self.people:  # `remove Jo` is about no meeting that is called so
            return False
        joined = any(one.lower in _JOINTS and two.stem in verbs() for one, two in pairwise(inside))
        return not joined and not any(overlap(span, each) for each in self.away[name])


def _same(token: str, word: Word) -> bool:
    """Tell whether a word is the one of the example, in whatever form; no other word stands for it here, but for mail."""
    if token == word.lower or (token in MAIL and word.lower in MAIL):
        return True
    if token in FUNCTION_WORDS or word.lower in FUNCTION_WORDS:
        return False
    one = word.lower
    if token in {f"{one}s", f"{one}es", f"{one[:-1]}ies"}:
        return False  # who says `the newsletter` means one, and the example is of all of them
    return stem(token) == word.stem
