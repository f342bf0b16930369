"""The account of a failure or of a wait: four lines that every command ends with when it did not simply succeed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, assert_never

from doer.domain.action import system_of
from doer.domain.run import State
from doer.domain.value import Json, StepId
from doer.interfaces.cli.escape import visible
from doer.observation.report import RunReport, StepReport

REMARK: Final = "  # "
"""What stands between a command and what is to be known of it: a shell takes no notice of what follows."""
USUAL_NAMES: Final[Mapping[str, str]] = {
    "database": "crm", "git": "site", "http": "tracker", "directory": "people", "mail": "mail", "calendar": "calendar",
}  # fmt: skip
"""Kind of connection -> what it may be called, in commands that can be pasted."""
_SHOWN = 6
PASTED = 200
"""Characters of a command that a person still pastes."""
NOT_DONE: Final[frozenset[State]] = frozenset({"planned", "waiting", "held", "skipped", "failed"})
"""States in which a step has changed nothing."""
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
    """Exactly what to type: it can be pasted as it is."""
    remark: str = ""
    """What is to be known of the command; a comment to a shell."""
    otherwise: tuple[str, ...] = ()
    """Other commands, each of which can be pasted, with its own remark if any."""

    @property
    def lines(self) -> tuple[str, ...]:
        """The commands as lines, remarks and all."""
        return remarked(self.command, self.remark), *self.otherwise

    def to_json(self) -> Json:
        """Return what `--json` shows."""
        return {
            "happened": self.happened,
            "changed": self.changed,
            "next": self.following,
            "command": self.command,
        }


def remarked(command: str, remark: str) -> str:
    """Return the command with a remark behind it that a shell takes no notice of."""
    return f"{command}{REMARK}{remark}" if remark else command


def names(steps: Sequence[StepReport] | Sequence[StepId] | Sequence[str]) -> str:
    """Return the names of steps, not too many of them."""
    told = [each.id if isinstance(each, StepReport) else str(each) for each in steps]
    more = f" and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
    return ", ".join(told[:_SHOWN]) + more


def count(number: int, noun: str) -> str:
    """Return `1 step`, `2 steps`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def account_of_run(shown: RunReport, *, driven: bool = False, missing: str = "", system: str = "") -> Account | None:
    """Return the account of a run that is not simply done; None when it is.

    `driven`: a process drives it at this moment; `missing`: the connection that would be needed, where that is known;
    `system`: where it went wrong, where no step tells.
    """
    match shown.status:
        case "done" | "planned" | "undone":
            return None
        case "running":
            return _running(shown, driven=driven)
        case "needs_answer":
            return _asked(shown)
        case "waiting":
            return _waiting(shown)
        case "abstained":
            return _abstained(shown, missing)
        case "unproven" | "partly_undone" | "partly_rolled_back" | "rolled_back" | "refused" | "failed" | "cancelled":
            return _ended(shown, system)
        case _:
            assert_never(shown.status)


def _asked(shown: RunReport) -> Account:
    question = shown.question
    asked, options = (question.text, question.options) if question is not None else (shown.reason, ())
    changed, following = left_in_the_world(shown), "waits for your answer, as long as it takes"
    in_words = f'doer answer {shown.id} "…"'
    if not options:
        return Account(f"a question: {asked}", changed, following, in_words, "in your words")
    # An option is data: it is shown by its number, and never stands in a line that is pasted into a shell.
    listed = "".join(f"\n{number}  {visible(option.label)}" for number, option in enumerate(options, 1))
    by_number = tuple(f"doer answer {shown.id} {number}" for number in range(1, len(options) + 1))
    return Account(
        f"a question: {asked}{listed}", changed, following, by_number[0],
        otherwise=(*by_number[1:], remarked(in_words, "in other words")),
    )  # fmt: skip


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


