"""A person's answer to what a run asks, as the event that records it; what they mean takes the words of planning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from doer.app.words import correction
from doer.domain.errors import NotNow
from doer.domain.event import Event, OutcomeSettled, QuestionAnswered
from doer.domain.goal import CORRECTION, Answer
from doer.domain.run import Run
from doer.domain.value import Principal, StepId
from doer.execution.decide import rest
from doer.planning.compound.saying import corrects, says_something
from doer.planning.matching.answers import option_meant

_OUTCOMES: Mapping[str, Literal["done", "not_done", "abandon"]] = {
    "1": "done", "done": "done", "yes": "done",
    "2": "not_done", "not done": "not_done", "no": "not_done",
    "3": "abandon", "give up": "abandon", "abandon": "abandon",
}  # fmt: skip


def answer(run: Run, by: Principal, now: datetime, text: str) -> Event:
    """Answer the run's question or settle an unknown outcome, by number or in words; or correct a plan that waits."""
    text = text.strip()
    if not text:
        raise NotNow("the answer is empty: say it in words or by the number of an option")
    if run.question is not None:
        chosen = option_meant(run.question, text)
        if chosen is None and corrects(text) and not run.question.slot.startswith(CORRECTION):
            return correction(run, by, now, text)
        said = Answer(run.question.slot, chosen.label if chosen else text, chosen.value if chosen else None)
        return QuestionAnswered(said, by)
    resting = rest(run)
    asked = [step for step in (resting.steps if resting else ()) if run.steps[step].state in ("unknown", "started")]
    if asked:
        return _settlement(asked, by, text)
    if run.correctable and resting is not None and says_something(text):
        return correction(run, by, now, text)
    raise NotNow(f"run {run.id} has asked nothing")


def _settlement(asked: Sequence[StepId], by: Principal, text: str) -> Event:
    named = next((step for step in asked if text.startswith(f"{step} ")), None)
    if named is None and len(asked) > 1:
        raise NotNow(f"several steps are asked about; name one first: {', '.join(f'{step} 1' for step in asked)}")
    step = named or asked[0]
    outcome = _OUTCOMES.get(text.removeprefix(f"{named} ").strip().casefold().replace("_", " "))
    if outcome is None:
        raise NotNow(f"was {step} done? Answer: 1 (it is done), 2 (it is not done: do it), 3 (give up)")
    return OutcomeSettled(step, outcome, by)
