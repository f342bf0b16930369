"""What a sentence says of the rows that it is about: names, quotations, days, order words, all or one."""

from __future__ import annotations

import re
from calendar import month_name, monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from doer.domain.action import Manifest
from doer.domain.goal import Goal
from doer.domain.value import Json
from doer.intent.grounder import Grounder
from doer.intent.mention import Mention
from doer.intent.text import stem, word_set, words
from doer.intent.vocabulary import FUNCTION_WORDS, POLITE, TELLING, alike_nouns
from doer.planning.action.sense import words_of_name
from doer.planning.lookup.tools import parameters
from doer.planning.matching.fill import overlaps
from doer.planning.schema import mapping

_ORDERS: Final = {
    "last": "last", "latest": "last", "newest": "last", "recent": "last", "oldest": "first", "earliest": "first", "first": "first",
    "next": "next",
}  # fmt: skip
_EVERY: Final = word_set("all every each both everything")
_WHOSE: Final = word_set("his her hers their theirs there")
_THOSE: Final = word_set("them those these")
_STATES: Final = {"overdue": "overdue", "open": "open", "unfinished": "open", "upcoming": "coming", "future": "coming"}
"""Words that choose rows by what their fields say together with the time."""
_PARTS: Final = {"morning": ("00:00", "12:00"), "afternoon": ("12:00", "18:00"), "evening": ("18:00", "24:00")}
_MEASURED: Final = word_set("minute minutes min mins hour hours long o'clock")
"""Words that follow a number which is an argument already, and say nothing of a row."""
_REFUSED: Final = word_set("""
    before after since until till older newer later earlier than over under above below except unless if when whenever whose
    not without no never only other others another but or between within least most more less any unread half rest remaining
    instead
    """)
"""Words that compare, exclude or set a condition: what they do to a set of rows is not understood here, so nothing is looked up."""
_ASIDE: Final = word_set("""
    e s t about called named titled regarding concerning record entry item one ones belonging own owned assigned currently
    saying says said subject as my mine our please now most reading
    still came come comes arrived received got
    """)
_WITHIN: Final = re.compile(r"\b(?:from|in|off|out\s+of|among)\s+(?:the|my|our|your|its)\s+$", re.IGNORECASE)
"""Before the rows that one is among, not the ones that are meant: `delete Orion from the clients`."""
_AND: Final = re.compile(r"\s*(?:,|,?\s*(?:and|or)\b)\s*(?:on\b|the\b)?\s*", re.IGNORECASE)
_TEXTS: Final = frozenset({"person", "quoted", "email", "url", "path", "address", "phone"})
_CHOOSING: Final = _EVERY | _STATES.keys() | _ORDERS.keys()
_IDLE: Final = FUNCTION_WORDS | POLITE | _ASIDE


Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Text:
    """Words that the rows must have."""

    text: str
    kind: str
    """Kind of the mention; empty for plain words."""
    link: str
    """The small word before it: `from`, `to`, `with`."""
    span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, a range of days, or a clock time that the rows must be of; one of several readings."""

    ways: tuple[tuple[str, str], ...]
    """First and last day (ISO), or of a clock time twice HH:MM."""
    clock: str
    span: tuple[int, int]
    part: tuple[str, str] = ("", "")
    """Of a day, HH:MM: at or after the first, before the second."""
    set: bool = False
    """Whether all ways are meant (`tomorrow and on Friday`), and not one of them."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows are meant."""

    texts: tuple[Text, ...] = ()
    moments: tuple[Moment, ...] = ()
    order: str = ""
    """`last`, `first`, `next` or nothing."""
    every: bool = False
    states: frozenset[str] = frozenset()
    """Of `overdue`, `open`, `coming`."""
    spans: tuple[tuple[int, int], ...] = ()
    """Of all words that say it."""

    @property
    def said(self) -> str:
        """What is looked for, in words."""
        days = [
            " or ".join(first if first == last else f"{first} to {last}" for first, last in each.ways if first)
            or " to ".join(each.part).removesuffix(" to ")
            for each in self.moments
        ]
        parts = [*(repr(each.text) for each in self.texts), *days, *sorted(self.states)]
        return ", ".join(parts)


