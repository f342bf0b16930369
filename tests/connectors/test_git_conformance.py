"""Every git tool keeps every promise of the four verbs, on real repositories and a real remote over HTTP, also one that lies."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tests.connectors.git_server import TOKEN, USER, Host, clone_of, commit, git, hosted, make_bare, refs, work_tree

from doer.connectors.tools.git import git_tools
from doer.domain.ports import Tool
from doer.domain.value import Json, JsonObject
from doer.testing.conformance import OF_ARGUMENTS, Honest, Make, check, check_names

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LIES = ("drop", "misplace", "double", "cut", "fail")
Edit = Callable[["World"], object]


@dataclass(frozen=True)
class World:
    """One person's clone, and the remote."""

    work: Path
    host: Host


@dataclass(frozen=True)
class Case:
    """One tool, arguments that change something, and what somebody else does to it."""

    tool: str
    arguments: JsonObject
    meddle: Edit
    remove: Edit
    prepare: Edit = lambda world: None


@dataclass
class OnGit:
    """A case on a fresh clone of a fresh remote."""

    tool: Tool
    arguments: JsonObject
    case: Case
    world: World
    lies: Sequence[str] = ()

    async def observe(self) -> Json:
        return await asyncio.to_thread(self._seen)

    def _seen(self) -> Json:
        place = self.world.work
        here = {"files": work_tree(place)} if place.exists() else {}
        for files in here.values():  # what a clone last saw of its remote is no work; test_git_remote.py looks at it
            files["refs"] = {name: target for name, target in files["refs"].items() if "/remotes/" not in name}
        beside = sorted(each.name for each in place.parent.iterdir())
        return {**here, "remote": refs(self.world.host.bare), "beside": beside}

    async def meddle(self) -> None:
        await asyncio.to_thread(self.case.meddle, self.world)

    async def remove(self) -> None:
        await asyncio.to_thread(self.case.remove, self.world)

    async def lie(self, kind: str) -> None:
        self.world.host.fault = kind


def write(world: World) -> None:
    """Work of a person: changed, new, deleted, and something else that is staged."""
    (world.work / "docs" / "a.md").write_text("changed\n")
    (world.work / "docs" / "new.md").write_text("new\n")
    (world.work / "docs" / "b.md").unlink()
    (world.work / "README.md").write_text("not in docs\n")
    (world.work / "staged.md").write_text("staged\n")
    git(world.work, "add", "staged.md")


def commits(world: World) -> None:
    commit(world.work, "Third", README="three\n")


def amends(world: World) -> None:
    git(world.work, "commit", "-q", "--amend", "-m", "Somebody else's words")


def moves(ref: str) -> Edit:
    return lambda world: git(world.work, "update-ref", ref, "HEAD~1")


def rewrites(ref: str) -> Edit:
    """Somebody else puts an unrelated commit there, at the remote."""

    def edit(world: World) -> None:
        tree = git(world.host.bare, "rev-parse", "main^{tree}")
        made = git(world.host.bare, "commit-tree", tree, "-m", "Another history")
        git(world.host.bare, "update-ref", ref, made)

    return edit


def adds_a_file(world: World) -> None:
    (world.work / "mine.md").write_text("mine\n")


