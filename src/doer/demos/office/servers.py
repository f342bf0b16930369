"""Starts the office's own servers: mailbox, outgoing mail, git host, shop. Calendar and directory are those of `onboard`."""

from __future__ import annotations

import imaplib
import smtplib
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex

from doer.demos.onboard.places import Places
from doer.demos.onboard.servers import LOOPBACK, Server, free_port, listening, server_at, spawn
from doer.demos.onboard.wire import ask, basic, bearer

OWNER = "sam@acme.example"
"""Whose mailbox it is."""
GIT_USER = "sam"


@dataclass(frozen=True, slots=True)
class OfficeCredentials:
    """Secrets of one run, drawn at its start."""

    mail_password: str = field(default_factory=lambda: token_hex(16))
    git_token: str = field(default_factory=lambda: token_hex(16))
    shop_token: str = field(default_factory=lambda: token_hex(16))


def start_mailbox(places: Places, secret: OfficeCredentials) -> Server:
    """The IMAP server. It keeps its state in memory, for the life of its process."""
    port = free_port()
    arguments = ["-m", "doer.demos.office.imap_server", "--port", str(port), "--user", OWNER]
    process = spawn(places, "mailbox", [*arguments, "--password", secret.mail_password])

    def probe() -> bool:
        try:
            with imaplib.IMAP4(LOOPBACK, port, timeout=10) as client:
                return client.login(OWNER, secret.mail_password)[0] == "OK"
        except imaplib.IMAP4.error:
            return False

    return server_at(places, "mailbox", process, port, probe)


def start_post(places: Places, secret: OfficeCredentials, imap_port: int) -> Server:
    """The SMTP server, which files into Maildirs and into the mailbox at `imap_port`."""
    with listening() as listener:
        port = int(listener.getsockname()[1])
        arguments = ["-m", "doer.demos.office.mail_server", "--fd", str(listener.fileno()), "--user", OWNER]
        arguments += ["--maildir", str(places.maildir), "--imap-port", str(imap_port)]
        process = spawn(places, "post", [*arguments, "--password", secret.mail_password], listener)

    def probe() -> bool:
        with smtplib.SMTP(LOOPBACK, port, timeout=10) as client:
            return client.noop()[0] == 250

    return server_at(places, "post", process, port, probe)


def start_git(places: Places, secret: OfficeCredentials, repositories: Path) -> Server:
    """The git host; a repository's address is the server's, a slash and its folder's name below `repositories`."""
    with listening() as listener:
        port = int(listener.getsockname()[1])
        arguments = ["-m", "doer.demos.office.git_server", "--fd", str(listener.fileno()), "--user", GIT_USER]
        arguments += ["--root", str(repositories), "--password", secret.git_token]
        process = spawn(places, "git", arguments, listener)
    url = f"http://{LOOPBACK}:{port}/nothing.git/HEAD"
    headers = basic(GIT_USER, secret.git_token)
    return server_at(places, "git", process, port, lambda: ask("GET", url, headers).status == 404)


def start_shop(places: Places, secret: OfficeCredentials) -> Server:
    """The web shop; empty until it is reset."""
    with listening() as listener:
        port = int(listener.getsockname()[1])
        arguments = ["-m", "doer.demos.office.shop_app", "--fd", str(listener.fileno()), "--token", secret.shop_token]
        process = spawn(places, "shop", arguments, listener)
    url = f"http://{LOOPBACK}:{port}/api/products"
    headers = bearer(secret.shop_token)
    return server_at(places, "shop", process, port, lambda: ask("GET", url, headers).status in (200, 404))
