"""`doer backup` and `doer restore` in a terminal and for programs."""

from pathlib import Path

from tests.interfaces.conftest import Cli


def test_a_workspace_is_saved_and_brought_back_by_two_commands(cli: Cli, tmp_path: Path) -> None:
    cli("init", "office")
    cli("-C", "office", "do", "--yes", "write hello.md: it works")

    saved = cli("-C", "office", "backup", "../b.tgz", "--json")
    (tmp_path / "office").rename(tmp_path / "lost")
    back = cli("restore", "b.tgz", "office", "--json")

    assert (saved.code, saved.json["runs"], saved.json["whole"]) == (0, 1, True)
    assert (back.code, back.json["asking"], back.json["replaced"]) == (0, [], None)
    assert cli("-C", "office", "audit", "verify", "--against", saved.json["receipt"]).code == 0


def test_a_journal_that_is_there_is_named_with_the_command_that_moves_it_aside(cli: Cli) -> None:
    cli("init", "office")
    cli("-C", "office", "backup", "../b.tgz")

    refused = cli("restore", "b.tgz", "office")

    assert (refused.code, "--replace" in refused.account["you"]) == (2, True)
    assert cli("restore", "b.tgz", "office", "--replace").code == 0
