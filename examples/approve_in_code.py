"""Approve in code: look at what is about to change, agree to what may be taken back, and never to what may not."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from doer import ApprovalRequest, Doer, RunReport, SystemClock, file_tools, open_journal, tool

ANNOUNCED: list[str] = []


@tool(effect="irreversible", roles={"channel": "destination"}, examples=["announce {text} in {channel}"])
def announce(channel: str, text: str) -> None:
    """Announce something to everybody in a channel.

    Args:
        channel: Name of the channel, one word.
        text: What is announced.
    """
    ANNOUNCED.append(f"{channel}: {text}")


def careful(request: ApprovalRequest) -> bool:
    """Approve new lines in notes.md, and undo. Whatever is not `True` is a no."""
    match request.kind:
        case "irreversible":
            return False  # asked once for each such step, by name
        case "undo":
            return True
        case "plan":
            for change in request.changes:
                old, new = change.before, change.after
                print(f"{request.run.goal}: {change.kind} {change.resource}: {old} -> {new}")
            return all(change.resource == "file:notes.md" for change in request.changes)


async def main(folder: Path) -> list[RunReport]:
    clock = SystemClock()
    with open_journal(folder / ".doer", clock) as journal:
        tools = [*file_tools(folder, journal), announce]
        async with Doer(tools=tools, journal=journal, clock=clock, approve=careful) as app:
            approved = await app.do('append the line "the demo moved to 3pm" to notes.md')
            refused = await app.do('append the line "ALL: staff" to sudoers.md')
            # Nobody approved it, so it waits for a person; here the program refuses it for good.
            waiting = await app.do('announce "the demo moved to 3pm" in general')
            return [approved, refused, waiting, await app.refuse(waiting.id, "not by a program")]


if __name__ == "__main__":
    with TemporaryDirectory() as temporary:
        for run in asyncio.run(main(Path(temporary))):
            print(run.status, run.reason)
