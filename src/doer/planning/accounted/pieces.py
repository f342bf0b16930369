"""Pieces of a clause that are values, and what each may be for one way to use a tool: an argument, or said of a row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from doer.domain.goal import Goal
from doer.domain.value import Json
from doer.intent.grounder import Grounder
from doer.intent.mention import Mention
from doer.intent.text import Word, stem, word_set, words
from doer.planning.accounted.lexicon import spoken
from doer.planning.accounted.slots import Slot, Way
from doer.planning.action.forms import date_form, has_clock, written_as
from doer.planning.lookup.people import as_name
from doer.planning.matching.fill import overlaps
from doer.planning.words.conditions import masked

Span = tuple[int, int]
By = Literal["", "clock", "later", "earlier", "partial", "which", "each", "day"]
TITLES: Final = word_set("title subject name heading label reason because topic headline summary called named titled")
BODIES: Final = word_set(
    "text body message content note comment answer reply saying says say that tell tells reads with"
)
_BODY: Final = word_set("text body message content answer reply note comment")
_TO: Final = word_set("to until till as into")
_AT: Final = word_set("for on by at under in from")
_FOR: Final = word_set("to with for by ask email mail tell write let message notify contact ping inform")
_BELONGS: Final = word_set("assigned belonging belong belongs given handed allotted allocated falls fall due")
_FINISHED: Final = word_set("done finished completed complete closed")
_MINUTES: Final = word_set("min mins minut minute minutes length long durat duration")
_PLACES: Final = frozenset(stem(each) for each in word_set("city town place location country village"))
_SMALL: Final = frozenset(
    stem(each) for each in word_set("the a an of to for by with in on e mail email address who what it is its new")
)
_FROM: Final = word_set("from start first begin since after earliest")
_UNTIL: Final = word_set("to end last until till latest through")
_REST: Final = re.compile(
    r"(?:(?<=[a-z]):|\bsaying(?: that)?|\bthat says|\bwith the (?:text|message|note|comment)|\btelling (?:him|her|them)(?: that)?)\s+"
    r"(?P<text>[^\s'\"“‘](?:[^'\"“”‘]|(?<=\w)'(?=\w))*?)\s*$"
)
"""A text that ends the sentence without quotes around it."""
_CODE: Final = re.compile(r"(?<![\w-])\+?\d[\d-]{4,}\d(?![\w-])")


@dataclass(frozen=True, slots=True)
class Given:
    """A value for an argument, and the words that say it."""

    slot: str
    value: Json
    text: str
    span: Span
    by: By = ""
    """How it is made of the row: with its day or its time of day, so much later or earlier; `partial` and `which` have to be asked; `each`: once for each."""
    read: bool = False
    """Whether a read told it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that a piece may be."""

    role: Literal["slot", "row", "word"]
    cost: float
    given: tuple[Given, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that are a value."""

    kind: str
    text: str
    span: Span
    mention: Mention | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """A clause, the values in it, and whose addresses are known."""

    text: str
    goal: Goal
    mentions: tuple[Mention, ...]
    said: tuple[Word, ...]
    people: Mapping[str, tuple[str, ...]]
    folk: tuple[tuple[Span, tuple[str, ...]], ...] = ()
    """Words for people whom rows tell, and their addresses."""
    named: frozenset[str] = frozenset()
    """Names that stand in rows of some table."""

    @classmethod
    def of(cls, text: str, goal: Goal, people: Mapping[str, tuple[str, ...]]) -> Heard:
        """Return what is heard of a text as if it were said with the goal."""
        found = Grounder.of(goal, lambda word: word in spoken()).mentions(text)
        sure = tuple(
            each for each in found if each.kind != "person" or not each.text.islower() or people.get(as_name(each.text))
        )
        return cls(text, goal, sure, words(text), people)

    def link(self, start: int) -> str:
        """Return the word before a place, in lower case; articles are none."""
        found = re.search(
            r"([\w@.'’]+)\W*$", re.sub(r"\b(?:the|an?|our|my)\s+$", "", self.text[:start], flags=re.IGNORECASE)
        )
        return found[1].lower() if found else ""

    def before(self, start: int, most: int) -> list[Word]:
        """Return the last words before a place."""
        return [each for each in self.said if each.end <= start][-most:]

    def owned(self, span: Span) -> bool:
        """Tell whether what is named owns what follows."""
        return (
            re.match(r"['’]s?\b", self.text[span[1] :]) is not None
            or re.search(r"['’]s$", self.text[slice(*span)]) is not None
        )


