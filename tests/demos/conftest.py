"""The running company: its servers start once, and each test begins with the seed of the world."""

from pathlib import Path

import pytest

from doer.demos.onboard.services import Services, reset


@pytest.fixture(scope="session")
def running(company_root: Path) -> Services:
    return Services.load(company_root)


@pytest.fixture
def company(running: Services) -> Services:
    reset(running)
    return running
