"""File tools beside each other and beside somebody else: pending steps, races, crashes, limits, and taking back."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from tests.connectors.files_case import MemoryPayloads, furnish, tool_named, world

from doer.connectors.tools.files.deed import Write, perform_watched
from doer.connectors.tools.files.disk import Disk, open_disk
from doer.connectors.tools.files.entry import Entry
from doer.connectors.tools.files.place import temporary_name
from doer.connectors.tools.files.view import LARGEST_KEPT
from doer.domain.action import Change, Intent, Receipt
from doer.domain.errors import Permanent
from doer.domain.outcome import Absent, Conflict, Refuted, Undone, Verified
from doer.domain.value import Digest, Hole, JsonObject, Key

KEY = Key("a" * 40)
OTHER = Key("b" * 40)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    furnish(folder)
    return folder


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


# --- what a preview says


async def test_a_change_shows_the_text_of_small_texts_and_the_digest_of_everything_else(root: Path) -> None:
    write = tool_named("write", root)

    (small,) = (await write.preview({"path": "notes/a.txt", "text": "x"}, ())).changes
    (binary,) = (await write.preview({"path": "big.bin", "text": "y" * 20_000}, ())).changes

    assert (small.resource, small.kind) == ("file:notes/a.txt", "update")
    assert small.before == {"kind": "file", "text": "one\ntwo\n"}
    assert small.after == {"kind": "file", "text": "x"}
    assert isinstance(binary.before, dict)
    assert isinstance(binary.after, dict)
    assert (binary.before["size"], binary.after["size"]) == (76_800, 20_000)
    assert set(binary.before) == {"kind", "size", "sha256"}


async def test_a_folder_that_an_earlier_step_creates_is_seen(root: Path) -> None:
    folder = await tool_named("create_folder", root).preview({"path": "hr/2026"}, ())
    write, arguments = tool_named("write", root), {"path": "hr/2026/a.txt", "text": "x"}

    assert [each.resource for each in folder.changes] == ["file:hr", "file:hr/2026"]
    with pytest.raises(Permanent, match="there is no folder hr/2026; create it first"):
        await write.preview(arguments, ())
    (change,) = (await write.preview(arguments, folder.changes)).changes
    assert change.kind == "create"


async def test_two_steps_on_one_file_see_each_other(root: Path) -> None:
    append = tool_named("append_line", root)
    first = await append.preview({"path": "team.md", "line": "Ada"}, ())
    second = await append.preview({"path": "team.md", "line": "Grace"}, first.changes)
    removed = await tool_named("delete", root).preview({"path": "team.md"}, (*first.changes, *second.changes))

    assert second.changes[0].before == {"kind": "file", "text": "Ada\n"}
    assert second.changes[0].after == {"kind": "file", "text": "Ada\nGrace\n"}
    assert removed.changes[0].before == second.changes[0].after
    with pytest.raises(Permanent, match="not there"):
        await tool_named("move", root).preview({"source": "team.md", "target": "t.md"}, removed.changes)


async def test_a_folder_is_empty_when_earlier_steps_have_emptied_it(root: Path) -> None:
    delete = tool_named("delete", root)
    one = await delete.preview({"path": "notes/a.txt"}, ())
    two = await delete.preview({"path": "notes/run.sh"}, ())

    with pytest.raises(Permanent, match=r"not empty \(run.sh\)"):
        await delete.preview({"path": "notes"}, one.changes)
    assert (await delete.preview({"path": "notes"}, (*one.changes, *two.changes))).changes[0].kind == "delete"
    gone = [Change("file:notes", {"kind": "folder"}, None)]
    with pytest.raises(Permanent, match="there is no folder notes"):
        await tool_named("write", root).preview({"path": "notes/b.txt", "text": ""}, gone)


async def test_a_value_known_later_is_shown_in_the_text_and_a_place_known_later_is_taken_as_free(root: Path) -> None:
    later = Hole.of("id of account")
    shown = await tool_named("write", root).preview({"path": "notes/a.txt", "text": later}, ())
    placed = await tool_named("write", root).preview({"path": later, "text": "x"}, ())
    unseen = await tool_named("delete", root).preview({"path": later}, ())

    assert shown.changes[0].after == {"kind": "file", "text": "‹id of account›"}
    assert placed.changes == (Change("file:‹id of account›", None, {"kind": "file", "text": "x"}, version="absent"),)
    assert unseen.foreseeable is False


async def test_what_is_too_large_to_keep_makes_it_irreversible(root: Path) -> None:
    with (root / "huge").open("wb") as huge:
        huge.truncate(LARGEST_KEPT + 1)

    preview = await tool_named("delete", root).preview({"path": "huge"}, ())
    moved = await tool_named("move", root).preview({"source": "huge", "target": "h"}, ())

    assert preview.effect == "irreversible"
    assert not preview.changes[0].reversible
    assert "no snapshot" in preview.note
    assert moved.effect is None
    receipt = await tool_named("delete", root).apply({"path": "huge"}, KEY, preview.changes)
    reversal = await tool_named("delete", root).undo(receipt)
    assert isinstance(reversal, Conflict)
    assert "too large" in reversal.reason


async def test_other_names_of_a_file_are_noted_and_keep_the_old_content(root: Path) -> None:
    os.link(root / "notes" / "a.txt", root / "other.txt")
    write = tool_named("write", root)

    preview = await write.preview({"path": "notes/a.txt", "text": "new"}, ())
    await write.apply({"path": "notes/a.txt", "text": "new"}, KEY, preview.changes)

    assert "hard links" in preview.note
    assert (root / "other.txt").read_text() == "one\ntwo\n"


# --- what is refused


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("write", {"path": "notes", "text": ""}, "notes is a folder; name a file"),
        ("write", {"path": "big.bin/x", "text": ""}, "big.bin is a file, not a folder"),
        ("write", {"path": "a", "text": "\ud800"}, "is no character"),
        ("append_line", {"path": "big.bin", "line": "x"}, "not a text in UTF-8"),
        ("append_line", {"path": "notes/a.txt", "line": "x\ny"}, "has a line break"),
        ("replace_line", {"path": "notes/a.txt", "line": "three", "replacement": "3"}, "has 0 lines that read 'three'"),
        ("replace_line", {"path": "nowhere", "line": "three", "replacement": "3"}, "nowhere is not there"),
        ("move", {"source": "notes", "target": "notes/inside"}, "onto or into itself"),
        ("move", {"source": "notes", "target": "big.bin"}, "there already; it is never overwritten"),
        ("delete", {"path": "notes"}, "only empty folders are deleted"),
        ("create_folder", {"path": "big.bin/x"}, "big.bin is a file"),
        ("read", {"path": "notes"}, "notes is a folder; name a file"),
        ("read", {"path": "nowhere"}, "nowhere is not there"),
        ("list", {"path": "big.bin"}, "big.bin is a file; name a folder"),
    ],
    ids=lambda value: str(value).encode("ascii", "replace").decode()[:40],
)
async def test_what_cannot_be_done_as_asked_is_refused_and_nothing_is_changed(
    root: Path, name: str, arguments: JsonObject, message: str
) -> None:
    before = world(root)

    with pytest.raises(Permanent, match=message):
        await tool_named(name, root).apply(arguments, KEY, ())

    assert world(root) == before


async def test_line_ends_of_a_file_are_kept(root: Path) -> None:
    (root / "dos.txt").write_bytes(b"one\r\ntwo\r\nthree")

    await tool_named("replace_line", root).apply({"path": "dos.txt", "line": "two", "replacement": "2"}, KEY, ())

    assert (root / "dos.txt").read_bytes() == b"one\r\n2\r\nthree"


async def test_a_text_is_read_whole_and_a_binary_by_its_digest(root: Path) -> None:
    text = (await tool_named("read", root).apply({"path": "notes/a.txt"}, KEY, ())).result
    binary = (await tool_named("read", root).apply({"path": "big.bin"}, KEY, ())).result

    assert isinstance(text, dict)
    assert (text["text"], text["size"]) == ("one\ntwo\n", 8)
    assert isinstance(binary, dict)
    assert set(binary) == {"path", "size", "sha256"}


# --- somebody else at the same time


async def test_an_edit_between_preview_and_apply_is_not_overwritten(root: Path) -> None:
    for name, arguments in (
        ("write", {"path": "notes/a.txt", "text": "x"}),
        ("append_line", {"path": "notes/a.txt", "line": "x"}),
        ("delete", {"path": "notes/a.txt"}),
        ("move", {"source": "notes/a.txt", "target": "b.txt"}),
    ):
        (root / "notes" / "a.txt").write_text("one\ntwo\n")
        tool = tool_named(name, root)
        foretold = (await tool.preview(arguments, ())).changes
        (root / "notes" / "a.txt").write_text("theirs")

        with pytest.raises(Permanent, match="changed since the preview"):
            await tool.apply(arguments, KEY, foretold)

        assert (root / "notes" / "a.txt").read_text() == "theirs"


class Meddling(MemoryPayloads):
    """A payload store during whose last write before the deed somebody edits the workspace: the narrowest moment."""

    def __init__(self, edit: Callable[[], object]) -> None:
        super().__init__()
        self.edit = edit

    def put(self, content: bytes) -> Digest:
        if b"doer files record" in content:
            self.edit()
        return super().put(content)


@pytest.mark.parametrize("name", ["write", "delete"])
async def test_an_edit_at_the_very_moment_of_the_change_is_put_back(root: Path, name: str) -> None:
    tool = tool_named(name, root, Meddling(lambda: (root / "notes" / "a.txt").write_text("theirs")))
    arguments = {"path": "notes/a.txt", "text": "x"} if name == "write" else {"path": "notes/a.txt"}

    with pytest.raises(Permanent, match="at this moment; nothing was changed"):
        await tool.apply(arguments, KEY, ())

    assert (root / "notes" / "a.txt").read_text() == "theirs"
    assert names(root / "notes") == ["a.txt", "run.sh"]


async def test_a_file_created_at_the_very_moment_is_not_overwritten(root: Path) -> None:
    for name, arguments in (
        ("write", {"path": "new.txt", "text": "x"}),
        ("move", {"source": "big.bin", "target": "new.txt"}),
    ):
        (root / "new.txt").unlink(missing_ok=True)
        tool = tool_named(name, root, Meddling(lambda: (root / "new.txt").write_text("theirs")))

        with pytest.raises(Permanent, match="nothing was changed"):
            await tool.apply(arguments, KEY, ())

        assert (root / "new.txt").read_text() == "theirs"
        assert names(root) == ["big.bin", "empty", "new.txt", "notes", "todo.md"]


async def test_the_very_same_edit_by_somebody_else_is_neither_adopted_nor_verified(root: Path) -> None:
    write, arguments = tool_named("write", root), {"path": "notes/a.txt", "text": "same"}
    foretold = (await write.preview(arguments, ())).changes
    (root / "notes" / "a.txt").write_text("same")

    found = await write.verify(Intent(arguments, KEY, foretold))

    assert isinstance(found, Absent)
    assert "this key did not make it so" in found.reason
    with pytest.raises(Permanent, match="changed since"):
        await write.apply(arguments, KEY, foretold)


class CopyingDisk(Disk):
    """A disk that keeps a copy beside everything that is written, as some synchronising folders do."""

    def put_file(
        self, place: Sequence[str], content: bytes, replaced: Entry | None, mode: int | None, temporary: str
    ) -> None:
        super().put_file(tuple(place), content, replaced, mode, temporary)
        super().put_file((*place[:-1], f"{place[-1]} (copy)"), content, None, mode, temporary)


async def test_a_copy_that_appears_beside_it_is_refuted_as_long_as_it_is_there(root: Path) -> None:
    opened = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        strays = perform_watched(Write(("new.txt",), None, b"x"), CopyingDisk(opened, ()), temporary_name(KEY))
    finally:
        os.close(opened)
    receipt = Receipt({}, {}, {"strays": strays})
    intent = Intent(
        {"path": "new.txt", "text": "x"}, KEY, (Change("file:new.txt", None, {"kind": "file", "text": "x"}),)
    )
    write = tool_named("write", root)

    assert strays == ["file:new.txt (copy)"]
    assert isinstance(await write.verify(intent, receipt), Refuted)
    (root / "new.txt (copy)").unlink()
    assert isinstance(await write.verify(intent, receipt), Verified)


async def test_two_steps_in_one_folder_do_not_refute_each_other(root: Path) -> None:
    write = tool_named("write", root)
    one, other = ({"path": f"notes/{name}.txt", "text": "same"} for name in ("x", "y"))
    first, second = (await write.preview(one, ()), await write.preview(other, ()))
    receipts = [await write.apply(one, KEY, first.changes), await write.apply(other, OTHER, second.changes)]

    assert isinstance(await write.verify(Intent(one, KEY, first.changes), receipts[0]), Verified)
    assert isinstance(await write.verify(Intent(other, OTHER, second.changes), receipts[1]), Verified)


# --- crashes and limits


async def test_what_a_killed_try_left_under_its_temporary_name_is_cleared_when_it_is_reconciled(root: Path) -> None:
    write, arguments = tool_named("write", root), {"path": "notes/a.txt", "text": "x"}
    before = world(root)
    foretold = (await write.preview(arguments, ())).changes
    (root / "notes" / temporary_name(KEY)).write_text("half")

    assert isinstance(await write.verify(Intent(arguments, KEY, foretold)), Absent)
    assert world(root) == before


async def test_a_folder_made_halfway_is_finished_by_the_same_key(root: Path) -> None:
    payloads = MemoryPayloads()
    create, arguments = tool_named("create_folder", root, payloads), {"path": "a/b/c"}
    foretold = (await create.preview(arguments, ())).changes
    receipt = await create.apply(arguments, KEY, foretold)
    (root / "a/b/c").rmdir()
    (root / "a/b").rmdir()

    assert isinstance(await create.verify(Intent(arguments, KEY, foretold)), Refuted)
    assert await create.apply(arguments, KEY, foretold) == receipt
    assert (root / "a/b/c").is_dir()
    assert isinstance(await create.undo(receipt), Undone)
    assert not (root / "a").exists()


@pytest.fixture
def small_disk(root: Path) -> Iterator[None]:
    """No file may grow above 10 kB, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    former = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    signal.signal(signal.SIGXFSZ, former)


