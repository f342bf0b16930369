"""How often a sentence ends in the right world over tools that a user brought: `python -m benchmarks.own_tools.judge [a|b|all] [open]`.

Each sentence runs from words to world, with a fresh company (company.py), the packaged weights and somebody who approves
everything. Printed: done (the world is as it should be), asked (a question, nothing changed; `asked!` where it is the
right answer), abstained, wrong (the world changed to something else). `open`: as if the network were always sure of itself, to see what
the symbols make of readings that the gates would stop.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.own_tools.company import START, Company

from doer import Doer, RunReport
from doer.app.action_model import packaged
from doer.domain.ports import Planner
from doer.planning.action_model import ActionPlanner
from doer.testing import CountingEntropy, EagerClock, MemoryJournal

_HERE = Path(__file__).parent
_SAID_AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
_KEYS = {"diary": "entry_id", "letters": "letter_id", "chores": "chore_id", "patrons": "patron_number"}


def is_expected(case: Mapping[str, Any], state: Mapping[str, list[dict[str, Any]]]) -> bool:
    """Tell whether the world is what the sentence asked for, and nothing else changed."""
    for table, rows in state.items():
        key = _KEYS.get(table, "")
        new = [each for each in case.get("new", ()) if each["table"] == table]
        before = {f"{table}:{row[key]}": dict(row) for row in START[table]} if key else {}
        for name in case.get("gone", ()):
            before.pop(name, None)
        for name, fields in case.get("set", {}).items():
            if name in before:
                before[name] |= fields
        after = {f"{table}:{row[key]}": row for row in rows} if key else {}
        kept = {name: row for name, row in after.items() if name in before}
        came = [row for name, row in after.items() if name not in before] if key else list(rows)
        if table == "people":
            came = []
        fits = len(came) == len(new) and all(
            any(all(row.get(name) == value for name, value in each.items() if name != "table") for row in came)
            for each in new
        )
        if kept != before or not fits:
            return False
    return True


def verdict(case: Mapping[str, Any], company: Company, run: RunReport) -> str:
    """Return done, asked, asked!, abstained or wrong."""
    if not is_expected({}, company.state):
        return "done" if is_expected(case, company.state) else "wrong"
    if run.status == "needs_answer":
        return "asked!" if case.get("ask") else "asked"
    expected = any(name in case for name in ("gone", "set", "new", "ask"))
    return "abstained" if expected else "abstained!"


async def tried(case: Mapping[str, Any], planners: Sequence[Planner] | None = None) -> tuple[str, RunReport]:
    """Say the sentence to a fresh company; return the verdict and the run."""
    company, clock = Company(), EagerClock(_SAID_AT)
    app = Doer(
        tools=company.tools(), action_model=True, planners=planners, journal=MemoryJournal(clock), clock=clock, entropy=CountingEntropy(),
        me="sam", approve=lambda _: True,
    )  # fmt: skip
    run = await app.do(case["said"])
    return verdict(case, company, run), run


async def main(half: str = "all", gates: str = "") -> None:
    """Judge one half, or all."""
    planners = [ActionPlanner(packaged(), 0.0, 0.0)] if gates == "open" else None
    cases = [
        each for each in tomllib.loads((_HERE / "sentences.toml").read_text())["case"] if half in ("all", each["half"])
    ]
    counted = Counter[str]()
    for case in cases:
        found, run = await tried(case, planners)
        counted[found] += 1
        told = run.question.text if run.question else run.reason or ""
        calls = "; ".join(f"{each.tool} {json.dumps(dict(each.arguments), default=str)}" for each in run.steps)
        print(f"{found:11} {case['said']}\n            {(calls if found in ('done', 'wrong') else told)[:260]}")
    print(dict(counted))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
