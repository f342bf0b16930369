"""Remembering: what the network said of one request, so that the same words are not read twice with the same tool."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from doer.domain.ports import ActionScorer
from doer.domain.scoring import Heard, ToolScore, ToolText


@dataclass(frozen=True, slots=True)
class Remembering:
    """An `ActionScorer` for one request: its candidates follow from the words, and the tools are the same all the while."""

    scorer: ActionScorer
    read: dict[tuple[str, ToolText], ToolScore] = field(default_factory=dict)
    told: dict[str, Sequence[float]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of what it asks."""
        return self.scorer.name

    def nearest(self, text: str, tools: Sequence[ToolText]) -> Sequence[float]:
        """Return how near in meaning each tool is to the text, -1 … 1; the tools are those that were asked about first."""
        if text not in self.told:
            self.told[text] = self.scorer.nearest(text, tools)
        return self.told[text]

    def score(self, heard: Heard, tools: Sequence[ToolText]) -> Sequence[ToolScore]:
        """Return what the network makes of each tool; it reads those that it has not read with these words."""
        new = [each for each in dict.fromkeys(tools) if (heard.text, each) not in self.read]
        for tool, told in zip(new, self.scorer.score(heard, new) if new else (), strict=True):
            self.read[heard.text, tool] = told
        return [self.read[heard.text, each] for each in tools]

    def meant(self, relevance: float, near: float, lead: float) -> float:
        """Return the probability that a tool is meant."""
        return self.scorer.meant(relevance, near, lead)

    def worth(self, evidence: Sequence[float]) -> float:
        """Return how well a tool answers a request."""
        return self.scorer.worth(evidence)

    def sure(self, signs: Sequence[float]) -> float:
        """Return the confidence in a plan."""
        return self.scorer.sure(signs)

    def trust(self, raw: float) -> float:
        """Return how often a plan with this raw confidence is right."""
        return self.scorer.trust(raw)
