"""People who are said by rows and not by name: `whoever has to fix the latch`, `all clients who have a visit tomorrow`, `its account manager`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from doer.domain.goal import Goal
from doer.domain.value import JsonObject
from doer.intent.text import stem, word_set, words
from doer.intent.vocabulary import alike_nouns
from doer.planning.accounted.about import Said, strictly
from doer.planning.accounted.clause import MOST_ROWS
from doer.planning.accounted.pieces import Heard, Span
from doer.planning.accounted.world import Table, own_address
from doer.planning.action.sense import words_of_name
from doer.planning.lookup.people import as_name
from doer.planning.words.conditions import masked

_WHO: Final = re.compile(
    r"\b(?:who(?:m|so)?ever|(?:everyone|everybody|anyone|all (?:those|people|colleagues)|each (?:person|colleague)|the (?:one|person|colleague))"
    r"(?:\s+(?:who|that|whom))?)\s+(?=\S)",
    re.IGNORECASE,
)
_ALL: Final = re.compile(
    r"\b(?:all|every|each)\s+(?:of\s+)?(?:(?:the|our|my)\s+)?(?=[a-z])|\b(?:our|the)\s+(?=[a-z])", re.IGNORECASE
)
_END: Final = re.compile(
    r"\s+(?:an?|the)\s+(?:\w+\s+)?(?:e-?mail|mail|message|note|letter)\b|\s*[,;:.!?]|\s+(?:saying|subject|with the subject|that says|telling)\b|\s*$",
    re.IGNORECASE,
)
_ROLE: Final = re.compile(r"\b(?:the )?(?P<role>[a-z]+(?: [a-z]+){0,2}?) of (?P<name>[^,;:.!?]+)")
_OWNER: Final = re.compile(r"(?P<name>\b(?:[\w¤-]+ ){0,3}?[\w¤-]+)['’]s (?P<role>[a-z]+(?: [a-z]+){0,2})\b")
_ITS: Final = re.compile(r"\b(?:its|her|his|their) (?P<role>[a-z]+(?: [a-z]+){0,2})\b", re.IGNORECASE)
_AND: Final = re.compile(r"\s*(?:,\s*(?:and\s+)?|\band\b\s*|&\s*)")
_RELATIVE: Final = re.compile(r"\s+(?:who|that|with|whose)\s+", re.IGNORECASE)
_IDLE: Final = word_set("to who that whom has have supposed does due be")
_OWNERS: Final = word_set("owner client customer contact")


@dataclass(frozen=True, slots=True)
class Folk:
    """Words for people, and their addresses."""

    span: Span
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finder:
    """Finds people in the rows of these tables."""

    goal: Goal
    tables: Sequence[Table]
    people: Mapping[str, tuple[str, ...]]

    def find(self, text: str, before: Callable[[Table], Sequence[JsonObject]]) -> list[Folk]:
        """Return the people that a text says by rows; `before`: the rows of a table that an earlier clause was about."""
        plain, found = masked(text), list[Folk]()
        for way in (self._who, self._all, self._role):
            for each in way(text, plain):
                if not any(each.span[0] < other.span[1] and other.span[0] < each.span[1] for other in found):
                    found.append(each)
        return [*found, *self._listed(text), *self._its(plain, before)]

    def _listed(self, text: str) -> Iterator[Folk]:
        """Several names in one list: `Ivo and Kenji`."""
        mentions = [each for each in self._heard(text).mentions if each.kind == "person"]
        for place, first in enumerate(mentions):
            run = [first]
            for each in mentions[place + 1 :]:
                if _AND.fullmatch(text[run[-1].end : each.start]) is None:
                    break
                run.append(each)
            told = [self.people.get(as_name(each.text), ()) for each in run]
            if len(run) > 1 and all(len(each) == 1 for each in told):
                yield Folk((first.start, run[-1].end), tuple(each[0] for each in told))

    def _who(self, text: str, plain: str) -> Iterator[Folk]:
        for match in _WHO.finditer(plain):
            for end in _ends(plain, match.end()):
                said = self._one(text[match.end() : end])
                told = () if said is None else self._addresses(said)
                if told:
                    yield Folk((match.start(), end), told)
                    break

    def _all(self, text: str, plain: str) -> Iterator[Folk]:
        """A noun for people, and what is said of them there or in rows of another kind."""
        for match in _ALL.finditer(plain):
            for table in self.tables:
                head = re.match(r"(?:[\w-]+\s+){0,2}?(?P<noun>[\w-]+)", plain[match.end() :])
                if head is None or not all(own_address(row) for row in table.rows):
                    continue
                nouns = [
                    each
                    for each in words(plain[match.end() :])[:3]
                    if any(alike_nouns(each.stem, one) for one in table.called)
                ]
                if not nouns:
                    continue
                for end in _ends(plain, match.end() + nouns[0].end):
                    rows = self._of_table(text[match.end() : end], table)
                    told = tuple(dict.fromkeys(each[1] for row in rows if (each := own_address(row)) is not None))
                    if told and len(told) <= MOST_ROWS:
                        yield Folk((match.start(), end), told)
                        break

    def _of_table(self, phrase: str, table: Table) -> Sequence[JsonObject]:
        whole = strictly(self._heard(phrase), table, _IDLE)
        if whole is not None and not whole.left and whole.thing and whole.rows:
            return whole.rows
        cut = _RELATIVE.search(phrase)
        if cut is None:
            return ()
        head, rest = strictly(self._heard(phrase[: cut.start()]), table), self._one(phrase[cut.end() :])
        if head is None or head.left or rest is None or rest.table is table:
            return ()
        return joined(head.rows, table, rest)

    def _role(self, text: str, plain: str) -> Iterator[Folk]:
        owners = [(each, *one) for each in _OWNER.finditer(plain) for one in _roles(each)]
        for match, role, end in (*((each, each["role"], each.end()) for each in _ROLE.finditer(plain)), *owners):
            name = text[match.start("name") : match.end("name")]
            for table in self.tables:
                field = _field(role, table)
                said = None if not field else strictly(self._heard(name), table)
                if field and said is not None and not said.left and len(said.rows) == 1 and said.taken:
                    told = self._address(said.rows[0], field)
                    if told:
                        yield Folk((match.start(), end), told)

    def _its(self, plain: str, before: Callable[[Table], Sequence[JsonObject]]) -> Iterator[Folk]:
        for match, (role, end) in ((one, each) for one in _ITS.finditer(plain) for each in _roles(one)):
            for table in self.tables:
                field = _field(role, table)
                rows = before(table) if field else ()
                if len(rows) == 1 and (told := self._address(rows[0], field)):
                    yield Folk((match.start(), end), told)

    def _heard(self, text: str) -> Heard:
        return Heard.of(text, self.goal, self.people)

    def _one(self, text: str) -> Said | None:
        """The rows of the one table of which every word is accounted for."""
        found = [each for table in self.tables if (each := strictly(self._heard(text), table, _IDLE)) is not None]
        whole = [each for each in found if not each.left and each.rows and each.query.said]
        named = [each for each in whole if each.thing]
        kept = named or [each for each in whole if each.taken]
        return kept[0] if len(kept) == 1 and len(kept[0].rows) <= MOST_ROWS else None

    def _addresses(self, said: Said) -> tuple[str, ...]:
        fields = [name for name in said.table.rows[0] if all("@" in str(row.get(name)) for row in said.table.rows)]
        if len(fields) == 1:
            return tuple(dict.fromkeys(str(row[fields[0]]) for row in said.rows))
        return ()

    def _address(self, row: JsonObject, field: str) -> tuple[str, ...]:
        value = str(row.get(field, ""))
        return (value,) if "@" in value else self.people.get(value, ())


def joined(rows: Sequence[JsonObject], table: Table, said: Said) -> Sequence[JsonObject]:
    """Return the rows of which the other rows tell the name; none where it is not plain in which fields they do."""
    ways = [
        (own, other)
        for own in (table.rows[0] if table.rows else {})
        for other in (said.table.rows[0] if said.table.rows else {})
        if _names(own, table) and {row.get(other) for row in said.table.rows} <= {row.get(own) for row in table.rows}
    ]
    if len(ways) != 1:
        return ()
    own, other = ways[0]
    wanted = {row.get(other) for row in said.rows}
    return [row for row in rows if row.get(own) in wanted]


def _names(name: str, table: Table) -> bool:
    values = [row.get(name) for row in table.rows]
    return all(isinstance(each, str) and "@" not in each for each in values) and len({*values}) == len(values)


def _roles(match: re.Match[str]) -> Iterator[tuple[str, int]]:
    """The words after whose it is, the longest first, and where they end."""
    parts = [*re.finditer(r"\w+", match["role"])]
    for each in reversed(parts):
        yield match["role"][: each.end()], match.start("role") + each.end()


def _field(role: str, table: Table) -> str:
    """The field that is called so; of an owner the address of the row itself."""
    said = tuple(stem(each) for each in role.lower().split())
    for row in table.rows[:1]:
        for name in row:
            own = tuple(stem(each) for each in words_of_name(name))
            if own == said or (own[:-1] == said and own[-1:] in (("email",), ("mail",), ("address",), ("name",))):
                return name
        own_field = own_address(row)
        if len(said) == 1 and role.lower() in _OWNERS and own_field is not None:
            return own_field[0]
    return ""


def _ends(plain: str, start: int) -> list[int]:
    """Where words for people may end, the farthest first."""
    return sorted({each.start() for each in _END.finditer(plain, start)}, reverse=True)
