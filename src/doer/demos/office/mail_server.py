"""The office's outgoing mail: aiosmtpd (RFC 5321) that files what it takes as a hosted mail service does.

Every recipient has a Maildir on disk, whatever the domain; what is for the account's owner is in the inbox of its IMAP
server, and what the owner sends is kept in its folder of sent mail.
"""

from __future__ import annotations

import argparse
import asyncio
import imaplib
import mailbox
import re
import signal
import socket
import warnings
from dataclasses import dataclass
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

SENT = "Sent"
_ADDRESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+_-]{0,63}@[A-Za-z0-9.-]{1,200}\Z")


@dataclass(frozen=True, slots=True)
class Account:
    """Whose mailbox there is, and where; the same name and password send mail."""

    imap_port: int
    user: str
    password: str

    def append(self, folder: str, content: bytes, flags: str) -> None:
        """File one message; the folder is made where there is none."""
        with imaplib.IMAP4("127.0.0.1", self.imap_port, timeout=10) as client:
            client.login(self.user, self.password)
            client.create(folder)
            client.append(folder, flags, "", content)


@dataclass(frozen=True)  # no slots, as in the mail server of the first demo
class Deposit:
    """The aiosmtpd handler: it does not look at Message-ID; asked twice, it delivers twice, as real servers do."""

    root: Path
    account: Account

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        """Take the recipient, or answer 550 (nobody@) or 553 (no such form of address)."""
        if not _ADDRESS.match(address):
            return "553 5.1.3 mailbox name not allowed"
        if address.lower().startswith("nobody@"):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(rcpt_options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """File one copy for each recipient, then say 250."""
        content = envelope.content
        raw = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content or b""
        await asyncio.to_thread(self._file, raw, envelope.mail_from or "", envelope.rcpt_tos)
        return "250 2.0.0 delivered"

    def _file(self, raw: bytes, sender: str, recipients: list[str]) -> None:
        own = self.account.user.lower()
        everyone = list(dict.fromkeys(address.lower() for address in recipients))
        self.root.mkdir(exist_ok=True)
        for recipient in everyone:
            folder = mailbox.Maildir(self.root / recipient, create=True)
            folder.add(f"Delivered-To: {recipient}\n".encode() + raw.replace(b"\r\n", b"\n"))
        if own in everyone:
            self.account.append("INBOX", raw, "")
        if sender.lower() == own:
            self.account.append(SENT, raw, "(\\Seen)")


async def serve(listener: socket.socket, root: Path, account: Account) -> None:
    """Serve SMTP on `listener` until SIGTERM."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    warnings.filterwarnings("ignore", "Requiring AUTH while not requiring TLS")  # loopback, throw-away password

    def authenticate(_server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: object) -> AuthResult:
        known = (account.user.encode(), account.password.encode())
        given = (data.login, data.password) if isinstance(data, LoginPassword) else None
        return AuthResult(success=given == known, handled=False)

    def protocol() -> SMTP:
        return SMTP(
            Deposit(root, account), hostname="mail.acme.example", enable_SMTPUTF8=True, loop=loop,
            authenticator=authenticate, auth_required=True, auth_require_tls=False,
        )  # fmt: skip

    server = await loop.create_server(protocol, sock=listener)
    await stop.wait()
    server.close()


def main() -> None:
    """Serve on a listening socket handed in as a file descriptor."""
    parser = argparse.ArgumentParser(description="Outgoing mail of the office.")
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--maildir", type=Path, required=True)
    parser.add_argument("--imap-port", type=int, required=True)
    parser.add_argument("--user", required=True)
    parser.add_argument("--password", required=True)
    chosen = parser.parse_args()
    account = Account(chosen.imap_port, chosen.user, chosen.password)
    asyncio.run(serve(socket.socket(fileno=chosen.fd), chosen.maildir, account))


if __name__ == "__main__":
    main()
