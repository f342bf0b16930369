"""Patterns: a sentence that is worded as an example is, word for word but for its values.

So much is certain then that the words in the place of a `verbatim` slot are its value, whatever they are: what somebody
is to be reminded of, what a mail shall say. Only a slot that says so is read like that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from doer.domain.goal import Option
from doer.intent.text import Word, stem, word_set
from doer.intent.vocabulary import FUNCTION_WORDS
from doer.planning.cues import Tokens
from doer.planning.fill import Fill, overlap
from doer.planning.slots import SlotSpec
from doer.planning.utterance import Span, Utterance

_ARTICLES = word_set("a an the my our")
_MAIL = word_set("mail email message mails emails messages")
_OPEN = word_set("by before until till to from for with since after and or the a an that of as")
"""Words with which no text ends where something else follows it."""
_KNOWN = word_set("the my our")
_NOTHING = _MAIL | _ARTICLES | word_set("it this that them him her me us something anything file files")
"""Words that alone tell nothing."""
_BEFORE_TIME = word_set("on at for")
_TIMED = frozenset({"date", "time", "datetime", "period"})
_MANNERS = re.compile(
    r"^\W*(?:(?:please|pls|plz|kindly|hi|hello|hey|ok|okay|so|and|also|just|then|now|doer)\b[\s,!:]*"
    r"|(?:can|could|would|will) you\b[\s,]*|(?:i(?:['’]d| would) like|i want|i need) you to\b\s*|would you be so kind as to\b\s*"
    r"|be so kind as to\b\s*|would you mind\b\s*|(?:do not|don['’]?t) forget to\b\s*)+",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"(?:[\s,]*(?:\bas well|\btoo|\bplease|\bpls|\bplz|\bthanks|\bthank you|\bwould you|\bcould you))*[\s.!?]*$",
    re.IGNORECASE,
)
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
            return tuple(ways)  # the example's own word may say which: `cancel my meetings`, all of them
        if span is None:
            return tuple(each for each in ways if each.span == self.values.get(slot.name))
        text = said.text[slice(*span)]
        return (Fill(slot.name, span, (span,), (), (Option(text, text),), 9.0, 2.0),)

    def holds(self, chosen: Mapping[str, Fill]) -> bool:
        """Tell whether each value is the one that stands in its place."""
        wanted = {**self.texts, **self.values}
        return {name: way.span for name, way in chosen.items() if name in wanted} == wanted


def followed(
    cuts: Sequence[Tokens],
    own: frozenset[str],
    slots: Sequence[SlotSpec],
    ways: Mapping[str, Sequence[Fill]],
    said: Utterance,
) -> Pattern | None:
    """Return the example that the sentence follows: the one that says most itself, and that leaves the texts least.

    `cuts`: the examples, cut; `own`: stems of their words.

    None where there is none, and where two such divide the words differently: then nothing is certain.
    """
    free = {slot.name for slot in slots if slot.verbatim}
    if not free:
        return None
    start = found.end() if (found := _MANNERS.match(said.text)) else 0
    stop = found.start() if (found := _THANKS.search(said.text, start)) else len(said.text)
    cut = tuple(word for word in said.words if start <= word.start and word.end <= stop)
    kinds = {slot.name: slot.type for slot in slots}
    spans = {name: tuple({way.span for way in each}) for name, each in ways.items() if name not in free}
    typed = [span for slot in slots if slot.type in _TIMED | {"choice"} for span in spans.get(slot.name, ())]
    away = {slot.name: typed for slot in slots if slot.verbatim and not slot.required}
    every = [one for each in cuts for one in _Walk(each, cut, spans, free, kinds, stop, own, away).all()]
    if not every:
        return None
    best = max(every, key=_worth)
    same = [each for each in every if _worth(each) == _worth(best)]
    return best if all(each.texts == best.texts for each in same) else None


def _worth(each: Pattern) -> tuple[int, int, int]:
    return each.literal, len(each.values), -sum(end - start for start, end in each.texts.values())


@dataclass(slots=True)
class _Walk:
    """Holds one example against the words, going back where it does not fit."""

    example: Tokens
    said: tuple[Word, ...]
    spans: Mapping[str, Sequence[Span]]
    free: set[str]
    kinds: Mapping[str, str]
    stop: int
    own: frozenset[str] = frozenset()
    """Stems of the words of all examples: a text of these alone tells nothing, as `the meeting` does."""
    away: Mapping[str, Sequence[Span]] = field(default_factory=dict)
    """Of texts that need not be told: values of other slots, which are no part of them: `the lunch tomorrow`."""
    steps: int = 0

    def all(self) -> list[Pattern]:
        """Return every way in which the whole example is the whole sentence."""
        return self._from(0, 0, Pattern({}, 0, {}))

    def _from(self, at: int, place: int, so_far: Pattern) -> list[Pattern]:
        self.steps += 1
        if self.steps > _MOST_STEPS:
            return []
        if at == len(self.example):
            return [so_far] if place == len(self.said) else []
        token, marker = self.example[at]
        if not marker:
            return self._literal(token, at, place, so_far)
        return self._free(token, at, place, so_far) if token in self.free else self._value(token, at, place, so_far)

    def _literal(self, token: str, at: int, place: int, so_far: Pattern) -> list[Pattern]:
        if token in _ARTICLES:
            marker, free = (
                (self.example[at + 1][1], self.example[at + 1][0]) if at + 1 < len(self.example) else (False, "")
            )
            if marker and free in self.free:  # `cancel the …`: not `cancel all my …`
                told = place < len(self.said) and (self.said[place].lower in _KNOWN) == (token in _KNOWN)
                told = told and self.said[place].lower in _ARTICLES
                return self._from(at + 1, place + 1, so_far) if told else []
            skip = place < len(self.said) and self.said[place].lower in _ARTICLES
            return self._from(at + 1, place + skip, so_far)
        if place < len(self.said) and self.said[place].lower in _ARTICLES and place + 1 < len(self.said):
            place += 1
        if place == len(self.said) or not _same(token, self.said[place]):
            return []
        return self._from(at + 1, place + 1, Pattern(so_far.texts, so_far.literal + 1, so_far.values))

    def _value(self, name: str, at: int, place: int, so_far: Pattern) -> list[Pattern]:
        skips = _ARTICLES | (_BEFORE_TIME if self.kinds.get(name) in _TIMED else frozenset())
        found: list[Pattern] = []
        for _ in range(3):
            if place == len(self.said):
                break
            for span in self.spans.get(name, ()):
                after = self._after(place, span)
                if after is not None:
                    found += self._from(
                        at + 1, after, Pattern(so_far.texts, so_far.literal, {**so_far.values, name: span})
                    )
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

    def _free(self, name: str, at: int, place: int, so_far: Pattern) -> list[Pattern]:
        found: list[Pattern] = []
        last = at + 1 == len(self.example)
        for after in [len(self.said)] if last else range(place + 1, len(self.said)):
            if all(word.lower in _NOTHING or word.stem in self.own for word in self.said[place:after]) or (
                after < len(self.said) and self.said[after - 1].lower in _OPEN
            ):
                continue
            span = (self.said[place].start, self.stop if after == len(self.said) else self.said[after - 1].end)
            if any(overlap(span, each) for each in self.away.get(name, ())):
                continue
            texts = {**so_far.texts, name: span}
            found += self._from(at + 1, after, Pattern(texts, so_far.literal, so_far.values))
        return found


def _same(token: str, word: Word) -> bool:
    """Tell whether a word is the one of the example, in whatever form; no other word stands for it here, but for mail."""
    if token == word.lower or (token in _MAIL and word.lower in _MAIL):
        return True
    if token in FUNCTION_WORDS or word.lower in FUNCTION_WORDS:
        return False
    return stem(token) == word.stem
