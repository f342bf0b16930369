"""What a run of all tests need not do: trace lines that no gate asks for, and look through what lives to the end.

Coverage is measured where the guarded rooms are asked what they do: in their own tests and in those of the rooms that
think and drive with them. Tests of connectors, servers, demos and commands take their branches by the way, which proves
little, and they are the slow ones: tracing each of their lines makes the whole run a third slower.
"""

import gc
from pathlib import Path

import pytest

UNMEASURED = ("architecture", "connectors", "demos", "examples", "interfaces", "testing")
HERE = Path(__file__).parent


def pytest_sessionstart() -> None:
    gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()  # thousands of tests and all modules: the collector would look through them again and again
    gc.enable()


def pytest_itemcollected(item: pytest.Item) -> None:
    if item.config.pluginmanager.hasplugin("_cov") and item.path.relative_to(HERE).parts[0] in UNMEASURED:
        item.add_marker("no_cover")
