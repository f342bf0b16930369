"""PostgreSQL: every cell as the text that its type reads back exactly; versions by xmin; changes by the statistics views."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy import URL, ColumnElement, Connection, Engine
from sqlalchemy.pool import NullPool

from doer.connectors.tools.database import literal, postgres_catalog, typed
from doer.connectors.tools.database.dialect import Comparison, Footprint
from doer.connectors.tools.database.shapes import Column, Kind, Raw, Shape
from doer.connectors.tools.database.sqlite import compared
from doer.domain.errors import UsageError
from doer.domain.ports import Credential
from doer.domain.value import Json

# Fixed output forms, so that one value always has one text; time-outs shorter than a tool's, so that no transaction
# outlives the call that nobody waits for any more.
_SESSION = " ".join(
    f"-c {name}={value}"
    for name, value in {
        "timezone": "UTC", "datestyle": "ISO", "intervalstyle": "iso_8601", "bytea_output": "hex",
        "extra_float_digits": "1", "lock_timeout": "5000",
    }.items()
)  # fmt: skip
_LIMITS = "-c statement_timeout={0} -c idle_in_transaction_session_timeout={0}"
_CONNECT_SECONDS = 10
_MOMENT = re.compile(r"(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)(?:([+-]\d\d)(?::?(\d\d))?)?")
_WRITTEN = sa.text("""
    SELECT CASE WHEN n.nspname = current_schema() THEN c.relname ELSE n.nspname || '.' || c.relname END AS title,
           sum(s.n_tup_ins) AS inserted, sum(s.n_tup_upd) AS updated, sum(s.n_tup_del) AS deleted
    FROM pg_stat_xact_user_tables s
    JOIN pg_class c ON c.oid = coalesce(pg_partition_root(s.relid)::oid, s.relid)
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE s.n_tup_ins + s.n_tup_upd + s.n_tup_del > 0
    GROUP BY 1
""")


class _Declared(sa.types.UserDefinedType[str]):
    """A type by the name that PostgreSQL's own `format_type` gave it, quoted where it must be."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: object) -> str:
        return self.name.replace("%", "%%")


class Postgres:
    """One PostgreSQL database. A raw cell is the text of its value in a session with fixed output forms."""

    __slots__ = ("_password", "_timeout", "_url")

    def __init__(self, url: URL, password: Credential | None = None, timeout: float = 20.0) -> None:
        self._url = url
        self._password = password
        self._timeout = timeout

    @property
    def lasting_stamp(self) -> bool:
        return True

    def engine(self) -> Engine:
        theirs = self._url.query.get("options", "")
        options = " ".join(
            [*([theirs] if isinstance(theirs, str) else theirs), _SESSION, _LIMITS.format(int(self._timeout * 1000))]
        )
        arguments = {"options": options, "connect_timeout": _CONNECT_SECONDS, "application_name": "doer"}
        try:
            engine = sa.create_engine(self._url, connect_args=arguments, poolclass=NullPool, hide_parameters=True)
        except ModuleNotFoundError as missing:
            raise UsageError(f"PostgreSQL needs a driver ({missing}); install doer[postgres]") from missing
        if (ask := self._password) is not None:

            def with_password(_dialect: object, _record: object, _places: object, named: dict[str, object]) -> None:
                named["password"] = ask()

            sa.event.listen(engine, "do_connect", with_password)
        return engine

    def prepare(self, connection: Connection, *, writing: bool) -> Connection:
        # One snapshot for the whole transaction, so that counts before and after differ by our own writes only.
        return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=not writing)

    def titles(self, connection: Connection) -> Sequence[str]:
        return postgres_catalog.titles(connection)

    def shape(self, connection: Connection, title: str) -> Shape | None:
        return postgres_catalog.shape(connection, title)

    def declared_values(self, connection: Connection, title: str) -> Mapping[str, Sequence[str]]:
        return postgres_catalog.declared_values(connection, title)

    def reading(self, column: Column) -> ColumnElement[object]:
        return sa.cast(sa.column(column.name), sa.Text)

    def raw(self, value: object) -> Raw:
        return None if value is None else str(value)

    def writing(self, column: Column, raw: Raw) -> ColumnElement[object]:
        return sa.cast(_bound(raw), _Declared(column.base))

    def canonical(self, connection: Connection, column: Column, value: Json) -> Raw:
        if value is None:
            return None
        typed.check_storable(column, value)
        given = _given(column, value)
        if "\0" in given:
            raise typed.wrong(column, value, "text without NUL characters")
        if column.kind == "boolean" or column.declared == "text":
            return given
        plain = sa.cast(_bound(given), _Declared(column.base))
        full = sa.cast(plain, _Declared(column.declared))
        try:
            with connection.begin_nested():
                free, held = connection.execute(sa.select(sa.cast(plain, sa.Text), sa.cast(full, sa.Text))).one()
        except sa.exc.DataError as error:
            raise typed.wrong(column, value, f"a value of its type ({_first_line(error)})") from error
        if not _same(column.kind, free, held):
            raise typed.wrong(column, value, "only what it can hold without cutting or rounding")
        return str(held)

    def shown(self, column: Column, raw: Raw) -> Json:
        return _shown(column.kind, column.element, raw)

    def condition(self, column: Column, op: Comparison, raws: Sequence[Raw]) -> ColumnElement[bool]:
        if op == "contains" and column.kind == "array":
            return sa.column(column.name).op("@>", is_comparison=True)(self.writing(column, raws[0]))
        if op == "contains":
            return sa.func.strpos(self.reading(column), _bound(raws[0])) > 0
        return compared(sa.column(column.name), op, [self.writing(column, raw) for raw in raws])

    def place(self, shape: Shape) -> ColumnElement[object]:
        return sa.cast(sa.column("ctid"), sa.Text) if shape.place else sa.literal("")

    def stamp(self, shape: Shape) -> ColumnElement[object]:
        return sa.cast(sa.column("xmin"), sa.Text) if shape.place else sa.literal("")

    def transaction(self, connection: Connection) -> str:
        # A row bears the low 32 bits of the transaction's number (manual, 5.6); the cast to xid takes just those.
        return str(connection.execute(sa.text("SELECT CAST(CAST(pg_current_xact_id() AS xid) AS text)")).scalar_one())

    def settle(self, connection: Connection) -> None:
        # Deferred constraint triggers run now and not while committing (manual, SET CONSTRAINTS).
        connection.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))

    def footprint(self, connection: Connection) -> Footprint:
        rows = connection.execute(_WRITTEN).all()
        tables = {str(row.title): (int(row.inserted), int(row.updated), int(row.deleted)) for row in rows}
        return Footprint(tables, sum(map(sum, tables.values())))


