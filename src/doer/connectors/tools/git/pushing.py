"""Push: one branch or tag of the remote moved forward by comparison, read back, and put back to exactly what it was.

Only fast-forwards, only where the connection allows, never with a bare force. Taking it back moves the remote's ref back
(or removes the one that was made) while nobody has pushed on top; whoever fetched it meanwhile keeps it, which the
preview says, as an echo.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from doer.connectors.tools.git.bench import Bench
from doer.connectors.tools.git.deed import Link, field, pending_state
from doer.connectors.tools.git.names import allowed, ref_name
from doer.connectors.tools.git.records import Record, drop, keep, kept
from doer.connectors.tools.git.remote import Remote, built_on, contains, moved_otherwise, remote_of
from doer.connectors.tools.git.repository import Repository
from doer.domain.action import Change, Intent, Preview, Receipt
from doer.domain.errors import NoEffect, OutcomeUnknown, Permanent
from doer.domain.outcome import Absent, Conflict, Partial, Refuted, Reversal, Undone, Unknown, Verification, Verified
from doer.domain.template import has_hole
from doer.domain.value import Hole, Json, JsonObject, Key

_NONE = "-"
_MOST_COMMITS = 20


@dataclass(frozen=True, slots=True)
class Push:
    """Pushes a branch, or a tag."""

    link: Link

    def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        """Say from where to where the remote's ref would move, and with which commits; the remote is only asked."""
        if has_hole(arguments.get("branch")) or has_hole(arguments.get("tag")):
            return Preview(foreseeable=False, note="what is pushed is known only when an earlier step has run")
        repository = self.link.open()
        ref = self._ref(repository, arguments)
        resource = self._resource(ref)
        with repository.bench(scratch=True) as bench:
            remote = remote_of(self.link, repository)
            old = remote.refs(bench, ref).get(ref)
            earlier, ours = pending_state(pending, resource), pending_state(pending, self.link.resource(ref))
            before: Json = {"commit": old} if old else None
            if earlier is not None:
                before = earlier.after
            if ours is not None:
                new, commits = _planned(ours), ["that of an earlier step"]
            else:
                new = self._local(repository, ref)
                self._refuse_unless_forward(remote, bench, ref, old, new)
                commits = _subjects(bench, old, new)
        change = Change(
            resource,
            before,
            {"commit": new},
            echoes=(f"others can fetch it from {self.link.remote}", f"automation of {self.link.remote} may start"),
            version=f"{old or _NONE};{_NONE if ours is not None else new}",
        )
        note = f"commits: {'; '.join(commits) or 'none'}. Who fetched it meanwhile keeps it, also when it is taken back"
        holes = {new: self.link.resource(ref)} if has_hole(new) else {}
        return Preview((change,), result={**_named(ref), "remote": self.link.remote}, note=note, holes=holes)

    def _resource(self, ref: str) -> str:
        return f"git:{self.link.name}@{self.link.remote}/{ref}"

    def _ref(self, repository: Repository, arguments: JsonObject) -> str:
        """Return the full name of what is pushed. Raises Permanent when the connection does not allow that."""
        if "tag" in arguments and "branch" in arguments:
            raise Permanent("push a branch or a tag, one at a time")
        if "tag" in arguments:
            ref = f"refs/tags/{ref_name(arguments, 'tag')}"
        elif "branch" in arguments:
            ref = f"refs/heads/{ref_name(arguments, 'branch')}"
        else:
            ref = repository.current()
        name = ref.removeprefix("refs/heads/").removeprefix("refs/")
        if not allowed(self.link.push, name):
            listed = ", ".join(self.link.push) or "nothing"
            raise Permanent(
                f"{self.link.name} may not push {name}: its setting push allows {listed}; add {name!r} there"
            )
        return ref

    def _local(self, repository: Repository, ref: str) -> str:
        if (found := repository.target(ref)) is None:
            raise Permanent(f"there is no {ref} here to push")
        return found

    def _refuse_unless_forward(self, remote: Remote, bench: Bench, ref: str, old: str | None, new: str) -> None:
        if old is None or old == new:
            return
        if ref.startswith("refs/tags/"):
            raise Permanent(f"{self.link.remote} has another {ref}; tags are never moved: choose another name")
        if contains(bench, new, old):
            return
        if built_on(remote, bench, ref, old, new):
            raise Permanent(f"{self.link.remote} is ahead of {ref} here; there is nothing to push: pull first")
        raise Permanent(
            f"{ref} and that of {self.link.remote} have diverged: others pushed commits that are not here. "
            "Pull and merge first; doer never overwrites them"
        )

    # --- apply

    def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        """Move the remote's ref, if both sides are as foretold."""
        repository = self.link.open()
        ref = self._ref(repository, arguments)
        with repository.alone(), repository.bench(scratch=False) as bench:
            remote = remote_of(self.link, repository)
            there = remote.refs(bench)
            tried, now = kept(repository.common, key), there.get(ref)
            old, new = _foretold(before) or (now, self._local(repository, ref))
            if tried is not None and now == tried.new:
                return self._done(repository, key, tried)
            if now != old:
                raise Permanent(f"{ref} of {self.link.remote} moved since the preview; nothing was changed")
            if tried is None and self._local(repository, ref) != new:
                raise Permanent(f"{ref} moved here since the preview; nothing was changed. Preview it again")
            record = Record(ref, old, new)
            if old == new:
                return self._done(repository, key, record)
            self._refuse_unless_forward(remote, bench, ref, old, new)
            self._send(repository, bench, remote, key, record, again=tried is not None)
            return self._done(repository, key, record, self._copies(remote, bench, there, record))

    def _send(
        self, repository: Repository, bench: Bench, remote: Remote, key: Key, record: Record, *, again: bool
    ) -> None:
        keep(repository.common, key, record)
        try:
            pushed = remote.move(bench, record.ref, record.new, record.old)
        except NoEffect as refused:
            if again:
                raise OutcomeUnknown(
                    f"{refused}; but it was asked for before, and that may have been done"
                ) from refused
            drop(repository.common, key)
            raise
        if pushed == "already" and not again:
            drop(repository.common, key)
            raise Permanent(f"somebody else pushed {record.ref} at this moment; nothing was changed")

    def _copies(self, remote: Remote, bench: Bench, there: Mapping[str, str], record: Record) -> list[str]:
        try:
            return moved_otherwise(there, remote.refs(bench), record.ref, record.new)
        except NoEffect as failed:
            raise OutcomeUnknown(f"{record.ref} was pushed, and then: {failed}") from failed

    def _done(self, repository: Repository, key: Key, record: Record, copies: Sequence[str] = ()) -> Receipt:
        self._track(repository, record.ref, record.new)
        undo: JsonObject = {
            "ref": record.ref, "old": record.old or _NONE, "new": record.new, "key": key, "copies": list(copies)
        }  # fmt: skip
        result: JsonObject = {**_named(record.ref), "remote": self.link.remote, "commit": record.new}
        return Receipt(result, {self._resource(record.ref): record.new}, undo)

    def _track(self, repository: Repository, ref: str, now: str | None) -> None:
        """Let the person's git know where the remote's branch is, as git push does; that it cannot is no failure."""
        if not ref.startswith("refs/heads/"):
            return
        local = f"refs/remotes/{self.link.remote}/{ref.removeprefix('refs/heads/')}"
        with suppress(NoEffect):
            known = repository.target(local)
            if known != now:
                repository.move(local, now, known, "doer: push")

    # --- verify

    def verify(self, intent: Intent, receipt: Receipt | None) -> Verification:
        """Ask the remote for all its refs: ours is where it should be, or built on, and no copy appeared elsewhere."""
        repository = self.link.open()
        record = kept(repository.common, intent.key) if receipt is None else _recorded(receipt)
        if record is None:
            return Absent("this action never came to asking the remote")
        with repository.bench(scratch=True) as bench:
            remote = remote_of(self.link, repository)
            there = remote.refs(bench)
            now = there.get(record.ref)
            found = receipt or self._found(repository, intent.key, record, now)
            copies = [name for name in _copies_of(receipt) if there.get(name) == record.new]
            if copies:
                return Refuted(f"a copy appeared at {self.link.remote}: {', '.join(copies)}", found)
            if now == record.new:
                return Verified(_shown(found), f"{record.ref} of {self.link.remote} is at {record.new[:10]}")
            if now == record.old:
                return self._where_it_was(record, receipt)
            if now is not None and built_on(remote, bench, record.ref, now, record.new):
                return Verified(found, f"{record.ref} of {self.link.remote} was built on since")
        return Refuted(f"{record.ref} of {self.link.remote} is at {(now or 'nothing')[:10]}, without our commit", found)

    def _where_it_was(self, record: Record, receipt: Receipt | None) -> Verification:
        """Say what an unmoved ref means. A remote that said ok and shows it was wrong once: nobody knows in which."""
        told = f"{record.ref} of {self.link.remote} is where it was"
        if receipt is None:
            return Absent(told)
        if _was_shown(receipt):
            return Refuted(f"{told}: somebody moved it back", receipt)
        return Unknown(f"{self.link.remote} accepted the push, and still shows {record.ref} where it was")

    def _found(self, repository: Repository, key: Key, record: Record, now: str | None) -> Receipt:
        if now == record.new:
            return self._done(repository, key, record)
        undo: JsonObject = {"ref": record.ref, "old": record.old or _NONE, "new": record.new, "key": key, "copies": []}
        result: JsonObject = {**_named(record.ref), "remote": self.link.remote, "commit": record.new}
        return Receipt(result, {}, undo)

    # --- undo

    def undo(self, receipt: Receipt) -> Reversal:
        """Put the remote's ref back, by comparison with ours, and read that back."""
        repository, record, key = self.link.open(), _recorded(receipt), field(receipt, "key")
        with repository.alone(), repository.bench(scratch=False) as bench:
            remote = remote_of(self.link, repository)
            now = remote.refs(bench).get(record.ref)
            if now not in (record.new, record.old):
                return Conflict(f"{record.ref} of {self.link.remote} moved on to {(now or 'nothing')[:10]} since")
            if now != record.old:
                keep(repository.common, key, replace(record, back=True))
                try:
                    remote.move(bench, record.ref, record.old, record.new)
                except Permanent as refused:
                    return Conflict(f"{self.link.remote} does not let it be taken back: {refused}")
            elif record.new != record.old and not _moved_back(receipt, kept(repository.common, key)):
                return self._untold(bench, remote, receipt, record)
            there = remote.refs(bench)
            if there.get(record.ref) != record.old:
                return Conflict(f"{record.ref} of {self.link.remote} is not back where it was; read it again")
            self._track(repository, record.ref, record.old)
            drop(repository.common, key)
        left = [name for name in _copies_of(receipt) if there.get(name) == record.new]
        versions = {self._resource(record.ref): record.old} if record.old else {}
        if left:
            return Partial(f"copies stay at {self.link.remote}: {', '.join(left)}", versions)
        return Undone(versions, f"{record.ref} of {self.link.remote} is back at {(record.old or 'nothing')[:10]}")

    def _untold(self, bench: Bench, remote: Remote, receipt: Receipt, record: Record) -> Reversal:
        """Nothing is to be moved back, and the push was accepted: the remote may be showing what was there before it."""
        there = remote.refs(bench)
        if left := [name for name in _copies_of(receipt) if there.get(name) == record.new]:
            return Partial(f"copies stay at {self.link.remote}: {', '.join(left)}")
        return Conflict(f"{self.link.remote} accepted the push and never showed it: look whether {record.ref} is back")


