"""An example identity provider: OAuth 2.0 and OpenID Connect on loopback, small and real, for trying connections that need one.

Authorisation code with PKCE, device flow, refresh tokens that are good once and whose second use ends the whole family
(RFC 9700 section 4.14.2), revocation, and one protected resource. `lie` makes its signed tokens wrong in ways that a client
must refuse. Needs the extra `demo` (starlette, uvicorn).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, TypeAlias
from urllib.parse import parse_qsl, urlencode, urlsplit

import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

Lie: TypeAlias = Literal["none", "HS256 with the public key", "another key", "another issuer", "another audience", "expired", "another nonce"]  # fmt: skip
"""What is wrong with signed tokens."""

DEVICE_GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"


@dataclass(frozen=True, slots=True)
class _Asked:
    """A code that was given out, and for what."""

    client: str
    redirect: str
    challenge: str
    nonce: str | None
    scope: str
    user: str


@dataclass(slots=True)
class _Device:
    client: str
    scope: str
    user: str | None = None
    refused: bool = False
    asked: int = 0


@dataclass(frozen=True, slots=True)
class _Grant:
    family: str
    client: str
    scope: str
    user: str


@dataclass(slots=True)
class IdentityProvider:
    """One provider with one client, `doer`. Its state is in memory; requests come in one at a time."""

    issuer: str
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    lasts: int = 3600
    """Seconds that an access token is good."""
    lie: Lie | None = None
    slow_down: int = 0
    """How often a device is told to ask less often."""
    interval: int = 5
    """Seconds that a device is told to leave between its questions (RFC 8628 section 3.2)."""
    waits: int = 600
    """Seconds that it is told to go on asking."""
    key: ECKey = field(
        default_factory=lambda: ECKey.generate_key("P-256", {"kid": "one", "use": "sig", "alg": "ES256"})
    )
    renewals: int = 0
    """How often a token was renewed."""
    _codes: dict[str, _Asked] = field(default_factory=dict)
    _devices: dict[str, _Device] = field(default_factory=dict)
    _refresh: dict[str, _Grant] = field(default_factory=dict)
    _used: dict[str, str] = field(default_factory=dict)
    _access: dict[str, tuple[_Grant, datetime]] = field(default_factory=dict)

    # --- what a person or an administrator does -----------------------------------------------------------------------

    def agree(self, user_code: str, user: str = "sam@acme.example") -> None:
        """Let a person agree on a device."""
        self._device(user_code).user = user

    def refuse(self, user_code: str) -> None:
        """Let a person refuse on a device."""
        self._device(user_code).refused = True

    def _device(self, user_code: str) -> _Device:
        return next(each for code, each in self._devices.items() if _user_code(code) == user_code)

    def revoke_access(self) -> None:
        """Forget all access tokens, as a provider may at any time; refresh tokens stay."""
        self._access.clear()

    def revoke_all(self) -> None:
        """Let an administrator take everything away."""
        self._access.clear()
        self._refresh.clear()

    def is_accepted(self, token: str) -> bool:
        """Tell whether a protected resource accepts the token now."""
        found = self._access.get(token)
        return found is not None and self.now() < found[1]

    # --- its endpoints ------------------------------------------------------------------------------------------------

    def app(self) -> Starlette:
        """The application."""
        return Starlette(
            routes=[
                Route("/.well-known/oauth-authorization-server", self._metadata),
                Route("/keys", self._keys),
                Route("/authorize", self._authorize, methods=["GET", "POST"]),
                Route("/device", self._begin_device, methods=["POST"]),
                Route("/token", self._token, methods=["POST"]),
                Route("/me", self._me),
            ]
        )

    async def _metadata(self, _: Request) -> Response:
        return JSONResponse({
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "device_authorization_endpoint": f"{self.issuer}/device",
            "jwks_uri": f"{self.issuer}/keys",
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        })  # fmt: skip

    async def _keys(self, _: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def _authorize(self, request: Request) -> Response:
        asked = request.query_params
        redirect = urlsplit(asked.get("redirect_uri", ""))
        if asked.get("client_id") != "doer" or redirect.hostname != "127.0.0.1" or redirect.scheme != "http":
            return HTMLResponse("<p>This client or redirect is not known here.", status_code=400)
        if asked.get("code_challenge_method") != "S256" or not asked.get("code_challenge"):
            return self._back(request, {"error": "invalid_request", "error_description": "PKCE with S256 is needed"})
        if request.method == "GET":
            return HTMLResponse(_PAGE.replace("SCOPE", html.escape(asked.get("scope", "nothing more"))))
        said = (await request.body()).decode()
        if "agree" not in said:
            return self._back(request, {"error": "access_denied", "error_description": "the person refused"})
        code = secrets.token_urlsafe(16)
        self._codes[code] = _Asked(
            "doer", asked["redirect_uri"], asked["code_challenge"], asked.get("nonce"), asked.get("scope", ""), "sam@acme.example",
        )  # fmt: skip
        return self._back(request, {"code": code})

    def _back(self, request: Request, told: dict[str, str]) -> Response:
        more = {**told, "state": request.query_params.get("state", ""), "iss": self.issuer}
        return RedirectResponse(f"{request.query_params['redirect_uri']}?{urlencode(more)}", status_code=303)

    async def _begin_device(self, request: Request) -> Response:
        form = await _form(request)
        code = secrets.token_urlsafe(16)
        self._devices[code] = _Device(form.get("client_id", ""), form.get("scope", ""))
        shown = {"user_code": _user_code(code), "verification_uri": f"{self.issuer}/agree"}
        return JSONResponse({"device_code": code, **shown, "expires_in": self.waits, "interval": self.interval})

    async def _token(self, request: Request) -> Response:
        form = await _form(request)
        if form.get("client_id") != "doer":
            return _error("invalid_client")
        match form.get("grant_type"):
            case "authorization_code":
                return self._by_code(form)
            case "refresh_token":
                return self._by_refresh(form)
            case kind if kind == DEVICE_GRANT:
                return self._by_device(form)
            case _:
                return _error("unsupported_grant_type")

    def _by_code(self, form: dict[str, str]) -> Response:
        asked = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = _base64(digest)
        if asked is None or asked.redirect != form.get("redirect_uri") or asked.challenge != challenge:
            return _error("invalid_grant", "the code is not good, or not for you")
        return self._give(_Grant(secrets.token_hex(8), asked.client, asked.scope, asked.user), asked.nonce)

    def _by_refresh(self, form: dict[str, str]) -> Response:
        given = form.get("refresh_token", "")
        grant = self._refresh.pop(given, None)
        if grant is None:
            if family := self._used.get(given):  # somebody has a copy: nobody gets anything any more
                self._refresh = {token: each for token, each in self._refresh.items() if each.family != family}
                self._access = {token: each for token, each in self._access.items() if each[0].family != family}
            return _error("invalid_grant", "the grant was taken back, or has ended")
        self._used[given] = grant.family
        self.renewals += 1
        return self._give(grant, None)

    def _by_device(self, form: dict[str, str]) -> Response:
        device = self._devices.get(form.get("device_code", ""))
        if device is None:
            return _error("expired_token")
        device.asked += 1
        if device.refused:
            return _error("access_denied", "the person refused")
        if device.asked <= self.slow_down:
            return _error("slow_down")
        if device.user is None:
            return _error("authorization_pending")
        del self._devices[form["device_code"]]
        return self._give(_Grant(secrets.token_hex(8), device.client, device.scope, device.user), None)

    def _give(self, grant: _Grant, nonce: str | None) -> Response:
        access, refresh = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        self._access[access] = (grant, self.now() + timedelta(seconds=self.lasts))
        self._refresh[refresh] = replace(grant)
        told = {"access_token": access, "token_type": "Bearer", "expires_in": self.lasts, "refresh_token": refresh}
        if "openid" in grant.scope.split():
            told["id_token"] = self._signed(grant.user, nonce)
        return JSONResponse({**told, "scope": grant.scope}, headers={"Cache-Control": "no-store"})

    def _signed(self, user: str, nonce: str | None) -> str:
        now = int(self.now().timestamp())
        issuer = "https://elsewhere.example" if self.lie == "another issuer" else self.issuer
        audience = "somebody-else" if self.lie == "another audience" else "doer"
        ends = now - 3600 if self.lie == "expired" else now + 600
        claims = {"iss": issuer, "aud": audience, "sub": user, "email": user, "iat": now, "exp": ends}
        if nonce is not None:
            claims["nonce"] = "another" if self.lie == "another nonce" else nonce
        match self.lie:
            case "none":
                return _unsigned(claims)
            case "HS256 with the public key":
                return _shared(claims, self.key.as_pem(private=False))
            case "another key":
                return jwt.encode({"alg": "ES256", "kid": "one"}, claims, ECKey.generate_key("P-256"))
            case _:
                return jwt.encode({"alg": "ES256", "kid": "one"}, claims, self.key)

    async def _me(self, request: Request) -> Response:
        """The protected resource: who the token is for."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not self.is_accepted(token):
            return JSONResponse({"error": "invalid_token"}, status_code=401, headers={"WWW-Authenticate": "Bearer"})
        return JSONResponse({"email": self._access[token][0].user})


