"""One clause, heard as one way to use a tool: every piece is an argument or said of a row, and no telling word is left."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Final, Literal

from doer.domain.value import JsonObject
from doer.intent.text import Word, stem, word_set
from doer.intent.vocabulary import FUNCTION_WORDS, POLITE, verbs
from doer.planning.accounted.lexicon import creates, gives
from doer.planning.accounted.pieces import BODIES, TITLES, Choice, Given, Heard, Piece, Span, choices, pieces
from doer.planning.accounted.rowset import Query, bounded, measures
from doer.planning.accounted.slots import Slot, Way
from doer.planning.accounted.world import Table, own_address
from doer.planning.lookup.people import as_name
from doer.planning.lookup.words import Text, moment_of, month_of, parts_of, sets_of
from doer.planning.matching.fill import overlaps

MOST_ROWS: Final = 20
_MOST_WAYS: Final = 4000
EVERY: Final = word_set("all every each both everything everyone everybody")
STATES: Final = {"overdue": "overdue", "open": "open", "unfinished": "open", "upcoming": "coming", "future": "coming", "coming": "coming"}
_ORDERS: Final = {"last": "last", "latest": "last", "newest": "last", "oldest": "first", "earliest": "first", "first": "first", "next": "next"}
_PARTS: Final = word_set("morning afternoon evening")
_BOUNDS: Final = word_set("before after since until till")
_REFUSED: Final = word_set("""
    before after since until till older newer later earlier than over under above below except unless if when whenever whose
    not without no never only other others another or between within least most more less unread half rest remaining
    instead but nobody nothing none neither nor isn't don't doesn't can't won't cannot longer unlike besides apart excluding
    """)
_PARTICLES: Final = word_set("over under above below back off up out forward around away along through on")
_ASIDE: Final = word_set("""
    e s t about called named titled regarding concerning record entry item items one ones belonging own owned assigned currently
    saying says said subject as my mine our please now reading still came come comes arrived received got due dated
    piece pieces minute minutes min mins hour hours long o'clock day says that just again
    """)
_WITHIN: Final = re.compile(r"\b(?:from|in|off|out\s+of|among)\s+(?:the|my|our|your|its)\s+$", re.IGNORECASE)
"""Before the rows that one is among, not the ones that are meant: `delete Orion from the clients`."""
IDLE: Final = FUNCTION_WORDS | POLITE | _ASIDE
_OWNERS: Final = word_set("owner owners holder holders keeper keepers contact parent parents")
"""Whom a row of people is, where something of theirs was named."""
_BY_ROW: Final = frozenset({"clock", "later", "earlier"})


@dataclass(frozen=True, slots=True)
class Draft:
    """One way to understand a clause."""

    way: Way
    given: tuple[Given, ...]
    rows: tuple[JsonObject, ...]
    cost: float
    missing: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    """Of the words that say which rows."""

    @property
    def whole(self) -> bool:
        """Whether nothing has to be asked."""
        single = all(each.by not in ("which", "partial") for each in self.given)
        return not self.missing and single


@dataclass(frozen=True, slots=True)
class Scene:
    """A way to use a tool, with the rows that its id is of and what else was read."""

    way: Way
    table: Table | None
    flags: Sequence[tuple[frozenset[str], frozenset[str]]] = ()
    before: Sequence[JsonObject] = ()
    """Rows that an earlier clause was about, of this table."""
    narrowed: Query | None = None
    """What an earlier clause says, which may tell rows apart."""


@dataclass(slots=True)
class _Left:
    """What the words beside the pieces say."""

    query: Query
    cost: float = 0.0
    deed: float = 9.0
    thing: bool = False
    pointed: Literal["", "one", "many"] = ""
    spans: list[Span] = field(default_factory=list)


def drafts(heard: Heard, scene: Scene) -> list[Draft]:
    """Return the ways to understand a clause with this way to use a tool, the best first."""
    way, rows = scene.way, "\n".join(_folded(scene.table.rows) if scene.table else ())
    bounds = list(measures(heard.text)) if way.key else []
    closed = [each.span for each in bounds]
    found = [each for each in pieces(heard, way) if not overlaps(each.span, closed)]
    listed = [choices(each, way, heard, f"\n{rows}\n") for each in found]
    count = 1
    for each in listed:
        count *= max(1, len(each))
    if count > _MOST_WAYS or not all(listed):
        return []
    made = list[Draft]()
    for chosen in product(*listed):
        names = [given.slot for each in chosen for given in each.given]
        if len(set(names)) < len(names):
            continue
        query = Query(heard.goal, heard.people, measures=list(bounds), near={each.stem for each in heard.said})
        draft = _draft(heard, scene, list(zip(found, chosen, strict=True)), query, closed)
        made += [] if draft is None else [draft]
    return sorted(made, key=lambda each: each.cost)


def _folded(rows: Sequence[JsonObject]) -> Iterator[str]:
    for row in rows:
        yield from (str(value).casefold() for value in row.values() if value is not None)


def _draft(
    heard: Heard, scene: Scene, chosen: list[tuple[Piece, Choice]], query: Query, closed: Sequence[Span]
) -> Draft | None:
    way = scene.way
    given = [each for _, choice in chosen for each in choice.given]
    if not _of_rows(heard, way, chosen, query):
        return None
    left = _words(heard, scene, chosen, query, given, closed)
    if left is None or left.deed > 1:
        return None
    cost = sum(choice.cost for _, choice in chosen) + left.cost + left.deed + _disordered(given, way)
    named = {each.slot for each in given}
    if way.key and not any(each.required for each in way.slots) and way.slots and not named:
        return None  # nothing is changed
    if not way.key and not left.thing:
        cost += 0.3
    missing = [each.name for each in way.slots if each.required and each.name not in named]
    rows = tuple[JsonObject, ...]()
    if way.key:
        found = _rows(scene, left)
        if found is None:
            return None
        rows = tuple(found)
        if len(rows) != 1 and not (rows and _many(left)):
            missing.insert(0, way.key)
    if any(each.by in _BY_ROW for each in given) and len(rows) > 1:
        cost += 0.1
    return Draft(way, tuple(given), rows, cost, tuple(missing), tuple(left.spans))


def _many(left: _Left) -> bool:
    query = left.query
    return (query.every or (query.several and query.said) or left.pointed == "many") and not query.order


def _of_rows(heard: Heard, way: Way, chosen: Sequence[tuple[Piece, Choice]], query: Query) -> bool:
    """Put into the query what pieces say of rows; tell whether that could be done."""
    moments = []
    for piece, choice in chosen:
        if choice.role != "row":
            continue
        mention, link = piece.mention, heard.link(piece.span[0])
        if piece.kind in ("date", "datetime", "time", "date_range") and mention is not None:
            moment = moment_of(mention)
            if moment is not None and link in _BOUNDS:
                moment = bounded(moment, link)
            if moment is None:
                return False
            moments.append(moment)
        elif piece.kind == "person" and mention is not None and (month := month_of(heard.goal, mention)) is not None and link in ("in", "from", "of", "for"):
            moments.append(month)
        else:
            text = piece.text.strip("'\"‘’“”") if piece.kind == "quoted" else as_name(piece.text)
            kind = "person" if piece.kind == "person" else "quoted" if piece.kind in ("quoted", "email", "code") else ""
            query.texts.append(Text(text, kind, link, piece.span))
    query.moments = sets_of(heard.text, sorted(moments, key=lambda each: each.span))
    return True


def _words(
    heard: Heard, scene: Scene, chosen: Sequence[tuple[Piece, Choice]], query: Query, given: list[Given], closed: Sequence[Span]
) -> _Left | None:
    """Take up the words beside the pieces; None where one of them is not accounted for."""
    way, left = scene.way, _Left(query)
    taken = [piece.span for piece, choice in chosen if choice.role != "word"] + [*closed]
    slots = [slot for slot in way.slots if slot.name in {each.slot for each in given}]
    flagged = _flagged(heard, scene, query)
    free = [each for each in heard.said if not overlaps((each.start, each.end), taken)]
    telling = [each for each in free if each.lower not in POLITE and each.lower not in ("can", "could", "you", "would")]
    first = telling[0] if telling else None
    skip = 0
    for place, word in enumerate(free):
        if skip:
            skip -= 1
            continue
        follow = free[place + 1] if place + 1 < len(free) else None
        joined = _joined(word, follow, way)
        if joined is not None:
            left.deed, skip = min(left.deed, joined), 1
        elif word.stem in flagged:
            continue
        elif not _word(word, heard, scene, left, slots, given, chosen, is_first=word is first):
            return None
    _states_of(left, slots, heard, given)
    parts = [each for each in free if each.lower in _PARTS]
    query.moments += parts_of(heard.goal, [(each.lower, (each.start, each.end)) for each in parts], query.moments)
    left.spans += [each.span for each in query.texts]
    return left


def _flagged(heard: Heard, scene: Scene, query: Query) -> set[str]:
    """The stems of flags of the read that were said; the query keeps their rows."""
    found = set[str]()
    for stems, rows in scene.flags:
        query.kept.append(rows)
        found |= stems
    return found


def _joined(word: Word, follow: Word | None, way: Way) -> float | None:
    """`call off`: two words that are one verb."""
    if follow is None:
        return None
    phrase = stem(f"{word.lower}{follow.lower}")
    return 0.0 if way.lexicon.is_deed(phrase) and phrase not in (word.stem, follow.stem) else None


def _word(
    word: Word,
    heard: Heard,
    scene: Scene,
    left: _Left,
    slots: Sequence[Slot],
    given: list[Given],
    chosen: Sequence[tuple[Piece, Choice]],
    *,
    is_first: bool,
) -> bool:
    """Take up one word; False where nothing accounts for it."""
    way, query, low = scene.way, left.query, word.lower
    bare = stem(re.sub(r"['’]s$", "", low))
    for slot in slots:
        if gives(slot.kind, bare) and (is_first or low in ("goes", "wait")):
            left.deed = min(left.deed, 0.3)
    if is_first and way.lexicon.is_deed(bare):
        left.deed = min(left.deed, 0.0 if bare in way.lexicon.deeds else 0.15)
        left.thing = left.thing or way.lexicon.is_thing(bare)
        return True
    if is_first and bare in verbs() and not any(gives(slot.kind, bare) for slot in slots):
        return False
    if low in EVERY or low in STATES or low in _ORDERS or low in _PARTS:
        if not way.key:
            return False
        query.every = query.every or low in EVERY
        query.states |= {STATES[low]} if low in STATES else set()
        query.order |= {_ORDERS[low]} if low in _ORDERS else set()
        left.spans.append((word.start, word.end))
        return True
    if low in _PARTICLES and re.match(r"\s*(?:to|into|in|on|until|for)\b|\s*[.,!]?\s*$|\s+(?:the\s+)?(?!its|their|the)", heard.text[word.end :]):
        if low not in _REFUSED or re.match(r"\s*(?:to|into)\b|\s*[.,!]?\s*$", heard.text[word.end :]) or _before_piece(word, heard, chosen, 5):
            return True
    if low in _REFUSED:
        return low in _BOUNDS and any(0 <= piece.span[0] - word.end <= 5 for piece, _ in chosen)
    if low in ("it", "them", "this", "that", "those", "these"):
        if not (low in ("this", "that") and _before_piece(word, heard, chosen)):
            left.pointed = "many" if low in ("them", "those", "these") else "one"
        return True
    if low in TITLES | BODIES and _before_piece(word, heard, chosen, most=14):
        left.thing = left.thing or way.lexicon.is_thing(bare)
        return True
    if low == "new" and any(map(creates, way.lexicon.deeds)):
        left.deed = min(left.deed, 0.2)
        return True
    for slot in way.slots:
        if slot.kind == "flag" and bare in slot.stems and slot.name not in {each.slot for each in given} and not way.key:
            given.append(Given(slot.name, True, word.text, (word.start, word.end)))  # noqa: FBT003  # a value
            return True
    named = [slot for slot in slots if bare in slot.stems]
    cost = way.lexicon.cost(bare)
    if low in _OWNERS and scene.table is not None and all(own_address(row) for row in scene.table.rows):
        return True
    if low in IDLE and not (cost is not None and way.lexicon.is_thing(bare)):
        if named and low == "due":
            left.thing = left.thing or False
        return True
    if named:
        left.deed = min(left.deed, 0.6)
        return True
    if cost is not None:
        left.cost += cost
        thing, deed = way.lexicon.is_thing(bare), way.lexicon.is_deed(bare)
        left.thing = left.thing or thing
        plural = thing and low.endswith("s") and word.stem != low
        query.several = query.several or (plural and not _WITHIN.search(heard.text[: word.start]))
        if deed:
            left.deed = min(left.deed, 0.2 if not thing else 0.5)
        if way.key:
            query.perhaps.append(Text(re.sub(r"['’]s$", "", word.text), "", "", (word.start, word.end)))
        return True
    if any(gives(slot.kind, bare) for slot in slots):
        left.deed = min(left.deed, 0.4)
        return True
    if not way.key:
        return False
    query.texts.append(Text(re.sub(r"['’]s$", "", word.text), "", "", (word.start, word.end)))
    return True


def _before_piece(word: Word, heard: Heard, chosen: Sequence[tuple[Piece, Choice]], most: int = 1) -> bool:
    return any(0 <= piece.span[0] - word.end <= most for piece, _ in chosen)


def _states_of(left: _Left, slots: Sequence[Slot], heard: Heard, given: Sequence[Given]) -> None:
    """A state that was said for a value is no state of the row."""
    if any(each.text.lower() == "open" for each in given):
        left.query.states.discard("open")


def _rows(scene: Scene, left: _Left) -> list[JsonObject] | None:
    """The rows that are meant; None where nothing that was said is so."""
    table, query = scene.table, left.query
    if table is None:
        return None
    if not query.said and not query.every:
        if left.pointed and scene.before:
            return list(scene.before)
        if query.perhaps:
            found = [row for row in table.rows if Query(query.goal, query.people, texts=query.perhaps).rows([row])]
            return found if len(found) == 1 else []
        return list(scene.before)
    found = query.rows(table.rows)
    if not found or len(found) > MOST_ROWS:
        return None
    if len(found) > 1 and not _many(left):
        if scene.before:
            kept = [row for row in found if any(row is each for each in scene.before)]
            found = kept if len(kept) == 1 else found
        if scene.narrowed is not None and len(found) > 1:
            kept = scene.narrowed.rows(found)
            found = kept if len(kept) == 1 else found
    return found


def _disordered(given: Sequence[Given], way: Way) -> float:
    """Texts are said in the order of the arguments."""
    texts = [slot.name for slot in way.slots if slot.kind == "text"]
    quoted = sorted((each for each in given if each.slot in texts), key=lambda each: each.span)
    places = [texts.index(each.slot) for each in quoted]
    return 0.2 if places != sorted(places) else 0.0
