"""Ordinary sentences about rows, files, groups and commits with everything connected, and for each leniency its twin."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from tests.planning.connected import Servers, office

from doer.domain.goal import Abstention, Question
from doer.domain.plan import Plan
from doer.domain.template import to_json


def _told(plan: object) -> list[tuple[str, Mapping[str, object]]]:
    assert isinstance(plan, Plan), plan
    return [(each.tool, {name: to_json(value) for name, value in each.arguments.items()}) for each in plan.steps]


CITY = {"table": "customers", "key": {"id": 2}, "values": {"city": "Bergen"}}
OFF = [("directory.deactivate_user", {"user": "jo.weber@acme.example"})]
CLOSED = [("crm.update", {"table": "tickets", "key": {"id": 4815}, "values": {"status": "closed"}})]
DONE: Sequence[tuple[str, Sequence[tuple[str, Mapping[str, object]]]]] = [
    ("set the city of customer Nordwind to Bergen", [("crm.update", CITY)]),
    ("change nordwind's city to Bergen", [("crm.update", CITY)]),
    ("change the price of the valve to 4.20",
     [("crm.update", {"table": "products", "key": {"sku": "A-13"}, "values": {"price": "4.20"}})]),
    ("set the stock of A-12 to 9",
     [("crm.update", {"table": "products", "key": {"sku": "A-12"}, "values": {"stock": 9}})]),
    ("delete invoice.pdf and new_hires.csv",
     [("files.delete", {"path": "invoice.pdf"}), ("files.delete", {"path": "new_hires.csv"})]),
    ("move invoice.pdf into archive", [("files.move", {"source": "invoice.pdf", "target": "archive/invoice.pdf"})]),
    ("put invoice.pdf into the outbox folder",
     [("files.move", {"source": "invoice.pdf", "target": "outbox/invoice.pdf"})]),
    ("make a folder reports and move invoice.pdf into it",
     [("files.create_folder", {"path": "reports"}), ("files.move", {"source": "invoice.pdf", "target": "reports/invoice.pdf"})]),
    ("remove Tom Becker from new_hires.csv",
     [("files.remove_row", {"path": "new_hires.csv", "row": "Tom Becker"})]),
    ("tag main as v2.1.0-rc.1", [("repo.tag", {"at": "main", "tag": "v2.1.0-rc.1"})]),
    ("make a branch fix-7", [("repo.create_branch", {"branch": "fix-7"})]),
    ("commit everything in docs with message 'Words'", [("repo.commit", {"paths": ["docs"], "message": "Words"})]),
    ("add Jo Weber to Sales", [("directory.add_to_group", {"user": "jo.weber@acme.example", "group": "Sales"})]),
    ("Ticket 4815 is done, so it can be closed", CLOSED),
    ("Since Jo has left, please switch her account off", OFF),
    ("close ticket 4815 and set its priority to high",
     [*CLOSED, ("crm.update", {"table": "tickets", "key": {"id": 4815}, "values": {"priority": "high"}})]),
    ("set ticket 4815 to closed and make it high priority",
     [*CLOSED, ("crm.update", {"table": "tickets", "key": {"id": 4815}, "values": {"priority": "high"}})]),
    ("change Jo Weber's job title to Head of Sales",
     [("directory.change_user", {"user": "jo.weber@acme.example", "title": "Head of Sales"})]),
    ('add "call the plumber" to todo.md', [("files.append_line", {"path": "todo.md", "line": "call the plumber"})]),
    ("new row in spent.csv: yesterday, Taxi to the station, 18.40",
     [("files.add_row", {"path": "spent.csv", "values": ["2026-11-20", "Taxi to the station", "18.40"]})]),
    ("Add Tea for 4.20, dated today, to spent.csv",
     [("files.add_row", {"path": "spent.csv", "values": ["2026-11-21", "Tea", "4.20"]})]),
    ("Add everyone in starts.csv who starts in December to the sales group",
     [("directory.add_to_group", {"user": "tom.becker@acme.example", "group": "Sales"})]),
    ("from starts.csv add only those who start on 4 January to Sales",
     [("directory.add_to_group", {"user": "jo.weber@acme.example", "group": "Sales"})]),
    ("Jo Weber is leaving, please deactivate the account", OFF),
    ("Jo Weber left yesterday. Switch the account off.", OFF),
    ("Jo Weber is on leave from today: disable the account please", OFF),
    ("copy invoice.pdf into archive", [("files.copy", {"source": "invoice.pdf", "path": "archive/invoice.pdf"})]),
    ("make a copy of invoice.pdf called bill.pdf", [("files.copy", {"source": "invoice.pdf", "path": "bill.pdf"})]),
    ("What do the amounts in spent.csv add up to?", [("files.total", {"path": "spent.csv", "added": "amounts"})]),
    ("deactivate Jo Weber's account, but don't delete it", OFF),
]  # fmt: skip


@pytest.mark.parametrize(("words", "expected"), DONE, ids=[each[0] for each in DONE])
async def test_an_ordinary_sentence_is_planned(
    words: str, expected: list[tuple[str, dict[str, object]]], made: Servers, tmp_path: Path
) -> None:
    async with office(made, tmp_path) as doer:
        assert _told(await doer.plan(words)) == expected


READ: list[tuple[str, str]] = [
    ("what is the stock of A-13?", "crm.find"),
    ("hansa's city?", "crm.find"),
    ("What do the paid orders add up to?", "crm.total"),
    ("who is in the Sales group?", "directory.find_users"),
    ("who's in Platform", "directory.find_users"),
    ("which groups is Ana in?", "directory.find_groups"),
    ("what is in the outbox folder?", "files.list"),
    ("what files did I change?", "repo.status"),
]


@pytest.mark.parametrize(("words", "tool"), READ)
async def test_what_asks_is_answered_by_reading(words: str, tool: str, made: Servers, tmp_path: Path) -> None:
    async with office(made, tmp_path) as doer:
        assert [name for name, _ in _told(await doer.plan(words))] == [tool]


TRAPS = [
    "what do the open tickets add up to?",
    "change the stock of A-12 by 5",
    "increase the price of A-13 by 2",
    "set the city of customer Sunrise to Bergen",
    "push the tag",
    "cancel his meetings",
    "close all tickets",
    "delete all cancelled orders",
    "add Jo to marketing",
    "If ticket 4815 is done, it can be closed",
    "Only ticket 4815 is done, so close it",
    "Ticket 4812 and ticket 4815 are done, so it can be closed",
    "Ana has left and Bob is back, so switch his account off",
    "deactivate Jo Weber's account, but don't deactivate it yet",
    "Hansa has paid 200 euros, so set order 3 to paid",
    "zip docs/plan.md into docs",
]


@pytest.mark.parametrize("words", TRAPS)
async def test_what_is_not_plain_is_never_planned(words: str, made: Servers, tmp_path: Path) -> None:
    async with office(made, tmp_path) as doer:
        assert isinstance(await doer.plan(words), Question | Abstention)
