"""Secrets: kept outside, handed out at the last moment, and scrubbed from whatever leaves a connection."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import quote, quote_plus

import keyring
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as FailKeyring
from keyring.backends.null import Keyring as NullKeyring
from keyring.errors import KeyringLocked, PasswordDeleteError
from tests.connectors.calendar_server import USER, calendar_server
from tests.connectors.database_servers import PostgresCluster
from tests.connectors.directory_server import directory_server
from tests.connectors.mail_server import mail_server

from doer.connectors.secrets import (
    FromVault,
    Redaction,
    Vault,
    fixed,
    open_vault,
    read_reference,
)
from doer.connectors.secrets.guarded import Guarded, Watched
from doer.connectors.secrets.leak import quiet_logs, scrubbed
from doer.connectors.tools.calendar import calendar_tools
from doer.connectors.tools.database import database_tools
from doer.connectors.tools.directory import directory_tools
from doer.connectors.tools.mail import mail_tools
from doer.domain.action import Change, Intent, Manifest, Preview, Receipt
from doer.domain.errors import CredentialRefused, OutcomeUnknown, Permanent, ToolError, UsageError
from doer.domain.outcome import Absent, Conflict, Refuted, Reversal, Undone, Verification, Verified
from doer.domain.ports import Credential, Tool
from doer.domain.value import JsonObject, Key

SECRET = "c4nary/+ &<ä>%'\"\\"
MARK = "‹secret crm›"
MANIFEST = Manifest("crm.put", "Put.", {"type": "object", "properties": {}}, "write")


# --- references --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["secret://crm", "secret://crm-2.eu", "env://CRM_SECRET"])
def test_a_reference_is_read_and_written_alike(text: str) -> None:
    assert str(read_reference(text)) == text


@pytest.mark.parametrize("text", ["hunter2", "secret://", "secret://a b", "env://1X", "vault://crm", "secret://../x"])
def test_what_is_no_reference_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ValueError, match="secret://NAME") as wrong:
        read_reference(text)
    assert "hunter2" not in str(wrong.value)


# --- where secrets are kept --------------------------------------------------------------------------------------------


class MemoryKeyring(KeyringBackend):
    """A keyring that works, as far as the library can see."""

    priority = 5

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked("it is locked")
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.locked:
            raise KeyringLocked("it is locked")
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.kept:
            raise PasswordDeleteError("there is none")
        del self.kept[service, username]


@pytest.fixture
def machine() -> Iterator[Callable[[KeyringBackend], None]]:
    """Give this process another machine's keyring."""
    before = keyring.get_keyring()
    yield keyring.set_keyring
    keyring.set_keyring(before)


def vault(home: Path, workspace: str = "w1", **environment: str) -> Vault:
    return open_vault(home / "work", lambda _make: workspace, {"XDG_CONFIG_HOME": str(home / "config"), **environment})


def test_a_machine_with_a_keyring_keeps_secrets_there(tmp_path: Path, machine: Callable[..., None]) -> None:
    machine(ring := MemoryKeyring())
    kept = vault(tmp_path)

    kept.put("crm", SECRET)

    assert ring.kept == {("doer", "w1/crm"): SECRET}
    assert (kept.get("crm"), kept.told) == (SECRET, "this machine's keyring")
    assert not (tmp_path / "config").exists()
    assert (kept.remove("crm"), kept.remove("crm"), kept.get("crm")) == (True, False, None)


@pytest.mark.parametrize("backend", [FailKeyring, NullKeyring], ids=["fail", "null"])
def test_a_keyring_that_keeps_nothing_is_not_used(
    tmp_path: Path, machine: Callable[..., None], backend: type[KeyringBackend]
) -> None:
    machine(backend())
    kept = vault(tmp_path)

    kept.put("crm", SECRET)

    assert vault(tmp_path).get("crm") == SECRET
    assert "secrets.age" in kept.told
    with pytest.raises(UsageError, match="DOER_SECRETS asks for the keyring"):
        vault(tmp_path, DOER_SECRETS="keyring")


