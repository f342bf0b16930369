"""What a run of all tests need not do: trace lines that no gate asks for, look through what lives to the end, wait for the last.

Coverage is measured where the guarded rooms are asked what they do: in their own tests and in those of the rooms that
drive with them. Tests of planning, connectors, servers, demos and commands take their branches by the way, which proves
little, and they are the slow ones: the tracer makes all of Python twice as slow, also that of other rooms and of pytest
itself. So it runs while the guarded rooms are loaded, and around each test of the rooms below.
"""

import gc
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest
from tests.worlds import guest

MEASURED = ("domain", "execution", "journal", "policy", "runtime")
GUARDED = ("domain", "execution", "journal")
LONG = ("test_chaos_office.py", "test_chaos_onboard.py", "test_chaos_own.py", "test_demo.py", "test_play.py")
"""Whole jobs of many processes, up to half a minute each: begun last, one of them would keep a core idle at the end."""
SELDOM = 20_000
"""Objects made since garbage was looked for last; with the 700 that Python begins with, one second in ten goes there."""


def pytest_sessionstart(session: pytest.Session) -> None:
    gc.disable()
    for guarded in GUARDED:
        for module in walk_packages(import_module(f"doer.{guarded}").__path__, f"doer.{guarded}."):
            import_module(module.name)
    trace(session.config, on=False)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Rooms that start nothing come last: with their short tests every core is in use to the end.
    items.sort(key=lambda item: (item.path.name not in LONG, room(item) in MEASURED))


def pytest_collection_finish() -> None:
    gc.freeze()  # thousands of tests and all modules: the collector would look through them again and again
    gc.set_threshold(SELDOM)
    gc.enable()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    trace(item.config, on=room(item) in MEASURED)
    try:
        return (yield)
    finally:
        trace(item.config, on=False)


def room(item: pytest.Item) -> str:
    """The folder of tests that it is in."""
    return item.path.parent.name


def trace(config: pytest.Config, *, on: bool) -> None:
    """Switch the tracer of pytest-cov, where it was asked for."""
    plugin = config.pluginmanager.getplugin("_cov")
    control = getattr(plugin, "cov_controller", None)
    if control is not None and control.started != on:
        (control.resume if on else control.pause)()


# Servers take two seconds of a core to start. A test that neither ends them nor is about their start is a guest.


@pytest.fixture(scope="session")
def company_root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The root of the running world of `onboard`."""
    from doer.demos.onboard.scenario import Onboard

    root = tmp_path_factory.mktemp("acme")
    with Onboard().start(root):
        yield root


@pytest.fixture(scope="session")
def office_root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The root of the running world of `office`."""
    from doer.demos.office.scenario import OfficeDay

    root = tmp_path_factory.mktemp("office")
    with OfficeDay().start(root):
        yield root


@pytest.fixture(scope="session")
def onboard(tmp_path_factory: pytest.TempPathFactory, company_root: Path) -> str:
    """The name of the scenario `onboard` in the world that runs."""
    from doer.demos.onboard.scenario import Onboard

    return guest(tmp_path_factory.mktemp("guest"), Onboard, company_root)


@pytest.fixture(scope="session")
def office_day(tmp_path_factory: pytest.TempPathFactory, office_root: Path) -> str:
    """The name of the scenario `office` in the world that runs."""
    from doer.demos.office.scenario import OfficeDay

    return guest(tmp_path_factory.mktemp("guest"), OfficeDay, office_root)
