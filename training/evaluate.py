"""Evaluate: exported weights on the validation data. `python -m training.evaluate`"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from doer.connectors.models.action import OnnxScorer
from doer.domain.errors import UsageError
from doer.domain.ports import ActionScorer
from doer.domain.value import Json, Provenance
from doer.planning.action_model import Call, understand
from doer.planning.lookup.find import Told
from doer.planning.lookup.joined import signs_with
from training.figures import Outcome, figures
from training.rows import Row, files_in, rows


def outcome(scorer: ActionScorer, row: Row) -> Outcome:
    """What the model says of a row, whatever its confidence; a call that lacks what is required, or was told what cannot be, is a question."""
    began = time.perf_counter()
    try:
        understood = understand(scorer, row.goal, row.tools, row.looked)
    except UsageError:
        return Outcome(row, ())
    asks = any(_asks(call, row) for call in understood.calls)
    calls = () if asks else tuple((call.tool, _told(call, row)) for call in understood.calls)
    signs, raw = understood.signs, understood.raw
    if len(understood.calls) == 1 and (told := _looked_up(understood.calls[0], row)):
        signs = signs_with(understood.meant, understood.drafts, understood.listened, told)
        raw = scorer.sure(signs)
    return Outcome(row, calls, raw, time.perf_counter() - began, understood.considered, signs)


def _looked_up(call: Call, row: Row) -> list[Told]:
    """What reads would tell of a call: its row by the words that describe it, whichever tool is called with it; its people."""
    own = [(tool, name, words) for tool, name, words in row.described if tool == call.tool or call.tool in row.looked]
    places = [row.goal.text.casefold().find(words.casefold()) for *_, words in own]
    return [
        Told(name, ("",), (Provenance("read", ""),), ((start, start + len(words)),))
        for (_, name, words), start in zip(own, places, strict=True)
        if start >= 0
    ]


def _asks(call: Call, row: Row) -> bool:
    lacks = (*call.missing, *(each.name for each in call.malformed))
    return any((call.tool, name) not in row.unsaid for name in lacks)


def _told(call: Call, row: Row) -> dict[str, Json]:
    """The arguments, less those that a read would tell; of a reference the tool and the field."""
    told = {**call.arguments, **{each.parameter: f"${each.tool}.{each.field}" for each in call.results}}
    return {name: value for name, value in told.items() if (call.tool, name) not in row.unsaid}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--weights", type=Path, required=True)
    asked.add_argument("--dev", type=Path, required=True)
    asked.add_argument("--most", type=int, default=150)
    asked.add_argument("--files", nargs="*", help="default: every file of rows there")
    asked.add_argument("--to", type=Path, help="where every outcome is written, for calibration")
    asked.add_argument("--show", type=int, default=0, help="so many wrong ones")
    given = asked.parse_args()
    scorer = OnnxScorer(given.weights)
    kept = []
    for file in given.files or files_in(given.dev):
        found = [outcome(scorer, row) for row in rows(given.dev, file, given.most)]
        told = figures(found)
        times = sorted(each.seconds for each in found)
        print(f"{file:24}", json.dumps(told), f"p50 {times[len(times) // 2] * 1000:.0f} ms", flush=True)
        kept += [
            {
                "file": file,
                "id": o.row.id,
                "raw": o.raw,
                "right": o.right,
                "calls": bool(o.calls),
                "gold": bool(o.row.gold),
                "considered": [
                    [c.relevance, c.near, c.lead, c.tool in {name for name, _ in o.row.gold}] for c in o.considered
                ],
            }
            for o in found
        ]
        for each in [o for o in found if not o.right][: given.show]:
            print(
                "   ",
                each.row.goal.context[-2:],
                each.row.goal.text[:300],
                "\n      said",
                each.calls,
                "\n      gold",
                each.row.gold,
            )
    if given.to:
        given.to.write_text("\n".join(map(json.dumps, kept)) + "\n")


if __name__ == "__main__":
    main()
