"""The demo's show: takes what happens, draws it, and at the end says whether all of it held."""

from __future__ import annotations

import shlex
import time
from typing import assert_never

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from doer.demos.happening import (
    Approved,
    Began,
    Carried,
    Caught,
    Ended,
    Foreseen,
    Happening,
    Killed,
    Moved,
    Proved,
    ServersUp,
    TakenBack,
    UndoForeseen,
)  # fmt: skip
from doer.domain.value import Json, RunId
from doer.interfaces.cli import demo_view as view
from doer.interfaces.cli import exits
from doer.interfaces.cli.account import Account
from doer.interfaces.cli.changes_view import diff_of_the_world, diff_of_undo
from doer.interfaces.cli.conclude import results
from doer.interfaces.cli.demo_diff import brief_diff, brief_undo
from doer.interfaces.cli.door import Door
from doer.interfaces.cli.look import NAME, QUIET, data
from doer.interfaces.cli.story import Story
from doer.observation.report import RunReport


class Show:
    """One demo in one terminal."""

    def __init__(self, door: Door, scenario: str, sentence: str, began: float, *, full: bool, picture: bool) -> None:
        self.door = door
        self.scenario = scenario
        self.sentence = sentence
        self.run = ""
        self._began = began
        self._full = full
        self._picture = picture
        self._number = 0
        self._board = view.Board(door.out, Story.of(RunId("-"), ()), "")
        self._told: dict[str, Json] = {}
        self._worked: RunReport | None = None
        self._holds: list[bool] = []
        self._code: int | None = None

    def begin(self) -> None:
        """Say what this is."""
        self.door.show(Text.assemble(("doer", NAME), " — automation you can take back"))
        self._waits("starting real servers …")

    def take(self, happening: Happening) -> None:
        """Draw one happening."""
        match happening:
            case Moved(records):
                self._board.story = self._board.story.then(records)
            case Began():
                self._begins(happening)
            case _:
                self.stop()
                self._draw(happening)

    def stop(self) -> None:
        """End whatever is drawn live."""
        self._board.end()

    def end(self) -> int:
        """Say the last words, once; return the exit code."""
        if self._code is None:
            self.stop()
            seconds = time.monotonic() - self._began
            held = bool(self._holds) and all(self._holds)
            self._code = exits.DONE if held else exits.NOT_DONE
            self.door.show(Text(), view.ending(seconds, holds=held))
            if not self._picture:
                self.door.show(Text(), view.tries(self.scenario, lied="break" in self._told))
            self._give(seconds, self._code)
        return self._code

    # --- inside -------------------------------------------------------------------------------------------------------

    def _act(self, title: str) -> None:
        self._number += 1
        self.door.show(view.heading(self._number, title))

    def _waits(self, words: str) -> None:
        self._board = view.Board(self.door.out, Story.of(RunId("-"), ()), words)
        if not self.door.as_json and not self._picture:
            self._board.begin()

    def _begins(self, began: Began) -> None:
        self.stop()
        words = {
            "work": f"process {began.pid} works:",
            "resume": f"process {began.pid} reads back what was under way, and goes on:",
            "undo": "taking it back:",
        }[began.act]
        self._waits(words)
        self._board.story = Story.of(
            self._board.story.run.id if not began.records else began.records[0].run, began.records
        )
        if began.act == "resume":
            self._act("Resumed, in a new process")

    def _draw(
        self,
        happening: ServersUp
        | Foreseen
        | Approved
        | Ended
        | Killed
        | Carried
        | Proved
        | Caught
        | UndoForeseen
        | TakenBack,
    ) -> None:
        match happening:
            case ServersUp():
                if not self._picture:
                    self._act("Real servers")
                    self.door.show(view.servers(happening))
                self._waits("planning …")
            case Foreseen(run):
                self._foreseen(run)
            case Approved():
                self._act("Approval")
                self.door.show(view.approval(happening))
            case Ended():
                self._ended(happening)
            case Killed():
                self._act("Work, and a kill in the middle of it")
                self.door.show(*(() if self._picture else (self._board.steps(), Text())), view.killed(happening))
                self._told |= {"killed": True, "kill": _killed(happening)}
            case Carried():
                self._carried(happening)
            case Proved():
                self._act("Proof")
                assert self._worked is not None
                self.door.show(
                    view.proof(happening, self._worked), Text("    its receipt, to be kept elsewhere:", QUIET)
                )
                self.door.line(Text(f"    {happening.receipt}", "cyan"))
                self._holds.append(happening.holds and self._worked.status == "done")
                self._told |= {"duplicates": len(happening.duplicates), "proof": _proved(happening)}
                self._waits("looking at what the undo would change …")
            case Caught():
                self._caught(happening)
            case UndoForeseen(run):
                self._act("Undo")
                if not self._picture:
                    self.door.show(diff_of_undo(run) if self._full else brief_undo(run))
            case TakenBack():
                self._taken_back(happening)
            case _:
                assert_never(happening)

    def _foreseen(self, run: RunReport) -> None:
        self.run = run.id
        self._act("The sentence, and the diff of the world")
        self.door.show(Padding(Text.assemble("“", data(run.goal, NAME), "”"), (0, 0, 0, 2)))
        shown: RenderableType = diff_of_the_world(run) if self._full else brief_diff(run)
        self.door.show(Padding(shown, (0, 0, 0, 2)))

    def _carried(self, happening: Carried) -> None:
        self._worked = happening.run
        if not happening.resumed:
            self._act("Work")
        elif happening.reconciled:
            self.door.show(view.reconciled(happening.reconciled), Text())
        self.door.show(self._board.steps(), view.carried(happening))
        if happening.resumed:
            found: Json = [{"step": each.step, "tool": each.tool, "how": each.how} for each in happening.reconciled]
            self._told |= {"resumed": True, "reconciled": found}

    def _caught(self, happening: Caught) -> None:
        self._act(f"What the {happening.service} server did, and what doer made of it")
        self.door.show(view.caught(happening))
        self._holds.append(happening.holds)
        self._told |= {
            "duplicates": len(happening.duplicates),
            "break": {"kind": happening.kind, "service": happening.service, "struck": list(happening.struck),
                      "believed": happening.believed},
            "undo": {"status": happening.run.status, "world_equal": not happening.left, "left": list(happening.left)},
        }  # fmt: skip

    def _taken_back(self, happening: TakenBack) -> None:
        if not self._picture:
            self.door.show(Text(), self._board.steps(), Text())
        self.door.show(view.taken_back(happening))
        undone = happening.run.status in ("undone", "partly_undone")
        self._holds.append(undone and happening.world_equal and happening.before == happening.after)
        self._told["undo"] = {
            "status": happening.run.status, "world_equal": happening.world_equal, "left": list(happening.left),
            "stays": list(happening.stays), "digest_before": happening.before, "digest_after": happening.after,
        }  # fmt: skip

    def _ended(self, happening: Ended) -> None:
        """There was nothing to approve: a question, an abstention, only reads; or somebody said no."""
        run = happening.run
        if self._worked is not None:
            self.door.show(Text("  as you said: it stays as it is", QUIET))
            self._told["undo"] = {"status": run.status, "world_equal": False, "left": []}
            return
        self.run = run.id
        self._worked = run
        story = Story.of(run.id, happening.records)
        code = exits.of_status(run.status)
        if run.status == "done":
            self._act("The sentence, and its answer")
            self.door.show(Padding(Text.assemble("“", data(run.goal, NAME), "”"), (0, 0, 0, 2)), *results(story))
            self._holds.append(True)
            return
        self._code = code
        account = _account(self.scenario, run)
        self._told["account"] = account.to_json()
        self.door.show(Text(), Padding(Text.assemble("“", data(run.goal, NAME), "”"), (0, 0, 0, 2)))
        for number, option in enumerate(run.question.options if run.question is not None else (), 1):
            self.door.show(Text.assemble((f"    {number}  ", QUIET), data(option.label)))
        self._give(time.monotonic() - self._began, code)
        self.door.account(account)

    def _give(self, seconds: float, code: int) -> None:
        shown = None if self._worked is None else self._worked.to_json()
        plain: dict[str, Json] = {"killed": False, "resumed": False, "duplicates": 0, "undo": None}
        told = dict(shown) if isinstance(shown, dict) else {}
        self.door.give({**told, **plain, **self._told, "seconds": round(seconds, 3), "exit": code})


