"""The entry: finds the command that was typed and loads only that; `doer --help` loads none."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Entry:
    """One command: where it is and what it does, in a line."""

    section: str
    name: str
    module: str
    says: str
    parts: tuple[str, ...] = ()
    """Names of its subcommands."""


_WORK, _WORD, _LOOK, _PLACE, _TRY = (
    "Work", "A person's word, from any terminal, also days later", "Looking", "The workspace", "Trying and proving",
)  # fmt: skip

ENTRIES: tuple[Entry, ...] = (
    Entry(_WORK, "do", "do", "a sentence becomes finished work: plan, preview, ask, run, verify"),
    Entry(_WORK, "plan", "do", "the plan and its changes; runs nothing"),
    Entry(_WORK, "resume", "resume", "carry on whatever waits for nobody; safe at any time"),
    Entry(_WORK, "undo", "undo", "take a finished run back: previewed, approved, verified"),
    Entry(_WORD, "approve", "word", "approve what a run waits for; by name what cannot be taken back"),
    Entry(_WORD, "refuse", "word", "refuse it; what was done is taken back"),
    Entry(_WORD, "answer", "word", "answer a run's question"),
    Entry(_WORD, "cancel", "word", "stop a run and take it back"),
    Entry(_LOOK, "can", "can", "sentences that work here now, and what is missing for others"),
    Entry(_LOOK, "runs", "runs", "what was asked, how it stands, and whether it can be taken back"),
    Entry(_LOOK, "show", "show", "one run: its changes, steps and proofs; --events for its record"),
    Entry(_LOOK, "watch", "watch", "one run, live, whoever drives it"),
    Entry(_LOOK, "audit", "audit", "check the record; write an account of a run", ("verify", "report")),
    Entry(_PLACE, "init", "init", "make a workspace here"),
    Entry(_PLACE, "connect", "connect", "connect a system: asked, tried with reads, secret kept outside"),
    Entry(_PLACE, "connections", "connections", "what is connected; whether it answers", ("list", "test", "remove")),
    Entry(
        _PLACE, "tools", "tools", "what can be done here, and whether it keeps its promises", ("list", "show", "test")
    ),
    Entry(
        _PLACE,
        "model",
        "model",
        "the action model: what it is, how it does here, teaching it",
        ("info", "eval", "train", "reset", "key"),
    ),
    Entry(_PLACE, "backup", "backup", "save its state to a file, while it is in use"),
    Entry(_PLACE, "restore", "backup", "bring it back from such a file"),
    Entry(_PLACE, "doctor", "doctor", "what works on this machine, and what mends what does not"),
    Entry(_TRY, "demo", "demo", "a scenario on real local services: done, killed, resumed, undone"),
    Entry(_TRY, "chaos", "chaos", "break it on purpose and count what went wrong", ("kill", "lie", "undo")),
)

SELDOM = 100_000
"""Objects made since garbage was looked for last. What a command loads lives as long as it does, and the 700 that Python begins with
have it looked through hundreds of times: with the end of `main`, a quarter of the time of a short command."""

_USAGE = "Usage: doer [-C DIR] [--json] COMMAND …"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    from doer.interfaces.cli.outlet import at_the_end, make_whole

    make_whole()
    gc.set_threshold(SELDOM)
    unheard: OSError | None = None
    code = 1
    try:
        code = run(sys.argv[1:] if arguments is None else list(arguments))
    except OSError as failure:  # a page of help that nobody takes; commands write where this cannot happen
        unheard = failure
    code = at_the_end(code, unheard)
    gc.disable()
    gc.freeze()  # the system takes everything back at once; Python would look through all of it twice more
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    start, as_json, rest, wrong = _globals(arguments)
    if wrong:
        return _misuse(wrong, "doer --help", as_json=as_json)
    if not rest or rest[0] in ("-h", "--help"):
        sys.stdout.write(help_text(colour=_colours()))
        return 0
    if rest[0] == "--version":
        return _version(as_json=as_json)
    entry = next((each for each in available() if each.name == rest[0]), None)
    if entry is None:
        near = get_close_matches(rest[0], [each.name for each in available()], 1, 0.5)
        hint = f"doer {near[0]}" if near else "doer --help"
        return _misuse(f"doer has no command {rest[0][:80]!r}", hint, as_json=as_json)

    from doer.interfaces.cli.command import invoke

    return invoke(entry.name, entry.module, entry.parts, rest[1:], start=start, as_json=as_json)


def available() -> tuple[Entry, ...]:
    """Return the commands that this installation has."""
    here = Path(__file__).parent
    return tuple(each for each in ENTRIES if (here / f"{each.module}.py").exists())


def help_text(*, colour: bool) -> str:
    """Return the page that `doer --help` shows."""
    bold, quiet, name, off = ("\033[1m", "\033[2m", "\033[36m", "\033[0m") if colour else ("", "", "", "")
    lines = [
        f"{bold}doer{off} — automation you can take back",
        "",
        _USAGE,
        "",
        f"{quiet}A sentence becomes a plan, the plan a diff of the world, and only what you{off}",
        f"{quiet}approve happens. Each change is read back, and can be taken back later.{off}",
        f"{quiet}Killed at any moment, it resumes and does nothing twice.{off}",
    ]
    section = ""
    for entry in available():
        if entry.section != section:
            section = entry.section
            lines += ["", f"{bold}{section}{off}"]
        lines.append(f"  {name}{entry.name:<11}{off} {entry.says}")
    lines += [
        "",
        f"{bold}Everywhere{off}",
        f"  {name}--json{off}    one JSON document on stdout; all else on stderr",
        f"  {name}-C DIR{off}    the workspace around DIR, instead of around the current directory",
        f"  {name}--help{off}    how to use a command, with an example",
        f"  {name}--version{off}",
        "",
        f"{bold}First minutes{off}",
        "  doer init",
        """  doer do 'write hello.md: it works'""",
        "  doer undo RUN",
        "",
        f"{quiet}Exit codes: 0 done and verified · 1 not done · 2 bad usage · 3 waiting for a{off}",
        f"{quiet}person, a time or an answer · 4 broken journal · 5 done but unproven{off}",
        "",
    ]
    return "\n".join(lines)


def _globals(arguments: Sequence[str]) -> tuple[Path | None, bool, list[str], str]:
    """Take the options before the command; return start, as_json, the rest, and what is wrong."""
    rest, start, as_json = list(arguments), None, False
    while rest:
        if rest[0] == "--json":
            as_json = True
            del rest[0]
        elif rest[0] == "-C":
            if len(rest) < 2:
                return None, as_json, [], "-C needs a folder"
            start = Path(rest[1])
            del rest[:2]
        elif rest[0].startswith("-C") and len(rest[0]) > 2:
            start = Path(rest[0][2:])
            del rest[0]
        else:
            break
    if rest and rest[0].startswith("-") and rest[0] not in ("-h", "--help", "--version"):
        return start, as_json, rest, f"there is no option {rest[0][:80]!r} before the command"
    return start, as_json, rest, ""


def _misuse(happened: str, hint: str, *, as_json: bool) -> int:
    from doer.interfaces.cli.account import Account
    from doer.interfaces.cli.door import Door

    account = Account(happened, "nothing", "nothing", hint)
    return Door.open(as_json=as_json, start=None).failure(account, "UsageError", 2)


def _version(*, as_json: bool) -> int:
    import json
    from importlib.metadata import version

    number = version("doer")
    sys.stdout.write(json.dumps({"doer": number}) + "\n" if as_json else f"doer {number}\n")
    return 0


def _colours() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
