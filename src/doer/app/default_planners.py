"""Who proposes plans where there is no workspace. Loads every planner, and none of the settings: at first use."""

from __future__ import annotations

from collections.abc import Sequence

from doer.domain.ports import ActionScorer, Model, Planner
from doer.planning.action_model import ActionPlanner
from doer.planning.arbiter import Arbiter
from doer.planning.language import LanguagePlanner
from doer.planning.propose import SkillPlanner
from doer.planning.skills.skill import Skill
from doer.planning.thresholds import SHOWN


def by_wording(skills: Sequence[Skill]) -> Planner:
    """Return the planner by wordings of skills and tools. Raises UsageError where skills use each other in a circle."""
    return SkillPlanner(skills)


def in_turn(
    matching: Planner, models: Sequence[Model], scorer: ActionScorer | None, *, shown: bool
) -> Sequence[Planner]:
    """Return who is asked: by wordings, the action model beside that and after it where there is one, then the models.

    For what is only `shown`, the action model may be rather unsure.
    """
    last = [LanguagePlanner(each) for each in models]
    if scorer is None:
        return [matching, *last]
    action = ActionPlanner(scorer, SHOWN, SHOWN) if shown else ActionPlanner(scorer)
    return [Arbiter(matching, action), action, *last]
