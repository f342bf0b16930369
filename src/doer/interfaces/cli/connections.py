"""What is connected here, and whether it answers.

Example: doer connections list

Example: doer connections test crm
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from doer.app.connections import Connection, Remote
from doer.app.looks import Looks, asker, tried
from doer.app.secrets import Secrets
from doer.app.settings import FILE_NAME, Settings, read_settings
from doer.app.state import open_state
from doer.app.workspace import find_workspace
from doer.connectors.secrets.leak import quiet_logs
from doer.connectors.surveys import Survey
from doer.domain.errors import CredentialRefused, DoerError, UsageError
from doer.domain.goal import Goal
from doer.domain.value import Json
from doer.interfaces.cli import exits
from doer.interfaces.cli.account import Account, count
from doer.interfaces.cli.command import Work
from doer.interfaces.cli.door import Door
from doer.interfaces.cli.look import ADD, NAME, QUIET, REMOVE, data
from doer.interfaces.cli.survey_view import survey_json, survey_lines
from doer.runtime.system import SystemClock, SystemEntropy

_LIMIT = 30.0
"""Seconds that one connection may take to answer."""

Named = Annotated[list[str] | None, typer.Argument(metavar="[NAME]…", help="Only these; default: all.")]


async def list_connections(door: Door) -> int:
    """List the connections of this workspace: kind, environment, address, and where the secret is.

    Example: doer connections list
    """
    settings = read_settings(find_workspace(door.start) / FILE_NAME)
    door.give({
        "connections": [
            {"name": name, "kind": each.kind, "environment": each.environment, "at": _address(each), "secret": _secret(each)}
            for name, each in settings.connections.items()
        ],
        "exit": exits.DONE,
    })  # fmt: skip
    table = Table.grid(padding=(0, 2))
    for name, each in settings.connections.items():
        table.add_row(
            data(name, NAME), data(each.kind), data(each.environment or "", "yellow"), data(_address(each), QUIET),
            data(_secret(each) or "", QUIET),
        )  # fmt: skip
    door.show(table if settings.connections else Text("Nothing is connected yet."))
    door.line(Text.assemble("  ", ("doer connect KIND NAME", "cyan"), ("  connects more", QUIET)))
    return exits.DONE


async def try_connections(door: Door, names: Named = None) -> int:
    """Try connections with reads only, and say what each supports.

    Example: doer connections test

    Example: doer connections test crm
    """
    from doer.app.survey import Trial

    folder = find_workspace(door.start)
    settings, secrets = read_settings(folder / FILE_NAME), Secrets(folder)
    chosen = {name: _find(settings, name) for name in names or settings.connections}
    with open_state(folder, SystemClock()) as journal, quiet_logs(secrets.redactions):
        trial = Trial(folder, settings, journal, secrets)
        found = await asyncio.gather(*(_tried(trial.survey(name, each)) for name, each in chosen.items()))
        look = Goal(f"doer connections test {' '.join(names or ())}".strip(), *asker(settings, SystemClock()))
        await Looks(journal, SystemEntropy()).record(
            look, [tried(name, each) for name, each in zip(chosen, found, strict=True)]
        )
    results = dict(zip(chosen, found, strict=True))
    broken = {name: each for name, each in results.items() if isinstance(each, Exception)}
    unproven = any(isinstance(each, Survey) and each.unproven for each in found)
    code = exits.NOT_DONE if broken else exits.UNPROVEN if unproven else exits.DONE
    door.give({"connections": [_result(name, chosen[name], each) for name, each in results.items()], "exit": code})
    for name, each in results.items():
        if isinstance(each, Survey):
            door.show(*survey_lines(name, chosen[name].kind, each))
        else:
            door.show(Text.assemble(("✗ ", REMOVE), data(name, NAME), "  ", data(str(each))))
    if broken and not door.as_json:
        _account(door, broken, chosen)
    return code


async def _tried(work: Awaitable[Survey]) -> Survey | Exception:
    try:
        async with asyncio.timeout(_LIMIT):
            return await work
    except TimeoutError:
        return TimeoutError(f"no answer within {_LIMIT:g} s")
    except DoerError as failure:
        return failure


def _account(door: Door, broken: Mapping[str, Exception], chosen: Mapping[str, Connection]) -> None:
    first = next(iter(broken))
    renew = f"doer connect {chosen[first].kind} {first}"
    refused = isinstance(broken[first], CredentialRefused)
    door.account(Account(
        f"{count(len(broken), 'connection')} of {len(chosen)} does not work: {', '.join(broken)}", "nothing", "nothing by itself",
        renew if refused else f"doer connections test {first}", "" if refused else "once its system runs, or doer.toml is corrected",
    ))  # fmt: skip


def _result(name: str, connection: Connection, found: Survey | Exception) -> Json:
    head: dict[str, Json] = {"name": name, "kind": connection.kind, "works": isinstance(found, Survey)}
    if isinstance(found, Survey):
        return {**head, **survey_json(found)}
    return {**head, "reason": str(found), "credential_refused": isinstance(found, CredentialRefused)}


async def remove_connection(
    door: Door, name: Annotated[str, typer.Argument(metavar="NAME", help="The connection.")]
) -> int:
    """Take a connection out of doer.toml and forget its secret; the system and the record stay as they are.

    Example: doer connections remove crm
    """
    from doer.app.connecting import disconnect

    folder = find_workspace(door.start)
    settings, secrets = read_settings(folder / FILE_NAME), Secrets(folder)
    _find(settings, name)
    forgotten = disconnect(folder, settings, secrets, name)
    door.give({"connection": name, "removed": True, "secret_forgotten": forgotten, "exit": exits.DONE})
    door.show(Text.assemble(
        ("✓ ", ADD), data(name, NAME), " is taken out of doer.toml", " and its secret is forgotten" if forgotten else "",
    ))  # fmt: skip
    door.show(Text("  what was done with it stays in the record, and can no longer be taken back by doer", QUIET))
    return exits.DONE


def _find(settings: Settings, name: str) -> Connection:
    if name not in settings.connections:
        known: Sequence[str] = list(settings.connections)
        there = f"there are: {', '.join(known)}" if known else "there are none yet"
        raise UsageError(f"there is no connection {name!r:.60}; {there}; `doer connections list` shows them")
    return settings.connections[name]


def _address(connection: Connection) -> str:
    for key in ("url", "smtp", "repository", "folder"):
        if found := getattr(connection, key, None):
            return str(found)
    return ""


def _secret(connection: Connection) -> str | None:
    return connection.secret if isinstance(connection, Remote) else None


COMMANDS: Mapping[str, Work] = {"list": list_connections, "test": try_connections, "remove": remove_connection}
