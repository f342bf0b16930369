"""Connecting by agreement: code with PKCE on a loopback redirect, device flow, renewal, and tokens that are not believed."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from doer.connectors.oauth import (
    Client,
    DevicePrompt,
    OAuthCredential,
    Provider,
    Tokens,
    agree_in_browser,
    agree_on_device,
    discover,
)
from doer.connectors.oauth.tokens import read_tokens
from doer.connectors.secrets import Vault
from doer.connectors.trust import trusted
from doer.domain.errors import CredentialRefused, Permanent, Transient, UsageError
from doer.testing.clock import EagerClock, ManualClock
from doer.testing.identity import IdentityProvider, Lie, identity_provider


@dataclass
class MemoryPlace:
    """A place for secrets in memory."""

    kept: dict[str, str] = field(default_factory=dict)
    told: str = "memory"

    def get(self, key: str) -> str | None:
        return self.kept.get(key)

    def put(self, key: str, secret: str) -> None:
        self.kept[key] = secret

    def remove(self, key: str) -> bool:
        return self.kept.pop(key, None) is not None


@pytest.fixture
def clock() -> EagerClock:
    return EagerClock()


@pytest.fixture
def idp(clock: EagerClock) -> Iterator[IdentityProvider]:
    with identity_provider(clock.now) as provider:
        yield provider


def at(idp: IdentityProvider, *scopes: str, algorithm: str = "ES256") -> Client:
    return Client(idp.issuer, "doer", scopes or ("openid", "calendar"), algorithm)


def browse(address: str, say: str = "agree") -> None:
    """A person in a browser: opens the page, presses a button, follows the redirect."""
    with httpx2.Client(verify=trusted(address)) as browser:
        assert "Let doer act for you?" in browser.get(address).text
        answered = browser.post(address, content=f"say={say}")
        browser.get(answered.headers["location"])


def person(say: str = "agree") -> tuple[list[str], object]:
    """Return what was shown, and a function that shows it to a person who acts at once."""
    shown: list[str] = []

    def show(address: str) -> None:
        shown.append(address)
        threading.Thread(target=browse, args=(address, say), daemon=True).start()

    return shown, show


# --- agreeing in a browser --------------------------------------------------------------------------------------------


async def test_a_person_agrees_in_a_browser_and_the_connection_has_a_token(
    idp: IdentityProvider, clock: EagerClock
) -> None:
    shown, show = person()

    tokens, who = await agree_in_browser(discover(idp.issuer), at(idp), show, clock)  # type: ignore[arg-type]

    assert idp.is_accepted(tokens.access)
    assert who is not None
    assert who.name == "sam@acme.example"
    asked = parse_qs(urlsplit(shown[0]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/doer", asked["redirect_uri"][0])


async def test_a_person_who_refuses_is_taken_at_their_word(idp: IdentityProvider, clock: EagerClock) -> None:
    _, show = person("refuse")

    with pytest.raises(CredentialRefused, match="the person refused"):
        await agree_in_browser(discover(idp.issuer), at(idp), show, clock)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("code=stolen&state=guessed", "belongs to another question"),
        ("code=stolen", "belongs to another question"),
        ("state=STATE&code=x&iss=https://evil.example", "came from 'https://evil.example'"),
        ("state=STATE&code=x", "came from None"),
        ("state=STATE&iss=ISSUER", "holds no code"),
        ("state=STATE&iss=ISSUER&code=never-given", "the code is not good"),
    ],
)
async def test_an_answer_that_was_not_asked_for_is_not_believed(
    idp: IdentityProvider, clock: EagerClock, query: str, told: str
) -> None:
    def forge(address: str) -> None:
        asked = parse_qs(urlsplit(address).query)
        answer = query.replace("STATE", asked["state"][0]).replace("ISSUER", idp.issuer)
        threading.Thread(target=httpx2.get, args=(f"{asked['redirect_uri'][0]}?{answer}",), daemon=True).start()

    with pytest.raises((Permanent, CredentialRefused), match=told):
        await agree_in_browser(discover(idp.issuer), at(idp), forge, clock)


async def test_other_requests_to_the_loopback_address_are_no_answer(idp: IdentityProvider, clock: EagerClock) -> None:
    def noise_first(address: str) -> None:
        def act() -> None:
            redirect = parse_qs(urlsplit(address).query)["redirect_uri"][0]
            assert httpx2.get(redirect.replace("/doer", "/favicon.ico")).status_code == 404
            browse(address)

        threading.Thread(target=act, daemon=True).start()

    tokens, _ = await agree_in_browser(discover(idp.issuer), at(idp), noise_first, clock)

    assert idp.is_accepted(tokens.access)


async def test_nobody_agreeing_is_told_and_nothing_waits_for_ever(idp: IdentityProvider, clock: EagerClock) -> None:
    with pytest.raises(CredentialRefused, match="nobody agreed"):
        await agree_in_browser(discover(idp.issuer), at(idp), lambda _: None, clock, patience=0.01)


# --- signed tokens ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lie",
    [
        "none",
        "HS256 with the public key",
        "another key",
        "another issuer",
        "another audience",
        "expired",
        "another nonce",
    ],
)
async def test_a_signed_token_that_is_wrong_is_not_believed(idp: IdentityProvider, clock: EagerClock, lie: Lie) -> None:
    idp.lie = lie
    _, show = person()

    with pytest.raises(Permanent, match="not to be believed"):
        await agree_in_browser(discover(idp.issuer), at(idp), show, clock)  # type: ignore[arg-type]


async def test_the_algorithm_is_that_of_the_connection_and_not_that_of_the_token(
    idp: IdentityProvider, clock: EagerClock
) -> None:
    _, show = person()

    with pytest.raises(Permanent, match="accepts RS256 only"):
        await agree_in_browser(discover(idp.issuer), at(idp, algorithm="RS256"), show, clock)  # type: ignore[arg-type]


@pytest.mark.parametrize("algorithm", ["none", "HS256", ""])
async def test_an_algorithm_with_which_anybody_could_sign_cannot_be_pinned(
    idp: IdentityProvider, clock: EagerClock, algorithm: str
) -> None:
    _, show = person()

    with pytest.raises(UsageError, match="cannot be pinned"):
        await agree_in_browser(discover(idp.issuer), at(idp, algorithm=algorithm), show, clock)  # type: ignore[arg-type]


# --- on another device ------------------------------------------------------------------------------------------------


async def test_a_person_agrees_on_another_device(idp: IdentityProvider, clock: EagerClock) -> None:
    idp.slow_down = 2

    def show(prompt: DevicePrompt) -> None:
        idp.agree(prompt.code)

    tokens, who = await agree_on_device(discover(idp.issuer), at(idp), show, clock)

    assert (idp.is_accepted(tokens.access), who is not None) == (True, True)
    waited = (clock.now() - ManualClock().now()).total_seconds()
    assert waited == 5 + 10 + 15, "each time that it is told so it asks less often"


async def test_refusing_on_another_device_and_not_answering_at_all_are_told(
    idp: IdentityProvider, clock: EagerClock
) -> None:
    with pytest.raises(CredentialRefused, match="the person refused"):
        await agree_on_device(discover(idp.issuer), at(idp), lambda prompt: idp.refuse(prompt.code), clock)
    idp.waits = 30
    with pytest.raises(CredentialRefused, match="before the code ended"):
        await agree_on_device(discover(idp.issuer), at(idp), lambda _: None, clock)


# --- renewing ---------------------------------------------------------------------------------------------------------


async def connected(
    idp: IdentityProvider, clock: EagerClock, folder: Path, place: MemoryPlace | None = None
) -> tuple[OAuthCredential, MemoryPlace]:
    place = place or MemoryPlace()
    vault = Vault(lambda _: "office", (place,))
    provider, client = discover(idp.issuer), at(idp)
    tokens, _ = await agree_on_device(provider, client, lambda prompt: idp.agree(prompt.code), clock)
    vault.put("work", tokens.kept())
    return credential(vault, client, provider, folder, clock), place


def credential(vault: Vault, client: Client, provider: Provider, folder: Path, clock: EagerClock) -> OAuthCredential:
    return OAuthCredential(lambda: vault, "work", "work", client, lambda: provider, folder, clock.now)


async def test_a_token_that_has_ended_is_renewed_and_the_new_one_kept(
    idp: IdentityProvider, clock: EagerClock, tmp_path: Path
) -> None:
    asked, place = await connected(idp, clock, tmp_path)
    first = asked()
    clock.advance(timedelta(seconds=idp.lasts))

    second = asked()

    assert (first != second, idp.is_accepted(second), asked() == second, idp.renewals) == (True, True, True, 1)
    assert read_tokens(place.kept["office/work"], "work").access == second


async def test_a_token_that_was_refused_before_its_end_is_renewed_when_that_is_told(
    idp: IdentityProvider, clock: EagerClock, tmp_path: Path
) -> None:
    asked, _ = await connected(idp, clock, tmp_path)
    asked()
    idp.revoke_access()

    assert asked.invalidate()
    assert idp.is_accepted(asked())


async def test_a_grant_that_was_taken_back_is_told_with_what_to_do(
    idp: IdentityProvider, clock: EagerClock, tmp_path: Path
) -> None:
    asked, place = await connected(idp, clock, tmp_path)
    secrets = read_tokens(place.kept["office/work"], "work")
    idp.revoke_all()
    clock.advance(timedelta(seconds=idp.lasts))

    with pytest.raises(CredentialRefused, match="refused to renew the token of work: the grant was taken back") as told:
        asked()

    assert secrets.access not in str(told.value)
    assert str(secrets.refresh) not in str(told.value)


async def test_many_that_renew_at_once_use_each_refresh_token_once(
    idp: IdentityProvider, clock: EagerClock, tmp_path: Path
) -> None:
    asked, place = await connected(idp, clock, tmp_path)
    others = [
        credential(Vault(lambda _: "office", (place,)), asked.client, asked.provider(), tmp_path, clock)
        for _ in range(8)
    ]
    clock.advance(timedelta(seconds=idp.lasts))

    with ThreadPoolExecutor(8) as pool:
        tokens = set(pool.map(lambda each: each(), others))

    assert (len(tokens), idp.renewals) == (1, 1)


async def test_a_provider_that_is_away_is_no_refusal(idp: IdentityProvider, clock: EagerClock, tmp_path: Path) -> None:
    asked, _ = await connected(idp, clock, tmp_path)
    clock.advance(timedelta(seconds=idp.lasts))
    gone = Provider("http://127.0.0.1:9", "http://127.0.0.1:9/a", "http://127.0.0.1:9/t", "http://127.0.0.1:9/k")
    asked.provider = lambda: gone

    with pytest.raises(Transient, match="was not reached"):
        asked()


async def test_without_an_agreement_there_is_no_token(idp: IdentityProvider, clock: EagerClock, tmp_path: Path) -> None:
    vault = Vault(lambda _: "office", (MemoryPlace(),))

    with pytest.raises(CredentialRefused, match="nobody has agreed"):
        credential(vault, at(idp), discover(idp.issuer), tmp_path, clock)()
    with pytest.raises(CredentialRefused, match="no tokens"):
        read_tokens("a password", "work")


def test_tokens_are_not_shown_when_printed() -> None:
    shown = repr(Tokens("secret-access", "secret-refresh", None))

    assert "secret" not in shown


# --- finding the provider ---------------------------------------------------------------------------------------------


def test_only_an_issuer_that_names_itself_is_used(idp: IdentityProvider) -> None:
    true, idp.issuer = idp.issuer, "https://elsewhere.example"

    with pytest.raises(Permanent, match=re.escape("says that it is 'https://elsewhere.example'")):
        discover(true)


@pytest.mark.parametrize("address", ["http://id.acme.example", "ftp://id.acme.example", "id.acme.example", ""])
def test_codes_and_tokens_go_over_https_only(address: str) -> None:
    with pytest.raises(UsageError, match="must begin with https"):
        discover(address)


def test_a_server_that_is_no_provider_is_told(idp: IdentityProvider) -> None:
    with pytest.raises(Permanent, match="no identity provider"):
        discover(f"{idp.issuer}/keys")
