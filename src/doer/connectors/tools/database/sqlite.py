"""SQLite: cells keep their storage class (sqlite.org/datatype3.html), writers lock at once, every change is counted."""

from __future__ import annotations

import base64
import json
import math
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Engine
from sqlalchemy.pool import NullPool

from doer.connectors.tools.database import sqlite_catalog, typed
from doer.connectors.tools.database.dialect import Comparison, Footprint
from doer.connectors.tools.database.shapes import Column, Raw, Shape
from doer.domain.value import Json

_BUSY_SECONDS = 5.0
_WRITING = "doer_writing"


class Sqlite:
    """One SQLite file. A raw cell is its storage class and value: `i5`, `r0.5`, `tAda`, `bAAE=`."""

    __slots__ = ("_path",)

    def __init__(self, path: str) -> None:
        self._path = path

    @property
    def lasting_stamp(self) -> bool:
        return False

    def engine(self) -> Engine:
        # Our own connect, because the driver would make an empty database out of a mistyped path.
        engine = sa.create_engine("sqlite://", creator=self._connect, poolclass=NullPool, hide_parameters=True)
        sa.event.listen(engine, "begin", _begin)
        return engine

    def _connect(self) -> sqlite3.Connection:
        address = f"file:{quote(str(Path(self._path).resolve()))}?mode=rw"
        # Autocommit in the driver: transactions are begun by `_begin`, never by the driver's guess.
        connection = sqlite3.connect(
            address, uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    def prepare(self, connection: Connection, *, writing: bool) -> Connection:
        return connection.execution_options(**{_WRITING: writing})

    def titles(self, connection: Connection) -> Sequence[str]:
        return sqlite_catalog.titles(connection)

    def shape(self, connection: Connection, title: str) -> Shape | None:
        return sqlite_catalog.shape(connection, title)

    def declared_values(self, connection: Connection, title: str) -> Mapping[str, Sequence[str]]:
        return sqlite_catalog.declared_values(connection, title)

    def reading(self, column: Column) -> ColumnElement[object]:
        return sa.column(column.name)

    def raw(self, value: object) -> Raw:
        match value:
            case None:
                return None
            case int():
                return f"i{int(value)}"
            case float():
                return f"r{value!r}"
            case bytes():
                return "b" + base64.b64encode(value).decode()
            case _:
                return f"t{value}"

    def writing(self, column: Column, raw: Raw) -> ColumnElement[object]:
        return sa.bindparam(None, _value(raw), type_=sa.types.NullType(), unique=True)

    def canonical(self, connection: Connection, column: Column, value: Json) -> Raw:
        if value is None:
            return None
        typed.check_storable(column, value)
        if column.kind == "other":
            return _untyped(column, value)
        plain = typed.checked(_lenient(column, value), value)
        match column.kind:
            case "integer":
                return _integer(column, value, int(str(plain)))
            case "decimal":
                return _decimal(column, value, Decimal(str(plain)))
            case "float":
                return self.raw(float(str(plain)))
            case "boolean":
                return "i1" if plain is True else "i0"
            case "bytes":
                return f"b{plain}"
            case "timestamp":
                return f"t{str(plain).replace('T', ' ')}"
            case _:
                return f"t{plain}"

    def shown(self, column: Column, raw: Raw) -> Json:
        match _value(raw):
            case bytes(content):
                return {typed.BYTES: base64.b64encode(content).decode()}
            case float(real):
                return _decimals(column, Decimal(repr(real))) if math.isfinite(real) else repr(real)
            case int(whole):
                return _number(column, whole)
            case str(text) if column.kind == "json":
                return typed.from_json(text)
            case str(text) if column.kind == "timestamp":
                return _iso(text)
            case other:
                return other

    def condition(self, column: Column, op: Comparison, raws: Sequence[Raw]) -> ColumnElement[bool]:
        left, rights = self.reading(column), [self.writing(column, raw) for raw in raws]
        if column.kind == "timestamp" and op != "contains":
            # Applications write "2026-01-31 17:30", with a T, a fraction or an offset; strftime reads them all as one.
            left, rights = _instant(left), [_instant(each) for each in rights]
        if op == "contains":
            return sa.func.instr(left, rights[0]) > 0
        return compared(left, op, rights)

    def place(self, shape: Shape) -> ColumnElement[object]:
        return sa.cast(sa.column(shape.place), sa.Text) if shape.place else sa.literal("")

    def stamp(self, shape: Shape) -> ColumnElement[object]:
        return sa.literal("")

    def transaction(self, connection: Connection) -> str:
        return ""

    def settle(self, connection: Connection) -> None:
        """Only deferred foreign keys wait for the commit here, and they change nothing."""

    def footprint(self, connection: Connection) -> Footprint:
        total = getattr(connection.connection.dbapi_connection, "total_changes", None)
        assert isinstance(total, int)
        return Footprint(total=total)


def compared(
    left: ColumnElement[object], op: Comparison, rights: Sequence[ColumnElement[object]]
) -> ColumnElement[bool]:
    """Return the comparison that every database spells alike."""
    match op:
        case "equals":
            return left == rights[0]
        case "differs":
            return left.is_distinct_from(rights[0])
        case "less":
            return left < rights[0]
        case "at_least":
            return left >= rights[0]
        case "greater":
            return left > rights[0]
        case "in":
            return sa.or_(sa.false(), *(left == right for right in rights))
        case _:
            return left.is_(None)


def _begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get(_WRITING)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _instant(expression: ColumnElement[object]) -> ColumnElement[object]:
    return sa.func.strftime("%Y-%m-%d %H:%M:%f", expression)


def _value(raw: Raw) -> int | float | str | bytes | None:
    if raw is None:
        return None
    match raw[0]:
        case "i":
            return int(raw[1:])
        case "r":
            return float(raw[1:])
        case "b":
            return base64.b64decode(raw[1:])
        case _:
            return raw[1:]


def _lenient(column: Column, value: Json) -> Column:
    """SQLite has one type for moments: with a time zone or without, as they come."""
    if column.kind != "timestamp" or not isinstance(value, str):
        return column
    try:
        aware = datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return column
    return Column(column.name, "instant" if aware else "timestamp", column.declared)


def _untyped(column: Column, value: Json) -> Raw:
    match value:
        case bool() | int():
            return _integer(column, value, int(value))
        case float():
            return f"r{value!r}"
        case str():
            return f"t{value}"
        case Mapping() if typed.BYTES in value:
            return "b" + base64.b64encode(typed.unpacked(column, value)).decode()
        case _:
            return "t" + json.dumps(value, ensure_ascii=False)


def _integer(column: Column, value: Json, number: int) -> str:
    if not -(2**63) <= number < 2**63:
        raise typed.wrong(column, value, "a whole number of at most 64 bits")
    return f"i{number}"


def _decimal(column: Column, value: Json, number: Decimal) -> str:
    if number == number.to_integral_value() and abs(number) < 2**63:
        return f"i{int(number)}"
    if Decimal(repr(float(number))) != number:
        # NUMERIC affinity would round it to a binary double without a word.
        raise typed.wrong(column, value, "at most 15 significant digits in SQLite")
    return f"r{float(number)!r}"


def _number(column: Column, number: int) -> Json:
    if column.kind == "boolean" and number in (0, 1):
        return bool(number)
    return _decimals(column, Decimal(number)) if column.kind == "decimal" else typed.integer(number)


def _decimals(column: Column, number: Decimal) -> Json:
    if column.kind != "decimal":
        return float(number)
    if column.scale is not None:
        try:
            padded = number.quantize(Decimal(1).scaleb(-column.scale))
        except InvalidOperation:
            padded = number
        number = padded if padded == number else number
    return format(number, "f")


def _iso(text: str) -> str:
    try:
        return datetime.fromisoformat(text).isoformat()
    except ValueError:
        return text
