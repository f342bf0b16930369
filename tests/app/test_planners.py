"""Who proposes plans in a workspace: what doer.toml says, in its order, and nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest

from doer.app.action_model import packaged
from doer.app.language_models import language_models
from doer.app.planners import planners
from doer.app.secrets import Secrets
from doer.app.settings import read_settings
from doer.app.workspace import init_workspace, open_doer
from doer.connectors.models import ProviderModel
from doer.domain.errors import CredentialRefused, UsageError
from doer.domain.plan import Plan
from doer.planning.action_model import ActionPlanner
from doer.planning.arbiter import Arbiter
from doer.planning.language import LanguagePlanner
from doer.testing.planner import ScriptedPlanner

MODEL = "[models.big]\nuse = 'openai:gpt-4.1-mini'\nsecret = 'env://KEY'\n"
SKILLS = ScriptedPlanner({})


def kinds(folder: Path, text: str) -> list[type]:
    (folder / "doer.toml").write_text(text)
    settings = read_settings(folder / "doer.toml")
    models = language_models(folder, settings, Secrets(folder, {}))
    return [type(each) for each in planners(folder, settings, models, SKILLS)]


def test_without_a_word_the_action_model_takes_no_part(tmp_path: Path) -> None:
    assert kinds(tmp_path, MODEL) == [ScriptedPlanner, LanguagePlanner]


@pytest.mark.parametrize(
    ("order", "found"),
    [
        (["skills", "action-model", "language-models"], [Arbiter, ActionPlanner, LanguagePlanner]),
        (["skills", "language-models", "action-model"], [Arbiter, LanguagePlanner, ActionPlanner]),
        (["skills", "action-model"], [Arbiter, ActionPlanner]),
        (["skills"], [ScriptedPlanner]),
    ],
)
def test_the_file_says_who_is_asked_and_in_which_order(tmp_path: Path, order: list[str], found: list[type]) -> None:
    assert kinds(tmp_path, f"{MODEL}[planning]\norder = {order}\n") == found


def test_the_thresholds_of_the_file_are_those_of_the_action_model(tmp_path: Path) -> None:
    (tmp_path / "doer.toml").write_text(
        "[planning]\norder = ['skills', 'action-model']\nabstain_below = 0.6\nask_below = 0.9\nsettle_above = 0.95\n"
    )
    arbiter, planner = planners(tmp_path, read_settings(tmp_path / "doer.toml"), (), SKILLS)
    assert isinstance(planner, ActionPlanner)
    assert (planner.trusted, planner.sure) == (0.6, 0.9)
    assert isinstance(arbiter, Arbiter)
    assert (arbiter.second, arbiter.settles) == (planner, 0.95)


def test_without_its_libraries_the_action_model_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("doer.app.action_model._LIBRARIES", ("numpy", "no_such_library"))
    with pytest.raises(UsageError, match=r"pip install 'doer\[action-model\]'"):
        packaged()


async def test_a_workspace_with_the_action_model_still_plans_what_a_skill_knows(tmp_path: Path) -> None:
    init_workspace(tmp_path)
    text = (tmp_path / "doer.toml").read_text()
    (tmp_path / "doer.toml").write_text(f"{text}\n[planning]\norder = ['skills', 'action-model']\n")
    async with open_doer(tmp_path) as doer:
        plan = await doer.plan("write hello.md: it works")
    assert isinstance(plan, Plan)
    assert plan.planner == "files.write"


def key_of(folder: Path, environment: dict[str, str]) -> str:
    settings = read_settings(folder / "doer.toml")
    (model,) = language_models(folder, settings, Secrets(folder, environment))
    assert isinstance(model, ProviderModel)
    assert model.credential is not None
    return model.credential()


def test_the_key_of_a_model_is_kept_outside_the_workspace_and_asked_for_at_the_last_moment(tmp_path: Path) -> None:
    office, home = tmp_path / "office", {"HOME": str(tmp_path / "home"), "XDG_CONFIG_HOME": str(tmp_path / "home")}
    init_workspace(office)
    (office / "doer.toml").write_text("[models.big]\nuse = 'openai:gpt-4.1-mini'\nsecret = 'secret://big'\n")
    with pytest.raises(CredentialRefused, match="`doer model key big` asks for it"):
        key_of(office, home)

    Secrets(office, home).vault().put("big", "sk-hidden")

    assert key_of(office, home) == "sk-hidden"
    kept = [each for each in office.rglob("*") if each.is_file() and b"sk-hidden" in each.read_bytes()]
    assert kept == []


def test_the_key_of_a_model_may_be_an_environment_variable(tmp_path: Path) -> None:
    (tmp_path / "doer.toml").write_text(MODEL)
    assert key_of(tmp_path, {"KEY": "sk-env"}) == "sk-env"


def test_what_is_scrubbed_learns_the_key_of_a_model(tmp_path: Path) -> None:
    secrets = Secrets(tmp_path, {"KEY": "sk-env-secret"})
    secrets.of_model("big", "env://KEY")()
    assert any(each.finds("it said sk-env-secret") for each in secrets.redactions.values())
