"""Conditions: what must hold is read by a tool that is here, guards the steps, and is never ignored."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from tests.planning.connected import Servers, office
from tests.planning.many import propose_many

from doer.domain.goal import Abstention, Answer, Question
from doer.domain.plan import Guard, Plan, contrary, holds
from doer.domain.template import Literal, Reference, to_json
from doer.domain.value import Json
from doer.planning.compound.judging import opposite
from doer.planning.words.conditions import conditionals, has_condition
from doer.planning.words.statements import Statement, statement

Planned = tuple[str, Mapping[str, object], Sequence[object]]


def _told(plan: object) -> list[Planned]:
    assert isinstance(plan, Plan), plan
    return [
        (each.tool, {name: to_json(value) for name, value in each.arguments.items()}, _shown(each.guard))
        for each in plan.steps
    ]


def _shown(guard: Guard | None) -> Sequence[object]:
    if guard is None:
        return ()
    return (to_json(guard.left), guard.comparison, *(() if guard.right is None else (to_json(guard.right),)))


STATUS: Planned = (
    "crm.find",
    {"table": "tickets", "columns": ["status"], "where": [{"column": "id", "op": "equals", "value": 4815}]},
    (),
)
OPEN: tuple[object, ...] = ({"$ref": "check.rows.0.status"}, "equals", "open")
CLOSE: tuple[str, Mapping[str, object]] = (
    "crm.update",
    {"table": "tickets", "key": {"id": 4815}, "values": {"status": "closed"}},
)
FILES: Planned = ("files.list", {}, ())
INVOICE: Mapping[str, object] = {
    "$do": "rows_with",
    "of": [{"$ref": "check.entries"}, "name", "invoice.pdf", "exactly"],
}
MEMBERS: Planned = ("directory.find_users", {"group": "Platform"}, ())
READ: list[tuple[str, list[Planned], str]] = [
    ("If ticket 4815 is still open, close it", [STATUS, (*CLOSE, OPEN)], "now: true, status is open"),
    ("Should ticket 4815 still be open, close it", [STATUS, (*CLOSE, OPEN)], "now: true, status is open"),
    ("close ticket 4815 only if it is still open", [STATUS, (*CLOSE, OPEN)], "now: true, status is open"),
    ("close ticket 4815 unless it is waiting",
     [STATUS, (*CLOSE, ({"$ref": "check.rows.0.status"}, "differs", "waiting"))], "now: false, status is open"),
    ("if Ada Byron has no account yet, create a folder ada",
     [("directory.find_users", {"name": "Ada Byron"}, ()),
      ("files.create_folder", {"path": "ada"}, ({"$ref": "check.count"}, "less", 1))], "now: true, 0 found"),
    ("delete invoice.pdf if there are more than 1 open tickets",
     [("crm.count", {"table": "tickets", "where": [{"column": "status", "op": "equals", "value": "open"}]}, ()),
      ("files.delete", {"path": "invoice.pdf"}, ({"$ref": "check.count"}, "greater", 1))], "now: true, 2 found"),
    ("if Jo is not in Platform, add her to Platform",
     [MEMBERS, ("directory.add_to_group", {"user": "jo.weber@acme.example", "group": "Platform"},
                ({"$do": "rows_with", "of": [{"$ref": "check.users"}, "display_name", "Jo"]}, "missing"))],
     "now: true, Jo is not there"),
    ("only if the stock of A-13 is below 1, set its stock to 10",
     [("crm.find", {"table": "products", "columns": ["stock"], "where": [{"column": "sku", "op": "equals", "value": "A-13"}]}, ()),
      ("crm.update", {"table": "products", "key": {"sku": "A-13"}, "values": {"stock": 10}},
       ({"$do": "compare", "of": [{"$ref": "check.rows.0.stock"}, "1"]}, "less", 0))], "now: true, stock is 0"),
    ("if invoice.pdf exists, move it into archive, otherwise create a folder missing",
     [FILES, ("files.move", {"source": "invoice.pdf", "target": "archive/invoice.pdf"}, (INVOICE, "exists")),
      ("files.create_folder", {"path": "missing"}, (INVOICE, "missing"))], "now: true, invoice.pdf is there"),
    ("if there is no folder called reports, create it",
     [FILES, ("files.create_folder", {"path": "reports"},
              ({"$do": "rows_with", "of": [{"$ref": "check.entries"}, "name", "reports", "exactly"]}, "missing"))],
     "now: true, reports is not there"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "expected", "now"), READ, ids=[each[0] for each in READ])
async def test_a_condition_becomes_a_read_and_a_guard_and_says_how_it_is_now(
    words: str, expected: list[Planned], now: str, made: Servers, tmp_path: Path
) -> None:
    async with office(made, tmp_path) as doer:
        plan = await doer.plan(words)

    assert _told(plan) == expected
    assert isinstance(plan, Plan)
    assert f"({now})" in plan.steps[1].why


FALSE = [
    ("delete invoice.pdf if there are more than 2 open tickets", "now: false, 2 found"),
    ("close ticket 4813 unless it is waiting", "now: true, status is waiting"),
    ("if Jo Weber has no account yet, create a folder jo", "now: false, 1 found"),
]


@pytest.mark.parametrize(("words", "why"), FALSE)
async def test_where_a_condition_does_not_hold_nothing_is_planned_and_it_is_said(
    words: str, why: str, made: Servers, tmp_path: Path
) -> None:
    async with office(made, tmp_path) as doer:
        proposal = await doer.plan(words)

    assert isinstance(proposal, Abstention)
    assert why in proposal.reason


UNREADABLE = [
    "close ticket 4815 if Tom agrees",
    "If Tom agrees, close ticket 4815",
    "if ticket 4815 is open and ticket 4812 is closed, delete invoice.pdf",
    "unless it rains, delete invoice.pdf",
    "if nobody is in Sales, add Ana to it",
]


@pytest.mark.parametrize("words", UNREADABLE)
async def test_a_condition_that_nothing_can_read_is_asked_about(words: str, made: Servers, tmp_path: Path) -> None:
    async with office(made, tmp_path) as doer:
        question = await doer.plan(words)

    assert isinstance(question, Question)
    assert question.slot == "if"


async def test_what_nothing_can_read_a_person_can_say() -> None:
    yes = await propose_many("delete a.txt if Tom agrees", Answer("if", "yes, it is so", "so"))
    no = await propose_many("delete a.txt if Tom agrees", Answer("if", "no", "not"))

    assert isinstance(yes, Plan)
    assert "as you said" in yes.steps[0].why
    assert isinstance(no, Abstention)


SCOPES = [
    ("delete a.txt and push unless Tom says no", "'push'"),
    ("If Tom agrees, delete a.txt; push", "'delete a.txt'"),
]


@pytest.mark.parametrize(("words", "part"), SCOPES)
async def test_what_all_a_condition_is_of_is_asked_where_it_may_be_of_a_part(words: str, part: str) -> None:
    question = await propose_many(words)

    assert isinstance(question, Question)
    assert question.slot == "if.scope"
    assert part in question.options[1].label


async def test_a_condition_of_a_part_leaves_the_rest_alone(made: Servers, tmp_path: Path) -> None:
    async with office(made, tmp_path) as doer:
        asked = await doer.do("delete invoice.pdf and close ticket 4815 if it is open")
        told = await doer.answer(asked.id, "2")

    assert [(each.id, each.only_if is not None) for each in told.steps] == [
        ("check", False), ("delete_1", False), ("update", True),
    ]  # fmt: skip


async def test_an_end_that_may_be_of_a_text_is_asked_about_where_it_can_be_read(made: Servers, tmp_path: Path) -> None:
    async with office(made, tmp_path) as doer:
        question = await doer.plan("email ana.lopez@acme.example saying hello if Ana is in Platform")
        reminder = await doer.plan("remind me tomorrow at 9am to call Ana if it rains")

    assert isinstance(question, Question)
    assert question.slot == "if.part"
    assert isinstance(reminder, Plan)
    assert to_json(reminder.steps[0].arguments["text"]) == "call Ana if it rains"


async def test_the_branch_that_holds_is_done_and_the_other_left_out(made: Servers, tmp_path: Path) -> None:
    words = "if there is no folder called reports, create it, otherwise delete the folder reports"
    async with office(made, tmp_path) as doer:
        done = await doer.do(words, approve=lambda _: True)
        undone = await doer.undo(done.id, approve=lambda _: True)

    assert [(each.id, each.state) for each in done.steps] == [
        ("check", "verified"), ("create_folder", "verified"), ("delete_1", "skipped"),
    ]  # fmt: skip
    assert undone.status == "undone"


async def test_what_changed_since_the_plan_was_made_is_decided_when_it_is_done(made: Servers, tmp_path: Path) -> None:
    async with office(made, tmp_path) as doer:
        waiting = await doer.do("if there is no folder called reports, create it")
        (made.folder / "reports").mkdir()
        done = await doer.approve(waiting.id)
    (made.folder / "reports").rmdir()

    assert waiting.status == "waiting"
    assert [(each.id, each.state) for each in done.steps] == [("check", "verified"), ("create_folder", "skipped")]


@pytest.mark.parametrize(
    "words",
    ["close ticket 4815", "if possible, close ticket 4815", "check if invoice.pdf exists", 'create a ticket "If it rains"',
     "if you can, push", "tell Ana that if it rains we stay"],
)  # fmt: skip
def test_what_only_sounds_like_a_condition_is_none(words: str) -> None:
    assert not has_condition(words)


def test_a_condition_without_a_comma_ends_where_a_verb_begins_the_request() -> None:
    text = "if ticket 4815 is open close it"
    cut = next(conditionals(text, {"close"}.__contains__))

    assert (text[slice(*cut.condition)], text[slice(*cut.main)]) == ("ticket 4815 is open", "close it")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("there are at least 3 open tickets", Statement("count", "open tickets", "", False, "greater", "3", True)),
        ("there isn't any folder called x", Statement("path", "x", negated=True, called="folder called x")),
        ("the invoice is not paid", Statement("state", "the invoice", "paid", True)),
        ("Ana is a member of the Sales team", Statement("member", "Ana", "Sales")),
        ("it costs no more than 200 euro", Statement("compare", "it", "", False, "less", "200 euro", True)),
        ("she has no account yet", Statement("has", "she", "account", True)),
    ],
)
def test_a_statement_says_of_what_it_is_and_what_must_hold(words: str, expected: Statement) -> None:
    assert statement(words) == expected


GUARDS = [
    Guard(Reference("a"), "exists"), Guard(Reference("a"), "equals", Literal("x")), Guard(Reference("a"), "less", Literal(3)),
    Guard(Reference("a"), "greater", Literal(0)),
]  # fmt: skip


@pytest.mark.parametrize("guard", GUARDS)
@pytest.mark.parametrize("value", [0, 1, 2, 3, 4, "x"])
def test_of_two_branches_exactly_one_is_taken(guard: Guard, value: Json) -> None:
    numeric = guard.comparison in {"less", "greater"}
    taken = [holds(each, {"a": value}) for each in (guard, opposite(guard))]

    assert contrary(guard, opposite(guard))
    assert sum(taken) == (0 if numeric and value == "x" else 1)


@pytest.mark.parametrize(
    "words",
    [
        "whenever ticket 4815 is open, close it",
        "every time an order comes in, create a folder orders",
        "close ticket 4815 as soon as ticket 4812 is closed",
    ],
)
async def test_what_is_to_be_done_each_time_is_not_done_once(words: str, made: Servers, tmp_path: Path) -> None:
    async with office(made, tmp_path) as doer:
        refused = await doer.plan(words)

    assert isinstance(refused, Abstention), refused
    assert "nothing here watches for it" in refused.reason


def test_a_question_with_should_is_no_condition() -> None:
    assert not has_condition("Should ticket 12 be closed?")
    assert not has_condition("Should ticket 12 be closed, or 13?")
    assert has_condition("Should ticket 12 be closed, mail Ana")
