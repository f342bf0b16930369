"""Who proposes plans in a workspace, in the order of doer.toml. Loads each planner that the order names: at first use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import assert_never

from doer.app.action_model import in_use
from doer.app.known import KnownStore
from doer.app.settings import PlanningTable, Settings
from doer.app.skill_check import check_skills
from doer.app.state import STATE
from doer.connectors.catalog import Catalog
from doer.domain.ports import Model, Planner
from doer.planning.grounded import GroundedPlanner
from doer.planning.language import LanguagePlanner
from doer.planning.skills.file import load_skills
from doer.planning.skills.skill import Skill
from doer.planning.skills.uses import workspace_skills


def skills_of(own: Path, kinds: Mapping[str, str], catalog: Catalog) -> Sequence[Skill]:
    """Return the skills in the folder `own`, and the shipped ones that the connections (name -> kind) and tools can do.

    Raises UsageError with the file that is wrong.
    """
    skills = workspace_skills(load_skills([own]), kinds, [each.name for each in catalog.manifests()])
    check_skills(skills, catalog)
    return skills


def of_workspace(
    folder: Path, settings: Settings, models: Sequence[Model], skills: Sequence[Skill], kinds: Mapping[str, str]
) -> Sequence[Planner]:
    """Return the planners of the workspace in `folder`, with what is known of its connections. Raises UsageError."""
    store = KnownStore(folder / STATE)
    return planners(folder, settings, models, GroundedPlanner(skills, store.load(), kinds, store.keep))


def planners(folder: Path, settings: Settings, models: Sequence[Model], skills: Planner) -> Sequence[Planner]:
    """Return them; nothing is loaded or asked yet. Raises UsageError for one that cannot be."""
    found: list[Planner] = []
    table = settings.planning
    acting = _acting(folder, table, skills) if "action-model" in table.order else {}
    for name in table.order:
        match name:
            case "skills" | "action-model":
                found.append(acting.get(name, skills))
            case "language-models":
                found += map(LanguagePlanner, models)
            case _:
                assert_never(name)
    return found


def _acting(folder: Path, table: PlanningTable, skills: Planner) -> Mapping[str, Planner]:
    """The action model's planner, and the skills beside it; loaded only where the order names it, and most do not."""
    from doer.planning.action_model import ActionPlanner
    from doer.planning.arbiter import Arbiter

    action = ActionPlanner(in_use(folder), table.abstain_below, table.ask_below)
    return {"skills": Arbiter(skills, action, table.settle_above), "action-model": action}
