"""Trees: the state of files as a commit would hold it, made without filters, and compared; and entries of an index."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from doer.connectors.tools.files.place import is_protected
from doer.connectors.tools.git.bench import Bench
from doer.connectors.tools.git.faults import refusal
from doer.connectors.tools.git.names import PROTECTED
from doer.domain.errors import Permanent
from doer.domain.value import Json

MOST_SHOWN = 200
"""Files that a change names one by one; of more, how many."""

MORE = "…"
"""In place of a name, where there are more."""

_SUBMODULE = "160000"
_NOTHING = "000000"
_WORDS = {"A": "added", "D": "deleted", "M": "changed", "T": "changed in kind"}


@dataclass(frozen=True, slots=True)
class Staged:
    """A tree that the files make, and what of it differs from its parent: path -> added, changed, deleted."""

    tree: str
    changed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a tree or an index holds at a path: a mode (octal digits) and an object."""

    mode: str
    object: str


def empty_tree(bench: Bench) -> str:
    """Return the tree without files, which git knows without having it (gitformat-pack(5) names objects by their hash)."""
    return hashlib.new(bench.form, b"tree 0\0").hexdigest()


def stage(bench: Bench, parent: str | None, paths: Sequence[str]) -> Staged:
    """Return the tree that the parent's becomes with all that changed below the paths: new, changed and deleted files.

    Neither the person's index nor what is staged there is looked at. Raises Permanent for what cannot be committed as it
    stands: a path that is not there, one that is ignored, another repository, a file that a filter would rewrite.
    """
    index = bench.place / "staging"
    index.unlink(missing_ok=True)
    if parent:
        bench.git("read-tree", parent, index=index)
    bench.git("add", "-A", "--", *paths, index=index)
    tree = bench.git("write-tree", index=index).text
    found = _compared(bench, parent, tree)
    _refuse_unfit(bench, found)
    return Staged(tree, {path: what for path, (what, _, _) in found.items()})


def _refuse_unfit(bench: Bench, changed: Mapping[str, tuple[str, Entry | None, Entry | None]]) -> None:
    left = [path for path, (_, _, new) in changed.items() if new is not None]
    for path, (_, _, new) in changed.items():
        if is_protected(path.split("/", maxsplit=1)[0], 0, PROTECTED):
            raise Permanent(f"{path} belongs to doer or to git and is never committed; put /.doer/ into .gitignore")
        if new is not None and new.mode == _SUBMODULE:
            raise Permanent(f"{path} is a repository of its own; commit there, and leave it out here")
    if not left:
        return
    asked = "".join(f"{path}\0" for path in left).encode("utf-8", "surrogateescape")
    told = bench.git("check-attr", "-z", "--stdin", "filter", stdin=asked).text.split("\0")
    for path, value in zip(told[0::3], told[2::3], strict=False):
        if value not in ("unspecified", "unset"):
            raise Permanent(f"{path} needs the filter {value!r}, a program, which is not run: commit it by hand")


def difference(bench: Bench, old: str | None, new: str) -> dict[str, str]:
    """Return what differs between two trees or commits: path -> added, changed, deleted, changed in kind."""
    return {path: what for path, (what, _, _) in _compared(bench, old, new).items()}


def _compared(bench: Bench, old: str | None, new: str) -> dict[str, tuple[str, Entry | None, Entry | None]]:
    """Return what differs between two trees or commits: path -> what happened, entry before, entry after."""
    told = bench.git(
        *("diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-textconv"),
        old or empty_tree(bench),
        new,
    )
    parts = told.text.split("\0")
    found: dict[str, tuple[str, Entry | None, Entry | None]] = {}
    for about, path in zip(parts[0::2], parts[1::2], strict=False):
        mode, new_mode, name, new_name, letter = about.removeprefix(":").split(" ")
        found[path] = _WORDS.get(letter, "changed"), _entry(mode, name), _entry(new_mode, new_name)
    return found


def _entry(mode: str, name: str) -> Entry | None:
    return None if mode == _NOTHING else Entry(mode, name)


def shown(changed: Mapping[str, str]) -> Json:
    """Return changed files as a change shows them, at most `MOST_SHOWN` by name."""
    named: dict[str, Json] = {
        path.encode("utf-8", "replace").decode(): what for path, what in sorted(changed.items())[:MOST_SHOWN]
    }
    more = len(changed) - len(named)
    return {**named, MORE: f"{more} more"} if more > 0 else named


# --- the person's index -----------------------------------------------------------------------------------------------


def index_tree(bench: Bench, index: Path) -> str:
    """Return what the index holds, as a tree; the index itself is not touched. Raises Permanent when it has conflicts."""
    if not index.is_file():
        return empty_tree(bench)
    copy = _copied(bench, index)
    told = bench.git("write-tree", index=copy, accept=(0, 128))
    if told.code != 0:
        _staged(bench, copy)
        raise refusal("write-tree", told.code, told.err, writes=False)
    return told.text


def _copied(bench: Bench, index: Path) -> Path:
    copy = bench.place / "copied"
    copy.write_bytes(index.read_bytes())
    return copy


def _staged(bench: Bench, index: Path) -> dict[str, Entry]:
    """Return the entries of an index, by path. Raises Permanent when it has conflicts."""
    found: dict[str, Entry] = {}
    for line in bench.git("ls-files", "-s", "-z", index=index).text.split("\0"):
        about, _, path = line.partition("\t")
        if path:
            mode, name, stage_number = about.split(" ")
            if stage_number != "0":
                raise Permanent("some files have conflicts of a merge in them: resolve those first")
            found[path] = Entry(mode, name)
    return found


def replace_in_index(bench: Bench, index: Path, paths: Collection[str], expected: str | None, wished: str) -> None:
    """Give the index the entries that `wished` has at these paths, where it still has those of `expected`.

    Trees or commits; None: nothing. What the person staged otherwise meanwhile stays. Raises Transient while git holds
    the index.
    """
    now = _staged(bench, _copied(bench, index)) if index.is_file() else {}
    width = len(empty_tree(bench))  # of an object's name: 40 digits, or 64
    lines = [
        _line(path, new, width)
        for path, (_, old, new) in _compared(bench, expected, wished).items()
        if path in paths and now.get(path) == old
    ]
    if lines:
        told = "".join(lines).encode("utf-8", "surrogateescape")
        bench.git("update-index", "-z", "--add", "--remove", "--index-info", index=index, stdin=told)
        bench.git("update-index", "-q", "--refresh", index=index, accept=(0, 1))


def _line(path: str, entry: Entry | None, width: int) -> str:
    return f"{entry.mode} {entry.object}\t{path}\0" if entry else f"0 {'0' * width}\t{path}\0"
