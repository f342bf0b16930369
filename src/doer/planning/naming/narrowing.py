"""Narrowing: rows by how much a number of theirs is, in an order, and only so many: `products with less than 20 in stock`,
`orders by amount, largest first`, `the three cheapest products`.

The clause is taken out, what is left is asked of the table's own skills, and the read that they plan gets the condition. So
every other word is still accounted for by them, and nothing but reads is planned here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from doer.domain.known import KnownColumn
from doer.domain.plan import Plan, Step
from doer.domain.template import Literal, to_json
from doer.domain.value import Json, Provenance
from doer.intent.numbers import WORD_NUMBERS
from doer.planning.derived.ground import GroundTable
from doer.planning.derived.table_patterns import AMOUNTS, NAMES, PRICES, STOCKS, last_word
from doer.planning.words.conditions import masked
from doer.planning.words.nouns import BEGINNINGS, participle, phrase

NUMBERS: Final = frozenset({"integer", "decimal", "float"})
_MOMENTS: Final = frozenset({"date", "timestamp", "instant"})
_OPS: Final = {
    "greater": "more than|over|above|greater than|higher than|bigger than|larger than|exceeding",
    "less": "less than|fewer than|under|below|lower than|smaller than",
    "at_least": "at least|no less than|not less than|a minimum of",
}
_OP: Final = "|".join(f"(?P<{name}>{words})" for name, words in _OPS.items())
_N: Final = r"(?:[€$£]\s?)?(?P<n>\d+(?:\.\d{1,2})?(?![\d.,]*\d)|" + "|".join(WORD_NUMBERS) + r")(?!\w)"
_MONEY: Final = r"(?:\s*(?:€|euros?\b|eur\b))"
_UNIT: Final = rf"(?:{_MONEY}|\s*%|\s+(?:percent|per cent|pieces?|units?|items?|of them))?"
_WITH: Final = r"(?:(?:that|which|who)\s+)?(?:with|having|have|has|had|where there (?:are|is)|show|showing)"
_OWN: Final = r"(?:an?\s+|the\s+|their\s+|its\s+|our\s+)?"
_UP: Final = "highest|largest|biggest|most expensive|dearest|most valuable|priciest|greatest|most"
_DOWN: Final = "lowest|smallest|cheapest|least expensive|least valuable|fewest|least"
_NEW, _OLD = "newest|latest|most recent", "oldest|earliest"
_PRICED: Final = frozenset({"most expensive", "dearest", "priciest", "cheapest", "least expensive"})
_SORT = re.compile(
    r"^\W*(?:(?:please|can you|could you)\s+)*(?:sort|order|rank|arrange)\s+(?P<what>.+?)(?=\s+by\b|,|\s+alphabetically|\s+in alphabetic)",
    re.IGNORECASE,
)
_BY = re.compile(
    r"\b(?:sorted|ordered|ranked|arranged)\s+by\b|\bby\s+(?:the\s+)?\w+[\s.!?]*$|\bfirst[\s.!?]*$", re.IGNORECASE
)
_ALPHABET: Final = (
    r",?\s*\b(?:alphabetically|in alphabetical order|in alphabetic order|by alphabet|from a to z|a to z)\s*$"
)
_SHOWN = re.compile(r"\s+(?:and|then)\s+(?:show|list|give|send)(?:\s+(?:me|us))?(?:\s+(?:them|it|the (?:list|result)))?\s*$", re.IGNORECASE)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What is left of a sentence, and what was taken out of it."""

    text: str
    ground: GroundTable
    where: tuple[tuple[str, str, Json], ...] = ()
    """Column, operator, value."""
    order: tuple[str, bool] | None = None
    """Column, and whether the largest comes first."""
    limit: int | None = None
    clause: str = ""
    """The sentence, of which the conditions are a part."""

    def over(self, plan: Plan) -> Plan | None:
        """Return the plan of what is left with what was taken out; None where it is no list, count or sum of these rows."""
        if len(plan.steps) != 1:
            return None
        step = plan.steps[0]
        given = {name: to_json(each) for name, each in step.arguments.items()}
        tool, own = step.tool.removeprefix(f"{self.ground.connection}."), self.ground.table
        told = given.get("where") or []
        if tool not in {"find", "count", "total"} or given.get("table") != own.name or not isinstance(told, Sequence):
            return None
        one = any(isinstance(each, dict) and each.get("column") in own.primary for each in told)
        if one or "order" in given or ((self.order or self.limit) and tool != "find"):
            return None
        where: list[Json] = [*told, *({"column": name, "op": op, "value": value} for name, op, value in self.where)]
        return replace(plan, steps=(self._step(step, where),))

    def reads(self, plan: Plan) -> bool:
        """Tell whether a plan only reads this table: then words that narrow are none that it may have passed over."""
        own = {f"{self.ground.connection}.{each}" for each in ("find", "count", "total")}
        return all(each.tool in own for each in plan.steps)

    def _step(self, step: Step, where: Sequence[Json]) -> Step:
        more: dict[str, Json] = {"where": where} if where else {}
        if self.order is not None:
            more["order"] = [{"column": self.order[0], "descending": self.order[1]}]
        if self.limit is not None:
            more["limit"] = self.limit
        arguments = {**step.arguments, **{name: Literal(each) for name, each in more.items()}}
        told = {
            name: Provenance(each.source, each.text) for name, each in step.provenance.items()
        }  # places are of what is left
        return replace(
            step, arguments=arguments, provenance={**told, **dict.fromkeys(more, Provenance("words", self.clause))}
        )


