"""How often a sentence ends in the right world over tools that a user brought.

`python -m benchmarks.own_tools.judge theatre|freight|clinic|studio|rental [PART|all] [open]`; PART is a half (a, b) or a kind (one, many, …).

Each sentence runs from words to world, with a fresh company (theatre.py, freight.py, clinic.py, studio.py, rental.py), the packaged weights and somebody who
approves everything. Printed: done (the world is as it should be), asked (a question, nothing changed; `asked!` where it is the
right answer), abstained, wrong (the world changed to something else, or a question was answered with something else). `open`: as if the network were always sure of itself, to see what
the symbols make of readings that the gates would stop.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from benchmarks.own_tools import clinic, freight, rental, studio, theatre

from doer import Doer, RunReport
from doer.app.action_model import packaged
from doer.domain.ports import Planner, Tool
from doer.planning.action_model import ActionPlanner
from doer.testing import CountingEntropy, EagerClock, MemoryJournal

_HERE = Path(__file__).parent
Rows = list[dict[str, Any]]


class Company(Protocol):
    """Its tables, and the tools over them."""

    state: dict[str, Rows]

    def tools(self) -> Sequence[Tool]: ...


class Firm(Protocol):
    """A module that brings a company: when things are said to it, its tables then, and the keys of those whose rows change."""

    @property
    def SAID_AT(self) -> datetime: ...  # noqa: N802
    @property
    def KEYS(self) -> Mapping[str, str]: ...  # noqa: N802
    @property
    def START(self) -> Mapping[str, Sequence[Mapping[str, Any]]]: ...  # noqa: N802
    def Company(self) -> Company: ...  # noqa: N802


FIRMS: Mapping[str, Firm] = {
    "theatre": theatre,
    "freight": freight,
    "clinic": clinic,
    "studio": studio,
    "rental": rental,
}


def is_expected(case: Mapping[str, Any], state: Mapping[str, Rows], firm: Firm) -> bool:
    """Tell whether the world is what the sentence asked for, and nothing else changed."""
    for table, rows in state.items():
        key = firm.KEYS.get(table, "")
        new = [each for each in case.get("new", ()) if each["table"] == table]
        before = {f"{table}:{row[key]}": dict(row) for row in firm.START[table]} if key else {}
        for name in case.get("gone", ()):
            before.pop(name, None)
        for name, fields in case.get("set", {}).items():
            if name in before:
                before[name] |= fields
        after = {f"{table}:{row[key]}": row for row in rows} if key else {}
        kept = {name: row for name, row in after.items() if name in before}
        came = [row for name, row in after.items() if name not in before] if key else rows[len(firm.START[table]) :]
        fits = len(came) == len(new) and all(
            any(all(row.get(name) == value for name, value in each.items() if name != "table") for row in came)
            for each in new
        )
        if kept != before or not fits:
            return False
    return True


def is_told(case: Mapping[str, Any], run: RunReport) -> bool:
    """Tell whether the answer holds every word of `told`, in as many rows as `rows` says, and nothing of `untold`."""
    value = run.told if run.told is not None else [each.result for each in run.steps]
    shown = value if isinstance(value, str) else json.dumps(value)
    held = all(str(each) in shown for each in case.get("told", ())) and not any(
        str(each) in shown for each in case.get("untold", ())
    )
    return held and ("rows" not in case or (isinstance(value, list | tuple) and len(value) == case["rows"]))


def verdict(case: Mapping[str, Any], company: Company, run: RunReport, firm: Firm) -> str:
    """Return done, asked, asked!, abstained, abstained! or wrong; a condition that was read and does not hold is done."""
    if not is_expected({}, company.state, firm):
        return "done" if is_expected(case, company.state, firm) else "wrong"
    if run.status == "needs_answer":
        return "asked!" if case.get("ask") else "asked"
    if case.get("same") and run.status in ("done", "unproven"):
        return "done" if is_told(case, run) else "wrong"
    if case.get("same") and case.get("kind") == "if" and (run.reason or "").startswith("nothing is to be done"):
        return "done"
    expected = any(name in case for name in ("gone", "set", "new", "ask", "same"))
    return "abstained" if expected else "abstained!"


async def tried(
    case: Mapping[str, Any], firm: Firm, planners: Sequence[Planner] | None = None
) -> tuple[str, RunReport]:
    """Say the sentence to a fresh company; return the verdict and the run."""
    company, clock = firm.Company(), EagerClock(firm.SAID_AT)
    app = Doer(
        tools=company.tools(), action_model=True, planners=planners, journal=MemoryJournal(clock), clock=clock, entropy=CountingEntropy(),
        me="sam", approve=lambda _: True,
    )  # fmt: skip
    run = await app.do(case["said"])
    return verdict(case, company, run, firm), run


async def main(name: str, part: str = "all", gates: str = "") -> None:
    """Judge one half or kind of what is said to a company, or all."""
    planners = [ActionPlanner(packaged(), 0.0, 0.0)] if gates == "open" else None
    cases = [
        each
        for each in tomllib.loads((_HERE / f"{name}.toml").read_text())["case"]
        if part in ("all", each.get("half"), each.get("kind"))
    ]
    counted: dict[str, Counter[str]] = {}
    for case in cases:
        found, run = await tried(case, FIRMS[name], planners)
        counted.setdefault(case.get("kind", "all"), Counter())[found] += 1
        told = run.question.text if run.question else run.reason or ""
        calls = "; ".join(f"{each.tool} {json.dumps(dict(each.arguments), default=str)}" for each in run.steps)
        print(f"{found:11} {case['said']}\n            {(calls if found in ('done', 'wrong') else told)[:260]}")
        if run.told is not None:
            print(f"            told: {json.dumps(run.told)[:400]}")
    for kind, each in counted.items():
        if len(counted) > 1:
            print(f"{kind:11} {dict(each)}")
    print(dict(sum(counted.values(), Counter())))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