def test_a_secret_that_was_put_into_the_file_is_found_once_there_is_a_keyring_and_moves_when_renewed(
    tmp_path: Path, machine: Callable[..., None]
) -> None:
    machine(FailKeyring())  # type: ignore[no-untyped-call]
    vault(tmp_path).put("crm", "old secret")
    machine(ring := MemoryKeyring())

    assert vault(tmp_path).get("crm") == "old secret"
    vault(tmp_path).put("crm", SECRET)

    assert list(ring.kept.values()) == [SECRET]
    assert vault(tmp_path, DOER_SECRETS="file").get("crm") is None


def test_a_locked_keyring_says_what_to_do(tmp_path: Path, machine: Callable[..., None]) -> None:
    machine(ring := MemoryKeyring())
    ring.locked = True

    with pytest.raises(CredentialRefused, match="unlock it"):
        vault(tmp_path).get("crm")
    with pytest.raises(UsageError, match="unlock it"):
        vault(tmp_path).put("crm", SECRET)


def test_the_choice_of_a_place_is_one_of_two(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="it can be keyring or file"):
        vault(tmp_path, DOER_SECRETS="plain")


def test_an_age_file_shows_no_secret_and_opens_only_with_its_identity(tmp_path: Path) -> None:
    one, other = vault(tmp_path, DOER_SECRETS="file"), vault(tmp_path, "w2", DOER_SECRETS="file")
    one.put("crm", SECRET)
    other.put("crm", "another")
    folder = tmp_path / "config" / "doer"

    assert (one.get("crm"), other.get("crm"), one.get("mail")) == (SECRET, "another", None)
    assert all(SECRET.encode() not in each.read_bytes() for each in folder.iterdir())
    assert {each.name: each.stat().st_mode & 0o777 for each in folder.iterdir()} == {
        "secrets.age": 0o600, "secrets.key": 0o600, "secrets.lock": 0o600,
    }  # fmt: skip
    assert folder.stat().st_mode & 0o777 == 0o700


def test_what_is_wrong_with_the_age_file_is_told_with_what_mends_it(tmp_path: Path) -> None:
    kept, folder = vault(tmp_path, DOER_SECRETS="file"), tmp_path / "config" / "doer"
    kept.put("crm", SECRET)
    key, sealed = (folder / "secrets.key").read_bytes(), (folder / "secrets.age").read_bytes()

    (folder / "secrets.key").chmod(0o640)
    with pytest.raises(CredentialRefused, match="chmod 600"):
        kept.get("crm")
    (folder / "secrets.key").unlink()
    with pytest.raises(CredentialRefused, match="is gone: restore it"):
        kept.get("crm")
    with pytest.raises(UsageError, match="is gone: restore it"):
        kept.put("crm", "new")
    vault(tmp_path / "other", DOER_SECRETS="file").put("crm", "x")
    (folder / "secrets.key").write_bytes((tmp_path / "other" / "config" / "doer" / "secrets.key").read_bytes())
    (folder / "secrets.key").chmod(0o600)
    with pytest.raises(CredentialRefused, match="does not open"):
        kept.get("crm")
    (folder / "secrets.key").write_bytes(key)
    (folder / "secrets.age").write_bytes(sealed[:-3])
    with pytest.raises(CredentialRefused, match="does not open"):
        kept.get("crm")


def test_secrets_are_never_kept_inside_the_workspace(tmp_path: Path) -> None:
    inside = open_vault(tmp_path, lambda _make: "w1", {"XDG_CONFIG_HOME": str(tmp_path / "c"), "DOER_SECRETS": "file"})

    with pytest.raises(UsageError, match="where secrets may not be"):
        inside.put("crm", SECRET)
    assert not (tmp_path / "c").exists()


def test_a_secret_that_is_not_there_names_the_command_that_asks_for_it(tmp_path: Path) -> None:
    credential = FromVault(lambda: vault(tmp_path, DOER_SECRETS="file"), "crm", "database", "sales")

    with pytest.raises(CredentialRefused, match="`doer connect database sales`"):
        credential()


# --- redaction ---------------------------------------------------------------------------------------------------------


