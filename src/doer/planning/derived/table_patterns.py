"""Patterns of what people say about the rows of a table: word for word, for the skills that are derived from its schema.

What a column is called tells how people speak of it: a price is what a thing costs, an assignee works on a ticket, a stock
is what is left. Nothing here names a table.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from doer.domain.known import KnownColumn
from doer.intent.text import word_set
from doer.planning.words.nouns import phrase

DOERS: Final = word_set("assignee owner agent handler responsible editor reviewer rep representative")
PRICES: Final = word_set("price cost fee rate")
STOCKS: Final = word_set("stock quantity inventory")
PARTIES: Final = word_set("customer client supplier vendor company buyer account partner")
_LEVELS: Final = word_set("priority severity urgency")
_SET: Final = "(set|change|update|put|switch|correct|adjust|edit|fix)"


def last_word(column: KnownColumn) -> str:
    """Return the noun of a column's name: `unit price` is a price."""
    return phrase(column.name).split(" ")[-1]


def setting(column: KnownColumn, one: str, key: str, value: str, *, choice: bool) -> Iterator[str]:
    """Yield how it is said that a column of the row `key` gets a value; `one` is the noun, or empty where none is said."""
    what, row = phrase(column.name), f"[the] {one} [number|no|#] {{{key}}}" if one else f"[the] {{{key}}}"
    to = f"[to|at|as] {{{value}}}"
    yield f"{_SET} [the] {what} (of|for|on) {row} {to}"
    yield f"{_SET} {row} {what} {to}"
    yield f"{_SET} [the] {one} {{{key}}}'s {what} {to}"
    yield f"[the] {what} (of|for) {row} (should be|must be|is now|is to be|has to be|needs to be) {{{value}}}"
    yield f"{{{key}}}'s {what} (should be|must be|is now|is to be|has to be) {{{value}}}"
    yield f"give {row} [a|the] {what} [of] {{{value}}}"
    yield f"give {row} {{{value}}} {what}"
    yield f"(make|set) {row} {{{value}}} {what}"
    yield f"[from now on] {{{key}}} (gets|has|should have|should get|receives|must get) [a|an|the] [{what} of] {{{value}}} [percent] [{what}] [now|from now on]"
    if last_word(column) in {"city", "town"}:
        yield f"{{{key}}} (has moved|moved|is moving|have moved) to {{{value}}} [[please] (update|change|correct|adjust|fix) (that|it|this|their {what}|the {what}|its {what})]"
    if choice:
        yield f"(set|mark|put|change|move|switch|turn|flag|make|update) {row} [to|as|on|into|in] {{{value}}}"
        yield f"{row} (should be|must be|is to be|has to be|can be|needs to be|goes to|should go to) [set to|marked as|marked|put on] {{{value}}}"
    if last_word(column) in _LEVELS | PRICES | STOCKS:
        yield f"(raise|lower|increase|decrease|reduce|raise|bump|bump up|drop|cut) [the] {what} (of|for|on) {row} to {{{value}}}"
        yield f"(raise|lower|increase|decrease|reduce|bump|bump up|drop|cut) [the] {one} {{{key}}}'s {what} to {{{value}}}"
    if last_word(column) in PRICES:
        yield f"{row} (costs|should cost|is to cost|will cost|must cost) {{{value}}} [now|from now on]"
    if last_word(column) in STOCKS:
        yield f"(there are|we have|we now have|there are now) {{{value}}} {{{key}}} (in stock|left|in the warehouse|on the shelf) [now]"
    if last_word(column) in DOERS:
        yield from _doing(row, value, what)


def _doing(row: str, value: str, what: str) -> Iterator[str]:
    yield f"(assign|reassign|give|hand|hand over|pass|delegate|allocate) {row} [over] to {{{value}}}"
    yield f"(assign|give|hand|pass) {{{value}}} {row}"
    yield f"make {{{value}}} [the] {what} (of|for|on) {row}"
    yield f"(let|have) {{{value}}} (take|handle|do|work on|look after|take over|look at) {row}"
    yield f"{{{value}}} (should|will|is to|has to|can|must) (take|handle|do|work on|look after|take over|look at|get|have) {row}"
    yield f"{{{value}}} (takes|takes over|gets|handles) {row}"
    yield f"{row} (goes|should go|is|belongs) to {{{value}}}"


def telling(column: KnownColumn, one: str, key: str) -> Iterator[str]:
    """Yield how one thing of the row `key` is asked for."""
    what, row = (
        phrase(column.name),
        f"[the|a|an|our] {one} [number|no] {{{key}}}" if one else f"[the|a|an|our] {{{key}}}",
    )
    yield f"(what is|what's|whats|tell me|show me|give me|show|get|check|look up) [the|our] {what} (of|for|on) {row}"
    yield f"(what is|what's|whats|tell me|show me|give me|show|get|check|look up) {{{key}}}'s {what}"
    yield f"(what|which) {what} (does|has|did) {row} [have|got|get]"
    yield f"{{{key}}}'s {what}"
    if last_word(column) in PRICES:
        yield f"(what does|how much does) {row} cost"
        yield f"how much (is|are) {row}"
    if last_word(column) in STOCKS:
        yield f"how many {row} (are left|are there|do we have|are in stock|have we got|are still there) [left|in stock]"
        yield f"how (much|many) (stock|pieces|units) of {row} (are left|is left|are there|is there|do we have) [left|in stock]"
    if last_word(column) in DOERS:
        yield f"(who is|who's|whos) [the] (working on|assigned to|handling|responsible for|looking after|on|taking care of|in charge of|doing|{what} of|{what} for) {row}"
        yield f"who (has|handles|owns|does|works on|looks after|takes care of|is {row} assigned to) {row}"
        yield f"who is {row} assigned to"
        yield f"(whose|who does) {row} (is it|belong to)"
