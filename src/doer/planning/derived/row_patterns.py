"""Patterns of what people ask about the rows of a table: which, how many, how much in all, and the newest of them.

What narrows rows down stands before their noun (`open tickets`), behind it (`tickets of Globex from last week`), or in a
clause (`tickets that nobody works on`); everything may be left out. Nothing here names a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from doer.planning.derived.table_patterns import DOERS, PARTIES
from doer.planning.skills.slots import SlotSpec

PERIOD: Final = "period"
LACKING, HAVING = "lacking", "having"
"""Slots for columns that are to be empty, or filled."""
_SHOW: Final = "(show|list|find|get|display|show me|give me|list me|get me|tell me|what are|what were)"
_OWN: Final = (
    "own|have|handle|hold|do|look after|work on|working on|handling|looking after|responsible for|assigned to|taken|got"
)
_OWNED: Final = "belong to|are assigned to|are with|are owned by|are handled by|were assigned to|were given to"
NEWEST: Final = "newest|latest|last|most recent|youngest"
OLDEST: Final = "oldest|earliest|first"
LARGEST: Final = "largest|biggest|highest|most expensive|most valuable"
SMALLEST: Final = "smallest|lowest|cheapest|least expensive"
VAGUE: Final = frozenset({"last", "first"})
"""Of these, those that say something else in other sentences: `last week`."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a table as people speak of them."""

    many: str
    one: str
    filters: Sequence[SlotSpec]
    """Slots for columns with few values."""
    came: Sequence[str] = ()
    """How rows came to be: `came in`, `were placed`; only where it is sure which date tells when."""
    dated: bool = False
    by: str = ""
    """The slot for which date is meant, where several may be."""
    clauses: Sequence[str] = ()
    """Slots for cells that are empty, or filled, or say something else."""

    def _of(self, nouns: frozenset[str]) -> str:
        return next((each.name for each in self.filters if each.name.split("_")[-1] in nouns), "")

    @property
    def party(self) -> str:
        """The slot for whom rows are of."""
        return self._of(PARTIES)

    @property
    def doer(self) -> str:
        """The slot for who works on a row."""
        return self._of(DOERS)

    @property
    def plain(self) -> tuple[str, ...]:
        """The slots that stand before the noun."""
        return tuple(each.name for each in self.filters if each.name != self.party)

    @property
    def before(self) -> str:
        """What stands before the noun."""
        found = [*(f"[{{{each}}}]" for each in self.plain), *([f"[{{{LACKING}}}]"] if LACKING in self.clauses else [])]
        return " ".join(found)

    @property
    def of(self) -> str:
        """For whom they are."""
        return f"[(of|for|from|by) [customer|client] {{{self.party}}}]" if self.party else ""

    @property
    def deeds(self) -> list[str]:
        """Participles of how rows came to be."""
        return [each.split(" ")[-1] for each in self.came if each.startswith("(were")]

    @property
    def when(self) -> str:
        """The period, with or without how they came to be."""
        if self.by:
            return f"[[that|which] [are|is|were|was|have been] {{{self.by}}} [in|on|from|during|for] {{{PERIOD}}}]"
        if not self.dated:
            return ""
        deeds = "|".join(
            sorted({each.split(" ")[-1].removesuffix(")") for each in self.came if each.startswith("(were")})
        )
        done = f" [[that|which] [were|have been|was] ({deeds})]" if deeds else ""
        return f"[{done} [from|in|of|on|for|during] {{{PERIOD}}}]"

    def nouns(self, noun: str = "", before: str = "") -> Iterator[str]:
        """Yield the noun phrases."""
        noun, first = noun or self.many, f"[the|our|all|every|all the|all our|any] {before} {self.before}"
        yield f"{first} {noun} {self.of} {self.when} [so far|yet]"
        yield f"{first} {noun} {self.when} {self.of}"
        if self.party:
            yield f"[the|all|all of] {{{self.party}}}'s {before} {self.before} {noun} {self.when} [so far]"
            yield f"[the|our|all|every] {before} {self.before} {{{self.party}}} {noun} {self.when} [so far]"
        if self.doer:
            yield f"{first} {noun} (of|for|with|assigned to|owned by|handled by|belonging to) {{{self.doer}}} {self.when}"
            yield f"[the|all|all of] {{{self.doer}}}'s {before} {self.before} {noun} {self.when}"
        for slot in self.plain:
            said = f"(that|which) (are|is|were) [still|currently] {{{slot}}}"
            yield f"{first} {noun} {self.of} {self.when} {said} [now|yet] {self.when}"
        for slot in self.clauses:
            said = f"[that|which|who] [are|have|is|has] [still|currently] {{{slot}}} [to|on] [them|it]"
            yield f"{first} {noun} {self.of} {self.when} {said} [yet|so far] {self.when}"


