"""The connected office: its servers start once, and a test that changes something in them takes it back."""

from collections.abc import Iterator

import pytest
from tests.planning.connected import Servers, servers


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with servers(tmp_path_factory.mktemp("office")) as started:
        yield started