def wanted(
    goal: Goal, tool: Manifest, taken: Sequence[tuple[int, int]], chosen: Sequence[Json], kind: set[str]
) -> Wanted | None:
    """Return what the last turn says of a row, without the words that are arguments already; None where that is not understood.

    `chosen` are the choices that the call makes among what its tool lists; `kind` the stems of what the rows are.
    """
    text = goal.text
    every = Grounder.of(goal).mentions(text)
    mentions = [each for each in every if not overlaps((each.start, each.end), taken)]
    texts, moments = list[Text](), list[Moment]()
    for each in mentions:
        if each.kind == "person" and (month := month_of(goal, each)) is not None:
            moments.append(month)
        elif each.kind in _TEXTS:
            texts.append(Text(_plain(each), each.kind, _link(text, each.start), (each.start, each.end)))
        elif (moment := moment_of(each)) is not None:
            moments.append(moment)
        else:
            return None  # a number, a length or an amount: how many, or how much, is not looked up
    # Also what an argument took up in part: of `to Monday at 11:00` nothing says which row.
    closed = [*taken, *((each.start, each.end) for each in every)]
    heard = _words(text, closed, tool, chosen, kind, taken)
    if heard is None or len(heard.orders) > 1 or (heard.orders and (heard.every or heard.several)):
        return None  # the last of all, or the last ones: how many?
    texts += heard.texts
    moments = [*sets_of(text, moments), *parts_of(goal, heard.parts, moments)]
    said = bool(texts or moments or heard.states)
    every_one = heard.every or (heard.several and said)
    if (heard.whose and not any(each.kind for each in texts)) or (heard.those and not said):
        every_one = False  # all of whom, or of where? of all there are it was not said
    spans = (*(each.span for each in texts), *(each.span for each in moments), *heard.spans)
    return Wanted(tuple(texts), tuple(moments), "".join(heard.orders), every_one, frozenset(heard.states), spans)


@dataclass(slots=True)
class _Heard:
    """What the plain words say."""

    texts: list[Text] = field(default_factory=list)
    orders: set[str] = field(default_factory=set)
    every: bool = False
    several: bool = False
    """Whether the rows are said in the plural: all of them, where it is said which; a bare `delete mails` is no `all`."""
    states: set[str] = field(default_factory=set)
    parts: list[tuple[str, Span]] = field(default_factory=list)
    """Parts of a day."""
    whose: bool = False
    """Whether they point to what was told before."""
    those: bool = False
    spans: list[tuple[int, int]] = field(default_factory=list)
    """Of words that choose among rows and stand in none."""


def _words(
    text: str, closed: Sequence[Span], tool: Manifest, chosen: Sequence[Json], kind: set[str], taken: Sequence[Span]
) -> _Heard | None:
    known, listed = _described(tool), {str(each).casefold() for each in chosen if isinstance(each, str)}
    heard, opened = _Heard(), False
    for word in words(text):
        place = (word.start, word.end)
        if overlaps(place, closed):
            opened = True
            continue
        if word.lower in _REFUSED and not (word.lower == "most" and "most recent" in text.lower()):
            return None
        noun = any(alike_nouns(word.stem, each) for each in kind)
        heard.whose = heard.whose or word.lower in _WHOSE
        heard.those = heard.those or word.lower in _THOSE
        if word.lower in _CHOOSING:
            heard.every = heard.every or word.lower in _EVERY
            heard.states |= {_STATES[word.lower]} if word.lower in _STATES else set()
            heard.orders |= {_ORDERS[word.lower]} if word.lower in _ORDERS else set()
            heard.spans.append(place)
        elif word.lower in _PARTS and opened:
            heard.parts.append((word.lower, place))
        elif word.lower in _IDLE or (word.lower in _MEASURED and _follows(text, place, taken)):
            continue
        elif not opened:  # the deed itself: the first word that is no politeness
            opened = True
        elif noun or word.stem in known or word.lower in TELLING or word.lower in listed:
            several = noun and word.lower.endswith("s") and word.stem != word.lower
            heard.several = heard.several or (several and not _WITHIN.search(text[: word.start]))
            listed.discard(word.lower)
        else:
            heard.texts.append(Text(word.text, "", "", place))
    return heard


