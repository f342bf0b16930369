"""What is known of a connection is kept whole, and what is kept in another form is refused or left out."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doer.domain.errors import UsageError
from doer.domain.known import Entity, Known, KnownColumn, KnownTable, from_json, tables_from, to_json
from doer.domain.value import Json

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TICKETS = KnownTable(
    "public.tickets",
    (
        KnownColumn("id", "integer", needed=True, writable=False),
        KnownColumn("status", "text", values=("open", "closed"), closed=True),
    ),
    primary=("id",),
    uniques=(("status", "id"), ("id",)),
    writable=True,
)


@given(st.lists(st.tuples(st.text(min_size=1), st.text(min_size=1)), max_size=5))
def test_what_is_known_is_kept_whole(names: Sequence[tuple[str, str]]) -> None:
    entities = tuple(Entity("group", name, value, also=(value, name)) for name, value in names)
    known = Known("crm", "directory", NOW, (TICKETS, KnownTable("people", ())), entities)

    assert from_json(to_json(known)) == known


def test_a_column_is_found_by_its_name_and_only_so() -> None:
    assert TICKETS.column("status") == TICKETS.columns[1]
    assert TICKETS.column("Status") is None


@pytest.mark.parametrize(
    "kept",
    [
        None,
        "crm",
        [],
        {},
        {"connection": "crm", "kind": "database"},
        {"connection": 1, "kind": "database", "read_at": NOW.isoformat()},
        {"connection": "crm", "kind": None, "read_at": NOW.isoformat()},
        {"connection": "crm", "kind": "database", "read_at": 0},
    ],
)
def test_another_form_is_refused(kept: Json) -> None:
    with pytest.raises(UsageError, match="unknown form"):
        from_json(kept)


def test_what_was_never_read_at_a_time_is_refused() -> None:
    with pytest.raises(UsageError, match="what is known of crm has no time"):
        from_json({"connection": "crm", "kind": "database", "read_at": "yesterday"})


def test_what_is_no_table_no_column_and_nobody_is_left_out() -> None:
    told: Json = ["people", {"columns": []}, {"name": "people", "columns": [3, {"name": "email"}], "primary": "id"}]
    kept: Json = {
        "connection": "crm",
        "kind": "database",
        "read_at": NOW.isoformat(),
        "tables": told,
        "entities": [
            {"kind": "planet", "name": "Mars", "value": "mars"},
            {"kind": "person", "name": "Ana", "value": 7},
        ],
    }

    assert tables_from(told) == (KnownTable("people", (KnownColumn("email", "other"),)),)
    assert from_json(kept).tables == tables_from(told)
    assert from_json(kept).entities == (Entity("person", "Ana", "7"),)
