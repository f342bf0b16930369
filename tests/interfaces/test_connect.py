"""`doer connect`: real servers are found, tried with reads only, and kept; the secret is in no file of the workspace."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import re
import shutil
import socket
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import httpx2
import pytest
import uvicorn
from starlette.responses import Response
from tests.connectors.calendar_server import PASSWORD, USER, CalendarServer, calendar_server
from tests.connectors.directory_server import TOKEN, World, directory_server, seed
from tests.connectors.http_server import http_server
from tests.connectors.mail_server import ImapServer, MailServer, imap_server, mail_server
from tests.interfaces.conftest import Cli, Said
from tests.interfaces.test_terminal import DOER, terminal

from doer.app.settings import read_settings
from doer.connectors.trust import trusted
from doer.demos.office.shop_app import Shop, make_app
from doer.testing.identity import IdentityProvider, identity_provider

CANARY = "c4nary/+ &<ä>%"


@pytest.fixture(autouse=True)
def secrets_in_a_file(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path_factory.mktemp("config")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    monkeypatch.setenv("DOER_SECRETS", "file")
    return home / "doer"


@pytest.fixture
def place(cli: Cli, tmp_path: Path) -> Path:
    assert cli("init").code == 0
    return tmp_path


@pytest.fixture(scope="module")
def dav(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CalendarServer]:
    with calendar_server(tmp_path_factory.mktemp("dav")) as running:
        running.make("work")
        running.make("home")
        yield running


@pytest.fixture(scope="module")
def people() -> Iterator[World]:
    with directory_server() as running:
        seed(running)
        yield running


@pytest.fixture(scope="module")
def imap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImapServer]:
    with imap_server(tmp_path_factory.mktemp("imap") / "log") as running:
        yield running


@contextmanager
def relay(root: Path, password: str | None) -> Iterator[MailServer]:
    """Serve SMTP in a thread of its own, because the command has its own loop."""
    ready, done, found = threading.Event(), threading.Event(), list[MailServer]()

    async def serve() -> None:
        async with mail_server(root, password) as server:
            found.append(server)
            ready.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    ready.wait()
    try:
        yield found[0]
    finally:
        done.set()
        thread.join()


Type = Callable[[str], None]


@pytest.fixture
def standard_input(monkeypatch: pytest.MonkeyPatch) -> Type:
    return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))


def abilities(said: Said) -> dict[str, bool]:
    return {each["verb"]: each["works"] for each in said.json["abilities"]}


def everywhere(folder: Path) -> str:
    return "\n".join(each.read_bytes().decode("utf-8", "replace") for each in folder.rglob("*") if each.is_file())


# --- each kind ---------------------------------------------------------------------------------------------------------


def test_a_database_is_connected_by_its_file_and_says_which_tables_there_are(cli: Cli, place: Path) -> None:
    with sqlite3.connect(place / "crm.db") as made:
        made.execute("CREATE TABLE tickets (id INTEGER PRIMARY KEY, status TEXT)")
        made.execute("CREATE TABLE people (id INTEGER PRIMARY KEY)")
    made.close()

    said = cli("connect", "database", "crm", "--url", "crm.db", "--write", "tickets", "--environment", "test", "--json")

    assert said.code == 0, said
    assert said.json["settings"]["url"] == "sqlite:///crm.db"
    assert said.json["entities"] == {"table": ["people", "tickets"]}
    assert abilities(said) == {"find": True, "change": True, "read back": True, "undo": True, "once": False}
    crm = read_settings(place / "doer.toml").connections["crm"]
    assert crm.model_dump(exclude_unset=True) == {
        "kind": "database",
        "url": "sqlite:///crm.db",
        "allow": {"write": ("tickets",)},
        "environment": "test",
    }


def test_a_calendar_is_found_from_the_servers_address_and_its_secret_is_kept_outside(
    cli: Cli, place: Path, dav: CalendarServer, standard_input: Type, secrets_in_a_file: Path
) -> None:
    standard_input(f"{PASSWORD}\n")
    found = ("connect", "calendar", "work", "--url", dav.url, "--username", USER, "--secret-from-stdin")
    several = cli(*found, "--json")
    assert several.code == 2
    assert "2 calendars" in several.json["error"]["happened"]
    assert "--calendar" in several.json["error"]["happened"]
    standard_input(f"{PASSWORD}\n")

    said = cli(*found, "--calendar", "work", "--json")

    assert said.code == 0, said
    assert said.json["settings"]["url"] == f"{dav.url}/{USER}/work/"
    assert abilities(said) == {"find": True, "create": True, "read back": True, "undo": True}
    assert (said.json["secret"], str(secrets_in_a_file) in said.json["kept_in"]) == ("secret://work", True)
    assert PASSWORD not in everywhere(place) + everywhere(secrets_in_a_file) + said.out + said.err
    assert (secrets_in_a_file / "secrets.key").stat().st_mode & 0o777 == 0o600
    assert cli("connections", "test", "work").code == 0


def test_a_calendar_that_may_only_be_read_says_so(
    cli: Cli, place: Path, dav: CalendarServer, standard_input: Type
) -> None:
    shutil.copytree(dav.folder("work"), dav.folder("locked"))
    standard_input(PASSWORD)
    url = f"{dav.url}/{USER}/locked/"

    said = cli("connect", "calendar", "locked", "--url", url, "--username", USER, "--secret-from-stdin", "--json")
    shutil.rmtree(dav.folder("locked"))

    assert said.code == 0, said
    assert abilities(said) == {"find": True, "create": False, "read back": True, "undo": False}


def test_a_directory_is_connected_with_its_token_and_tells_its_groups_and_people(
    cli: Cli, place: Path, people: World, standard_input: Type
) -> None:
    standard_input(TOKEN)

    said = cli("connect", "directory", "hr", "--url", people.url, "--secret-from-stdin", "--json")

    assert said.code == 0, said
    assert sorted(said.json["entities"]["group"]) == ["engineering", "sales"]
    assert "Grace Hopper" in said.json["entities"]["person"]
    assert TOKEN not in everywhere(place)


def test_mail_is_connected_with_its_mailbox_beside_it(
    cli: Cli, place: Path, imap: ImapServer, standard_input: Type, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with relay(tmp_path_factory.mktemp("mail"), None) as server:
        standard_input(imap.password)
        said = cli(
            "connect", "mail", "post", "--smtp", server.url, "--imap", imap.url, "--sender", imap.user, "--secret-from-stdin", "--json"
        )  # fmt: skip

    assert said.code == 0, said
    assert abilities(said) == {"send": True, "read back": True, "undo": False}
    assert "INBOX" in said.json["entities"]["folder"]
    assert server.transactions == 0


def test_a_relay_that_does_not_believe_the_password_is_not_connected(
    cli: Cli, place: Path, standard_input: Type, tmp_path_factory: pytest.TempPathFactory
) -> None:
    before = (place / "doer.toml").read_text()
    with relay(tmp_path_factory.mktemp("mail"), "right") as server:
        arguments = (
            "connect", "mail", "post", "--smtp", server.url, "--username", "sam", "--sender", "sam@acme.example", "--secret-from-stdin"
        )  # fmt: skip
        standard_input(CANARY)
        wrong = cli(*arguments)
        standard_input("right")
        assert cli(*arguments).code == 0

    assert wrong.code == 1
    assert "not accepted" in wrong.account["happened"]
    assert wrong.account["you"].startswith("doer connect mail post")
    assert CANARY not in wrong.out + wrong.err
    assert before != (place / "doer.toml").read_text()


def test_a_repository_is_connected_before_it_is_cloned_by_asking_its_remote(
    cli: Cli, place: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    remote = tmp_path_factory.mktemp("remote")
    git = ("git", "-C", str(remote), "-c", "user.name=A", "-c", "user.email=a@acme.example")
    for arguments in (("init", "-q", "-b", "main"), ("commit", "-q", "--allow-empty", "-m", "first")):
        subprocess.run([*git, *arguments], check=True)

    said = cli(
        "connect", "git", "site", "--repository", "site", "--url", f"file://{remote}", "--push", "main, x/*", "--json"
    )
    nowhere = cli("connect", "git", "gone", "--repository", "gone", "--url", f"file://{remote}/none")

    assert said.code == 0, said
    assert said.json["entities"] == {"branch": ["main"]}
    assert abilities(said) == {"clone": True, "commit": True, "push": True, "read back": True, "undo": True}
    assert not (place / "site").exists()
    assert nowhere.code == 1
    assert nowhere.account["you"].startswith("doer connect git gone --repository gone --url file://")


# --- failing -----------------------------------------------------------------------------------------------------------


def test_nothing_is_written_when_the_try_fails_unless_one_insists(
    cli: Cli, place: Path, dav: CalendarServer, standard_input: Type, secrets_in_a_file: Path
) -> None:
    before = (place / "doer.toml").read_text()
    url = f"{dav.url}/{USER}/work/"
    arguments = ("connect", "calendar", "work", "--url", url, "--username", USER, "--secret-from-stdin")
    standard_input(CANARY)

    refused = cli(*arguments)

    assert refused.code == 1
    assert "the server answered 401" in refused.account["happened"]
    assert refused.account["changed"] == "nothing: neither doer.toml nor the secret was written"
    assert (place / "doer.toml").read_text() == before
    assert not secrets_in_a_file.exists()
    standard_input(CANARY)
    assert cli(*arguments, "--anyway").code == 5
    tested = cli("connections", "test", "work", "--json")
    assert (tested.code, tested.json["connections"][0]["credential_refused"]) == (1, True)
    assert CANARY not in everywhere(place) + refused.out + refused.err + tested.out


def test_connecting_again_renews_only_the_secret_and_keeps_every_comment(
    cli: Cli, place: Path, dav: CalendarServer, standard_input: Type
) -> None:
    url = f"{dav.url}/{USER}/work/"
    standard_input("wrong")
    cli("connect", "calendar", "work", "--url", url, "--username", USER, "--secret-from-stdin", "--anyway")
    text = (place / "doer.toml").read_text().replace('username = "sam"\n', 'username = "sam"  # me\n')
    (place / "doer.toml").write_text(text)
    standard_input(PASSWORD)

    said = cli("connect", "calendar", "work", "--secret-from-stdin")

    assert said.code == 0, said
    assert (place / "doer.toml").read_text() == text
    assert cli("connections", "test", "work").code == 0


def test_a_secret_in_the_environment_is_only_referred_to(
    cli: Cli, place: Path, people: World, monkeypatch: pytest.MonkeyPatch, secrets_in_a_file: Path
) -> None:
    arguments = ("connect", "directory", "hr", "--url", people.url, "--secret", "env://HR_TOKEN")
    unset = cli(*arguments)
    monkeypatch.setenv("HR_TOKEN", TOKEN)

    said = cli(*arguments, "--json")

    assert (unset.code, "export HR_TOKEN=" in unset.account["happened"]) == (1, True)
    assert (said.code, said.json["secret"]) == (0, "env://HR_TOKEN")
    assert not secrets_in_a_file.exists()


def test_a_password_in_an_address_is_taken_out_of_it(cli: Cli, place: Path, dav: CalendarServer) -> None:
    url = dav.url.replace("//", f"//{USER}:open%20sesame@") + f"/{USER}/work/"

    said = cli("connect", "calendar", "work", "--url", url)

    assert said.code == 0, said
    text = (place / "doer.toml").read_text()
    assert ("sesame" not in text, 'username = "sam"' in text) == (True, True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("databse", "crm"), "there is no kind 'databse'; did you mean 'database'? there are: files"),
        (("database", "crm"), "a database connection needs --url"),
        (("database", "crm", "--url", "crm"), "'crm' is no database"),
        (("database", "crm", "--url", "mysql://x/y"), "mysql is no database that doer knows"),
        (("database", "Crm", "--url", "x.db"), "a connection cannot be called 'Crm'"),
        (("database", "crm", "--url", "x.db", "--smtp", "x"), "a database connection has no --smtp"),
        (("database", "files", "--url", "x.db"), "files is a files connection already"),
        (("database", "crm", "--url", "x.db", "--timeout", "soon"), "--timeout 'soon' is no number"),
        (("database", "crm", "--url", "x.db", "--timeout", "-1"), "timeout: Input should be greater than 0"),
        (("directory", "hr", "--url", "https://x/v2"), "needs its bearer token: give --secret-from-stdin"),
        (("directory", "hr", "--url", "https://x/v2", "--secret", "hunter2"), "never the secret itself"),
    ],
)
def test_what_is_missing_or_wrong_is_told_before_anything_is_asked_of_a_system(
    cli: Cli, place: Path, arguments: tuple[str, ...], told: str
) -> None:
    said = cli("connect", *arguments)

    assert said.code == 2
    assert told in said.account["happened"]
    assert "hunter2" not in said.out + said.err


# --- afterwards --------------------------------------------------------------------------------------------------------


def test_a_removed_connection_takes_its_secret_with_it_and_leaves_the_comments(
    cli: Cli, place: Path, people: World, standard_input: Type
) -> None:
    standard_input(TOKEN)
    cli("connect", "directory", "hr", "--url", people.url, "--secret-from-stdin")
    assert "hr" in cli("connections", "list").out

    said = cli("connections", "remove", "hr", "--json")

    assert (said.code, said.json["secret_forgotten"]) == (0, True)
    assert "hr" not in read_settings(place / "doer.toml").connections
    assert "# [connections.crm]" in (place / "doer.toml").read_text()
    assert cli("connections", "remove", "hr").code == 2
    assert [each["name"] for each in cli("connections", "list", "--json").json["connections"]] == ["files", "reminders"]


def test_two_workspaces_have_each_their_own_secret_of_one_name(
    cli: Cli, place: Path, people: World, standard_input: Type, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = str(tmp_path_factory.mktemp("other"))
    assert cli("init", other).code == 0
    arguments = ("connect", "directory", "hr", "--url", people.url, "--secret-from-stdin")
    standard_input(TOKEN)
    assert cli(*arguments).code == 0
    standard_input("another")
    assert cli("-C", other, *arguments, "--anyway").code == 5

    assert cli("connections", "test", "hr").code == 0
    assert cli("-C", other, "connections", "test", "hr").code == 1


# --- at a terminal -----------------------------------------------------------------------------------------------------


def test_a_person_is_asked_chooses_a_calendar_by_number_and_the_password_is_never_seen(
    cli: Cli, place: Path, dav: CalendarServer
) -> None:
    with terminal(place, "connect", "calendar", "work") as screen:
        screen.until("address of the CalDAV server")
        screen.until("> ")
        screen.type(dav.url)
        screen.until("the name you sign in with")
        screen.until("> ")
        screen.type(USER)
        screen.until("environment")
        screen.until("> ")
        screen.type("production")
        screen.until("password (not shown)")
        screen.until("> ")
        screen.type(PASSWORD)
        offered = screen.until("its number")
        number = next(line.split()[0] for line in offered.splitlines() if line.rstrip().endswith("/work/"))
        screen.until("> ")
        screen.type(number)
        assert screen.end() == 0
        assert PASSWORD not in screen.seen
        assert "calendar: find ✓, create ✓, read back ✓" in screen.seen

    work = read_settings(place / "doer.toml").connections["work"]
    assert work.model_dump(exclude_unset=True) == {
        "kind": "calendar",
        "url": f"{dav.url}/{USER}/work/",
        "username": USER,
        "environment": "production",
        "secret": "secret://work",
    }
    assert cli("connections", "test", "work").code == 0


def test_input_that_ends_in_the_midst_writes_nothing(cli: Cli, place: Path, dav: CalendarServer) -> None:
    before = (place / "doer.toml").read_text()
    with terminal(place, "connect", "calendar", "work", "--url", dav.url) as screen:
        screen.until("the name you sign in with")
        screen.until("> ")
        screen.type("\x04")
        assert screen.end() == 2
        assert "nothing was written" in screen.seen

    assert (place / "doer.toml").read_text() == before


# --- by agreement ------------------------------------------------------------------------------------------------------


def agree(address: str) -> None:
    with httpx2.Client(verify=trusted(address)) as browser:
        answered = browser.post(address, content="say=agree")
        browser.get(answered.headers["location"])


def test_a_person_agrees_in_a_browser_and_the_token_renews_itself(cli: Cli, place: Path) -> None:
    with identity_provider() as idp:
        arguments = (
            "--url", idp.issuer, "--auth", "bearer", "--read", "/me", "--oauth", idp.issuer, "--client-id", "doer",
            "--scopes", "openid calendar", "--environment", "test", "--write", "-", "--probe", "-",
        )  # fmt: skip
        with terminal(place, "connect", "http", "me", *arguments) as screen:
            screen.until("open this address and agree:  ")
            agree(screen.until("&nonce=") + re.split(r"\s", screen.until("\n"))[0])
            assert screen.end() == 0, screen.seen
        assert "agreed by" in screen.seen
        idp.revoke_access()

        tested = cli("connections", "test", "me", "--json")

        assert tested.code == 0, tested
        assert tested.json["connections"][0]["server"] == "GET /me answered"
        idp.revoke_all()
        refused = cli("connections", "test", "me")
        assert (refused.code, refused.account["you"]) == (1, "doer connect http me")
    me = read_settings(place / "doer.toml").connections["me"].model_dump(exclude_unset=True)
    assert me["oauth"] == {"issuer": idp.issuer, "client_id": "doer", "scopes": ("openid", "calendar")}
    assert me["secret"] == "secret://me"


def test_a_person_agrees_on_another_device_with_a_code_and_the_token_renews_itself(cli: Cli, place: Path) -> None:
    with identity_provider() as idp:
        idp.interval = 1
        with terminal(place, "connect", "http", "me", *_on_a_device(idp)) as screen:
            screen.until(f"open {idp.issuer}/agree and type ")
            idp.agree(screen.until("\n").strip())
            assert screen.end() == 0, screen.seen
        assert "agreed by sam@acme.example" in screen.seen
        idp.revoke_access()

        assert cli("connections", "test", "me").code == 0
        assert idp.renewals > 0
    me = read_settings(place / "doer.toml").connections["me"].model_dump(exclude_unset=True)
    assert me["oauth"] == {"issuer": idp.issuer, "client_id": "doer", "scopes": ("openid",)}


def test_nothing_is_written_when_a_person_refuses_on_the_other_device(
    cli: Cli, place: Path, secrets_in_a_file: Path
) -> None:
    before = (place / "doer.toml").read_text()
    with identity_provider() as idp:
        idp.interval = 1
        with terminal(place, "connect", "http", "me", *_on_a_device(idp)) as screen:
            screen.until(" and type ")
            idp.refuse(screen.until("\n").strip())
            assert screen.end() == 1, screen.seen
    assert "the person refused" in screen.seen
    assert (place / "doer.toml").read_text() == before
    assert not secrets_in_a_file.exists()


def test_what_a_script_gets_of_an_agreement_on_a_device_is_one_document(cli: Cli, place: Path) -> None:
    with identity_provider() as idp:
        idp.interval = 1
        arguments = ("connect", "http", "me", *_on_a_device(idp), "--json")
        process = subprocess.Popen(
            [*DOER, *arguments],
            cwd=place,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
        )
        assert process.stderr is not None
        idp.agree(process.stderr.readline().strip().rpartition(" and type ")[2])
        out, _ = process.communicate()
    assert process.returncode == 0, out
    assert json.loads(out)["connection"] == "me"


def _on_a_device(idp: IdentityProvider) -> tuple[str, ...]:
    return (
        "--url", idp.issuer, "--auth", "bearer", "--read", "/me", "--write", "-", "--probe", "-", "--environment", "-",
        "--oauth", idp.issuer, "--client-id", "doer", "--scopes", "openid", "--device",
    )  # fmt: skip


# --- a secret that counts for nothing ------------------------------------------------------------------------------------


@pytest.fixture
def shop() -> Iterator[str]:
    """The office's shop, which lets in whoever has the token; its address."""
    kept = Shop(TOKEN, {"products": {"tea": {"id": "tea", "price": 3}}})
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(make_app(kept), log_level="error", lifespan="off", access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/api"
        finally:
            server.should_exit = True
            thread.join()


def test_an_answer_that_everybody_gets_does_not_prove_the_secret(
    cli: Cli, place: Path, shop: str, standard_input: Type
) -> None:
    standard_input("wrong-c4nary")
    connect = ("connect", "http", "shop", "--url", shop, "--auth", "bearer", "--secret-from-stdin")

    said = cli(*connect, "--json")

    assert said.code == 5, said
    assert said.json["server"] == "GET / answered 404"
    assert said.json["unproven"].endswith("give --probe PATH, one that only you may read")
    assert cli("connections", "test", "shop").code == 5
    standard_input("wrong-c4nary")
    refused = cli(*connect, "--probe", "/products")
    assert (refused.code, "401" in refused.account["happened"]) == (1, True)
    assert "wrong-c4nary" not in said.out + refused.out + refused.err


def test_the_secret_is_proven_at_a_path_that_only_its_owner_may_read(
    cli: Cli, place: Path, shop: str, standard_input: Type
) -> None:
    standard_input(TOKEN)
    connect = ("connect", "http", "shop", "--url", shop, "--auth", "bearer", "--secret-from-stdin")

    said = cli(*connect, "--probe", "/products", "--json")

    assert (said.code, said.json["server"], said.json["unproven"]) == (0, "GET /products answered", "")
    found = read_settings(place / "doer.toml").connections["shop"].model_dump(exclude_unset=True)
    assert found["probe"] == "/products"
    assert cli("connections", "test", "shop").code == 0


def test_a_404_for_the_one_and_a_401_for_everybody_else_proves_the_secret_too(
    cli: Cli, place: Path, shop: str, standard_input: Type
) -> None:
    standard_input(TOKEN)
    connect = ("connect", "http", "shop", "--url", shop, "--auth", "bearer", "--secret-from-stdin")

    said = cli(*connect, "--probe", "/products/none", "--json")

    assert (said.code, said.json["server"]) == (0, "GET /products/none answered 404")


@pytest.mark.parametrize(("status", "code"), [(403, 1), (405, 5), (503, 1)])
def test_a_refusal_is_told_from_an_answer_that_proves_nothing(
    cli: Cli, place: Path, standard_input: Type, status: int, code: int
) -> None:
    with http_server() as service:
        service.answers = [Response(status_code=status) for _ in range(8)]
        standard_input(TOKEN)
        connect = ("connect", "http", "app", "--url", service.url, "--auth", "bearer", "--probe", "/tickets")
        said = cli(*connect, "--secret-from-stdin", "--json")

    assert said.code == code, said
    assert str(status) in (said.json["server"] if code == 5 else said.json["error"]["happened"])


def test_where_there_is_no_secret_nothing_is_to_be_proven(cli: Cli, place: Path) -> None:
    with http_server() as service:
        said = cli("connect", "http", "app", "--url", service.url, "--auth", "none", "--read", "/tickets", "--json")
        asked = service.methods()

    assert (said.code, said.json["unproven"], asked) == (0, "", ["GET"])


# --- a canary ----------------------------------------------------------------------------------------------------------


def test_the_secret_is_nowhere_after_work_was_done_and_refused(
    cli: Cli, place: Path, people: World, standard_input: Type
) -> None:
    connect = ("connect", "directory", "hr", "--url", people.url, "--secret-from-stdin")
    standard_input(TOKEN)
    assert cli(*connect, "--environment", "production").code == 0

    done = cli("do", "--yes", "deactivate the account of linus@acme.example")
    shown = cli("show", cli("runs", "--json").json["runs"][0]["run"], "--events")
    standard_input(CANARY)
    cli(*connect, "--anyway")
    refused = cli("do", "--yes", "deactivate the account of grace@acme.example")

    assert done.code == 0, done
    assert people.user("linus@acme.example")["active"] is False
    assert "hr: production" in done.out
    assert refused.code != 0
    assert people.user("grace@acme.example")["active"] is True
    found = everywhere(place) + "".join(each.out + each.err for each in (done, shown, refused))
    for each in (TOKEN, CANARY, base64.b64encode(TOKEN.encode()).decode(), quote(CANARY), json.dumps(CANARY)[1:-1]):
        assert each not in found


def test_a_run_whose_credential_dies_midway_waits_and_goes_on_once_it_is_renewed(
    cli: Cli, place: Path, people: World, standard_input: Type
) -> None:
    connect = ("connect", "directory", "hr", "--url", people.url, "--secret-from-stdin")
    standard_input(TOKEN)
    assert cli(*connect).code == 0
    waiting = cli("do", "--json", "deactivate the account of ana@acme.example")
    standard_input("died-meanwhile")
    assert cli("connect", "directory", "hr", "--secret-from-stdin", "--anyway").code == 5

    paused = cli("approve", waiting.json["run"])
    standard_input(TOKEN)
    assert cli("connect", "directory", "hr", "--secret-from-stdin").code == 0
    done = cli("resume", waiting.json["run"])

    assert paused.code == 3, paused
    assert "doer connect directory hr" in paused.out
    assert "died-meanwhile" not in paused.out + everywhere(place)
    assert done.code == 0, done
    assert people.user("ana@acme.example")["active"] is False
