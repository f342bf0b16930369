"""Whom a connection trusts: the system's authorities, loaded once in a process and not anew for every client."""

from __future__ import annotations

import os
import ssl
from functools import lru_cache

import httpx2


def trusted(url: str) -> ssl.SSLContext:
    """Return whom a client for this address trusts; for plain http nobody.

    Loading the system's authorities takes 20 ms of computing, an empty context still half a millisecond; a client is made
    for each verb.
    """
    plain = url.startswith("http://")
    return _trust(None if plain else (os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")))


@lru_cache(maxsize=4)
def _trust(authorities: tuple[str | None, str | None] | None) -> ssl.SSLContext:
    """Return the context with these settings of OpenSSL for its authorities, which httpx reads; None: without any."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if authorities is None else httpx2.create_ssl_context()