def why_stays(step: StepReport) -> str:
    """Say why a step cannot be taken back as things stand; nothing when it can."""
    match step.state:
        case "undone":
            return "it is taken back already"
        case "conflict":
            return f"no: {step.reason or 'somebody changed it since, and that is never overwritten'}"
        case state if state in NOT_DONE:
            return "it did nothing"
        case "unknown" | "started" | "refuted":
            return f"not certain: {step.reason or 'its outcome is not known'}"
        case _:
            return "" if step.reversible else "no: its system has no way back; that was named before it was approved"


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
    if blocked := next((step for step in shown.steps if step.blocked), None):
        return _blocked(shown, blocked, changed)
    doubtful = next((step for step in shown.steps if step.state in ("unknown", "started")), None)
    if doubtful is not None:
        return Account(
            f"{shown.reason} — in {system_of(doubtful.tool)}", changed,
            "waits for you to look there and say; it never tries blindly again", f"doer answer {shown.id} {doubtful.id} 1", "it is done",
            (remarked(f"doer answer {shown.id} {doubtful.id} 2", "it is not: do it"),
             remarked(f"doer answer {shown.id} {doubtful.id} 3", "give up and take back the rest")),
        )  # fmt: skip
    if shown.until is not None and not any(step.state == "waiting" for step in shown.steps):
        return Account(
            shown.reason, changed, "goes on when somebody carries it on after that time; nothing is held until then",
            f"doer resume {shown.id}", f"after {shown.until:%Y-%m-%d %H:%M} UTC", (f"doer cancel {shown.id}",),
        )  # fmt: skip
    if shown.undo_changes or shown.reason.startswith("the undo"):
        return Account(
            "the undo waits for your approval", changed, "takes back exactly what is shown, once you approve",
            f"doer approve {shown.id}", otherwise=(f"doer refuse {shown.id}",),
        )  # fmt: skip
    by_name = waiting_by_name(shown)
    named = "".join(f" {step.id}" for step in by_name)
    said = f"waits for approval: {shown.reason}"
    return Account(
        said, changed, "waits for your word, also for days (an approval lasts 7 days)",
        f"doer approve {shown.id}{named}", otherwise=(f"doer refuse {shown.id}",),
    )  # fmt: skip


def _blocked(shown: RunReport, step: StepReport, changed: str) -> Account:
    told = f"waits for a credential: {step.blocked} — in {system_of(step.tool)}"
    following, again = "goes on from where it is, once the credential is renewed", f"doer resume {shown.id}"
    cancel = f"doer cancel {shown.id}"
    if renews := re.search(r"`(doer connect [\w ]+)`", step.blocked):
        return Account(told, changed, following, renews[1], "and it goes on by itself",
                       (remarked(again, "where it was renewed elsewhere"), cancel))  # fmt: skip
    return Account(told, changed, following, again, "once that is done; `doer connect` goes on by itself", (cancel,))


def waiting_by_name(shown: RunReport) -> tuple[StepReport, ...]:
    """Return the steps that cannot be taken back and did not happen yet: each is approved by its name."""
    return tuple(step for step in shown.irreversible if step.state in ("planned", "waiting", "held"))


def _abstained(shown: RunReport, missing: str) -> Account:
    nearest = f"; the nearest here: {', '.join(shown.nearest)}" if shown.nearest else "; there are no tools here yet"
    connecting = re.search(r": (doer connect (\w+)) NAME$", missing)
    lacks = f"; missing: {missing[: connecting.start()] if connecting else missing}" if missing else ""
    near = f"doer tools show {shown.nearest[0]}" if shown.nearest else "doer tools list"
    reason = shown.reason.partition("; nearest: ")[0]  # a planner may name them too
    happened = f"no plan: {reason}{nearest}{lacks}"
    kept, can = "nothing; what was asked is kept in the journal", remarked("doer can", "sentences that work here")
    if connecting is None:
        return Account(happened, "nothing", kept, near, otherwise=(can,))
    connect = f"{connecting[1]} {USUAL_NAMES.get(connecting[2], connecting[2])}"
    return Account(
        happened, "nothing", kept, connect, "and say it again", (remarked(near, "how the nearest is said"), can)
    )


def _ended(shown: RunReport, system: str) -> Account:
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
    systems = {system_of(step.tool) for step in shown.steps}
    named = system_of(culprit.tool) if culprit is not None else system or (systems.pop() if len(systems) == 1 else "")
    where = f" — in {named}" if named else ""
    reason = f": {shown.reason}" if shown.reason else ""
    if shown.status in ("partly_undone", "partly_rolled_back"):
        reason += "".join(f"; {step.id}: {step.reason}" for step in _conflicts(shown)[:3] if step.reason)
    changed = left_in_the_world(shown)
    take_back = f"doer undo {shown.id}"
    following: tuple[str, ...] = {
        "unproven": (take_back,),
        "partly_undone": (remarked(take_back, "tries the rest again"),),
        "partly_rolled_back": (remarked(take_back, "tries the rest again"),),
    }.get(shown.status, ())
    if shown.status == "failed" and changed == "nothing" and (again := _again(shown.goal)):
        return Account(f"{told}{where}{reason}", changed, "nothing more by itself", again, "once that is mended",
                       (f"doer show {shown.id}",))  # fmt: skip
    return Account(
        f"{told}{where}{reason}", changed, "nothing more by itself", f"doer show {shown.id}", otherwise=following
    )


def _again(goal: str) -> str:
    """Return the command that asks for the goal anew; nothing where it would be no line that a person pastes."""
    return f"doer do {shlex.quote(goal)}" if len(goal) <= PASTED and visible(goal) == goal else ""


def _conflicts(shown: RunReport) -> list[StepReport]:
    return [step for step in shown.steps if step.state == "conflict"]
