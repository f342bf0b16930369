"""Branches and tags: a new name for a commit, made only where the name is free, and removed only while it is ours.

The name is made by comparison with "not there" (git-update-ref(1)), and its reflog notes the key in the same step; a ref
that points to the same commit and carries another key's note is somebody else's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from doer.connectors.tools.git.bench import Bench
from doer.connectors.tools.git.deed import Link, field, note, noted, pending_state, undo_note
from doer.connectors.tools.git.names import message_argument, ref_name
from doer.connectors.tools.git.repository import Repository
from doer.domain.action import Change, Intent, Preview, Receipt
from doer.domain.errors import Permanent
from doer.domain.outcome import Absent, Conflict, Refuted, Reversal, Undone, Verification, Verified
from doer.domain.template import has_hole
from doer.domain.value import Hole, Json, JsonObject, Key

Kind: TypeAlias = Literal["branch", "tag"]
_FOLDER: Mapping[Kind, str] = {"branch": "refs/heads/", "tag": "refs/tags/"}


@dataclass(frozen=True, slots=True)
class Point:
    """Makes a branch or a tag; a tag with a message is an annotated one."""

    link: Link
    kind: Kind

    def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        """Say which commit the new name would point to."""
        repository = self.link.open()
        name: str = Hole.of("name") if has_hole(arguments.get(self.kind)) else ref_name(arguments, self.kind)
        ref = _FOLDER[self.kind] + name
        if has_hole(arguments.get(self.kind)):
            return Preview(foreseeable=False, note=f"which {self.kind} is known only when an earlier step has run")
        earlier = pending_state(pending, self.link.resource(ref))
        if (earlier is not None and earlier.after is not None) or repository.target(ref) is not None:
            raise Permanent(f"there is a {self.kind} {name} already; it is never moved: choose another name")
        self._refuse_prefix(repository, name)
        at, known = self._at(repository, arguments, pending)
        planned = "" if has_hole(arguments.get("at")) else self._branch(repository, arguments)
        after: dict[str, Json] = {"commit": at}
        if "message" in arguments:
            after |= {"message": message_argument(arguments, ""), "tagger": str(repository.person(self.link.author))}
        version = f"{at};{self.link.moment()}" if known else None
        change = Change(self.link.resource(ref), None, after, version=version)
        # Of a branch that an earlier step moves, it is what that step leaves there; of an argument, that is compared.
        holes = {at: planned} if has_hole(at) and planned else {}
        foretold: dict[str, Json] = {self.kind: name, "commit": at}
        return Preview((change,), result=foretold, note="only here, until it is pushed", holes=holes)

    def _at(self, repository: Repository, arguments: JsonObject, pending: Sequence[Change]) -> tuple[str, bool]:
        """Return the commit to point to, and whether it is known already."""
        if has_hole(arguments.get("at")):
            return Hole.of("commit of an earlier step"), False
        said = ref_name(arguments, "at") if "at" in arguments else ""
        if (earlier := pending_state(pending, self._branch(repository, arguments))) is not None:
            later = earlier.after.get("commit") if isinstance(earlier.after, Mapping) else None
            return (later if isinstance(later, str) else Hole.of("commit of an earlier step")), False
        found = repository.commit_at(said) if said else repository.target("HEAD")
        if found is None:
            raise Permanent(f"there is no commit yet that a {self.kind} could point to: commit something first")
        return found, True

    def _branch(self, repository: Repository, arguments: JsonObject) -> str:
        """Return the resource of the branch that is pointed at, which an earlier step may move."""
        at = f"refs/heads/{ref_name(arguments, 'at')}" if "at" in arguments else repository.head() or ""
        return self.link.resource(at)

    def _refuse_prefix(self, repository: Repository, name: str) -> None:
        folder = _FOLDER[self.kind]
        for other in repository.all_refs(folder):
            short = other.removeprefix(folder)
            if short.startswith(f"{name}/") or name.startswith(f"{short}/"):
                raise Permanent(f"{name} cannot be made beside {short}: git keeps names as files and folders")

    # --- apply

    def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        """Make the name, where it is free."""
        repository, ref = self.link.open(), _FOLDER[self.kind] + ref_name(arguments, self.kind)
        with repository.alone(), repository.bench(scratch=False) as bench:
            commit, moment = self._foretold(repository, arguments, before)
            now = repository.target(ref)
            if now is not None:
                if noted(repository.notes(ref), key) == now:
                    return self._receipt(ref, commit, now, key)
                raise Permanent(f"there is a {self.kind} {ref} already, made by somebody else; nothing was changed")
            self._refuse_prefix(repository, ref.removeprefix(_FOLDER[self.kind]))
            if "at" not in arguments and repository.target("HEAD") != commit:
                raise Permanent("HEAD moved since the preview; nothing was changed. Preview it again")
            made = self._object(repository, bench, arguments, commit, moment)
            repository.move(ref, made, None, note(key, made))
            return self._receipt(ref, commit, made, key)

    def _foretold(self, repository: Repository, arguments: JsonObject, before: Sequence[Change]) -> tuple[str, int]:
        version = next((each.version for each in before if each.version), None)
        if version is None:
            return self._at(repository, arguments, ())[0], self.link.moment()
        commit, _, moment = version.partition(";")
        return commit, int(moment)

    def _object(self, repository: Repository, bench: Bench, arguments: JsonObject, commit: str, moment: int) -> str:
        if "message" not in arguments:
            return commit
        name = ref_name(arguments, "tag")
        tagger = repository.person(self.link.author)
        head = f"object {commit}\ntype commit\ntag {name}\ntagger {tagger} {moment} +0000\n"
        return bench.git("mktag", stdin=f"{head}\n{message_argument(arguments, '')}\n".encode()).text

    def _receipt(self, ref: str, commit: str, made: str, key: Key) -> Receipt:
        name = ref.removeprefix(_FOLDER[self.kind])
        undo: JsonObject = {"ref": ref, "object": made, "key": key}
        return Receipt({self.kind: name, "commit": commit}, {self.link.resource(ref): made}, undo)

    # --- verify

    def verify(self, intent: Intent, receipt: Receipt | None) -> Verification:
        """Read what the name points to; without a receipt, also whether the reflog notes the key."""
        repository, ref = self.link.open(), _FOLDER[self.kind] + ref_name(intent.arguments, self.kind)
        now = repository.target(ref)
        made = field(receipt, "object") if receipt is not None else noted(repository.notes(ref), intent.key)
        if now is None:
            if receipt is None:
                return Absent(f"there is no {ref}")
            return Refuted(f"{ref} is not there", receipt)
        if made is None:
            return Absent(f"{ref} is there, but this action did not make it")
        commit, moment = self._foretold(repository, intent.arguments, intent.changes)
        with repository.bench(scratch=True) as bench:
            wished = self._object(repository, bench, intent.arguments, commit, moment)
        if now != made or made != wished:
            return Refuted(f"{ref} points to {now[:10]}, and not to {wished[:10]}", receipt)
        return Verified(receipt or self._receipt(ref, commit, made, intent.key), f"{ref} points to {commit[:10]}")

    # --- undo

    def undo(self, receipt: Receipt) -> Reversal:
        """Remove the name, if it still points where we put it, by the comparison of one step."""
        repository = self.link.open()
        ref, made, key = field(receipt, "ref"), field(receipt, "object"), field(receipt, "key")
        with repository.alone():
            now = repository.target(ref)
            if now is None:
                return Undone({}, f"{ref} is gone")
            if now != made or noted(repository.notes(ref), Key(key)) != made:
                return Conflict(f"{ref} was moved or made anew since (it is at {now[:10]}); it was left as it is")
            if repository.head() == ref:
                return Conflict(f"{ref} is the branch in use: switch to another one first")
            repository.move(ref, None, made, undo_note(key))
            if (left := repository.target(ref)) is not None:
                return Conflict(f"{ref} was made anew at this moment (at {left[:10]})")
        return Undone({}, f"{ref} is gone")
