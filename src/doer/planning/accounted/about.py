"""What a clause that asks for nothing says of rows: `Tobias says all his overdue jobs are finished, …`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from doer.domain.value import JsonObject
from doer.intent.text import word_set
from doer.planning.accounted.clause import EVERY, IDLE, MOST_ROWS, STATES
from doer.planning.accounted.pieces import Heard
from doer.planning.accounted.rowset import Query
from doer.planning.accounted.world import Table
from doer.planning.lookup.people import as_name
from doer.planning.lookup.words import Text, moment_of

_ENDED: Final = word_set("done finished completed complete closed resolved over fixed ready through")


def narrowing(heard: Heard, *, dated: bool) -> Query:
    """Return whom, what and when a clause names."""
    query = Query(heard.goal, heard.people, near={each.stem for each in heard.said})
    for each in heard.mentions:
        span = (each.start, each.end)
        if each.kind in ("person", "quoted", "email"):
            text = each.text.strip("'\"‘’“”") if each.kind == "quoted" else as_name(each.text)
            query.texts.append(Text(text, "person" if each.kind == "person" else "quoted", "", span))
        elif dated and (moment := moment_of(each)) is not None:
            query.moments.append(moment)
    return query


def about(heard: Heard, table: Table) -> Sequence[JsonObject]:
    """Return the rows of a table that a clause is about; none where it says nothing of them that tells them apart."""
    query = narrowing(heard, dated=False)
    found = query.rows(table.rows) if query.texts else list(table.rows)
    if query.texts and not found:
        return ()
    spans = [(each.start, each.end) for each in heard.mentions]
    said = bool(query.texts)
    for word in heard.said:
        if any(start < word.end and word.start < end for start, end in spans):
            continue
        low = word.lower
        if low in STATES:
            found, said = Query(heard.goal, heard.people, states={STATES[low]}).rows(found), True
        if low in IDLE or low in EVERY or low in STATES or low in _ENDED:
            continue
        text = Text(re.sub(r"['’]s$", "", word.text), "", "", (word.start, word.end))
        one = Query(heard.goal, heard.people, texts=[text])
        if not one.rows(table.rows):
            continue
        kept = one.rows(found)
        if not kept:
            return ()
        found, said = kept, True
    return found if said and len(found) <= MOST_ROWS else ()
