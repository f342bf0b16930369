"""Addresses as people type them, made into what doer.toml holds; a password that stands in one is taken out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from doer.domain.errors import UsageError

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_SQLITE = (".db", ".sqlite", ".sqlite3")


@dataclass(frozen=True, slots=True)
class Given:
    """An address, and the password that stood in it."""

    url: str
    secret: str = ""
    username: str = ""


def web(text: str) -> Given:
    """Return an http or https address; https where none is said. Raises UsageError for anything else."""
    text = text.strip()
    url = text if _SCHEME.match(text) else f"https://{text}"
    if urlsplit(url).scheme.lower() not in ("http", "https") or not urlsplit(url).hostname:
        raise UsageError(f"{text!r:.200} is no address: write https://host/path")
    parts = urlsplit(url)
    clean = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return Given(clean, unquote(parts.password or ""), unquote(parts.username or ""))


def database(text: str) -> Given:
    """Return a database's address: `postgres://` and `postgresql://`, `sqlite:///FILE`, or the path of a SQLite file."""
    text = text.strip()
    if not _SCHEME.match(text):
        if text.lower().endswith(_SQLITE):
            return Given(f"sqlite:///{text.removeprefix('./')}")
        raise UsageError(f"{text!r:.200} is no database: write postgresql://user@host/name, or the name of a .db file")
    parts = urlsplit(text)
    if parts.scheme == "sqlite":
        return Given(text)
    if parts.scheme.partition("+")[0] not in ("postgres", "postgresql"):
        raise UsageError(f"{parts.scheme} is no database that doer knows; sqlite and postgresql are")
    query = [(key, value) for key, value in parse_qsl(parts.query) if key != "password"]
    hidden = dict(parse_qsl(parts.query)).get("password", "")
    user, _, host = parts.netloc.rpartition("@")
    name, _, secret = user.partition(":")
    place = f"{name}@{host}" if name else host
    clean = urlunsplit(("postgresql", place, parts.path, urlencode(query, safe="/,="), ""))
    return Given(clean, unquote(secret) or hidden, unquote(name))


def smtp(text: str) -> Given:
    """Return a relay's address: `smtps://host`, or by its port; TLS where nothing is said."""
    return _mail(
        text, {"465": "smtps", "587": "smtp+starttls", "25": "smtp"}, "smtps", ("smtps", "smtp+starttls", "smtp")
    )


def imap(text: str) -> Given:
    """Return a mailbox's address: `imaps://host`, or by its port; TLS where nothing is said."""
    return _mail(text, {"993": "imaps", "143": "imap+starttls"}, "imaps", ("imaps", "imap+starttls", "imap"))


def beside(smtp_url: str) -> str:
    """Return where the mailbox probably is that belongs to a relay: the same host, with its name's first word changed."""
    parts = urlsplit(smtp_url)
    host = re.sub(r"^(smtp|mail-out|relay)(?=\.)", "imap", parts.hostname or "")
    return f"imaps://{host}" if host and not host.startswith("127.") and host != "localhost" else ""


def _mail(text: str, by_port: dict[str, str], usual: str, known: tuple[str, ...]) -> Given:
    text = text.strip().rstrip("/")
    scheme, there, place = text.partition("://")
    if not there:
        scheme, place = by_port.get(text.rpartition(":")[2], usual), text
    if scheme not in known or not urlsplit(f"x://{place}").hostname:
        raise UsageError(f"{text!r:.200} is no mail server: write {usual}://host")
    parts = urlsplit(f"x://{place}")
    clean = parts.netloc.rpartition("@")[2]
    return Given(f"{scheme}://{clean}", unquote(parts.password or ""), unquote(parts.username or ""))
