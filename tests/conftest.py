"""What a run of all tests need not do: trace lines that no gate asks for, and look through what lives to the end.

Coverage is measured while the tests of the guarded rooms run, and of the runtime that drives them; nowhere else. What a
guarded room must do is asserted there. Elsewhere its branches would be taken by the way, which proves little, and tracing
every line of every test makes the whole run a third slower.
"""

import gc
from pathlib import Path

import pytest

MEASURED = ("domain", "journal", "execution", "runtime")
HERE = Path(__file__).parent


def pytest_sessionstart() -> None:
    gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()  # thousands of tests and all modules: the collector would look through them again and again
    gc.enable()


def pytest_itemcollected(item: pytest.Item) -> None:
    if item.config.pluginmanager.hasplugin("_cov") and item.path.relative_to(HERE).parts[0] not in MEASURED:
        item.add_marker("no_cover")