def disguises(secret: str) -> dict[str, str]:
    raw = secret.encode()
    return {
        "plain": secret,
        "quoted": quote(secret, safe=""),
        "quoted in lower case": quote(secret, safe="").lower()
        if secret.isascii() and secret.islower()
        else quote(secret),
        "form": quote_plus(secret),
        "json": json.dumps(secret)[1:-1],
        "json, not ascii": json.dumps(secret, ensure_ascii=False)[1:-1],
        "python": repr(secret)[1:-1],
        "hex": raw.hex(),
        "HEX": raw.hex().upper(),
        **{f"base64 {n}": base64.b64encode(b"x" * n + raw + b"yy").decode() for n in range(3)},
        **{f"base64 of urls {n}": base64.urlsafe_b64encode(b"x" * n + raw + b"yy").decode() for n in range(3)},
    }


@pytest.mark.parametrize("name", disguises(SECRET))
def test_a_secret_is_scrubbed_in_each_of_its_usual_disguises(name: str) -> None:
    redaction = Redaction("crm")
    redaction.learn(SECRET)

    clean = redaction.text(f"before {disguises(SECRET)[name]} after")

    assert MARK in clean
    assert (clean.startswith("before "), clean.endswith(" after")) == (True, True)


@given(st.text(min_size=8, max_size=40), st.binary(max_size=5), st.binary(max_size=5))
def test_no_secret_survives_base64_wherever_it_stands(secret: str, before: bytes, after: bytes) -> None:
    redaction = Redaction("crm")
    redaction.learn(secret)

    assert MARK in redaction.text(base64.b64encode(before + secret.encode() + after).decode())


def test_ordinary_words_stay_legible_beside_a_short_secret() -> None:
    redaction = Redaction("crm")
    redaction.learn("a")

    assert redaction.text("a cat") == "a cat"


def test_every_secret_that_was_handed_out_is_scrubbed_also_the_one_before() -> None:
    redaction = Redaction("crm")
    handed = iter(["first-token", "second-token"])
    credential = Watched(lambda: next(handed), redaction)
    credential()
    credential()

    assert redaction.json({"first-token": ["x second-token", 7, None]}) == {MARK: [f"x {MARK}", 7, None]}


# --- a tool of a connection --------------------------------------------------------------------------------------------


@dataclass
class Leaky:
    """A tool that says its secret wherever it can."""

    credential: Credential
    failure: Exception | None = None
    calls: list[str] = field(default_factory=list)
    manifest: Manifest = MANIFEST

    def told(self, verb: str) -> str:
        self.calls.append(verb)
        secret = self.credential()
        if self.failure is not None:
            raise self.failure
        return f"{verb} with {secret}"

    async def preview(self, arguments: JsonObject, pending: object) -> Preview:
        told = self.told("preview")
        return Preview((Change(f"x:{told}", {told: told}, [told], echoes=(told,)),), result={"a": told}, note=told)

    async def apply(self, arguments: JsonObject, key: Key, before: object) -> Receipt:
        told = self.told("apply")
        return Receipt({"a": told}, {told: told}, {"was": told})

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        return Refuted(self.told("verify"), Receipt(self.told("verify")))

    async def undo(self, receipt: Receipt) -> Reversal:
        return Undone({"x": self.told("undo")}, self.told("undo"))


def guarded(tool: Leaky, credential: Credential, environment: str = "") -> Guarded:
    redaction = Redaction("crm")
    tool.credential = Watched(credential, redaction)
    return Guarded(tool, MANIFEST, "database", "crm", redaction, tool.credential, environment)


INTENT = Intent({}, Key("k"))
VERBS: Mapping[str, Callable[[Guarded], Awaitable[object]]] = {
    "preview": lambda tool: tool.preview({}, ()),
    "apply": lambda tool: tool.apply({}, Key("k"), ()),
    "verify": lambda tool: tool.verify(INTENT),
    "undo": lambda tool: tool.undo(Receipt()),
}


@pytest.mark.parametrize("verb", VERBS)
async def test_nothing_that_leaves_a_verb_shows_the_secret(verb: str) -> None:
    tool = guarded(Leaky(fixed("")), fixed(SECRET))

    found = await VERBS[verb](tool)

    assert MARK in repr(found)
    assert SECRET not in repr(found)
    assert repr(SECRET)[1:-1] not in repr(found)


