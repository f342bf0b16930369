"""The running company: its servers start once, and each test begins with the seed of the world."""

from collections.abc import Iterator

import pytest

from doer.demos.onboard.services import RunningServices, Services, reset, start_services


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServices]:
    with start_services(tmp_path_factory.mktemp("acme")) as started:
        yield started


@pytest.fixture
def company(running: RunningServices) -> Services:
    reset(running.services)
    return running.services
