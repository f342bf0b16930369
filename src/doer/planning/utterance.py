"""Utterance: a goal cut into words and mentions, with what a person agreed to leave out blanked in place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from doer.domain.goal import Goal
from doer.intent import Grounder, Mention
from doer.intent.grounder import groups
from doer.intent.text import Word, words
from doer.intent.vocabulary import PHRASES
from doer.planning.asides import asides, puzzles, urgent
from doer.planning.mood import Mood, friendly_spans, mood

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
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

    @property
    def atoms(self) -> tuple[Mention, ...]:
        """The mentions with joined ones taken apart."""
        return tuple(part for each in self.mentions for part in (each.parts or (each,)))

    def within(self, span: Span) -> tuple[Word, ...]:
        """Return the words inside a span."""
        return tuple(word for word in self.words if span[0] <= word.start and word.end <= span[1])


def hear(goal: Goal, left_out: Sequence[str], known: Callable[[str], bool]) -> Utterance:
    """Read a goal. `left_out` are the parts that a person agreed to leave out; places in the text stay what they are.

    Raises UsageError for invisible characters.
    """
    grounder = Grounder.of(goal, known)
    text = goal.text
    for part in left_out:
        place = text.find(part)
        if place >= 0 and part:
            text = text[:place] + " " * len(part) + text[place + len(part) :]
    mentions = grounder.mentions(text)
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
    )


def phrases_joined(cut: Sequence[Word]) -> tuple[tuple[Word, str], ...]:
    """Return each word with its stem, two words that are one verb (`set up`) sharing the stem of that verb."""
    from doer.intent.text import stem

    stems = [word.stem for word in cut]
    for place in range(len(cut) - 1):
        joined = PHRASES.get(f"{cut[place].lower} {cut[place + 1].lower}")
        if joined:
            stems[place] = stems[place + 1] = stem(joined)
        for apart in cut[place + 2 : place + 7]:
            # `set everything up`, `give Ada the money back`
            if apart.lower in {"up", "back", "off"} and (parted := PHRASES.get(f"{cut[place].lower} {apart.lower}")):
                stems[place] = stems[cut.index(apart)] = stem(parted)
    return tuple(zip(cut, stems, strict=True))
