"""Words that forbid nothing of what is asked for, or nothing at all; and for each the twin that must still be refused."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from tests.planning.connected import Servers, office

from doer import RunReport
from doer.domain.goal import Abstention, Question
from doer.domain.plan import Plan
from doer.domain.template import to_json
from doer.planning.words.conditions import conditionals
from doer.planning.words.mood import final_bar, stands_apart

COMMIT = ("repo.commit", {"paths": ["docs/a.md"], "message": "Words"})
DRAFT = ("mail.create_draft", {"to": ["ana.lopez@acme.example"], "subject": "Day", "body": "We meet at nine"})
TITLE = ("directory.change_user", {"user": "jo.weber@acme.example", "title": "Head of Sales"})
DONE: Sequence[tuple[str, tuple[str, Mapping[str, object]]]] = [
    ('commit docs/a.md with the message "Words", and dont push it yet', COMMIT),
    ('commit docs/a.md only, with the message "Words", and don\'t push it', COMMIT),
    ('commit docs/a.md with the message "Words". Don\'t push it yet.', COMMIT),
    ('commit docs/a.md with the message "Words", nothing else and no push yet', COMMIT),
    ("Draft a mail to ana.lopez@acme.example, subject Day, text: We meet at nine. Don't send it yet.", DRAFT),
    ("Jo Weber has been promoted, please change her title to Head of Sales", TITLE),
    ("change Jo's title to Head of Sales", TITLE),
]


@pytest.mark.parametrize(("words", "expected"), DONE, ids=[each[0] for each in DONE])
async def test_what_forbids_nothing_of_the_request_is_no_reason_to_refuse(
    words: str, expected: tuple[str, Mapping[str, object]], made: Servers, tmp_path: Path
) -> None:
    async with office(made, tmp_path) as doer:
        plan = await doer.plan(words)

    assert isinstance(plan, Plan), plan
    step = plan.steps[0]
    assert (len(plan.steps), step.tool, {name: to_json(each) for name, each in step.arguments.items()}) == (
        1,
        *expected,
    )


@pytest.mark.parametrize(
    "words",
    [
        "don't commit docs", "push main, don't push it", "commit and push docs, but don't push it",
        "mail Ana that we meet at nine, but don't mail it",
    ],
)  # fmt: skip
async def test_what_must_not_be_done_is_neither_done_nor_written_into_a_text(
    words: str, made: Servers, tmp_path: Path
) -> None:
    async with office(made, tmp_path) as doer:
        assert not isinstance(await doer.plan(words), Plan)


async def test_a_second_number_of_a_list_is_never_offered_to_be_left_out(made: Servers, tmp_path: Path) -> None:
    async with office(made, tmp_path) as doer:
        for words in ("set tickets 4812 and 4813 to closed", "mark orders 1, 2 and 3 as shipped"):
            asked = await doer.plan(words)
            if isinstance(asked, Question):
                assert not any("go on without" in each.label for each in asked.options), asked
            else:
                assert isinstance(asked, Abstention) or len(asked.steps) > 1


@pytest.mark.parametrize("idle", ["leave it alone", "leave it as it is", "do nothing", "don't touch it"])
def test_to_do_nothing_otherwise_is_nothing(idle: str) -> None:
    told = [
        each.other
        for each in conditionals(f"if ticket 12 is waiting, close it, otherwise {idle}", {"close"}.__contains__)
    ]

    assert told[0] is None


def test_to_leave_it_open_otherwise_is_something() -> None:
    told = next(conditionals("if ticket 12 is waiting, close it, otherwise set it to open", {"close"}.__contains__))

    assert told.other is not None


@pytest.mark.parametrize(
    ("words", "verb", "apart"),
    [
        ("commit docs, but don't push it yet", "push", False),
        ("commit docs and dont push", "push", False),
        ("draft it. Don't send it yet.", "send", True),
        ("draft it, don't send it", "send", True),
    ],
)
def test_a_verb_that_is_forbidden_at_the_end_is_told(words: str, verb: str, *, apart: bool) -> None:
    found = final_bar(words)

    assert found is not None
    assert (found["verb"], stands_apart(found)) == (verb, apart)


@pytest.mark.parametrize("words", ["don't push it", "mail Ana, don't forget it", 'say "go. Don\'t stop."'])
def test_a_whole_request_a_reminder_and_a_quotation_are_no_such_end(words: str) -> None:
    assert final_bar(words) is None


async def test_the_largest_row_is_the_one_of_the_highest_amount(made: Servers, tmp_path: Path) -> None:
    async with office(made, tmp_path) as doer:
        done = await doer.do("what was the biggest order in March?")
        least = await doer.do("show me the smallest order")

    assert _amounts(done) == ["7.77"]
    assert _amounts(least) == ["5.10"]


def _amounts(run: RunReport) -> list[object]:
    result = run.steps[-1].result
    assert isinstance(result, Mapping), run
    rows = result["rows"]
    assert isinstance(rows, Sequence)
    return [each["amount"] for each in rows if isinstance(each, Mapping)]
