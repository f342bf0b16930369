"""The public face: what may be imported is pinned here, is typed, documented, and loads only when it is used."""

from __future__ import annotations

import ast
import importlib
import inspect
import subprocess
import sys
from pathlib import Path
from types import FunctionType, ModuleType

import pytest

import doer
import doer.testing
from doer import Doer, RunReport, ToolSpec

DOER = """
    Absent Abstention Allow Answer ApprovalRequest Approver Ask Budget Change Clock Conflict Deny Doer DoerError
    Entropy Goal Hole Intent Journal Key Manifest Model Option OutcomeUnknown Partial Permanent Plan Planner Policy
    Preview Prompt Question Reader Receipt Refuted Reply Request Reversal RunReport Skill Step StepReport SystemClock Tool
    ToolSpec Transient Undone Unknown UsageError Verification Verified calendar_tools database_tools
    directory_tools file_tools load_skills mail_tools open_doer open_journal tool
"""
TESTING = """
    CHECKS ConformanceFailure CountingEntropy EagerClock FaultyServer FaultySmtp Lying ManualClock MemoryJournal MemoryTool
    MemoryWorld PutTool ReadTool RemoveTool Removing Report ScriptedModel ScriptedPlanner SendTool Setting check check_names
    conform scripted_plan scripted_step when
"""
HEAVY = ("sqlalchemy", "jsonschema", "dateparser", "pydantic", "httpx2", "babel", "icalendar", "rich", "typer")
FACES = pytest.mark.parametrize(("module", "pinned"), [(doer, DOER), (doer.testing, TESTING)], ids=["doer", "testing"])


@FACES
def test_the_public_names_are_these_and_a_change_of_them_is_a_decision(module: ModuleType, pinned: str) -> None:
    assert module.__all__ == pinned.split()
    assert module.__all__ == sorted(module.__all__)


def stub_of(module: ModuleType) -> tuple[dict[str, str], list[str]]:
    """What the stub imports, by name with its home, and what it lists."""
    assert module.__file__ is not None
    imported: dict[str, str] = {}
    listed: list[str] = []
    for node in ast.parse(Path(module.__file__).with_suffix(".pyi").read_text(encoding="utf-8")).body:
        match node:
            case ast.ImportFrom(module=str(home), names=names):
                imported |= {each.asname or each.name: home for each in names}
            case ast.Assign(targets=[ast.Name(id="__all__")], value=value):
                listed = ast.literal_eval(value)
            case _:
                pytest.fail(f"the stub has something else: {ast.dump(node):.200}")
    return imported, listed


@FACES
def test_type_checkers_are_told_the_same_names(module: ModuleType, pinned: str) -> None:
    imported, listed = stub_of(module)

    assert listed == module.__all__
    assert sorted(imported) == module.__all__


@FACES
def test_every_public_name_loads_and_is_the_one_that_the_stub_tells_of(module: ModuleType, pinned: str) -> None:
    imported, _ = stub_of(module)

    for name in module.__all__:
        assert getattr(module, name) is getattr(importlib.import_module(imported[name]), name)
        assert name in dir(module)


@FACES
def test_nothing_else_is_offered(module: ModuleType, pinned: str) -> None:
    script = f"import types, {module.__name__} as face; print([n for n, v in vars(face).items() if n[0] != '_' and not isinstance(v, types.ModuleType)])"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert ast.literal_eval(told.stdout) == ["import_module"]
    with pytest.raises(AttributeError, match=f"module '{module.__name__}' has no attribute 'Dör'"):
        getattr(module, "Dör")  # noqa: B009  # a name that is looked up as a user's typo would be


@FACES
def test_every_public_class_and_function_says_what_it_is(module: ModuleType, pinned: str) -> None:
    silent = [
        name
        for name in module.__all__
        if isinstance(each := getattr(module, name), type | FunctionType) and not _own_docstring(each)
    ]

    assert silent == []


def _own_docstring(each: type | FunctionType) -> str:
    # A dataclass without a docstring is given its signature for one.
    said = each.__doc__ or ""
    return "" if isinstance(each, type) and said.startswith(f"{each.__name__}(") else said


@pytest.mark.parametrize("cls", [Doer, RunReport, ToolSpec], ids=lambda cls: cls.__name__)
def test_every_public_method_says_what_it_does(cls: type) -> None:
    methods = [each for name, each in vars(cls).items() if inspect.isfunction(each) and not name.startswith("_")]

    assert len(methods) > 0
    assert [each.__name__ for each in methods if not each.__doc__] == []


@pytest.mark.parametrize("line", ["import doer", "import doer.testing", "import doer; doer.__all__; dir(doer)"])
def test_importing_it_loads_nothing_heavy(line: str) -> None:
    script = f"{line}; import sys; print([name for name in {HEAVY} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert told.stdout == "[]\n"


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(doer.__file__).parent / "py.typed").is_file()
