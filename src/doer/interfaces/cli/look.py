"""The look: one symbol, one colour and one wording for each state, and how values out of data become text."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final, assert_never

from rich.text import Text

from doer.domain.event import Status
from doer.domain.run import State
from doer.domain.value import Hole, Json
from doer.interfaces.cli.escape import visible, visible_json
from doer.interfaces.cli.telling import Tone

ADD: Final = "green"
CHANGE: Final = "yellow"
REMOVE: Final = "red"
QUIET: Final = "dim"
WARN: Final = "bold yellow"
DANGER: Final = "bold red"
NAME: Final = "bold"

_HOLE = re.compile(f"({Hole.OPEN}[^{Hole.OPEN}{Hole.CLOSE}]*{Hole.CLOSE})")


@dataclass(frozen=True, slots=True)
class Mark:
    """How a state looks."""

    symbol: str
    style: str
    words: str


def mark_of(state: State) -> Mark:
    """Return how a step in this state looks."""
    match state:
        case "planned":
            return Mark("·", QUIET, "planned")
        case "waiting":
            return Mark("?", WARN, "waits for you")
        case "held":
            return Mark("‖", QUIET, "held to the end")
        case "started":
            return Mark("▸", "cyan", "under way")
        case "applied":
            return Mark("○", "cyan", "done, not believed yet")
        case "verified":
            return Mark("✓", ADD, "verified")
        case "unproven":
            return Mark("≈", CHANGE, "unproven")
        case "refuted":
            return Mark("✗", DANGER, "refuted")
        case "unknown":
            return Mark("?", WARN, "unknown, reading back")
        case "failed":
            return Mark("✗", REMOVE, "no effect")
        case "undone":
            return Mark("↩", "cyan", "taken back")
        case "conflict":
            return Mark("!", WARN, "left as it is")
        case "skipped":
            return Mark("–", QUIET, "left out")
        case _:
            assert_never(state)


def mark_of_status(status: Status) -> Mark:
    """Return how a run with this status looks."""
    match status:
        case "done":
            return Mark("✓", ADD, "done")
        case "planned":
            return Mark("·", "cyan", "planned")
        case "undone":
            return Mark("↩", "cyan", "undone")
        case "running":
            return Mark("▸", "cyan", "running")
        case "waiting":
            return Mark("?", WARN, "waiting")
        case "needs_answer":
            return Mark("?", WARN, "needs an answer")
        case "unproven" | "partly_undone" | "partly_rolled_back":
            return Mark("≈", CHANGE, status.replace("_", " "))
        case "refused" | "abstained" | "cancelled":
            return Mark("–", QUIET, status)
        case "failed" | "rolled_back":
            return Mark("✗", REMOVE, status.replace("_", " "))
        case _:
            assert_never(status)


def style_of_tone(tone: Tone) -> str:
    """Return the colour of a tone."""
    match tone:
        case "good":
            return ADD
        case "bad":
            return REMOVE
        case "doubt":
            return CHANGE
        case "move":
            return "cyan"
        case "quiet":
            return QUIET
        case _:
            assert_never(tone)


def data(text: str, style: str = "") -> Text:
    """Return text that came from somewhere: on one line, made visible, with values known only later dimmed."""
    shown = Text(style=style)
    for part in _HOLE.split(visible(text)):
        shown.append(part, "dim italic" if part.startswith(Hole.OPEN) and part.endswith(Hole.CLOSE) else None)
    return shown


def value(given: Json, style: str = "") -> Text:
    """Return a JSON value as a person reads it: words without quotes, unless that hides something."""
    match given:
        case str():
            blank = not given or given != given.strip() or given in ("true", "false", "null")
            return data(f'"{given}"' if blank else given, style)
        case None:
            return Text("nothing", f"{style} {QUIET}".strip())
        case bool():
            return Text("yes" if given else "no", style)
        case int() | float():
            return Text(str(given), style)
        case _:
            if all(isinstance(each, str | int | float) for each in given) and isinstance(given, list | tuple) and given:
                return Text(", ").join([value(each, style) for each in given])
            return data(json.dumps(visible_json(given), ensure_ascii=False), style)
