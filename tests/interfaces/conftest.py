"""The real command line in this process: what it prints, and its exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.interfaces.office import furnish

from doer.interfaces.cli.entry import run


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout."""
        return json.loads(self.out)

    @property
    def account(self) -> dict[str, str]:
        """The four lines."""
        lines = [line for line in self.out.splitlines() if line[:9].strip() in ("happened", "changed", "next", "you")]
        return {line[:9].strip(): line[9:] for line in lines}


Cli = Callable[..., Said]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Cli:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DOER_DEBUG", raising=False)
    monkeypatch.delenv("COLUMNS", raising=False)

    def call(*arguments: str) -> Said:
        capfd.readouterr()
        code = run(list(arguments))
        captured = capfd.readouterr()
        return Said(code, captured.out, captured.err)

    return call


@pytest.fixture
def office(cli: Cli, tmp_path: Path) -> Path:
    """A workspace with tools of its own, and the current directory in it."""
    assert cli("init").code == 0
    furnish(tmp_path)
    return tmp_path
