"""Agreeing: a person lets doer act for them, in a browser on this machine or on another device with a code (OAuth 2.0)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from rich.text import Text

from doer.app.connecting import Wish
from doer.app.connections import Agreeable, Connection
from doer.domain.errors import UsageError
from doer.interfaces.cli.door import Door
from doer.interfaces.cli.look import ADD, NAME, QUIET, data
from doer.runtime.system import SystemClock


def at_provider(
    issuer: str | None, client_id: str, scopes: str, algorithm: str
) -> Mapping[str, str | tuple[str, ...]] | None:
    """Return the setting `oauth` as the options say it; None where they say nothing. Raises UsageError."""
    if issuer is None:
        if client_id or scopes or algorithm:
            raise UsageError("--client-id, --scopes and --algorithm go with --oauth, the identity provider's address")
        return None
    if not client_id:
        raise UsageError("--oauth needs --client-id: who doer is at the identity provider, registered there beforehand")
    said: dict[str, str | tuple[str, ...]] = {"issuer": issuer, "client_id": client_id}
    said |= {"scopes": tuple(scopes.split())} if scopes else {}
    return said | ({"algorithm": algorithm} if algorithm else {})


async def agreed(door: Door, wish: Wish, connection: Connection, *, on_device: bool) -> Wish:
    """Let a person agree, and return the wish with the tokens. Raises CredentialRefused, Permanent, Transient, UsageError."""
    from doer.connectors.oauth import Client, DevicePrompt, agree_in_browser, agree_on_device, discover

    if not isinstance(connection, Agreeable) or connection.oauth is None:
        raise UsageError(f"a {wish.kind} connection sends no bearer token: it cannot be agreed to with --oauth")
    oauth = connection.oauth
    client = Client(oauth.issuer, oauth.client_id, oauth.scopes, oauth.algorithm)
    provider = await asyncio.to_thread(discover, oauth.issuer)

    def show_address(address: str) -> None:
        _say(door, Text.assemble(("open this address and agree:  ", QUIET), data(address, "cyan")))

    def show_code(code: DevicePrompt) -> None:
        address = code.complete_address or code.address
        _say(door, Text.assemble(("open ", QUIET), data(address, "cyan"), (" and type ", QUIET), data(code.code, NAME)))

    if on_device:
        tokens, who = await agree_on_device(provider, client, show_code, SystemClock())
    else:
        tokens, who = await agree_in_browser(provider, client, show_address, SystemClock())
    if who is not None:
        _say(door, Text.assemble(("✓ ", ADD), "agreed by ", data(who.name or who.subject, NAME)))
    return replace(wish, secret=tokens.kept(), token=tokens.access)


def _say(door: Door, line: Text) -> None:
    """Print for a person, beside JSON too: nothing goes on without them."""
    (door.err if door.as_json else door.out).print(line, soft_wrap=True)
