"""doer.toml: typed, committable, and every mistake told with its line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from doer.app.connections import KINDS, DatabaseConnection
from doer.app.secrets import Secrets
from doer.app.settings import read_settings
from doer.app.toml_line import line_of
from doer.app.workspace import find_workspace, init_workspace, system_timezone
from doer.domain.errors import CredentialRefused, UsageError

GOOD = """
[workspace]
timezone = "Europe/Berlin"
me = "sam@acme.example"

[connections.crm]
kind = "database"
url = "postgresql://doer@db/crm"
secret = "env://CRM_SECRET"
allow = { read = ["*"], write = ["public.tickets"] }
once = "operations-table"

[connections.mail]
kind = "mail"
smtp = "smtps://mail.acme.example"
sender = "sam@acme.example"
imap = "imaps://mail.acme.example"

[tools]
modules = ["mytools"]
"""


def read(tmp_path: Path, text: str) -> object:
    (tmp_path / "doer.toml").write_text(text, encoding="utf-8")
    return read_settings(tmp_path / "doer.toml")


def test_a_good_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "doer.toml").write_text(GOOD)

    settings = read_settings(tmp_path / "doer.toml")

    crm = settings.connections["crm"]
    assert isinstance(crm, DatabaseConnection)
    assert crm.allow.write == ("public.tickets",)
    assert settings.workspace.timezone == "Europe/Berlin"
    assert settings.tools.modules == ("mytools",)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[workspace]\ntimezon = 'UTC'\n", "line 2: [workspace] has no key 'timezon'; did you mean 'timezone'?"),
        ("[workspace]\n\n[conections.a]\n", "line 3: this file has no key 'conections'; did you mean 'connections'?"),
        ("[connections.a]\nkind = 'files'\nfoldr = '.'\n", "line 3: [connections.a] has no key 'foldr'; did you mean 'folder'?"),
        ("[connections.a]\nkind = 'databse'\n", "line 2: [connections.a] has no kind 'databse'; did you mean 'database'?"),
        ("[connections.a]\nurl = 'x'\n", "line 1: [connections.a] lacks 'kind'; it is one of files, database"),
        ("[connections.a]\nkind = 'mail'\nsmtp = 'smtp://x'\n", "line 1: [connections.a] lacks 'sender'"),
        ("[workspace]\ntimezone = 'Mars/Base'\n", "line 2: workspace.timezone: 'Mars/Base' is no time zone"),
        ("[workspace]\ntimezone = 7\n", "line 2: workspace.timezone: "),
        ("[workspace\n", "not TOML: Expected ']' at the end of a table declaration (at line 1, column 11)"),
        ("[connections.A-b]\nkind = 'files'\n", "line 1: a connection cannot be called 'A-b'"),
        ("[connections.a]\nkind = 'database'\nurl = 'sqlite:///x'\nallow = { reed = [] }\n", "line 4: [connections.a.allow] has no key 'reed'; did you mean 'read'?"),
        ("[planning]\nordr = ['skills']\n", "line 2: [planning] has no key 'ordr'; did you mean 'order'?"),
        ("[planning]\norder = ['skills', 'action_model']\n", "line 2: planning.order: there is no planner 'action_model'; did you mean 'action-model'?"),
        ("[planning]\norder = ['action-model', 'skills']\n", "line 2: planning.order: 'skills' comes first"),
        ("[planning]\norder = []\n", "line 2: planning.order: 'skills' comes first"),
        ("[planning]\norder = ['skills', 'skills']\n", "line 2: planning.order: a planner is named twice"),
        ("[planning]\nabstain_below = 1.5\n", "line 2: planning.abstain_below: "),
        ("[planning]\nask_below = 0.2\n", "line 1: planning: 'ask_below' is lower than 'abstain_below'"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line_and_the_nearest_match(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(UsageError) as wrong:
        read(tmp_path, text)

    assert told in str(wrong.value)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("password = 'hunter2'", "'password' would put a secret into a file that is shared and committed"),
        ("token = 'abc'", "'token' would put a secret into a file"),
        ("secret = 'hunter2'", "this is where a secret is, never the secret itself"),
        ("secret = 'secret://'", "secret:// needs a name"),
        ("secret = 'env://a-b'", "env:// needs a name"),
        ("secret = 'vault://crm'", "vault:// is not known; write secret://NAME"),
    ],
)
def test_a_secret_in_the_file_is_refused_with_the_reason(tmp_path: Path, line: str, told: str) -> None:
    with pytest.raises(UsageError) as wrong:
        read(tmp_path, f"[connections.crm]\nkind = 'database'\nurl = 'sqlite:///x.db'\n{line}\n")

    assert "line 4" in str(wrong.value)
    assert told in str(wrong.value)
    assert "hunter2" not in str(wrong.value)


def test_a_password_in_an_address_is_refused_and_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as wrong:
        read(tmp_path, "[connections.crm]\nkind = 'database'\nurl = 'postgresql://sam:hunter2@db/crm'\n")

    assert "'url' has a password in it" in str(wrong.value)
    assert "hunter2" not in str(wrong.value)


def test_a_secret_comes_from_the_environment_when_it_is_asked_for_and_is_named_where_it_lacks(tmp_path: Path) -> None:
    crm = DatabaseConnection(kind="database", url="sqlite:///x", secret="env://CRM_SECRET")
    environment: dict[str, str] = {}
    credential = Secrets(tmp_path, environment).credential("crm", crm)
    assert credential is not None

    with pytest.raises(CredentialRefused, match="export CRM_SECRET="):
        credential()
    environment["CRM_SECRET"] = "s3cr3t"
    assert credential() == "s3cr3t"
    assert "s3cr3t" not in repr(credential)


@pytest.mark.parametrize(
    ("path", "line"),
    [(("a", "b"), 2), (("a", "c", "d"), 5), (("x", "y"), 7), (("a", "c", "missing"), 4), (("nowhere",), 1)],
)
def test_the_line_of_a_key_or_of_the_table_around_it_is_found(path: tuple[str, ...], line: int) -> None:
    assert line_of("[a]\nb = 1 # c = 2\n\n[a.c]\n'd' = 2\n[x]\ny = 3\n", path) == line


def test_init_overwrites_nothing_and_can_be_run_again(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*.pyc")

    assert init_workspace(tmp_path) == ["doer.toml", "skills/", ".doer/", ".gitignore"]
    (tmp_path / "doer.toml").write_text("[workspace]\nlocale = 'de'\n")
    assert init_workspace(tmp_path) == []
    assert (tmp_path / "doer.toml").read_text() == "[workspace]\nlocale = 'de'\n"
    assert (tmp_path / ".gitignore").read_text() == "*.pyc\n# the journal and keys of doer\n/.doer/\n"


def test_what_init_writes_is_a_good_file(tmp_path: Path) -> None:
    init_workspace(tmp_path)

    assert list(read_settings(tmp_path / "doer.toml").connections) == ["files", "reminders"]


def test_every_kind_that_the_template_explains_is_a_good_connection(tmp_path: Path) -> None:
    init_workspace(tmp_path)
    file = tmp_path / "doer.toml"
    file.write_text(re.sub(r"^# (?=\[|\w+ = )", "", file.read_text(), flags=re.MULTILINE))

    assert {each.kind for each in read_settings(file).connections.values()} == set(KINDS)


def test_a_workspace_is_found_upwards(tmp_path: Path) -> None:
    init_workspace(tmp_path)
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)

    assert find_workspace(deep) == tmp_path.resolve()


def test_no_workspace_is_told_with_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="`doer init`"):
        find_workspace(tmp_path)


def test_the_machines_time_zone_is_taken_and_utc_where_it_has_none(tmp_path: Path) -> None:
    assert system_timezone({"TZ": "Europe/Paris"}) == "Europe/Paris"
    assert system_timezone({"TZ": "rubbish"}, tmp_path / "none") == "UTC"
    link = tmp_path / "localtime"
    link.symlink_to("/usr/share/zoneinfo/Asia/Tokyo")
    assert system_timezone({}, link) == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("given", "told"), [("xx_KLINGON", "no locale that is known"), ("en_GBB", "did you mean 'en_GB'?")]
)
def test_a_locale_that_nobody_writes_in_is_refused_with_the_nearest(tmp_path: Path, given: str, told: str) -> None:
    (tmp_path / "doer.toml").write_text(f'[workspace]\nlocale = "{given}"\n')

    with pytest.raises(UsageError, match="line 2") as wrong:
        read_settings(tmp_path / "doer.toml")
    assert told in str(wrong.value)


@pytest.mark.parametrize("given", ["de", "en_GB", "en-GB", "zh_TW"])
def test_a_locale_may_be_written_both_ways(tmp_path: Path, given: str) -> None:
    (tmp_path / "doer.toml").write_text(f'[workspace]\nlocale = "{given}"\n')

    assert read_settings(tmp_path / "doer.toml").workspace.locale == given
