"""Models are asked within a budget and for the record; without either, nothing is asked."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pytest
from tests.runtime.workbench import ME, RUN, Bench, put

from doer.connectors.catalog import Catalog
from doer.domain.errors import UsageError
from doer.domain.event import ModelAsked, PlanRejected
from doer.domain.goal import Goal
from doer.domain.model import Prompt, Reply
from doer.domain.value import Json
from doer.execution.arguments import ArgumentCheck
from doer.observation.spending import RecordedSpending
from doer.planning.language import LanguagePlanner
from doer.policy.rules import BuiltInRules
from doer.runtime.reading import Budget, GrantedReader
from doer.testing.clock import START, ManualClock
from doer.testing.model import ScriptedModel

PROMPT = Prompt("Answer.", "Request: hello", {"type": "object"}, most_tokens=100)


@dataclass
class Spent:
    tokens: int = 0
    dollars: Decimal = Decimal(0)

    async def today(self) -> tuple[int, Decimal]:
        return self.tokens, self.dollars


def reader(budget: Budget, spent: Spent | None = None, tokens: int = 0) -> GrantedReader:
    goal = Goal("do it", ME, START)
    return GrantedReader(Catalog(()), BuiltInRules(), ArgumentCheck(), goal, budget, spent, tokens)


@pytest.mark.parametrize(
    ("budget", "spent", "before", "told"),
    [
        (Budget(tokens_a_goal=50), Spent(), 0, "tokens for this goal"),
        (Budget(tokens_a_goal=200), Spent(), 150, "tokens for this goal"),
        (Budget(tokens_a_day=1000), Spent(950), 0, "tokens today"),
        (Budget(dollars_a_day=Decimal(2)), Spent(0, Decimal("2.00")), 0, "2.00 USD today"),
    ],
)
async def test_when_the_budget_is_spent_nothing_is_asked(budget: Budget, spent: Spent, before: int, told: str) -> None:
    model = ScriptedModel([{}])
    asking = reader(budget, spent, before)

    with pytest.raises(UsageError, match=told):
        await asking.ask(model, PROMPT)

    assert (model.heard, asking.made) == ([], [])


async def test_what_was_asked_counts_before_the_next_question() -> None:
    model = ScriptedModel([Reply({}, 300, 50), {}])
    asking = reader(Budget(tokens_a_goal=400), Spent())

    await asking.ask(model, PROMPT)
    with pytest.raises(UsageError, match="350 tokens for this goal"):
        await asking.ask(model, PROMPT)

    assert len(model.heard) == 1


async def test_a_goal_that_a_model_planned_has_its_question_and_answer_in_the_record() -> None:
    bench = Bench()
    said: Json = {
        "answer": "plan",
        "steps": [{"id": "s1", "tool": "memory.put", "arguments": {"name": "it", "value": "it"}}],
    }
    await bench.accept(put("a"))
    bench.planner = LanguagePlanner(ScriptedModel([Reply(said, 200, 30, "0.002")], "openai:small"))

    run = await bench.drive()

    (asked,) = await bench.of_kind(ModelAsked)
    assert isinstance(asked, ModelAsked)
    assert (asked.model, asked.answer, run.tokens) == ("openai:small", said, 230)
    assert "Request: do it" in asked.prompt
    assert run.plan is not None
    assert run.plan.planner == "model:openai:small"


async def test_a_spent_budget_ends_the_run_with_the_reason() -> None:
    bench = Bench()
    await bench.accept(put("a"))
    bench.planner = LanguagePlanner(ScriptedModel([Reply("no", 49_000, 900), Reply("no", 1, 1)]))

    run = await bench.drive()

    (rejected,) = await bench.of_kind(PlanRejected)
    assert isinstance(rejected, PlanRejected)
    assert "tokens for this goal" in rejected.problems[0]
    assert run.ended == "failed"


async def test_what_models_cost_today_is_read_from_the_record() -> None:
    bench = Bench(clock=ManualClock())
    asked = ModelAsked("m", 100, 20, "0.5", "…", {})
    await bench.accept(put("a"))
    await bench.journal.append(RUN, 1, [asked])
    bench.clock.advance_to(START.replace(day=START.day + 1))
    await bench.journal.append(RUN, 2, [asked, asked])

    spending = RecordedSpending(bench.journal, bench.clock)

    assert await spending.today() == (240, Decimal("1.0"))
