"""Utterance: a goal, or one clause of it, cut into words and mentions; what was left out is blanked in place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from doer.domain.goal import Goal
from doer.domain.value import Json, Provenance
from doer.intent.grounder import Grounder, groups
from doer.intent.mention import Kind, Mention, Reading
from doer.intent.text import Word, stem, words
from doer.intent.vocabulary import PHRASES
from doer.planning.words.asides import asides, puzzles, urgent
from doer.planning.words.mood import Mood, friendly_spans, mood

Span = tuple[int, int]
_STOPS = frozenset(",;.:!?()")
_OPENING = frozenset(each.split()[0] for each in PHRASES)
"""The first words of verbs of two words."""


@dataclass(frozen=True, slots=True)
class Put:
    """Words that stand in the place of others: what `it` means, or what a correction says instead."""

    span: Span
    """In the goal's text."""
    text: str
    origin: Provenance
    """Where the value came from, for the slot that takes it."""
    kind: Kind | None = None
    """The kind of value that it is; None: it is read as any other words are."""
    value: Json = None


@dataclass(frozen=True)  # without slots: it keeps what every unit asks of it
class Utterance:
    """What was said, read once for all units."""

    goal: Goal
    text: str
    words: tuple[Word, ...]
    mentions: tuple[Mention, ...]
    listed: tuple[tuple[Mention, ...], ...]
    mood: Mood
    polite: tuple[Span, ...]
    """Parts that ask for nothing."""
    addresses: tuple[Mention, ...] = ()
    puzzles: tuple[Span, ...] = ()
    """What the speaker cannot make out."""
    urgent: bool = False
    puts: tuple[tuple[Span, Put], ...] = ()
    """What was put into the text, with its span there."""

    def origin(self, span: Span) -> Provenance:
        """Return where the words of a span came from, by their place in the goal's own text."""
        for place, put in self.puts:
            if place[0] < span[1] and span[0] < place[1]:
                return put.origin
        start, end = (self._back(each) for each in span)
        return Provenance("words", self.text[slice(*span)], start, end)

    def _back(self, place: int) -> int:
        grown = [len(put.text) - (put.span[1] - put.span[0]) for (start, _), put in self.puts if start < place]
        return place - sum(grown)

    @cached_property
    def atoms(self) -> tuple[Mention, ...]:
        """The mentions with joined ones taken apart."""
        return tuple(part for each in self.mentions for part in (each.parts or (each,)))

    @cached_property
    def quotes(self) -> tuple[Span, ...]:
        """Where quotations stand, with their marks."""
        return tuple((each.start, each.end) for each in self.mentions if each.kind == "quoted")

    @cached_property
    def each(self) -> tuple[Mention, ...]:
        """Every mention, and then the parts of those that were joined."""
        return (*self.mentions, *(part for each in self.mentions for part in each.parts))

    @cached_property
    def together(self) -> tuple[Mention, ...]:
        """The same, but for parts that stand together as one, and for what was joined from afar."""
        joined = [each for each in self.mentions if each.parts and (each.start, each.end) != _span(each.parts[1])]
        held = {_span(part) for each in joined for part in each.parts}
        parts = (part for each in self.mentions for part in each.parts if _span(part) not in held)
        return (*(each for each in self.mentions if not each.parts or each in joined), *parts)

    @cached_property
    def joined(self) -> tuple[tuple[Word, str], ...]:
        """The words with their stems, two words that are one verb sharing the stem of that verb."""
        return phrases_joined(self.words)

    @cached_property
    def lowers(self) -> tuple[str, ...]:
        """The words in lower case."""
        return tuple(word.lower for word in self.words)

    @cached_property
    def stems(self) -> tuple[str, ...]:
        """Their stems."""
        return tuple(word.stem for word in self.words)

    @cached_property
    def gaps(self) -> tuple[str, ...]:
        """What stands between each word and the next; after the last one a line's end."""
        pairs = zip(self.words, self.words[1:], strict=False)
        return (*(self.text[one.end : two.start] for one, two in pairs), "\n")

    @cached_property
    def mentioned(self) -> frozenset[int]:
        """Where the words begin that stand in a mention."""
        return frozenset(w.start for w in self.words if any(m.start <= w.start < m.end for m in self.atoms))

    @cached_property
    def counted(self) -> frozenset[int]:
        """Where the words begin that stand in a number."""
        numbers = [each for each in self.atoms if each.kind == "number"]
        return frozenset(w.start for w in self.words if any(m.start <= w.start < m.end for m in numbers))

    @cached_property
    def _places(self) -> Mapping[int, int]:
        return {word.start: place for place, word in enumerate(self.words)}

    def place(self, word: Word) -> int:
        """Return which of the words it is, counted from 0."""
        return self._places[word.start]

    @cached_property
    def _near(self) -> dict[Span, tuple[tuple[Word, ...], tuple[Word, ...]]]:
        return {}

    def near(self, span: Span) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
        """Return up to four words before a span, nearest first, and up to four after it: within its clause, and up to the
        next value on either side.
        """
        if span not in self._near:
            self._near[span] = self._window(span)
        return self._near[span]

    def _window(self, span: Span) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
        text = self.text
        low = max([each.end for each in self.atoms if each.end <= span[0]], default=0)
        high = min([each.start for each in self.atoms if each.start >= span[1]], default=len(text))
        stops = [each for each in range(low, span[0]) if text[each] in ";.!?" or text[each : each + 2] == ", "]
        low = max([low, *(each + 1 for each in stops)])
        high = min([high, *(place for place in range(span[1], high) if text[place] in _STOPS)])
        before = [word for word in self.words if low <= word.start and word.end <= span[0]]
        after = [word for word in self.words if span[1] <= word.start and word.end <= high]
        return tuple(before[::-1][:4]), tuple(after[:4])

    def within(self, span: Span) -> tuple[Word, ...]:
        """Return the words inside a span."""
        return tuple(word for word in self.words if span[0] <= word.start and word.end <= span[1])


