"""Questions as answers: one line with its source, text from outside made visible, and the same as JSON."""

from datetime import UTC, datetime

import pytest

from doer.domain.action import Effect, Preview, Receipt
from doer.domain.event import Foresight
from doer.domain.goal import Goal
from doer.domain.plan import Step
from doer.domain.run import Run, StepState
from doer.domain.value import Json, JsonObject, Principal, RunId, StepId
from doer.interfaces.cli.answer import answers

AT = datetime(2026, 11, 21, 13, 3, tzinfo=UTC)
GOAL = Goal("how many?", Principal("sam"), AT, "Europe/Berlin")
DAY: list[JsonObject] = [
    {"column": "placed_at", "op": "at_least", "value": "2026-11-20T00:00:00+01:00"},
    {"column": "placed_at", "op": "less", "value": "2026-11-21T00:00:00+01:00"},
]
WEEK: list[JsonObject] = [{**DAY[0], "value": "2026-11-09T00:00:00"}, {**DAY[1], "value": "2026-11-16T00:00:00"}]
STATUS: list[JsonObject] = [{"column": "status", "op": "equals", "value": "open"}]


def _run(tool: str, arguments: JsonObject, result: Json, effect: Effect = "read") -> Run:
    foresight = Foresight(StepId("s"), arguments, Preview(), effect, once=True, undoable=True)
    state = StepState(Step(StepId("s"), tool), "verified", foresight, arguments=arguments, receipt=Receipt(result))
    return Run(RunId("r"), goal=GOAL, steps={StepId("s"): state})


CASES: list[tuple[str, JsonObject, Json, str, str]] = [
    ("crm.count", {"table": "orders", "where": DAY}, {"count": 17}, "17 orders",
     "crm, table orders, placed_at 2026-11-20 in Europe/Berlin; read at 14:03"),
    ("crm.count", {"table": "orders", "where": WEEK}, {"count": 1}, "1 order",
     "crm, table orders, placed_at 2026-11-09 to 2026-11-15 as written there, without a time zone; read at 14:03"),
    ("crm.count", {"table": "order_items", "where": []}, {"count": 0}, "no order items", "crm, table order_items; read at 14:03"),
    ("crm.total", {"table": "orders", "column": "amount", "where": []}, {"total": "15.54", "count": 2},
     "15.54 (amount of 2 orders)", "crm, table orders; read at 14:03"),
    ("crm.find", {"table": "tickets", "where": STATUS}, {"rows": [{"title": "a"}, {"title": "b"}], "more": False}, "2 tickets",
     "crm, table tickets, status = open; read at 14:03"),
    ("crm.find", {"table": "tickets"}, {"rows": [{"status": "open"}], "more": False}, "open", "crm, table tickets; read at 14:03"),
    ("crm.find", {"table": "tickets"}, {"rows": [{"a": 1, "b": 2}] * 3, "more": True}, "more than 3 tickets",
     "crm, table tickets; read at 14:03"),
    ("crm.find", {"table": "orders", "order": [{"column": "placed_at", "descending": True}], "limit": 1, "where": []},
     {"rows": [{"id": 2, "amount": "5.10"}, {"id": 1, "amount": "7"}], "more": True}, "2 orders",
     "crm, table orders, by placed_at, the last first; read at 14:03"),
    ("crm.count", {"table": "tickets", "where": [{"column": "assignee", "op": "is_null", "value": False}]}, {"count": 4},
     "4 tickets", "crm, table tickets, assignee is not empty; read at 14:03"),
    ("crm.count", {"table": "tickets", "where": [{"column": "assignee", "op": "is_null", "value": True}]}, {"count": 1},
     "1 ticket", "crm, table tickets, assignee is empty; read at 14:03"),
    ("files.total", {"path": "spent.csv"}, {"total": "83.90", "count": 2, "column": "amount"}, "83.90",
     "files, path spent.csv; read at 14:03"),
    ("work.find_events", {"start": "2026-11-21", "end": "2026-11-22"}, {"events": [], "count": 0}, "no events",
     "work, start 2026-11-21, end 2026-11-22; read at 14:03"),
]  # fmt: skip


@pytest.mark.parametrize(("tool", "arguments", "result", "text", "source"), CASES, ids=[each[3] for each in CASES])
def test_an_answer_is_one_line_with_its_source(
    tool: str, arguments: JsonObject, result: Json, text: str, source: str
) -> None:
    [found] = answers(_run(tool, arguments, result), {StepId("s"): AT})

    assert (found.text, found.source) == (text, source)


def test_what_changes_something_is_no_answer() -> None:
    assert answers(_run("crm.update", {}, {"count": 1}, "write"), {}) == ()


def test_more_rows_than_were_read_are_told() -> None:
    [found] = answers(_run("crm.find", {"table": "tickets"}, {"rows": [{"a": 1, "b": 2}], "more": True}), {})

    assert not found.complete


def test_moments_are_told_as_the_clocks_stand_where_the_person_is() -> None:
    events: Json = {"events": [{"start": "2026-11-20T10:00:00+00:00", "title": "10:00Z", "until": "2026-11-20"}]}
    run = _run("work.find_events", {"start": "2026-11-20T09:00:00Z"}, events)
    [answer] = answers(run, {StepId("s"): AT})
    assert answer.rows == [{"start": "2026-11-20T11:00:00+01:00", "title": "10:00Z", "until": "2026-11-20"}]
    assert "start 2026-11-20T10:00:00+01:00" in answer.source
