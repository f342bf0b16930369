"""Skills against the tools that they call: what a file says plainly wrong is told before anything is asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from doer.connectors.catalog import Catalog
from doer.domain.action import Manifest
from doer.domain.errors import UsageError
from doer.domain.plainly import quick_yes
from doer.domain.template import Literal
from doer.planning.skills.skill import Skill, SkillStep

_OF_THE_WHOLE: Final = frozenset({"anyOf", "required", "minProperties"})


def check_skills(skills: Sequence[Skill], catalog: Catalog) -> None:
    """Check the values that a skill gives to its tools as they stand. Raises UsageError with the file.

    What comes from slots and results is checked when there is a plan; a tool that is not there, when the skill is used.
    """
    manifests = {each.name: each for each in catalog.manifests()}
    for skill in skills:
        for step in skill.steps:
            if step.tool in manifests and (wrong := _wrong(step, manifests[step.tool])):
                raise UsageError(f"{skill.source}: step {step.id!r}: {wrong}")


def _wrong(step: SkillStep, manifest: Manifest) -> str:
    given = {name: each.value for name, each in step.arguments.items() if isinstance(each, Literal)}
    if not given:
        return ""
    # Only what is given is looked at: how many must be told, and which, is known when there is a plan.
    schema = {name: each for name, each in manifest.parameters.items() if name not in _OF_THE_WHOLE}
    if quick_yes(schema)(given):
        return ""
    from jsonschema import Draft202012Validator  # for what is not plainly right

    found = next(iter(Draft202012Validator(schema).iter_errors(given)), None)
    if found is None:
        return ""
    where = ".".join(str(part) for part in found.absolute_path)
    return (
        f"{manifest.name} cannot take {f'the argument {where!r}' if where else 'its arguments'}: {found.message[:300]}"
    )