def pieces(heard: Heard, way: Way) -> list[Piece]:
    """Return the pieces of a clause for one way: typed values, and the choices and known values of its slots."""
    codes = [Piece("code", each[0], each.span()) for each in _CODE.finditer(masked(heard.text))]
    taken = [
        each.span
        for each in codes
        if not any(_covers(one, each.span) for one in heard.mentions if one.kind != "number")
    ]
    found = [each for each in codes if each.span in taken]
    found += [
        Piece(each.kind, each.text, (each.start, each.end), each)
        for each in heard.mentions
        if not overlaps((each.start, each.end), taken)
    ]
    plain = masked(heard.text)
    rest = _REST.search(heard.text) if any(slot.kind == "text" for slot in way.slots) else None
    if rest is not None and not any(each.kind == "quoted" for each in found):
        span = rest.span("text")
        found = [*(each for each in found if not overlaps(each.span, [span])), Piece("rest", rest["text"], span)]
        plain = plain[: span[0]]
    for slot in way.slots:
        for span, text in _named(slot, plain):
            same = [each for each in found if overlaps(each.span, [span])]
            if not same:
                found.append(Piece("listed", text, span))
            elif all(each.kind == "person" and span[0] <= each.span[0] and each.span[1] <= span[1] for each in same):
                found = [*(each for each in found if each not in same), Piece("listed", text, span)]
    for span, _ in (
        heard.folk if any(slot.kind == "address" and (slot.required or not way.key) for slot in way.slots) else ()
    ):
        found = [
            *(each for each in found if not overlaps(each.span, [span])),
            Piece("folk", heard.text[slice(*span)], span),
        ]
    return sorted(found, key=lambda each: each.span)


def _covers(mention: Mention, span: Span) -> bool:
    return mention.start <= span[0] and span[1] <= mention.end


def _named(slot: Slot, plain: str) -> Iterator[tuple[Span, str]]:
    """Where one of the values of a slot stands in the text."""
    for each in (*slot.choices, *slot.known, *(name for name, _ in slot.entries)):
        if slot.kind not in ("choice", "text", "ref") or not isinstance(each, str) or len(each) < 3:
            continue
        form = r"[\s_-]+".join(map(re.escape, re.split(r"[\s_-]+", each)))
        for found in re.finditer(rf"(?<![\w'])(?:{form})(?![\w])", plain, re.IGNORECASE):
            yield found.span(), found[0]
    if slot.kind == "choice" and any(str(each).lower() in _FINISHED for each in slot.choices):
        for found in re.finditer(rf"\b(?:{'|'.join(_FINISHED)})\b", plain, re.IGNORECASE):
            yield found.span(), found[0]


def choices(piece: Piece, way: Way, heard: Heard, rows: str) -> list[Choice]:
    """Return what a piece may be. `rows`: all values of the rows that the tool's id is of, folded; empty where it has none."""
    found = [each for slot in way.slots for each in _for_slot(piece, slot, way, heard)]
    if piece.kind == "date_range" or (piece.mention is not None and piece.kind == "date"):
        found += _range(piece, way)
    if way.key and not _receives(piece, way, heard):
        found += _of_row(piece, heard, rows)
    if piece.kind in ("person", "listed") and any(
        way.lexicon.cost(each.stem) is not None for each in words(as_name(piece.text))
    ):
        found.append(Choice("word", 0.3))
    return sorted(found, key=lambda each: each.cost)


