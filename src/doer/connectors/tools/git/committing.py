"""Commit: exactly the files named, as one commit on the current branch; what else is staged stays staged and out of it.

The tree is made in an index of our own; the branch is moved by comparison with its old value, and the move is noted in
the branch's reflog with the key. Author, date, message, parent and tree follow from the world, so that a preview names the
very commit that will be made, and the same action makes the same commit (content addressing). The date is when the newest
of the files was written, not before the parent's and not after now. `Change.version` carries parent, tree, date, and what
the person's index held.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from doer.connectors.tools.git.bench import Bench
from doer.connectors.tools.git.deed import Link, field, note, noted, undo_note
from doer.connectors.tools.git.names import message_argument, paths_argument
from doer.connectors.tools.git.repository import Person, Repository, parse_person
from doer.connectors.tools.git.tree import (
    MORE,
    difference,
    empty_tree,
    index_tree,
    replace_in_index,
    shown,
    stage,
)
from doer.domain.action import Change, Intent, Preview, Receipt
from doer.domain.errors import OutcomeUnknown, Permanent, Transient
from doer.domain.outcome import Absent, Conflict, Refuted, Reversal, Undone, Verification, Verified
from doer.domain.template import has_hole
from doer.domain.value import Hole, Json, JsonObject, Key

_NONE = "-"


@dataclass(frozen=True, slots=True)
class Wish:
    """A commit that can be made, in every part that decides its id; and what the person's index held before."""

    parent: str | None
    tree: str
    moment: int
    indexed: str
    files: Mapping[str, str] | None = None
    """What differs from the parent; None: not looked at."""

    def __str__(self) -> str:
        """As a change's version carries it."""
        return f"{self.parent or _NONE};{self.tree};{self.moment};{self.indexed}"


