"""Figures: exact calls, tool F1, parameter F1, abstention, calibration, from pairs of what was said and what is right."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from doer.domain.value import Json
from doer.learning.score import plain, same
from doer.planning.action.choice import Considered
from training.rows import Row

Calls = Sequence[tuple[str, Mapping[str, Json]]]


@dataclass(frozen=True)
class Outcome:
    row: Row
    calls: Calls
    """Empty: it abstained, or asked."""
    raw: float = 0.0
    seconds: float = 0.0
    considered: tuple[Considered, ...] = ()
    signs: tuple[float, ...] = ()

    @property
    def right(self) -> bool:
        return same(self.calls, self.row.gold)


def figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return the figures, in percent."""
    asked = [each for each in outcomes if each.row.gold]
    tools = _f1((Counter(n for n, _ in o.calls), Counter(n for n, _ in o.row.gold)) for o in asked)
    fills = _f1((Counter(_fills(o.calls)), Counter(_fills(o.row.gold))) for o in asked)
    none_said = [each for each in outcomes if not each.calls]
    none_right = [each for each in outcomes if not each.row.gold]
    both = [each for each in none_said if not each.row.gold]
    return {
        "rows": len(outcomes),
        "exact calls": _percent(sum(o.right for o in asked), len(asked)),
        "tool F1": tools, "parameter F1": fills,
        "abstention precision": _percent(len(both), len(none_said)),
        "abstention recall": _percent(len(both), len(none_right)),
        "exact of those answered": _percent(sum(o.right for o in asked if o.calls), sum(bool(o.calls) for o in asked)),
    }  # fmt: skip


def _fills(calls: Calls) -> Iterable[str]:
    return [f"{name}.{key}={plain(value)}" for name, arguments in calls for key, value in arguments.items()]


def _f1(pairs: Iterable[tuple[Counter[str], Counter[str]]]) -> float | None:
    hit = said = right = 0
    for mine, gold in pairs:
        hit, said, right = hit + (mine & gold).total(), said + mine.total(), right + gold.total()
    return round(200 * hit / (said + right), 1) if said + right else None


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


def ranked(pairs: Sequence[tuple[float, bool]]) -> list[tuple[float, float]]:
    """The least sure first, with what is right of it: of answers that are equally sure their share, as their order says nothing."""
    shares = defaultdict[float, list[bool]](list)
    for confidence, right in pairs:
        shares[confidence].append(right)
    return [(each, sum(shares[each]) / len(shares[each])) for each in sorted(shares) for _ in shares[each]]


def calibration_error(pairs: Sequence[tuple[float, bool]], bins: int = 10) -> float:
    """Expected calibration error over bins of equal size, in percent (Naeini et al. 2015)."""
    told = ranked(pairs)
    size = max(1, len(told) // bins)
    groups = [told[start : start + size] for start in range(0, len(told), size)]
    off = sum(abs(sum(c for c, _ in g) - sum(r for _, r in g)) for g in groups)
    return round(100 * off / max(1, len(told)), 2)


def error_by_chance(pairs: Sequence[tuple[float, bool]], draws: int = 200) -> float:
    """The calibration error that so many plans show on average when every confidence is exactly true, in percent.

    The error of bins is never negative, so that few plans show some by chance alone: what was measured is to be read beside this
    (consistency resampling, Bröcker and Smith 2007).
    """
    import numpy as np

    stated = [confidence for confidence, _ in pairs]
    chance = np.random.default_rng(4)
    drawn = (list(zip(stated, chance.random(len(stated)) < stated, strict=True)) for _ in range(draws))
    return round(sum(calibration_error(each) for each in drawn) / draws, 2)


def selective(pairs: Sequence[tuple[float, bool]]) -> dict[str, float]:
    """Share right of the surest part of the answers, by coverage."""
    surest = ranked(pairs)[::-1]
    found = {}
    for share in (0.1, 0.3, 0.5, 0.7, 1.0):
        part = surest[: max(1, round(share * len(surest)))]
        found[f"{share:.0%}"] = round(100 * sum(right for _, right in part) / len(part), 1)
    return found