def _killed(happening: Killed) -> Json:
    return {
        "pid": happening.pid,
        "signal": "SIGKILL",
        "verified": list(happening.steps("verified", "unproven")),
        "unknown": list(happening.steps("started", "applied", "unknown")),
        "seen": happening.seen,
        "after_effect": happening.after_effect,
        "before_effect": happening.before_effect,
    }


def _proved(happening: Proved) -> Json:
    return {"foretold": happening.foretold, "effects": happening.effects, "duplicates": list(happening.duplicates),
            "events": happening.events, "journal_ok": happening.sound, "receipt": happening.receipt}  # fmt: skip


def _account(scenario: str, run: RunReport) -> Account:
    """Return the four lines; the demo's world is gone when they are read, so that no run can be named in them."""
    again = f"doer demo {scenario}"
    if run.question is not None:
        said = shlex.quote(f"{run.goal}; …")
        return Account(f"a question: {run.question.text}", "nothing", "nothing: a demo's world ends with it",
                       f"say it in the sentence: {again} {said}")  # fmt: skip
    nearest = f"; the nearest here: {', '.join(run.nearest)}" if run.nearest else ""
    reason = f": {run.reason}" if run.reason else ""
    words = {"abstained": "no plan"}.get(run.status, run.status.replace("_", " "))
    return Account(f"{words}{reason}{nearest}", "nothing", "nothing", f"{again}, with its own sentence")
