"""PostgreSQL's catalogue, read with constant queries (manual, chapter 53)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy import Row as Result

from doer.connectors.tools.database.shapes import Column, Inbound, Kind, Shape

_TITLE = "CASE WHEN n.nspname = current_schema() THEN c.relname ELSE n.nspname || '.' || c.relname END"
_TABLES = text(f"""
    SELECT {_TITLE} AS title, n.nspname AS schema, c.relname AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
      AND n.nspname NOT LIKE 'pg\\_toast%' AND n.nspname NOT LIKE 'pg\\_temp%'
    ORDER BY 1
""")  # noqa: S608 - a constant
_ENTRY = text(f"""
    SELECT c.oid AS oid, c.relkind AS relkind, n.nspname AS schema, c.relname AS name,
           n.nspname = current_schema() AS here
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
      AND (:title = {_TITLE} OR :title = n.nspname || '.' || c.relname)
    ORDER BY here DESC LIMIT 1
""")  # noqa: S608 - a constant
_COLUMNS = text("""
    SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS declared, format_type(a.atttypid, -1) AS base,
           b.typname AS typname, b.typcategory AS category, e.typname AS element, a.attnotnull AS required,
           a.atthasdef OR a.attidentity <> '' OR t.typdefault IS NOT NULL AS filled, a.attidentity AS identity,
           a.attgenerated <> '' AS computed, pg_get_expr(d.adbin, d.adrelid) AS expression
    FROM pg_attribute a
    JOIN pg_type t ON t.oid = a.atttypid
    JOIN pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
    LEFT JOIN pg_type e ON e.oid = b.typelem AND b.typcategory = 'A'
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = :oid AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY a.attnum
""")
_KEYS = text("""
    SELECT i.indisprimary AS primary,
           array(SELECT a.attname::text FROM unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY AS k(attnum, nth)
                 JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum ORDER BY k.nth) AS columns
    FROM pg_index i
    WHERE i.indrelid = :oid AND i.indisunique AND i.indisvalid AND i.indimmediate
      AND i.indpred IS NULL AND i.indexprs IS NULL
    ORDER BY i.indisprimary DESC, i.indexrelid
""")
_INBOUND = text("""
    SELECT c.relname AS name, CASE WHEN n.nspname = current_schema() THEN NULL ELSE n.nspname END AS schema,
           array(SELECT a.attname::text FROM unnest(f.conkey) WITH ORDINALITY AS k(attnum, nth)
                 JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.attnum ORDER BY k.nth) AS columns,
           array(SELECT a.attname::text FROM unnest(f.confkey) WITH ORDINALITY AS k(attnum, nth)
                 JOIN pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = k.attnum ORDER BY k.nth) AS targets
    FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE f.contype = 'f' AND f.confrelid = :oid AND f.conparentid = 0
    ORDER BY f.oid
""")
_TRIGGERS = text(
    "SELECT tgname FROM pg_trigger WHERE tgrelid = :oid AND NOT tgisinternal AND tgenabled <> 'D' ORDER BY 1"
)
_LABELS = text("""
    SELECT a.attname AS name, array(SELECT l.enumlabel::text FROM pg_enum l WHERE l.enumtypid = a.atttypid
                                    ORDER BY l.enumsortorder) AS labels
    FROM pg_attribute a WHERE a.attrelid = :oid AND a.attnum > 0 AND NOT a.attisdropped
      AND EXISTS (SELECT 1 FROM pg_enum l WHERE l.enumtypid = a.atttypid)
""")
_CHECKS = text("""
    SELECT a.attname AS name, pg_get_constraintdef(k.oid) AS told
    FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
    WHERE k.conrelid = :oid AND k.contype = 'c' AND array_length(k.conkey, 1) = 1
""")
# What `status IN ('open', 'closed')` is turned into, whole: a CHECK with anything more allows we do not know what.
_ANY_OF = re.compile(
    r"CHECK \(\(\(?\"?\w+\"?\)?(?:::[\w ]+)? = ANY \(\(?ARRAY\[(?P<of>[^\]]*)\]\)?(?:::[\w \[\]]+)?\)\)\)"
)
_QUOTED = re.compile(r"'((?:[^']|'')*)'")
_KINDS: dict[str, Kind] = {
    "int2": "integer", "int4": "integer", "int8": "integer", "oid": "integer", "numeric": "decimal", "float4": "float",
    "float8": "float", "bool": "boolean", "text": "text", "varchar": "text", "bpchar": "text", "citext": "text",
    "name": "text", "bytea": "bytes", "date": "date", "time": "time", "timestamp": "timestamp",
    "timestamptz": "instant", "uuid": "uuid", "json": "json", "jsonb": "json",
}  # fmt: skip


def titles(connection: Connection) -> Sequence[str]:
    """Return the titles of all tables and views outside the system's schemas."""
    return [str(row.title) for row in connection.execute(_TABLES)]


def shape(connection: Connection, title: str) -> Shape | None:
    """Return what the table looks like; `people` is looked up in the current schema, `sales.orders` in its own."""
    entry = connection.execute(_ENTRY, {"title": title}).one_or_none()
    if entry is None:
        return None
    oid = {"oid": entry.oid}
    keys = connection.execute(_KEYS, oid).all()
    view = entry.relkind in ("v", "m", "f")
    return Shape(
        str(entry.name), None if entry.here else str(entry.schema),
        tuple(_column(row) for row in connection.execute(_COLUMNS, oid)),
        next((tuple(row.columns) for row in keys if row.primary), ()),
        tuple(tuple(row.columns) for row in keys if not row.primary),
        tuple(
            Inbound(row.name, row.schema, tuple(row.columns), tuple(row.targets))
            for row in connection.execute(_INBOUND, oid)
        ),
        tuple(str(name) for (name,) in connection.execute(_TRIGGERS, oid)),
        view=view, place="" if view else "ctid",
    )  # fmt: skip


def declared_values(connection: Connection, title: str) -> Mapping[str, Sequence[str]]:
    """Return the labels of enumerations and the texts of a `CHECK (column IN ('a', 'b'))`, by column."""
    entry = connection.execute(_ENTRY, {"title": title}).one_or_none()
    if entry is None:
        return {}
    oid = {"oid": entry.oid}
    found = {str(row.name): [str(each) for each in row.labels] for row in connection.execute(_LABELS, oid)}
    for row in connection.execute(_CHECKS, oid):
        if listed := _ANY_OF.fullmatch(str(row.told)):
            found[str(row.name)] = [each.replace("''", "'") for each in _QUOTED.findall(listed["of"])]
    return found


def _column(row: Result[Any]) -> Column:
    kind: Kind = "array" if row.category == "A" else _KINDS.get(row.typname, "other")
    counter = row.identity in ("a", "d") or "nextval(" in (row.expression or "")
    return Column(
        row.name, kind, row.declared, row.base, nullable=not row.required, filled=row.filled and not row.computed,
        numbered=counter, insistent=row.identity == "a", computed=row.computed,
        element=_KINDS.get(row.element or "", "other"),
    )  # fmt: skip
