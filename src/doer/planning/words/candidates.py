"""Candidates: the spans of a request that may be arguments: typed mentions, what is quoted, and short runs of words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from doer.domain.scoring import TURN, Candidate, Heard
from doer.intent.grounder import Grounder
from doer.intent.mention import Mention, Reading
from doer.intent.text import word_set
from doer.planning.words.notation import notations, numbers

MOST_WORDS: Final = 12
_WORD: Final = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?|[^\w\s]|_")
_ABBREVIATED: Final = frozenset(
    {"dr", "mr", "mrs", "ms", "prof", "st", "jr", "sr", "vs", "no", "inc", "ltd", "co", "mt", "ft"}
)
_NO_EDGE: Final = word_set("""
    and or of with at is are which it these those was were will would can could should does did then also but
    than into about
    """)
_NO_BEGIN: Final = _NO_EDGE | {"do"}
"""Words that no value begins with: 13 of 28,733 arguments of the training rows do."""
_NO_END: Final = _NO_EDGE | word_set("""
    the a an to for from as be your its their please that if when where who how not so
    """)
"""Words that no value ends with: 20 of them do."""
_WHOLE: Final = frozenset({"quoted", "email", "url", "path", "identifier", "phone"})
"""Mentions that plain words are not taken out of, nor across the edge of."""
_MOMENTS: Final = frozenset({"date", "time", "datetime", "date_range", "duration"})
_PART_OF_TEXT: Final = frozenset({"email", "url"})
_MARKED: Final = frozenset({"quoted", "person", "address"})
"""Kinds that a quotation stands for as a whole."""
_REQUEST: Final = 0.9
"""Share of a turn that makes a quotation the turn itself."""
_FIELD: Final = re.compile(
    r"""(["'])(?P<key>[^"'\n]{1,60})\1\s*:\s*(?!(["'])\w[\w.-]*\3\s*,\s*["']arguments["'])(?:(["'])(?P<text>[^\n]{1,200}?)\4(?=\s*[,}\]])|(?P<bare>-?\d[\d.]*))"""
)
"""A field of a tool's answer or of an earlier call, whose own name is no value."""
_LENGTH: Final = re.compile(r"\b(?:past|last|previous|next|coming)\s+(?P<length>[\w-]+\s+\w+)$", re.IGNORECASE)
_SUM: Final = re.compile(r"[(\d][\d\s.()]*(?:[-+*/^][\d\s.()]+)+(?<=[\d)])")
_MOST: Final = 900
"""Candidates. A longer text has its last words looked at; every mention is kept."""


@dataclass(frozen=True, slots=True)
class Listened:
    """What was heard, and the mentions that some of its candidates are."""

    heard: Heard
    mentions: tuple[Mention | None, ...]
    """For each candidate its mention, with places in the whole text; None for plain words."""
    last: int
    """Where the last turn begins."""
    wholes: tuple[Mention | None, ...] = ()
    """For each candidate the mention that it is a part of: the moment of a date or a time, the length that a number counts."""

    def whole(self, place: int) -> Mention | None:
        """Return what the candidate is a part of."""
        return self.wholes[place] if self.wholes else None


def listen(turns: Sequence[str], grounder: Grounder) -> Listened:
    """Return the turns as one text with its candidates. Raises UsageError for invisible characters."""
    clean = [turn.replace(TURN, " ") for turn in turns]
    found, wholes = dict[tuple[int, int], Mention | None](), dict[tuple[int, int], Mention]()
    at, last = 0, 0
    spans = list[tuple[int, int]]()
    for turn in clean:
        mentions = grounder.mentions(turn)
        told = _fields(turn)
        for mention in (*map(_counted, mentions), *numbers(turn, mentions)):
            for part in (mention, *mention.parts, *_inner(turn, mention, grounder)):
                span = _inside(turn, part)
                if told is None or span in told:
                    place = (span[0] + at, span[1] + at)
                    if place not in found or _rather(part, found[place]):
                        found[place] = part
                    if part is not mention and found[place] is part:
                        wholes.setdefault(place, mention)
        # What stands in quotation marks as a whole, an entire request, is no value; an address may be part of a text.
        whole = [
            (*_inside(turn, m), m.kind in _PART_OF_TEXT)
            for m in mentions
            if m.kind in _WHOLE and m.end - m.start < _REQUEST * len(turn)
        ]
        runs = sorted(told or ())
        if told is None:
            runs = [*(span for span in _runs(turn) if not _cuts(span, whole)), *notations(turn)]
        spans += [(start + at, end + at) for start, end in runs]
        last, at = at, at + len(turn) + len(TURN)
    for span in spans[-_MOST:]:
        found.setdefault(span, None)
    kept = sorted(found.items(), key=lambda pair: pair[0])
    candidates = tuple(Candidate(*span, mention.kind if mention else "") for span, mention in kept)
    _joined(kept, wholes)
    parts: list[Mention | None] = [wholes.get(span) for span, _ in kept]
    mentions_of: tuple[Mention | None, ...] = tuple(pair[1] for pair in kept)
    return Listened(Heard(TURN.join(clean), candidates), mentions_of, last, tuple(parts))


