"""Candidates: the spans of a request that may be arguments: typed mentions, what is quoted, and short runs of words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from doer.domain.scoring import TURN, Candidate, Heard
from doer.intent.grounder import Grounder
from doer.intent.mention import Mention

MOST_WORDS: Final = 12
_WORD: Final = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?|[^\w\s]|_")
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


def listen(turns: Sequence[str], grounder: Grounder) -> Listened:
    """Return the turns as one text with its candidates. Raises UsageError for invisible characters."""
    clean = [turn.replace(TURN, " ") for turn in turns]
    found = dict[tuple[int, int], Mention | None]()
    at, last = 0, 0
    spans = list[tuple[int, int]]()
    for turn in clean:
        for mention in grounder.mentions(turn):
            for part in (mention, *mention.parts, *_inner(turn, mention, grounder)):
                span = _inside(turn, part)
                found.setdefault((span[0] + at, span[1] + at), part)
        spans += [(start + at, end + at) for start, end in _runs(turn)]
        last, at = at, at + len(turn) + len(TURN)
    for span in spans[-_MOST:]:
        found.setdefault(span, None)
    kept = sorted(found.items(), key=lambda pair: pair[0])
    candidates = tuple(Candidate(*span, mention.kind if mention else "") for span, mention in kept)
    return Listened(Heard(TURN.join(clean), candidates), tuple(mention for _, mention in kept), last)


def _inner(turn: str, mention: Mention, grounder: Grounder) -> Sequence[Mention]:
    """Numbers and dates within a quotation or a duration stand for themselves too."""
    if mention.kind == "quoted":
        start, end = _inside(turn, mention)
        inside = grounder.mentions(turn[start:end])
        return [_moved(each, start) for each in inside if each.kind != "quoted"]
    if mention.kind == "duration":
        head = re.match(r"\d+(?:\.\d+)?", mention.text)
        if head:
            inside = grounder.mentions(head[0])
            return [_moved(each, mention.start) for each in inside if each.kind == "number"]
    return ()


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


def _runs(turn: str) -> list[tuple[int, int]]:
    """Runs of at most so many words, none that begins or ends with a mark, nor that goes on after a full stop."""
    words = [(each.start(), each.end(), each[0]) for each in _WORD.finditer(turn)]
    found = list[tuple[int, int]]()
    for first, (start, _, word) in enumerate(words):
        if not word[0].isalnum():
            continue
        for _, end, later in words[first : first + MOST_WORDS]:
            if later in "?!;" or (later == "." and turn[end : end + 1].isspace()):
                break
            if later[0].isalnum():
                found.append((start, end))
    return found
