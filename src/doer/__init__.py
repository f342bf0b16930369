"""doer: automation you can take back.

A sentence becomes a plan, the plan a diff of the world, the diff, once approved, finished and verified work in real
systems, and the work can be taken back. Everything public is listed in `__all__` and loads when it is first used.
"""

from importlib import import_module

_HOME = {
    "Absent": "doer.domain.outcome",
    "Abstention": "doer.domain.goal",
    "Allow": "doer.domain.decision",
    "Answer": "doer.domain.goal",
    "ApprovalRequest": "doer.app.consent",
    "Approver": "doer.app.consent",
    "Ask": "doer.domain.decision",
    "Budget": "doer.runtime.reading",
    "Change": "doer.domain.action",
    "Clock": "doer.domain.ports",
    "Conflict": "doer.domain.outcome",
    "Deny": "doer.domain.decision",
    "Doer": "doer.app.doer",
    "DoerError": "doer.domain.errors",
    "Entropy": "doer.domain.ports",
    "Goal": "doer.domain.goal",
    "Hole": "doer.domain.value",
    "Intent": "doer.domain.action",
    "Journal": "doer.domain.ports",
    "Key": "doer.domain.value",
    "Manifest": "doer.domain.action",
    "Model": "doer.domain.ports",
    "Option": "doer.domain.goal",
    "OutcomeUnknown": "doer.domain.errors",
    "Partial": "doer.domain.outcome",
    "Permanent": "doer.domain.errors",
    "Plan": "doer.domain.plan",
    "Planner": "doer.domain.ports",
    "Policy": "doer.domain.ports",
    "Preview": "doer.domain.action",
    "Prompt": "doer.domain.model",
    "Question": "doer.domain.goal",
    "Reader": "doer.domain.ports",
    "Receipt": "doer.domain.action",
    "Refuted": "doer.domain.outcome",
    "Reply": "doer.domain.model",
    "Request": "doer.domain.decision",
    "Reversal": "doer.domain.outcome",
    "RunReport": "doer.observation.report",
    "Skill": "doer.planning.skills.skill",
    "Step": "doer.domain.plan",
    "StepReport": "doer.observation.report",
    "SystemClock": "doer.runtime.system",
    "Tool": "doer.domain.ports",
    "ToolSpec": "doer.connectors.tools.spec",
    "Transient": "doer.domain.errors",
    "Undone": "doer.domain.outcome",
    "Unknown": "doer.domain.outcome",
    "UsageError": "doer.domain.errors",
    "Verification": "doer.domain.outcome",
    "Verified": "doer.domain.outcome",
    "calendar_tools": "doer.connectors.tools.calendar",
    "database_tools": "doer.connectors.tools.database",
    "directory_tools": "doer.connectors.tools.directory",
    "file_tools": "doer.connectors.tools.files",
    "load_skills": "doer.planning.skills.file",
    "mail_tools": "doer.connectors.tools.mail",
    "open_doer": "doer.app.workspace",
    "open_journal": "doer.journal.store",
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
