"""CSV as a table (RFC 4180, and the separators that people use); an edit touches the bytes of its own row only."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from doer.connectors.tools.tables.encoding import Text
from doer.connectors.tools.tables.table import check_columns, check_count
from doer.domain.errors import Permanent
from doer.domain.value import JsonObject

_SEPARATORS = ",;\t|"
_SAMPLE = 50
"""Rows that are looked at to tell the separator."""


@dataclass(frozen=True, slots=True)
class Record:
    """Where one row stands in the text: its cells from start to end, its line end up to after."""

    start: int
    end: int
    after: int


@dataclass(frozen=True)
class CsvTable:
    """Rows of a CSV file; every cell is text."""

    source: Text
    separator: str
    header: Record
    columns: tuple[str, ...]
    records: tuple[Record, ...]
    cells: tuple[Sequence[str], ...]

    @property
    def read_as(self) -> str:
        """The separator and the encoding."""
        name = {"\t": "tabs", ",": "commas", ";": "semicolons"}.get(self.separator, self.separator)
        return f"CSV with {name}, {self.source.read_as}"

    @cached_property
    def rows(self) -> Sequence[JsonObject]:
        """Each row's cells by column."""
        return [dict(zip(self.columns, each, strict=True)) for each in self.cells]

    def added(self, values: Mapping[str, str]) -> bytes:
        """Return the file with one more row, written as the last one is, with its line end and quotes."""
        text, last = self.source.text, self.records[-1] if self.records else self.header
        quoted = [text[start] == '"' for start, _ in self._spans(last) if start < last.end] if self.records else []
        always = [*quoted, *[False] * (len(self.columns) - len(quoted))]
        cells = [self._cell(values.get(name, ""), quote=always[place]) for place, name in enumerate(self.columns)]
        line = self.separator.join(cells) or '""'
        newline = text[self.header.end : self.header.after] or "\n"
        if last.after == last.end:
            return self._edited(last.end, last.end, newline + line)
        return self._edited(last.after, last.after, line + newline)

    def changed(self, position: int, values: Mapping[str, str]) -> bytes:
        """Return the file with these cells replaced; one that was in quotes stays so."""
        text = self.source.text
        for place, (start, end) in reversed(list(enumerate(self._spans(self.records[position])))):
            name = self.columns[place]
            if name in values and values[name] != self.cells[position][place]:
                quote = text[start:end].startswith('"') or (len(self.columns) == 1 and not values[name])
                text = text[:start] + self._cell(values[name], quote=quote) + text[end:]
        return self.source.encoded(text)

    def removed(self, position: int) -> bytes:
        """Return the file without the row and its line end; where the last row has none, without the one before it."""
        gone = self.records[position]
        if gone.after > gone.end:
            return self._edited(gone.start, gone.after, "")
        before = self.records[position - 1] if position else self.header
        return self._edited(before.end, gone.end, "")

    def ordered(self, positions: Sequence[int]) -> bytes:
        """Return the file with its rows in this order: each line as it is, the line ends where they were."""
        text = self.source.text
        lines = [text[each.start : each.end] for each in self.records]
        for record, position in reversed(list(zip(self.records, positions, strict=True))):
            text = text[: record.start] + lines[position] + text[record.end :]
        return self.source.encoded(text)

    def _edited(self, start: int, end: int, text: str) -> bytes:
        return self.source.encoded(self.source.text[:start] + text + self.source.text[end:])

    def _spans(self, record: Record) -> list[tuple[int, int]]:
        spans, place, field = [], record.start, _field(self.separator)
        while True:
            found = field.match(self.source.text, place, record.end)
            assert found is not None  # a field may be empty
            spans.append(found.span())
            if found.end() >= record.end:
                return spans
            place = found.end() + 1

    def _cell(self, value: str, *, quote: bool) -> str:
        needs = any(sign in value for sign in (self.separator, '"', "\n", "\r"))
        return '"' + value.replace('"', '""') + '"' if quote or needs else value


def read_csv(source: Text, *, tabs: bool = False) -> CsvTable:
    """Read CSV. `tabs`: its separator is known. Raises Permanent for what is no table, and says in which line."""
    separator = "\t" if tabs else _separator(source.text)
    records = _records(source.text, separator)
    if not records:
        raise Permanent("the file is empty: a table needs a first row that names its columns")
    rows = _cells(source.text, records, separator)
    kept = [(record, cells) for record, cells in zip(records, rows, strict=True) if cells]
    if not kept:
        raise Permanent("the file has only blank lines: a table needs a first row that names its columns")
    columns = check_columns(kept[0][1])
    for record, cells in kept[1:]:
        if len(cells) != len(columns):
            raise Permanent(
                f"line {_line(source.text, record.start)} has {len(cells)} cells, and the first row names "
                f"{len(columns)} columns; mend that line (a cell with the separator in it belongs in quotes)"
            )
    return CsvTable(
        source,
        separator,
        kept[0][0],
        columns,
        tuple(record for record, _ in kept[1:]),
        tuple(cells for _, cells in kept[1:]),
    )


def _separator(text: str) -> str:
    best, most = ",", 1
    for each in _SEPARATORS:
        try:
            records = _records(text, each, _SAMPLE)
            widths = {len(cells) for cells in _cells(text, records, each) if cells}
        except Permanent:
            continue
        if len(widths) == 1 and (width := widths.pop()) > most:
            best, most = each, width
    if most > 1:
        return best
    first = text.split("\n", 1)[0]
    return max(_SEPARATORS, key=lambda each: (first.count(each), -_SEPARATORS.index(each)))


def _field(separator: str) -> re.Pattern[str]:
    sign = re.escape(separator)
    return re.compile(rf'"(?:[^"]++|"")*+"|[^{sign}"\r\n][^{sign}\r\n]*+|')


def _records(text: str, separator: str, most: int | None = None) -> list[Record]:
    field = _field(separator).pattern
    record = re.compile(rf"(?:{field})(?:{re.escape(separator)}(?:{field}))*+")
    records: list[Record] = []
    place = 0
    while place < len(text) and (most is None or len(records) < most):
        found = record.match(text, place)
        assert found is not None  # a record may be empty
        end = found.end()
        if end < len(text) and text[end] not in "\r\n":
            open_quote = text[end] == '"' and text.count('"', end) % 2 == 1
            what = "a quote that is never closed" if open_quote else "text beside a quoted cell"
            raise Permanent(f"line {_line(text, end)} has {what}; mend it (a quote within quotes is written twice)")
        after = end + (2 if text.startswith("\r\n", end) else 1) if end < len(text) else end
        records.append(Record(place, end, after))
        check_count(len(records) - 1)
        place = after
    return records


def _cells(text: str, records: Sequence[Record], separator: str) -> list[list[str]]:
    lines = (text[each.start : each.end] for each in records)
    try:
        return list(csv.reader(lines, delimiter=separator, strict=True))
    except csv.Error as wrong:
        raise Permanent(f"the file is no CSV that can be read: {wrong}") from wrong


def _line(text: str, place: int) -> str:
    ends = re.findall(r"\r\n|\n|\r", text[:place])
    return f"{len(ends) + 1:,}"
