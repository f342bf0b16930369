"""Ranges: `from A to B`, `between A and B`, `A – B`: which of two dates or times begins and which ends, and of which slots."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from doer.domain.value import Json
from doer.intent.mention import Mention
from doer.intent.text import word_set
from doer.planning.matching.fill import Fill
from doer.planning.skills.slots import SlotSpec
from doer.planning.words.utterance import Span, Utterance

_TYPES = frozenset({"date", "datetime", "time"})
_BEGINS = word_set("start starts starting begin begins beginning first from since opens checkin")
_ENDS = word_set("end ends ending last until till to finish finishes through closes checkout")
_TO = re.compile(
    r"\s*,?\s*(?:-|–|—|to|until|till|til|through|thru|up to and including|up to|up until|and ends? on|and ending on"
    r"|and back on|to and including|until and including)(?:\s+(?:and including|the|on))*\s*",
    re.IGNORECASE,
)
_AND = re.compile(r"\s+and\s+(?:on\s+|the\s+)?", re.IGNORECASE)
_BETWEEN = re.compile(r"\bbetween\s+(?:the\s+)?$", re.IGNORECASE)
_FROM = re.compile(r"\b(?:from|starting|beginning|as of)\s+(?:on\s+|the\s+)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Range:
    """Two values of one kind of which the first begins and the second ends something."""

    first: Mention
    last: Mention
    joint: Span
    """The words from the one that opens the range to its end."""


def ranges(said: Utterance) -> Iterator[Range]:
    """Yield the ranges of dates and times."""
    values = [each for each in said.atoms if each.kind in _TYPES]
    for one, two in pairwise(values):
        if one.kind != two.kind:
            continue
        between, before = said.text[one.end : two.start], said.text[: one.start]
        opened = _BETWEEN.search(before)
        if opened and _AND.fullmatch(between):
            yield Range(one, two, (opened.start(), two.end))
        elif _TO.fullmatch(between):
            start = found.start() if (found := _FROM.search(before)) else one.start
            yield Range(one, two, (start, two.end))


def pairs(slots: Sequence[SlotSpec]) -> Iterator[tuple[SlotSpec, SlotSpec]]:
    """Yield the slots that begin and end something: exactly one of each for a type."""
    for kind in sorted(_TYPES):
        alike = [each for each in slots if each.type == kind and not each.many]
        begins = [each for each in alike if _has(each, _BEGINS) and not _has(each, _ENDS)]
        ends = [each for each in alike if _has(each, _ENDS) and not _has(each, _BEGINS)]
        if len(begins) == 1 and len(ends) == 1:
            yield begins[0], ends[0]


def _has(slot: SlotSpec, words: frozenset[str]) -> bool:
    """By its name; by its cues where the name tells nothing."""
    parts = set(slot.name.split("_"))
    if parts & (_BEGINS | _ENDS):
        return bool(parts & words)
    return any(set(cue.lower().split()) & words for cue in slot.cues)


def settled(
    slots: Sequence[SlotSpec], ways: Mapping[str, tuple[Fill, ...]], found: Sequence[Range]
) -> Mapping[str, tuple[Fill, ...]]:
    """Return the ways to fill the slots, with the ends of a range only where they belong."""
    made = dict(ways)
    for begin, end in pairs(slots):
        mine = [each for each in found if each.first.kind in begin.kinds]
        if len(mine) != 1:
            continue
        for slot, own, other in ((begin, mine[0].first, mine[0].last), (end, mine[0].last, mine[0].first)):
            made[slot.name] = tuple(
                replace(way, score=way.score + 1.5, evidence=max(way.evidence, 1.5)) if _is(way, own) else way
                for way in ways[slot.name]
                if not _is(way, other)
            )
    return made


def _is(way: Fill, mention: Mention) -> bool:
    return way.span == (mention.start, mention.end)


def reversed_pair(slots: Sequence[SlotSpec], values: Mapping[str, Json]) -> tuple[SlotSpec, SlotSpec] | None:
    """Return the pair of which the end comes before the beginning, where both are known. Times may go over midnight."""
    for begin, end in pairs(slots):
        one, two = values.get(begin.name), values.get(end.name)
        if end.not_before == begin.name:
            continue  # the skill's own rule asks, also of values that are computed
        if begin.type != "time" and isinstance(one, str) and isinstance(two, str) and two < one:
            return begin, end
    return None
