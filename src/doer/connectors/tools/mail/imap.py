"""A connection to an IMAP server (RFC 9051): the one place that opens it and says what a refusal means."""

from __future__ import annotations

import contextlib
import imaplib
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import imap_tools

from doer.domain.errors import CredentialRefused, Permanent, Transient
from doer.domain.ports import Credential

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_NOT_THE_CREDENTIAL = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]")
"""Response codes of RFC 5530 with which a login fails that may work later with the same password."""


@contextmanager
def logged_in(url: str, user: str, password: Credential, timeout: float) -> Iterator[imap_tools.BaseMailBox]:
    """Open one session and end it when left; nothing is selected. `timeout` in seconds for each answer.

    `url`: `imaps://host[:993]`, `imap+starttls://host[:143]`, or `imap://` for loopback. Raises CredentialRefused when
    the server does not accept the password, Permanent for an address that cannot be used, Transient when the server is
    not there. What fails within is left to the caller: only it knows whether anything was written.
    """
    try:
        box = _open(url, timeout)
    except (OSError, imap_tools.ImapToolsError, imaplib.IMAP4.error) as wrong:
        raise Transient(f"{url}: the mail server is not reached: {wrong}") from wrong
    try:
        _log_in(box, url, user, password())
        yield box
    finally:
        with contextlib.suppress(OSError, imap_tools.ImapToolsError, imaplib.IMAP4.error):
            box.logout()
        with contextlib.suppress(OSError):
            box.client.shutdown()  # where the connection was lost, logging out has not closed it


def _open(url: str, timeout: float) -> imap_tools.BaseMailBox:
    parts = urlsplit(url)
    host = parts.hostname or ""
    match parts.scheme:
        case "imaps":
            return imap_tools.MailBox(host, parts.port or 993, timeout=timeout)
        case "imap+starttls":
            return imap_tools.MailBoxStartTls(host, parts.port or 143, timeout=timeout)
        case "imap" if host in _LOOPBACK:
            return imap_tools.MailBoxUnencrypted(host, parts.port or 143, timeout=timeout)
    raise Permanent(f"{url}: use imaps:// or imap+starttls://; a password is not sent in the clear")


def _log_in(box: imap_tools.BaseMailBox, url: str, user: str, secret: str) -> None:
    refused = f"{url}: the user name or password is not accepted: connect again with a valid one"
    if any(ord(each) < 32 or ord(each) == 127 for each in user + secret):
        raise CredentialRefused(f"{url}: the user name or password holds a control character, which none has")
    try:
        if (user + secret).isascii():
            box.login(user, secret, initial_folder=None)
        else:
            box.login_utf8(user, secret, initial_folder=None)
    except (imaplib.IMAP4.abort, OSError) as wrong:
        raise Transient(f"{url}: the connection was lost while logging in") from wrong
    except (imap_tools.ImapToolsError, imaplib.IMAP4.error) as wrong:
        if any(code in str(wrong).upper() for code in _NOT_THE_CREDENTIAL):
            raise Transient(f"{url}: the mail server does not let anybody in now") from wrong
        raise CredentialRefused(refused) from None  # what the server answered may repeat what we sent
