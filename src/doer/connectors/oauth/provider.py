"""The identity provider of a connection: where it is, who we are there, and requests to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx2

from doer.connectors.trust import trusted
from doer.domain.errors import CredentialRefused, Permanent, Transient, UsageError

_SECONDS = 15.0
_MOST_BYTES = 1_000_000
_WELL_KNOWN = ("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration")


@dataclass(frozen=True, slots=True)
class Client:
    """Who doer is at a provider, as a connection's settings say."""

    issuer: str
    client_id: str
    scopes: tuple[str, ...] = ()
    algorithm: str = "ES256"
    """The only one that signed tokens may have."""


@dataclass(frozen=True, slots=True)
class Provider:
    """The addresses of a provider (RFC 8414)."""

    issuer: str
    authorization: str
    token: str
    keys: str
    device: str | None = None
    says_issuer: bool = False
    """Whether it names itself in answers to a redirect (RFC 9207)."""


def discover(issuer: str) -> Provider:
    """Ask a provider where it does what. Raises UsageError for an address that is none, Transient, Permanent."""
    _check_address(issuer, issuer)
    told: Mapping[str, object] | None = None
    with open_provider() as client:
        for path in _WELL_KNOWN:
            status, told = ask(client, "GET", issuer.rstrip("/") + path)
            if status == 200:
                break
        else:
            raise Permanent(f"{issuer} is no identity provider that says what it offers (RFC 8414): check the address")
    # Whoever answers for another issuer could send us to its own endpoints (RFC 8414 section 3.3).
    if told.get("issuer") != issuer:
        raise Permanent(
            f"{issuer} says that it is {told.get('issuer')!r:.100}: the address must be exactly its own name"
        )
    found = {name: told.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
    if missing := [name for name, each in found.items() if not isinstance(each, str)]:
        raise Permanent(f"{issuer} does not name its {', '.join(missing)}: it cannot be used")
    device = told.get("device_authorization_endpoint")
    for address in (*found.values(), device):
        if isinstance(address, str):
            _check_address(address, issuer)
    return Provider(
        issuer=issuer,
        authorization=str(found["authorization_endpoint"]),
        token=str(found["token_endpoint"]),
        keys=str(found["jwks_uri"]),
        device=device if isinstance(device, str) else None,
        says_issuer=told.get("authorization_response_iss_parameter_supported") is True,
    )


def open_provider() -> httpx2.Client:
    """Return a client for a few requests to a provider; close it with `with`."""
    told = {"Accept": "application/json"}
    return httpx2.Client(timeout=_SECONDS, follow_redirects=False, headers=told, verify=trusted("https://"))


def ask(client: httpx2.Client, method: str, url: str, form: str | None = None) -> tuple[int, Mapping[str, object]]:
    """Send one request, the form in its body; return status and JSON. Raises Transient when there is no answer.

    The form holds codes and tokens: it never stands in a message.
    """
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if form is not None else {}
    try:
        answer = client.request(method, url, content=form, headers=headers)
    except (httpx2.HTTPError, httpx2.InvalidURL) as failure:
        raise Transient(f"the identity provider {_host(url)} was not reached: {type(failure).__name__}") from failure
    if answer.status_code >= 500:
        raise Transient(f"the identity provider {_host(url)} answered {answer.status_code}: try again later")
    try:
        told = json.loads(answer.content) if len(answer.content) <= _MOST_BYTES else None
    except ValueError:
        told = None
    return answer.status_code, told if isinstance(told, dict) else {}


def refusal(told: Mapping[str, object], what: str) -> CredentialRefused:
    """Return what a provider's refusal (RFC 6749 section 5.2) says."""
    reason = told.get("error_description") or told.get("error") or "it did not say why"
    printable = "".join(letter for letter in str(reason)[:200] if letter.isprintable())
    return CredentialRefused(f"the identity provider refused {what}: {printable}")


def _check_address(url: str, issuer: str) -> None:
    """Refuse to send a code or a token over a connection that others can read."""
    parts = urlsplit(url)
    local = parts.hostname in ("127.0.0.1", "::1", "localhost")
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise UsageError(f"{url!r:.100} (of the issuer {issuer!r:.100}) must begin with https://")


def _host(url: str) -> str:
    return urlsplit(url).netloc
