"""What several modules of tests use: servers that start once, and git repositories laid out once and copied for each test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.connectors.database_servers import PostgresCluster, postgres_cluster
from tests.connectors.directory_server import World, directory_server
from tests.connectors.git_server import Host, clone_of, git, hosted, make_bare
from tests.connectors.mail_server import ImapServer, imap_server


@pytest.fixture(scope="session")
def cluster() -> Iterator[PostgresCluster]:
    """PostgreSQL, with a schema of its own for each world."""
    with postgres_cluster() as started:
        yield started


@pytest.fixture(scope="session")
def scim() -> Iterator[World]:
    """A directory; who uses it begins with `fresh`."""
    with directory_server() as started:
        yield started


@pytest.fixture(scope="session")
def imap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImapServer]:
    """A mailbox; who uses it begins with `ImapServer.fresh`."""
    with imap_server(tmp_path_factory.mktemp("imap") / "log") as started:
        yield started


@pytest.fixture(scope="session")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two dozen runs of git, which every test would have to wait for."""
    folder = tmp_path_factory.mktemp("git")
    clone_of(make_bare(folder / "remote.git"), folder / "work")
    return folder


@pytest.fixture
def host(laid_out: Path, tmp_path: Path) -> Iterator[Host]:
    with hosted(Path(shutil.copytree(laid_out / "remote.git", tmp_path / "remote.git"))) as serving:
        yield serving


@pytest.fixture
def work(laid_out: Path, host: Host, tmp_path: Path) -> Path:
    """Somebody's clone, whose remote is the host."""
    place = Path(shutil.copytree(laid_out / "work", tmp_path / "work"))
    git(place, "remote", "set-url", "origin", host.url)
    return place
