"""A git host and a mailbox that lie: what of a write is really done, and what the client is told."""

from __future__ import annotations

import asyncio
import imaplib
import subprocess
from pathlib import Path

import pytest
from tests.connectors.git_server import TOKEN, USER, clone_of, commit, hosted, make_bare, refs

from doer.testing.faults.imap import FaultyImap
from doer.testing.faults.proxy import FaultyServer


@pytest.mark.parametrize(
    ("kind", "told", "moved", "besides"),
    [
        ("drop", 0, False, False),
        ("halve", 0, False, False),
        ("misplace", 0, False, True),
        ("double", 0, True, True),
        ("side_record", 0, True, True),
        ("error_after_commit", 1, True, False),
        ("unauthorized", 128, False, False),
    ],
)
async def test_a_push_through_a_lying_host(kind: str, told: int, moved: bool, besides: bool, tmp_path: Path) -> None:
    bare = make_bare(tmp_path / "site.git")
    before = refs(bare)
    with hosted(bare) as host:
        async with FaultyServer(host.url.rpartition("/")[0]) as proxy:
            url = proxy.url.replace("http://", f"http://{USER}:{TOKEN}@")
            clone = clone_of(bare, tmp_path / "clone", f"{url}/site.git")
            made = commit(clone, "Third", docs__c="c\n")
            proxy.break_(kind, 1, lambda method, target: method == "POST" and "receive-pack" in target)
            pushed = await asyncio.to_thread(_push, clone)

    assert bool(pushed) == bool(told)
    assert refs(bare)["refs/heads/main"] == (made if moved else before["refs/heads/main"])
    assert ("refs/heads/elsewhere" in refs(bare)) == besides
    assert proxy.count(kind) == 1


def _push(clone: Path) -> int:
    ran = subprocess.run(
        ["git", "push", "-q", "origin", "main"],
        cwd=clone,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "GIT_TERMINAL_PROMPT": "0"},
        capture_output=True,
        check=False,
    )
    return ran.returncode


def test_an_order_for_no_known_kind_is_refused() -> None:
    with pytest.raises(KeyError):
        FaultyImap(143).break_("sulk")


async def test_a_fault_that_lasts_strikes_every_write_from_the_nth_on() -> None:
    async with _scripted() as port, FaultyImap(port) as proxy:
        proxy.break_("no", None, after=1)
        told = await asyncio.to_thread(_appends, proxy.proxy_port, 3)
        proxy.mend()
        told += await asyncio.to_thread(_appends, proxy.proxy_port, 1)

    assert told == ["OK", "NO", "NO", "OK"]
    assert (proxy.struck, proxy.writes) == (2, 4)


class _scripted:  # noqa: N801 - reads as a function
    """A server that greets and says OK to every command: enough of IMAP to see what gets through."""

    async def __aenter__(self) -> int:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* PREAUTH [CAPABILITY IMAP4rev1] hello\r\n")
        while line := await reader.readline():
            if line.rstrip().endswith(b"}"):
                writer.write(b"+ go on\r\n")
                await reader.readline()
                await reader.readline()
            if b"CAPABILITY" in line:
                writer.write(b"* CAPABILITY IMAP4rev1\r\n")
            writer.write(line.split(b" ")[0] + b" OK done\r\n")
        writer.close()


def _appends(port: int, times: int) -> list[str]:
    client = imaplib.IMAP4("127.0.0.1", port, timeout=10)
    told = [client.append("INBOX", "", "", b"x\r\n")[0] for _ in range(times)]
    client.shutdown()
    return told