def counting(rows: Rows) -> Iterator[str]:
    """Yield how rows are counted."""
    for noun in rows.nouns():
        yield f"(how many|count|number of|what is the number of|tell me how many) {noun} [are there|do we have|have we got|exist]"
    which = f"how many {rows.before} {rows.many}"
    if rows.dated:
        happened = "|".join(rows.came)
        yield f"{which} ({happened}) [in|on|from|during] {{{PERIOD}}}"
        yield f"[on|in] {{{PERIOD}}} {which} ({happened})"
    yield from _asked(rows, which)
    for each in rows.plain:
        yield f"how many {rows.many} are {{{each}}}"


def showing(rows: Rows) -> Iterator[str]:
    """Yield how rows are asked for."""
    for noun in rows.nouns():
        yield f"{_SHOW} {noun}"
        yield f"(which|what) {noun} (are there|do we have|have we got)"
        yield f"(are there|do we have|have we got) {noun}"
    for each in rows.plain:
        yield f"which {rows.many} are [still|now] {{{each}}}"
        yield f"which {rows.many} are [still] {{{each}}} [for] now"
    which = f"(which|what) [of the|of our] {rows.before} {rows.many}"
    if rows.dated:
        yield f"{which} ({'|'.join(rows.came)}) [in|on|from|during] {{{PERIOD}}}"
    yield from _asked(rows, which)
    if rows.party:  # `what has Globex ordered`
        yield f"what (did|has|have) {{{rows.party}}} {rows.one} {rows.when}"


def _asked(rows: Rows, which: str) -> Iterator[str]:
    """Yield questions about rows of somebody, or with empty cells: `which tickets does Ana own`."""
    if rows.party:
        when = f"[[in|on|during] {{{PERIOD}}}]" if rows.dated else ""
        yield f"{which} (does|did|has) {{{rows.party}}} (have|place|open|make|placed|opened|made|got) {when}"
    if rows.doer:
        yield f"{which} (does|did|is|has) {{{rows.doer}}} [now|currently|still] ({_OWN}) [at the moment|now]"
        yield f"{which} ({_OWNED}) {{{rows.doer}}} [at the moment|now]"
    for slot in rows.clauses:
        yield f"{which} {rows.of} {rows.when} [is|are|has|have|do|does|still] [still|currently|been] {{{slot}}} [to|on] [them|it] [yet|so far]"


def adding_up(rows: Rows, what: str, *, money: bool) -> Iterator[str]:
    """Yield how a column is added up over rows; `money`: it is what the rows are worth."""
    when = f"[[in|on|during|for] {{{PERIOD}}}]" if rows.dated else ""
    for noun in rows.nouns():
        sums = f"total|sum|total {what}|sum of the {what}" if money else f"total {what}|sum of the {what}"
        yield f"[what is|what's|tell me|show me|show|give me] [the] ({sums}) (of|for) {noun}"
        yield f"(add up|sum up|total) [the] [{what} of] {noun}"
        if money:
            yield f"(how much are|what are|how much is) {noun} worth [in total|altogether|in all|together]"
            yield f"(what|how much) do {noun} (add up to|come to|amount to|sum up to|make) [in total|altogether|in all]"
    if money and rows.party:
        yield f"(how much|for how much) (did|has|does) {{{rows.party}}} (order|spend|buy|ordered|spent|bought|pay) [with us|from us|for] {when} [altogether|in total|in all|overall|so far]"
        yield f"what (did|has|does) {{{rows.party}}} (spend|spent|pay) [with us|for] {when}"
    if money and rows.deeds:
        yield f"how much (was|has been|were|have been) ({'|'.join(rows.deeds)}) {when}"


def at_the_end(rows: Rows, words: str, *, several: str = "") -> Iterator[str]:
    """Yield how the row, or as many as the slot `several` says, is asked for that stands at one end of an order."""
    for noun in rows.nouns(
        rows.many if several else rows.one, f"[{{{several}}}] ({words}) [{{{several}}}]" if several else f"({words})"
    ):
        yield f"[{_SHOW}] {noun}"
        yield f"(what|which) [is|are|was|were] {noun} [is it|was it]"
