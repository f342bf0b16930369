"""Reading while planning: reads that policy grants and questions to models within a budget, all kept for the record."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from doer.domain.decision import Allow, Request
from doer.domain.errors import Permanent, Transient, UsageError
from doer.domain.event import Event, ModelAsked, SelectionRead
from doer.domain.goal import Goal
from doer.domain.model import Prompt, Reply
from doer.domain.ports import Catalog, Model, Policy, Spending
from doer.domain.value import Json, JsonObject, Key, StepId, canonical
from doer.execution.arguments import ArgumentCheck
from doer.execution.judged import judged

_MODEL_SECONDS: Final = 120.0


@dataclass(frozen=True, slots=True)
class Budget:
    """How much may be asked of language models."""

    tokens_a_goal: int = 50_000
    tokens_a_day: int = 1_000_000
    dollars_a_day: Decimal = Decimal(5)

    def afford(self, prompt: Prompt, tokens: int, today: tuple[int, Decimal]) -> None:
        """Raise UsageError where a question would go over it, after so many tokens for the goal, tokens and dollars today."""
        # What is about to be asked counts as well, at four characters a token, so that the budget is not overrun by much.
        coming = (len(prompt.instructions) + len(prompt.request)) // 4 + prompt.most_tokens
        spent, dollars = today
        if tokens + coming > self.tokens_a_goal:
            raise UsageError(
                f"models were asked {tokens:,} tokens for this goal, and {self.tokens_a_goal:,} is the most: "
                "say it in other words, or raise `[budget] tokens_a_goal` in doer.toml"
            )
        if spent + coming > self.tokens_a_day:
            raise UsageError(f"models were asked {spent:,} tokens today, and {self.tokens_a_day:,} is the most")
        if dollars >= self.dollars_a_day:
            raise UsageError(f"models have cost {dollars:.2f} USD today, and {self.dollars_a_day:.2f} is the most")


@dataclass(frozen=True, slots=True)
class GrantedReader:
    """A `Reader` that asks policy before each read, keeps to the budget, and keeps what it learnt for the record."""

    catalog: Catalog
    policy: Policy
    check: ArgumentCheck
    goal: Goal
    budget: Budget = field(default_factory=Budget)
    spending: Spending | None = None
    """What models cost so far today; None: nobody knows, and only the goal's own budget holds."""
    tokens: int = 0
    """What this goal has cost before."""
    made: list[Event] = field(default_factory=list)

    async def read(self, tool: str, arguments: JsonObject) -> Json:
        """Return the result of a read. Raises UsageError when it is not a read or not granted."""
        found = self.catalog.find(tool)
        if found is None:
            raise UsageError(f"there is no tool {tool} here: is its connection missing?")
        if found.manifest.effect != "read":
            raise UsageError(f"{tool} is not a read; planning changes nothing")
        self.check(found.manifest, arguments)
        request = Request(
            principal=self.goal.by, step=StepId("planning"), manifest=found.manifest, arguments=arguments,
            effect="read", changes=(), foreseeable=True, provenance={},
        )  # fmt: skip
        decision = judged(self.policy, request)
        if not isinstance(decision, Allow):
            raise UsageError(f"{tool} may not be read while planning: {decision.reason}")
        try:
            async with asyncio.timeout(found.manifest.timeout):
                receipt = await found.apply(arguments, Key("planning"), ())
        except TimeoutError as late:
            raise Transient(f"{tool} did not answer within {found.manifest.timeout:g} s") from late
        try:
            canonical(receipt.result)
        except ValueError as rubbish:
            raise Permanent(f"{tool} read something that is not JSON: {rubbish}") from rubbish
        self.made.append(SelectionRead(tool, arguments, receipt.result))
        return receipt.result

    async def ask(self, model: Model, prompt: Prompt) -> Reply:
        """Return the model's answer. Raises UsageError when the budget is spent: nothing is asked then."""
        await self._afford(prompt)
        try:
            async with asyncio.timeout(_MODEL_SECONDS):
                reply = await model.answer(prompt)
        except TimeoutError as late:
            raise Transient(f"the model {model.name} did not answer within {_MODEL_SECONDS:g} s") from late
        sent = f"{prompt.instructions}\n{prompt.request}"
        self.made.append(ModelAsked(model.name, reply.tokens_in, reply.tokens_out, reply.cost, sent, reply.content))
        return reply

    async def _afford(self, prompt: Prompt) -> None:
        asked = [event for event in self.made if isinstance(event, ModelAsked)]
        ours = sum(each.tokens_in + each.tokens_out for each in asked)
        dollars = sum(Decimal(each.cost) for each in asked)
        spent, cost = (0, Decimal(0)) if self.spending is None else await self.spending.today()
        self.budget.afford(prompt, self.tokens + ours, (spent + ours, cost + dollars))
