"""Doubt: what can be seen of a proposed plan that says how likely it is right. How much each weighs is learnt (training/calibrate.py)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from doer.intent.text import word_set
from doer.planning.action.choice import Draft, said_last
from doer.planning.action.schema import tool_words
from doer.planning.matching.fill import overlaps
from doer.planning.words.candidates import Listened, words_of

SIGNS: Final = (
    "weakest call", "relevance", "meant", "distance", "rival", "weakest argument", "margin", "undecided", "arguments",
    "calls", "earlier turns", "mentions left", "words left", "unannounced", "lists",
)  # fmt: skip
"""What `signs` returns, in its order."""
_LEAST: Final = 1e-4
_MARGIN: Final = 4.0
_STOP: Final = word_set("""
    a an the of to for in on at by with from and or as is are was be been it its this that these those i me my we us our you your
    he she they them his her their please can could would will should do does did have has had need want like help get find give
    tell show let make know what which who when where how s re ve ll m t d some any all also then there here about just
    thanks thank hey hi hello information details provide retrieve
    """)


def signs(meant: Sequence[Draft], considered: Sequence[Draft], listened: Listened) -> tuple[float, ...]:
    """Return the signs of a plan made of the drafts that are meant; there is at least one."""
    filled = [each for draft in meant for each in draft.made.filled]
    spans = [span for each in filled for span in each.spans]
    called = {draft.manifest.name for draft in meant}
    rival = max((each.seen.meant for each in considered if each.manifest.name not in called), default=0.0)
    typed = [each for each in said_last(listened) if not overlaps((each.start, each.end), spans)]
    calls = sum(max(len(draft.made.calls), 1) for draft in meant)
    return (
        min(_odds(draft.seen.meant * draft.made.confidence) for draft in meant),
        min(_odds(draft.seen.relevance) for draft in meant),
        min(_odds(draft.seen.meant) for draft in meant),
        1 - min(draft.seen.near for draft in meant),
        rival,
        min((_odds(each.confidence) for each in filled), default=_odds(1.0)),
        min(min(draft.made.margin, _MARGIN) for draft in meant),
        sum(draft.made.undecided for draft in meant),
        math.log1p(len(filled)),
        calls - 1.0,
        float(listened.last > 0),
        float(len(typed)),
        _left(meant, listened, spans),
        sum(draft.made.unannounced for draft in meant),
        float(any(isinstance(each.value, list) for each in filled)),
    )


def _odds(chance: float) -> float:
    kept = min(max(chance, _LEAST), 1 - _LEAST)
    return math.log(kept / (1 - kept))


def _left(meant: Sequence[Draft], listened: Listened, spans: Sequence[tuple[int, int]]) -> float:
    """Share of the last turn's telling words that no argument has taken up and no called tool is described with."""
    known = {word for draft in meant for word in tool_words(draft.manifest)}
    told = [each for each in words_of(listened.heard.text, listened.last) if each[2] not in _STOP]
    left = [each for each in told if each[2][:5] not in known and not overlaps((each[0], each[1]), spans)]
    return len(left) / max(len(told), 1)
