"""A scorer that says what a test wrote down: a real `ActionScorer` at the seam, so that what comes after needs no weights."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from doer.domain.scoring import Heard, ParameterScore, ParameterText, ToolScore, ToolText


class ScriptedScorer:
    """An `ActionScorer` that is sure of what a test wrote down.

    Args:
        wanted: Tool -> parameter -> the words that are meant, or several of them; of an enumeration the choice.
        several: Probability that a tool is called more than once.
        sure: Relevance of the tools that are wanted.
    """

    def __init__(
        self, wanted: Mapping[str, Mapping[str, str | Sequence[str]]], several: float = 0.0, sure: float = 0.97
    ) -> None:
        self.name = "scripted"
        self._wanted = wanted
        self._several = several
        self._sure = sure

    def nearest(self, text: str, tools: Sequence[ToolText]) -> Sequence[float]:
        """Return .9 for what is wanted, .1 for all else; a little more for each word of its name in the text."""
        said = set(text.casefold().replace(".", " ").split())
        return [
            (0.9 if each.name in self._wanted else 0.1) + 0.01 * len(said & set(each.name.split("_"))) for each in tools
        ]

    def meant(self, relevance: float, near: float, lead: float) -> float:
        """Return the relevance."""
        return relevance

    def worth(self, evidence: Sequence[float]) -> float:
        """Return what nearness, relevance, completeness and words taken up make together."""
        near, relevance, missing, taken, _, before = evidence
        return 3.5 * near + 0.65 * relevance - 0.9 * missing + 1.1 * taken - 3 * before

    def sure(self, signs: Sequence[float]) -> float:
        """Return the confidence in the weakest call."""
        return 1 / (1 + math.exp(-signs[0]))

    def trust(self, raw: float) -> float:
        """Return it as it is."""
        return raw

    def score(self, heard: Heard, tools: Sequence[ToolText]) -> Sequence[ToolScore]:
        """Return what was written down."""
        return [
            ToolScore(
                self._sure if tool.name in self._wanted else 0.02,
                self._several,
                tuple(
                    self._one(heard, each, self._wanted.get(tool.name, {}).get(each.name)) for each in tool.parameters
                ),
            )
            for tool in tools
        ]

    def _one(self, heard: Heard, parameter: ParameterText, wanted: str | Sequence[str] | None) -> ParameterScore:
        if parameter.choices:
            hits = [float(each == wanted) for each in parameter.choices]
            return ParameterScore(0.02 if any(hits) else 0.98, (), tuple(0.97 * hit for hit in hits))
        words = [wanted] if isinstance(wanted, str) else list(wanted or ())
        hits = [float(heard.text[each.start : each.end] in words) for each in heard.candidates]
        share = 0.97 / (sum(hits) or 1)
        return ParameterScore(0.02 if any(hits) else 0.98, tuple(share * hit for hit in hits), ())
