"""One clause, heard as one way to use a tool: every piece is an argument or said of a row, and no telling word is left."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Final, Literal

from doer.domain.action import Manifest
from doer.domain.goal import Goal
from doer.domain.value import JsonObject
from doer.intent.text import Word, stem, word_set
from doer.intent.vocabulary import FUNCTION_WORDS, PHRASES, POLITE, verbs
from doer.planning.accounted.lexicon import creates, gives, is_deed
from doer.planning.accounted.pieces import BODIES, TITLES, Choice, Given, Heard, Piece, Span, choices, pieces
from doer.planning.accounted.rowset import Measure, Query, bounded, measures, past, upcoming
from doer.planning.accounted.slots import Slot, Way
from doer.planning.accounted.world import Table, own_address, shown
from doer.planning.lookup.people import as_name
from doer.planning.lookup.words import Text, moment_of, month_of, parts_of, sets_of
from doer.planning.matching.fill import overlaps

MOST_ROWS: Final = 20
_MOST_WAYS: Final = 4000
EVERY: Final = word_set("all every each both everything everyone everybody")
STATES: Final = {
    "overdue": "overdue",
    "open": "open",
    "unfinished": "open",
    "upcoming": "coming",
    "future": "coming",
    "coming": "coming",
}
ORDERS: Final = {
    "last": "last",
    "latest": "last",
    "newest": "last",
    "oldest": "first",
    "earliest": "first",
    "first": "first",
    "next": "next",
}
PARTS: Final = word_set("morning afternoon evening")
BOUNDS: Final = word_set("before after since until till")
REFUSED: Final = word_set("""
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
_ONWARDS: Final = re.compile(r"\s+on(?:wards?)?\b")
"""`from tomorrow on`."""
_WHOSE: Final = word_set("his her hers their theirs")
_FIELDS: Final = word_set("number address date name status field")
"""What stands beside the name of a field that gets a value: `her phone number`."""
_OWNERS: Final = word_set("owner owners holder holders keeper keepers contact parent parents")
"""Whom a row of people is, where something of theirs was named."""
_BY_ROW: Final = frozenset({"clock", "later", "earlier", "day"})


@dataclass(frozen=True, slots=True)
class Draft:
    """One way to understand a clause."""

    goal: Goal
    way: Way
    given: tuple[Given, ...]
    rows: tuple[JsonObject, ...]
    cost: float
    missing: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    """Of the words that say which rows."""
    read: Manifest | None = None
    """Which read told the rows."""

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
    others: frozenset[str] = frozenset()
    """What other tools are about: as a word of a row that is unlikely."""
    narrowed: Query | None = None
    """What an earlier clause says, which may tell rows apart."""
    told: Sequence[Query] = ()
    """Each value that an earlier clause tells."""


@dataclass(slots=True)
class _Left:
    """What the words beside the pieces say."""

    query: Query
    cost: float = 0.0
    deed: float = 9.0
    thing: bool = False
    pointed: Literal["", "one", "many", "there"] = ""
    whose: list[Word] = field(default_factory=list)
    """Words for somebody who was named before."""
    spans: list[Span] = field(default_factory=list)


def drafts(heard: Heard, scene: Scene, *, deedless: bool = False) -> list[Draft]:
    """Return the ways to understand a clause with this way to use a tool, the best first; `deedless`: nothing is to be done."""
    way, rows = scene.way, "\n".join(_folded(scene.table.rows) if scene.table else ())
    bounds = _bounds(heard, scene) if way.key else []
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
        query = Query(
            heard.goal, heard.people, measures=list(bounds), said_in=heard.text, near={each.stem for each in heard.said}
        )
        left = _Left(query, deed=1.0 if deedless else 9.0)
        draft = _draft(heard, scene, list(zip(found, chosen, strict=True)), left, closed)
        made += [] if draft is None else [draft]
    return sorted(made, key=lambda each: each.cost)


def _bounds(heard: Heard, scene: Scene) -> list[Measure]:
    """Amounts that rows must have; those that a flag of the read says are its own to tell."""
    flags = frozenset(each for stems, _ in scene.flags for each in stems)
    return [each for each in measures(heard.text) if not each.other or each.other not in flags]


def _folded(rows: Sequence[JsonObject]) -> Iterator[str]:
    for row in rows:
        yield from (value.casefold() for value in row.values() if isinstance(value, str))