def _rather(part: Mention, than: Mention | None) -> bool:
    """Tell whether words are rather this: `"10 AM"` is a moment, and `'69'` a number, in quotation marks too; `March` is no name."""
    return part.kind in _MOMENTS or (part.kind == "number" and than is not None and than.kind in ("quoted", "person"))


def _joined(kept: Sequence[tuple[tuple[int, int], Mention | None]], wholes: dict[tuple[int, int], Mention]) -> None:
    """A time that was said in another turn than the only day is of that day."""
    days = {mention.value for _, mention in kept if mention is not None and mention.kind == "date" and mention.plain}
    moments = {str(mention.value)[:10] for _, mention in kept if mention is not None and mention.kind == "datetime"}
    if len(days | moments) != 1:
        return
    day = next(iter(days | moments))
    for span, mention in kept:
        if mention is not None and mention.kind == "time" and mention.plain:
            moment = Reading(f"{day}T{mention.value}:00", f"{day} {mention.text}")
            wholes.setdefault(span, Mention("datetime", mention.start, mention.end, mention.text, (moment,)))


def words_of(text: str, start: int = 0) -> list[tuple[int, int, str]]:
    """Return the words from a place on: start, end, in small letters."""
    return [(each.start(), each.end(), each[0].lower()) for each in _WORD.finditer(text, start) if each[0][0].isalnum()]


def _inner(turn: str, mention: Mention, grounder: Grounder) -> Sequence[Mention]:
    """Numbers and dates within a quotation or a duration stand for themselves too, and how long a period is: `the past two weeks`."""
    if mention.kind == "quoted":
        start, end = _inside(turn, mention)
        inside = grounder.mentions(turn[start:end])
        return [_moved(each, start) for each in inside if each.kind not in _MARKED]
    if mention.kind == "date_range" and (length := _LENGTH.search(mention.text)):
        inside = grounder.mentions(length["length"])
        return [_moved(each, mention.start + length.start("length")) for each in inside]
    if mention.kind == "duration":
        head = re.match(r"\d+(?:\.\d+)?", mention.text)
        if head:
            inside = grounder.mentions(head[0])
            return [_moved(each, mention.start) for each in inside if each.kind == "number"]
    return ()


def _counted(mention: Mention) -> Mention:
    """`1990`, of which the grounder makes the whole year, is a number: what asks for a year mostly asks for that."""
    if mention.kind != "date_range" or not re.fullmatch(r"\d{4}", mention.text):
        return mention
    return Mention("number", mention.start, mention.end, mention.text, (Reading(mention.text, mention.text),))


def _moved(mention: Mention, by: int) -> Mention:
    return Mention(
        mention.kind,
        mention.start + by,
        mention.end + by,
        mention.text,
        mention.readings,
        mention.confidence,
        mention.problem,
    )


def _inside(turn: str, mention: Mention) -> tuple[int, int]:
    """The span without its quotation marks."""
    start, end = mention.start, mention.end
    if mention.kind == "quoted" and isinstance(mention.value, str):
        place = turn.find(mention.value, start, end)
        if place >= 0 and mention.value:
            return place, place + len(mention.value)
    return start, end


def _fields(turn: str) -> set[tuple[int, int]] | None:
    """Of a turn that is JSON, as a tool answers it, the values of its fields; None for words."""
    text = turn.strip()
    if not (text[:1] in ("{", "[") and text[-1:] in ("}", "]")):
        return None
    found = list(_FIELD.finditer(turn))
    return {each.span("text") if each["text"] is not None else each.span("bare") for each in found} if found else None


def _cuts(span: tuple[int, int], whole: Sequence[tuple[int, int, bool]]) -> bool:
    """Tell whether the span is a piece of what belongs together, or more than it where it may not be."""
    start, end = span
    return any(
        start < stop
        and begin < end
        and (start, end) != (begin, stop)
        and not (within and start <= begin and stop <= end)
        for begin, stop, within in whole
    )


def _runs(turn: str) -> list[tuple[int, int]]:
    """Runs of at most so many words, none that begins or ends as no value does, nor that goes on after a full stop."""
    words = [(each.start(), each.end(), each[0]) for each in _WORD.finditer(turn)]
    found = [each.span() for each in _SUM.finditer(turn)]
    for first, (start, _, word) in enumerate(words):
        dictated = first > 0 and words[first - 1][2] == ":"
        if not word[0].isalnum() or (word.lower() in _NO_BEGIN and not dictated):
            continue
        before, open_ = "", 0
        for _, end, later in words[first : first + MOST_WORDS]:
            short = before.lower() in _ABBREVIATED or (len(before) == 1 and before.isupper())
            stops = later == "." and turn[end : end + 1].isspace() and not short
            if later in "?!;" or stops:
                break
            open_ += (later == "(") - (later == ")")
            if open_ < 0:
                break  # `3)*6` of `(5+3)*6`
            if later[0].isalnum() and later.lower() not in _NO_END and not open_:
                found.append((start, end))
            before = later
    return found