def _receives(piece: Piece, way: Way, heard: Heard) -> bool:
    """Whether it is somebody to whom rows go: `give them to Marta`, not `those that are assigned to Marta`."""
    if piece.kind not in ("person", "email") or heard.link(piece.span[0]) not in ("to", "onto"):
        return False
    near = [each.lower for each in heard.before(piece.span[0], 2)]
    return any(slot.kind == "address" for slot in way.slots) and not _BELONGS & {*near}


def _for_slot(piece: Piece, slot: Slot, way: Way, heard: Heard) -> Iterator[Choice]:
    match slot.kind:
        case "address":
            for each in _address(piece, slot, heard):
                stray = (
                    way.key and not slot.required and piece.kind == "person" and heard.link(piece.span[0]) not in _TO
                )
                yield replace(each, cost=each.cost + _led(piece, slot, way, heard) + 0.6 * bool(stray))
        case "date" | "datetime":
            yield from _when(piece, slot, way, heard)
        case "number":
            yield from _number(piece, slot, way, heard)
        case "choice":
            yield from _listed(piece, slot, way, heard)
        case "text":
            yield from _text(piece, slot, way, heard)
        case "ref":
            yield from _ref(piece, slot, heard)
        case "flag" | "other":
            return


def _slot(piece: Piece, slot: Slot, value: Json, cost: float, by: By = "", *, read: bool = False) -> Choice:
    return Choice("slot", cost, (Given(slot.name, value, piece.text, piece.span, by, read),))


def _address(piece: Piece, slot: Slot, heard: Heard) -> Iterator[Choice]:
    if piece.kind == "email":
        yield replace(_people(piece, slot, [piece.text]), cost=0.0)
    for span, addresses in heard.folk if piece.kind == "folk" else ():
        if span == piece.span:
            yield _people(piece, slot, addresses)
    if piece.kind not in ("person", "listed") or piece.mention is None or heard.owned(piece.span):
        return
    told = heard.people.get(as_name(piece.text), ())
    near = heard.before(piece.span[0], 1)
    first = bool(near) and near[0].start == heard.said[0].start
    cost = 0.0 if heard.link(piece.span[0]) in _FOR else 0.1 if first else 0.5
    if slot.domains and told and not any(each.rpartition("@")[2] in slot.domains for each in told):
        cost += 0.5  # nobody of theirs was in this field so far
    if len(told) == 1:
        yield replace(_people(piece, slot, told), cost=cost)
    elif told:
        yield _slot(piece, slot, list(told), cost, "which")


def _ref(piece: Piece, slot: Slot, heard: Heard) -> Iterator[Choice]:
    """The row of another kind that is called so."""
    if piece.kind not in ("person", "listed", "quoted") or heard.owned(piece.span):
        return
    text = piece.text[1:-1] if piece.kind == "quoted" else as_name(piece.text)
    said = {each.stem for each in words(text)}
    exact = {str(value): value for name, value in slot.entries if name.casefold() == text.casefold()}
    found = exact or {
        str(value): value for name, value in slot.entries if said and said <= {each.stem for each in words(name)}
    }
    cost = 0.05 if heard.link(piece.span[0]) in _FOR | _TO | _AT else 0.3
    if len(found) == 1:
        yield _slot(piece, slot, next(iter(found.values())), cost, read=True)
    elif found:
        yield _slot(piece, slot, list(found.values()), cost, "which")


def _led(piece: Piece, slot: Slot, way: Way, heard: Heard) -> float:
    """What it costs to take it for this one of several arguments of its kind: the words before it say which."""
    if sum(each.kind == slot.kind for each in way.slots) < 2:
        return 0.0
    near = {each.stem for each in heard.before(piece.span[0], 3)}
    return 0.0 if near & slot.stems else 0.15 if near & (slot.told - _SMALL) else 0.3