def _draft(
    heard: Heard, scene: Scene, chosen: list[tuple[Piece, Choice]], left: _Left, closed: Sequence[Span]
) -> Draft | None:
    way, query = scene.way, left.query
    given = [each for _, choice in chosen for each in choice.given]
    if not _of_rows(heard, chosen, query):
        return None
    slots = [slot for slot in way.slots if slot.name in {each.slot for each in given}]
    if not _words(_Parts(heard, scene, left, chosen, given, slots), closed) or left.deed > 1:
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
        if found is None or not _theirs(found, left, chosen):
            return None
        rows = tuple(found)
        if len(rows) != 1 and not (rows and _many(left)):
            missing.insert(0, way.key)
    cost += 0.15 * len([each for each in missing if each != way.key])
    if any(each.by in _BY_ROW for each in given) and len(rows) > 1:
        cost += 0.1
    read = scene.table.read if scene.table is not None else None
    return Draft(heard.goal, way, tuple(given), rows, cost, tuple(missing), tuple(left.spans), read)


def _many(left: _Left) -> bool:
    query = left.query
    return (query.every or query.listed or (query.several and query.said) or left.pointed == "many") and not query.order


def _of_rows(heard: Heard, chosen: Sequence[tuple[Piece, Choice]], query: Query) -> bool:
    """Put into the query what pieces say of rows; tell whether that could be done."""
    moments = []
    for piece, choice in chosen:
        if choice.role != "row":
            continue
        mention, link = piece.mention, heard.link(piece.span[0])
        if piece.kind in ("date", "datetime", "time", "date_range") and mention is not None:
            moment = moment_of(mention)
            moment = None if moment is None else past(moment, mention.text, heard.text, heard.goal)
            onwards = link == "from" and _ONWARDS.match(heard.text[piece.span[1] :]) is not None
            if moment is not None and (link in BOUNDS or onwards):
                moment = bounded(moment, "since" if onwards else link)
            if moment is None:
                return False
            moments.append(moment)
        elif (
            piece.kind == "person"
            and mention is not None
            and (month := month_of(heard.goal, mention)) is not None
            and link in ("in", "from", "of", "for")
        ):
            moments.append(month)
        else:
            text = piece.text.strip("'\"‘’“”") if piece.kind == "quoted" else as_name(piece.text)
            kind = "person" if piece.kind == "person" else "quoted" if piece.kind in ("quoted", "email", "code") else ""
            query.texts.append(Text(text, kind, link, piece.span))
    query.moments = sets_of(heard.text, sorted(moments, key=lambda each: each.span))
    return True


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a word is heard with."""

    heard: Heard
    scene: Scene
    left: _Left
    chosen: Sequence[tuple[Piece, Choice]]
    given: list[Given]
    slots: Sequence[Slot]
    """Those that have a value."""

    def before_piece(self, word: Word, most: int = 1) -> bool:
        """Tell whether a value follows the word."""
        return any(0 <= piece.span[0] - word.end <= most for piece, _ in self.chosen)

    def take(self, word: Word, *, first: bool) -> bool:
        """Take up one word; False where nothing accounts for it."""
        bare = stem(_plain(word.lower))
        for step in (self._deed, self._choosing, self._small):
            taken = step(word, bare, first=first)
            if taken is not None:
                return taken
        return self._telling(word, bare)

    def _deed(self, word: Word, bare: str, *, first: bool) -> bool | None:
        """The word with which it begins says what is to be done."""
        lexicon, left = self.scene.way.lexicon, self.left
        given = any(gives(slot.kind, bare) for slot in self.slots)
        if given and (first or word.lower in ("go", "goes", "wait") or self._told()):
            left.deed = min(left.deed, 0.3)
        if (
            word.lower in ("need", "needs")
            and lexicon.is_deed("order")
            and any(slot.kind == "number" for slot in self.slots)
        ):
            left.deed = min(left.deed, 0.3)
        if first and bare in ("mark", "set", "flag") and not lexicon.is_deed(bare) and not given:
            return True  # as what, another word says
        if first and lexicon.is_deed(bare):
            left.deed = min(left.deed, 0.0 if bare in lexicon.deeds else 0.15)
            left.thing = left.thing or lexicon.is_thing(bare)
            return True
        if first and bare in lexicon.told and bare in verbs():
            left.deed = min(left.deed, 0.4)
            return True
        return False if first and bare in verbs() and not given else None

    def _told(self) -> bool:
        """Whether somebody or something is its subject: `Kim takes over the tandem`."""
        start = self.heard.said[0].start
        return any(piece.span[0] == start for piece, _ in self.chosen)

    def _counted(self, word: Word) -> bool:
        """`only 2`, `30 more`: words that say nothing where the number is what is given."""
        numbers = [
            each.span for each in self.given if isinstance(each.value, int | float) and not isinstance(each.value, bool)
        ]
        if word.lower == "only":
            return any(0 <= span[0] - word.end <= 1 for span in numbers)
        return word.lower == "more" and any(0 <= word.start - span[1] <= 1 for span in numbers)

    def _described(self, word: Word) -> bool:
        """`looked after by`, where the tool's own description has both words."""
        told = self.scene.way.lexicon.told
        return word.stem in told and stem(self.heard.link(word.start)) in told and word.lower in BOUNDS

    def _choosing(self, word: Word, bare: str, *, first: bool) -> bool | None:
        """Words that choose among rows, bound or point."""
        low, query = word.lower, self.left.query
        if low in EVERY or low in STATES or low in ORDERS or low in PARTS:
            if not self.scene.way.key:
                return False
            query.every = query.every or low in EVERY
            query.states |= {STATES[low]} if low in STATES else set()
            query.order |= {ORDERS[low]} if low in ORDERS else set()
            self.left.spans.append((word.start, word.end))
            return True
        if (
            not first
            and low in _PARTICLES
            and (
                low not in REFUSED
                or is_deed(stem(self.heard.link(word.start)))
                or _ends(self.heard.text[word.end :])
                or self.before_piece(word, 5)
            )
        ):
            return True
        if low in REFUSED and (self._counted(word) or self._described(word)):
            return True
        if low in REFUSED:
            return low in BOUNDS and self.before_piece(word, 5)
        if low in _WHOSE:
            self.left.whose.append(word)
        if low == "there":
            self.left.pointed = "there"
            return True
        if low in ("it", "them", "this", "that", "those", "these"):
            if not (low in ("this", "that") and self.before_piece(word)):
                self.left.pointed = "many" if low in ("them", "those", "these") else "one"
            return True
        return None

    def _small(self, word: Word, bare: str, *, first: bool) -> bool | None:
        """Words before a quotation, flags, and words that say nothing by themselves."""
        low, way, left = word.lower, self.scene.way, self.left
        if low in TITLES | BODIES and self.before_piece(word, 14):
            left.thing = left.thing or way.lexicon.is_thing(bare)
            return True
        if low == "new" and any(map(creates, way.lexicon.deeds)):
            left.deed = min(left.deed, 0.2)
            return True
        led = self.heard.link(word.start) in ("as", "to", "be", "is", "are")
        for slot in way.slots if led or not way.key else ():
            if slot.kind == "flag" and bare in slot.stems and slot.name not in {each.slot for each in self.given}:
                self.given.append(Given(slot.name, value=True, text=word.text, span=(word.start, word.end)))
                return True
        table = self.scene.table
        if low in _OWNERS and table is not None and all(own_address(row) for row in table.rows):
            return True
        return True if low in IDLE and not way.lexicon.is_thing(bare) else None

    def _telling(self, word: Word, bare: str) -> bool:
        """All other words: the tool's, or what the row is called."""
        way, left, query = self.scene.way, self.left, self.left.query
        text = Text(_plain(word.text), "", "", (word.start, word.end))
        if any(bare in slot.stems for slot in self.slots):
            left.deed = min(left.deed, 0.6)
            return True
        cost = way.lexicon.cost(bare)
        if cost is not None:
            left.cost += cost
            thing = way.lexicon.is_thing(bare)
            left.thing = left.thing or thing
            plural = thing and word.lower.endswith("s") and word.stem != word.lower
            query.several = query.several or (plural and not _WITHIN.search(self.heard.text[: word.start]))
            if way.lexicon.is_deed(bare):
                left.deed = min(left.deed, 0.5 if thing else 0.2)
            query.perhaps += [text] if way.key else []
            return True
        if any(gives(slot.kind, bare) for slot in self.slots):
            left.deed = min(left.deed, 0.4)
            return True
        if word.lower in _FIELDS and self.slots:
            left.cost += 0.1
            return True
        table = self.scene.table
        if table is not None and bare in table.fields and not query.stands(text, table.rows):
            left.cost += 0.1
            return True
        query.texts += [text] if way.key else []
        left.cost += 0.4 if bare in self.scene.others else 0.0
        return bool(way.key)


