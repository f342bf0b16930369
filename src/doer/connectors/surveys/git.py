"""A git repository surveyed: the remote's branches, asked with `git ls-remote`, and what is in the folder already."""

from __future__ import annotations

from dataclasses import dataclass

from doer.connectors.surveys.survey import Ability, Entity, Survey
from doer.connectors.tools.calling import in_thread
from doer.connectors.tools.git.bench import lone_bench
from doer.connectors.tools.git.deed import Link
from doer.connectors.tools.git.remote import remote_of
from doer.connectors.tools.git.repository import Repository

_HEADS = "refs/heads/"


@dataclass(frozen=True, slots=True)
class GitSurveyor:
    """Looks at one repository and at its remote."""

    link: Link

    async def survey(self) -> Survey:
        """Return the branches. Raises Permanent where there is neither a repository nor a remote, CredentialRefused, Transient."""
        return await in_thread(self._survey)

    def _survey(self) -> Survey:
        link = self.link
        link.program.check()
        repository = link.open() if link.place.exists() else None
        there = self._remote(repository)
        pushed = ", ".join(link.push)
        abilities = (
            Ability("clone", repository is None, "" if repository is None else "it is here already"),
            Ability("commit", works=True, why="" if repository is not None else "once it is cloned"),
            Ability("push", bool(pushed) and there is not None, pushed or "push names no branch"),
            Ability("read back", works=True, why="refs and trees"),
            Ability("undo", works=True, why="exact refs"),
        )
        entities = tuple(Entity("branch", each, f"{_HEADS}{each}") for each in sorted(there or ()))
        return Survey("git, no remote" if there is None else f"git at {link.url or link.remote}", abilities, entities)

    def _remote(self, repository: Repository | None) -> list[str] | None:
        named = self.link.url or (repository and repository.setting(f"remote.{self.link.remote}.url"))
        if not named and repository is not None:
            return None
        remote = remote_of(self.link, repository)
        with lone_bench(self.link.program) as bench:
            return [each.removeprefix(_HEADS) for each in remote.refs(bench) if each.startswith(_HEADS)]
