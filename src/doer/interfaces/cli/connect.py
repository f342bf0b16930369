"""`doer connect KIND NAME`: asks what it needs, tries the system with reads only, and then keeps what it was told."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, TypeAlias

import typer
from rich.text import Text

from doer.app.connecting import Connecting, Wish, adopted, checked
from doer.app.looks import Looks, asker, tried
from doer.app.secrets import Secrets
from doer.app.settings import FILE_NAME, read_settings
from doer.app.state import open_state
from doer.app.workspace import find_workspace, open_workspace
from doer.connectors.secrets.leak import quiet_logs
from doer.connectors.surveys import Survey
from doer.domain.errors import ToolError, Transient
from doer.domain.goal import Goal
from doer.domain.ports import Journal
from doer.domain.value import Json
from doer.interfaces.cli import exits
from doer.interfaces.cli.account import Account
from doer.interfaces.cli.agreeing import agreed, at_provider
from doer.interfaces.cli.command import Work
from doer.interfaces.cli.door import Door
from doer.interfaces.cli.interview import Interview
from doer.interfaces.cli.look import ADD, NAME, QUIET, WARN, data, mark_of_status
from doer.interfaces.cli.survey_view import survey_json, survey_lines
from doer.observation.report import RunReport
from doer.runtime.system import SystemClock, SystemEntropy

_LIMIT = 60.0
"""Seconds that all of a try may take."""

Text_: TypeAlias = str | None


def _option(told: str) -> typer.models.OptionInfo:
    found: typer.models.OptionInfo = typer.Option(help=told, show_default=False)
    return found


async def connect(  # noqa: PLR0917 - every answer is an option too
    door: Door,
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help="database, calendar, directory, mail, git, http, files, reminders.")
    ],
    name: Annotated[str, typer.Argument(metavar="NAME", help="What you call it; its tools are called NAME.…")],
    url: Annotated[Text_, _option("Address of the system.")] = None,
    username: Annotated[Text_, _option("The name you sign in with.")] = None,
    secret: Annotated[Text_, _option("Where the secret is: env://NAME, or secret://NAME.")] = None,
    secret_from_stdin: Annotated[bool, _option("Read the secret from standard input.")] = False,
    environment: Annotated[Text_, _option("A word shown beside every change, such as production.")] = None,
    read: Annotated[Text_, _option("What may be read: tables or paths, with commas; * for all.")] = None,
    write: Annotated[Text_, _option("What may be written: tables or paths, with commas.")] = None,
    once: Annotated[
        Text_, _option("How a second try is recognised: operations-table, unique:COLUMN, idempotency-key.")
    ] = None,
    timeout: Annotated[Text_, _option("Seconds for one answer.")] = None,
    calendar: Annotated[str, _option("calendar: which one, by number or name.")] = "",
    smtp: Annotated[Text_, _option("mail: server that mail goes out through.")] = None,
    sender: Annotated[Text_, _option("mail: the address that mail comes from.")] = None,
    imap: Annotated[Text_, _option("mail: the mailbox in which sent mail can be seen.")] = None,
    maildir: Annotated[Text_, _option("mail: a Maildir on this machine instead.")] = None,
    attachments: Annotated[Text_, _option("mail: the folder that files may be attached from.")] = None,
    drafts: Annotated[Text_, _option("mail: folder of drafts.")] = None,
    sent: Annotated[Text_, _option("mail: folder of sent mail.")] = None,
    archive: Annotated[Text_, _option("mail: folder for what is filed.")] = None,
    folder: Annotated[Text_, _option("files: the folder.")] = None,
    repository: Annotated[Text_, _option("git: folder of the repository.")] = None,
    author: Annotated[Text_, _option("git: Name <mail> of commits.")] = None,
    push: Annotated[Text_, _option("git: branches that may be pushed, with commas.")] = None,
    remote: Annotated[Text_, _option("git: name of the remote.")] = None,
    auth: Annotated[Text_, _option("http: none, bearer, basic, or header:NAME.")] = None,
    probe: Annotated[Text_, _option("http: a path that only you may read, to test the secret with.")] = None,
    oauth: Annotated[
        Text_, _option("Identity provider at which you agree, instead of a token: its https address.")
    ] = None,
    client_id: Annotated[str, _option("With --oauth: who doer is there.")] = "",
    scopes: Annotated[str, _option("With --oauth: what is asked for, with blanks between.")] = "",
    algorithm: Annotated[str, _option("With --oauth: the one that signed tokens may have (ES256).")] = "",
    device: Annotated[bool, _option("With --oauth: agree on any device with a code, not in a browser here.")] = False,
    anyway: Annotated[bool, _option("Keep it also when the try fails.")] = False,
) -> int:
    """Connect a system: ask what is needed, try it with reads only, store its secret outside the workspace.

    What is not said is asked for in a terminal. Nothing is written when the try fails. Once more for a NAME that is there,
    it renews the secret; with options, it changes those settings.

    Example: doer connect database crm --url postgresql://doer@db/crm --write tickets

    Example: doer connect calendar work --url https://dav.acme.example --username sam

    Example: doer connect directory hr --url https://id.acme.example/scim/v2 --oauth https://id.acme.example --client-id doer
    """
    texts = {
        "url": url, "username": username, "environment": environment, "read": read, "write": write, "once": once,
        "timeout": timeout, "smtp": smtp, "sender": sender, "imap": imap, "maildir": maildir, "attachments": attachments,
        "drafts": drafts, "sent": sent, "archive": archive, "folder": folder, "repository": repository, "author": author,
        "push": push, "remote": remote, "auth": auth, "probe": probe,
    }  # fmt: skip
    options = {key: text for key, text in texts.items() if text is not None}
    place = find_workspace(door.start)
    settings, secrets = read_settings(place / FILE_NAME), Secrets(place)
    with open_state(place, SystemClock()) as journal, quiet_logs(secrets.redactions):
        connecting = Connecting(place, settings, journal, secrets)
        provider = at_provider(oauth, client_id, scopes, algorithm)
        interview = Interview(door, connecting, kind, name, options, secret, secret_from_stdin, provider)
        wish = await interview.wish()
        try:
            if interview.agrees:
                wish = await agreed(door, wish, checked(wish), on_device=device)
            async with asyncio.timeout(_LIMIT):
                wish = await interview.calendar(wish, calendar) if kind == "calendar" else wish
                found = await connecting.try_out(wish)
            await _record(connecting, journal, wish, found)
        except (ToolError, TimeoutError) as failure:
            told = _told(failure, wish)
            await _record(connecting, journal, wish, failure)
            if anyway:
                return await _keep(door, connecting, wish, None, told)
            again = f"doer connect {kind} {name}" if interview.in_address.secret else door.begun.again
            return _failed(door, wish, told, again)
        return await _keep(door, connecting, adopted(wish, found), found, "")


async def _record(connecting: Connecting, journal: Journal, wish: Wish, found: Survey | Exception) -> None:
    look = Goal(f"doer connect {wish.kind} {wish.name}", *asker(connecting.settings, SystemClock()))
    await Looks(journal, SystemEntropy()).record(look, [tried(wish.name, found)])


def _told(failure: Exception, wish: Wish) -> str:
    if isinstance(failure, TimeoutError):
        return f"{wish.name}: no answer within {_LIMIT:g} s"
    return f"{failure}" + ("; is it running, and is the address right?" if isinstance(failure, Transient) else "")


def _failed(door: Door, wish: Wish, told: str, again: str) -> int:
    account = Account(
        f"{told} — in {wish.name}", "nothing: neither doer.toml nor the secret was written", "nothing",
        again, "once it is mended",
    )  # fmt: skip
    return door.failure(account, "NotConnected", exits.NOT_DONE)


async def _keep(door: Door, connecting: Connecting, wish: Wish, found: Survey | None, failed: str) -> int:
    renewed = wish.name in connecting.settings.connections
    place = connecting.keep(wish)
    resumed = await _carried_on(door) if renewed and found is not None else []
    code = exits.UNPROVEN if found is None or found.unproven else exits.DONE
    door.give({
        "connection": wish.name, "kind": wish.kind, "settings": _settings(wish), "secret": wish.reference, "kept_in": place,
        **survey_json(found), "failed": failed, "exit": code,
        "resumed": [{"run": each.id, "status": each.status} for each in resumed],
    })  # fmt: skip
    if found is None:
        door.show(Text.assemble(("! ", WARN), data(wish.name, NAME), " is written, and did not work: ", data(failed)))
    else:
        door.show(*survey_lines(wish.name, wish.kind, found))
    if place:
        door.show(Text.assemble("  the secret is in ", data(place), (f" ({wish.reference})", QUIET)))
    door.show(Text.assemble(("✓ ", ADD), "renewed in " if renewed else "written to ", ("doer.toml", NAME)))
    for each in resumed:
        mark = mark_of_status(each.status)
        told = Text.assemble(
            ("  carried on: ", QUIET), (f"{mark.symbol} {each.id} {mark.words}", mark.style), "  ", data(each.goal)
        )
        door.show(told)
    door.line(Text.assemble("  ", ("doer tools list", "cyan"), ("  shows what it can do", QUIET)))
    return code


async def _carried_on(door: Door) -> Sequence[RunReport]:
    """Let the runs go on that waited for a credential; one that waits for another goes on waiting."""
    async with open_workspace(find_workspace(door.start), whole=False) as opened:
        return await opened.doer.renewed()


def _settings(wish: Wish) -> dict[str, Json]:
    def plain(value: object) -> Json:
        if isinstance(value, Mapping):
            return {str(key): plain(each) for key, each in value.items()}
        return (
            [str(each) for each in value]
            if isinstance(value, tuple)
            else value
            if isinstance(value, float)
            else str(value)
        )

    return {key: plain(value) for key, value in wish.settings.items()}


COMMANDS: Mapping[str, Work] = {"connect": connect}