def _plain(word: str) -> str:
    return re.sub(r"['’]s$", "", word)


def _words(parts: _Parts, closed: Sequence[Span]) -> bool:
    """Take up the words beside the pieces; False where one of them is not accounted for."""
    left, query, heard = parts.left, parts.left.query, parts.heard
    taken = [*(piece.span for piece, choice in parts.chosen if choice.role != "word"), *closed]
    flagged = _flagged(parts.scene, query)
    free = [each for each in heard.said if not overlaps((each.start, each.end), taken)]
    telling = [each for each in free if each.lower not in POLITE and each.lower not in ("can", "could", "you", "would")]
    skip = False
    for place, word in enumerate(free):
        joined = None if skip else _joined(word, free[place + 1 : place + 2], parts.scene.way)
        if joined is not None:
            left.deed, skip = min(left.deed, joined), True
        elif skip:
            skip = False
        elif word.stem not in flagged and not parts.take(word, first=word in telling[:1]):
            return False
    if any(each.text.lower() == "open" for each in parts.given):
        query.states.discard("open")  # a state that was said for a value is none of the row
    days = [(each.lower, (each.start, each.end)) for each in free if each.lower in PARTS]
    query.moments += parts_of(heard.goal, days, query.moments)
    left.spans += [each.span for each in query.texts]
    return True


