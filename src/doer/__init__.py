"""doer: automation you can take back.

A sentence becomes a plan, the plan a diff of the world, the diff, once approved, finished and verified work in real
systems, and the work can be taken back. Everything public is listed in `__all__` and loads when it is first used.
"""

from importlib import import_module

_HOME = {
    "Abstention": "doer.domain.goal",
    "Absent": "doer.domain.outcome",
    "ApprovalRequest": "doer.app.consent",
    "Change": "doer.domain.action",
    "Conflict": "doer.domain.outcome",
    "Doer": "doer.app.doer",
    "DoerError": "doer.domain.errors",
    "Hole": "doer.domain.value",
    "Intent": "doer.domain.action",
    "Key": "doer.domain.value",
    "OutcomeUnknown": "doer.domain.errors",
    "Partial": "doer.domain.outcome",
    "Permanent": "doer.domain.errors",
    "Plan": "doer.domain.plan",
    "Preview": "doer.domain.action",
    "Question": "doer.domain.goal",
    "Receipt": "doer.domain.action",
    "Refuted": "doer.domain.outcome",
    "RunReport": "doer.observation.report",
    "StepReport": "doer.observation.report",
    "ToolSpec": "doer.connectors.tools.spec",
    "Transient": "doer.domain.errors",
    "Undone": "doer.domain.outcome",
    "Unknown": "doer.domain.outcome",
    "UsageError": "doer.domain.errors",
    "Verified": "doer.domain.outcome",
    "load_skills": "doer.planning.skill_file",
    "tool": "doer.connectors.tools.function",
}

__all__ = sorted(_HOME)  # noqa: PLE0605  # __init__.pyi has it as a literal, and a test holds the two together


def __getattr__(name: str) -> object:
    """Load a public name on first use (PEP 562), so that `doer --help` does not wait for databases and schemas."""
    if name not in _HOME:
        raise AttributeError(f"module 'doer' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