@pytest.mark.usefixtures("small_disk")
async def test_a_disk_that_does_not_take_it_leaves_everything_as_it_was(root: Path) -> None:
    before = world(root)

    with pytest.raises(Permanent, match="nothing was changed"):
        await tool_named("write", root).apply({"path": "notes/a.txt", "text": "x" * 50_000}, KEY, ())

    assert world(root) == before


async def test_a_workspace_that_is_gone_is_said_plainly(root: Path, tmp_path: Path) -> None:
    write = tool_named("write", root)
    os.rename(root, tmp_path / "elsewhere")  # noqa: PTH104

    with pytest.raises(Permanent, match=r"the workspace .* No such file or directory; nothing was changed"):
        await write.apply({"path": "x", "text": ""}, KEY, ())


# --- taking back


async def test_the_mode_of_a_file_survives_writing_deleting_and_undo(root: Path) -> None:
    for name, arguments in (("write", {"path": "notes/run.sh", "text": ":"}), ("delete", {"path": "notes/run.sh"})):
        tool = tool_named(name, root)
        receipt = await tool.apply(arguments, KEY, ())
        if name == "write":
            assert (root / "notes" / "run.sh").stat().st_mode & 0o777 == 0o750
        await tool.undo(receipt)

        assert (root / "notes" / "run.sh").stat().st_mode & 0o777 == 0o750