def _people(piece: Piece, slot: Slot, addresses: Sequence[str]) -> Choice:
    """All of them where a list is wanted, else one after the other."""
    if slot.schema.get("type") == "array":
        return _slot(piece, slot, list(addresses), 0.0, read=True)
    one = len(addresses) == 1
    return _slot(piece, slot, addresses[0] if one else list(addresses), 0.0, "" if one else "each", read=True)


def _when(piece: Piece, slot: Slot, way: Way, heard: Heard) -> Iterator[Choice]:
    mention = piece.mention
    if mention is None or not mention.plain:
        return
    link, cost = heard.link(piece.span[0]), 0.0
    if way.key:
        updating = not any(each.kind in ("date", "datetime") and each.required for each in way.slots)
        creating = sum(each.required for each in way.slots) > 1
        cost = 0.0 if link in _TO or creating else 0.3 if link in _AT else 0.9
        cost += 0.1 * updating
    near = {each.stem for each in heard.before(piece.span[0], 2)}
    cost -= 0.1 * bool(near & slot.stems) if cost else 0.0
    value, kind = str(mention.value), mention.kind
    if (kind == "datetime" and slot.kind == "datetime") or (kind == "date" and slot.kind == "date"):
        yield _slot(piece, slot, _written(slot, value), cost)
    elif kind == "datetime" and slot.kind == "date" and not any(each.kind == "datetime" for each in way.slots):
        return
    elif kind == "date" and slot.kind == "datetime":
        moved = way.key and sum(each.required for each in way.slots) <= 1  # a row that is moved keeps its time of day
        yield _slot(piece, slot, value, cost + (0.05 if moved else 0.2), "day" if moved else "partial")
    elif kind == "time" and slot.kind == "datetime" and way.key:
        yield _slot(piece, slot, value, cost, "clock")
    elif kind == "duration" and way.key:
        after = heard.text[piece.span[1] :].lower()
        if re.match(r"\s+(?:earlier|forward|sooner)\b", after):
            yield _slot(piece, slot, value, 0.0, "earlier")
        elif re.match(r"\s+(?:later|back)\b", after) or (
            link == "by" and not re.search(r"\bforward\b", heard.text.lower())
        ):
            yield _slot(piece, slot, value, 0.0, "later")


def _written(slot: Slot, value: str) -> str:
    form = "" if slot.schema.get("format") else date_form(str(slot.schema.get("description", "")))
    if form and (slot.kind == "date" or has_clock(form)):
        return written_as(form, value)
    return value


def _range(piece: Piece, way: Way) -> Iterator[Choice]:
    """Both ends of a period."""
    mention = piece.mention
    dated = [each for each in way.slots if each.kind == "date"]
    first = [each for each in dated if each.stems & _FROM or set(re.split(r"[_\W]+", each.name.lower())) & _FROM]
    last = [each for each in dated if each.stems & _UNTIL or set(re.split(r"[_\W]+", each.name.lower())) & _UNTIL]
    if mention is None or not mention.plain or len(first) != 1 or len(last) != 1 or first == last:
        return
    value = mention.value if mention.kind == "date_range" else {"start": mention.value, "end": mention.value}
    if isinstance(value, Mapping):
        ends = (str(value["start"])[:10], str(value["end"])[:10])
        given = [
            Given(slot.name, _written(slot, each), piece.text, piece.span)
            for slot, each in zip((first[0], last[0]), ends, strict=True)
        ]
        yield Choice("slot", 0.0, tuple(given))


