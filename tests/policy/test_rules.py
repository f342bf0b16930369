"""The built-in rules: reads run, writes ask, what cannot be taken back asks by name, and all else is denied."""

from __future__ import annotations

from dataclasses import replace

import pytest

from doer.domain.action import Change
from doer.domain.decision import Allow, Ask, Decision, Deny, Request, Totals
from doer.domain.value import Principal, StepId
from doer.policy.rules import BuiltInRules, Limits
from doer.testing.tools import PutTool
from doer.testing.world import MemoryWorld

CHANGE = Change("x", None, 1)
WRITE = Request(Principal("sam"), StepId("a"), PutTool(MemoryWorld()).manifest, {}, "write", (CHANGE,), True, {})


@pytest.mark.parametrize(
    ("request_", "decision"),
    [
        (replace(WRITE, effect="read", changes=()), Allow("reads run")),
        (replace(WRITE, effect="read"), Deny("a read may not change anything")),
        (WRITE, Ask("it changes something")),
        (replace(WRITE, foreseeable=False), Ask("what it changes cannot be foreseen")),
        (replace(WRITE, effect="irreversible"), Ask("it cannot be taken back", by_name=True)),
        (replace(WRITE, principal=Principal("")), Deny("nobody asked for it: a request names its principal")),
    ],
)
def test_each_effect_has_its_rule(request_: Request, decision: Decision) -> None:
    assert BuiltInRules().decide(request_) == decision


def test_the_rules_have_one_digest() -> None:
    assert BuiltInRules().digest == BuiltInRules().digest


@pytest.mark.parametrize(
    ("totals", "told"),
    [
        (Totals(deleted=51), "delete 51 in memory, and 50 is the most"),
        (Totals(created=300, changed=201), "make or change 501 in memory, and 500 is the most"),
        (Totals(recipients=51), "be sent to 51 in memory, and 50 is the most"),
    ],
)
def test_what_adds_up_to_too_much_is_denied_whoever_approves(totals: Totals, told: str) -> None:
    decision = BuiltInRules().decide(replace(WRITE, totals=totals))

    assert isinstance(decision, Deny)
    assert told in decision.reason


def test_the_limits_are_those_of_the_connection_and_part_of_the_digest() -> None:
    narrow = BuiltInRules({"memory": Limits(deletions=2)})

    assert isinstance(narrow.decide(replace(WRITE, totals=Totals(deleted=3))), Deny)
    assert isinstance(narrow.decide(replace(WRITE, totals=Totals(deleted=2))), Ask)
    assert narrow.digest != BuiltInRules().digest


def test_reading_is_not_bounded_by_what_the_run_changes_elsewhere() -> None:
    request = replace(WRITE, effect="read", changes=(), totals=Totals(deleted=51))

    assert BuiltInRules().decide(request) == Allow("reads run")
