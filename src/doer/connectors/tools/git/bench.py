"""A bench: an empty git directory of ours that borrows a repository's objects and files, and reads none of its configuration.

All that touches content or the network is done on a bench: building trees, comparing, reading objects, fetching and
pushing. So the repository's filters, text conversions, external diffs, helpers, rewritten addresses and transports are
not in effect there, whatever they are called in this version of git or in the next; line endings and the like
(`Repository.manners`) are, since they decide content and run nothing. Refs are not here: those of the repository are
only read and moved by `Repository.refs`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from doer.connectors.tools.git.program import Program, Ran, environment


@dataclass(frozen=True, slots=True)
class Bench:
    """One bench, for the time of one verb."""

    program: Program
    place: Path
    """Its git directory: also where scratch indexes are."""
    top: Path
    """The work tree, or the bench itself where there is none."""
    objects: Mapping[str, str] = field(default_factory=dict)
    """Where objects are read and written, as git's environment."""
    form: str = "sha1"
    """Hash of object names: sha1 or sha256."""

    def git(  # noqa: PLR0913 - what a run of git is given, all by name
        self,
        *arguments: str,
        index: Path | None = None,
        stdin: bytes = b"",
        more: Mapping[str, str] | None = None,
        settings: Sequence[tuple[str, str]] = (),
        passed: Sequence[str] = (),
        accept: Sequence[int] = (0,),
        writes: bool = False,
        hidden: Sequence[str] = (),
    ) -> Ran:
        """Run git on the bench. `index` is the index that it uses; the rest as `Program.run` and `environment` tell."""
        chosen = {"GIT_INDEX_FILE": str(index or self.place / "index")}
        where = {"GIT_DIR": str(self.place), "GIT_WORK_TREE": str(self.top)}
        return self.program.run(
            *arguments,
            cwd=self.top,
            environment=environment({**where, **self.objects, **chosen, **(more or {})}, settings, passed),
            stdin=stdin,
            accept=accept,
            writes=writes,
            hidden=hidden,
        )


@contextmanager
def lone_bench(program: Program) -> Iterator[Bench]:
    """Give a bench that belongs to no repository, for asking remotes."""
    with _furnished("sha1", ()) as place:
        yield Bench(program, place, place)


@contextmanager
def bench_for(
    program: Program,
    top: Path,
    common: Path,
    *,
    form: str,
    manners: Sequence[tuple[str, str]],
    scratch: bool,
) -> Iterator[Bench]:
    """Give a bench on the repository whose shared git directory is `common`. `scratch`: new objects are thrown away."""
    with _furnished(form, manners) as place:
        for name in ("info/attributes", "shallow"):
            if (common / name).is_file():
                (place / name).write_bytes((common / name).read_bytes())
        exclude = (common / "info" / "exclude").read_bytes() if (common / "info" / "exclude").is_file() else b""
        (place / "info" / "exclude").write_bytes(exclude + b"\n/.doer/\n")
        objects = {"GIT_OBJECT_DIRECTORY": str(common / "objects")}
        if scratch:
            (place / "objects").mkdir(exist_ok=True)
            objects = {
                "GIT_OBJECT_DIRECTORY": str(place / "objects"),
                "GIT_ALTERNATE_OBJECT_DIRECTORIES": _quoted(common / "objects"),
            }
        yield Bench(program, place, top, objects, form)


@contextmanager
def _furnished(form: str, manners: Sequence[tuple[str, str]]) -> Iterator[Path]:
    """Lay out an empty git directory (gitrepository-layout(5)) and remove it at the end."""
    with TemporaryDirectory(prefix="doer-git-", ignore_cleanup_errors=True) as folder:
        place = Path(folder).resolve()
        for name in ("refs", "objects", "info"):
            (place / name).mkdir()
        (place / "HEAD").write_text("ref: refs/heads/none\n")
        version, extension = ("0", "") if form == "sha1" else ("1", f"[extensions]\n\tobjectFormat = {form}\n")
        lines = "".join(f"\t{name.removeprefix('core.')} = {value}\n" for name, value in manners)
        (place / "config").write_text(
            f"[core]\n\trepositoryFormatVersion = {version}\n\tbare = false\n{lines}{extension}"
        )
        yield place


def _quoted(path: Path) -> str:
    # A list of paths with ':' between them; git takes one in double quotes, as in C, as it is.
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'
