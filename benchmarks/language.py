"""Understanding, measured: the action model on validation data, beside rules without training and a small language model.

`make language DEV_DATA=FOLDER`, or `python -m benchmarks.language --dev FOLDER`. Validation data are not in the
repository. Weights were never trained on them; the weights of `meant`, of confidence and its curve were fitted there: confidence
is judged out of fold, its weights and its curve. Writes results/language.json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.language_baseline import RuleScorer, small_language_model
from benchmarks.language_picture import bins, picture
from benchmarks.language_robust import WAYS, changed, sgdx, spread
from training.calibrate import judged_out_of_fold, logistic
from training.evaluate import outcome
from training.figures import Outcome, calibration_error, error_by_chance, figures, selective
from training.rows import Row, files_in, rows

from doer.connectors.models.action import WEIGHTS, OnnxScorer
from doer.connectors.models.local import LocalModel, packaged_weights
from doer.domain.action import Manifest
from doer.domain.ports import ActionScorer
from doer.planning.action_model import understand

PUBLISHED = {
    "note": "read, not measured here: ACEBench-EN, its own lenient scorer, normal / special",
    "gpt-4o": [92.7, 93.3], "Qwen2.5-7B": [75.9, 44.7], "Qwen2.5-3B": [40.8, 12.7], "Llama-3.2-3B": [32.7, 10.0],
    "xLAM-7b-r": [18.7, 1.3], "Hammer2.1-3b": [11.8, 1.3],
}  # fmt: skip


def by_file(scorer: ActionScorer, sets: dict[str, list[Row]]) -> tuple[dict[str, Any], list[Outcome]]:
    found, every = {}, list[Outcome]()
    for file, some in sets.items():
        outcomes = [outcome(scorer, row) for row in some]
        found[file] = figures(outcomes)
        every += outcomes
        print(f"  {file:24}", json.dumps(found[file]), flush=True)
    found["all"] = figures(every)
    print(f"  {'all':24}", json.dumps(found["all"]), flush=True)
    return found, every


def fitted_rules(encoder: OnnxScorer, sets: dict[str, list[Row]]) -> RuleScorer:
    """The rules, their gate fitted like that of the model: on these rows."""
    rules = RuleScorer(encoder)
    seen = [
        (0.5, c.near, c.lead, c.tool in {name for name, _ in row.gold})
        for some in sets.values() for row in some for c in outcome(rules, row).considered
    ]  # fmt: skip
    return RuleScorer(encoder, logistic(seen))


def confidence(outcomes: Sequence[Outcome], drawn: Path | None, name: str) -> dict[str, Any]:
    """Calibration out of fold, and its picture."""
    pairs = [(each.signs, each.right) for each in outcomes if each.calls]
    judged = judged_out_of_fold(pairs)
    if drawn is not None:
        title = f"{name}: {len(pairs)} plans on validation rows, each judged by a fit that has not seen it"
        drawn.write_text(picture(judged, calibration_error(judged), title), encoding="utf-8")
    return {
        "plans": len(pairs),
        "ECE out of fold, %": calibration_error(judged), "ECE by chance alone, %": error_by_chance(judged),
        "right by coverage, %": selective(judged),
        "stated, seen, plans": [[round(stated, 3), round(seen, 3), count] for stated, seen, count in bins(judged)],
    }  # fmt: skip


def latency(scorer: OnnxScorer, some: Sequence[Row], pool: Sequence[Manifest], rounds: int) -> dict[str, Any]:
    """Milliseconds a request, tools known before (their meaning is kept), on one core; on a busy machine CPU says more than wall."""
    found = {}
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    for count in (1, 5, 20, 200):
        times, busy = [], []
        for number in range(rounds):
            row = some[number % len(some)]
            tools = spread(pool, list(row.tools[:1]) if count == 1 else list(row.tools), count)
            understand(scorer, row.goal, tools)
            began, used = time.perf_counter(), time.process_time()
            understand(scorer, row.goal, tools)
            times.append(1000 * (time.perf_counter() - began))
            busy.append(1000 * (time.process_time() - used))
        times.sort()
        busy.sort()
        at = (len(times) // 2, int(len(times) * 0.95))
        found[f"{count} tools"] = {
            "wall p50": round(times[at[0]], 1), "wall p95": round(times[at[1]], 1),
            "CPU p50": round(busy[at[0]], 1), "CPU p95": round(busy[at[1]], 1),
        }  # fmt: skip
    return found


def robust(scorer: ActionScorer, some: Sequence[Row], data: Path, most: int) -> dict[str, Any]:
    """The same rows, changed in ways that change no meaning; and SGD under the names of SGD-X."""
    sets = {how: [changed(row, how, random.Random(f"{how} {row.id}")) for row in some] for how in WAYS}
    found: dict[str, Any] = {
        "seal_in_domain": {how: figures([outcome(scorer, row) for row in sets[how]]) for how in WAYS}
    }
    print("robust", json.dumps(found), flush=True)
    if (data / "sgdx_map.jsonl").exists():
        found["sgd, its names and five others"] = {
            how: figures([outcome(scorer, row) for row in rows_]) for how, rows_ in sgdx(data, most).items()
        }
        print("SGD-X", json.dumps(found["sgd, its names and five others"]), flush=True)
    return found


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--dev", type=Path, required=True)
    asked.add_argument("--weights", type=Path, default=WEIGHTS)
    asked.add_argument(
        "--encoder", type=Path, help="the published encoder as exported by training.export, for the rules"
    )
    asked.add_argument("--most", type=int, default=150, help="rows of each file")
    asked.add_argument(
        "--small", type=int, default=30, help="rows for the small language model, at most 100: it is slow"
    )
    asked.add_argument("--rounds", type=int, default=40)
    asked.add_argument("--to", type=Path, default=Path(__file__).parent / "results" / "language.json")
    asked.add_argument("--picture", type=Path, help="where the reliability picture is drawn, as SVG")
    given = asked.parse_args()
    sets = {file: list(rows(given.dev, file, given.most)) for file in files_in(given.dev)}
    if not sets:
        raise SystemExit(f"{given.dev} has no files of rows (*.dev.jsonl.gz) with tools.jsonl beside them")
    in_domain = sets.get("seal_in_domain", ())
    every = [row for some in sets.values() for row in some]
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    scorer = OnnxScorer(given.weights)
    scorer.nearest("hello", [])
    load = time.perf_counter() - began
    told: dict[str, Any] = {
        "machine": f"{platform.processor() or platform.machine()}, {platform.python_version()}, shared and busy: read ratios",
        "date": time.strftime("%Y-%m-%d"), "weights": scorer.name,
        "rows of each file, at most": given.most,
        "load, s": round(load, 2), "memory while loading, MiB": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024,
        "size, bytes": sum(each.stat().st_size for each in given.weights.iterdir() if each.is_file()),
    }  # fmt: skip
    print(json.dumps(told), "\naction model", flush=True)
    told["action model"], outcomes = by_file(scorer, sets)
    told["confidence"] = confidence(outcomes, given.picture, scorer.name)
    print("confidence", json.dumps(told["confidence"]), flush=True)
    if given.encoder:
        print("embedding and rules", flush=True)
        told["embedding and rules"], _ = by_file(fitted_rules(OnnxScorer(given.encoder), sets), sets)
    told["robust"] = robust(scorer, in_domain, given.dev.parent, given.most)
    pool = list({tool.name: tool for row in sets.get("seal_in_domain_shared", every) for tool in row.tools}.values())
    told["memory at its most, MiB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if given.small and (weights := packaged_weights()) is not None:
        model = LocalModel(weights, 1)
        mixed = ("seal_in_domain", "toolalpaca", "acebench_normal", "acebench_special", "snips")
        some = [row for file in mixed for row in sets.get(file, ())] or every
        sample = random.Random(4).sample(some, min(given.small, 100, len(some)))
        told["sample for the small language model"] = compared(model, scorer, sample)
        print(json.dumps(told["sample for the small language model"]), flush=True)
    told["milliseconds, one core"] = latency(
        scorer, in_domain or every, pool, given.rounds
    )  # last: it binds the process
    print(json.dumps(told["milliseconds, one core"]), flush=True)
    told["published"] = PUBLISHED
    given.to.write_text(json.dumps(told, indent=1) + "\n")


def compared(model: LocalModel, scorer: ActionScorer, sample: Sequence[Row]) -> dict[str, Any]:
    """The same rows, read by both."""

    def timed(row: Row, say: Callable[[Row], Any]) -> Outcome:
        began = time.perf_counter()
        calls = say(row)
        return Outcome(row, calls, 0.0, time.perf_counter() - began)

    small = [timed(row, lambda each: small_language_model(model, each)) for row in sample]
    ours = [outcome(scorer, row) for row in sample]
    return {
        name: {**figures(some), "p50, s": round(sorted(each.seconds for each in some)[len(some) // 2], 3)}
        for name, some in (("SmolLM2-135M, constrained", small), ("action model", ours))
    }


if __name__ == "__main__":
    main()