def says_an_order(text: str) -> bool:
    """Tell whether the words ask for an order by something, which a list without one does not have."""
    return bool(_SORT.match(text) or _BY.search(text))


def narrowed(text: str, grounds: Sequence[GroundTable]) -> Iterator[Narrowed]:
    """Yield what is left of a sentence about each table that it names, where something narrows its rows."""
    plain = masked(text).rstrip(" .?!")
    for ground in grounds:
        noun = re.compile(rf"\b(?:{re.escape(ground.words.many)}|{re.escape(ground.words.one)})\b", re.IGNORECASE)
        if not noun.search(plain):
            continue
        found = taken(Narrowed(text[: len(plain)], ground))
        if found.where or found.order is not None:
            yield replace(found, text=_asked(found.text, ground), clause=text.strip())


def taken(said: Narrowed) -> Narrowed:
    """Take out every clause that narrows or orders."""
    if sorting := _SORT.match(said.text):
        said = replace(said, text=f"show {said.text[sorting.start('what') :]}")
    if shown := _SHOWN.search(said.text):
        said = replace(said, text=said.text[: shown.start()])
    for _ in range(4):
        for rule in (_topmost, _in_order, _compared, _at_all, _priced, _stocked):
            if (found := rule(said)) is not None:
                said = found
                break
        else:
            return said
    return said


def _compared(said: Narrowed) -> Narrowed | None:
    """`with less than 20 in stock`, `with a price over 100`, `whose discount is at least 5`."""
    for column in _numbers(said.ground):
        what = rf"{_OWN}(?:{_names(column)})"
        amount = rf"(?:{_OP})\s+{_N}{_UNIT}"
        for form in (
            rf"(?:{_WITH}\s+)?{_OWN}{amount}\s+(?:in\s+|of\s+|on\s+|as\s+)?{what}\b",
            rf"(?:{_WITH}|whose|where|if)\s+{what}\s+(?:is\s+|are\s+|was\s+|of\s+)?{amount}",
            rf"\b{what}\s+(?:is\s+|are\s+|of\s+)?{amount}",
        ):
            if found := re.search(rf"\s*(?<!\w){form}", said.text, re.IGNORECASE):
                return _without(said, found, column)
    return None


