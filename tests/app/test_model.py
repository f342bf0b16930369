"""The action model of a workspace: judged on what was approved there, and exchanged only by a run that can be taken back."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.connectors.test_own_weights import weights

from doer.app.action_model import own_weights
from doer.app.model import Wanted, enough, info, judged, lessons_of, readings, switch, tools_of, train
from doer.app.workspace import Opened, init_workspace, open_workspace
from doer.connectors.models.action import WEIGHTS
from doer.connectors.models.own_weights import SHIPPED
from doer.domain.errors import UsageError
from doer.learning.lessons import Lessons
from doer.learning.score import tally
from doer.testing.scorer import ScriptedScorer


@pytest.fixture
def office(tmp_path: Path) -> Path:
    init_workspace(tmp_path)
    return tmp_path


async def worked(opened: Opened, *names: str) -> Lessons:
    for name in names:
        run = await opened.doer.do(f"write {name}: it works", approve=lambda _: True)
        assert run.status == "done", run.reason
    return await lessons_of(opened)


async def test_what_was_approved_is_held_against_what_the_model_says(office: Path) -> None:
    async with open_workspace(office) as opened:
        lessons = await worked(opened, "a.md", "b.md")
        scorer = ScriptedScorer({"files.write": {"path": "a.md", "text": "it works"}})
        counted = tally(await readings(scorer, lessons.learnt, tools_of(opened), 0.5))
    assert (counted.sentences, counted.exact) == (2, 1)
    assert counted.silent + counted.wrong == 1


async def test_less_sure_than_the_threshold_it_says_nothing(office: Path) -> None:
    async with open_workspace(office) as opened:
        lessons = await worked(opened, "a.md")
        scorer = ScriptedScorer({"files.write": {"path": "a.md", "text": "it works"}}, sure=0.6)
        silent = tally(await readings(scorer, lessons.learnt, tools_of(opened), 0.7))
        heard = tally(await readings(scorer, lessons.learnt, tools_of(opened), 0.4))
    assert (silent.silent, silent.exact) == (1, 0)
    assert (heard.silent, heard.exact) == (0, 1)


async def test_weights_of_the_workspace_are_judged_only_on_what_was_held_out(office: Path) -> None:
    async with open_workspace(office) as opened:
        lessons = await worked(opened, *(f"note{number}.md" for number in range(12)))
    held = [each for each in lessons.learnt if each.held_out]
    assert 0 < len(held) < 12
    assert judged(lessons, SHIPPED) == lessons.learnt
    assert list(judged(lessons, "0123456789ab")) == held


async def test_with_too_few_sentences_nothing_is_trained_and_the_reason_is_said(office: Path) -> None:
    async with open_workspace(office) as opened:
        lessons = await worked(opened, "a.md")
        assert "too few to tell" in enough(lessons)
        with pytest.raises(UsageError, match="too few"):
            await train(opened, lessons, Wanted(1, 4, masked=True), lambda _, __: None)


async def test_weights_are_exchanged_by_a_run_that_is_recorded_and_can_be_taken_back(office: Path) -> None:
    own = own_weights(office)
    name = weights(own, "mine")
    async with open_workspace(office) as opened:
        doer, run_id = await switch(opened, name, "9 of 12 held-out sentences exactly right, before 4")
        waiting = await doer.carry_on(run_id)
        assert (waiting.status, own.current) == ("waiting", SHIPPED), "nothing happens without a grant"
        done = await doer.approve(run_id)
        assert (done.status, own.current) == ("done", name)
        assert done.steps[0].arguments["because"] == "9 of 12 held-out sentences exactly right, before 4"
    async with open_workspace(office) as opened:
        undone = await opened.doer.undo(run_id, approve=lambda _: True)
    assert (undone.status, own.current) == ("undone", SHIPPED)


async def test_an_exchange_of_weights_is_no_lesson(office: Path) -> None:
    weights(own_weights(office), "mine")
    async with open_workspace(office) as opened:
        doer, run_id = await switch(opened, SHIPPED, "asked for")
        await doer.carry_on(run_id)
        assert (await lessons_of(opened)).learnt == ()


def test_what_is_in_use_says_what_it_is(office: Path) -> None:
    told = info(office)
    assert (told.name, told.folder) == (SHIPPED, WEIGHTS)
    assert len(told.digest) == 64
    assert told.size > 20_000_000
    assert "Apache-2.0" in told.notice
    assert told.card["version"]
    assert "tables" not in told.card


def test_weights_of_the_workspace_are_those_that_plan(office: Path) -> None:
    own = own_weights(office)
    made = own.folder / "training"
    made.mkdir(parents=True)
    for each in ("action.onnx", "vocab.txt"):
        shutil.copy(WEIGHTS / each, made / each)
    (made / "action.json").write_text(
        (WEIGHTS / "action.json").read_text().replace('"version": "', '"version": "own', 1)
    )
    own.use(own.keep(made))
    assert info(office).card["version"].startswith("own")
