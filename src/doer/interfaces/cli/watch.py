"""`doer watch`: one run, live, whoever drives it."""

from __future__ import annotations

from collections.abc import Mapping

from rich.text import Text

from doer.app.workspace import find_workspace, open_workspace
from doer.interfaces.cli.command import Work
from doer.interfaces.cli.conclude import conclude, is_driven
from doer.interfaces.cli.door import Door
from doer.interfaces.cli.look import QUIET, data
from doer.interfaces.cli.naming import find_run
from doer.interfaces.cli.story import Story
from doer.interfaces.cli.teller import Follower, Lively, Plain, Silent, Teller, story_of
from doer.interfaces.cli.word import RunName


async def watch(door: Door, run: RunName) -> int:
    """Follow a run until it ends, whichever process drives it. Ctrl-C ends the watching, never the run.

    It goes on watching while the run waits for a person; with --json, or when no process drives the run, it does not.

    Example: doer watch k3f9
    """
    async with open_workspace(find_workspace(door.start), whole=False, reads=True) as opened:
        run_id = await find_run(opened.journal, run)
        story = await story_of(opened.journal, run_id)
        door.show(Text.assemble((f"run {run_id}  ", QUIET), data(story.report.goal, "bold")))
        teller: Teller = Silent() if door.as_json else Plain(door.out)
        if not door.as_json and door.out.is_terminal:
            teller = Lively(door.out, story, acted=bool(story.started))
        else:
            story = Story.of(run_id, ())  # told from its beginning
        follower = Follower(opened.journal, teller, story)
        with teller:
            await _until_it_ends(door, follower)
        return await conclude(door, opened, follower.story.report)


async def _until_it_ends(door: Door, follower: Follower) -> None:
    while True:
        await follower.catch_up()
        story = follower.story
        if story.rests and (story.report.status not in ("waiting", "needs_answer", "planned") or door.as_json):
            return
        if not story.rests and not await is_driven(follower.journal, story.run.id):
            return  # nobody drives it: the account says how to resume it
        await follower.journal.grown(story.run.id, story.run.seq)


COMMANDS: Mapping[str, Work] = {"watch": watch}
