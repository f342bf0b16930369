"""What a question says of rows: which are meant, and what of them is to be told. Pure: of words and rows, when planned and when told."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final, Literal

from doer.domain.goal import Goal
from doer.domain.value import JsonObject
from doer.intent.grounder import Grounder
from doer.intent.mention import Mention
from doer.intent.text import Word, stem, word_set, words
from doer.intent.vocabulary import FUNCTION_WORDS, POLITE, alike_nouns
from doer.planning.accounted.rowset import Query, bounded, measures
from doer.planning.accounted.world import shown
from doer.planning.action.sense import words_of_name
from doer.planning.lookup.people import as_name
from doer.planning.lookup.words import Moment, Text, moment_of, month_of, parts_of, sets_of
from doer.planning.matching.fill import overlaps
from doer.planning.words.conditions import masked

Span = tuple[int, int]
What = Literal["rows", "many", "often", "when", "where", "who"]
_HELLO: Final = r"^\W*(?:(?:hi|hello|hey|please|so|ok|okay|well)\b\W*)*(?:(?:can|could|would|will) you (?:please )?)?"
_TELL: Final = (
    r"(?:(?:please )?(?:(?:tell|give)\b (?:me|us)\b|(?:show|list|find)\b(?: (?:me|us)\b)?)\s*(?:all(?: of)? )?)"
)
_FRAMES: Final[tuple[tuple[str, What], ...]] = (
    (r"how many(?: of)?\b|how much\b", "many"),
    (r"how often\b", "often"),
    (r"when(?:['’]s)?\b", "when"),
    (r"where(?:['’]s)?\b", "where"),
    (r"(?:who|whom)(?:['’]s)?\b", "who"),
    (r"which(?: of)?\b|what(?:['’]s)?\b", "rows"),
    (r"(?:is|are|was|were) there(?: any)?\b|(?:do|did) (?:we|i) have(?: any)?\b|have (?:we|i)(?: got)?(?: any)?\b", "rows"),
)  # fmt: skip
_LOOKS: Final = re.compile(_HELLO + _TELL, re.IGNORECASE)
_OPEN: Final = re.compile(
    r"\b(?:(?:still|yet) (?:has|have|had|needs?) to (?:do|finish)|(?:still )?(?:has|have) (?:left )?to (?:do|finish)|(?:still|left) to (?:do|be done)"
    r"|(?:are|is)?(?:n['’]t| not) (?:yet )?(?:done|finished|completed?)(?: yet)?|still (?:open|outstanding|unfinished))\b",
    re.IGNORECASE,
)
_STATES: Final = {
    "overdue": "overdue",
    "open": "open",
    "unfinished": "open",
    "outstanding": "open",
    "upcoming": "coming",
    "future": "coming",
}
_ORDERS: Final = {
    "last": "last",
    "latest": "last",
    "newest": "last",
    "oldest": "first",
    "earliest": "first",
    "first": "first",
    "next": "next",
}
_PARTS: Final = word_set("morning afternoon evening")
_BOUNDS: Final = word_set("before after since until till")
TURNING: Final = word_set("""
    before since until till older newer later earlier than over under above below except unless if when whenever whose how why
    not without no never only other others another or between within least most more less half rest remaining
    instead but nobody nothing none neither nor isn't aren't don't doesn't didn't haven't hasn't can't won't cannot longer unlike besides
    apart excluding same both twice once ago already ever anyone everyone nobody's who whom which what where
    them they he she it his her him their its this these those yours your average total sum altogether
    """)
_ASIDE: Final = word_set("""
    e s t about called named titled regarding concerning belonging own owned assigned currently now still came come comes coming arrived
    arrive received receive got get in through by dated please just again all every each many much any there up
    see sees seen look looks looked looking after handle handles send sent sends write wrote written
    attend attends work works working happen happens happened take takes place live lives living based located owns scheduled planned down
    """)
IDLE: Final = (FUNCTION_WORDS | POLITE | _ASIDE) - TURNING | word_set("after")
CHOOSING: Final = _STATES.keys() | _ORDERS.keys() | word_set("unread unseen unopened")
_UNREAD: Final = word_set("unread unseen unopened")
_SEEN: Final = frozenset(stem(each) for each in ("read", "seen", "opened"))
_LABELS: Final = word_set("number address name date status field time day")
_PAST: Final = re.compile(r"\b(?:was|were|did|had|came|sent|arrived|got|wrote|happened|received)\b", re.IGNORECASE)
_WEEKDAY: Final = re.compile(r"(?:mon|tues|wednes|thurs|fri|satur|sun)day", re.IGNORECASE)
_RELATES: Final = re.compile(r"\s+(?:(?i:we|i|is|are|was|were|have|has|had|came|come)\b|[A-Z])")
"""After a `that` that points at nothing: `tasks that Yuki owns`."""
_DID_DO: Final = re.compile(r"\bdid\b.*\bdo\b|[.!?;]\s+\S|,", re.IGNORECASE | re.DOTALL)
UNCALLED: Final = 0.5
"""What it costs where nothing says what the rows are called."""
_SAME: Final = tuple(
    frozenset(map(stem, each.split()))
    for each in (
        "meeting meetings booking bookings appointment event events agenda calendar entry entries diary",
        "visit visits appointment appointments",
        "task tasks job jobs chore chores todo todos ticket tickets",
        "mail mails message messages letter letters inbox email emails mailbox post",
        "client clients customer customers patron patrons",
        "item items stock product products article articles",
    )
)
"""What rows may be called as well."""
SELF: Final = word_set("my mine me i myself")
_DATED: Final = frozenset({"date", "datetime", "time", "date_range"})
_NAMED: Final = frozenset({"person", "quoted", "email"})


@dataclass(frozen=True, slots=True)
class Frame:
    """What kind of question it is, and where its words begin."""

    what: What
    start: int


@dataclass(slots=True)
class Wonder:
    """A question, as it is heard over the rows of one read."""

    frame: Frame
    query: Query
    fields: set[str] = field(default_factory=set)
    """Fields of rows that were named."""
    cost: float = UNCALLED
    """How far what the rows are called is from the tool's name."""
    self_said: Word | None = None
    """`my`, `I`."""

    closed: Sequence[Span] = ()

    def rows(self, rows: Sequence[JsonObject]) -> list[JsonObject]:
        """Return the rows that agree with everything."""
        return self.query.rows(rows)

    def is_said(self, name: str, rows: Sequence[JsonObject]) -> bool:
        """Tell whether what a field of the rows holds was said, and so is not asked for."""
        query, goal = self.query, self.query.goal
        if not rows:
            return False
        dated = bool(query.moments) and all(re.match(r"\d{4}-\d\d-\d\d", str(row.get(name))) for row in rows)
        own = [{name: row.get(name)} for row in rows]
        said = any(len(Query(goal, query.people, texts=[each]).rows(own)) == len(own) for each in query.texts)
        closed = {each.stem for each in words(" ".join(goal.text[slice(*span)] for span in self.closed))}
        return dated or said or all(_words_in(each[name]) & closed for each in own)


