"""Wordings of a demo's job by people who had not read the planner, planned against its own servers; nothing is done.

`python -m benchmarks.demo_wordings.judge onboard`, `office`, `onboard2`, or `office2`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import tomllib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from doer import Doer, Plan, Question
from doer.demos.catalog import find_scenario
from doer.domain.template import resolve_all
from doer.testing import ManualClock

HERE = Path(__file__).parent
NAMES = {
    "plan": {"Question": "clear, yet asked", "Abstention": "clear, yet not understood"},
    "ask": {"Question": "rightly asked", "Abstention": "abstained where a question was right"},
    "abstain": {"Question": "asked where nothing was to be done", "Abstention": "rightly abstained"},
}


def judged(case: Mapping[str, str], answer: object) -> str:
    """Return what an answer is worth. A plan is right if it holds every value that the case names."""
    if not isinstance(answer, Plan):
        return NAMES[case["expect"]]["Question" if isinstance(answer, Question) else "Abstention"]
    steps = [
        [step.tool, resolve_all(step.arguments, {}) if not step.needs else repr(step.arguments)]
        for step in answer.steps
    ]
    told = json.dumps(steps, default=str)
    wanted = [case[each] for each in ("name", "start", "manager", "season", "day") if each in case]
    return "right" if case["expect"] == "plan" and all(each in told for each in wanted) else "WRONG"


async def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("list", choices=sorted(each.stem for each in HERE.glob("*.toml")))
    name = asked.parse_args().list
    told_in = tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))
    scenario = find_scenario(told_in["scenario"])
    counts = Counter[str]()
    root = Path(tempfile.mkdtemp())
    with scenario.start(root):
        app = scenario.attach(root).open()
        assert isinstance(app, Doer)
        app.clock = ManualClock(told_in["said_at"])
        for case in told_in["case"]:
            answer = await app.plan(case["text"])
            told = judged(case, answer)
            counts[told] += 1
            print(f"{told:36} {case['text'][:110]}")
        await app.close()
    print(dict(counts))


if __name__ == "__main__":
    asyncio.run(main())
