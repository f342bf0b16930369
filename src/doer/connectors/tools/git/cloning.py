"""Clone: the repository's folder made beside its place and renamed to it in one step, with the key inside; removed only untouched."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from doer.connectors.tools.files.place import temporary_name
from doer.connectors.tools.files.rename import rename_new
from doer.connectors.tools.git.bench import lone_bench
from doer.connectors.tools.git.deed import Link, field
from doer.connectors.tools.git.opening import open_repository
from doer.connectors.tools.git.remote import Remote, remote_of
from doer.connectors.tools.git.repository import records_folder
from doer.connectors.tools.git.tree import stage
from doer.domain.action import Change, Intent, Preview, Receipt
from doer.domain.errors import Permanent
from doer.domain.outcome import Absent, Conflict, Partial, Refuted, Reversal, Undone, Verification, Verified
from doer.domain.value import Json, JsonObject, Key

_RECORD = "clone.json"
# What git itself rewrites without anybody having worked there; refs and reflogs are looked at as such.
_RESTLESS = ("index", "objects", "logs", "refs", "packed-refs", "FETCH_HEAD", "ORIG_HEAD", "gc.pid", "gc.log", "doer")


@dataclass(frozen=True, slots=True)
class Clone:
    """Clones the connection's remote to the connection's folder."""

    link: Link

    def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        """Say which commit of which branch would be there; the remote is only asked."""
        if any(each.resource == self._resource and each.after is not None for each in pending):
            raise Permanent(f"an earlier step clones {self.link.name} already")
        self._refuse_taken()
        self.link.program.check()
        after: dict[str, Json] = dict(self._offered())
        change = Change(self._resource, None, {**after, "folder": self.link.place.name}, version=str(after["commit"]))
        return Preview((change,), result=after, note="submodules and files kept elsewhere (LFS) are not fetched")

    @property
    def _resource(self) -> str:
        return f"git:{self.link.name}"

    def _refuse_taken(self) -> None:
        if os.path.lexists(self.link.place):
            raise Permanent(f"{self.link.place} is there already; it is never cloned over: name another folder")
        if not self.link.place.parent.is_dir():
            raise Permanent(f"{self.link.place.parent} is not there: make that folder first")

    def _offered(self) -> dict[str, str]:
        """Return the remote's default branch and its commit."""
        remote = remote_of(self.link, None)
        with lone_bench(self.link.program) as bench:
            branch, commit = remote.default(bench)
        return {"remote": remote.address, "branch": branch, "commit": commit}

    # --- apply

    def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        """Clone beside the place, and rename to it in one step."""
        try:
            self._refuse_taken()
        except Permanent:
            if (done := self._recorded(key)) is not None:  # before, or at this moment
                return self._receipt(done, key)
            raise
        remote, parent = remote_of(self.link, None), self.link.place.parent
        made = parent / temporary_name(key)
        _remove(made)  # of a first try with this key, which was killed
        try:
            digest = self._cloned(remote, made, key, before)
            _rename(parent, made.name, self.link.place.name)
        except FileExistsError as taken:
            if (done := self._recorded(key)) is not None:
                return self._receipt(done, key)
            raise Permanent(
                f"{self.link.place} was made by somebody else at this moment; nothing was changed"
            ) from taken
        finally:
            _remove(made)
        return self._receipt(digest, key)

    def _cloned(self, remote: Remote, made: Path, key: Key, before: Sequence[Change]) -> str:
        remote.clone(self.link.program, made, self.link.remote)
        found = open_repository(self.link.program, made)
        commit = found.target("HEAD")
        foretold = before[0].version if before else commit
        if commit is None or commit != foretold:
            raise Permanent("the remote's branch moved since the preview; nothing was changed. Preview it again")
        digest = state(self.link, made)
        place = records_folder(made / ".git") / _RECORD
        with place.open("w") as opened:
            json.dump({"key": key, "digest": digest}, opened)
            opened.flush()
            os.fsync(opened.fileno())
        return digest

    def _recorded(self, key: Key) -> str | None:
        """Return the digest that this key's clone had, if it is there."""
        try:
            found = json.loads((self.link.place / ".git" / "doer" / _RECORD).read_text())
        except (OSError, json.JSONDecodeError):
            return None
        ours = isinstance(found, Mapping) and found.get("key") == key
        return str(found["digest"]) if ours else None

    def _receipt(self, digest: str, key: Key) -> Receipt:
        opened = self.link.open()
        commit = opened.target("HEAD") or ""
        remote = remote_of(self.link, None)
        result = {
            "remote": remote.address,
            "branch": (opened.head() or "").removeprefix("refs/heads/"),
            "commit": commit,
        }
        return Receipt(result, {self._resource: digest}, {"digest": digest, "key": key})

    # --- verify

    def verify(self, intent: Intent, receipt: Receipt | None) -> Verification:
        """Compare the folder with what was cloned, and its files with the commit; without a receipt, look for the key."""
        if not os.path.lexists(self.link.place):
            return Absent(f"{self.link.place} is not there") if receipt is None else Refuted("it is gone", receipt)
        digest = self._recorded(intent.key) if receipt is None else field(receipt, "digest")
        if digest is None:
            return Absent(f"{self.link.place} is there, but this action did not clone it")
        found = receipt or self._receipt(digest, intent.key)
        opened = self.link.open()
        commit = opened.target("HEAD")
        foretold = intent.changes[0].version if intent.changes else commit
        if commit is None or commit != foretold or state(self.link, self.link.place) != digest:
            return Refuted(f"{self.link.place.name} is not as it was cloned", found)
        with opened.bench(scratch=True) as bench:
            wished = bench.git("rev-parse", "--verify", "-q", f"{commit}^{{tree}}").text
            if stage(bench, commit, (".",)).tree != wished:
                return Refuted(f"the files in {self.link.place.name} are not those of {commit[:10]}", found)
        return Verified(found, f"{self.link.place.name} holds {commit[:10]}, as the remote offered it")

    # --- undo

    def undo(self, receipt: Receipt) -> Reversal:
        """Remove the folder, if it is exactly as cloned: moved aside in one step, looked at again, and then removed."""
        digest, place = field(receipt, "digest"), self.link.place
        aside = place.parent / temporary_name(f"undo-{field(receipt, 'key')}")
        if not os.path.lexists(place):
            _remove(aside)
            return Undone({}, f"{place.name} is not there")
        try:
            if state(self.link, place) != digest:
                return Conflict(f"somebody worked in {place.name} since it was cloned; it was left as it is")
        except Permanent as unreadable:
            return Conflict(f"{place.name} is not the repository that was cloned: {unreadable}")
        _rename(place.parent, place.name, aside.name)
        if state(self.link, aside) != digest:
            _rename(place.parent, aside.name, place.name)
            return Conflict(f"somebody worked in {place.name} at this moment; it was left as it is")
        _remove(aside)
        if aside.exists():
            return Partial(f"{place.name} is gone, but {aside} could not be removed wholly: delete it by hand")
        return Undone({}, f"{place.name} is gone")