def _at_all(said: Narrowed) -> Narrowed | None:
    """`customers with no discount`, `that have a discount`: of a column that is never empty."""
    for column in _numbers(said.ground):
        form = rf"\s*\b{_WITH}\s+(?:(?P<none>no|not any|zero)|an?|any|some)\s+(?:{_names(column)})\s*$"
        without = rf"\s*\bwithout\s+(?:an?\s+|any\s+)?(?:{_names(column)})\s*$"
        if not column.needed:
            continue
        if found := re.search(form, said.text, re.IGNORECASE) or re.search(without, said.text, re.IGNORECASE):
            none = "none" not in found.re.groupindex or bool(found["none"])
            return _cut(
                said,
                found,
                where=(
                    *said.where,
                    (column.name, "equals" if none else "greater", 0 if column.kind == "integer" else "0"),
                ),
            )
    return None


def _priced(said: Narrowed) -> Narrowed | None:
    """`orders over 500 euros`, `products that cost more than 100`, `cheaper than 50`."""
    column = _money(said.ground)
    if column is None:
        return None
    for form in (
        rf"(?:(?:that|which)\s+)?(?:cost|costs|costing|worth|are worth|is worth|were worth|for)\s+(?:{_OP})\s+{_N}{_MONEY}?",
        rf"(?:(?:that|which)\s+)?(?:are\s+|is\s+)?(?:(?P<cheaper>cheaper than)|(?P<dearer>more expensive than|dearer than))\s+{_N}{_MONEY}?",
        rf"(?:{_OP})\s+{_N}{_MONEY}",
        rf"(?<=\b{said.ground.words.many}\s)(?:{_OP})\s+{_N}(?=\s*$)",
    ):
        if found := re.search(rf"(?<!\w){form}", said.text, re.IGNORECASE):
            return _without(said, found, column)
    return None


def _stocked(said: Narrowed) -> Narrowed | None:
    """`products that are out of stock`, `products in stock`."""
    column = _only(each for each in _numbers(said.ground) if last_word(each) in STOCKS and each.kind == "integer")
    if column is None:
        return None
    which = r"(?:(?:that|which)\s+)?(?:(?:is|are|were)\s+)?(?:currently\s+|now\s+)?"
    if found := re.search(
        rf"\s*\b{which}(?:out of stock|sold out|not in stock|no longer in stock)\b", said.text, re.IGNORECASE
    ):
        return _cut(said, found, where=(*said.where, (column.name, "equals", 0)))
    if found := re.search(rf"\s*\b{which}(?:still\s+)?in stock\s*$", said.text, re.IGNORECASE):
        return _cut(said, found, where=(*said.where, (column.name, "greater", 0)))
    return None


def _in_order(said: Narrowed) -> Narrowed | None:
    """`by amount, largest first`, `cheapest first`, `newest first`."""
    if said.order is not None:
        return None
    first = rf"(?P<dir>descending|desc|ascending|asc|(?:with\s+)?(?:the\s+)?(?P<adj>{_UP}|{_DOWN}|{_NEW}|{_OLD})(?:\s+\w+)?\s+(?:first|at the top|on top))"
    for column in said.ground.table.columns:
        form = rf",?\s*\b(?:(?:sorted|ordered|ranked|arranged|listed)\s+)?by\s+{_OWN}(?:{_names(column)})(?:\s*[,(]?\s*(?:in\s+)?{first}(?:\s+order)?\)?)?\s*$"
        if found := re.search(form, said.text, re.IGNORECASE):
            told = (found["dir"] or "").lower()
            down = told.startswith("desc") or (found["adj"] or "").lower() in {*_UP.split("|"), *_NEW.split("|")}
            return _cut(said, found, order=(column.name, down))
    called = [each for each in said.ground.table.columns if phrase(each.name) in NAMES]
    if called and (found := re.search(_ALPHABET, said.text, re.IGNORECASE)):
        return _cut(said, found, order=(called[0].name, False))
    if found := re.search(rf",?\s*{first}\s*$", said.text, re.IGNORECASE):
        end = _end(said.ground, (found["adj"] or "").lower(), "")
        return None if end is None else _cut(said, found, order=end)
    return None


