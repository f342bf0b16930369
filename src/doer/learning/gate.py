"""The gate: what was learnt takes the place of what is there only if it is better on sentences that neither was trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from typing import Final

from doer.learning.score import Reading, Tally, tally

LEAST: Final = 8
"""Held-out sentences without which nothing is promoted: fewer cannot tell."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the new one is better, and the counts that say so."""

    better: bool
    reason: str
    before: Tally
    after: Tally
    gained: int
    """Held-out sentences that only the new one gets right."""
    lost: int
    """Those that only the present one gets right."""
    chance: float
    """Probability of so many gains or more, were both equally good (sign test, one-sided; McNemar 1947)."""


def judge(before: Sequence[Reading], after: Sequence[Reading]) -> Verdict:
    """Compare readings of the same lessons, in the same order. Raises ValueError where they are not the same."""
    if [each.lesson for each in before] != [each.lesson for each in after]:
        raise ValueError("both must have read the same lessons, in the same order")
    pairs = list(zip(before, after, strict=True))
    gained = sum(new.right and not old.right for old, new in pairs)
    lost = sum(old.right and not new.right for old, new in pairs)
    old, new = tally(before), tally(after)
    reason = _against(old, new, gained, lost)
    told = f"{new.exact} of {new.sentences} held-out sentences exactly right, before {old.exact}"
    chance = sign_test(gained, lost)
    return Verdict(not reason, reason or f"{told} (p = {chance:.2g})", old, new, gained, lost, chance)


def _against(old: Tally, new: Tally, gained: int, lost: int) -> str:
    """What speaks against the new one, the first of it; empty: nothing."""
    if new.sentences < LEAST:
        return f"too few to tell: {new.sentences} held-out sentences, and {LEAST} are needed"
    if gained <= lost or new.exact <= old.exact:
        told = f"{new.exact} of {new.sentences} exactly right, before {old.exact}"
        return f"not better on held-out sentences: {told} ({gained} gained, {lost} lost)"
    worse = [
        name
        for name, is_worse in (
            ("right tools", new.tool < old.tool),
            ("right arguments", (new.parameter_f1 or 0) < (old.parameter_f1 or 0)),
            ("wrong proposals", new.wrong > old.wrong),
            ("corrected plans proposed again", new.repeated > old.repeated),
        )
        if is_worse
    ]
    return f"better in exact calls, worse in {', '.join(worse)}" if worse else ""


def sign_test(gained: int, lost: int) -> float:
    """Return the one-sided probability of at least `gained` of `gained + lost`, each as likely as the other."""
    count = gained + lost
    return sum(comb(count, k) for k in range(gained, count + 1)) / 2**count if count else 1.0