def _bound(raw: Raw) -> ColumnElement[str]:
    return sa.bindparam(None, raw, type_=sa.Text, unique=True)


def _given(column: Column, value: Json) -> str:
    if column.kind == "other":
        return value if isinstance(value, str) else json.dumps(value)
    if column.kind == "bytes":
        return "\\x" + typed.unpacked(column, value).hex()
    plain = typed.checked(column, value)
    if column.kind == "boolean":
        return "true" if plain is True else "false"
    if isinstance(plain, list | tuple):
        return literal.written([_element(column, each) for each in plain])
    return str(plain)


def _element(column: Column, value: Json) -> literal.Parsed:
    if value is None:
        return None
    if isinstance(value, list | tuple):
        return [_element(column, each) for each in value]
    return _given(Column(column.name, column.element, column.declared), value)


def _same(kind: Kind, free: str, held: str) -> bool:
    if kind == "decimal" and free != held:
        return "NaN" not in (free, held) and Decimal(free) == Decimal(held)
    return free == held or kind == "other"


def _first_line(error: sa.exc.DBAPIError) -> str:
    return str(error.orig).split("\n", 1)[0].strip()


def _shown(kind: Kind, element: Kind, raw: Raw) -> Json:
    if raw is None:
        return None
    match kind:
        case "integer":
            return typed.integer(int(raw))
        case "float":
            return raw if raw.strip("-") in ("NaN", "Infinity") else float(raw)
        case "boolean":
            return raw in ("t", "true")
        case "bytes":
            return {typed.BYTES: base64.b64encode(bytes.fromhex(raw[2:])).decode()}
        case "json":
            return typed.from_json(raw)
        case "timestamp" | "instant":
            return _iso(raw)
        case "array":
            items = literal.parsed(raw)
            return raw if items is None else [_item(element, each) for each in items]
        case _:
            return raw


def _item(element: Kind, item: literal.Parsed) -> Json:
    return [_item(element, each) for each in item] if isinstance(item, list) else _shown(element, "other", item)


def _iso(raw: str) -> str:
    match = _MOMENT.fullmatch(raw)
    if match is None:
        return raw  # infinity, or before our era
    day, clock, hours, minutes = match.groups()
    return f"{day}T{clock}" + (f"{hours}:{minutes or '00'}" if hours else "")
