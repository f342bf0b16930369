# The public names, for type checkers; `__init__.py` loads them when they are first used.

from doer.app.consent import ApprovalRequest, Approver
from doer.app.doer import Doer
from doer.app.workspace import open_doer
from doer.connectors.tools.calendar import calendar_tools
from doer.connectors.tools.database import database_tools
from doer.connectors.tools.directory import directory_tools
from doer.connectors.tools.files import file_tools
from doer.connectors.tools.function import tool
from doer.connectors.tools.mail import mail_tools
from doer.connectors.tools.spec import ToolSpec
from doer.domain.action import Change, Intent, Manifest, Preview, Receipt
from doer.domain.decision import Allow, Ask, Deny, Request
from doer.domain.errors import DoerError, OutcomeUnknown, Permanent, Transient, UsageError
from doer.domain.goal import Abstention, Answer, Goal, Option, Question
from doer.domain.model import Prompt, Reply
from doer.domain.outcome import Absent, Conflict, Partial, Refuted, Reversal, Undone, Unknown, Verification, Verified
from doer.domain.plan import Plan, Step
from doer.domain.ports import Clock, Entropy, Journal, Model, Planner, Policy, Reader, Tool
from doer.domain.value import Hole, Key
from doer.journal.store import open_journal
from doer.observation.report import RunReport, StepReport
from doer.planning.skills.file import load_skills
from doer.planning.skills.skill import Skill
from doer.runtime.reading import Budget
from doer.runtime.system import SystemClock

__all__ = [
    "Absent",
    "Abstention",
    "Allow",
    "Answer",
    "ApprovalRequest",
    "Approver",
    "Ask",
    "Budget",
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
    "Model",
    "Option",
    "OutcomeUnknown",
    "Partial",
    "Permanent",
    "Plan",
    "Planner",
    "Policy",
    "Preview",
    "Prompt",
    "Question",
    "Reader",
    "Receipt",
    "Refuted",
    "Reply",
    "Request",
    "Reversal",
    "RunReport",
    "Skill",
    "Step",
    "StepReport",
    "SystemClock",
    "Tool",
    "ToolSpec",
    "Transient",
    "Undone",
    "Unknown",
    "UsageError",
    "Verification",
    "Verified",
    "calendar_tools",
    "database_tools",
    "directory_tools",
    "file_tools",
    "load_skills",
    "mail_tools",
    "open_doer",
    "open_journal",
    "tool",
]
