"""What is known of connections is kept beside the journal, can be thrown away, and is learnt again."""

import json
from datetime import UTC, datetime
from pathlib import Path

from doer.app.known import KnownStore, learn
from doer.domain.known import Known, KnownColumn, KnownTable
from doer.domain.model import Prompt, Reply
from doer.domain.ports import Model
from doer.domain.value import Json, JsonObject

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TABLES: Json = {
    "tables": [{"name": "tickets", "primary": ["id"], "uniques": [], "writable": True,
                "columns": [{"name": "id", "kind": "integer"}, {"name": "status", "kind": "text", "values": ["open"]}]}]
}  # fmt: skip


class Crm:
    """A database that tells of its tables."""

    async def read(self, tool: str, arguments: JsonObject) -> Json:
        assert (tool, arguments) == ("crm.tables", {})
        return TABLES

    async def ask(self, model: Model, prompt: Prompt) -> Reply:
        raise AssertionError("no model is asked")


async def test_what_was_learnt_is_kept_and_loaded_again(tmp_path: Path) -> None:
    store = KnownStore(tmp_path)

    learnt = await learn(store, "crm", "database", {"crm.tables"}, Crm(), NOW)

    columns = (KnownColumn("id", "integer"), KnownColumn("status", "text", values=("open",)))
    assert learnt.tables == (KnownTable("tickets", columns, ("id",), (), writable=True),)
    assert list(store.load()) == [learnt]


def test_a_file_that_is_damaged_or_strange_tells_nothing(tmp_path: Path) -> None:
    store = KnownStore(tmp_path)
    store.keep(Known("crm", "database", NOW))
    folder = tmp_path / "known"
    (folder / "half.json").write_text('{"connection": "ha')
    (folder / "other.json").write_text(json.dumps({"connection": 3}))

    assert [each.connection for each in store.load()] == ["crm"]


def test_a_connection_that_is_removed_is_forgotten(tmp_path: Path) -> None:
    store = KnownStore(tmp_path)
    store.keep(Known("crm", "database", NOW))

    store.forget("crm")
    store.forget("never there")

    assert not store.load()
