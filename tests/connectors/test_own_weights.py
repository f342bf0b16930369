"""Which weights are in use: a tool like any other, with its conformance run; and the folder that they lie in."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from doer.connectors.models.own_weights import SHIPPED, OwnWeights, digest_of, use_weights
from doer.domain.errors import UsageError
from doer.domain.ports import Tool
from doer.domain.value import Json, JsonObject
from doer.testing.conformance import Setting, check, check_names, conform

FILES = ("action.onnx", "action.json", "vocab.txt")


def weights(own: OwnWeights, what: str) -> str:
    """Put weights into the folder as training does, and return their name."""
    made = own.folder / "training"
    made.mkdir(parents=True)
    for name in (*FILES, "checkpoint.pt"):
        (made / name).write_text(what)
    return own.keep(made)


@dataclass
class Case:
    """Weights of one's own on top of others, in a fresh folder."""

    own: OwnWeights
    tool: Tool
    arguments: JsonObject
    other: str

    async def observe(self) -> Json:
        file = self.own.folder / "current"
        return file.read_text().split(" ")[0].strip() if file.exists() else SHIPPED

    async def meddle(self) -> None:
        (self.own.folder / "current").write_text(self.other)

    async def remove(self) -> None:
        (self.own.folder / "current").unlink()


@asynccontextmanager
async def setting() -> AsyncIterator[Setting]:
    with TemporaryDirectory() as place:
        own = OwnWeights(Path(place) / "model")
        name, other = weights(own, "mine"), weights(own, "theirs")
        yield Case(own, use_weights(own), {"weights": name, "because": "better"}, other)


@pytest.mark.parametrize("name", check_names("write"))
async def test_saying_which_weights_are_in_use_keeps_every_promise(name: str) -> None:
    await check(name, setting)


async def test_nothing_of_the_kit_is_left_out_but_what_needs_a_lying_service() -> None:
    assert (await conform(setting)).broken == {}


def test_weights_are_named_by_what_they_are_and_leave_nothing_of_the_training_behind(tmp_path: Path) -> None:
    own = OwnWeights(tmp_path)
    name = weights(own, "mine")
    assert own.names == (name,)
    assert sorted(each.name for each in (tmp_path / name).iterdir()) == sorted(FILES)
    assert digest_of(tmp_path / name).startswith(name)
    assert weights(own, "mine") == name, "the same again is the same"


def test_without_a_word_those_of_the_package_are_in_use(tmp_path: Path) -> None:
    own = OwnWeights(tmp_path / "nowhere")
    assert (own.current, own.names, own.place(own.current)) == (SHIPPED, (), None)


def test_weights_that_were_erased_by_hand_are_told_and_not_passed_over(tmp_path: Path) -> None:
    own = OwnWeights(tmp_path)
    name = weights(own, "mine")
    own.use(name)
    shutil.rmtree(tmp_path / name)
    with pytest.raises(UsageError, match="doer model reset"):
        own.place(own.current)


def test_what_is_in_use_is_not_erased(tmp_path: Path) -> None:
    own = OwnWeights(tmp_path)
    name = weights(own, "mine")
    own.use(name)
    own.erase(name)
    assert own.names == (name,)
    own.use(SHIPPED)
    own.erase(name)
    assert not own.names


def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not in"):
        OwnWeights(tmp_path).place("../../etc")
