"""Tests side by side: `--forks N` collects them once and lets N forked processes run them, a file at a time.

Processes that begin anew, as those of pytest-xdist do, load and collect everything once each. These inherit it, and stay with
the tests of one room, whose servers they have started, as long as there are any left. What a test tells goes to the process that
collected, which counts and reports as always. The other way of pytest, one test after another, is the same without `--forks`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain, pairwise
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--forks", type=int, default=0, metavar="N", help="run the tests in N forked processes")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Answer in place of pytest's own loop, where forks were asked for and there is something to run."""
    forks = session.config.getoption("forks")
    if not forks or session.config.option.collectonly or session.testsfailed:
        return None
    terminal = session.config.pluginmanager.getplugin("terminalreporter")
    terminal.showfspath = False  # the tests of several files come by turns
    base = session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]  # noqa: SLF001  # one for all
    fork = get_context("fork")
    lines: list[Connection[Any, Any]] = []
    processes = []
    try:
        for number in range(forks):
            ours, theirs = fork.Pipe()
            lines.append(ours)
            one = fork.Process(target=_run, args=(session, theirs, tuple(lines), base / f"fork{number}"))
            one.start()
            processes.append(one)
            theirs.close()
        _share(session, lines)
    finally:
        for line in lines:
            line.close()
        for one in processes:
            one.join()
    if session.shouldfail:
        raise session.Failed(session.shouldfail)
    if session.shouldstop:
        raise session.Interrupted(session.shouldstop)
    return True


# --- the process that collected: it gives out files and hears what came of them ------------------------------------------


@dataclass(slots=True)
class Room:
    """A folder of tests: its files that nobody has taken, as places in what was collected, and how many took some."""

    files: dict[Path, list[int]] = field(default_factory=dict)
    taken: int = 0

    @property
    def waiting(self) -> float:
        """Tests that are left for each process here, if one more came."""
        return sum(map(len, self.files.values())) / (self.taken + 1)


def _rooms(items: Sequence[pytest.Item]) -> dict[Path, Room]:
    rooms: dict[Path, Room] = {}
    for place, item in enumerate(items):
        rooms.setdefault(item.path.parent, Room()).files.setdefault(item.path, []).append(place)
    return rooms


@dataclass(slots=True)
class Fork:
    """What is known of one process."""

    room: Room = field(default_factory=Room)
    todo: set[str] = field(default_factory=set)
    ended: bool = False


def _share(session: pytest.Session, lines: Sequence[Connection[Any, Any]]) -> None:
    """Give each process a file of its room; then of a room that nobody has begun; then of the fullest."""
    hook, rooms = session.config.hook, _rooms(session.items)
    forks = {line: Fork() for line in lines}
    while forks:
        for line in wait(list(forks)):
            assert isinstance(line, Connection)
            try:
                kind, told = line.recv()
            except EOFError:
                _gone(session, forks.pop(line))
                continue
            match kind:
                case "more":
                    line.send(_next(session, forks[line], rooms.values()))
                case "start":
                    hook.pytest_runtest_logstart(nodeid=told[0], location=told[1])
                case "report":
                    report = hook.pytest_report_from_serializable(config=session.config, data=told)
                    hook.pytest_runtest_logreport(report=report)
                case "finish":
                    forks[line].todo.discard(told[0])
                    hook.pytest_runtest_logfinish(nodeid=told[0], location=told[1])
                case "warning":
                    hook.pytest_warning_recorded.call_historic(kwargs=told)
                case _:
                    forks[line].ended = True


def _next(session: pytest.Session, fork: Fork, rooms: Collection[Room]) -> Sequence[int]:
    if session.shouldfail or session.shouldstop:
        return ()
    if not fork.room.files:
        fork.room.taken -= 1
        left = [each for each in rooms if each.files]
        if not left:
            return ()
        fork.room = next((each for each in left if not each.taken), max(left, key=lambda each: each.waiting))
        fork.room.taken += 1
    places = fork.room.files.pop(next(iter(fork.room.files)))
    fork.todo |= {session.items[place].nodeid for place in places}
    return places


def _gone(session: pytest.Session, fork: Fork) -> None:
    if not fork.ended:
        session.shouldfail = f"a process of the tests ended by itself, with these not done: {sorted(fork.todo)}"


# --- a process that runs them ---------------------------------------------------------------------------------------------


class Teller:
    """The plugin that tells what happens here."""

    def __init__(self, config: pytest.Config, line: Connection[Any, Any]) -> None:
        self._config = config
        self._line = line

    def pytest_runtest_logstart(self, nodeid: str, location: object) -> None:
        self._line.send(("start", (nodeid, location)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        data = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
        self._line.send(("report", data))

    def pytest_runtest_logfinish(self, nodeid: str, location: object) -> None:
        self._line.send(("finish", (nodeid, location)))

    def pytest_warning_recorded(self, warning_message: Any, when: str, nodeid: str, location: object) -> None:
        warning_message.source = None  # whatever it is, it stays here
        told = {"warning_message": warning_message, "when": when, "nodeid": nodeid, "location": location}
        self._line.send(("warning", told))


def _run(
    session: pytest.Session, line: Connection[Any, Any], others: Sequence[Connection[Any, Any]], place: Path
) -> None:
    """Run what is given, until nothing is or nobody listens; end what was started for it."""
    for each in others:
        each.close()
    config = session.config
    capture = config.pluginmanager.getplugin("capturemanager")
    capture.stop_global_capturing()  # its files are those of the other processes, too
    capture.start_global_capturing()
    capture.suspend_global_capture()
    config.pluginmanager.unregister(name="terminalreporter")
    config.pluginmanager.register(Teller(config, line))
    place.mkdir()
    config._tmp_path_factory._basetemp = place  # type: ignore[attr-defined]  # noqa: SLF001  # as xdist has it
    with suppress(KeyboardInterrupt, BrokenPipeError, EOFError):
        try:
            for item, following in pairwise(chain(_given(session, line), (None,))):
                config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                if session.shouldfail or session.shouldstop:
                    break
        finally:
            session._setupstate.teardown_exact(None)  # noqa: SLF001  # where it was broken off
            _keep_coverage(config)
        line.send(("ended", None))


def _given(session: pytest.Session, line: Connection[Any, Any]) -> Iterator[pytest.Item]:
    while True:
        line.send(("more", None))
        places = line.recv()
        if not places:
            return
        yield from (session.items[place] for place in places)


def _keep_coverage(config: pytest.Config) -> None:
    control = getattr(config.pluginmanager.getplugin("_cov"), "cov_controller", None)
    if control is not None:
        control.cov.stop()
        control.cov.save()  # into a file of this process; the one that collected puts them together
