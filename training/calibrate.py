"""Calibrate: when a tool is meant, and how far a confidence can be trusted; fitted on validation data, judged out of fold.

`python -m training.calibrate`. Three passes over the same rows, each with what was fitted before: the choice among tools (a
conditional logit over `doer.planning.action.choice.EVIDENCE`, McFadden 1974); when a tool is meant (logistic regression on its
relevance, its nearness and its lead); and confidence, fitted to what was right: a logistic regression over the signs of
a plan (`doer.planning.action.doubt`), then isotonic regression (pool adjacent violators, Zadrozny and Elkan 2002).
"""

from __future__ import annotations

import argparse
import json
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from doer.connectors.models.action import OnnxScorer
from doer.domain.scoring import Heard, ToolScore, ToolText
from doer.planning.action.choice import EVIDENCE
from doer.planning.action.doubt import SIGNS
from training.evaluate import outcome
from training.figures import Outcome, calibration_error, error_by_chance, figures, ranked, selective
from training.rows import files_in, rows

Points = list[list[float]]


def isotonic(pairs: Sequence[tuple[float, bool]], least: int = 30) -> Points:
    """Return the corners of the best non-decreasing fit, smoothed by blocks of at least so many."""
    blocks: list[list[float]] = []
    for confidence, right in ranked(pairs):
        blocks.append([right, 1.0, confidence])
        while len(blocks) > 1 and (
            blocks[-2][0] / blocks[-2][1] >= blocks[-1][0] / blocks[-1][1] or blocks[-2][1] < least
        ):
            hits, count, total = blocks.pop()
            blocks[-1] = [blocks[-1][0] + hits, blocks[-1][1] + count, blocks[-1][2] + total]
    points = [[0.0, 0.0]]
    points += [[round(total / count, 5), round(hits / count, 4)] for hits, count, total in blocks]
    return points


def trusted(points: Points, raw: float) -> float:
    import numpy as np

    return float(np.interp(raw, [each[0] for each in points], [each[1] for each in points]))


def folds_of(count: int, folds: int = 5, seed: int = 4) -> list[set[int]]:
    """Places dealt into folds."""
    order = list(range(count))
    random.Random(seed).shuffle(order)
    return [set(order[fold::folds]) for fold in range(folds)]


def surely(seen: Sequence[tuple[Sequence[float], bool]], damping: float = 3.0) -> list[float]:
    """Return the weights of the signs and the constant, last; Newton's method, ridge on the signs in units of their spread."""
    import numpy as np

    told = np.array([signs for signs, _ in seen], dtype=float)
    middle, spread = told.mean(axis=0), np.maximum(told.std(axis=0), 1e-6)
    given = np.hstack([(told - middle) / spread, np.ones((len(told), 1))])
    right = np.array([float(each) for _, each in seen])
    ridge = damping * np.diag([*([1.0] * told.shape[1]), 0.0])
    weights = np.zeros(given.shape[1])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-given @ weights))
        slope = given.T @ (right - chance) - ridge @ weights
        weights += np.linalg.solve((given * (chance * (1 - chance))[:, None]).T @ given + ridge, slope)
    plain = weights[:-1] / spread
    return [round(float(each), 4) for each in (*plain, weights[-1] - plain @ middle)]


def sure(weights: Sequence[float], signs: Sequence[float]) -> float:
    """The confidence that these weights give."""
    odds = sum(weight * each for weight, each in zip(weights, (*signs, 1.0), strict=True))
    return 1 / (1 + math.exp(-min(max(odds, -60.0), 60.0)))


def judged_out_of_fold(seen: Sequence[tuple[Sequence[float], bool]], folds: int = 5) -> list[tuple[float, bool]]:
    """Each plan with the confidence of weights and a curve that have not seen it."""
    found = list[tuple[float, bool]]()
    for held in folds_of(len(seen), folds):
        rest = [each for place, each in enumerate(seen) if place not in held]
        weights = surely(rest)
        points = isotonic([(sure(weights, signs), right) for signs, right in rest])
        found += [(trusted(points, sure(weights, seen[place][0])), seen[place][1]) for place in held]
    return found


def logistic(rows_: Sequence[tuple[float, float, float, bool]], steps: int = 400) -> list[float]:
    """Return the weights of relevance (log odds), nearness, lead, being the nearest, and the constant; Newton's method, slightly damped."""
    import numpy as np

    given = np.array([[logit(r), near, lead, float(lead >= 0), 1.0] for r, near, lead, _ in rows_])
    right = np.array([float(y) for *_, y in rows_])
    weights = np.zeros(5)
    for _ in range(min(steps, 40)):
        chance = 1 / (1 + np.exp(-given @ weights))
        slope = given.T @ (right - chance) - 1e-3 * weights
        curve = (given * (chance * (1 - chance))[:, None]).T @ given + 1e-3 * np.eye(5)
        weights += np.linalg.solve(curve, slope)
    return [round(float(each), 4) for each in weights]


