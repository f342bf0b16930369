"""`doer model`: what it prints, and what it refuses to do."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from tests.interfaces.conftest import Cli

from doer.app.model import can_train
from doer.app.secrets import Secrets
from doer.domain.errors import UsageError


@pytest.fixture
def here(cli: Cli, tmp_path: Path) -> Path:
    assert cli("init").code == 0
    return tmp_path


def test_info_says_which_weights_and_whether_they_take_part(cli: Cli, here: Path) -> None:
    told = cli("--json", "model", "info").json
    assert (told["weights"], told["shipped"], told["takes_part"], told["own"]) == ("shipped", True, False, [])
    assert told["digest"].startswith("sha256:")
    assert told["bytes"] > 20_000_000
    file = here / "doer.toml"
    file.write_text(file.read_text() + '\n[planning]\norder = ["skills", "action-model"]\n')
    assert cli("--json", "model", "info").json["takes_part"] is True


def test_eval_counts_what_was_approved_here_and_says_that_it_is_too_few(cli: Cli, here: Path) -> None:
    assert cli("do", "--yes", "write hello.md: it works").code == 0
    told = cli("--json", "model", "eval").json
    assert (told["sentences"], told["too_few"]) == (1, True)
    assert told["exact"] + told["silent"] + told["wrong"] == 1
    assert "too few to tell" in cli("model", "eval").out


def test_training_says_what_it_would_learn_from_and_refuses_where_that_is_too_little(cli: Cli, here: Path) -> None:
    assert cli("do", "--yes", "write hello.md: it works").code == 0
    dry = cli("--json", "model", "train", "--dry-run")
    assert (dry.code, dry.json["learnable"] + dry.json["held_out"], dry.json["enough"]) == (0, 1, False)
    wet = cli("model", "train")
    assert wet.code == 1
    assert "too few to tell" in wet.out
    assert not (here / ".doer" / "model").exists(), "nothing was made"


def test_reset_has_nothing_to_do_where_the_weights_of_the_package_are_in_use(cli: Cli, here: Path) -> None:
    assert cli("--json", "model", "reset").json == {"weights": "shipped", "exit": 0}


def test_without_its_libraries_training_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("doer.app.model._LIBRARIES", ("numpy", "no_such_library"))
    with pytest.raises(UsageError, match=r"training needs no_such_library: pip install 'doer\[train\]'"):
        can_train()


def test_the_key_of_a_model_is_asked_for_and_kept_outside(
    cli: Cli, here: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("home")))
    unknown = cli("model", "key", "big")
    assert (unknown.code, "there is no model 'big'" in unknown.out) == (2, True)
    file = here / "doer.toml"
    file.write_text(file.read_text() + '\n[models.big]\nuse = "openai:x"\nsecret = "secret://big"\n')
    assert "--secret-from-stdin" in cli("model", "key", "big").out

    monkeypatch.setattr("sys.stdin", io.StringIO("sk-hidden\n"))
    kept = cli("--json", "model", "key", "big", "--secret-from-stdin")

    assert (kept.code, kept.json["model"]) == (0, "big")
    assert "sk-hidden" not in kept.out + kept.err
    assert Secrets(here).vault().get("big") == "sk-hidden"
    assert "sk-hidden" not in file.read_text()
