"""Trees: the state of files as a commit would hold it, made without filters, and compared; and entries of an index."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from doer.connectors.tools.files.place import is_protected
from doer.connectors.tools.git.bench import Bench
from doer.connectors.tools.git.names import PROTECTED
from doer.domain.errors import Permanent
from doer.domain.value import Json

MOST_SHOWN = 200
"""Files that a change names one by one; of more, how many."""

MORE = "…"
"""In place of a name, where there are more."""

_SUBMODULE = "160000"
_WORDS = {"A": "added", "D": "deleted", "M": "changed", "T": "changed in kind"}


@dataclass(frozen=True, slots=True)
class Entry:
    """What a tree or an index holds at a path: a mode (octal digits) and an object."""

    mode: str
    object: str


def empty_tree(bench: Bench) -> str:
    """Return the tree without files."""
    return bench.git("mktree").text


def stage(bench: Bench, parent: str | None, paths: Sequence[str]) -> str:
    """Return the tree that the parent's becomes with all that changed below the paths: new, changed and deleted files.

    Neither the person's index nor what is staged there is looked at. Raises Permanent for what cannot be committed as it
    stands: a path that is not there, one that is ignored, another repository, a file that a filter would rewrite.
    """
    index = bench.place / "staging"
    index.unlink(missing_ok=True)
    bench.git("read-tree", parent or "--empty", index=index)
    bench.git("add", "-A", "--", *paths, index=index)
    tree = bench.git("write-tree", index=index).text
    changed = difference(bench, parent, tree)
    _refuse_unfit(bench, changed, entries(bench, tree))
    return tree


def _refuse_unfit(bench: Bench, changed: Mapping[str, str], left: Mapping[str, Entry]) -> None:
    for path in changed:
        if is_protected(path.split("/", maxsplit=1)[0], 0, PROTECTED):
            raise Permanent(f"{path} belongs to doer or to git and is never committed; put /.doer/ into .gitignore")
        if path in left and left[path].mode == _SUBMODULE:
            raise Permanent(f"{path} is a repository of its own; commit there, and leave it out here")
    asked = "".join(f"{path}\0" for path in changed if path in left).encode("utf-8", "surrogateescape")
    told = bench.git("check-attr", "-z", "--stdin", "filter", stdin=asked).text.split("\0")
    for path, value in zip(told[0::3], told[2::3], strict=False):
        if value not in ("unspecified", "unset"):
            raise Permanent(f"{path} needs the filter {value!r}, a program, which is not run: commit it by hand")


def difference(bench: Bench, old: str | None, new: str) -> dict[str, str]:
    """Return what differs between two trees or commits: path -> added, changed, deleted, changed in kind."""
    told = bench.git(
        *("diff-tree", "-r", "-z", "--name-status", "--no-renames", "--no-ext-diff", "--no-textconv"),
        old or empty_tree(bench),
        new,
    )
    parts = told.text.split("\0")
    return {path: _WORDS.get(letter, "changed") for letter, path in zip(parts[0::2], parts[1::2], strict=False)}


def entries(bench: Bench, tree: str) -> dict[str, Entry]:
    """Return every file of a tree or commit with its entry."""
    found: dict[str, Entry] = {}
    for line in bench.git("ls-tree", "-r", "-z", "--full-tree", tree).text.split("\0"):
        about, _, path = line.partition("\t")
        if path:
            mode, _, name = about.split(" ")
            found[path] = Entry(mode, name)
    return found


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
    copy = bench.place / "copied"
    copy.write_bytes(index.read_bytes())
    if bench.git("ls-files", "-u", index=copy).out:
        raise Permanent("some files have conflicts of a merge in them: resolve those first")
    return bench.git("write-tree", index=copy).text


def replace_in_index(bench: Bench, index: Path, paths: Collection[str], expected: str | None, wished: str) -> None:
    """Give the index the entries that `wished` has at these paths, where it still has those of `expected`.

    Trees or commits; None: nothing. What the person staged otherwise meanwhile stays. Raises Transient while git holds
    the index.
    """
    now, then = entries(bench, index_tree(bench, index)), entries(bench, expected) if expected else {}
    new = entries(bench, wished)
    width = len(empty_tree(bench))  # of an object's name: 40 digits, or 64
    lines = [_line(path, new.get(path), width) for path in paths if now.get(path) == then.get(path) != new.get(path)]
    if lines:
        told = "".join(lines).encode("utf-8", "surrogateescape")
        bench.git("update-index", "-z", "--add", "--remove", "--index-info", index=index, stdin=told)
        bench.git("update-index", "-q", "--refresh", index=index, accept=(0, 1))


def _line(path: str, entry: Entry | None, width: int) -> str:
    return f"{entry.mode} {entry.object}\t{path}\0" if entry else f"0 {'0' * width}\t{path}\0"
