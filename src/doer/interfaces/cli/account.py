"""The account of a failure or of a wait: four lines that every command ends with when it did not simply succeed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from doer.domain.errors import (
    AlreadyDriven,
    DoerError,
    JournalBroken,
    JournalError,
    JournalUnwritable,
    NewerRecord,
    NotNow,
    OutcomeUnknown,
    PayloadErased,
    ToolError,
    UnknownRun,
    UsageError,
)
from doer.domain.value import Json, StepId
from doer.observation.report import RunReport, StepReport

_SHOWN = 6
_WRONG = ("refuted", "failed", "conflict", "unproven")


@dataclass(frozen=True, slots=True)
class Account:
    """What happened, what has changed, what comes next, and what to type."""

    happened: str
    """What happened, and in which system."""
    changed: str
    following: str
    """What doer will do next."""
    command: str

    def to_json(self) -> Json:
        """Return what `--json` shows."""
        return {
            "happened": self.happened,
            "changed": self.changed,
            "next": self.following,
            "command": self.command,
        }


def system_of(tool: str) -> str:
    """Return the connection that a tool belongs to: what stands before its last dot, or the tool itself."""
    return tool.rpartition(".")[0] or tool


def names(steps: Sequence[StepReport] | Sequence[StepId] | Sequence[str]) -> str:
    """Return the names of steps, not too many of them."""
    told = [each.id if isinstance(each, StepReport) else str(each) for each in steps]
    more = f" and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
    return ", ".join(told[:_SHOWN]) + more


def count(number: int, noun: str) -> str:
    """Return `1 step`, `2 steps`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def account_of_run(shown: RunReport, *, driven: bool = False, missing: str = "") -> Account | None:
    """Return the account of a run that is not simply done; None when it is.

    `driven`: a process drives it at this moment; `missing`: the connection that would be needed, where that is known.
    """
    match shown.status:
        case "done" | "planned" | "undone":
            return None
        case "running":
            return _running(shown, driven=driven)
        case "needs_answer":
            question = shown.question
            asked = question.text if question is not None else shown.reason
            hint = "1" if question is not None and question.options else "…"
            return Account(
                f"a question: {asked}", left_in_the_world(shown), "waits for your answer, as long as it takes",
                f'doer answer {shown.id} "{hint}"',
            )  # fmt: skip
        case "waiting":
            return _waiting(shown)
        case "abstained":
            return _abstained(shown, missing)
        case "unproven" | "partly_undone" | "partly_rolled_back" | "rolled_back" | "refused" | "failed" | "cancelled":
            return _ended(shown)
        case _:
            assert_never(shown.status)


def left_in_the_world(shown: RunReport) -> str:
    """Say what the run has changed so far and not taken back."""
    written = [step for step in shown.steps if step.effect != "read"]
    standing = [step for step in written if step.state in ("verified", "unproven", "conflict", "applied")]
    doubtful = [step for step in written if step.state in ("started", "unknown", "refuted")]
    undone = [step for step in written if step.state == "undone"]
    told = []
    if standing:
        told.append(f"{count(len(standing), 'step')} in effect ({names(standing)})")
    if doubtful:
        told.append(f"not certain: {names(doubtful)}")
    if undone:
        told.append(f"{count(len(undone), 'step')} taken back")
    if not standing and not doubtful:
        told.append("nothing is left of it" if undone else "nothing")
    return "; ".join(told)


def _running(shown: RunReport, *, driven: bool) -> Account:
    if driven:
        return Account(
            "it is under way in another process", left_in_the_world(shown), "goes on there", f"doer watch {shown.id}"
        )
    return Account(
        "it was interrupted: no process drives it", left_in_the_world(shown),
        "reads back what was under way, and goes on from there without doing anything twice", f"doer resume {shown.id}",
    )  # fmt: skip


def _waiting(shown: RunReport) -> Account:
    changed = left_in_the_world(shown)
    doubtful = next((step for step in shown.steps if step.state in ("unknown", "started")), None)
    if doubtful is not None:
        return Account(
            f"{shown.reason} — in {system_of(doubtful.tool)}", changed,
            "waits for you to look and say; it never tries blindly again",
            f"doer answer {shown.id} {doubtful.id} 1 (it is done) · 2 (it is not: do it) · 3 (give up)",
        )  # fmt: skip
    if shown.undo_changes or shown.reason.startswith("the undo"):
        return Account(
            "the undo waits for your approval", changed, "takes back exactly what is shown, once you approve",
            f"doer approve {shown.id} · doer refuse {shown.id}",
        )  # fmt: skip
    by_name = waiting_by_name(shown)
    named = "".join(f" {step.id}" for step in by_name)
    said = f"waits for approval: {shown.reason}"
    return Account(
        said, changed, "waits for your word, also for days (an approval lasts 7 days)",
        f"doer approve {shown.id}{named} · doer refuse {shown.id}",
    )  # fmt: skip


def waiting_by_name(shown: RunReport) -> tuple[StepReport, ...]:
    """Return the steps that cannot be taken back and did not happen yet: each is approved by its name."""
    return tuple(step for step in shown.irreversible if step.state in ("planned", "waiting", "held"))