@dataclass(frozen=True, slots=True)
class Commit:
    """Commits what changed below the paths."""

    link: Link

    def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        """Say which files would be committed, by the tree's id; objects that this takes are thrown away."""
        if has_hole(arguments.get("paths")):
            return Preview(foreseeable=False, note="which files is known only when an earlier step has run")
        repository, paths = self.link.open(), paths_argument(arguments)
        message, person = message_argument(arguments, _otherwise(paths)), self._ready(repository)
        branch = repository.current()
        resource, parent = self.link.resource(branch), repository.target(branch)
        earlier = [each for each in pending if each.resource == resource and each.kind != "same"]
        unsure = any(each.resource.startswith("file:") for each in pending)
        with repository.bench(scratch=True) as bench:
            planned = _planned(bench, parent, earlier)
            unsure = unsure or (planned is None and bool(earlier))
            wish = self._wish(repository, bench, planned, paths)
            if not wish.files and not unsure:
                raise Permanent(f"nothing to commit: no file below {', '.join(paths)} differs from the last commit")
            made = message if has_hole(message) else _make(bench, wish, message, person)
        after: dict[str, Json] = {"message": message, "author": str(person)}
        after |= {"commit": made, "files": shown(wish.files or {}), "tree": wish.tree}
        if unsure:
            after |= dict.fromkeys(("commit", "files", "tree"), Hole.of("files as earlier steps leave them"))
        before: Json = {"commit": wish.parent} if wish.parent else None
        if earlier and isinstance(earlier[-1].after, Mapping):
            before = {"commit": earlier[-1].after.get("commit")}
        change = Change(resource, before, after, version=str(wish))
        foretold: dict[str, Json] = {"branch": branch.removeprefix("refs/heads/"), "message": message}
        return Preview((change,), result=foretold, note="files on disk stay as they are, also when it is taken back")

    def _ready(self, repository: Repository) -> Person:
        repository.quiet()
        return repository.person(self.link.author)

    def _wish(self, repository: Repository, bench: Bench, parent: str | None, paths: Sequence[str]) -> Wish:
        staged = stage(bench, parent, paths)
        newest = _newest(repository.top, staged.changed)
        if parent is not None:
            newest = max(newest, int(bench.git("log", "-1", "--format=%ct", parent, "--").text))
        moment, indexed = min(newest, self.link.moment()), index_tree(bench, repository.index)
        return Wish(parent, staged.tree, moment, indexed, staged.changed)

    # --- apply

    def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        """Make the commit and move the branch to it, if branch and files are as foretold."""
        repository, paths = self.link.open(), paths_argument(arguments)
        message = message_argument(arguments, _otherwise(paths))
        with repository.alone(), repository.bench(scratch=False) as bench:
            branch = _branch(self.link, before) or repository.current()
            if before and (done := noted(repository.notes(branch), key)) is not None:
                return self._complete(repository, bench, branch, key, done, _foretold(before), message)
            person = self._ready(repository)
            if branch != repository.current():
                raise Permanent(f"another branch is in use since the preview, not {branch}; nothing was changed")
            found = self._wish(repository, bench, repository.target(branch), paths)
            wish = _foretold(before) if before else found
            if (found.parent, found.tree) != (wish.parent, wish.tree):
                raise Permanent(f"{branch} or the files changed since the preview; nothing was changed. Preview again")
            if not found.files:
                raise Permanent(f"nothing to commit: no file below {', '.join(paths)} differs from the last commit")
            if (repository.directory / "index.lock").exists():
                raise Transient("another git is at work there (index.lock); nothing was changed")
            made = _make(bench, wish, message, person)
            if before and _said(before[0], "commit") != made:
                raise Permanent(
                    "the message or the author changed since the preview; nothing was changed. Preview again"
                )
            repository.move(branch, made, wish.parent, note(key, made), person)
            return self._complete(repository, bench, branch, key, made, replace(wish, files=found.files), message)

    def _complete(
        self, repository: Repository, bench: Bench, branch: str, key: Key, made: str, wish: Wish, message: str
    ) -> Receipt:
        """Let the person's index know the committed files, as git commit does; repeating it changes nothing."""
        files = difference(bench, wish.parent, wish.tree) if wish.files is None else wish.files
        if repository.head() == branch and repository.target(branch) == made:
            try:
                replace_in_index(bench, repository.index, files, _known(bench, wish.indexed, wish.parent), made)
            except (Transient, Permanent) as failed:
                raise OutcomeUnknown(f"the commit {made[:10]} is made, but not yet in the index: {failed}") from failed
        short = branch.removeprefix("refs/heads/")
        undo: dict[str, Json] = {"branch": branch, "commit": made, "key": key, "indexed": wish.indexed}
        return Receipt({"commit": made, "branch": short, "message": message}, {self.link.resource(branch): made}, undo)

    # --- verify

    def verify(self, intent: Intent, receipt: Receipt | None) -> Verification:
        """Read the branch, the commit and its tree; without a receipt, what the reflog notes for the key."""
        repository = self.link.open()
        branch = _branch(self.link, intent.changes)
        if branch is None:
            return Absent("nothing was foretold")
        wish = _foretold(intent.changes)
        with repository.bench(scratch=receipt is not None) as bench:
            made = noted(repository.notes(branch), intent.key) if receipt is None else field(receipt, "commit")
            if made is None:
                return Absent(f"no commit of this action is on {branch}")
            now = repository.target(branch)
            if now is None or (now != made and not _contains(bench, now, made)):
                return Refuted(f"{branch} points to {(now or 'nothing')[:10]}, without the commit {made[:10]}", receipt)
            if (problem := _unlike(bench, made, wish, intent.changes[0].after)) is not None:
                return Refuted(problem, receipt)
            if receipt is None:
                message = message_argument(intent.arguments, _otherwise(paths_argument(intent.arguments)))
                with repository.alone():
                    receipt = self._complete(repository, bench, branch, intent.key, made, wish, message)
        built_on = "" if now == made else ", and somebody committed on top"
        return Verified(receipt, f"{branch} holds {made[:10]} with the tree foretold{built_on}")

    # --- undo

    def undo(self, receipt: Receipt) -> Reversal:
        """Move the branch back to the parent, if it still points to our commit and no remote has it; files stay."""
        repository = self.link.open()
        branch, made, key = field(receipt, "branch"), field(receipt, "commit"), field(receipt, "key")
        with repository.alone(), repository.bench(scratch=False) as bench:
            parent = _parent(bench, made)
            now = repository.target(branch)
            if now == parent:
                if repository.notes(branch)[:1] == [undo_note(key)]:
                    self._restage(repository, bench, receipt, parent)
                return Undone({}, f"{branch} is at {(parent or 'no commit')[:10]} again")
            if now != made:
                return Conflict(f"{branch} moved on to {(now or 'nothing')[:10]} since; it was left as it is")
            if (remote := _published(repository, made)) is not None:
                return Conflict(f"{made[:10]} was pushed since ({remote}): take the push back first")
            repository.quiet()
            repository.move(branch, parent, made, undo_note(key))
            self._restage(repository, bench, receipt, parent)
            left = repository.target(branch)
            if left != parent:
                return Conflict(f"{branch} moved to {(left or 'nothing')[:10]} at this moment")
        versions = {self.link.resource(branch): parent} if parent else {}
        return Undone(versions, f"{branch} is at {(parent or 'no commit')[:10]} again; files on disk were left alone")

    def _restage(self, repository: Repository, bench: Bench, receipt: Receipt, parent: str | None) -> None:
        branch, made = field(receipt, "branch"), field(receipt, "commit")
        if repository.head() == branch:
            wished = _known(bench, field(receipt, "indexed"), parent)
            replace_in_index(bench, repository.index, difference(bench, parent, made), made, wished)


