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
NAMES: Final = frozenset({"name", "title", "full name", "display name", "label", "username", "user name", "login"})
_LEVELS: Final = word_set("priority severity urgency")
AMOUNTS: Final = word_set("amount total sum value salary budget")
_IS: Final = (
    "(should be|must be|is now|is now at|is now down to|is to be|has to be|needs to be|is|is actually|is really|is only|is down to"
    "|is up to|has gone down to|has gone up to|has changed to|changed to|changes to|has dropped to|has risen to|goes up to)"
)
_MOVE: Final = "(raise|lower|increase|decrease|reduce|bump|bump up|drop|cut|lift|bring|put)"
_NUMBERS: Final = frozenset({"integer", "decimal", "float"})
_SET: Final = "(set|change|update|put|switch|correct|adjust|edit|fix)"


def last_word(column: KnownColumn) -> str:
    """Return the noun of a column's name: `unit price` is a price."""
    return phrase(column.name).split(" ")[-1]


def setting(column: KnownColumn, one: str, key: str, value: str, *, choice: bool) -> Iterator[str]:
    """Yield how it is said that a column of the row `key` gets a value; `one` is the noun, or empty where none is said."""
    what, row = phrase(column.name), f"[the] {one} [number|no|#] {{{key}}}" if one else f"[the] {{{key}}}"
    told = f"{{{value}}}{_unit(column)}"
    to = f"[to|at|as] {told}"
    yield f"{_SET} [the] {what} (of|for|on) {row} {to}"
    yield f"{_SET} {row} {what} {to}"
    yield f"{_SET} [the] {one} {{{key}}}'s {what} {to}"
    for owned in (f"[the|our] {what} (of|for|on) {row}", f"[the] {one} {{{key}}}'s {what}"):
        yield f"{owned} {_IS} {told} [now|from now on]"
        yield f"{owned} (is|was) (wrong|incorrect|out of date|outdated|not right) (it's|it is|it should be|it must be|should be|make it) {told}"
    yield f"give {row} [a|the] [new] {what} [of] {told}"
    yield f"give {row} {told} {what}"
    yield f"(make|set) {row} {told} {what}"
    gets = f"[from now on] {row} (gets|has|should have|should get|receives|must get|must have) [a|an|the] [new]"
    yield f"{gets} {what} [of] {told} [now|from now on]"
    yield f"{gets} {told} {what} [now|from now on]"
    yield f"{row} (has|got|has got) a new {what} [address|number] {told}"
    if last_word(column) in {"city", "town"}:
        yield f"{row} (has moved|moved|is moving|have moved) to {told} [[please] (update|change|correct|adjust|fix) (that|it|this|their {what}|the {what}|its {what})]"
    if phrase(column.name) in NAMES:
        yield f"(rename|retitle) {row} [to|as|into] {told}"
        yield f"{row} is now called {told}"
        yield f"{row} (should be|must be|has to be|is to be) (called|named|renamed to|renamed) {told}"
        yield f"(call|name) {row} {told} [instead]"
    if choice:
        yield f"(set|mark|put|change|move|switch|turn|flag|make|update) {row} [to|as|on|into|in] {told}"
        yield f"{row} (should be|must be|is to be|has to be|can be|needs to be|goes to|should go to) [set to|marked as|marked|put on] {told}"
    if last_word(column) in _LEVELS or column.kind in _NUMBERS:
        yield f"{_MOVE} [the] {what} (of|for|on) {row} [up|down|back] to {told}"
        yield f"{_MOVE} [the] {one} {{{key}}}'s {what} [up|down|back] to {told}"
    if last_word(column) in _LEVELS and choice:
        yield f"(raise|lower|bump|bump up|move up|escalate|downgrade) {row} to {told}"
    if last_word(column) in PRICES:
        yield f"{row} [now] (costs|should cost|is to cost|will cost|must cost) [now] {told} [now|from now on]"
    if last_word(column) in STOCKS:
        yield f"(there are|we have|we now have|there are now) [only] {told} {{{key}}} (in stock|left|in the warehouse|on the shelf) [now]"
        yield f"(there are|we have|we now have|there are now) [only] {told} [pieces|units] of {row} (in stock|left|in the warehouse|on the shelf) [now]"
    if last_word(column) in DOERS:
        yield from _doing(row, value, what)


def _unit(column: KnownColumn) -> str:
    """The unit that may stand behind a value and says nothing new: a price in euros, a discount in percent."""
    if column.values or column.kind not in {"decimal", "float", "integer"} or last_word(column) in STOCKS:
        return ""
    return " [euros|euro|eur]" if last_word(column) in PRICES | AMOUNTS else " [percent]"


def _doing(row: str, value: str, what: str) -> Iterator[str]:
    yield f"(assign|reassign|give|hand|hand over|pass|delegate|allocate) {row} [over] to {{{value}}}"
    yield f"(assign|give|hand|pass) {{{value}}} {row}"
    yield f"make {{{value}}} [the] {what} (of|for|on) {row}"
    yield f"(let|have) {{{value}}} (take|handle|do|work on|look after|take over|look at) {row}"
    yield f"{{{value}}} (should|will|is to|has to|can|must) (take|handle|do|work on|look after|take over|look at|get|have) {row}"
    yield f"{{{value}}} (takes|takes over|gets|handles) {row}"
    yield f"{row} (goes|should go|can go|must go|is|belongs) to {{{value}}}"
    yield f"{row} (is|should be|must be|can be) (for|with) {{{value}}} [now]"


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
    if column.kind in _NUMBERS:
        yield f"how (much|high|big|large|many) (is|are|was) [the|our] {what} (of|for|on) {row}"
        yield f"how (much|high|big|large) (is|are|was) [the|our] {one} {{{key}}}'s {what}"
        yield f"how (much|many|high a|big a|large a) {what} (does|do|has|have) {row} [have|get|got]"
    if last_word(column) in PRICES:
        yield f"(what does|how much does) {row} cost"
        yield f"how much (is|are) {row}"
    if last_word(column) in STOCKS:
        yield f"how many {row} (are left|are there|do we have|are in stock|have we got|are still there) [left|in stock]"
        yield f"how (much|many) {what} (is|are) [still] left (of|for) {row}"
        yield f"how (much|many) {what} (do we|do we still|is there|are there) [still] [have] (of|for) {row} [left]"
        yield f"how (much|many) (stock|pieces|units) of {row} (are left|is left|are there|is there|do we have) [left|in stock]"
    if last_word(column) in DOERS:
        yield f"(who is|who's|whos) [the] (working on|assigned to|handling|responsible for|looking after|on|taking care of|in charge of|doing|{what} of|{what} for) {row}"
        yield f"who (has|handles|owns|does|works on|looks after|takes care of|is {row} assigned to) {row}"
        yield f"who is {row} assigned to"
        yield f"(whose|who does) {row} (is it|belong to)"