def _follows(text: str, place: Span, taken: Sequence[Span]) -> bool:
    """Tell whether a word stands right after an argument, or after a measure of it."""
    before = re.search(r"(\w+)\W*$", text[: place[0]])
    if before is None:
        return False
    return overlaps(before.span(1), taken) or (before[1].lower() in _MEASURED and _follows(text, before.span(1), taken))


def sets_of(text: str, moments: Sequence[Moment]) -> list[Moment]:
    """The moments, those that stand in one list as a set: `tomorrow and on Friday` is either day."""
    joined = list[Moment]()
    for each in moments:
        last = joined[-1] if joined else None
        plain = (
            last is not None and not (last.clock or each.clock) and (last.set or len(last.ways) == 1 == len(each.ways))
        )
        if last is not None and plain and _AND.fullmatch(text[last.span[1] : each.span[0]]):
            joined[-1] = replace(last, ways=(*last.ways, *each.ways), span=(last.span[0], each.span[1]), set=True)
        else:
            joined.append(each)
    return joined


def parts_of(goal: Goal, parts: Sequence[tuple[str, Span]], moments: Sequence[Moment]) -> Iterator[Moment]:
    """Parts of a day; of today where no day was said: `this afternoon`."""
    today = goal.local_time.date().isoformat()
    for word, place in parts:
        day = (
            ("", "")
            if any(each.ways[0][0] for each in moments) or _link(goal.text, place[0]) != "this"
            else (today, today)
        )
        yield Moment((day,), "", place, _PARTS[word])


def _described(tool: Manifest) -> set[str]:
    """The stems of a tool's name, description and parameters, without the values that it lists."""
    told = [*words_of_name(tool.name), *re.findall(r"[^\W_]+", tool.description.lower())]
    for name, schema in parameters(tool).items():
        told += [*words_of_name(name), *re.findall(r"[^\W_]+", str(schema.get("description", "")).lower())]
    fields = [str(each) for schema in parameters(tool).values() for each in _choices(schema)]
    return {stem(each) for each in told} - {stem(each.lower()) for each in fields}


def _choices(schema: Json) -> Sequence[Json]:
    given = mapping(schema).get("enum")
    return given if isinstance(given, Sequence) and not isinstance(given, str) else ()


def _plain(mention: Mention) -> str:
    text = mention.value if isinstance(mention.value, str) else mention.text
    return re.sub(r"['\u2019]s$", "", text.strip().strip("\"'“”‘’"))


def moment_of(mention: Mention) -> Moment | None:
    span, ways = (mention.start, mention.end), list[tuple[str, str]]()
    for reading in mention.readings:
        value = mapping(reading.value)
        match mention.kind:
            case "date":
                ways.append((str(reading.value), str(reading.value)))
            case "date_range" if value:
                ways.append((str(value["start"])[:10], str(value["end"])[:10]))
            case "datetime":
                day = str(reading.value)[:10]
                ways.append((day, day))
            case "time":
                ways.append(("", ""))
            case _:
                return None
    if not ways:
        return None
    clock = ""
    if mention.kind in ("time", "datetime"):
        if not mention.plain:
            return None
        clock = str(mention.value)[:5] if mention.kind == "time" else str(mention.value)[11:16]
    return Moment(tuple(dict.fromkeys(ways)), clock, span)


def month_of(goal: Goal, mention: Mention) -> Moment | None:
    """A month that looks like a name: of what comes `from` it the one that was last, else of this year or the next."""
    if mention.text not in month_name[1:]:
        return None
    number, today = month_name[:].index(mention.text), goal.local_time.date()
    past = _link(goal.text, mention.start) == "from"
    year = today.year - (past and number > today.month)
    years = (year,) if past or number >= today.month else (year, year + 1)
    ways = tuple(
        (date(each, number, 1).isoformat(), date(each, number, monthrange(each, number)[1]).isoformat())
        for each in years
    )
    return Moment(ways, "", (mention.start, mention.end))


def _link(text: str, start: int) -> str:
    found = re.search(r"(\w+)\W*$", text[:start])
    return found[1].lower() if found else ""


def stems_in(told: str) -> set[str]:
    """Return the stems of the words of a field, and of the parts of what is joined with `_`."""
    return {part for each in words(told) for part in (each.stem, *map(stem, each.lower.split("_")))}
