"""The workspace's own tools: Python files named in doer.toml, whose objects made by `@tool` join the action space."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, TracebackType
from typing import TypeGuard

from doer.domain.action import Manifest
from doer.domain.errors import UsageError
from doer.domain.ports import Tool

_VERBS = ("preview", "apply", "verify", "undo")


@dataclass(frozen=True, slots=True)
class OwnModule:
    """What one of the workspace's files offers."""

    name: str
    tools: Sequence[Tool] = ()
    conformance: Mapping[str, Callable[..., object]] = field(default_factory=dict)
    """Tool name -> what opens a fresh `Setting` for the conformance kit: the module's own `conformance`."""


def load_own(folder: Path, modules: Sequence[str]) -> tuple[OwnModule, ...]:
    """Import the workspace's files. Raises UsageError for one that is not there, lies outside, fails, or has no tool."""
    return tuple(_load(folder, name) for name in modules)


def file_of(name: str) -> str:
    """Return the name of a module's file at the top of the workspace."""
    return f"{name}.py"


def _load(folder: Path, name: str) -> OwnModule:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise UsageError(f"doer.toml: tools.modules: {name!r} is no module name; write mytools for the file mytools.py")
    path = folder / file_of(name)
    if not path.is_file():
        raise UsageError(f"doer.toml: tools.modules names {name}, and there is no {path}")
    if not path.resolve().is_relative_to(folder.resolve()):
        raise UsageError(f"doer.toml: tools.modules: {path} leads out of the workspace, to {path.resolve()}")
    module = _run(path, name)
    tools = tuple({id(each): each for each in vars(module).values() if _is_tool(each)}.values())
    if not tools:
        raise UsageError(f"{path} has no tools: decorate a function with @tool(effect=…)")
    conformance = getattr(module, "conformance", {})
    if not isinstance(conformance, Mapping):
        raise UsageError(f"{path}: conformance is a mapping: tool name -> what opens a fresh setting")
    return OwnModule(name, tools, conformance)


def _run(path: Path, name: str) -> ModuleType:
    full = f"doer_workspace_tools.{name}"
    spec = importlib.util.spec_from_file_location(full, path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{path} cannot be read as Python")
    module = importlib.util.module_from_spec(spec)
    sys.modules[full] = module  # dataclasses and pydantic look their module up by its name
    try:
        spec.loader.exec_module(module)
    except UsageError as wrong:
        raise UsageError(f"{path}: {wrong}") from wrong
    except Exception as crash:
        line = next(
            (f", line {frame.tb_lineno}" for frame in _frames(crash) if frame.tb_frame.f_code.co_filename == str(path)),
            "",
        )
        raise UsageError(f"{path}{line} could not be loaded: {type(crash).__name__}: {crash}") from crash
    return module


def _frames(crash: Exception) -> list[TracebackType]:
    frames: list[TracebackType] = []
    trace = crash.__traceback__
    while trace is not None:
        frames.append(trace)
        trace = trace.tb_next
    return frames[::-1]


def _is_tool(given: object) -> TypeGuard[Tool]:
    if isinstance(given, type):
        return False
    return isinstance(getattr(given, "manifest", None), Manifest) and all(
        callable(getattr(given, verb, None)) for verb in _VERBS
    )
