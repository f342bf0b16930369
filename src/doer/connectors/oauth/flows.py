"""How a person agrees: in a browser on this machine, or on any device with a code. Each returns tokens and who agreed."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import parse_qs, urlsplit

import h11
from oauthlib.oauth2 import DeviceClient, WebApplicationClient

from doer.connectors.oauth.provider import Client, Provider, ask, open_provider, refusal
from doer.connectors.oauth.signed import Identity, identity_of
from doer.connectors.oauth.tokens import Tokens, tokens_of
from doer.domain.errors import CredentialRefused, Permanent
from doer.domain.ports import Clock

_PATH: Final = "/doer"
_ANYWHERE: Final = "https://provider"
"""oauthlib takes no loopback address without a switch for the whole process; which addresses are taken is decided by `discover`."""
_PAGE: Final = (
    b"<!doctype html><meta charset=utf-8><title>doer</title><style>body{font:18px system-ui;margin:20vh auto;max-width:30rem;"
    b"text-align:center;color:#222}</style><p>%s<p style='color:#777'>You can close this page."
)
_SLOWER: Final = 5
"""Seconds more between questions when a provider says that we ask too often (RFC 8628 section 3.5)."""


@dataclass(frozen=True, slots=True)
class DevicePrompt:
    """What a person types where."""

    code: str
    address: str
    complete_address: str | None
    """The address with the code in it, where the provider has one."""
    ends_at: datetime


async def agree_in_browser(
    provider: Provider, client: Client, show: Callable[[str], None], clock: Clock, *, patience: float = 300.0
) -> tuple[Tokens, Identity | None]:
    """Let a person agree in a browser: authorisation code with PKCE, answered to a loopback address of this machine.

    `show` is given the address to open. Raises CredentialRefused when it is refused or nobody agrees within `patience`
    seconds, Permanent for an answer that is not to be believed.
    """
    flow = WebApplicationClient(client.client_id)
    verifier = flow.create_code_verifier(64)
    state, nonce = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    answers: asyncio.Queue[str] = asyncio.Queue(1)
    server = await asyncio.start_server(lambda reader, writer: _hear(reader, writer, answers), "127.0.0.1", 0)
    async with server:
        redirect = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{_PATH}"
        query = _parameters(
            flow.prepare_request_uri(
                _ANYWHERE, redirect_uri=redirect, scope=list(client.scopes) or None, state=state, nonce=nonce,
                code_challenge=flow.create_code_challenge(verifier, "S256"), code_challenge_method="S256",
            )
        )  # fmt: skip
        show(f"{provider.authorization}{'&' if '?' in provider.authorization else '?'}{query}")
        try:
            async with asyncio.timeout(patience):
                query = await answers.get()
        except TimeoutError as late:
            raise CredentialRefused(f"nobody agreed within {patience:.0f} s; nothing was stored") from late
    code = _code(query, provider, state)
    form = flow.prepare_request_body(code=code, redirect_uri=redirect, code_verifier=verifier)
    return await asyncio.to_thread(_exchange, provider, client, form, nonce, clock.now())


def _code(query: str, provider: Provider, state: str) -> str:
    """Return the code of a redirect, if it answers our own question. Raises CredentialRefused and Permanent."""
    told = {name: values[0] for name, values in parse_qs(query).items()}
    # An answer to a question that this process did not ask would connect somebody else's account (RFC 6749 section 10.12).
    if not secrets.compare_digest(told.get("state", ""), state):
        raise Permanent("the answer in the browser belongs to another question: connect again")
    if (provider.says_issuer or "iss" in told) and told.get("iss") != provider.issuer:
        raise Permanent(f"the answer in the browser came from {told.get('iss')!r:.80}, not from {provider.issuer}")
    if "error" in told:
        raise refusal(told, "to connect")
    if not told.get("code"):
        raise Permanent("the answer in the browser holds no code: connect again")
    return told["code"]


async def _hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answers: asyncio.Queue[str]) -> None:
    """Answer one request of a browser; the first to our path is the answer."""
    connection = h11.Connection(h11.SERVER)
    try:
        async with asyncio.timeout(10):
            event = connection.next_event()
            while event is h11.NEED_DATA:
                connection.receive_data(await reader.read(16_384))
                event = connection.next_event()
        if isinstance(event, h11.Request):
            target = urlsplit(event.target.decode("ascii", "replace"))
            fits = target.path == _PATH and not answers.full()
            page = _PAGE % (b"Thank you: doer has the answer." if fits else b"Nothing is waited for here.")
            headers = [("Content-Type", "text/html"), ("Content-Length", str(len(page))), ("Connection", "close")]
            writer.write(connection.send(h11.Response(status_code=200 if fits else 404, headers=headers)) or b"")
            writer.write((connection.send(h11.Data(page)) or b"") + (connection.send(h11.EndOfMessage()) or b""))
            await writer.drain()
            if fits:
                answers.put_nowait(target.query)
    except (TimeoutError, h11.ProtocolError, OSError):
        pass  # whoever speaks no HTTP here is no browser of ours
    finally:
        writer.close()


async def agree_on_device(
    provider: Provider, client: Client, show: Callable[[DevicePrompt], None], clock: Clock
) -> tuple[Tokens, Identity | None]:
    """Let a person agree on any device (RFC 8628): `show` is given the code to type and where.

    Raises CredentialRefused when it is refused or the code ends, Permanent where the provider has no such flow.
    """
    if provider.device is None:
        raise Permanent(f"{provider.issuer} has no device flow (RFC 8628): agree in a browser instead")
    flow = DeviceClient(client.client_id)
    form = _parameters(flow.prepare_request_uri(_ANYWHERE, scope=list(client.scopes) or None))
    status, told = await asyncio.to_thread(_asked, provider.device, form)
    if status != 200 or "device_code" not in told:
        raise refusal(told, "to begin a device flow")
    prompt = _prompt(told, clock.now())
    show(prompt)
    form = flow.prepare_request_body(str(told["device_code"]), include_client_id=True)
    wait = _number(told.get("interval"), 5)
    while True:
        await clock.sleep_until(clock.now() + timedelta(seconds=wait))
        if clock.now() >= prompt.ends_at:
            raise CredentialRefused("nobody agreed before the code ended; nothing was stored: connect again")
        status, answer = await asyncio.to_thread(_asked, provider.token, form)
        match answer.get("error"):
            case None if status == 200:
                return await asyncio.to_thread(_believed, answer, provider, client, None, clock.now())
            case "authorization_pending":
                pass
            case "slow_down":
                wait += _SLOWER
            case _:
                raise refusal(answer, "to connect")


def _prompt(told: Mapping[str, object], now: datetime) -> DevicePrompt:
    complete = told.get("verification_uri_complete")
    return DevicePrompt(
        code=str(told.get("user_code", "")),
        address=str(told.get("verification_uri", "")),
        complete_address=str(complete) if complete else None,
        ends_at=now + timedelta(seconds=_number(told.get("expires_in"), 600)),
    )


def _number(given: object, otherwise: int) -> int:
    return int(given) if isinstance(given, int | float) and 0 < given < 86_400 else otherwise


def _parameters(uri: str) -> str:
    """Return the parameters that the library put behind an address."""
    return urlsplit(uri).query


def _asked(url: str, form: str) -> tuple[int, Mapping[str, object]]:
    with open_provider() as asked:
        return ask(asked, "POST", url, form)


def _exchange(
    provider: Provider, client: Client, form: str, nonce: str, now: datetime
) -> tuple[Tokens, Identity | None]:
    status, told = _asked(provider.token, form)
    if status != 200:
        raise refusal(told, "the code that a browser brought")
    return _believed(told, provider, client, nonce, now)


def _believed(
    told: Mapping[str, object], provider: Provider, client: Client, nonce: str | None, now: datetime
) -> tuple[Tokens, Identity | None]:
    if not isinstance(told.get("access_token"), str) or str(told.get("token_type", "")).lower() != "bearer":
        raise Permanent(f"{provider.issuer} gave no bearer token; nothing was stored")
    signed = told.get("id_token")
    if signed is None and "openid" in client.scopes:
        raise Permanent(f"{provider.issuer} gave no signed token although openid was asked for; nothing was stored")
    who = identity_of(str(signed), provider, client, nonce, now) if signed is not None else None
    return tokens_of(told, now), who