async def test_undoing_steps_in_reverse_accepts_what_the_later_undo_left(root: Path) -> None:
    before, payloads = world(root), MemoryPayloads()
    write, append = tool_named("write", root, payloads), tool_named("append_line", root, payloads)
    first = await write.apply({"path": "notes/a.txt", "text": "new\n"}, KEY, ())
    second = await append.apply({"path": "notes/a.txt", "line": "more"}, OTHER, ())

    assert isinstance(await write.undo(first), Conflict)
    later = await append.undo(second)
    assert later == Undone({"file:notes/a.txt": first.versions["file:notes/a.txt"]}, "read back: notes/a.txt")
    assert isinstance(await write.undo(first), Undone)
    assert world(root) == before


async def test_a_folder_that_something_was_put_into_is_kept(root: Path) -> None:
    create = tool_named("create_folder", root)
    receipt = await create.apply({"path": "hr/new"}, KEY, ())
    (root / "hr" / "theirs.txt").write_text("theirs")

    reversal = await create.undo(receipt)

    assert reversal == Conflict("the folder hr has something in it since (theirs.txt); it stays")
    assert (root / "hr" / "new").is_dir()


async def test_a_moved_file_goes_back_only_to_a_free_place(root: Path) -> None:
    move = tool_named("move", root)
    receipt = await move.apply({"source": "big.bin", "target": "notes/b.bin"}, KEY, ())
    (root / "big.bin").write_text("theirs")

    assert isinstance(await move.undo(receipt), Conflict)
    assert (root / "big.bin").read_text() == "theirs"
    assert (root / "notes" / "b.bin").exists()


