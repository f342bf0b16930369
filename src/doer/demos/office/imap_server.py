"""The office's mailbox: pymap (RFC 9051), in memory, with one account."""

from __future__ import annotations

import argparse
import functools
import sys
from typing import Any

import pysasl
from pymap.config import IMAPConfig
from pymap.main import main as serve
from pysasl.hashing import BuiltinHash


def _one_round(*_: object) -> Any:  # noqa: ANN401 - pymap's own type
    return BuiltinHash(rounds=1)


def main() -> None:
    """Serve IMAP on a port of loopback until SIGTERM.

    One round of hashing: a trial logs in dozens of times, and the password was drawn for this one run. And pymap looks
    for plug-ins in every installed distribution at each connection (12 ms): once is enough.
    """
    parser = argparse.ArgumentParser(description="Mailbox of the office.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--user", required=True)
    parser.add_argument("--password", required=True)
    chosen = parser.parse_args()
    pysasl.entry_points = functools.cache(pysasl.entry_points)  # type: ignore[assignment,attr-defined]
    IMAPConfig._get_hash_context = classmethod(_one_round)  # type: ignore[assignment,method-assign]  # noqa: SLF001
    place = ["--host", "127.0.0.1", "--port", str(chosen.port), "--no-tls", "--no-service", "admin"]
    account = ["dict", "--demo-user", chosen.user, "--demo-password", chosen.password]
    sys.argv[1:] = [*place, "--no-service", "managesieve", *account]
    serve()


if __name__ == "__main__":
    main()
