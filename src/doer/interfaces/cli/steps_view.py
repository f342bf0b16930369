"""The steps of a run, one line each, as they turn from planned to done to verified."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from doer.domain.event import Recorded, StepApplied, StepStarted
from doer.interfaces.cli.account import NOT_DONE, count, why_stays
from doer.interfaces.cli.escape import visible
from doer.interfaces.cli.look import ADD, NAME, QUIET, REMOVE, data, mark_of, style_of_tone
from doer.interfaces.cli.story import Story
from doer.interfaces.cli.telling import tell
from doer.observation.report import RunReport, StepReport

_MOVING = ("started", "applied", "unknown")
_SETTLED = ("verified", "undone", "skipped", "unproven")
_WIDEST_NAME = 20


def steps_table(story: Story, *, most: int = 0, one_line: bool = True) -> RenderableType:
    """Return the steps as they stand; with `most`, only so many lines: those that move, and what comes next."""
    steps = story.report.steps
    chosen = _chosen(steps, most)
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(no_wrap=True, width=1)
    table.add_column(no_wrap=True, overflow="ellipsis", max_width=_WIDEST_NAME)
    table.add_column(no_wrap=True, overflow="ellipsis", max_width=28)
    table.add_column(ratio=1, no_wrap=one_line, overflow="ellipsis" if one_line else "fold")
    table.add_column(no_wrap=True, justify="right")
    for step in chosen:
        table.add_row(*_row(step, story))
    if len(chosen) == len(steps):
        return table
    hidden = [step for step in steps if step not in chosen]
    settled = sum(step.state in _SETTLED for step in hidden)
    told = [f"{settled} settled"] * bool(settled) + [f"{len(hidden) - settled} to come"] * (len(hidden) > settled)
    return Group(Text(f"  … {', '.join(told)}", QUIET), table)


def _row(step: StepReport, story: Story) -> Sequence[Text]:
    mark = mark_of(step.state)
    undoing = story.run.steps[step.id].undoing
    words = "taking it back" if undoing else "read" if (step.state, step.effect) == ("verified", "read") else mark.words
    told = Text(words, mark.style)
    proof = story.evidence.get(step.id, "") if step.state in ("verified", "undone") else step.reason
    if proof:
        told.append_text(Text("  ")).append_text(data(proof, QUIET))
    seconds = story.seconds.get(step.id)
    took = Text(f"{seconds:.1f} s" if seconds is not None and step.state not in ("planned", "held") else "", QUIET)
    return (
        Text("▸" if undoing else mark.symbol, "cyan" if undoing else mark.style),
        data(step.id),
        data(step.tool, QUIET),
        told,
        took,
    )


def undo_table(shown: RunReport) -> RenderableType | None:
    """Return, step by step, whether it can be taken back and why not; None where all of it can, or nothing happened."""
    touched = [step for step in shown.steps if step.effect != "read" and step.state not in NOT_DONE]
    if not touched or all(not why_stays(step) for step in touched) or all(step.state == "undone" for step in touched):
        return None
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(no_wrap=True, width=1)
    table.add_column(no_wrap=True, overflow="ellipsis", max_width=_WIDEST_NAME)
    table.add_column(no_wrap=True, overflow="ellipsis", max_width=28)
    table.add_column(ratio=1, overflow="fold")
    for step in touched:
        why = why_stays(step)
        mark = mark_of(step.state)
        sign, style = (
            ("↩", ADD)
            if not why
            else (mark.symbol, mark.style)
            if step.state in ("undone", "conflict")
            else ("✗", REMOVE)
        )
        table.add_row(Text(sign, style), data(step.id), data(step.tool, QUIET), data(why or "can be taken back", QUIET))
    return table


def _chosen(steps: Sequence[StepReport], most: int) -> Sequence[StepReport]:
    """Return what fits: all that moves or went wrong, then the next ones, then the latest that are settled."""
    if not most or len(steps) <= most:
        return steps
    room = max(1, most - 1)
    order = {step.id: place for place, step in enumerate(steps)}
    moving = [step for step in steps if step.state in _MOVING]
    wrong = [step for step in steps if step.state not in (*_MOVING, *_SETTLED, "planned", "held")]
    coming = [step for step in steps if step.state in ("planned", "held")]
    settled = [step for step in steps if step.state in _SETTLED][::-1]
    half = max(1, (room - len(moving) - len(wrong)) // 2)
    picked = [*moving, *wrong, *coming[:half], *settled][:room]
    return sorted(picked, key=lambda step: order[step.id])


def progress_line(story: Story) -> Text:
    """Return one line on where the run stands as a whole."""
    steps = story.report.steps
    if not steps:
        return Text("planning …", QUIET)
    verified = sum(step.state == "verified" for step in steps)
    undone = sum(step.state == "undone" for step in steps)
    told = f"{verified} of {count(len(steps), 'step')} verified" + (f", {undone} taken back" if undone else "")
    return Text(told, QUIET)


def telling_of_step(record: Recorded) -> bool:
    """Tell whether the event is about one step."""
    return bool(tell(record.event).step)


def plain_line(record: Recorded, story: Story) -> str | None:
    """Return the event as one line for a pipe or a log; None when it is only for the record."""
    telling = tell(record.event)
    if telling.tone == "quiet" and not telling.step:
        return None
    if not telling.step:
        return visible(telling.words)
    state = next((each for step, each in story.run.steps.items() if step == telling.step), None)
    tool = state.step.tool if state is not None else ""
    words = telling.words
    if state is not None and state.effect == "read":
        if isinstance(record.event, StepStarted):
            return None
        words = "read" if isinstance(record.event, StepApplied) else words
    return f"{visible(telling.step):<{_WIDEST_NAME}} {visible(tool):<28} {visible(words)}".rstrip()


def events_table(records: Sequence[Recorded], chain: Sequence[str]) -> RenderableType:
    """Return the events with seq, time, the first digits of the chain's digest, step and words."""
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    table.add_row(*(Text(name, QUIET) for name in ("seq", "time (UTC)", "chain", "event", "")))
    day = ""
    for record, digest in zip(records, chain, strict=True):
        if (today := record.at.strftime("%Y-%m-%d")) != day:
            day = today
            table.add_row(Text(), Text(day, QUIET), Text(), Text(), Text())
        telling = tell(record.event)
        words = data(telling.words, style_of_tone(telling.tone))
        if telling.step:
            words = Text.assemble(data(telling.step, NAME), " ", words)
        at = record.at.strftime("%H:%M:%S.%f")[:-3]
        table.add_row(
            Text(str(record.seq)), Text(at, QUIET), Text(digest[:12], QUIET), Text(type(record.event).__name__), words
        )
    return table
