"""Tuning, with torch: a few steps on a processor, from the weights of the package. `make tuning` installs torch and runs it:
`make test` does not, as torch is 200 MB and more.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.training.test_own import NOTED, TOOLS

from doer.connectors.models.action import WEIGHTS, OnnxScorer
from doer.domain.scoring import ToolText
from doer.training.own import own_examples
from doer.training.tune import Course, tune


@pytest.mark.filterwarnings(
    "ignore::DeprecationWarning"
)  # torch, of its older way to ONNX: the newer needs one package more
def test_a_few_steps_make_weights_that_answer_and_are_not_those_it_began_with(tmp_path: Path) -> None:
    told: list[float] = []
    made = tune(
        own_examples([NOTED], TOOLS, 4),
        WEIGHTS,
        tmp_path / "new",
        Course(2, tokens=160),
        "1+own",
        lambda _, loss: told.append(loss),
    )
    scorer = OnnxScorer(made)
    assert scorer.name == "action:1+own"
    assert len(told) == 2
    assert not (made / "checkpoint.pt").exists()
    assert (made / "action.onnx").read_bytes() != (WEIGHTS / "action.onnx").read_bytes()
    note, other = (ToolText(each.name, each.description, ()) for each in TOOLS[:2])
    assert all(-1 <= each <= 1 for each in scorer.nearest("leave Ana a note", [note, other]))
