"""Commands: async functions of a door and their options, run to an exit code; every error ends here in four lines."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import os
import shlex
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, TypeAlias, get_type_hints

import typer
from typer.exceptions import TyperException

from doer.domain.errors import DoerBug, DoerError
from doer.interfaces.cli.account import Account
from doer.interfaces.cli.door import Door
from doer.interfaces.cli.exits import BAD_USAGE, NOT_DONE, WAITING, of_error
from doer.interfaces.cli.failure import account_of_error

Work: TypeAlias = Callable[..., Coroutine[object, object, int]]
"""`async (door, …options) -> exit code`; its docstring is its help."""

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
Start = Annotated[Path | None, typer.Option("-C", metavar="DIR", help="The workspace around DIR.")]


def invoke(
    name: str, module: str, parts: Sequence[str], arguments: Sequence[str], *, start: Path | None, as_json: bool
) -> int:
    """Load the module of a command, read its arguments, and run it; return the exit code."""
    try:
        commands: Mapping[str, Work] = importlib.import_module(f"doer.interfaces.cli.{module}").COMMANDS
    except Exception as broken:  # noqa: BLE001 - an installation that is not whole is told like any other failure
        return tell_error(Door.open(as_json=as_json, start=start), broken)
    app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=bool(parts))
    shared = Shared(start, as_json=as_json or "--json" in arguments, typed=_typed(start, name, arguments))
    if parts:
        app.callback(help=inspect.getdoc(sys.modules[f"doer.interfaces.cli.{module}"]))(_nothing)
    for each in parts or (name,):
        app.command(each, context_settings={"help_option_names": ["-h", "--help"]})(shared.wrap(commands[each]))
    try:
        code = typer.main.get_command(app)(list(arguments), prog_name=f"doer {name}", standalone_mode=False)
    except TyperException as wrong:
        return shared.misuse(wrong, name)
    except typer.Abort:
        return NOT_DONE
    return code if isinstance(code, int) else 0


def _typed(start: Path | None, name: str, arguments: Sequence[str]) -> str:
    return shlex.join(["doer", *(("-C", str(start)) if start is not None else ()), name, *arguments])


def _nothing() -> None:
    """Groups have no options of their own."""


class Shared:
    """What every command has: `--json`, `-C`, and one way to fail."""

    def __init__(self, start: Path | None, *, as_json: bool, typed: str) -> None:
        self._start = start
        self._as_json = as_json
        self._typed = typed

    def wrap(self, work: Work) -> Callable[..., int]:
        """Return a function for typer: the command's options and the shared ones, run to an exit code."""

        def called(as_json: bool = False, start: Path | None = None, **given: Any) -> int:  # noqa: ANN401 - typer's values
            door = Door.open(as_json=as_json or self._as_json, start=start or self._start)
            door.begun.again = self._typed
            return run_to_exit(door, lambda: work(door, **given))

        hints = get_type_hints(work, include_extras=True)
        own = [
            each.replace(annotation=hints[each.name]) for each in list(inspect.signature(work).parameters.values())[1:]
        ]
        kind = inspect.Parameter.KEYWORD_ONLY
        more = [
            inspect.Parameter("as_json", kind, default=False, annotation=Json),
            inspect.Parameter("start", kind, default=None, annotation=Start),
        ]
        called.__doc__ = inspect.getdoc(work)
        called.__name__ = work.__name__
        called.__signature__ = inspect.Signature([*own, *more])  # type: ignore[attr-defined]
        called.__annotations__ = {each.name: each.annotation for each in (*own, *more)}
        return called

    def misuse(self, wrong: TyperException, name: str) -> int:
        """Tell what is wrong with the arguments."""
        door = Door.open(as_json=self._as_json, start=self._start)
        told = wrong.format_message() or "nothing was said to it"
        if type(wrong).__name__ == "NoArgsIsHelpError":
            if not self._as_json:
                door.write(f"{told}\n")
                return BAD_USAGE
            told = f"doer {name} needs one of its parts, which `doer {name} --help` lists"
        return door.failure(Account(told, "nothing", "nothing", f"doer {name} --help"), "UsageError", BAD_USAGE)


def run_to_exit(door: Door, work: Callable[[], Coroutine[object, object, int]]) -> int:
    """Run the work to its exit code; every error becomes four lines, and a traceback only with DOER_DEBUG=1."""
    with door.outlet.aside(door.outlet_of_errors):
        return door.heard(_run(door, work))


def _run(door: Door, work: Callable[[], Coroutine[object, object, int]]) -> int:
    try:
        return asyncio.run(_until_stopped(door, work))
    except KeyboardInterrupt:
        return _stopped(door)
    except Exception as error:  # noqa: BLE001 - the last door: whatever comes here is told, never a traceback
        return tell_error(door, error)


def tell_error(door: Door, error: Exception) -> int:
    """Tell an error in four lines and return its exit code; the details of a bug go to a file."""
    if os.environ.get("DOER_DEBUG") == "1":
        traceback.print_exc()
    log = "" if isinstance(error, DoerError) and not isinstance(error, DoerBug) else _log(error)
    return door.failure(
        account_of_error(error, door.begun.run, log, door.begun.again), type(error).__name__, of_error(error)
    )


def _hear_interrupts() -> None:
    """Let Ctrl-C cancel the work at once, also in the moment before the loop falls asleep.

    The handler that asyncio.run sets by itself does not wake a loop that the signal met on its way into its wait; a handler
    of the loop's own does. The next Ctrl-C is Python's again, for whatever hangs.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def interrupted() -> None:
        loop.remove_signal_handler(signal.SIGINT)
        if task is not None:
            task.cancel()

    with suppress(ValueError, RuntimeError):  # only the main thread has signals
        loop.add_signal_handler(signal.SIGINT, interrupted)


async def _until_stopped(door: Door, work: Callable[[], Coroutine[object, object, int]]) -> int:
    _hear_interrupts()
    try:
        return await work()
    except asyncio.CancelledError:
        # Everything of ours is closed by now. A tool's thread that does not return would keep the process for ever.
        code = _stopped(door)
        door.outlet.flush()
        door.outlet_of_errors.flush()
        os._exit(code)


def _stopped(door: Door) -> int:
    run = door.begun.run
    if not run:
        return door.failure(
            Account("stopped by you", "nothing", "nothing", door.begun.again or "# the same command again"),
            "Interrupted",
            NOT_DONE,
        )
    account = Account(
        "stopped by you; the run is safe in the journal",
        f"what was verified stays; what was under way is read back before anything else: doer show {run}",
        "nothing until it is resumed; nothing is done twice",
        f"doer resume {run}",
        otherwise=(f"doer cancel {run}",),
    )
    return door.failure(account, "Interrupted", WAITING)


def _log(error: BaseException) -> str:
    """Write the traceback to a file and return its path."""
    lines = traceback.format_exception(error)
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="doer-bug-", suffix=".log", delete=False, encoding="utf-8"
        ) as file:
            file.writelines(lines)
    except OSError:
        return ""
    return file.name
