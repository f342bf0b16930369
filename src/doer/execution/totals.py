"""Totals: how much a run as a whole changes in one system, so that rules can bound what many small steps add up to."""

from __future__ import annotations

from collections.abc import Iterable

from doer.domain.action import ChangeKind
from doer.domain.decision import Totals
from doer.domain.event import Foresight
from doer.domain.foreseen import add_kinds, counted
from doer.domain.ports import Catalog
from doer.domain.run import Run
from doer.domain.value import Json, StepId


def totals(run: Run, step: StepId, found: Foresight, catalog: Catalog) -> Totals:
    """Return what all steps of the run in the system of `step` change together; `found` is what is foreseen of that step now.

    A resource that several steps change counts once. Recipients are the different values of the arguments that decide where
    something irreversible goes.
    """
    state = run.steps[step]
    system = state.step.system
    if run.foreseen is not None and state.foresight is not None and found.effect != "irreversible":
        known = run.foreseen.totals.get(system)
        if known is not None and (found is state.foresight or found.kinds == state.foresight.kinds):
            return known
    kinds: dict[str, ChangeKind] = {}
    recipients: set[str] = set()
    for other, state in run.steps.items():
        foresight = found if other == step else state.foresight
        if foresight is None or state.step.system != system or state.state == "skipped":
            continue
        add_kinds(kinds, foresight)
        if foresight.effect == "irreversible" and (tool := catalog.find(state.step.tool)) is not None:
            addressed = (name for name, role in tool.manifest.roles.items() if role == "destination")
            recipients.update(_texts(foresight.arguments.get(name) for name in addressed))
    return counted(kinds, len(recipients))


def _texts(values: Iterable[Json]) -> set[str]:
    """Every text among the values, addresses in one text counted one by one."""
    found: set[str] = set()
    for value in values:
        if isinstance(value, str):
            found.update(each.strip().casefold() for each in value.split(",") if each.strip())
        elif isinstance(value, list | tuple):
            found |= _texts(value)
    return found