def choosing(
    groups: Sequence[Sequence[tuple[Sequence[float], bool]]], steps: int = 300, ridge: float = 0.5
) -> list[float]:
    """Return the weights under which the tools that are right are likeliest among those considered; gradient ascent, damped."""
    import numpy as np

    told = [(np.array([e for e, _ in each]), np.array([right for _, right in each])) for each in groups]
    told = [(evidence, right) for evidence, right in told if right.any() and not right.all()]
    spread = np.maximum(np.concatenate([evidence for evidence, _ in told]).std(axis=0), 1e-6)
    weights = np.zeros(len(spread))
    for step in range(steps):
        slope = -2 * ridge * spread * weights
        for evidence, right in told:
            worth = (evidence / spread) @ weights
            chance = np.exp(worth - worth.max())
            chance /= chance.sum()
            kept = np.where(right, chance, 0) / max(float(chance[right].sum()), 1e-9)
            slope += (evidence / spread).T @ (kept - chance)
        weights += slope * 4.0 / len(told) * min(1.0, 20 / (step + 1) + 0.2)
    return [round(float(each), 4) for each in weights / spread]


def logit(chance: float) -> float:
    kept = min(max(chance, 1e-6), 1 - 1e-6)
    return math.log(kept / (1 - kept))


@dataclass(frozen=True)
class Kept:
    """What the network answered, by what it was asked."""

    scores: dict[tuple[Heard, tuple[ToolText, ...]], Sequence[ToolScore]]
    near: dict[tuple[str, tuple[ToolText, ...]], Sequence[float]]


class Remembering:
    """A scorer that runs the network once for each question: the second pass changes only what is made of the answers."""

    def __init__(self, scorer: OnnxScorer, kept: Kept) -> None:
        self.name, self.meant, self.worth = scorer.name, scorer.meant, scorer.worth
        self.sure, self.trust = scorer.sure, scorer.trust
        self._scorer, self._kept = scorer, kept

    def score(self, heard: Heard, tools: Sequence[ToolText]) -> Sequence[ToolScore]:
        asked = (heard, tuple(tools))
        if asked not in self._kept.scores:
            self._kept.scores[asked] = self._scorer.score(heard, tools)
        return self._kept.scores[asked]

    def nearest(self, text: str, tools: Sequence[ToolText]) -> Sequence[float]:
        asked = (text, tuple(tools))
        if asked not in self._kept.near:
            self._kept.near[asked] = self._scorer.nearest(text, tools)
        return self._kept.near[asked]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--weights", type=Path, required=True)
    asked.add_argument(
        "--dev", type=Path, required=True, nargs="+", help="folders of rows: the validation data, and our own"
    )
    asked.add_argument("--most", type=int, default=150, help="rows of each file")
    given = asked.parse_args()
    told = given.weights / "action.json"
    kept_out = "seal_in_domain_shared"  # for who reports its tools as unseen
    files = [(folder, file) for folder in given.dev for file in files_in(folder) if file != kept_out]
    every = [row for folder, file in files for row in rows(folder, file, given.most)]

    kept = Kept({}, {})

    state = json.loads(told.read_text())
    state["sure"] = None  # what was fitted to other signs is of no use
    told.write_text(json.dumps(state) + "\n")

    def read() -> list[Outcome]:
        scorer = Remembering(OnnxScorer(given.weights), kept)
        return [outcome(scorer, row) for row in every]

    state["worth"] = choosing(
        [[(c.evidence, c.tool in {name for name, _ in each.row.gold}) for c in each.considered] for each in read()]
    )
    told.write_text(json.dumps(state) + "\n")
    seen = [
        (c.relevance, c.near, c.lead, c.tool in {name for name, _ in each.row.gold})
        for each in read()
        for c in each.considered
    ]
    state["meant"] = logistic(seen)
    told.write_text(json.dumps(state) + "\n")
    outcomes = read()
    plans = [(each.signs, each.right) for each in outcomes if each.calls]
    state["sure"] = surely(plans)
    pairs = [(sure(state["sure"], signs), right) for signs, right in plans]
    state["trust"] = isotonic(pairs)
    judged = judged_out_of_fold(plans)
    found = figures(outcomes)
    state["figures"] = (
        f"{len(every)} validation rows: {found['exact calls']}% of requests exactly right, tool F1 {found['tool F1']}, "
        f"parameter F1 {found['parameter F1']}; calibration error out of fold {calibration_error(judged)}%"
    )
    told.write_text(json.dumps(state) + "\n")
    print(
        json.dumps(
            {
                "worth": dict(zip(EVIDENCE, state["worth"], strict=True)), "tools seen": len(seen), "meant": state["meant"], "plans": len(plans),
                "sure": dict(zip((*SIGNS, "always"), state["sure"], strict=True)),
                "ECE before, %": calibration_error(pairs), "ECE out of fold, %": calibration_error(judged), "ECE by chance alone, %": error_by_chance(judged),
                "right by coverage, out of fold, %": selective(judged),
            }
        )
    )  # fmt: skip


if __name__ == "__main__":
    main()
