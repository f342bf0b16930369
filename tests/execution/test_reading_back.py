"""Reading back once: what each verdict of a tool becomes, before there were as many checks as settle it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from doer.connectors.catalog import Catalog
from doer.domain.action import Change, Intent, Manifest, Preview, Receipt
from doer.domain.event import StepUnconfirmed, StepUnknown
from doer.domain.outcome import Absent, Refuted, Reversal, Undone, Unknown, Verification
from doer.domain.plan import Step
from doer.domain.run import Run, StepState
from doer.domain.value import JsonObject, Key, RunId, StepId
from doer.execution.arguments import ArgumentCheck
from doer.execution.granting import Granting
from doer.execution.perform import Performer
from doer.policy.rules import BuiltInRules
from doer.testing import ManualClock

ID = StepId("s1")


class Telling:
    """A tool whose system of record tells one thing, whatever was done."""

    def __init__(self, verdict: Verification) -> None:
        self.manifest = Manifest("record.put", "Put it", {"type": "object", "properties": {}}, "write")
        self.verdict = verdict

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        return Preview(())

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        return Receipt({})

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        return self.verdict

    async def undo(self, receipt: Receipt) -> Reversal:
        return Undone()


def performer(verdict: Verification) -> Performer:
    clock, catalog = ManualClock(datetime(2026, 11, 22, 9, 0, tzinfo=UTC)), Catalog([Telling(verdict)])
    return Performer(catalog, clock, ArgumentCheck(), Granting(catalog, BuiltInRules(), clock))


def run(**state: object) -> Run:
    step = StepState(Step(ID, "record.put"), **{"key": Key("k1"), "receipt": Receipt({}), **state})  # type: ignore[arg-type]
    return Run(RunId("r1"), steps={ID: step})


@pytest.mark.parametrize(
    "verdict", [Absent("not yet"), Refuted("half of it"), Unknown("no answer")], ids=lambda each: type(each).__name__
)
async def test_one_look_that_shows_no_effect_settles_nothing(verdict: Verification) -> None:
    (unconfirmed,) = await performer(verdict).verify(run(state="applied"), ID)
    (unknown,) = await performer(verdict).reconcile(run(state="unknown"), ID)

    assert isinstance(unconfirmed, StepUnconfirmed)
    assert isinstance(unknown, StepUnknown)
    assert verdict.reason in unconfirmed.reason  # type: ignore[union-attr]


async def test_what_was_never_started_is_not_done_nor_said_to_be_known() -> None:
    assert await performer(Absent()).apply(run(key=None), ID) == ()
    (unknown,) = await performer(Absent()).reconcile(run(key=None), ID)
    assert isinstance(unknown, StepUnknown)
    assert unknown.reason == "it was never started"


async def test_a_run_without_a_plan_has_nothing_to_foresee() -> None:
    assert await performer(Absent()).preview_plan(Run(RunId("r1"))) == ()
