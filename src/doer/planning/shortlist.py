"""The shortlist: the tools whose words are nearest to what was said, for planners that cannot be shown all of them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from doer.domain.action import Manifest
from doer.intent.text import words
from doer.intent.vocabulary import FUNCTION_WORDS
from doer.planning.schema import mapping

_MANY = 1.2
"""How fast the same word said again counts for less: k1 of BM25 (Robertson and Zaragoza 2009), without length."""


def shortlist(text: str, tools: Sequence[Manifest], most: int) -> list[Manifest]:
    """Return at most so many tools, the nearest first; all of them, in their order, where there are no more than that."""
    if len(tools) <= most:
        return list(tools)
    said = _stems(text)
    documents = [_stems(_told(each)) for each in tools]
    frequency = Counter(stem for each in documents for stem in each)
    rarity = {stem: math.log(1 + len(tools) / count) for stem, count in frequency.items()}

    def score(document: Counter[str]) -> float:
        return sum(
            rarity[stem] * document[stem] * (_MANY + 1) / (document[stem] + _MANY) for stem in said if stem in document
        )

    ranked = sorted(range(len(tools)), key=lambda place: (-score(documents[place]), place))
    return [tools[place] for place in ranked[:most]]


def _told(manifest: Manifest) -> str:
    """Everything that a tool says of itself in words."""
    parameters = mapping(manifest.parameters.get("properties"))
    described = (f"{name} {mapping(each).get('description', '')}" for name, each in parameters.items())
    return " ".join((manifest.name.replace(".", " "), manifest.description, *manifest.examples, *described))


def _stems(text: str) -> Counter[str]:
    return Counter(each.stem for each in words(text.replace("_", " ")) if each.lower not in FUNCTION_WORDS)
