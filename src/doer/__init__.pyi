"""The public names, for type checkers; `__init__.py` loads them when they are first used."""

from doer.app.consent import ApprovalRequest as ApprovalRequest
from doer.app.doer import Doer as Doer
from doer.connectors.tools.function import tool as tool
from doer.connectors.tools.spec import ToolSpec as ToolSpec
from doer.domain.action import Change as Change, Intent as Intent, Preview as Preview, Receipt as Receipt
from doer.domain.errors import DoerError as DoerError, OutcomeUnknown as OutcomeUnknown, Permanent as Permanent, Transient as Transient, UsageError as UsageError
from doer.domain.goal import Abstention as Abstention, Question as Question
from doer.domain.outcome import Absent as Absent, Conflict as Conflict, Partial as Partial, Refuted as Refuted, Undone as Undone, Unknown as Unknown, Verified as Verified
from doer.domain.plan import Plan as Plan
from doer.domain.value import Hole as Hole, Key as Key
from doer.observation.report import RunReport as RunReport, StepReport as StepReport
from doer.planning.skill_file import load_skills as load_skills

__all__ = [
    "Absent",
    "Abstention",
    "ApprovalRequest",
    "Change",
    "Conflict",
    "Doer",
    "DoerError",
    "Hole",
    "Intent",
    "Key",
    "OutcomeUnknown",
    "Partial",
    "Permanent",
    "Plan",
    "Preview",
    "Question",
    "Receipt",
    "Refuted",
    "RunReport",
    "StepReport",
    "ToolSpec",
    "Transient",
    "Undone",
    "Unknown",
    "UsageError",
    "Verified",
    "load_skills",
    "tool",
]
