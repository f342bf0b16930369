"""Expected: values that are plain only where a sentence has the place for them: a name in lower case, a bare hour.

`mia` alone is any word, and `4` any number; in `add mia to platform` and `push my 3 pm to 4 today` the places say what they
are. So these are offered to sentences that are followed word for word, and to nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from doer.domain.goal import Option
from doer.intent.grounder import Grounder
from doer.planning.matching.clocks import timed
from doer.planning.matching.fill import Fill
from doer.planning.skills.slots import SPEAKER, SlotSpec, value_of
from doer.planning.words.utterance import Span, Utterance

_AND = re.compile(r"\s*(?:,\s*(?:and\s+)?|\s(?:and|plus)\s+|&\s*)", re.IGNORECASE)
_HOUR = re.compile(
    r"\b(?:to|until|till)\s+(?P<hour>\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b(?![.:,]?\d)",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s+(?:on\s+)?", re.IGNORECASE)
_SURE, _NEAR = 2.0, 1.0


def expected(slot: SlotSpec, said: Utterance) -> tuple[Fill, ...]:
    """Return the ways to fill a slot that stand only where a sentence has its place."""
    if slot.entities and slot.type in {"text", "person"}:
        return tuple(_named(slot, said))
    if slot.type in {"time", "datetime"}:
        return tuple(_hours(slot, said))
    return ()


def _named(slot: SlotSpec, said: Utterance) -> Iterator[Fill]:
    """Names of what is known, whatever their case, and lists of them."""
    found = _names(slot, said)
    for place, first in enumerate(found):
        yield _made(slot, first, [said.text[slice(*first)]], said)
        names, end = [said.text[slice(*first)]], first[1]
        for other in found[place + 1 :] if slot.many else ():
            if other[0] < end or not _AND.fullmatch(said.text, end, other[0]):
                continue
            names, end = [*names, said.text[slice(*other)]], other[1]
            yield _made(slot, (first[0], end), names, said)


def _made(slot: SlotSpec, span: Span, names: Sequence[str], said: Utterance) -> Fill:
    label = said.text[slice(*span)]
    return Fill(slot.name, span, (span,), (), (Option(label, list(names) if slot.many else names[0]),), _SURE, _NEAR)


def _names(slot: SlotSpec, said: Utterance) -> list[Span]:
    names, longest = slot.called, slot.longest
    if slot.speaker:
        names, longest = names | SPEAKER, max(1, longest)
    found: list[Span] = []
    place = 0
    while place < len(said.words):
        spans = [
            (said.words[place].start, said.words[last].end - owned)
            for last in range(min(len(said.words), place + longest) - 1, place - 1, -1)
            for owned in (0, 2 * said.words[last].lower.endswith(("'s", "’s")))
        ]
        whole = next((each for each in spans if said.text[slice(*each)].casefold() in names), None)
        if whole is not None:
            found.append(whole)
        place = place + 1 if whole is None else sum(word.start < whole[1] for word in said.words)
    return found


def _hours(slot: SlotSpec, said: Utterance) -> Iterator[Fill]:
    """Bare hours to which something is moved: `to 4`, `to 4 on Friday`."""
    for found in _HOUR.finditer(said.text):
        start, end = found.span("hour")
        after = [
            each.end for each in said.atoms if each.kind == "date" and _BETWEEN.fullmatch(said.text, end, each.start)
        ]
        for stop in (end, *after):
            yield from _hour(slot, said, (start, stop))


def _hour(slot: SlotSpec, said: Utterance, span: Span) -> Iterator[Fill]:
    at = f"at {said.text[slice(*span)]}"
    for mention in Grounder.of(said.goal).mentions(at):
        if (mention.start, mention.end) != (3, len(at)) or mention.kind != slot.type:
            continue
        values = [(value_of(slot, mention, each.value), each.label) for each in mention.readings]
        options = timed(
            slot, mention, [Option(label, value) for value, label in values if value is not None], said.goal
        )
        if options:
            yield Fill(slot.name, span, (span,), (), tuple(options), _SURE, _NEAR)
