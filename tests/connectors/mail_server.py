"""Real mail servers for tests: aiosmtpd that files into Maildirs, and pymap as an IMAP process."""

from __future__ import annotations

import asyncio
import email
import email.policy
import imaplib
import mailbox
import socket
import subprocess
import sys
import threading
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

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
async def mail_server(root: Path, password: str | None = None) -> AsyncIterator[MailServer]:
    """Serve SMTP on a free loopback port; with a password only sam may send."""
    found = MailServer(root)

    def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (b"sam", (password or "").encode()), handled=False)

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


@dataclass(frozen=True)
class ImapServer:
    """A running pymap with one account."""

    port: int
    process: subprocess.Popen[bytes]
    user: str = f"ada@{DOMAIN}"
    password: str = "open sesame"

    @property
    def url(self) -> str:
        return f"imap://127.0.0.1:{self.port}"

    @contextmanager
    def session(self) -> Iterator[imaplib.IMAP4]:
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        try:
            client.login(self.user, self.password)
            yield client
        finally:
            client.logout()

    def append(self, folder: str, content: bytes) -> None:
        with self.session() as client:
            client.create(folder)
            status, told = client.append(folder, None, None, content)
            assert status == "OK", told


@contextmanager
def imap_server(log: Path) -> Iterator[ImapServer]:
    """Run pymap in memory on a free loopback port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    command = "import sys; from pymap.main import main; sys.exit(main())"
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
            [sys.executable, "-c", command, *place, "dict", *account], stdout=output, stderr=output
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
        yield ImapServer(port, process)
    finally:
        process.terminate()
        process.wait()