CASES: Mapping[str, Case] = {
    "commit": Case(
        "commit",
        {"paths": ["docs"], "message": "Change the docs"},
        amends,
        lambda world: git(world.work, "reset", "-q", "--soft", "HEAD~1"),
        write,
    ),
    "create_branch": Case(
        "create_branch",
        {"branch": "feature/login"},
        moves("refs/heads/feature/login"),
        lambda world: git(world.work, "branch", "-q", "-D", "feature/login"),
    ),
    "tag": Case(
        "tag",
        {"tag": "v1.2.0"},
        moves("refs/tags/v1.2.0"),
        lambda world: git(world.work, "tag", "-d", "v1.2.0"),
    ),
    "annotated_tag": Case(
        "tag",
        {"tag": "v1.2.0", "message": "The second", "at": "main"},
        moves("refs/tags/v1.2.0"),
        lambda world: git(world.work, "tag", "-d", "v1.2.0"),
    ),
    "push": Case(
        "push",
        {"branch": "main"},
        rewrites("refs/heads/main"),
        lambda world: git(world.host.bare, "update-ref", "refs/heads/main", "main~1"),
        commits,
    ),
    "push_new": Case(
        "push",
        {"branch": "feature/x"},
        rewrites("refs/heads/feature/x"),
        lambda world: git(world.host.bare, "update-ref", "-d", "refs/heads/feature/x"),
        lambda world: git(world.work, "branch", "feature/x"),
    ),
    "push_tag": Case(
        "push_tag",
        {"tag": "v1"},
        rewrites("refs/tags/v1"),
        lambda world: git(world.host.bare, "update-ref", "-d", "refs/tags/v1"),
        lambda world: git(world.work, "tag", "-m", "One", "v1"),
    ),
    "clone": Case(
        "clone",
        {},
        adds_a_file,
        lambda world: shutil.rmtree(world.work),
        lambda world: shutil.rmtree(world.work),
    ),
}
READS: Mapping[str, JsonObject] = {"status": {}, "log": {"limit": 5}, "branches": {}, "diff": {"path": "docs"}}


@pytest.fixture(scope="module")
def server() -> Iterator[Host]:
    with TemporaryDirectory() as folder, hosted(make_bare(Path(folder) / "remote.git")) as host:
        shutil.copytree(host.bare, host.bare.parent / "remote.fresh")
        clone_of(host.bare, host.bare.parent / "work.fresh", host.url)
        yield host


def _prepared(case: Case, host: Host) -> Path:
    """Return a clone as the case begins: made once, and copied for each check."""
    place = host.bare.parent / f"work.{case.prepare.__name__}.{id(case.prepare)}"
    if not place.exists():
        shutil.copytree(host.bare.parent / "work.fresh", place / "work")
        case.prepare(World(place / "work", host))
    return place / "work"


def tools_of(world: World) -> dict[str, Tool]:
    tools = git_tools(
        "code",
        world.work,
        url=world.host.url,
        author="Sam <sam@acme.example>",
        push=("main", "feature/*", "tags/v*"),
        username=USER,
        password=lambda: TOKEN,
        timeout=20,
        now=lambda: NOW,
    )
    return {each.manifest.name.removeprefix("code."): each for each in tools}


def _make(case: Case, host: Host) -> Make:
    @asynccontextmanager
    async def make() -> AsyncIterator[OnGit]:
        with TemporaryDirectory() as folder:
            shutil.rmtree(host.bare)
            shutil.copytree(host.bare.parent / "remote.fresh", host.bare)
            host.fault = ""
            world = World(Path(folder) / "work", host)
            if (prepared := _prepared(case, host)).exists():
                shutil.copytree(prepared, world.work)
            lies = LIES if case.tool.startswith("push") else ()
            yield OnGit(tools_of(world)[case.tool], case.arguments, case, world, lies)

    return make


AGAIN = ("tag", "push_new")
"""Cases of a tool whose arguments another case has as well."""


def _checks() -> list[tuple[str, str]]:
    return [
        (name, promise)
        for name, case in CASES.items()
        for promise in check_names("write", lies=LIES if case.tool.startswith("push") else ())
        if name not in AGAIN or promise not in OF_ARGUMENTS
    ]


@pytest.fixture(scope="module")
def honest(server: Host) -> dict[str, Honest]:
    return {name: Honest(_make(case, server)) for name, case in CASES.items()}


@pytest.mark.parametrize(("name", "promise"), _checks())
async def test_a_git_tool_keeps_its_promise(server: Host, honest: dict[str, Honest], name: str, promise: str) -> None:
    await check(promise, _make(CASES[name], server), honest[name])


@pytest.mark.parametrize("tool", READS)
@pytest.mark.parametrize("promise", check_names("read"))
async def test_a_reading_tool_keeps_its_promise(server: Host, tool: str, promise: str) -> None:
    await check(promise, _make(Case(tool, READS[tool], commits, commits, write), server))
