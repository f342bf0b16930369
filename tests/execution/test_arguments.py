"""Arguments are checked against the manifest that is in force."""

from __future__ import annotations

from dataclasses import replace

import pytest

from doer.domain.errors import Permanent
from doer.execution.arguments import ArgumentCheck
from doer.testing.tools import PutTool
from doer.testing.world import MemoryWorld

MANIFEST = PutTool(MemoryWorld()).manifest


def test_arguments_that_fit_pass() -> None:
    ArgumentCheck()(MANIFEST, {"name": "a", "value": 1})


@pytest.mark.parametrize("arguments", [{}, {"name": 3, "value": 1}, {"name": "a", "value": 1, "extra": 1}])
def test_arguments_that_do_not_fit_are_refused_naming_the_tool(arguments: dict[str, object]) -> None:
    with pytest.raises(Permanent, match=r"memory\.put cannot take these arguments"):
        ArgumentCheck()(MANIFEST, arguments)  # type: ignore[arg-type]


def test_a_changed_manifest_of_the_same_name_is_checked_anew() -> None:
    check = ArgumentCheck()
    assert check.digest(MANIFEST) == MANIFEST.digest
    other = replace(MANIFEST, parameters={"type": "object", "required": ["more"]})

    assert check.digest(other) == other.digest != MANIFEST.digest
    with pytest.raises(Permanent, match="more"):
        check(other, {"name": "a", "value": 1})


def test_what_only_a_full_validator_can_judge_is_judged_by_it_each_time() -> None:
    check = ArgumentCheck()
    manifest = replace(MANIFEST, parameters={"type": "object", "not": {"required": ["both"]}})

    check(manifest, {"name": "a"})
    check(manifest, {"name": "b"})
    with pytest.raises(Permanent, match="should not be valid"):
        check(manifest, {"both": 1})
