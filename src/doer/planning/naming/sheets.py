"""Tables in files, asked about as those of a database are: `which rows of expenses.csv are over 30 euros`, `the new hires who
start in December`, `sort prices.csv by price`.

The words for the file and its rows are put aside, what narrows or orders is taken out as it is for any table, and nothing may
be left over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from doer.domain.action import Manifest
from doer.domain.errors import ToolError, UsageError
from doer.domain.goal import Goal
from doer.domain.known import KnownColumn, KnownTable
from doer.domain.plan import Plan, Step
from doer.domain.ports import Reader
from doer.domain.template import Literal
from doer.domain.value import Json, JsonObject, Provenance, StepId
from doer.intent.grounder import Grounder
from doer.planning.derived.ground import GroundTable
from doer.planning.naming.file_sets import Paths
from doer.planning.naming.narrowing import Narrowed, taken
from doer.planning.schema import mapping
from doer.planning.words.conditions import masked
from doer.planning.words.nouns import TableWords, phrase

TABLES: Final = (".csv", ".tsv")
_MOST: Final = 1000
_ROWS: Final = TableWords("rows", "row")
_ASKED: Final = re.compile(
    r"^\W*(?:(?:please|can you|could you)\s+)*(?:(?P<count>how many|count|number of)|show(?: me)?|list|give me|get me|find|tell me|which|what(?:['’]s|\s+(?:is|are|was|were))?|who(?:['’]s|\s+(?:is|are))?)"
    r"(?:\s+(?:the|all|our|all the|of the))*\s+rows?(?:\s+(?:are there|are|is|there are|do we have|have|was|were))?\s*$",
    re.IGNORECASE,
)
_SORTS: Final = re.compile(r"^\W*(?:(?:please|can you|could you)\s+)*(?:sort|order|arrange)\b", re.IGNORECASE)
_SHOWS: Final = re.compile(r"\b(?:show|list|tell|give)\b", re.IGNORECASE)
_WHEN: Final = r"(?:(?:that|which|who)\s+)?(?:(?:is|are|was|were|has|have|do|does|did)\s+)?"
_LIMITS: Final = {
    "since": (True, False),
    "from": None,
    "after": (True, True),
    "before": (False, True),
    "until": (False, False),
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table in a file, and its rows."""

    path: str
    table: KnownTable
    rows: Sequence[JsonObject]

    @property
    def ground(self) -> GroundTable:
        """The table as narrowing takes it: its rows are `rows`."""
        return GroundTable("", self.table, _ROWS, self.path)

    @classmethod
    async def read(cls, path: str, space: str, reader: Reader) -> Sheet | None:
        """Return the table; None where it cannot be read whole."""
        try:
            told = mapping(await reader.read(f"{space}read_rows", {"path": path, "limit": _MOST}))
        except (ToolError, UsageError):
            return None
        names, rows = told.get("columns"), told.get("rows")
        if not isinstance(names, Sequence) or not isinstance(rows, Sequence) or told.get("more") is True:
            return None
        found = [mapping(each) for each in rows]
        columns = tuple(KnownColumn(str(name), _kind([each.get(str(name)) for each in found])) for name in names)
        return cls(path, KnownTable(path, columns), found)


def _kind(cells: Sequence[Json]) -> str:
    filled = [str(each).strip() for each in cells if each not in (None, "")]
    for kind, form in (
        ("integer", r"[+-]?(?:0|[1-9]\d*)"),
        ("decimal", r"[+-]?\d+(?:\.\d+)?"),
        ("date", r"\d{4}-\d\d-\d\d"),
    ):
        if filled and all(re.fullmatch(form, each) for each in filled):
            return kind
    return "text"


def sorts(text: str) -> bool:
    """Tell whether rows are to be put in another order, and not only shown in it."""
    return bool(_SORTS.match(text)) and not _SHOWS.search(text)