def _make(bench: Bench, wish: Wish, message: str, person: Person) -> str:
    parents = ("-p", wish.parent) if wish.parent else ()
    date = f"@{wish.moment} +0000"
    who = {
        f"GIT_{role}_{part}": value
        for role in ("AUTHOR", "COMMITTER")
        for part, value in (("NAME", person.name), ("EMAIL", person.email), ("DATE", date))
    }
    return bench.git("commit-tree", wish.tree, *parents, stdin=f"{message}\n".encode(), more=who).text


def _contains(bench: Bench, descendant: str, ancestor: str) -> bool:
    return bench.git("merge-base", "--is-ancestor", ancestor, descendant, accept=(0, 1, 128)).code == 0


def _unlike(bench: Bench, made: str, wish: Wish, foretold: Json) -> str | None:
    """Return how the commit, as git gives it back, differs from what was foretold."""
    told = bench.git("cat-file", "commit", made, accept=(0, 128))
    if told.code != 0:
        return f"the commit {made[:10]} cannot be read: {told.err:.100}"
    head, _, message = told.text.partition("\n\n")
    said = foretold if isinstance(foretold, Mapping) else {}
    parents = [f"parent {wish.parent}"] if wish.parent else []
    signed = f"{said.get('author')} {wish.moment} +0000"
    if head.split("\n") != [f"tree {wish.tree}", *parents, f"author {signed}", f"committer {signed}"]:
        return f"the commit {made[:10]} has another tree, parent, author or date than foretold"
    if message != said.get("message"):
        return f"the commit {made[:10]} has another message than foretold"
    return None


def _parent(bench: Bench, made: str) -> str | None:
    head = bench.git("cat-file", "commit", made).text.partition("\n\n")[0].split("\n")
    return next((line.removeprefix("parent ") for line in head if line.startswith("parent ")), None)


def _published(repository: Repository, made: str) -> str | None:
    told = repository.refs("for-each-ref", "--contains", made, "--format=%(refname:short)", "--", "refs/remotes")
    return told.lines[0] if told.lines else None


def _known(bench: Bench, tree: str, parent: str | None) -> str:
    """Return what the index held; where git has thrown that away since, the parent, as if nothing had been staged."""
    if bench.git("cat-file", "-e", tree, accept=(0, 1, 128)).code == 0:
        return tree
    return parent or empty_tree(bench)


def _otherwise(paths: Sequence[str]) -> str:
    return "Update files" if paths == (".",) else f"Update {', '.join(paths[:3])}{' …' if len(paths) > 3 else ''}"


def _branch(link: Link, changes: Sequence[Change]) -> str | None:
    start = link.resource("")
    return next((each.resource.removeprefix(start) for each in changes if each.resource.startswith(start)), None)


def _foretold(changes: Sequence[Change]) -> Wish:
    parts = (changes[0].version or "").split(";")
    if len(parts) != 4 or not parts[2].isdigit():
        raise Permanent("what was foretold names no commit; preview it again")
    return Wish(None if parts[0] == _NONE else parts[0], parts[1], int(parts[2]), parts[3])


def _said(change: Change, name: str) -> str:
    """Return a text of the state that a change foretells, or an empty one."""
    found = change.after.get(name) if isinstance(change.after, Mapping) else None
    return found if isinstance(found, str) else ""


def _planned(bench: Bench, parent: str | None, earlier: Sequence[Change]) -> str | None:
    """Make the commits of earlier planned steps on the bench, and return the last; None: they cannot be foretold."""
    now = parent
    for each in earlier:
        files = each.after.get("files") if isinstance(each.after, Mapping) else None
        if not isinstance(files, Mapping) or MORE in files:
            return None
        try:
            wish = Wish(now, stage(bench, now, tuple(files)).tree, _foretold((each,)).moment, "")
            now = _make(bench, wish, _said(each, "message"), parse_person(_said(each, "author")))
        except Permanent:
            return None
        if now != _said(each, "commit"):
            return None
    return now


def _newest(top: Path, files: Iterable[str]) -> int:
    """Return the second in which the newest of the files was written, or for one that is gone, its folder.

    It is the date of the commit: so a preview can name the commit's id, and approving it approves exactly that commit.
    """
    newest = 0
    for name in files:
        place = top / name
        while not os.path.lexists(place) and place != top:
            place = place.parent
        newest = max(newest, int(place.lstat().st_mtime))
    return newest