def frame_of(text: str) -> Frame | None:
    """Return what kind of question a text is; None where it is none that rows could answer."""
    return None if several(text) else frame_in(text)


def several(text: str) -> bool:
    """Tell whether there is more in a text than one question of what is."""
    return _DID_DO.search(masked(text).rstrip(" .!?")) is not None


def frame_in(text: str) -> Frame | None:
    """Return with what question a text begins, whatever comes after it."""
    plain = masked(text)
    looks = _LOOKS.match(plain)
    start = looks.end() if looks is not None else 0
    hello = re.match(_HELLO, plain, re.IGNORECASE)
    if looks is None and hello is not None:
        start = hello.end()
    for pattern, what in _FRAMES:
        if found := re.compile(pattern, re.IGNORECASE).match(plain, start):
            return Frame(what, found.end())
    return Frame("rows", start) if looks is not None else None


def wonder(
    goal: Goal,
    tool: str,
    rows: Sequence[JsonObject],
    people: Mapping[str, tuple[str, ...]],
    closed: Sequence[Span] = (),
) -> Wonder | None:
    """Return what a question says over the rows of a read; None where some word may turn the rest around.

    `closed`: words that are arguments of the read already. A word that is nothing else must stand in the rows that are meant.
    """
    frame = frame_of(goal.text)
    if frame is None:
        return None
    hearing = _Hearing(goal, tool, rows, closed, Wonder(frame, Query(goal, people), closed=closed))
    return hearing.heard()