def _number(piece: Piece, slot: Slot, way: Way, heard: Heard) -> Iterator[Choice]:
    mention = piece.mention
    if mention is None or mention.kind not in ("number", "duration", "amount"):
        return
    named = {each.lower for each in words(re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", slot.name))}
    if mention.kind == "duration":
        length = _length(str(mention.value), named)
        if length is not None and heard.link(piece.span[0]) != "by":
            yield _slot(piece, slot, _as(slot, length), 0.0)
        return
    quantity = mention.quantity
    if not isinstance(quantity, str) or named & _MINUTES:
        return
    alone = sum(each.kind == "number" for each in way.slots) == 1
    after = [each.stem for each in heard.said if each.start >= piece.span[1]][:2]
    near = {*after, *(each.stem for each in heard.before(piece.span[0], 3))} & slot.stems
    link = heard.link(piece.span[0])
    if re.fullmatch(r"-?\d+(?:\.0+)?", quantity) or slot.schema.get("type") == "number":
        yield _slot(piece, slot, _as(slot, quantity), 1.0 if link == "by" else 0.0 if near else 0.05 if alone else 0.3)


def _length(value: str, named: set[str]) -> str | None:
    """A length in the unit that the argument is called by; None where it is no whole number of these."""
    found = re.fullmatch(r"P(?:(\d+)D|T(\d+)M)", value)
    if found is None:
        return None
    minutes = int(found[1] or 0) * 1440 + int(found[2] or 0)
    per = 1440 if named & {"day", "days"} else 60 if named & {"hour", "hours"} else 1 if named & _MINUTES else 0
    return str(minutes // per) if per and minutes % per == 0 else None


def _as(slot: Slot, told: str) -> Json:
    kind = slot.schema.get("type")
    if kind == "string":
        return told
    number = float(told)
    return int(number) if number == int(number) else number


def _listed(piece: Piece, slot: Slot, way: Way, heard: Heard) -> Iterator[Choice]:
    if piece.kind not in ("listed", "quoted", "person"):
        return
    said = re.sub(r"[\s-]+", "_", piece.text.strip("'\"‘’“”").lower())
    exact = [each for each in slot.choices if re.sub(r"[\s-]+", "_", str(each).lower()) == said]
    alike = [each for each in slot.choices if said in _FINISHED and str(each).lower() in _FINISHED]
    found = exact or alike
    if len(found) != 1:
        return
    cost = 0.0 if exact else 0.15
    if (way.key and slot.required is False) or way.field or way.key:
        link = heard.link(piece.span[0])
        article = link in ("the", "a", "our") and [each.lower for each in heard.before(piece.span[0], 2)][:1]
        led = link in _TO | _AT or said.partition("_")[0] in _TO | _AT or (article and article[0] in _TO | _AT)
        cost += 0.0 if led else 0.25 if len(heard.text.rstrip(" .!")) <= piece.span[1] else 0.5
    yield _slot(piece, slot, found[0], cost)


def _text(piece: Piece, slot: Slot, way: Way, heard: Heard) -> Iterator[Choice]:
    if piece.kind == "quoted":
        changed = way.key and (way.field or not slot.required)  # a row's own text is changed only where that was said
        cost = _quoted(piece, slot, way, heard)
        if not changed or not cost or heard.link(piece.span[0]) in _TO:
            yield _slot(piece, slot, piece.text[1:-1], cost)
    elif piece.kind == "rest":
        yield _slot(piece, slot, piece.text, 0.2 + _quoted(piece, slot, way, heard))
    elif piece.kind == "code":
        shapes = {re.sub(r"\d", "9", each) for each in slot.known}
        if slot.stems & {"phone", "mobil", "tel", "telephon", "fax"} or re.sub(r"\d", "9", piece.text) in shapes:
            yield _slot(piece, slot, piece.text, 0.0)
    elif piece.kind in ("listed", "person") and not heard.owned(piece.span) and slot.known:
        known = [each for each in slot.known if each.casefold() == piece.text.casefold()]
        named = any(each.stem in slot.stems for each in heard.said)
        led = heard.link(piece.span[0]) in _TO
        if (known or named) and (led or not way.key):
            yield _slot(
                piece, slot, known[0] if known else piece.text, 0.1 if known and named else 0.2 if named else 0.3
            )
    elif piece.kind == "person" and not way.key and slot.required and not heard.owned(piece.span):
        parts = {stem(each) for each in re.split(r"[_\W]+", slot.name.lower())}
        place, link = bool(parts & _PLACES), heard.link(piece.span[0])
        near = {each.stem for each in heard.before(piece.span[0], 1)}
        called = heard.text[: piece.span[0]].rstrip().endswith(":") or bool(
            near & {*way.lexicon.things, "call", "name"}
        )
        if (place and link in ("in", "at", "from")) or (called and not place):
            yield _slot(piece, slot, as_name(piece.text), 0.2)
    elif piece.kind in ("url", "email") and slot.stems & {"url", "link", "websit", "site", "page"}:
        yield _slot(piece, slot, piece.text, 0.0)


def _quoted(piece: Piece, slot: Slot, way: Way, heard: Heard) -> float:
    """What it costs to take a quotation for a text: the words before it say which."""
    near = heard.before(piece.span[0], 2)
    lows, stems = [each.lower for each in near], {each.stem for each in near}
    texts = [each for each in way.slots if each.kind == "text"]
    body = bool(slot.stems & {stem(each) for each in _BODY} or set(re.split(r"[_\W]+", slot.name.lower())) & _BODY)
    named = {stem(each) for each in re.split(r"[_\W]+", slot.name.lower())}
    others = {
        each
        for other in texts
        if other is not slot
        for each in {stem(part) for part in re.split(r"[_\W]+", other.name.lower())}
    }
    if stems & named or ("because" in lows and "reason" in named):
        return 0.0
    if stems & others:
        return 1.0
    if (lows and lows[-1] in BODIES - {"that", "with"}) or (lows[-1:] == ["with"] and body):
        return 0.0 if body else 0.7
    if set(lows) & TITLES:
        return 0.0 if not body else 0.7
    if heard.text[: piece.span[0]].rstrip().endswith(":"):
        return 0.05 if body or len(texts) == 1 else 0.2
    return 0.1 if not body or len([each for each in texts if each.required]) == 1 else 0.5


def _of_row(piece: Piece, heard: Heard, rows: str) -> Iterator[Choice]:
    """What it costs to take it for what is said of the row."""
    link = heard.link(piece.span[0])
    away = 0.9 if link in ("to", "until", "till") else 0.0
    match piece.kind:
        case "date" | "datetime" | "time" | "date_range":
            yield Choice("row", away)
        case "person" | "email":
            told = piece.kind == "email" or as_name(piece.text).casefold() in rows
            known = told or bool(heard.people.get(as_name(piece.text)))
            yield Choice("row", away + (0.0 if known else 0.2))
        case "quoted":
            said = piece.text[1:-1].casefold()
            if said in rows:
                yield Choice("row", 0.0 if f"\n{said}\n" in rows else 0.3)
        case "listed":
            yield Choice("row", 0.1 + away)
        case _:
            if piece.text.casefold() in rows:
                yield Choice("row", 0.0 if _measured(piece, heard, rows) else 0.1)


def _measured(piece: Piece, heard: Heard, rows: str) -> bool:
    """Tell whether a number and the word after it stand together in what rows are called: `5 ml`."""
    after = re.match(r"\s*\w+", heard.text[piece.span[1] :])
    return piece.kind == "number" and after is not None and f"{piece.text}{after[0]}".casefold() in rows


def with_people(heard: Heard, people: Mapping[str, tuple[str, ...]]) -> Heard:
    """Return the same with these people known."""
    return replace(heard, people={**heard.people, **people})


def names(mentions: Sequence[Mention]) -> list[str]:
    """Return the names that were said, each once."""
    return list(dict.fromkeys(as_name(each.text) for each in mentions if each.kind == "person"))