def _span(mention: Mention) -> Span:
    return mention.start, mention.end


def hear(
    goal: Goal,
    left_out: Sequence[str],
    known: Callable[[str], bool],
    part: Span | None = None,
    puts: Sequence[Put] = (),
) -> Utterance:
    """Read a goal. `left_out` are the parts that a person agreed to leave out; places in the text stay what they are.

    `part` reads one clause only, and the rest is blank; `puts` stand in the place of words of it. Raises UsageError for
    invisible characters.
    """
    grounder = Grounder.of(goal, known)
    text = goal.text if part is None else " " * part[0] + goal.text[slice(*part)] + " " * (len(goal.text) - part[1])
    for out in left_out:
        place = text.find(out)
        if place >= 0 and out:
            text = text[:place] + " " * len(out) + text[place + len(out) :]
    text, placed = _put(text, puts)
    mentions = _forced(grounder.mentions(text), placed)
    quoted = [(each.start, each.end) for each in mentions if each.kind == "quoted"]
    apart = asides(text, mentions)
    unsure = puzzles(text)
    mentions = tuple(each for each in mentions if not any(a <= each.start and each.end <= b for a, b in apart))
    return Utterance(
        goal,
        text,
        words(text),
        mentions,
        tuple(groups(text, mentions)),
        mood(text, [*quoted, *apart, *unsure]),
        (*friendly_spans(text), *apart, *unsure),
        grounder.addresses(text),
        unsure,
        urgent(text),
        placed,
    )


def _put(text: str, puts: Sequence[Put]) -> tuple[str, tuple[tuple[Span, Put], ...]]:
    placed: list[tuple[Span, Put]] = []
    grown = 0
    for each in sorted(puts, key=lambda one: one.span):
        start = each.span[0] + grown
        text = text[:start] + each.text + text[each.span[1] + grown :]
        placed.append(((start, start + len(each.text)), each))
        grown += len(each.text) - (each.span[1] - each.span[0])
    return text, tuple(placed)


def _forced(mentions: Sequence[Mention], placed: Sequence[tuple[Span, Put]]) -> tuple[Mention, ...]:
    """The mentions, with those of known kind that were put there instead of whatever their words look like."""
    kept = list(mentions)
    for (start, end), put in placed:
        if put.kind is not None:
            text = put.text.removesuffix("'s")
            kept = [each for each in kept if each.end <= start or end <= each.start]
            kept.append(Mention(put.kind, start, start + len(text), text, (Reading(put.value, text),)))
    return tuple(sorted(kept, key=lambda each: (each.start, each.end)))


def phrases_joined(cut: Sequence[Word]) -> tuple[tuple[Word, str], ...]:
    """Return each word with its stem, two words that are one verb (`set up`) sharing the stem of that verb."""
    stems = [word.stem for word in cut]
    for place in range(len(cut) - 1):
        if cut[place].lower not in _OPENING:
            continue
        joined = PHRASES.get(f"{cut[place].lower} {cut[place + 1].lower}")
        if joined:
            stems[place] = stems[place + 1] = stem(joined)
        for apart in cut[place + 2 : place + 7]:
            # `set everything up`, `give Ada the money back`
            if apart.lower in {"up", "back", "off"} and (parted := PHRASES.get(f"{cut[place].lower} {apart.lower}")):
                stems[place] = stems[cut.index(apart)] = stem(parted)
    return tuple(zip(cut, stems, strict=True))
