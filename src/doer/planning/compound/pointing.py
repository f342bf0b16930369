"""Pointing: the words of a request that point back to what was told before it, and what they may mean there.

`his`, `it`, `them`, `there` and `that ticket`; a word that points to what the request itself names before it is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from doer.intent.text import stem, word_set, words
from doer.intent.vocabulary import CLOSED_CLASS, FUNCTION_WORDS, LIGHT_VERBS, alike_nouns, verbs
from doer.planning.words.reword import Part
from doer.planning.words.telling import Part as Clause
from doer.planning.words.utterance import Span, Utterance

WHOLE = frozenset({"quoted", "path", "url", "email", "identifier", "amount", "date", "datetime", "phone"})
"""Kinds of values that are never cut."""
_POINTS = re.compile(
    r"\b(?P<owned>his|their|its|her(?=\s+[a-z])(?!\s+(?:to|in|on|at|by|from|of|off|into|and|that|as|a|an|the|for|please|back|up|too)\b)"
    r"|the(?=\s+(?:account|login|access|profile)\b(?!\s+(?:of|for|from|to)\b)))\b"
    r"|\b(?P<person>him|her|he|she)\b"
    r"|\b(?P<noun>(?:that|this|the) (?P<what>group|team|ticket|issue|order|meeting|call|event|folder|file|customer|branch|mail|reminder))\b"
    r"(?!['’]|\s+(?:of|for|from|with|about|called|named|on|at|in|with|[A-Z\d\"#])|\s+\w+ing\b)"
    r"|\b(?P<there>there|in there|in it|to it)\b(?=\W*$|\W*\b(?:please|too|as well|now)\b)"
    r"|\b(?P<thing>it|that one|this one|them|they|those|these|that(?=\s*(?:[.,!?]|$)|\s+(?:off|to|in|from|on|up|down|back|please|too|now|as)\b))\b(?!['’])",
    re.IGNORECASE,
)
"""`the account`: what is somebody's: after `Ana has left`, it is hers."""
_SPEAKER = word_set("i we you it they he she there that this these those nobody everybody everyone somebody")
_DETERMINED = re.compile(r"(?:the|a|an|my|our|his|her|their|its|this|that|all|some|\d+)\b|[A-Z]")
_DEFINITE = re.compile(
    r"\b(?:the|my|our|that|this) (?:[\w'’-]+ ){0,3}?[\w'’-]+(?=\s*$|\s+(?:for|to|in|on|at|by|from|with|is|are)\b)",
    re.IGNORECASE,
)
_NAMED = frozenset({"path", "identifier", "url", "quoted"})
_ROW = re.compile(
    r"\b(?!(?:for|at|in|on|by|to|of|from|gets?|has|have|is|are|was|were)\b)[a-z]+ #?\d{2,}\b(?![.,:]\d)", re.IGNORECASE
)
_INTO = re.compile(r"\b(?:in|into|to|under)\s+(?=(?:the |our |my )?[\w-]+(?: [\w-]+){0,2}\W*$)", re.IGNORECASE)
_MOMENTS = frozenset({"date", "time", "datetime", "date_range"})
_TEAMS = frozenset({"group", "team"})
_BARE = re.compile(
    r"\s+[a-z]+(?: [a-z]+)?(?P<where>(?:\s+in (?:the )?[a-z]+)?(?:,? (?:please|accordingly|then))?[\s.!?]*)$",
    re.IGNORECASE,
)
_IS = re.compile(
    r"\b(?:in|to|at|as)\s+(?P<value>[A-Z][^,.;!?]*?)(?=\s+(?:now|today|these days|from now on|again)\b|[\s.!]*$)"
)
_MOST = 12
_LONGEST_NAME = 4


@dataclass(frozen=True, slots=True)
class Pointer:
    """A word that points back."""

    span: Span
    kind: str
    """`person`, `thing`, `there`; or the noun of `that ticket`."""
    owned: bool = False
    """True: what is meant is whose the next word is."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What was told, in the place of a pointer."""

    pointer: Pointer
    meant: Span
    before: str = ""
    """A word that must stand before it."""


def pointers(said: Utterance, runs: Sequence[Span]) -> list[Pointer]:
    """Return the words of a request that point out of it. `runs`: its stretches."""
    values = [each.start for each in said.atoms if each.kind in WHOLE]  # `mail her prices.csv`: to her
    found = [each for run in runs for each in _POINTS.finditer(said.text, *run) if _points_out(said, runs[0][0], each)]
    return [Pointer(each.span(), _kind(each), bool(each["owned"]) and each.end() + 1 not in values) for each in found]


def _kind(found: re.Match[str]) -> str:
    if found["noun"]:
        return found["what"].lower()
    return "there" if found["there"] else "thing" if found["thing"] else "person"


def _points_out(said: Utterance, first: int, found: re.Match[str]) -> bool:
    """Tell whether a word points to what was told, and not to somebody or something that the request names before it."""
    if any(start <= found.start() < end for start, end in said.quotes):
        return False
    if _kind(found) == "person":
        return not any(first <= each.start < found.start() for each in said.atoms if each.kind == "person")
    if _kind(found) != "thing":
        return True
    before = [each for each in said.words if first <= each.start < found.start()]
    small = FUNCTION_WORDS | CLOSED_CLASS | LIGHT_VERBS
    return all(each.lower in small or each.stem in verbs() for each in before)