@contextmanager
def identity_provider(now: Callable[[], datetime] | None = None) -> Iterator[IdentityProvider]:
    """Serve a provider on a free loopback port, until left."""
    listening = socket.create_server(("127.0.0.1", 0))
    provider = IdentityProvider(f"http://127.0.0.1:{listening.getsockname()[1]}")
    if now is not None:
        provider.now = now
    config = uvicorn.Config(provider.app(), log_level="warning", lifespan="off", access_log=False, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def _user_code(device_code: str) -> str:
    letters = hashlib.sha256(device_code.encode()).hexdigest().upper()
    return f"{letters[:4]}-{letters[4:8]}"


def _unsigned(claims: dict[str, object]) -> str:
    return f"{_packed({'alg': 'none', 'typ': 'JWT'})}.{_packed(claims)}."


def _shared(claims: dict[str, object], key: bytes) -> str:
    """Sign with a public key taken for a shared one: by hand, as libraries refuse to."""
    signed = f"{_packed({'alg': 'HS256', 'kid': 'one'})}.{_packed(claims)}"
    return f"{signed}.{_base64(hmac.digest(key, signed.encode(), 'sha256'))}"


def _packed(told: dict[str, object]) -> str:
    return _base64(json.dumps(told).encode())


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode()))


def _error(error: str, description: str = "") -> Response:
    told = {"error": error, **({"error_description": description} if description else {})}
    return JSONResponse(told, status_code=400)


_PAGE: Final = """<!doctype html><meta charset=utf-8><title>Example identity provider</title>
<style>body{font:18px system-ui;margin:15vh auto;max-width:30rem;color:#222}button{font:inherit;padding:.4em 1em}</style>
<h1>Let doer act for you?</h1><p>It asks for: <b>SCOPE</b>.
<form method=post><button name=say value=agree>Agree</button> <button name=say value=refuse>Refuse</button></form>"""
