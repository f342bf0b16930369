"""Every tool of the mailbox keeps the promises of its verbs on a real IMAP server, also behind one that lies."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.connectors.faulty_imap import FaultyImap
from tests.connectors.mail_server import ImapServer, MailServer, mail_server

from doer.connectors.secrets import fixed
from doer.connectors.tools.mail import MaildirMailbox
from doer.connectors.tools.mailbox import mailbox_tools
from doer.domain.action import Verb
from doer.domain.ports import Tool
from doer.domain.value import Json, JsonObject
from doer.testing.conformance import LIE, OF_ARGUMENTS, Honest, Make, check, check_names
from doer.testing.faults import SMTP_KINDS, FaultySmtp

JO = (
    b"From: Jo Winter <jo@acme.example>\r\nTo: ada@acme.example\r\nMessage-ID: <friday@acme.example>\r\n"
    b"Date: Thu, 01 Oct 2026 09:00:00 +0200\r\nSubject: Friday?\r\n\r\nDoes Friday work for you?\r\n"
)
OTHER = JO.replace(b"<friday@", b"<other@").replace(b"Friday?", b"Lunch")
CAME = datetime(2026, 10, 1, 9, tzinfo=UTC)
FOLDERS = ("Archive", "Drafts", "Sent", "Strange", "Elsewhere")
LIES = ("drop", "halve", "double", "misplace", "cut", "lose")
DRAFT: JsonObject = {
    "to": ["Grace Hopper <grace@acme.example>"],
    "subject": "Das Treffen — 你好",
    "body": "Dear Grace,\n\n.\nlet us meet " + "x" * 1200 + "\n\nAda",
    "attachments": [{"name": "agenda.txt", "content_base64": "TW9uZGF5Cg=="}],
}
Edit = Callable[[ImapServer], None]


@dataclass(frozen=True)
class Case:
    """One tool, arguments that change something, and what somebody else does to it."""

    arguments: JsonObject
    meddle: Edit
    remove: Edit


@dataclass
class OnImap:
    """A case on an emptied account."""

    tool: Tool
    arguments: JsonObject
    case: Case
    imap: ImapServer

    async def observe(self) -> Json:
        world = await asyncio.to_thread(self.imap.world)
        return {name: [_without_boundary(each) for each in mails] for name, mails in world.items()}

    async def meddle(self) -> None:
        await asyncio.to_thread(self.case.meddle, self.imap)

    async def remove(self) -> None:
        await asyncio.to_thread(self.case.remove, self.imap)


@dataclass
class OnLyingImap(OnImap):
    """The same behind a proxy that is healthy until told."""

    proxy: FaultyImap
    lies: Sequence[str] = LIES

    async def lie(self, kind: str) -> None:
        self.proxy.break_(kind)


def _without_boundary(mail: dict[str, str]) -> Json:
    """MIME boundaries are random."""
    return {name: re.sub(r"=====+\d+==", "boundary", value) for name, value in mail.items()}


def _moved(folder: str) -> Edit:
    return lambda imap: imap.change(folder, ("MOVE", "Elsewhere"))


def _removed(folder: str) -> Edit:
    return lambda imap: imap.change(folder, ("STORE", "+FLAGS", "(\\Deleted)"), ("EXPUNGE",))


def _redrafted(imap: ImapServer) -> None:
    (draft,) = imap.world()["Drafts"]
    _removed("Drafts")(imap)
    imap.append("Drafts", draft["content"].encode("latin-1").replace(b"Dear", b"My dear"), "(\\Draft)")


CASES = {
    "create_draft": Case(DRAFT, _redrafted, _removed("Drafts")),
    "file_mail": Case({"message": "<friday@acme.example>", "to": "archive"}, _moved("Archive"), _removed("Archive")),
    "mark_mail": Case({"message": "<friday@acme.example>", "state": "read"}, _moved("INBOX"), _removed("INBOX")),
}
READS: dict[str, JsonObject] = {
    "search_mail": {"from": "Jo", "subject": "friday"},
    "read_mail": {"message": "<friday@acme.example>"},
    "list_folders": {},
}


def _fill(imap: ImapServer) -> None:
    imap.fresh(*FOLDERS, inbox=((JO, CAME), (OTHER, CAME)))


def _make(tool: str, case: Case, imap: ImapServer) -> Make:
    @asynccontextmanager
    async def make() -> AsyncIterator[OnImap]:
        await asyncio.to_thread(_fill, imap)
        yield OnImap(_tool(tool, imap, imap.url), case.arguments, case, imap)

    return make


def _lying(tool: str, case: Case, imap: ImapServer, hidden: tuple[str, ...] = ()) -> Make:
    @asynccontextmanager
    async def make() -> AsyncIterator[OnLyingImap]:
        await asyncio.to_thread(_fill, imap)
        async with FaultyImap(imap.port, hidden=hidden) as proxy:
            yield OnLyingImap(_tool(tool, imap, proxy.url), case.arguments, case, imap, proxy)

    return make


def _tool(name: str, imap: ImapServer, url: str) -> Tool:
    tools = mailbox_tools(
        "mail",
        url,
        username=imap.user,
        password=fixed(imap.password),
        smtp_url=None,
        sender=f"Ada <{imap.user}>",
        timeout=30.0,
        now=lambda: datetime(2026, 10, 2, 8, tzinfo=UTC),
    )
    return next(each for each in tools if each.manifest.name == f"mail.{name}")


def _checks() -> list[tuple[str, str]]:
    tools = mailbox_tools(
        "mail", "imap://127.0.0.1:9", username="x", password=fixed("x"), smtp_url=None, sender="x@acme.example"
    )
    found = {each.manifest.name: each.manifest for each in tools}
    return [
        (tool, name)
        for tool in CASES
        for manifest in [found[f"mail.{tool}"]]
        for name in check_names(manifest.effect, once=manifest.once, verbs=manifest.verbs, lies=LIES)
    ]


@pytest.fixture(scope="module")
def honest(imap: ImapServer) -> dict[str, Honest]:
    return {tool: Honest(_make(tool, case, imap)) for tool, case in CASES.items()}


@pytest.mark.parametrize(("tool", "promise"), _checks())
async def test_a_mailbox_tool_keeps_its_promise(
    imap: ImapServer, honest: dict[str, Honest], tool: str, promise: str
) -> None:
    making = _lying if promise.startswith(LIE) else _make
    await check(promise, making(tool, CASES[tool], imap), honest[tool])


# A copy may still arrive there, so that filing says that it cannot tell instead of "absent": see test_mailbox.
# What is promised of the manifest and of strange arguments has nothing to do with the server.
TWO_STEPS = tuple(each for each in check_names("write") if each not in (*OF_ARGUMENTS, "verify_before_apply_is_absent"))


@pytest.mark.parametrize("promise", TWO_STEPS)
async def test_filing_keeps_its_promise_where_a_server_cannot_move_in_one_step(imap: ImapServer, promise: str) -> None:
    await check(promise, _lying("file_mail", CASES["file_mail"], imap, hidden=("MOVE",)))


@pytest.mark.parametrize("tool", READS)
@pytest.mark.parametrize("promise", check_names("read"))
async def test_a_reading_tool_keeps_its_promise(imap: ImapServer, tool: str, promise: str) -> None:
    await check(promise, _make(tool, Case(READS[tool], _moved("INBOX"), _moved("INBOX")), imap))


# --- the answer, which cannot be taken back ---------------------------------------------------------------------------

VERBS: frozenset[Verb] = frozenset({"preview", "apply", "verify"})


@dataclass
class OnBoth:
    """An answer on both servers; SMTP lies."""

    tool: Tool
    arguments: JsonObject
    smtp: MailServer
    proxy: FaultySmtp
    hasty: Tool
    """The same with little patience: only for the answer that never comes, so that a slow machine runs into nothing."""
    lies: Sequence[str] = tuple(SMTP_KINDS)

    async def observe(self) -> Json:
        await self.proxy.settled()
        return {name: list(mails) for name, mails in self.smtp.world().items()}

    async def meddle(self) -> None:
        raise AssertionError("what arrived cannot be edited")

    async def lie(self, kind: str) -> None:
        if kind == "delay":
            self.tool = self.hasty
        self.proxy.break_(kind)


def _answering(root: Path, imap: ImapServer) -> Make:
    worlds = iter(range(10))

    @asynccontextmanager
    async def make() -> AsyncIterator[OnBoth]:
        folder = root / str(next(worlds))
        await asyncio.to_thread(_fill, imap)
        async with (
            mail_server(folder, imap.password, imap.user) as smtp,
            FaultySmtp("127.0.0.1", smtp.port) as proxy,
        ):
            patient, hasty = (
                mailbox_tools(
                    "mail",
                    imap.url,
                    username=imap.user,
                    password=fixed(imap.password),
                    smtp_url=f"smtp://127.0.0.1:{proxy.proxy_port}",
                    sender=f"Ada <{imap.user}>",
                    arrivals=MaildirMailbox(folder),
                    timeout=timeout,
                    now=lambda: datetime(2026, 10, 2, 8, tzinfo=UTC),
                )[-1]
                for timeout in (20.0, 1.0)
            )
            arguments: JsonObject = {"message": "<friday@acme.example>", "body": "Friday works.\n\nAda — 你好"}
            yield OnBoth(patient, arguments, smtp, proxy, hasty)

    return make


@pytest.mark.parametrize("promise", check_names("irreversible", once=False, verbs=VERBS, lies=tuple(SMTP_KINDS)))
async def test_an_answer_keeps_its_promise(imap: ImapServer, tmp_path: Path, promise: str) -> None:
    await check(promise, _answering(tmp_path, imap))