async def test_a_snapshot_that_was_erased_is_a_conflict(root: Path) -> None:
    payloads = MemoryPayloads()
    delete = tool_named("delete", root, payloads)
    receipt = await delete.apply({"path": "notes/a.txt"}, KEY, ())
    payloads.kept.clear()

    assert isinstance(await delete.undo(receipt), Conflict)


async def test_a_receipt_of_something_else_or_of_another_place_is_refused(root: Path) -> None:
    write = tool_named("write", root)
    elsewhere: JsonObject = {"record": "sha256:x", "moved": False, "restore": [["file:../x", "absent"]]}

    with pytest.raises(Permanent, match="no receipt of a file tool"):
        await write.undo(Receipt(undo={"id": 3}))
    with pytest.raises(Permanent, match="goes upwards"):
        await write.undo(Receipt(undo=elsewhere))


async def test_a_link_put_in_place_of_our_file_is_a_foreign_edit(root: Path, tmp_path: Path) -> None:
    write, arguments = tool_named("write", root), {"path": "new.txt", "text": "x"}
    foretold = (await write.preview(arguments, ())).changes
    receipt = await write.apply(arguments, KEY, foretold)
    (tmp_path / "secret").write_text("x")
    (root / "new.txt").unlink()
    (root / "new.txt").symlink_to(tmp_path / "secret")

    assert isinstance(await write.verify(Intent(arguments, KEY, foretold), receipt), Refuted)
    assert isinstance(await write.undo(receipt), Conflict)
    assert (tmp_path / "secret").read_text() == "x"


def test_two_doers_do_not_change_one_workspace_at_once(root: Path) -> None:
    import fcntl

    opened = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with open_disk(root, (), change=True), pytest.raises(BlockingIOError):
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(opened)