def readings(said: Utterance, found: Sequence[Pointer], told: Sequence[Clause]) -> Iterator[tuple[Standing, ...]]:
    """Yield what the pointers may mean together; all that point to a person point to the same one. `told`: what was said before."""
    kinds = list(dict.fromkeys(each.kind for each in found)) if told else []
    ways = [list(dict.fromkeys(_meant(said, kind, told))) for kind in kinds]
    for way in list(product(*ways))[:_MOST]:
        by_kind = dict(zip(kinds, way, strict=True))
        puts = ((each, by_kind[each.kind]) for each in found if each.kind in by_kind)
        yield tuple(Standing(each, span, before) for each, put in puts if put is not None for span, before in [put])


def _meant(said: Utterance, kind: str, told: Sequence[Clause]) -> Iterator[tuple[Span, str] | None]:
    things = list(dict.fromkeys(_things(said, told)))
    match kind:
        case "person":
            spans = [(each.start, each.end) for each in said.atoms if each.kind == "person"]
            people = [each for each in spans if any(one.span[0] <= each[0] and each[1] <= one.span[1] for one in told)]
            short = [each for each in things if len(said.text[slice(*each)].split()) <= _LONGEST_NAME]
            yield from ((each, "") for each in people or short)
        case "thing":
            yield from ((each, "") for each in things)
        case "there":
            ends = [_INTO.search(said.text, *span) for each in told if each.told for span in each.told.rests]
            yield from (
                ((each.end(), each.end() + _length(said.text, each.end(), told)), "to ") for each in ends if each
            )
        case noun:
            spans = [span for each in told for span in _called(said.text, each.span, noun)]
            subjects = [
                span for each in told if each.told for span in each.told.subjects if not _speaks(said.text, span)
            ]
            yield from ((each, "") for each in spans)
            if not spans:
                yield from ((each, f"the {noun} about ") for each in subjects)
            if not spans and not subjects:
                yield None


def value_told(
    said: Utterance, run: Span, found: Sequence[Pointer], told: Sequence[Clause]
) -> tuple[Span, Span] | None:
    """Return the value that was told where a request says none, and where in the request it belongs: `Omar works in
    Operations now, change his department`.
    """
    rests = told[0].told.rests if len(told) == 1 and told[0].told else ()
    bare = _BARE.match(said.text, found[0].span[1], run[1]) if len(found) == 1 and found[0].owned else None
    if bare is None or not rests:
        return None
    values = list(_IS.finditer(said.text, rests[0][0], rests[0][1]))
    return (values[-1].span("value"), bare.span("where")) if values else None


def _length(text: str, start: int, told: Sequence[Clause]) -> int:
    end = next(each.span[1] for each in told if each.span[0] <= start <= each.span[1])
    return len(text[start:end].rstrip(" .,;!"))


def _called(text: str, span: Span, noun: str) -> Iterator[Span]:
    """Yield the names in a clause that end with a noun for the same kind of thing: `the platform team`."""
    cut = words(text[slice(*span)])
    for place, each in enumerate(cut):
        same = alike_nouns(stem(noun), each.stem) or {noun, each.lower} <= _TEAMS
        if same and place and cut[place - 1].lower not in FUNCTION_WORDS:
            yield span[0] + cut[place - 1].start, span[0] + each.end


def _speaks(text: str, span: Span) -> bool:
    return text[slice(*span)].strip().lower() in _SPEAKER


def _things(said: Utterance, told: Sequence[Clause]) -> Iterator[Span]:
    """What was told of, and what else was named there."""
    text, timed = said.text, [(one.start, one.end) for one in said.atoms if one.kind in _MOMENTS]
    for each in told:
        if each.told is None:
            continue
        yield from (span for span in each.told.subjects if not _speaks(text, span))
        inside = (
            one for one in said.atoms if one.kind in _NAMED and each.span[0] <= one.start and one.end <= each.span[1]
        )
        named = [*((one.start, one.end) for one in inside), *(one.span() for one in _ROW.finditer(text, *each.span))]
        yield from named
        for start, end in each.told.rests:
            rest = text[start:end]
            begin = start + len(rest) - len(rest.lstrip())
            whole = (
                [(begin, end)] if _DETERMINED.match(text, begin) and not any(begin <= a < end for a, _ in named) else []
            )
            spans = (*whole, *(found.span() for found in _DEFINITE.finditer(text, start, end)))
            yield from (span for span in spans if not any(a < span[1] and span[0] < b for a, b in timed))


def parts_of(said: Utterance, runs: Sequence[Span], way: Sequence[Standing]) -> Iterator[Part]:
    """The stretches of the goal that make the request, with what words mean in their place."""
    text = said.text
    for number, (start, end) in enumerate(runs):
        if number:
            yield " and " if text[start:end].lstrip()[:1].islower() else ". "
        place = start
        for each in way:
            if not start <= each.pointer.span[0] < end:
                continue
            yield (place, each.pointer.span[0])
            yield each.before
            low, high = each.meant
            if words(text[low:high])[0].lower in FUNCTION_WORDS:
                yield text[low].lower()  # `The ticket is …`: within a request it begins no sentence
                low += 1
            yield (low, high)
            yield "'s" if each.pointer.owned else ""
            place = each.pointer.span[1]
        yield (place, end)
