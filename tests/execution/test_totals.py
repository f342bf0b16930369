"""Totals: what is counted once for a plan is what counting every step would have told."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from tests.domain.strategies import foresights, histories
from tests.domain.test_fold import after

from doer.connectors.catalog import Catalog
from doer.domain.event import Event, Foresight
from doer.execution.totals import totals


@settings(max_examples=100)
@given(histories(), foresights)
def test_what_is_counted_once_is_what_every_step_counted_again_would_tell(
    history: list[Event], found: Foresight
) -> None:
    run = after(*history)
    catalog = Catalog([])

    for step, state in run.steps.items():
        for each in [found, *([] if state.foresight is None else [state.foresight])]:
            assert totals(run, step, each, catalog) == totals(replace(run, foreseen=None), step, each, catalog)
