"""What words say of the rows of a table: strictly, where each must be accounted for, or as an aside that only points to some."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from doer.domain.value import JsonObject
from doer.intent.text import Word, stem, word_set
from doer.intent.vocabulary import alike_nouns
from doer.planning.accounted.clause import BOUNDS, EVERY, IDLE, MOST_ROWS, ORDERS, PARTS, REFUSED, STATES
from doer.planning.accounted.pieces import Heard
from doer.planning.accounted.rowset import Query, bounded, measures
from doer.planning.accounted.world import Table
from doer.planning.lookup.people import as_name
from doer.planning.lookup.words import Text, moment_of, month_of, parts_of, sets_of
from doer.planning.matching.fill import overlaps

_ENDED: Final = word_set("done finished completed complete closed resolved over fixed ready through")
_VERBS: Final = word_set(
    "have has had having got own owns live lives meet meets see sees come comes belong belongs do does been look looks after work works"
)
"""What rows of people do with rows of things; it says no more than that the two belong together."""


@dataclass(frozen=True, slots=True)
class Said:
    """Rows of which something was said."""

    table: Table
    rows: tuple[JsonObject, ...]
    query: Query
    thing: bool
    """Whether it was said what they are."""
    left: tuple[str, ...]
    """Words that nothing accounts for."""
    fields: frozenset[str] = frozenset()
    """Stems of the fields that were named."""
    taken: int = 0
    """Words that rows account for."""


def strictly(heard: Heard, table: Table, idle: frozenset[str] = frozenset()) -> Said | None:
    """Return the rows that agree with every word, and the words that are not accounted for; None where it cannot be told."""
    query = Query(heard.goal, heard.people, said_in=heard.text, near={each.stem for each in heard.said})
    query.measures = list(measures(heard.text))
    taken = [each.span for each in query.measures]
    if not _mentioned(heard, query, taken, table):
        return None
    named = table.fields
    thing, left, fields, explained = False, list[str](), set[str](), len(query.texts)
    days = list[tuple[str, tuple[int, int]]]()
    for word in heard.said:
        low, bare = word.lower, stem(re.sub(r"['’]s$", "", word.lower))
        if overlaps((word.start, word.end), taken):
            continue
        if low in EVERY or low in STATES or low in ORDERS or low in PARTS:
            query.every = query.every or low in EVERY
            query.states |= {STATES[low]} if low in STATES else set()
            query.order |= {ORDERS[low]} if low in ORDERS else set()
            days += [(low, (word.start, word.end))] if low in PARTS else []
        elif any(alike_nouns(bare, each) for each in table.called):
            thing = True
        elif low in BOUNDS:
            continue
        elif low in REFUSED and low not in idle:
            return None
        elif bare in named and not _stands(word, heard, table):
            fields.add(bare)
        elif low in IDLE or low in idle:
            continue
        elif _stands(word, heard, table):
            query.texts.append(_text(word))
            explained += 1
        elif low not in _VERBS:
            left.append(low)
    query.moments += parts_of(heard.goal, days, query.moments)
    rows = query.rows(table.rows)
    return Said(table, tuple(rows), query, thing, tuple(left), frozenset(fields), explained)


def _mentioned(heard: Heard, query: Query, taken: list[tuple[int, int]], table: Table) -> bool:
    """Take up the typed values."""
    moments = []
    for each in heard.mentions:
        span, link = (each.start, each.end), heard.link(each.start)
        if overlaps(span, taken):
            continue
        if each.kind == "person" and (month := month_of(heard.goal, each)) is not None and link in ("in", "from", "of"):
            moments.append(month)
        elif each.kind == "person":
            name = as_name(each.text)
            known = any(name.casefold() in str(value).casefold() for row in table.rows for value in row.values())
            if not known and not heard.people.get(name) and name not in heard.named:
                continue  # a word like any other
            query.texts.append(Text(name, "person", link, span))
        elif each.kind in ("quoted", "email", "url"):
            query.texts.append(Text(each.text.strip("'\"‘’“”"), "quoted", link, span))
        elif (moment := moment_of(each)) is not None:
            moment = bounded(moment, link) if link in BOUNDS else moment
            if moment is None:
                return False
            moments.append(moment)
        else:
            continue
        taken.append(span)
    query.moments = sets_of(heard.text, sorted(moments, key=lambda each: each.span))
    return True


def _text(word: Word) -> Text:
    return Text(re.sub(r"['’]s$", "", word.text), "", "", (word.start, word.end))


def _stands(word: Word, heard: Heard, table: Table) -> bool:
    return Query(heard.goal, heard.people).stands(_text(word), table.rows)


def narrowing(heard: Heard, *, dated: bool) -> Query:
    """Return whom, what and when a clause names."""
    query = Query(heard.goal, heard.people, said_in=heard.text, near={each.stem for each in heard.said})
    for each in heard.mentions:
        span = (each.start, each.end)
        if each.kind in ("person", "quoted", "email"):
            text = each.text.strip("'\"‘’“”") if each.kind == "quoted" else as_name(each.text)
            query.texts.append(Text(text, "person" if each.kind == "person" else "quoted", "", span))
        elif dated and (moment := moment_of(each)) is not None:
            query.moments.append(moment)
    return query


def values(heard: Heard, table: Table) -> tuple[Query, ...]:
    """Return what each value of a clause alone says: whom, what, when, and words like `W1` or `Hull` that rows have."""
    whole = narrowing(heard, dated=True)
    found = [Query(heard.goal, heard.people, texts=[each]) for each in whole.texts]
    found += [Query(heard.goal, heard.people, moments=[each]) for each in whole.moments]
    spans = [(each.start, each.end) for each in heard.mentions if each.kind != "number"]
    for word in heard.said:
        proper = word.text != word.lower or any(map(str.isdigit, word.text))
        if not proper or overlaps((word.start, word.end), spans) or word.lower in IDLE | EVERY | table.called:
            continue
        found += [Query(heard.goal, heard.people, texts=[_text(word)])] if _stands(word, heard, table) else []
    return tuple(found)


def about(heard: Heard, table: Table) -> Sequence[JsonObject]:
    """Return the rows of a table that an aside is about; none where it says nothing of them that tells them apart."""
    query = narrowing(heard, dated=False)
    found = query.rows(table.rows) if query.texts else list(table.rows)
    dated = narrowing(heard, dated=True).rows(found)
    found = dated if len(dated) < len(found) and dated else found
    if query.texts and not found:
        return ()
    spans = [(each.start, each.end) for each in heard.mentions]
    said = bool(query.texts)
    for word in heard.said:
        if overlaps((word.start, word.end), spans):
            continue
        low = word.lower
        if low in STATES:
            found, said = Query(heard.goal, heard.people, states={STATES[low]}).rows(found), True
        if low in IDLE or low in EVERY or low in STATES or low in _ENDED or not _stands(word, heard, table):
            continue
        found, said = Query(heard.goal, heard.people, texts=[_text(word)]).rows(found), True
        if not found:
            return ()
    return found if said and len(found) <= MOST_ROWS else ()
