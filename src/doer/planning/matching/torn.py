"""Torn values: words that are no whole value, because a quotation or a name was cut, or because they say where or when.

Checked once for whatever was bound, before a plan is made of it. A text with one quotation mark, the number of a room
without the room, or `on main` as the name of a tag was never meant, whoever found it: it is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from doer.domain.goal import Option, Question
from doer.intent.text import Word, stem, word_set
from doer.intent.vocabulary import FUNCTION_WORDS
from doer.planning.matching.cues import GREEDY
from doer.planning.matching.fill import Fill, overlaps
from doer.planning.matching.match import Fit
from doer.planning.matching.quotes import odd_quote, unquoted
from doer.planning.skills.slots import SlotSpec
from doer.planning.skills.unit import Unit
from doer.planning.words.mood import final_bar
from doer.planning.words.utterance import Span, Utterance

_PLACING = word_set("on in at from into onto for with of under via by about")
"""Prepositions with which no name begins that nobody put in quotes."""
_NAMES = frozenset({"text", "address"})
_CUT = frozenset({"text", "address", "path", "person"})
_LONGEST = 4


def swallowed(
    fit: Fit, said: Utterance, settled: Mapping[str, Sequence[Span]], every: Iterable[Unit]
) -> Question | None:
    """Return the question about a text that ends with what must not be done by its own system: `… Don't send it yet.`"""
    found, unit = final_bar(said.text), fit.profile.unit
    if found is None:
        return None
    verb = found["verb"] or found["noun"]
    if verb and not any(each.does(stem(verb.lower())) for each in every if each.systems & unit.systems):
        return None
    for slot in unit.slots:
        way = fit.assignment.chosen.get(slot.name)
        if (
            way is None
            or slot.name in settled
            or slot.type != "text"
            or way.span[1] <= found.start() + len(found["joint"])
        ):
            continue
        told, whole = found.group().strip(" ,.;!"), said.text[slice(*way.span)]
        short = said.text[way.span[0] : found.start()]
        options = (Option(f"{short} (and {told!r} is for you)", short), Option(whole, whole))
        return Question(slot.name, f"Is {told!r} a part of it? {slot.asks}", options)
    return None


def torn(fit: Fit, said: Utterance, settled: Mapping[str, Sequence[Span]]) -> Question | None:
    """Return the question about the first value that is no whole one; None where all are. `settled`: told by answers."""
    chosen = fit.assignment.chosen
    for slot in fit.profile.unit.slots:
        way = chosen.get(slot.name)
        if way is None or slot.name in settled:
            continue
        words = said.text[slice(*way.span)]
        if any(odd_quote(each) for each in _texts(way)) or unquoted(way.span, said.text, said.quotes) is None:
            return Question(slot.name, f"{words!r} has half of a quotation in it. {slot.asks}")
        if slot.type in _CUT and way.span[0] > 1 and re.fullmatch(r"\w-", said.text[way.span[0] - 2 : way.span[0]]):
            return Question(slot.name, f"{words!r} is only a part of a word. {slot.asks}")
        if slot.type not in _NAMES or slot.many or _quoted(way.span, said):
            continue
        if _places(fit, slot, way, said):
            return Question(slot.name, f"{words!r} says where or when, and is no name. {slot.asks}")
        whole = next(_longer(fit, slot, way, said, settled), "")
        if whole:
            told = f"{words!r} is only a part of {whole!r}. {slot.asks}"
            return Question(slot.name, told, (Option(whole, whole), Option(words, words)))
    return None


def _texts(way: Fill) -> Iterator[str]:
    for each in way.options:
        values = each.value if isinstance(each.value, list | tuple) else [each.value]
        yield from (value for value in values if isinstance(value, str))


def _quoted(span: Span, said: Utterance) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in said.quotes)


def _places(fit: Fit, slot: SlotSpec, way: Fill, said: Utterance) -> bool:
    """Tell whether a name begins with a preposition: `tag the commit on main`."""
    inside = said.within(way.span)
    if slot.verbatim or slot.is_place or GREEDY & fit.profile.cues[slot.name].nouns or len(inside) > _LONGEST:
        return False
    return said.text[slice(*way.span)].lower().split(" ")[0] in _PLACING  # `in/a.pdf` is a path


def _longer(
    fit: Fit, slot: SlotSpec, way: Fill, said: Utterance, settled: Mapping[str, Sequence[Span]]
) -> Iterator[str]:
    """Yield the longer name of which the value is a piece, where no other value has the words beside it: `Room 1`."""
    inside = said.within(way.span)
    if not inside:
        return
    others = [span for each in fit.assignment.chosen.values() for span in (*each.taken, each.span) if each is not way]
    others += [span for spans in settled.values() for span in spans]
    first, last = said.place(inside[0]), said.place(inside[-1])
    if first > 0 and way.span[0] == inside[0].start:
        before = said.words[first - 1]
        bare = slot.is_place and way.span[1] - way.span[0] == len(inside[0].text) and inside[0].text.isdigit()
        named = _is_name(said, first - 1) and (inside[0].text[0].isupper() or inside[0].text[0].isdigit())
        if (named or (bare and before.lower not in FUNCTION_WORDS)) and _beside(said, before, inside[0], others):
            yield said.text[before.start : way.span[1]]
    if last + 1 < len(said.words) and way.span[1] == inside[-1].end:
        after = said.words[last + 1]
        numbered = inside[-1].text[0].isupper() and (
            after.text.isdigit() or (after.text.isupper() and len(after.text) == 1)
        )
        if numbered and after.text != "I" and _beside(said, inside[-1], after, others):
            yield said.text[way.span[0] : after.end]


def _is_name(said: Utterance, place: int) -> bool:
    """Tell whether a word is written as a part of a name, and not because a sentence begins with it."""
    word = said.words[place]
    if place == 0 or not word.text[0].isupper() or word.lower in FUNCTION_WORDS:
        return False
    return not set(said.text[said.words[place - 1].end : word.start]) & set('.!?:;\n"')


def _beside(said: Utterance, one: Word, two: Word, others: Sequence[Span]) -> bool:
    """Tell whether two words stand side by side, and neither is a part of another value."""
    free = not overlaps((one.start, one.end), others) and not overlaps((two.start, two.end), others)
    return free and said.text[one.end : two.start] == " "
