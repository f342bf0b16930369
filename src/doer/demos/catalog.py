"""The scenarios there are, by name; each loads when it is asked for."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from runpy import run_path

from doer.domain.errors import UsageError
from doer.testing.scenario import Scenario

SHIPPED = {
    "onboard": ("doer.demos.onboard.scenario", "Onboard"),
    "office": ("doer.demos.office.scenario", "OfficeDay"),
}


def find_scenario(name: str) -> Scenario:
    """Return the shipped scenario of that name, or yours: `path/to/file.py:ClassName`. Raises UsageError."""
    if name in SHIPPED:
        module, attribute = SHIPPED[name]
        made: object = getattr(import_module(module), attribute)()
    elif ":" in name:
        path, _, attribute = name.rpartition(":")
        made = _own(Path(path), attribute)
    else:
        raise UsageError(f"there is no scenario {name!r}; there are {', '.join(SHIPPED)}, and yours as FILE.py:Class")
    if not all(hasattr(made, needed) for needed in ("name", "sentence", "start", "attach")):
        raise UsageError(f"{name} is no scenario: it needs name, sentence, start and attach (doer.testing.scenario)")
    return made  # type: ignore[return-value]  # checked just above


def _own(path: Path, attribute: str) -> object:
    if not path.is_file():
        raise UsageError(f"there is no file {path}")
    found = run_path(str(path)).get(attribute)
    if not callable(found):
        raise UsageError(f"{path} has no class {attribute}")
    return found()
