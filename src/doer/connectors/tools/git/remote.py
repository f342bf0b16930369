"""The remote: its refs asked for, and one ref moved by comparison; on a bench, so that no setting of the repository counts."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from doer.connectors.tools.git.bench import Bench
from doer.connectors.tools.git.deed import Link
from doer.connectors.tools.git.faults import refusal, shown
from doer.connectors.tools.git.names import check_address
from doer.connectors.tools.git.program import HTTP_NEEDS, SSH_NEEDS, Program, Ran, environment
from doer.connectors.tools.git.repository import Repository
from doer.domain.errors import Permanent, Transient

Pushed: TypeAlias = Literal["moved", "already"]


@dataclass(frozen=True, slots=True)
class Remote:
    """One remote at its address, and how it is reached; made for one verb."""

    address: str
    passed: tuple[str, ...] = ()
    settings: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    hidden: tuple[str, ...] = field(default=(), repr=False)

    def refs(self, bench: Bench, *patterns: str) -> dict[str, str]:
        """Return the remote's branches and tags with what they point to (git-ls-remote(1))."""
        told = self._asked(bench, "--refs", "--", self.address, *patterns)
        lines = (line.partition("\t") for line in told.lines)
        return {name: target for target, _, name in lines if name.startswith(("refs/heads/", "refs/tags/"))}

    def default(self, bench: Bench) -> tuple[str, str]:
        """Return the name of the remote's default branch and its commit. Raises Permanent when it is empty."""
        told = self._asked(bench, "--symref", "--", self.address, "HEAD").lines
        named = next((line.split("\t")[0].removeprefix("ref: refs/heads/") for line in told if line[:5] == "ref: "), "")
        commit = next((line.split("\t")[0] for line in told if line.endswith("\tHEAD") and line[:5] != "ref: "), "")
        if not named or not commit:
            raise Permanent(f"{self.address} has no default branch with a commit: push something there first")
        return named, commit

    def _asked(self, bench: Bench, *arguments: str) -> Ran:
        # The first protocol tells all refs in its first answer; the second one is asked twice for them.
        return self._git(bench, "ls-remote", *arguments, settings=(("protocol.version", "0"),))

    def clone(self, program: Program, place: Path, name: str) -> None:
        """Clone to `place`, which is not there; no template, no submodules, no filters, no hard links."""
        program.run(
            *("clone", "--quiet", "--template=", "--no-local", "--no-recurse-submodules", f"--origin={name}"),
            *("--", self.address, str(place)),
            cwd=place.parent,
            environment=environment({}, self.settings, self.passed),
            hidden=self.hidden,
        )

    def fetch(self, bench: Bench, ref: str) -> None:
        """Bring the objects of one ref here, and move nothing."""
        self._git(
            bench, "fetch", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--", self.address, ref
        )

    def move(self, bench: Bench, ref: str, new: str | None, old: str | None) -> Pushed:
        """Move a ref of the remote from `old` to `new` (None: not there), or say that somebody did so before.

        The comparison is the remote's (`--force-with-lease=ref:old`, git-push(1)). Raises Permanent when it is not at
        `old`, or when the remote refuses; OutcomeUnknown when it may have been moved.
        """
        told = self._git(
            bench,
            *("push", "--porcelain", "--no-verify", "--no-signed", "--no-follow-tags", "--no-thin"),
            *("--recurse-submodules=no", f"--force-with-lease={ref}:{old or ''}", "--", self.address),
            f"{new or ''}:{ref}",
            accept=(0, 1),
            writes=True,
        )
        for line in told.lines:
            flag, _, rest = line.partition("\t")
            target, _, summary = rest.partition("\t")
            if target.endswith(f":{ref}") and flag in (" ", "+", "*", "-"):
                return "moved"
            if target.endswith(f":{ref}") and flag == "=":
                return "already"
            if flag == "!":
                raise Permanent(f"{ref} was not moved: {shown(summary)}{_why(told.err, summary)}; nothing was changed")
        raise refusal("push", told.code, told.err, writes=True)

    def _git(
        self,
        bench: Bench,
        *arguments: str,
        settings: tuple[tuple[str, str], ...] = (),
        accept: tuple[int, ...] = (0,),
        writes: bool = False,
    ) -> Ran:
        return bench.git(
            *arguments,
            settings=(*self.settings, *settings),
            passed=self.passed,
            accept=accept,
            writes=writes,
            hidden=self.hidden,
        )


def _why(said: str, summary: str) -> str:
    if "stale info" in summary:
        return "; somebody moved it in this moment"
    lines = [line for line in said.splitlines() if line.startswith("remote:")]
    return f" ({shown(chr(10).join(lines))})" if lines else ""


def remote_of(link: Link, repository: Repository | None) -> Remote:
    """Return the remote of a connection: at its address, or where the repository's own settings say.

    Raises Permanent when there is none, or when it is of a kind that is not used; CredentialRefused by the credential.
    """
    address = link.url or (repository.setting(f"remote.{link.remote}.url") if repository is not None else None)
    if not address:
        raise Permanent(f"no remote is called {link.remote}: set its url in the connection, or git remote add")
    check_address(address)
    if not address.startswith(("http://", "https://")):
        return Remote(address, SSH_NEEDS)
    if link.password is None:
        return Remote(address, HTTP_NEEDS)
    secret = link.password()
    basic = base64.b64encode(f"{link.username or 'git'}:{secret}".encode()).decode()
    parts = urlsplit(address)
    # In the environment of git and of its own transport only: neither in arguments, which all users of the machine can
    # list, nor in the address, which git shows. Only for this host: redirects are not followed.
    settings = ((f"http.{parts.scheme}://{parts.netloc}/.extraHeader", f"Authorization: Basic {basic}"),)
    return Remote(address, HTTP_NEEDS, settings, (basic, secret))


def has(bench: Bench, object_: str) -> bool:
    """Whether an object is here."""
    return bench.git("cat-file", "-e", object_, accept=(0, 1, 128)).code == 0


def contains(bench: Bench, descendant: str, ancestor: str) -> bool:
    """Whether a commit is another one, or built on it; not where one of them is not here."""
    return bench.git("merge-base", "--is-ancestor", ancestor, descendant, accept=(0, 1, 128)).code == 0


def built_on(remote: Remote, bench: Bench, ref: str, now: str, ours: str) -> bool:
    """Whether what a ref of the remote points to is built on our commit; its objects are brought here to tell."""
    if not has(bench, now):
        try:
            remote.fetch(bench, ref)
        except (Permanent, Transient):
            return False
    return contains(bench, now, ours)


def moved_otherwise(before: Mapping[str, str], after: Mapping[str, str], ref: str, ours: str) -> list[str]:
    """Return other refs that point to our commit now and did not before: a copy in another place."""
    return [name for name, target in after.items() if name != ref and target == ours and before.get(name) != ours]