def _topmost(said: Narrowed) -> Narrowed | None:
    """`the top 3 orders by amount`, `the three cheapest products`, `which product has the highest price`."""
    one, many = re.escape(said.ground.words.one), re.escape(said.ground.words.many)
    count = r"(?P<n>\d{1,3}|" + "|".join(WORD_NUMBERS) + r")"
    if found := re.search(
        rf"\b(?:our\s+|the\s+)?top\s+{count}\s+(?=(?:\w+\s+){{0,3}}{many}\b)", said.text, re.IGNORECASE
    ):
        rest = _cut(said, found, put="the ", limit=_number(found["n"]))
        ordered = _in_order(rest)
        if ordered is None or ordered.order is None:
            return None
        return replace(ordered, order=(ordered.order[0], True), text=_listed(ordered.text))
    adjective = rf"(?P<adj>{_UP}|{_DOWN})"
    if found := re.search(rf"\b(?:our\s+|the\s+)?{count}\s+{adjective}\s+(?={many}\b)", said.text, re.IGNORECASE):
        end = _end(said.ground, found["adj"].lower(), "")
        return None if end is None else replace(_cut(said, found, put="the ", order=end, limit=_number(found["n"])))
    names = "|".join(_names(each) for each in _numbers(said.ground)) or "(?!)"
    if found := re.search(
        rf"\s+(?:with|has|have)\s+the\s+{adjective}(?:\s+(?:pieces\s+)?(?:in\s+)?(?P<what>{names}))\s*$",
        said.text,
        re.IGNORECASE,
    ):
        end = _end(said.ground, found["adj"].lower(), found["what"])
        return None if end is None else _first(_cut(said, found, order=end, limit=1), one, many)
    if found := re.search(rf"(?<=\b{one})\s+(?:is|was)\s+(?:the\s+)?{adjective}\s*$", said.text, re.IGNORECASE):
        end = _end(said.ground, found["adj"].lower(), "")
        return None if end is None else _first(_cut(said, found, order=end, limit=1), one, many)
    if found := re.search(rf"\b(?:the|our)\s+{adjective}\s+(?={one}\b)", said.text, re.IGNORECASE):
        end = _end(said.ground, found["adj"].lower(), "")
        return None if end is None else _first(_cut(said, found, put="the ", order=end, limit=1), one, many)
    return None


def _end(ground: GroundTable, adjective: str, what: str) -> tuple[str, bool] | None:
    """The column by which rows are the `cheapest`, and whether the largest comes first; None where it is not plain which."""
    down = adjective in {*_UP.split("|"), *_NEW.split("|")}
    if adjective in {*_NEW.split("|"), *_OLD.split("|")}:
        dates = [each for each in ground.table.columns if each.kind in _MOMENTS]
        sure = len(dates) == 1 and participle(dates[0].name) in BEGINNINGS
        return (dates[0].name, down) if sure else None
    if what:
        column = _only(each for each in _numbers(ground) if re.fullmatch(_names(each), what, re.IGNORECASE))
    elif adjective in _PRICED:
        column = _only(each for each in _numbers(ground) if last_word(each) in PRICES) or _money(ground)
    else:
        column = _money(ground) if adjective in {"largest", "biggest", "highest", "smallest", "lowest"} else None
    return None if column is None else (column.name, down)


def _first(said: Narrowed, one: str, many: str) -> Narrowed:
    """`which product`: of all products."""
    return replace(said, text=_listed(re.sub(rf"\b{one}\b", many, said.text, count=1, flags=re.IGNORECASE)))