def named_in(text: str, files: Mapping[str, str], phrased: Sequence[Paths]) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield the tables in files that a text names, and where: by their path, by words that mean them, or by their name."""
    plain = masked(text)
    tables = [each for each in files if each.lower().endswith(TABLES)]
    for path in tables:
        for found in re.finditer(rf"(?<![\w./-])(?:\./)?{re.escape(path)}(?![\w/-])", plain, re.IGNORECASE):
            yield path, found.span()
    for each in phrased:
        if len(each.paths) == 1 and each.paths[0] in tables:
            yield each.paths[0], each.span
    for path in tables:
        said = phrase(path.rpartition("/")[2].rpartition(".")[0])
        for found in re.finditer(rf"\b(?:the\s+|our\s+|my\s+)?{re.escape(said)}\b(?!\.)", plain, re.IGNORECASE):
            yield path, found.span()


@dataclass(frozen=True, slots=True)
class Asking:
    """A goal about one table in a file."""

    goal: Goal
    sheet: Sheet
    span: tuple[int, int]
    space: str
    """`files.`: where its tools are."""
    tools: Sequence[Manifest]

    def plan(self) -> Plan | None:
        """Return the read, or the sorting, that is asked for; None where any word is left over."""
        said = taken(Narrowed(self._plain(), self.sheet.ground))
        said = self._dated(said)
        if sorts(self.goal.text):
            return self._sorting(said)
        asked = _ASKED.match(said.text.rstrip(" .?!,"))
        if asked is None or not (said.where or said.order):
            return None
        given: dict[str, Json] = {"path": self.sheet.path}
        if where := _comparable(said.where):
            given["where"] = where
        elif said.where:
            return None
        if asked["count"]:
            return None if said.order else self._step("count_rows", given)
        if said.order is not None:
            given["order"] = [{"column": said.order[0], "descending": said.order[1]}]
        if said.limit is not None:
            given["limit"] = said.limit
        return self._step("read_rows", given)

    def _plain(self) -> str:
        """The sentence in which the rows are called rows: `the most expensive thing in expenses.csv` -> `… row`."""
        start, end = self.span
        text = self.goal.text.rstrip(" .?!")
        before, after = text[:start], text[end:]
        if told := re.search(r",?\s*(?:according to|as per|going by|by)\s+(?:the\s+)?$", before, re.IGNORECASE):
            return re.sub(r"^(\W*)who\b", r"\1which rows", f"{before[: told.start()]}{after}", flags=re.IGNORECASE)
        within = re.search(
            r"\s+(?:(?:that|which)\s+(?:is|are)\s+)?(?:in|of|from|on)\s+(?:the\s+)?(?:(?:file|table|list)\s+)?$",
            before,
            re.IGNORECASE,
        )
        if within is None:
            return re.sub(r"\s{2,}", " ", f"{before}rows{after}")
        head = before[: within.start()]
        if noun := re.search(r"\b[a-z]+$", head, re.IGNORECASE):
            head = f"{head[: noun.start()]}{_called_as(noun.group())}"
        return f"{head}{after}"

    def _dated(self, said: Narrowed) -> Narrowed:
        """Take out a period that the one column of days is compared with: `who start in December`."""
        dates = [each for each in self.sheet.table.columns if each.kind == "date"]
        found = [each for each in Grounder.of(self.goal).mentions(said.text) if each.kind in {"date", "date_range"}]
        if len(dates) != 1 or len(found) != 1 or found[0].end < len(said.text.rstrip(" .?!")):
            return said
        verbs = "|".join(
            {re.escape(phrase(dates[0].name)), f"{re.escape(phrase(dates[0].name))}s", "dated", "from", "due"}
        )
        lead = re.search(
            rf"\s+{_WHEN}(?:(?:{verbs})\s+)?(?:(?P<limit>since|after|before|until|from)\s+|(?:in|on|of|during|for)\s+)?$",
            said.text[: found[0].start],
            re.IGNORECASE,
        )
        if lead is None:
            return said
        limit = (lead["limit"] or "").lower()
        bounds = {each for reading in found[0].readings if (each := _bounds(reading.value)) is not None}
        ways = [_within(dates[0].name, each, limit) for each in bounds]
        there = [where for where in ways if any(_meets(row, where) for row in self.sheet.rows)]
        if len(there) != 1:  # of several Novembers the one is meant of which there are rows
            return said
        return replace(said, text=said.text[: lead.start()].rstrip(), where=(*said.where, *there[0]))

    def _sorting(self, said: Narrowed) -> Plan | None:
        plain = re.fullmatch(r"\W*show\s+(?:the\s+)?(?:file\s+|table\s+)?rows\W*", said.text, re.IGNORECASE)
        if plain is None or said.order is None or said.where or said.limit:
            return None
        column, down = said.order
        return self._step(
            "sort_rows", {"path": self.sheet.path, "column": column, **({"descending": True} if down else {})}
        )

    def _step(self, tool: str, given: Mapping[str, Json]) -> Plan | None:
        return one_step(self.goal, self.tools, f"{self.space}{tool}", given, self.span)


def one_step(
    goal: Goal, tools: Sequence[Manifest], name: str, given: Mapping[str, Json], span: tuple[int, int]
) -> Plan | None:
    """Return the plan of one call about the file that is named at `span`; None where there is no such tool."""
    manifest = next((each for each in tools if each.name == name), None)
    if manifest is None:
        return None
    told = {each: Provenance("words", goal.text.strip()) for each in given}
    told["path"] = Provenance("words", goal.text[slice(*span)], *span)
    arguments = {each: Literal(value) for each, value in given.items()}
    called = StepId(name.rpartition(".")[2])
    step = Step(called, name, arguments, why=manifest.description, provenance=told, confidence=0.95)
    return Plan((step,), goal.text.strip(), name, 0.95, {name: manifest.digest})


def _called_as(said: str) -> str:
    noun = said.split(maxsplit=1)[0].lower()
    return "row" if not noun.endswith("s") and noun not in {"people", "everyone", "everybody"} else "rows"


def _bounds(value: Json) -> tuple[str, str] | None:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return value, value
    if isinstance(value, Mapping):
        start, end = value.get("start"), value.get("end")
        if isinstance(start, str) and isinstance(end, str):
            return start[:10], end[:10]
    return None


def _within(column: str, bounds: tuple[str, str], limit: str) -> tuple[tuple[str, str, Json], ...]:
    first, last = (date.fromisoformat(each) for each in bounds)
    day = timedelta(days=1)
    after = (column, "greater", (last if limit == "after" else first - day).isoformat())
    before = (column, "less", (first if limit == "before" else last + day).isoformat())
    if limit in {"since", "after"} or (limit == "from" and first == last):
        return (after,) if limit != "from" else (after, before)
    return (before,) if limit in {"before", "until"} else (after, before)


def _meets(row: JsonObject, where: Sequence[tuple[str, str, Json]]) -> bool:
    """Tell whether a row's day lies within bounds, all written as YYYY-MM-DD."""
    return all(
        bool(cell := str(row.get(name) or "")) and (cell > str(value) if op == "greater" else cell < str(value))
        for name, op, value in where
    )


def _comparable(where: Sequence[tuple[str, str, Json]]) -> list[Json]:
    """The conditions in the words that the tools of files know; nothing where one is not among them."""
    if any(op == "at_least" for _, op, _ in where):
        return []
    return [{"column": name, "op": op, "value": value} for name, op, value in where]
