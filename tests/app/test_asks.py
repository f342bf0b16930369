"""Questions to the bicycle workshop: the rows that agree with every word are told, and what was not narrowed by all of it is no answer."""

from __future__ import annotations

import pytest
from tests.app.test_accounted import doer

from doer.domain.fold import fold
from doer.domain.goal import Abstention, Question
from doer.domain.value import Json
from doer.interfaces.cli.answer import answers


def shown(told: Json) -> Json:
    """Of rows only what names them."""
    if not isinstance(told, list | tuple):
        return told
    return [next(iter(each.values())) if isinstance(each, dict) else each for each in told]


async def test_what_is_told_is_a_number_a_field_or_the_rows_that_agree_with_every_word() -> None:
    app = doer()
    for said, told in (
        ("Which repairs does Kim have tomorrow?", ["r1", "r2"]),
        ("Which repairs does Kim have on Friday?", []),
        ("When is Eva's next repair?", "2026-11-25T15:00"),
        ("Is there a repair with Lou on Friday?", ["r3"]),
        ("how many repairs do we have tomorrow", 2),
        ("How many brake pads are left?", 40),
        ("Which parts are below their minimum?", ["CH-8"]),
        ("Show me the riders in Ghent", ["8"]),
        ("What is Nils Aho's phone number?", "555-0101"),
        ("Who has the red tandem?", ["r1"]),
    ):
        run = await app.do(said)
        assert run.status in ("done", "unproven"), (said, run.reason)
        assert shown(run.told) == told, said
    last = await app.do("Who has the red tandem?")
    [answer] = answers(fold(last.id, await app.history(last.id)), {})
    assert (answer.text, answer.source) == ("1 repair", "listRepairs, words red tandem")


@pytest.mark.parametrize(
    "said",
    [
        "Which repairs are before Eva's?",
        "Which repairs are not Kim's?",
        "Which green repairs do we have?",
        "Which riders have a phone?",
        "Which repairs did Kim do?",
        "What is my next repair?",
        "How many parts were left last week?",
        "Which riders are still open?",
    ],
)
async def test_where_a_word_of_a_question_would_narrow_nothing_it_is_not_answered(said: str) -> None:
    assert isinstance(await doer().plan(said), Abstention)


async def test_who_may_be_two_is_asked_about_and_then_told() -> None:
    app = doer()
    asked = await app.do("How many repairs does Dahl have?")
    assert isinstance(asked.question, Question)
    assert (await app.answer(asked.id, "2")).told == 1