def state(link: Link, place: Path) -> str:
    """Return the digest of everything that somebody could have worked on in a clone: files, refs, settings, reflogs."""
    opened = open_repository(link.program, place)
    digest = hashlib.sha256()
    refs = (f"{target} {name}" for name, target in opened.all_refs().items())
    digest.update("\0".join((opened.head() or "detached", *refs)).encode())
    for line in _files(place):
        digest.update(line)
    for path in sorted((place / ".git" / "logs").rglob("*")):
        if path.is_file():
            ours = [line for line in path.read_bytes().split(b"\n") if b"\tdoer: " not in line and line]
            digest.update(b"".join(ours) if ours else b"")
    return digest.hexdigest()


def _files(place: Path) -> Iterator[bytes]:
    waiting = [place]
    while waiting:
        folder = waiting.pop()
        for path in sorted(folder.iterdir()):
            if folder == place / ".git" and path.name in _RESTLESS:
                continue
            found = path.lstat()
            if stat.S_ISDIR(found.st_mode):
                waiting.append(path)
                content = b"folder"
            elif stat.S_ISLNK(found.st_mode):
                content = os.fsencode(path.readlink())
            elif stat.S_ISREG(found.st_mode):
                content = hashlib.sha256(path.read_bytes()).digest()
            else:
                content = b"other"
            name = os.fsencode(path.relative_to(place))
            yield b"%s\0%o\0%s\0" % (name, found.st_mode, content)


def _rename(parent: Path, source: str, target: str) -> None:
    opened = os.open(parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        rename_new(opened, source, opened, target)
        os.fsync(opened)
    finally:
        os.close(opened)


def _remove(place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)
