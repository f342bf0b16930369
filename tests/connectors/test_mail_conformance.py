"""Sending keeps its promises against a real SMTP server, and a lying one is never believed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.connectors.mail_server import MailServer, mail_server

from doer.connectors.tools.mail import MaildirMailbox, mail_tools
from doer.domain.action import Verb
from doer.domain.ports import Tool
from doer.domain.value import Json, JsonObject
from doer.testing.conformance import LIE, check, check_names
from doer.testing.faults import SMTP_KINDS, FaultySmtp

ARGUMENTS: JsonObject = {
    "to": ["ada@acme.example", "Grace Hopper <grace@acme.example>"],
    "cc": ["team@acme.example"],
    "bcc": ["boss@acme.example"],
    "subject": "Willkommen, Ada — 你好",
    "body": "Dear Ada,\n\nyour first week:\n.\n- Monday 09:00 " + "x" * 1200 + "\n- Ünïcode\n\nSam",
    "attachments": [{"name": "agenda.txt", "content_base64": "TW9uZGF5Cg=="}],
}
LIES = tuple(SMTP_KINDS)
VERBS: frozenset[Verb] = frozenset({"preview", "apply", "verify"})


@dataclass
class MailSetting:
    server: MailServer
    proxy: FaultySmtp
    tool: Tool
    arguments: JsonObject
    tools: list[Tool]
    lies: tuple[str, ...] = LIES

    async def observe(self) -> Json:
        await self.proxy.settled()
        return self.server.world()

    async def meddle(self) -> None:
        file = next((self.server.root / "ada@acme.example" / "new").iterdir())
        file.write_bytes(file.read_bytes().replace(b"Subject:", b"Subject: no"))

    async def lie(self, kind: str) -> None:
        if kind == "delay":  # the answer that never comes; elsewhere a slow machine shall run into no time-out
            self.tool = sending(self.server.root, self.proxy, timeout=1.0)[0]
        self.proxy.break_(kind)


def sending(folder: Path, proxy: FaultySmtp, timeout: float = 20.0) -> list[Tool]:
    return list(
        mail_tools(
            "mail",
            f"smtp://127.0.0.1:{proxy.proxy_port}",
            sender="Sam Rivera <sam@acme.example>",
            mailbox=MaildirMailbox(folder),
            timeout=timeout,
            now=lambda: datetime(2026, 10, 1, tzinfo=UTC),
        )
    )


def case(root: Path) -> Callable[[], AbstractAsyncContextManager[MailSetting]]:
    worlds = iter(range(10))

    @asynccontextmanager
    async def make() -> AsyncIterator[MailSetting]:
        folder = root / str(next(worlds))
        async with mail_server(folder) as server, FaultySmtp("127.0.0.1", server.port) as proxy:
            tools = sending(folder, proxy)
            yield MailSetting(server, proxy, tools[0], ARGUMENTS, tools)

    return make


@pytest.mark.parametrize("name", check_names("irreversible", once=False, verbs=VERBS, lies=LIES))
async def test_sending_keeps_its_promises(tmp_path: Path, name: str) -> None:
    await check(name, case(tmp_path))


def test_the_lies_are_among_the_checks() -> None:
    assert LIE + "double" in check_names("irreversible", once=False, verbs=VERBS, lies=LIES)


@pytest.mark.parametrize("name", check_names("read"))
async def test_finding_keeps_its_promises(tmp_path: Path, name: str) -> None:
    @asynccontextmanager
    async def make() -> AsyncIterator[MailSetting]:
        async with case(tmp_path)() as made:
            made.server.deliver("ada@acme.example", b"From: eve@x.example\nSubject: Hello\n\ntext\n")
            yield MailSetting(made.server, made.proxy, made.tools[1], {"subject": "hello"}, made.tools)

    await check(name, make)
