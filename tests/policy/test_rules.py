"""The built-in rules: reads run, writes ask, what cannot be taken back asks by name, and all else is denied."""

from __future__ import annotations

from dataclasses import replace

import pytest

from doer.domain.action import Change
from doer.domain.decision import Allow, Ask, Decision, Deny, Request
from doer.domain.value import Principal, StepId
from doer.policy.rules import BuiltInRules
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