def chain(failure: BaseException | None) -> Iterator[BaseException]:
    while failure is not None:
        yield failure
        failure = failure.__cause__ or failure.__context__


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("kind", [Permanent, OutcomeUnknown, CredentialRefused, ValueError])
async def test_an_error_keeps_its_kind_and_loses_the_secret_also_in_its_causes(
    verb: str, kind: type[Exception]
) -> None:
    failure = kind(f"refused for {SECRET}")
    failure.__cause__ = OSError(f"Authorization: Basic {base64.b64encode(f'sam:{SECRET}'.encode()).decode()}")
    tool = guarded(Leaky(fixed(""), failure), fixed(SECRET))

    with pytest.raises(Exception, match="refused for") as told:
        await VERBS[verb](tool)

    redaction = Redaction("crm")
    redaction.learn(SECRET)
    assert not any(redaction.finds(str(each)) or redaction.finds(repr(each)) for each in chain(told.value))
    assert isinstance(told.value, kind) or (kind is ValueError and not isinstance(told.value, ToolError))


async def test_an_error_without_a_secret_is_left_as_it_is() -> None:
    failure = Permanent("no such table")
    tool = guarded(Leaky(fixed(""), failure), fixed(SECRET))

    with pytest.raises(Permanent) as told:
        await tool.apply({}, Key("k"), ())

    assert told.value is failure
    assert scrubbed(failure, tool.redaction) is failure


async def test_what_was_scrubbed_from_a_receipt_is_never_written_back() -> None:
    tool = guarded(leaky := Leaky(fixed("")), fixed(SECRET))
    receipt = await tool.apply({}, Key("k"), ())

    assert isinstance(await tool.undo(receipt), Conflict)
    with pytest.raises(Permanent, match="where a secret was taken out"):
        await tool.apply({"value": f"x {MARK}"}, Key("k2"), ())
    assert leaky.calls == ["apply"]


async def test_a_refused_credential_names_the_command_that_renews_it() -> None:
    tool = guarded(Leaky(fixed(""), CredentialRefused("the server answered 401")), fixed(SECRET))

    with pytest.raises(CredentialRefused, match="`doer connect database crm` renews it"):
        await tool.apply({}, Key("k"), ())


class Refreshed:
    """A token that was valid once, and can be had anew."""

    def __init__(self, *tokens: str) -> None:
        self.tokens = list(tokens)

    def __call__(self) -> str:
        return self.tokens[0]

    def invalidate(self) -> bool:
        del self.tokens[0]
        return bool(self.tokens)


async def test_a_token_that_can_be_refreshed_is_and_the_verb_goes_on() -> None:
    class Strict(Leaky):
        def told(self, verb: str) -> str:
            if self.credential() != "fresh-token":
                raise CredentialRefused("the server answered 401")
            return super().told(verb)

    tool = guarded(Strict(fixed("")), Refreshed("stale-token", "fresh-token"))

    receipt = await tool.apply({}, Key("k"), ())

    assert receipt.result == {"a": f"apply with {MARK}"}
    never = guarded(Strict(fixed("")), Refreshed("stale-token", "staler-token"))
    with pytest.raises(CredentialRefused):
        await never.apply({}, Key("k"), ())


async def test_the_environment_stands_beside_every_preview() -> None:
    tool = guarded(Leaky(fixed("")), fixed(SECRET), "production")

    assert (await tool.preview({}, ())).note.startswith("crm: production; preview with")


async def test_what_needs_no_scrubbing_is_passed_on_as_it_is() -> None:
    class Quiet(Leaky):
        async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
            return Absent("not there") if receipt is None else Verified(receipt, "found")

    tool = guarded(Quiet(fixed("")), fixed(SECRET))
    receipt = Receipt({"id": 7}, {"x:1": "v1"}, None)

    assert await tool.verify(INTENT) == Absent("not there")
    assert await tool.verify(INTENT, receipt) == Verified(receipt, "found")


# --- logs --------------------------------------------------------------------------------------------------------------


