"""Who proposes plans in a workspace, in the order of doer.toml."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import assert_never

from doer.app.action_model import in_use
from doer.app.settings import Settings
from doer.domain.ports import ActionScorer, Model, Planner
from doer.planning.action_model import ActionPlanner
from doer.planning.arbiter import Arbiter
from doer.planning.language import LanguagePlanner


def planners(folder: Path, settings: Settings, models: Sequence[Model], skills: Planner) -> Sequence[Planner]:
    """Return them; nothing is loaded or asked yet. Raises UsageError for one that cannot be."""
    found: list[Planner] = []
    table = settings.planning
    action = None
    if "action-model" in table.order:
        action = ActionPlanner(in_use(folder), table.abstain_below, table.ask_below)
    for name in table.order:
        match name:
            case "skills":
                found.append(skills if action is None else Arbiter(skills, action, table.settle_above))
            case "action-model":
                found += [] if action is None else [action]
            case "language-models":
                found += map(LanguagePlanner, models)
            case _:
                assert_never(name)
    return found


def side_by_side(matching: Planner, scorer: ActionScorer | None, *thresholds: float) -> Sequence[Planner]:
    """Return the planner by wordings, and that of the action model, where there is one: beside it, and after it."""
    if scorer is None:
        return (matching,)
    action = ActionPlanner(scorer, *thresholds)
    return (Arbiter(matching, action), action)