@dataclass(slots=True)
class _Hearing:
    """One question over one table."""

    goal: Goal
    tool: str
    rows: Sequence[JsonObject]
    closed: Sequence[Span]
    wonder: Wonder
    taken: list[Span] = field(default_factory=list)
    dated: list[Span] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)

    def heard(self) -> Wonder | None:
        text, query, frame = self.goal.text, self.wonder.query, self.wonder.frame
        query.every = query.several = True
        query.near = {each.stem for each in words(text)}
        for each in measures(text):
            if not overlaps(each.span, self.closed):
                query.measures.append(each)
            self.taken.append(each.span)
        for found in _OPEN.finditer(masked(text), frame.start):
            query.states.add("open")
            self.taken.append(found.span())
        mentions = [each for each in Grounder.of(self.goal).mentions(text) if each.start >= frame.start]
        if not all(self._mention(each) for each in mentions if not overlaps((each.start, each.end), self.taken)):
            return None
        free = [each for each in words(text) if each.start >= frame.start]
        if not all(self._word(place, each, free) for place, each in enumerate(free)):
            return None
        days = [(each.lower, (each.start, each.end)) for each in free if each.lower in _PARTS]
        query.moments = sets_of(text, sorted(self.moments, key=lambda each: each.span))
        query.moments += parts_of(self.goal, days, query.moments)
        return self.wonder if len(query.order) < 2 and self._fields_said() else None

    # --- values

    def _mention(self, each: Mention) -> bool:
        """Take up a value; False where it is not plain what it says."""
        span = (each.start, each.end)
        link = re.search(r"(\w+)\W*$", self.goal.text[: each.start])
        before = link[1].lower() if link else ""
        if each.kind in _DATED or (each.kind == "person" and month_of(self.goal, each) is not None):
            moment = settled(each, self.goal)
            if moment is not None and before in _BOUNDS:
                moment = bounded(moment, before)
            if moment is None:
                return False
            self.moments.append(moment)
            self.dated.append(span)
            self.taken.append(span)
        elif each.kind in _NAMED and not (each.kind == "person" and each.text == each.text.lower()):
            self.taken.append(span)
            if not overlaps(span, self.closed):
                plain = each.text.strip("'\"‘’“”") if each.kind == "quoted" else as_name(each.text)
                kind = "person" if each.kind == "person" else "quoted"
                self.wonder.query.texts.append(Text(plain, kind, before, span))
        return True

    # --- words

    def _word(self, place: int, word: Word, free: Sequence[Word]) -> bool:
        """Take up one word; False where it may turn the rest around."""
        span, low = (word.start, word.end), word.lower
        if low in SELF:
            self.wonder.self_said = word
            return True
        if low in _BOUNDS and any(0 <= start - word.end <= 5 for start, _ in self.dated):
            return True
        if overlaps(span, self.taken):
            return True
        if low in _STATES or low in _ORDERS or low in _PARTS:  # also of what an argument says: a read may tell more
            self.wonder.query.states |= {_STATES[low]} if low in _STATES else set()
            self.wonder.query.order |= {_ORDERS[low]} if low in _ORDERS else set()
            return True
        if overlaps(span, self.closed):
            return True
        if low in TURNING or (low == "that" and not _RELATES.match(self.goal.text, word.end)):
            return low == "after"
        bare = stem(re.sub(r"['’]s$", "", low))
        if self._called(bare) or self._field(place, word, bare, free) or self._small(low):
            return True
        return self._value(word)

    def _called(self, bare: str) -> bool:
        """What the rows are called by the tool's name, or what may name the same."""
        cost = called(self.tool, bare)
        if cost is None:
            return False
        self.wonder.cost = min(self.wonder.cost, cost)
        return True

    def _field(self, place: int, word: Word, bare: str, free: Sequence[Word]) -> bool:
        """What a field of the rows is called, or a label beside that: `phone number`."""
        named = [each for each in (self.rows[0] if self.rows else {}) if bare in _stems(each)]
        flags = [each for each in named if all(isinstance(row.get(each), bool) for row in self.rows)]
        if named and not flags:
            self.wonder.fields.update(named)
            return True
        before = free[place - 1] if place else None
        beside = before is not None and self.goal.text[before.end : word.start].isspace()
        return (
            word.lower in _LABELS
            and beside
            and before is not None
            and any(before.stem in _stems(each) for each in self.wonder.fields)
        )

    def _value(self, word: Word) -> bool:
        """Any other word must stand in the rows."""
        query = self.wonder.query
        if word.lower in _UNREAD and (kept := self._unread()) is not None:
            query.kept.append(kept)
            return True
        query.texts.append(Text(re.sub(r"['’]s$", "", word.text), "", "", (word.start, word.end)))
        return True

    def _small(self, low: str) -> bool:
        """Tell whether a word says nothing by itself; it does where it is all that some field holds: `new`."""
        if low == "due":
            return bool(self.moments)
        values = (value for row in self.rows for value in row.values() if isinstance(value, str))
        return low in IDLE and not any(each.casefold() == low for each in values)

    def _unread(self) -> frozenset[str] | None:
        for name in self.rows[0] if self.rows else {}:
            own = _stems(name)
            if not all(isinstance(row.get(name), bool) for row in self.rows):
                continue
            if own & _SEEN or own & {stem(each) for each in _UNREAD}:
                wanted = not own & _SEEN
                return frozenset(shown(row) for row in self.rows if row[name] is wanted)
        return None

    def _fields_said(self) -> bool:
        """Tell whether each field that was named is asked for, or has a value that was said."""
        if self.wonder.frame.what != "rows" or len(self.wonder.fields) == 0:
            return True
        found = self.wonder.rows(self.rows)
        asked = [each for each in self.wonder.fields if not self.wonder.is_said(each, found)]
        return not asked or len(found) == 1