def test_no_log_line_of_a_library_shows_the_secret(caplog: pytest.LogCaptureFixture) -> None:
    redaction = Redaction("crm")
    redaction.learn(SECRET)

    with quiet_logs({"crm": redaction}):
        logging.getLogger("library").warning("GET https://x/?token=%s", quote(SECRET))
        logging.getLogger("library").error("it failed", exc_info=ValueError(SECRET))
    logging.getLogger("library").warning("later")

    assert SECRET not in caplog.text
    assert quote(SECRET) not in caplog.text
    assert caplog.text.count(MARK) >= 2
    assert "later" in caplog.text


# --- the connectors, each against its real server ----------------------------------------------------------------------


async def refusal(tool: Tool, arguments: JsonObject) -> str:
    with pytest.raises(CredentialRefused) as told:
        await tool.apply(arguments, Key("k"), ())
    return str(told.value)


async def test_a_calendar_that_refuses_the_password_is_named_with_the_command_that_renews_it(tmp_path: Path) -> None:
    with calendar_server(tmp_path / "dav") as server:
        tools = calendar_tools("work", server.url, calendar=f"/{USER}/x", username=USER, password=fixed(SECRET))
        told = await refusal(tools[0], {"start": "2026-12-01", "end": "2026-12-02"})

    assert (told.startswith("work: "), "`doer connect calendar work` renews it" in told) == (True, True)
    assert SECRET not in told


async def test_a_directory_that_refuses_the_token_is_named_too(tmp_path: Path) -> None:
    with directory_server() as server:
        told = await refusal(directory_tools("hr", server.url, token=fixed("some-token"))[0], {})
        without = await refusal(directory_tools("hr", server.url)[0], {})

    assert "`doer connect directory hr` renews it" in told
    assert "`doer connect directory hr` renews it" in without
    assert "some-token" not in told


async def test_a_token_that_no_header_can_carry_is_refused_and_not_repeated() -> None:
    told = await refusal(directory_tools("hr", "http://127.0.0.1:9/v2", token=fixed("t\u00f6ken\n"))[0], {})

    assert "was all of it copied" in told
    assert "t\u00f6ken" not in told


async def test_a_relay_that_refuses_the_password_is_named_too(tmp_path: Path) -> None:
    mail = {"to": ["ada@acme.example"], "subject": "s", "body": "b"}
    async with mail_server(tmp_path / "mail", password="right") as server:
        post = partial(mail_tools, "post", server.url, sender="sam@acme.example", timeout=5.0)
        told = await refusal(post(username="sam", password=fixed(SECRET))[0], mail)
        without = await refusal(post()[0], mail)

    assert "`doer connect mail post` renews it" in told
    assert "`doer connect mail post` renews it" in without
    assert SECRET not in told


@pytest.fixture
def asking(request: pytest.FixtureRequest) -> Iterator[str]:
    """A PostgreSQL that asks the user `asked` for a password, and trusts all others."""
    servers: PostgresCluster = request.getfixturevalue("cluster")
    world = servers.world("CREATE TABLE notes (id int PRIMARY KEY)")
    file = Path(str(world.rows("SHOW hba_file")[0][0]))
    before = file.read_text()
    file.write_text(f"local all asked scram-sha-256\n{before}")
    world.run("CREATE ROLE asked LOGIN PASSWORD 'r1ght-password'", f"GRANT USAGE ON SCHEMA {world.schema} TO asked",
              f"GRANT SELECT ON ALL TABLES IN SCHEMA {world.schema} TO asked", "SELECT pg_reload_conf()")  # fmt: skip
    yield world.url.replace("postgres@", "asked@")
    file.write_text(before)
    world.run("SELECT pg_reload_conf()", "DROP OWNED BY asked", "DROP ROLE asked")


async def test_a_database_that_refuses_the_password_is_named_too_and_the_next_one_is_asked_for_anew(
    asking: str,
) -> None:
    passwords = iter(["wr0ng-password", "r1ght-password"])
    find = database_tools("crm", asking, password=lambda: next(passwords))[0]

    told = await refusal(find, {"table": "notes"})
    found = await find.apply({"table": "notes"}, Key("k"), ())

    assert "`doer connect database crm` renews it" in told
    assert "wr0ng" not in told
    assert isinstance(found.result, dict)
    assert found.result["rows"] == []
    assert "`doer connect database crm` renews it" in await refusal(
        database_tools("crm", asking)[0], {"table": "notes"}
    )
