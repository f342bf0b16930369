# The public names, for type checkers; `__init__.py` loads them when they are first used.

from doer.testing.clock import CountingEntropy, EagerClock, ManualClock
from doer.testing.conformance import (
    CHECKS,
    ConformanceFailure,
    Lying,
    Removing,
    Report,
    Setting,
    check,
    check_names,
    conform,
)
from doer.testing.faults import FaultyServer, FaultySmtp
from doer.testing.journal import MemoryJournal
from doer.testing.model import ScriptedModel
from doer.testing.planner import ScriptedPlanner, scripted_plan, scripted_step, when
from doer.testing.tools import MemoryTool, PutTool, ReadTool, RemoveTool, SendTool
from doer.testing.world import MemoryWorld

__all__ = [
    "CHECKS",
    "ConformanceFailure",
    "CountingEntropy",
    "EagerClock",
    "FaultyServer",
    "FaultySmtp",
    "Lying",
    "ManualClock",
    "MemoryJournal",
    "MemoryTool",
    "MemoryWorld",
    "PutTool",
    "ReadTool",
    "RemoveTool",
    "Removing",
    "Report",
    "ScriptedModel",
    "ScriptedPlanner",
    "SendTool",
    "Setting",
    "check",
    "check_names",
    "conform",
    "scripted_plan",
    "scripted_step",
    "when",
]
