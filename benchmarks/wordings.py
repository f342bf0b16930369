"""How the planner does on wordings of somebody who does not know it.

Two skills that no demo and no test knows (benchmarks/wordings/skills) and thirty natural wordings for each
(benchmarks/wordings/*.toml), written with their expectations before the planner was ever run on them. Both skills are
loaded at once, as in a company; their tools are described only, and nothing is executed.

    python benchmarks/wordings.py [folder]

prints a table and every case that is not right, and writes benchmarks/results/wordings.json: the name of the folder.
Another folder (benchmarks/wordings2) has its own skills and wordings, and its tools in tools.json.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import platform
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from doer import Abstention, Plan, Question, ToolSpec
from doer.domain.action import Manifest
from doer.domain.goal import Goal
from doer.domain.template import resolve_all
from doer.domain.value import Json, JsonObject, Principal
from doer.planning.propose import SkillPlanner
from doer.planning.skills.file import load_skills
from doer.testing.planner import NothingToRead

HERE = Path(__file__).parent
SAID_AT = datetime(2026, 3, 11, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))  # a Wednesday

OUTCOMES = {
    "right": "right plan",
    "rightly_asked": "rightly asked",
    "rightly_abstained": "rightly abstained",
    "over_asked": "clear, yet asked",
    "missed": "clear, yet abstained",
    "asked_other": "asked, but about something else",
    "abstained_instead": "abstained where a question was right",
    "asked_instead": "asked where nothing was to be done",
    "wrong": "WRONG plan",
    "error": "raised an exception",
}
RIGHT = {"right", "rightly_asked", "rightly_abstained"}
KINDS = ("destination", "date", "amount")


@dataclass(frozen=True, slots=True)
class Case:
    """One wording, and what would be right."""

    text: str
    values: Mapping[str, Sequence[str]] | None
    """Slot -> any of these; None: no plan is right. A slot that is not named must be empty."""
    ask: Sequence[str]
    abstain: bool

    @property
    def group(self) -> str:
        return "clear" if self.values is not None else "must not run" if self.abstain else "missing or ambiguous"


@dataclass(frozen=True, slots=True)
class Suite:
    """The wordings of one skill."""

    skill: str
    tool: str
    kinds: Mapping[str, str]
    cases: Sequence[Case]


@dataclass(frozen=True, slots=True)
class Scored:
    """What came back, and how that compares."""

    case: Case
    outcome: str
    came_back: str
    wrong_slots: Sequence[str] = ()


def read_suite(path: Path) -> Suite:
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    defaults = {name: [value] for name, value in document.get("defaults", {}).items()}
    cases = []
    for each in document["case"]:
        said = each.get("values")
        values = None
        if said is not None:
            named = {name: value if isinstance(value, list) else [value] for name, value in said.items()}
            values = {**defaults, **named}
        cases.append(Case(each["text"].strip(), values, tuple(each.get("ask", ())), bool(each.get("abstain"))))
    return Suite(document["skill"], document["tool"], document["kinds"], cases)


def manifests(tools: Path) -> Sequence[Manifest]:
    """Return the tools as a system would describe them; amounts and optional values in whatever form they come.

    Those of the file where there is one, otherwise those of benchmarks/wordings.
    """
    if tools.exists():
        return [ToolSpec.from_json_schema(each).manifest for each in json.loads(tools.read_text(encoding="utf-8"))]
    described: list[dict[str, object]] = [
        {
            "name": "bank.pay_invoice",
            "description": "Pay an invoice by bank transfer",
            "parameters": {
                "type": "object",
                "properties": {
                    "supplier": {"type": "string"},
                    "amount": {},
                    "invoice": {"type": "string"},
                    "due": {"type": "string", "format": "date"},
                    "account": {"type": "string"},
                    "advice": {},
                },
                "required": ["supplier", "amount", "invoice", "due", "account"],
            },
        },
        {
            "name": "ledger.add_note",
            "description": "Add a note to an entry of the ledger",
            "parameters": {
                "type": "object",
                "properties": {"invoice": {"type": "string"}, "text": {"type": "string"}},
                "required": ["invoice", "text"],
            },
        },
        {
            "name": "courier.book",
            "description": "Book a courier to collect and deliver a parcel",
            "parameters": {
                "type": "object",
                "properties": {
                    "contents": {"type": "string"},
                    "recipient": {"type": "string"},
                    "address": {"type": "string"},
                    "pickup": {"type": "string", "format": "date"},
                    "service": {"type": "string"},
                    "value": {},
                    "tracking": {},
                },
                "required": ["contents", "recipient", "address", "pickup", "service"],
            },
        },
    ]
    return [ToolSpec.from_json_schema(each).manifest for each in described]


def folded(value: Json) -> str:
    """Return text as it is compared: case, outer punctuation, spacing and a leading article do not matter."""
    text = " ".join(str(value).split()).strip(" .,;:!?\"'“”").casefold()
    return re.sub(r"^(?:the|an?|our|my|their|your) ", "", text)


def money(value: Json) -> tuple[Decimal, str] | None:
    """Return number and currency of an amount, in whatever form the planner hands it over."""
    text = " ".join(str(each) for each in value.values()) if isinstance(value, Mapping) else str(value)
    number, currency = re.search(r"\d+(?:\.\d+)?", text), re.search(r"\b[A-Z]{3}\b", text)
    if number is None:
        return None
    try:
        return Decimal(number.group()), currency.group() if currency else ""
    except InvalidOperation:
        return None


def same(kind: str, expected: str, actual: Json) -> bool:
    if kind == "amount":
        return money(expected) == money(actual)
    if kind == "date":
        return expected == actual
    return folded(expected) == folded(actual)


def differing(suite: Suite, expected: Mapping[str, Sequence[str]], actual: JsonObject) -> Sequence[str]:
    """Return the slots whose value is not among those that are right; empty is right where nothing is expected."""
    present = {name: value for name, value in actual.items() if value not in (None, "", [])}
    return [
        name
        for name in dict.fromkeys([*expected, *present])
        if name not in expected
        or name not in present
        or not any(same(suite.kinds.get(name, ""), each, present[name]) for each in expected[name])
    ]


def score(suite: Suite, case: Case, proposal: Plan | Question | Abstention) -> Scored:
    match proposal:
        case Question(slot, text):
            came_back = f"asked for {slot}: {text}"
            if case.values is not None:
                return Scored(case, "over_asked", came_back)
            if case.ask:
                return Scored(case, "rightly_asked" if slot in case.ask else "asked_other", came_back)
            return Scored(case, "asked_instead", came_back)
        case Abstention(reason):
            came_back = f"abstained: {reason}"
            if case.values is not None:
                return Scored(case, "missed", came_back)
            return Scored(case, "rightly_abstained" if case.abstain else "abstained_instead", came_back)
        case Plan():
            return score_plan(suite, case, proposal)


def score_plan(suite: Suite, case: Case, plan: Plan) -> Scored:
    resolved = [(step.tool, resolve_all(step.arguments, {})) for step in plan.steps]
    came_back = "planned " + "; ".join(f"{tool} {json.dumps(got, ensure_ascii=False)}" for tool, got in resolved)
    main = [arguments for tool, arguments in resolved if tool == suite.tool]
    if case.values is None:  # a value for what was to be asked is a guess
        guessed = case.ask if len(case.ask) == 1 else ()
        return Scored(case, "wrong", came_back, guessed)
    if len(main) != 1:
        return Scored(case, "wrong", came_back, ("the tool",))
    wrong = differing(suite, case.values, main[0])
    return Scored(case, "wrong" if wrong else "right", came_back, wrong)


async def measure(suite: Suite, planner: SkillPlanner, tools: Sequence[Manifest]) -> Sequence[Scored]:
    scored = []
    for case in suite.cases:
        goal = Goal(case.text, Principal("colleague@acme.example"), SAID_AT, "Europe/Berlin", "en")
        try:
            proposal = await planner.propose(goal, answers=(), tools=tools, reader=NothingToRead())
        except Exception as failure:  # noqa: BLE001  # it is a result, and the other wordings are still to be measured
            scored.append(Scored(case, "error", f"{type(failure).__name__}: {failure}"))
            continue
        scored.append(score(suite, case, proposal))
    return scored


def counts(suite: Suite, scored: Sequence[Scored]) -> dict[str, Any]:
    outcomes = Counter(each.outcome for each in scored)
    wrong = [each for each in scored if each.outcome == "wrong"]
    groups: dict[str, dict[str, int]] = {}
    for each in scored:
        group = groups.setdefault(each.case.group, {"cases": 0, "right": 0})
        group["cases"] += 1
        group["right"] += each.outcome in RIGHT
    return {
        "cases": len(scored),
        **{name: outcomes[name] for name in OUTCOMES},
        **{
            f"wrong_{kind}s": sum(any(suite.kinds.get(slot) == kind for slot in each.wrong_slots) for each in wrong)
            for kind in KINDS
        },
        "plans_where_none_should_be": sum(each.case.values is None for each in wrong),
        "groups": groups,
    }


def table(figures: Mapping[str, Mapping[str, Any]]) -> str:
    rows = [("", *figures, "both")]
    labels = {
        "cases": "wordings",
        **OUTCOMES,
        **{f"wrong_{kind}s": f"  wrong plans with a wrong {kind}" for kind in KINDS},
        "plans_where_none_should_be": "  wrong plans where none should be",
    }
    for name, label in labels.items():
        numbers = [figure[name] for figure in figures.values()]
        rows.append((label, *map(str, numbers), str(sum(numbers))))
    for group in ("clear", "missing or ambiguous", "must not run"):
        parts = [figure["groups"][group] for figure in figures.values()]
        parts.append({key: sum(each[key] for each in parts) for key in ("cases", "right")})
        rows.append((f"right of those {group}", *(f"{each['right']}/{each['cases']}" for each in parts)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) if index == 0 else cell.rjust(width) for index, (cell, width) in enumerate(pairs))
        for pairs in (list(zip(row, widths, strict=True)) for row in rows)
    )


def commit() -> str:
    """Return the commit that was measured, with a + when planning or intent differ from it."""
    rooms = ["src/doer/planning", "src/doer/intent"]
    git = ["git", "-C", str(HERE.parent)]
    head = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    dirty = subprocess.run([*git, "status", "--short", "--", *rooms], capture_output=True, text=True, check=False)
    return head.stdout.strip() + ("+" if dirty.stdout.strip() else "")


def files_in(folder: Path) -> Sequence[Path]:
    wordings = sorted(folder.glob("*.toml"))
    if not wordings:
        sys.exit(f"there are no wordings (*.toml) in {folder}; name a folder such as benchmarks/wordings2")
    return [*wordings, *sorted((folder / "skills").glob("*.toml")), *folder.glob("tools.json")]


async def main(folder: Path) -> None:
    files = files_in(folder)
    planner, tools = SkillPlanner(load_skills([folder / "skills"])), manifests(folder / "tools.json")
    suites = [read_suite(path) for path in files if path.suffix == ".toml" and path.parent == folder]
    results = {suite.skill: await measure(suite, planner, tools) for suite in suites}
    figures = {suite.skill: counts(suite, results[suite.skill]) for suite in suites}
    print(table(figures))
    for skill, scored in results.items():
        for each in scored:
            if each.outcome not in RIGHT:
                slots = f" ({', '.join(each.wrong_slots)})" if each.wrong_slots else ""
                print(f"\n[{skill}] {OUTCOMES[each.outcome]}{slots}\n  {each.case.text!r}\n  -> {each.came_back}")
    document = {
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in ("doer", "dateparser", "babel", "snowballstemmer")},
        },
        "files": {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files},
        "said_at": SAID_AT.isoformat(),
        "locale": "en",
        "counts": figures,
        "not_right": [
            {
                "skill": skill,
                "text": each.case.text,
                "outcome": each.outcome,
                "wrong_slots": list(each.wrong_slots),
                "came_back": each.came_back,
            }
            for skill, scored in results.items()
            for each in scored
            if each.outcome not in RIGHT
        ],
    }
    (HERE / "results" / f"{folder.name}.json").write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else HERE / "wordings"))
