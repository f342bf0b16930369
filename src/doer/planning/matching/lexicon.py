"""The lexicon: the profiles of everything that can be asked for, and what their words weigh; made once, not for each goal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from doer.domain.action import Effect, Manifest
from doer.planning.matching.profile import Profile, Weights, profile, weights
from doer.planning.skills.skill import Skill
from doer.planning.skills.unit import of_skill, of_tool


@dataclass(frozen=True)  # without slots: it keeps what every goal asks of it
class Lexicon:
    """The units that a goal can be matched to, and the words by which they are known."""

    profiles: tuple[Profile, ...]

    @cached_property
    def weight(self) -> Weights:
        """How much each stem tells."""
        return weights(self.profiles)

    @cached_property
    def stems(self) -> frozenset[str]:
        """Every stem that speaks of a unit."""
        return frozenset(stem for each in self.profiles for stem in each.stems)

    @cached_property
    def heads(self) -> frozenset[str]:
        """Stems of the words with which a request may begin."""
        return frozenset(stem for each in self.profiles for stem in each.heads)


class Profiles:
    """Keeps the profile of each skill and tool, and the lexicon of those that were asked for last.

    One that has changed since is profiled anew. Several planners may share what is kept.
    """

    __slots__ = ("_lexicon", "_made")

    def __init__(self) -> None:
        self._made: dict[str, tuple[Skill | Manifest, tuple[Effect | None, ...], Profile]] = {}
        self._lexicon = Lexicon(())

    def of(self, skills: Mapping[str, Skill], tools: Sequence[Manifest]) -> Lexicon:
        """Return the lexicon of the skills, and of the tools that have examples and share no name with a skill."""
        by_name = {manifest.name: manifest for manifest in tools}
        found = [self._profile(each, by_name) for each in skills.values()]
        found += [self._profile(each, {}) for each in tools if each.examples and each.name not in skills]
        kept = self._lexicon.profiles
        if len(kept) != len(found) or any(one is not other for one, other in zip(kept, found, strict=True)):
            self._lexicon = Lexicon(tuple(found))
        return self._lexicon

    def _profile(self, unit: Skill | Manifest, tools: Mapping[str, Manifest]) -> Profile:
        kept, effects = self._made.get(unit.name), _effects(unit, tools)
        if kept is not None and (kept[0] is unit or kept[0] == unit) and kept[1] == effects:
            return kept[2]
        made = profile(of_skill(unit, tools) if isinstance(unit, Skill) else of_tool(unit))
        self._made[unit.name] = (unit, effects, made)
        return made


def _effects(unit: Skill | Manifest, tools: Mapping[str, Manifest]) -> tuple[Effect | None, ...]:
    """What a skill's tools do: all that its unit depends on beside the skill itself."""
    if isinstance(unit, Manifest):
        return ()
    return tuple(tools[step.tool].effect if step.tool in tools else None for step in unit.steps)
