"""One mail over SMTP (RFC 5321), all or nothing: if one recipient is refused, nothing is sent."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiosmtplib

from doer.domain.errors import CredentialRefused, OutcomeUnknown, Permanent, ToolError, Transient
from doer.domain.ports import Credential

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

_REFUSES = frozenset({521, 530, 535, 538, *range(550, 560)})
"""Answers to the message that mean no. Others (500, 451) also come from servers that fell over while delivering."""


@dataclass(frozen=True, slots=True)
class Relay:
    """An SMTP server. `url`: `smtps://host[:465]`, `smtp+starttls://host[:587]`, or `smtp://host[:25]`.

    With `smtp` TLS is used where the server offers it, and demanded before a password goes to another machine.
    `timeout` in seconds for each answer.
    """

    url: str
    username: str | None = None
    password: Credential | None = None
    timeout: float = 30.0

    async def send(self, sender: str, recipients: Sequence[str], message: bytes) -> None:
        """Hand over one message for all recipients.

        Raises Transient and Permanent when nothing was sent, which names the recipients that were refused, and
        OutcomeUnknown from the moment on in which the server might have taken it.
        """
        client = self._client()
        try:
            await self._greet(client)
            await self._address(client, sender, recipients)
        except (aiosmtplib.SMTPException, OSError) as failure:
            client.close()
            raise self._nothing_sent(failure) from failure
        except BaseException:
            client.close()
            raise
        try:
            await client.data(message)
        except aiosmtplib.SMTPDataError as refusal:
            client.close()
            told = f"{self.url}: the server answered {refusal.code} to the message: {refusal.message}"
            if refusal.code in _REFUSES:
                raise Permanent(f"{told}; it was not sent") from refusal
            raise OutcomeUnknown(told) from refusal
        except (aiosmtplib.SMTPException, OSError) as failure:
            client.close()
            raise OutcomeUnknown(f"{self.url}: no word of whether the message was taken: {failure}") from failure
        with contextlib.suppress(aiosmtplib.SMTPException, OSError):
            await client.quit()  # it was taken; how the conversation ends changes nothing
        client.close()

    async def greet(self) -> str:
        """Connect, log in and leave again, and return what the server calls itself. Raises as `send` does."""
        client = self._client()
        try:
            await self._greet(client)
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await client.quit()
        except (aiosmtplib.SMTPException, OSError) as failure:
            raise self._nothing_sent(failure) from failure
        finally:
            client.close()
        return f"SMTP at {urlsplit(self.url).hostname}"

    def _client(self) -> aiosmtplib.SMTP:
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        known = {"smtps": (465, True, False), "smtp+starttls": (587, False, True), "smtp": (25, False, None)}
        if parts.scheme not in known or not host:
            raise Permanent(f"{self.url}: a mail server's address is smtps://host, smtp+starttls://host or smtp://host")
        port, tls, start_tls = known[parts.scheme]
        if start_tls is None and self.username is not None and host not in _LOOPBACK:
            start_tls = True
        return aiosmtplib.SMTP(
            hostname=host,
            port=parts.port or port,
            use_tls=tls,
            start_tls=None if tls else start_tls,
            timeout=self.timeout,
        )

    async def _greet(self, client: aiosmtplib.SMTP) -> None:
        await client.connect()
        if self.username is not None:
            await client.login(self.username, self.password() if self.password is not None else "")

    async def _address(self, client: aiosmtplib.SMTP, sender: str, recipients: Sequence[str]) -> None:
        await client.mail(sender)
        refused: list[aiosmtplib.SMTPRecipientRefused] = []
        for each in recipients:
            try:
                await client.rcpt(each)
            except aiosmtplib.SMTPRecipientRefused as refusal:
                refused.append(refusal)
        if refused:
            raise aiosmtplib.SMTPRecipientsRefused(refused)

    def _nothing_sent(self, failure: Exception) -> ToolError:
        told = f"{self.url}: {failure}"
        if isinstance(failure, aiosmtplib.SMTPRecipientsRefused):
            who = "; ".join(f"{each.recipient}: {each.code} {each.message}" for each in failure.recipients)
            later = all(each.code < 500 for each in failure.recipients)
            return (Transient if later else Permanent)(f"{self.url}: refused, and so nothing was sent: {who}")
        if isinstance(failure, aiosmtplib.SMTPAuthenticationError) and failure.code >= 500:
            return CredentialRefused(f"{told}; the user name or password is not accepted: connect again")
        if isinstance(failure, aiosmtplib.SMTPResponseException) and failure.code == 530:
            return CredentialRefused(f"{told}; it wants a user name and a password: connect again")
        if isinstance(failure, aiosmtplib.SMTPResponseException) and failure.code >= 500:
            return Permanent(f"{told}; nothing was sent")
        if isinstance(failure, aiosmtplib.SMTPNotSupported):
            return Permanent(f"{told}; the server lacks what is needed, nothing was sent")
        return Transient(f"{told}; nothing was sent")