def _planned(earlier: Change) -> str:
    planned = earlier.after.get("commit") if isinstance(earlier.after, Mapping) else None
    return planned if isinstance(planned, str) else Hole.of("commit of an earlier step")


def _named(ref: str) -> dict[str, Json]:
    if ref.startswith("refs/tags/"):
        return {"tag": ref.removeprefix("refs/tags/")}
    return {"branch": ref.removeprefix("refs/heads/")}


def _subjects(bench: Bench, old: str | None, new: str) -> list[str]:
    span = (new, f"^{old}") if old else (new,)
    told = bench.git("log", "--format=%h %s", "--no-show-signature", f"-n{_MOST_COMMITS}", *span, "--").lines
    return [line[:100] for line in told]


def _foretold(before: Sequence[Change]) -> tuple[str | None, str] | None:
    if not before:
        return None
    old, _, new = (before[0].version or "").partition(";")
    if not old or new in ("", _NONE):
        raise Permanent("what was foretold names no commit; preview it again")
    return (None if old == _NONE else old), new


def _shown(receipt: Receipt) -> Receipt:
    """The receipt of a push that the remote has shown: an old ref seen later is then somebody's doing, not a stale read."""
    undo = receipt.undo if isinstance(receipt.undo, Mapping) else {}
    return Receipt(receipt.result, receipt.versions, {**undo, "shown": True})


def _was_shown(receipt: Receipt) -> bool:
    return isinstance(receipt.undo, Mapping) and receipt.undo.get("shown") is True


def _moved_back(receipt: Receipt, record: Record | None) -> bool:
    """Whether an old ref can be believed: it was seen moved, or we asked for it back (its record is gone when that is done)."""
    return _was_shown(receipt) or record is None or record.back


def _recorded(receipt: Receipt) -> Record:
    old = field(receipt, "old")
    return Record(field(receipt, "ref"), None if old == _NONE else old, field(receipt, "new"))


def _copies_of(receipt: Receipt | None) -> list[str]:
    listed = receipt.undo.get("copies") if receipt is not None and isinstance(receipt.undo, Mapping) else None
    return [str(each) for each in listed] if isinstance(listed, list | tuple) else []
