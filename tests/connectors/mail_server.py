"""Real mail servers for tests: aiosmtpd that files into Maildirs, and pymap as an IMAP process."""

from __future__ import annotations

import asyncio
import email
import email.policy
import imaplib
import mailbox
import subprocess
import sys
import threading
import warnings
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from doer.demos.onboard.servers import free_port

DOMAIN = "acme.example"


@dataclass
class MailServer:
    """Files each mail for DOMAIN under `root`; refuses `nobody@` for good and `busy@` for now, as real ones do."""

    root: Path
    port: int = 0
    data_reply: str = "250 2.0.0 delivered"
    transactions: int = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        if address.startswith("nobody@"):
            return "550 5.1.1 no such user"
        if address.startswith("busy@"):
            return "450 4.2.1 mailbox busy"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.transactions += 1
        if not self.data_reply.startswith("5"):
            content = envelope.content
            assert isinstance(content, bytes)
            for recipient in envelope.rcpt_tos:
                self.deliver(recipient, content.replace(b"\r\n", b"\n"))
        return self.data_reply

    def deliver(self, recipient: str, content: bytes) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        mailbox.Maildir(self.root / recipient.lower(), create=True).add(b"Delivered-To: x\n" + content)

    def world(self) -> dict[str, list[dict[str, str]]]:
        """Every mailbox and the mails in it, without what is volatile."""
        if not self.root.exists():
            return {}
        return {box.name: [_told(each) for each in self.messages(box.name)] for box in sorted(self.root.iterdir())}

    def messages(self, address: str) -> list[email.message.EmailMessage]:
        files = sorted((self.root / address / "new").iterdir(), key=lambda each: each.name)
        return [email.message_from_bytes(each.read_bytes(), policy=email.policy.default) for each in files]


def _told(message: Any) -> dict[str, str]:
    body = message.get_body(("plain",))
    told = {name: str(message[name]) for name in ("From", "To", "Cc", "Bcc", "Subject", "Message-ID")}
    files = [(each.get_filename(), len(each.get_content())) for each in message.iter_attachments()]
    return {**told, "body": body.get_content() if body else "", "files": str(files)}


@asynccontextmanager
async def mail_server(root: Path, password: str | None = None, user: str = "sam") -> AsyncIterator[MailServer]:
    """Serve SMTP on a free loopback port; with a password only `user` may send."""
    found = MailServer(root)

    def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(
            success=(data.login, data.password) == (user.encode(), (password or "").encode()), handled=False
        )

    def protocol() -> SMTP:
        needed = password is not None
        warnings.filterwarnings("ignore", "Requiring AUTH while not requiring TLS")  # loopback, throw-away password
        return SMTP(
            found, hostname=f"mail.{DOMAIN}", authenticator=authenticate, auth_required=needed, auth_require_tls=False
        )

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()


_PYMAP = """
import functools, io, sys
import pysasl
from pymap.config import IMAPConfig
from pymap.imap import IMAPConnection
from pymap.main import main
from pysasl.hashing import BuiltinHash

async def at_once(connection, answer):
    told = io.BytesIO()
    await answer.async_write(told)
    connection.writer.write(told.getvalue())
    try:
        await connection.writer.drain()
    except ConnectionError:
        pass

IMAPConnection.write_response = at_once
IMAPConfig._get_hash_context = classmethod(lambda *_: BuiltinHash(rounds=1))
pysasl.entry_points = functools.cache(pysasl.entry_points)
sys.exit(main())
"""
"""pymap with less to do: an answer is sent as one, not piece by piece; a password, which is asked for dozens of times a
test and is no secret, is hashed once; plug-ins are looked for once, not in every distribution at each connection."""