def _listed(text: str) -> str:
    bare = re.sub(
        r"^\W*(?:(?:what|which|who)(?:['’]s|\s+(?:is|are|was|were))?|tell me|show(?: me)?|list|give me|get|find)\s+(?:the\s+|our\s+)?",
        "",
        text,
        flags=re.IGNORECASE,
    )
    plain = re.sub(r"^(?:the|our)\s+", "", bare, flags=re.IGNORECASE)
    return f"show the {plain}"


def _asked(text: str, ground: GroundTable) -> str:
    """What is left, as it is asked for: `which products` -> `show the products`."""
    rest = re.sub(
        r"\s+(?:are there|do we have|have|are|is|that|which|and|with|there are)\s*$",
        "",
        text.strip(" ,"),
        flags=re.IGNORECASE,
    )
    if re.match(r"^\W*(?:which|what)\b", rest, re.IGNORECASE):
        return re.sub(
            r"^\W*(?:which|what)(?:\s+of)?(?:\s+(?:are|were))?\s+(?:the\s+|our\s+)?",
            "show the ",
            rest,
            flags=re.IGNORECASE,
        )
    if re.match(r"^\W*how many\b", rest, re.IGNORECASE) and rest.lower().endswith(ground.words.many):
        return f"{rest} are there"
    bare = re.match(rf"^\W*(?:the\s+|all\s+|our\s+)*{re.escape(ground.words.many)}\b", rest, re.IGNORECASE)
    return f"show {rest}" if bare else rest


def _without(said: Narrowed, found: re.Match[str], column: KnownColumn) -> Narrowed | None:
    groups = found.groupdict()
    op = next((name for name in _OPS if groups.get(name)), "less" if groups.get("cheaper") else "greater")
    number = _number(found["n"])
    value: Json = number if number is not None and column.kind == "integer" else found["n"]
    if number is not None and not found["n"].isdigit():
        value = number if column.kind == "integer" else str(number)
    if column.kind == "integer" and number is None:
        return None
    return _cut(said, found, where=(*said.where, (column.name, op, value)))


def _cut(
    said: Narrowed,
    found: re.Match[str],
    *,
    put: str = " ",
    where: tuple[tuple[str, str, Json], ...] | None = None,
    order: tuple[str, bool] | None = None,
    limit: int | None = None,
) -> Narrowed:
    text = f"{said.text[: found.start()].rstrip()} {put}{said.text[found.end() :].lstrip()}"
    return Narrowed(
        re.sub(r"\s{2,}", " ", text).strip(" ,"),
        said.ground,
        said.where if where is None else where,
        order or said.order,
        limit if limit is not None else said.limit,
    )


def _number(said: str) -> int | None:
    if said.lower() in WORD_NUMBERS:
        return WORD_NUMBERS[said.lower()]
    return int(said) if said.isdigit() else None


def _numbers(ground: GroundTable) -> list[KnownColumn]:
    """The columns of numbers that are more than a key."""
    return [each for each in ground.others if each.kind in NUMBERS and not each.name.endswith("_id")]


def _money(ground: GroundTable) -> KnownColumn | None:
    """The one column that says what a row is worth or what a thing costs."""
    return _only(each for each in _numbers(ground) if last_word(each) in PRICES | AMOUNTS and each.kind != "integer")


def _only(columns: Iterator[KnownColumn]) -> KnownColumn | None:
    found = list(columns)
    return found[0] if len(found) == 1 else None


def _names(column: KnownColumn) -> str:
    """How a column is called: by its words, or what happened then."""
    said = {phrase(column.name), *({participle(column.name)} if column.kind in _MOMENTS else ())}
    said |= {f"{each} date" for each in said} if column.kind in _MOMENTS else set()
    said |= {"date", "date placed"} if column.kind in _MOMENTS and participle(column.name) in BEGINNINGS else set()
    return "|".join(re.escape(each) for each in sorted(said, key=len, reverse=True))
