"""Names of runs as people type them: whole, or as much of the beginning as is needed."""

from __future__ import annotations

from difflib import get_close_matches

from doer.domain.errors import UnknownRun
from doer.domain.ports import Journal
from doer.domain.value import RunId
from doer.interfaces.cli.escape import visible


async def find_run(journal: Journal, typed: str) -> RunId:
    """Return the run that is meant. Raises UnknownRun that names the nearest, when it is none or several."""
    known = await journal.runs()
    typed = typed.strip()
    if typed in known:
        return RunId(typed)
    fitting = [run for run in known if typed and run.startswith(typed.lower())]
    if len(fitting) == 1:
        return fitting[0]
    shown = visible(typed[:80])
    if fitting:
        raise UnknownRun(
            f"{shown!r} is the beginning of {len(fitting)} runs: {', '.join(fitting[:5])}; type more of it"
        )
    if not known:
        raise UnknownRun(f"there is no run {shown!r}: nothing was asked here yet")
    near = get_close_matches(typed.lower(), known, 1, 0.5)
    hint = f"did you mean {near[0]}?" if near else f"the latest is {known[0]}"
    raise UnknownRun(f"there is no run {shown!r}; {hint}")