def called(tool: str, bare: str) -> float | None:
    """Return how far a stem is from what a tool's name says of its rows, 0 … 0.1; None where it is none of it."""
    name = {stem(each) for each in words_of_name(tool.rpartition(".")[2])}
    if bare in name:
        return 0.0
    same = any(alike_nouns(bare, each) for each in name) or any(bare in each and name & each for each in _SAME)
    return 0.1 if same else None


def _words_in(value: object) -> set[str]:
    return {each.stem for each in words(str(value).replace("_", " "))}


def _stems(name: str) -> frozenset[str]:
    return frozenset(stem(each) for each in words_of_name(name))


def settled(said: Mention, goal: Goal) -> Moment | None:
    """Return the one day, period or time that is meant, by whether it is past; None where that is not plain."""
    month = month_of(goal, said) if said.kind == "person" else None
    moment = month or moment_of(said)
    if moment is None:
        return None
    today, past = goal.local_time.date().isoformat(), _PAST.search(masked(goal.text)) is not None
    if len(moment.ways) > 1:
        kept = [way for way in moment.ways if (way[0] <= today if past else way[1] >= today)]
        return replace(moment, ways=(max(kept) if past else min(kept),)) if kept else None
    first, last = moment.ways[0]
    if past and _WEEKDAY.fullmatch(said.text) and first == last and first > today:
        day = (date.fromisoformat(first) - timedelta(days=7)).isoformat()
        return replace(moment, ways=((day, day),))
    return moment
