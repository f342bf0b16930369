"""Shipped for tests of tools, skills and scenarios: the conformance kit, fakes at the seams, and faults.

Everything public is listed in `__all__` and loads when it is first used.
"""

from importlib import import_module

_HOME = {
    "CHECKS": "doer.testing.conformance",
    "ConformanceFailure": "doer.testing.conformance",
    "CountingEntropy": "doer.testing.clock",
    "EagerClock": "doer.testing.clock",
    "FaultyServer": "doer.testing.faults",
    "FaultySmtp": "doer.testing.faults",
    "Lying": "doer.testing.conformance",
    "ManualClock": "doer.testing.clock",
    "MemoryJournal": "doer.testing.journal",
    "MemoryTool": "doer.testing.tools",
    "MemoryWorld": "doer.testing.world",
    "PutTool": "doer.testing.tools",
    "ReadTool": "doer.testing.tools",
    "RemoveTool": "doer.testing.tools",
    "Removing": "doer.testing.conformance",
    "Report": "doer.testing.conformance",
    "ScriptedModel": "doer.testing.model",
    "ScriptedPlanner": "doer.testing.planner",
    "SendTool": "doer.testing.tools",
    "Setting": "doer.testing.conformance",
    "check": "doer.testing.conformance",
    "check_names": "doer.testing.conformance",
    "conform": "doer.testing.conformance",
    "scripted_plan": "doer.testing.planner",
    "scripted_step": "doer.testing.planner",
    "when": "doer.testing.planner",
}

__all__ = sorted(_HOME)  # noqa: PLE0605  # __init__.pyi has it as a literal, and a test holds the two together


def __getattr__(name: str) -> object:
    """Load a public name on first use (PEP 562): the conformance kit does not wait for the proxies."""
    if name not in _HOME:
        raise AttributeError(f"module 'doer.testing' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
