"""The extractor of this machine: a configured model that points at words, within the budget, and the grounder that reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final

from doer.connectors.tools.extract import Kind, extract_tool
from doer.domain.errors import Permanent, UsageError
from doer.domain.model import Prompt, Reply
from doer.domain.ports import Clock, Model, Spending, Tool
from doer.domain.value import Json
from doer.intent.grounder import Grounder
from doer.intent.mention import Setting
from doer.runtime.reading import Budget

_LATER: Final = timedelta(days=400)


def extractor(
    models: Sequence[Model], budget: Budget, spending: Spending, clock: Clock, zone: str, locale: str
) -> Tool:
    """Return the tool that finds values in texts with the first of these models."""
    return extract_tool(_Asking(models[0], budget, spending), _Reading(clock, zone, locale))


@dataclass(frozen=True, slots=True)
class _Asking:
    model: Model
    budget: Budget
    spending: Spending

    async def __call__(self, prompt: Prompt) -> tuple[str, Reply]:
        """Return what the model answers. Raises Permanent when the day's budget is spent: nothing is asked then."""
        try:
            self.budget.afford(prompt, 0, await self.spending.today())
        except UsageError as spent:
            raise Permanent(str(spent)) from spent
        return self.model.name, await self.model.answer(prompt)


@dataclass(frozen=True, slots=True)
class _Reading:
    clock: Clock
    zone: str
    locale: str

    def __call__(self, kind: Kind, words: str) -> Json:
        """Return the one value that the words have, whenever they were written; None for `tomorrow`, or `3/4/2026`."""
        if kind == "text":
            return words
        now = self.clock.now()
        settings = (Setting(at, self.zone, self.locale) for at in (now, now + _LATER))
        early, late = (_value(kind, words, Grounder(each)) for each in settings)
        return early if early == late else None


def _value(kind: Kind, words: str, grounder: Grounder) -> Json:
    found = [each for each in grounder.mentions(words) if words[each.start : each.end] == words.strip(" .,;:!?")]
    if len(found) != 1 or found[0].kind != kind or found[0].problem or len(found[0].readings) != 1:
        return None
    value = found[0].readings[0].value
    return _number(value) if kind == "number" and isinstance(value, str) else value


def _number(text: str) -> Json:
    """A JSON number where that is exact, else the decimal string."""
    exact = Decimal(text)
    if exact == exact.to_integral_value():
        return int(exact)
    return float(text) if Decimal(repr(float(text))) == exact else text
