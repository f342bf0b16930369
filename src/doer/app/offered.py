"""The planners of a Doer that was given none, made when a goal is first told: planning is loaded then, and not before."""

from __future__ import annotations

from collections.abc import Sequence

from doer.app.action_model import if_installed, packaged
from doer.app.later import Later
from doer.domain.ports import ActionScorer, Model, Planner
from doer.planning.skills.skill import Skill


def by_default(
    skills: Sequence[Skill], models: Sequence[Model], *, action_model: ActionScorer | bool | None
) -> tuple[Sequence[Planner], Sequence[Planner]]:
    """Return who is asked for what is done, and for what is only shown.

    `action_model` True: the weights of the package; False: none; None: those weights, where their libraries are there,
    for what is only shown. Raises UsageError where they are asked for and are not there.
    """
    doing = packaged() if action_model is True else action_model or None
    matching = Later(lambda: _matching(skills))

    def showing() -> Sequence[Planner]:
        scorer = if_installed() if action_model is None else doing
        return _in_turn(matching[0], models, scorer, shown=True)

    return Later(lambda: _in_turn(matching[0], models, doing, shown=False)), Later(showing)


def _matching(skills: Sequence[Skill]) -> Sequence[Planner]:
    from doer.app.default_planners import by_wording

    return [by_wording(skills)]


def _in_turn(
    matching: Planner, models: Sequence[Model], scorer: ActionScorer | None, *, shown: bool
) -> Sequence[Planner]:
    from doer.app.default_planners import in_turn

    return in_turn(matching, models, scorer, shown=shown)