@dataclass(frozen=True)
class ImapServer:
    """A running pymap with one account."""

    port: int
    process: subprocess.Popen[bytes]
    user: str = f"ada@{DOMAIN}"
    password: str = "open sesame"
    kept: list[imaplib.IMAP4] = field(default_factory=list, compare=False)
    """The session of who looks and edits here, kept open between times."""

    @property
    def url(self) -> str:
        return f"imap://127.0.0.1:{self.port}"

    @contextmanager
    def session(self) -> Iterator[imaplib.IMAP4]:
        client = self.kept.pop() if self.kept else imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        try:
            if client.state == "NONAUTH":
                client.login(self.user, self.password)
            yield client
        except BaseException:
            client.shutdown()
            raise
        self.kept.append(client)

    def append(self, folder: str, content: bytes, flags: str = "", when: datetime | None = None) -> None:
        with self.session() as client:
            client.create(folder)
            _append(client, folder, content, flags, when)

    def fresh(self, *folders: str, inbox: Sequence[tuple[bytes, datetime]] = ()) -> None:
        """Empty the account: only these folders, empty, and an INBOX with these mails."""
        with self.session() as client:
            if _select(client, "INBOX"):
                client.uid("STORE", "1:*", "+FLAGS", "(\\Deleted)")
                client.expunge()
            for name in _folders(client):
                if name != "INBOX":
                    client.delete(f'"{name}"')
            for name in folders:
                client.create(f'"{name}"')
            for content, when in inbox:
                _append(client, "INBOX", content, "", when)

    def world(self) -> dict[str, list[dict[str, str]]]:
        """Every folder and the mails in it with their flags, seen through imaplib alone; UIDs are volatile."""
        with self.session() as client:
            return {name: _mails(client, name) for name in _folders(client)}

    def change(self, folder: str, *commands: tuple[str, ...]) -> None:
        """Send UID commands for every mail of a folder, as somebody else's mail program would."""
        with self.session() as client:
            client.select(f'"{folder}"')
            for name, *arguments in commands:
                status, told = client.uid(name, "1:*", *arguments)
                assert status == "OK", told


def _append(client: imaplib.IMAP4, folder: str, content: bytes, flags: str, when: datetime | None) -> None:
    date = imaplib.Time2Internaldate(when) if when else ""
    status, told = client.append(folder, flags, date, content)
    assert status == "OK", told


def _folders(client: imaplib.IMAP4) -> list[str]:
    listed = [each for each in client.list()[1] if isinstance(each, bytes) and b"Noselect" not in each]
    return sorted(each.rpartition(b'"/" ')[2].decode().strip('"') for each in listed)


def _select(client: imaplib.IMAP4, folder: str, *, readonly: bool = False) -> int:
    """Open a folder, and return how many mails are in it."""
    status, told = client.select(f'"{folder}"', readonly=readonly)
    assert status == "OK", told
    return int(told[0] or 0)


def _mails(client: imaplib.IMAP4, folder: str) -> list[dict[str, str]]:
    if not _select(client, folder, readonly=True):
        return []
    fetched = client.uid("FETCH", "1:*", "(FLAGS INTERNALDATE BODY.PEEK[])")[1]
    told = []
    for each in fetched:
        if isinstance(each, tuple):
            flags = sorted(set(imaplib.ParseFlags(each[0])) - {b"\\Recent"})
            when = each[0].partition(b'INTERNALDATE "')[2].partition(b'"')[0].decode()
            told.append({"flags": b" ".join(flags).decode(), "when": when, "content": each[1].decode("latin-1")})
    return sorted(told, key=lambda each: each["content"])


@contextmanager
def imap_server(log: Path) -> Iterator[ImapServer]:
    """Run pymap in memory on a free loopback port."""
    port = free_port()
    account = ["--demo-user", ImapServer.user, "--demo-password", ImapServer.password]
    place = [
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--no-tls",
        "--no-service",
        "admin",
        "--no-service",
        "managesieve",
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", _PYMAP, *place, "dict", *account], stdout=output, stderr=output
        )
    pause = threading.Event()
    try:
        for _ in range(1000):
            try:
                imaplib.IMAP4("127.0.0.1", port, timeout=5).shutdown()
                break
            except OSError:
                assert process.poll() is None, log.read_text()
                pause.wait(0.02)
        server = ImapServer(port, process)
        yield server
        for each in server.kept:
            each.shutdown()
    finally:
        process.terminate()
        process.wait()
