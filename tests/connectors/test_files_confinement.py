"""No file tool reads or writes outside its workspace, through a link, or in what belongs to doer or git."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.connectors.files_case import MemoryPayloads, furnish, tool_named, world

from doer.connectors.tools.files import file_tools
from doer.connectors.tools.files.place import PROTECTED, is_protected, parse
from doer.domain.errors import Permanent, UsageError
from doer.domain.value import JsonObject, Key

KEY = Key("k1")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace beside a secret, with links of every kind that lead out."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret\n")
    inside = tmp_path / "workspace"
    inside.mkdir()
    furnish(inside)
    (inside / "out").symlink_to(outside)
    (inside / "secret").symlink_to(outside / "secret.txt")
    (inside / "again").symlink_to(inside / "notes")
    (inside / "dangling").symlink_to(inside / "nowhere")
    for name in (".doer", ".git", "skills"):
        (inside / name).mkdir()
        (inside / name / "key").write_text("mine\n")
    (inside / "doer.toml").write_text("mine\n")
    (inside / "policy.cedar").write_text("mine\n")
    return inside


def calls(path: str) -> Iterator[tuple[str, JsonObject]]:
    """Every way in which a tool can be pointed at a path."""
    yield "read", {"path": path}
    yield "list", {"path": path}
    yield "write", {"path": path, "text": "owned"}
    yield "append_line", {"path": path, "line": "owned"}
    yield "replace_line", {"path": path, "line": "secret", "replacement": "owned"}
    yield "delete", {"path": path}
    yield "create_folder", {"path": path}
    yield "copy", {"source": path, "path": "notes/stolen"}
    yield "copy", {"source": "notes/a.txt", "path": path}
    yield "move", {"source": path, "target": "notes/stolen"}
    yield "move", {"source": "notes/a.txt", "target": path}


OUTSIDE = [
    "/etc/passwd",
    "../outside/secret.txt",
    "notes/../../outside/secret.txt",
    "..",
    "~/x",
    "out/secret.txt",
    "out/new",
    "secret",
    "again/a.txt",
    "dangling",
    "..\\outside\\secret.txt",
    "a\0b",
    "x\n",
    "\u202etxt.a",
    "n" * 256,
    "",
    ".",
]
GUARDED = [
    ".doer",
    ".doer/key",
    ".git/key",
    ".git/hooks/post-commit",
    "skills/new.toml",
    "doer.toml",
    "policy.cedar",
    ".GIT/key",
    ".Doer/key",
    "DOER.TOML",
    "Policy.Cedar",
    "Skills/key",
    ".git./key",
    ".git /key",
    ".git::$INDEX_ALLOCATION/key",
    "GIT~1/key",
    ".g\u200cit/key",
    "\uff0egit/key",
    "\uff44oer.toml",
    "d\u1d52er.toml",
    "./.git/key",
    "notes/.git/hooks",
    "notes/.DOER",
    "notes/.doer-0123.tmp",
]


@pytest.mark.parametrize("path", [*OUTSIDE, *GUARDED], ids=ascii)
async def test_what_is_outside_or_guarded_is_refused_by_every_tool(root: Path, path: str) -> None:
    before = world(root.parent)

    for name, arguments in calls(path):
        if (name, path) in {("list", ""), ("list", ".")}:
            continue  # the workspace itself may be listed
        tool = tool_named(name, root)
        with pytest.raises(Permanent):
            await tool.apply(arguments, KEY, ())
        if tool.manifest.effect != "read":
            with pytest.raises(Permanent):
                await tool.preview(arguments, ())
    assert world(root.parent) == before


async def test_a_guarded_folder_under_another_name_is_recognised(root: Path) -> None:
    os.link(root / "doer.toml", root / "innocent.txt")

    with pytest.raises(Permanent, match="protected name under another one"):
        await tool_named("read", root).apply({"path": "innocent.txt"}, KEY, ())


async def test_a_folder_with_something_guarded_in_it_stays(root: Path) -> None:
    (root / "notes" / ".git").mkdir()

    with pytest.raises(Permanent, match="out of reach, so notes stays"):
        await tool_named("move", root).apply({"source": "notes", "target": "papers"}, KEY, ())


async def test_a_listing_leaves_out_what_is_guarded_and_names_links_as_such(root: Path) -> None:
    listed = (await tool_named("list", root).apply({}, KEY, ())).result

    assert isinstance(listed, dict)
    assert {each["name"]: each["kind"] for each in listed["entries"]} == {
        "again": "link",
        "big.bin": "file",
        "dangling": "link",
        "empty": "folder",
        "notes": "folder",
        "out": "link",
        "secret": "link",
        "todo.md": "file",
    }


async def test_a_pipe_is_refused_and_not_waited_for(root: Path) -> None:
    os.mkfifo(root / "pipe")

    for name, arguments in calls("pipe"):
        with pytest.raises(Permanent):
            await tool_named(name, root).apply(arguments, KEY, ())


async def test_a_folder_that_became_a_link_after_the_preview_is_not_followed(root: Path) -> None:
    write = tool_named("write", root)
    arguments: JsonObject = {"path": "empty/secret.txt", "text": "owned"}
    foretold = (await write.preview(arguments, ())).changes
    (root / "empty").rmdir()
    (root / "empty").symlink_to(root.parent / "outside")

    with pytest.raises(Permanent):
        await write.apply(arguments, KEY, foretold)

    assert (root.parent / "outside" / "secret.txt").read_text() == "secret\n"


async def test_names_that_only_begin_like_guarded_ones_are_free(root: Path) -> None:
    for path in (".gitignore", "skills.txt", "hr/skills", "notes/doer.toml"):
        (root / path).parent.mkdir(exist_ok=True)
        await tool_named("write", root).apply({"path": path, "text": "free"}, KEY, ())

        assert (root / path).read_text() == "free"


async def test_the_names_to_guard_are_the_callers_to_choose(root: Path) -> None:
    tools = {each.manifest.name: each for each in file_tools(root, MemoryPayloads(), protected=("notes",))}

    with pytest.raises(Permanent, match="out of reach"):
        await tools["files.write"].preview({"path": "Notes/a.txt", "text": ""}, ())
    assert (await tools["files.write"].preview({"path": "doer.toml", "text": ""}, ())).changes


def test_a_workspace_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a folder"):
        file_tools(tmp_path / "nowhere", MemoryPayloads())


PIECES = st.sampled_from(
    [
        "..",
        ".",
        "/",
        "//",
        "\\",
        "~",
        "notes",
        "out",
        "secret",
        "again",
        ".git",
        ".GIT",
        ".doer",
        "skills",
        "a",
        "\u202e",
        "\0",
    ]
)
PATHS = st.lists(st.one_of(PIECES, st.text(max_size=4)), max_size=6).map("/".join) | st.text(max_size=30)


@given(PATHS)
def test_a_parsed_path_has_only_plain_names_that_are_free(path: str) -> None:
    try:
        place = parse(path)
    except Permanent:
        return
    for depth, part in enumerate(place):
        assert part not in ("", ".", "..")
        assert "/" not in part
        assert "\\" not in part
        assert not any(unicodedata.category(sign) in ("Cc", "Cs") for sign in part)
        assert not is_protected(part, depth)
    # However the path is written, it stays below the root.
    assert os.path.normpath("/".join(("root", *place))).split("/")[0] == "root"


@given(st.sampled_from(PROTECTED), st.data())
def test_every_way_of_writing_a_guarded_name_is_recognised(name: str, data: st.DataObject) -> None:
    def disguise(sign: str) -> str:
        wide = chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign
        return data.draw(st.sampled_from([sign, sign.upper(), wide, sign + "\u200d", "\u200b" + sign, wide + "\ufeff"]))

    written = "".join(map(disguise, name)) + data.draw(st.sampled_from(["", ".", " ", ". .", ":$DATA", "::$INDEX"]))

    assert is_protected(written, 0)
