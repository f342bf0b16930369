"""The public names, for type checkers; `__init__.py` loads them when they are first used."""

from doer.app.consent import ApprovalRequest as ApprovalRequest, Approver as Approver
from doer.app.doer import Doer as Doer
from doer.connectors.tools.function import tool as tool
from doer.connectors.tools.spec import ToolSpec as ToolSpec
from doer.domain.action import (
    Change as Change,
    Intent as Intent,
    Manifest as Manifest,
    Preview as Preview,
    Receipt as Receipt,
)
from doer.domain.decision import Allow as Allow, Ask as Ask, Deny as Deny, Request as Request
from doer.domain.errors import (
    DoerError as DoerError,
    OutcomeUnknown as OutcomeUnknown,
    Permanent as Permanent,
    Transient as Transient,
    UsageError as UsageError,
)
from doer.domain.goal import (
    Abstention as Abstention,
    Answer as Answer,
    Goal as Goal,
    Option as Option,
    Question as Question,
)
from doer.domain.outcome import (
    Absent as Absent,
    Conflict as Conflict,
    Partial as Partial,
    Refuted as Refuted,
    Reversal as Reversal,
    Undone as Undone,
    Unknown as Unknown,
    Verification as Verification,
    Verified as Verified,
)
from doer.domain.plan import Plan as Plan, Step as Step
from doer.domain.ports import (
    Clock as Clock,
    Entropy as Entropy,
    Journal as Journal,
    Planner as Planner,
    Policy as Policy,
    Reader as Reader,
    Tool as Tool,
)
from doer.domain.value import Hole as Hole, Key as Key
from doer.observation.report import RunReport as RunReport, StepReport as StepReport
from doer.planning.skill_file import load_skills as load_skills
from doer.planning.skills import Skill as Skill

__all__ = [
    "Absent",
    "Abstention",
    "Allow",
    "Answer",
    "ApprovalRequest",
    "Approver",
    "Ask",
    "Change",
    "Clock",
    "Conflict",
    "Deny",
    "Doer",
    "DoerError",
    "Entropy",
    "Goal",
    "Hole",
    "Intent",
    "Journal",
    "Key",
    "Manifest",
    "Option",
    "OutcomeUnknown",
    "Partial",
    "Permanent",
    "Plan",
    "Planner",
    "Policy",
    "Preview",
    "Question",
    "Reader",
    "Receipt",
    "Refuted",
    "Request",
    "Reversal",
    "RunReport",
    "Skill",
    "Step",
    "StepReport",
    "Tool",
    "ToolSpec",
    "Transient",
    "Undone",
    "Unknown",
    "UsageError",
    "Verification",
    "Verified",
    "load_skills",
    "tool",
]
