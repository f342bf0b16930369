"""The demo company's mail server: aiosmtpd (RFC 5321) that puts each message in the recipient's Maildir on disk."""

from __future__ import annotations

import argparse
import asyncio
import mailbox
import re
import signal
import socket
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from doer.demos.onboard.places import DOMAIN

_LOCAL_PART = re.compile(r"[A-Za-z0-9.+_-]{1,64}\Z")


@dataclass(frozen=True)  # no slots: aiosmtpd reads every attribute, which before Python 3.11.4 fails for one of theirs
class Deposit:
    """The aiosmtpd handler: accepts mail for the company's domain only and files it under `root`.

    It does not look at Message-ID: as real mail servers do, it delivers the same message twice when asked twice.
    """

    root: Path

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        """Take the recipient, or answer 550 (another domain) or 553 (no such form of address)."""
        local, _, domain = address.rpartition("@")
        if domain.lower() != DOMAIN:
            return f"550 5.7.1 relaying denied: {DOMAIN} only"
        if not _LOCAL_PART.match(local) or local.startswith("."):
            return "553 5.1.3 mailbox name not allowed"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(rcpt_options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """File one copy for each recipient (synced to disk, then renamed into new/), then say 250."""
        content = envelope.content
        raw = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content or b""
        for recipient in dict.fromkeys(address.lower() for address in envelope.rcpt_tos):
            trace = (
                f"Return-Path: <{envelope.mail_from}>\nDelivered-To: {recipient}\n"
                f"Received: from {session.host_name} by mail.{DOMAIN}; {formatdate()}\n"
            )
            folder = mailbox.Maildir(self.root / recipient, create=True)
            folder.add(trace.encode() + raw.replace(b"\r\n", b"\n"))
        return "250 2.0.0 delivered"


async def serve(listener: socket.socket, root: Path) -> None:
    """Serve SMTP on `listener` until SIGTERM."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)

    def protocol() -> SMTP:
        return SMTP(Deposit(root), hostname=f"mail.{DOMAIN}", enable_SMTPUTF8=True, loop=loop)

    server = await loop.create_server(protocol, sock=listener)
    await stop.wait()
    server.close()


def main() -> None:
    """Serve on a listening socket handed in by the supervisor as a file descriptor."""
    parser = argparse.ArgumentParser(description="Mail server of the demo company.")
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--maildir", type=Path, required=True)
    chosen = parser.parse_args()
    asyncio.run(serve(socket.socket(fileno=chosen.fd), chosen.maildir))


if __name__ == "__main__":
    main()
