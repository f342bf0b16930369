"""Before: the runs that a person finished before, for goals that speak of one: `the same for Alan`."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from doer.domain.errors import JournalBroken, NewerRecord, PayloadErased
from doer.domain.fold import fold
from doer.domain.ports import Journal
from doer.domain.value import Principal
from doer.planning.compound.again import earlier, looks_back

LOOKED_AT = 200
"""How many runs are looked at, the newest first."""
MOST = 20
"""How many runs a goal is told of."""


async def meant_before(text: str, journal: Journal, me: Principal) -> Sequence[str]:
    """Return the finished runs that a goal may speak of, where it speaks of one; else none."""
    return await finished(journal, me) if looks_back(text) else ()


async def finished(journal: Journal, me: Principal) -> Sequence[str]:
    """Return this person's finished runs, the newest first, as turns of a goal's context. What cannot be read is left out."""
    found: list[str] = []
    for name in (await journal.runs())[:LOOKED_AT]:
        with suppress(PayloadErased, NewerRecord, JournalBroken):
            run = fold(name, await journal.read(name))
            done = run.mode == "do" and run.ended in ("done", "unproven", "partly_undone", "undone")
            if done and run.goal is not None and run.goal.by == me:
                found.append(earlier(run.id, run.goal, run.answers).turn)
        if len(found) == MOST:
            break
    return found
