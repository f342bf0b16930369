"""Looks at the day-one office through clients that share no code with doer's connectors, as a flat mapping of places to records."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import psycopg
from benchmarks.day_one import seed
from benchmarks.day_one.world import Office
from psycopg.rows import dict_row

from doer.demos.office import seeing
from doer.demos.office.seeing import Record, Snapshot
from doer.demos.onboard.places import OBSERVER_USER
from doer.demos.onboard.wire import basic

_OWN_TABLES = ("doer_operations",)


def observe(office: Office) -> Snapshot:
    """Return the whole world now; it changes nothing. Times are Berlin's, amounts are texts."""
    return seeing.gathered(_everything(office))


def _everything(office: Office) -> Iterator[tuple[str, Record]]:
    headers = basic(OBSERVER_USER, office.observer_password)
    yield from seeing.calendar(office.calendar_url, seed.CALENDAR_PATH, headers, seed.ZONE)
    yield from seeing.directory(office.directory_url, office.directory_token)
    yield from _crm(office.postgres)
    yield from seeing.files(office.desk)
    with office.mailbox() as client:
        yield from seeing.mails(client)
    yield from seeing.delivered(office.places.maildir)
    yield from seeing.bare("git/host", office.bare)
    yield from seeing.clone("git/clone", office.desk)
    yield from seeing.reminders(office.reminders, seed.ZONE)


def _crm(url: str) -> Iterator[tuple[str, Record]]:
    with psycopg.connect(url, row_factory=dict_row) as connection:
        connection.read_only = True
        keys = connection.execute(
            "SELECT t.table_name AS name, (SELECT kc.column_name FROM information_schema.table_constraints tc"
            " JOIN information_schema.key_column_usage kc USING (constraint_name, table_name)"
            " WHERE tc.constraint_type = 'PRIMARY KEY' AND tc.table_name = t.table_name LIMIT 1) AS key"
            " FROM information_schema.tables t WHERE t.table_schema = 'public' ORDER BY 1"
        ).fetchall()
        for each in keys:
            if each["name"] in _OWN_TABLES:
                continue
            rows = connection.execute(f'SELECT * FROM "{each["name"]}"'.encode()).fetchall()
            for row in sorted(rows, key=lambda row: str(row[each["key"]])):
                yield f"crm/{each['name']}/{row[each['key']]}", {name: _cell(value) for name, value in row.items()}


def _cell(value: object) -> object:
    match value:
        case datetime():
            return seeing.local(value, seed.ZONE)
        case Decimal():
            return str(value)
        case None | bool() | int() | str():
            return value
        case _:
            return str(value)
