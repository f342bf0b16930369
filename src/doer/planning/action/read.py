"""Read: what a tool, or a part of it, was read with, and what the network makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from doer.domain.scoring import ToolScore, ToolText
from doer.domain.value import JsonObject
from doer.planning.words.candidates import Listened


@dataclass(frozen=True, slots=True)
class Read:
    """What was read: a tool, or the fields of one object, and what the network makes of it."""

    tool: ToolText
    score: ToolScore
    parameters: JsonObject
    listened: Listened

    def only(self, prefix: str) -> Read:
        """Return the fields that begin so."""
        return self._kept([place for place, each in enumerate(self.tool.parameters) if each.name.startswith(prefix)])

    def without(self, prefixes: tuple[str, ...]) -> Read:
        """Return the fields that begin otherwise."""
        places = enumerate(self.tool.parameters)
        return self._kept([place for place, each in places if not each.name.startswith(prefixes)])

    def outside(self, spans: Sequence[tuple[int, int]]) -> Read:
        """Return what is said elsewhere than there; what was likeliest there may not have been said at all."""
        inside = [
            any(start <= each.start and each.end <= end for start, end in spans)
            for each in self.listened.heard.candidates
        ]
        scores = tuple(
            replace(
                each,
                nothing=each.nothing + sum(chance for chance, left in zip(each.spans, inside, strict=True) if left),
                spans=tuple(0.0 if left else chance for chance, left in zip(each.spans, inside, strict=True)),
            )
            if each.spans
            else each
            for each in self.score.parameters
        )
        return replace(self, score=replace(self.score, parameters=scores))

    def _kept(self, kept: Sequence[int]) -> Read:
        tool = replace(self.tool, parameters=tuple(self.tool.parameters[place] for place in kept))
        score = replace(self.score, parameters=tuple(self.score.parameters[place] for place in kept))
        return replace(self, tool=tool, score=score)