def _flagged(scene: Scene, query: Query) -> set[str]:
    """The stems of flags of the read that were said; the query keeps their rows."""
    found = set[str]()
    for stems, rows in scene.flags:
        query.kept.append(rows)
        found |= stems
    return found


def _joined(word: Word, after: Sequence[Word], way: Way) -> float | None:
    """`call off`: two words that are one verb."""
    if not after:
        return None
    said = f"{word.lower} {after[0].lower}"
    phrase = stem(PHRASES.get(said, said.replace(" ", "")))
    return 0.0 if way.lexicon.is_deed(phrase) and phrase not in (word.stem, after[0].stem) else None


def _ends(rest: str) -> bool:
    """Whether a particle ends what is done: `hand it over to her`, and not `over 5`."""
    return re.match(r"\s*(?:(?:to|into)\b|[.,!]?\s*$)", rest) is not None


def _of_what_comes(way: Way) -> bool:
    """Tell whether what has been is left alone: nobody calls off, moves or hands over what is past."""
    return (
        "cancel" in way.lexicon.deeds
        or "calloff" in way.lexicon.deeds
        or any(slot.kind in ("datetime", "address") and slot.required for slot in way.slots)
    )


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
    if left.pointed in ("one", "many") and not query.said:
        return list(scene.before) or None  # all of those of which something was told
    found = query.rows(table.rows)
    if left.pointed == "there":
        ways = _narrower(found, scene, query)
        if len({str(sorted(map(shown, each))) for each in ways}) != 1:
            return None  # it is not plain where that is
        return ways[0]
    titled = query.listed or any(each.kind == "quoted" for each in query.texts)
    if not (query.moments or query.order or titled) and _of_what_comes(scene.way):
        found = upcoming(found, query.goal)
    if not found or len(found) > MOST_ROWS:
        return None
    if len(found) > 1 and not _many(left):
        if scene.before:
            kept = [row for row in found if any(row is each for each in scene.before)]
            found = kept if len(kept) == 1 else found
        if scene.narrowed is not None and len(found) > 1:
            kept = scene.narrowed.rows(found)
            found = kept if len(kept) == 1 else found
    return None if len(found) > 1 and _narrower(found, scene, query) else found


def _narrower(found: Sequence[JsonObject], scene: Scene, query: Query) -> list[list[JsonObject]]:
    """The fewer rows that are left by a value that was told before and is not used; a day that is said anew stands for the one told."""
    kept = [each.rows(found) for each in scene.told if not (each.moments and query.moments)]
    return [each for each in kept if 0 < len(each) < len(found)]


def _theirs(found: Sequence[JsonObject], left: _Left, chosen: Sequence[tuple[Piece, Choice]]) -> bool:
    """Whether of somebody whose rows they are, something was made: of those named before, one is whose rows are meant."""
    for word in left.whose:
        people = [choice for piece, choice in chosen if piece.kind == "person" and piece.span[1] <= word.start]
        if not any(each.role == "row" for each in people) and (people or len(found) > 1):
            return False
    return True


def _disordered(given: Sequence[Given], way: Way) -> float:
    """Texts are said in the order of the arguments."""
    texts = [slot.name for slot in way.slots if slot.kind == "text"]
    quoted = sorted((each for each in given if each.slot in texts), key=lambda each: each.span)
    places = [texts.index(each.slot) for each in quoted]
    return 0.2 if places != sorted(places) else 0.0