def _abstained(shown: RunReport, missing: str) -> Account:
    nearest = f"; the nearest here: {', '.join(shown.nearest)}" if shown.nearest else "; there are no tools here yet"
    lacks = f"; missing: {missing}" if missing else ""
    first = f"doer tools show {shown.nearest[0]}" if shown.nearest else "doer tools list"
    return Account(
        f"no plan: {shown.reason}{nearest}{lacks}", "nothing", "nothing; what was asked is kept in the journal", first
    )


def _ended(shown: RunReport) -> Account:
    stays = [step for step in shown.steps if step.effect != "read" and step.state in ("verified", "unproven")]
    if (
        shown.status == "partly_undone"
        and stays
        and all(not step.reversible for step in stays)
        and not _conflicts(shown)
    ):
        return Account(
            f"taken back, all but {names(stays)}, which cannot be and was named beforehand", left_in_the_world(shown),
            "nothing more by itself", f"doer show {shown.id}",
        )  # fmt: skip
    told = {
        "unproven": "done, but not all of it could be proved",
        "partly_undone": "taken back in part",
        "partly_rolled_back": "given up, and taken back in part",
        "rolled_back": "given up, and taken back",
        "refused": "refused",
        "failed": "not done",
        "cancelled": "cancelled",
    }[shown.status]
    culprit = next((step for step in shown.steps if step.state in _WRONG), None) or next(
        (step for step in shown.steps if f"{step.id} ({step.tool})" in shown.reason), None
    )
    where = f" — in {system_of(culprit.tool)}" if culprit is not None else ""
    reason = f": {shown.reason}" if shown.reason else ""
    if shown.status in ("partly_undone", "partly_rolled_back"):
        reason += "".join(f"; {step.id}: {step.reason}" for step in _conflicts(shown)[:3] if step.reason)
    command = {
        "unproven": f"doer show {shown.id} · doer undo {shown.id}",
        "partly_undone": f"doer show {shown.id}, then doer undo {shown.id} to try the rest again",
        "partly_rolled_back": f"doer show {shown.id}, then doer undo {shown.id} to try the rest again",
    }.get(shown.status, f"doer show {shown.id}")
    return Account(f"{told}{where}{reason}", left_in_the_world(shown), "nothing more by itself", command)


def _conflicts(shown: RunReport) -> list[StepReport]:
    return [step for step in shown.steps if step.state == "conflict"]


def _named_command(text: str) -> str:
    """Return the command of doer that a message names in backticks."""
    found = re.search(r"`(doer [^`]+)`", text)
    return found[1] if found else ""


def _file_to_mend(text: str) -> str:
    named = (
        "doer.toml" in text or "/skills/" in text or "tools.modules" in text
    ) and "correct the file, then: doer doctor"
    return named or "mend it, then the same command again"


def account_of_error(error: BaseException, run: str = "", log: str = "") -> Account:
    """Return the account of an error; `run` where one was begun, `log` where the details of a bug were written."""
    so_far = f"see `doer show {run}`; all of it is in the journal" if run else "nothing"
    text = str(error) or type(error).__name__
    match error:
        case UnknownRun():
            return Account(text, "nothing", "nothing", "doer runs")
        case NotNow():
            by_name = re.search(r"must be approved by name: (.+)$", text)
            command = f"doer show {run}" if run else "doer runs"
            if by_name and run:
                command = f"doer approve {run} {by_name[1].replace(',', '')}"
            return Account(text, "nothing by this command", "nothing", _named_command(text) or command)
        case UsageError():
            return Account(text, so_far, "nothing until it is mended", _named_command(text) or _file_to_mend(text))
        case AlreadyDriven():
            return Account(text, so_far, "goes on in that process", f"doer watch {run}" if run else "doer runs")
        case JournalUnwritable():
            return Account(
                f"{text} — in the journal", so_far, "nothing without a record; it goes on once there is space",
                "free space, then: doer resume",
            )  # fmt: skip
        case JournalBroken():
            return Account(
                f"{text} — in the journal", "nothing by this command", "drives nothing from a record that it cannot trust",
                "doer audit verify",
            )  # fmt: skip
        case NewerRecord() | PayloadErased():
            return Account(f"{text} — in the journal", "nothing by this command", "nothing", "doer audit verify")
        case OutcomeUnknown():
            return Account(text, "not certain", "reads back before it does anything else", f"doer resume {run}".strip())
        case ToolError() | JournalError():
            return Account(text, so_far, "nothing more by itself", f"doer resume {run}" if run else "doer doctor")
        case DoerError():
            return Account(text, so_far, "nothing", "doer doctor")
        case _:
            return Account(
                f"this is a bug in doer: {type(error).__name__}: {text[:300]}", so_far,
                "nothing; the journal is whole, and a run that was under way can be resumed",
                f"doer resume{f' {run}' if run else ''}, and please report {log}" if log else "DOER_DEBUG=1 and again",
            )  # fmt: skip
