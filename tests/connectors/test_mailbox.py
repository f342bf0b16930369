"""What the mailbox's tools do, seen on real IMAP and SMTP servers by other clients."""

from __future__ import annotations

import asyncio
import email
import email.policy
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.connectors.faulty_imap import FaultyImap
from tests.connectors.mail_server import ImapServer, MailServer, mail_server

import doer.skills
from doer import Doer
from doer.connectors.secrets import fixed
from doer.connectors.tools.mail import MaildirMailbox
from doer.connectors.tools.mailbox import mailbox_tools
from doer.domain.action import Intent, Preview, Receipt
from doer.domain.errors import CredentialRefused, OutcomeUnknown, Permanent, ToolError, Transient
from doer.domain.goal import Question
from doer.domain.outcome import Absent, Conflict, Refuted, Undone, Unknown, Verified
from doer.domain.plan import Plan
from doer.domain.ports import Tool
from doer.domain.template import resolve_all
from doer.domain.value import Hole, JsonObject, Key
from doer.planning.grounded import GroundedPlanner
from doer.planning.skills.file import load_skills
from doer.planning.skills.uses import workspace_skills

NOW = datetime(2026, 10, 2, 8, tzinfo=UTC)
FOLDERS = ("Archive", "Drafts", "Sent", "Projects/Offsite")


@pytest.fixture
def box(imap: ImapServer) -> ImapServer:
    imap.fresh(*FOLDERS)
    return imap


def letter(who: str, subject: str, name: str = "a", day: int = 1, text: str = "text", **headers: str) -> bytes:
    lines = {
        "From": who,
        "To": "ada@acme.example",
        "Message-ID": f"<{name}@x.example>",
        "Date": f"{day:02} Sep 2026 09:00:00 +0000",
        "Subject": subject,
        **{each.replace("_", "-"): value for each, value in headers.items()},
    }
    return (
        "".join(f"{each}: {value}\r\n" for each, value in lines.items() if value).encode() + f"\r\n{text}\r\n".encode()
    )


def put(box: ImapServer, content: bytes, day: int = 1, folder: str = "INBOX", flags: str = "") -> None:
    box.append(folder, content, flags, datetime(2026, 9, day, 9, tzinfo=UTC))


def tools(box: ImapServer, url: str = "", **settings: Any) -> dict[str, Tool]:
    chosen: dict[str, Any] = {"password": fixed(box.password), "smtp_url": None, "timeout": 5.0} | settings
    found = mailbox_tools(
        "post", url or box.url, username=box.user, sender=f"Ada <{box.user}>", now=lambda: NOW, **chosen
    )
    return {each.manifest.name.removeprefix("post."): each for each in found}


async def run(tool: Tool, key: str = "k1", **arguments: Any) -> tuple[Intent, Receipt]:
    changes = (await tool.preview(arguments, ())).changes
    return Intent(arguments, Key(key), changes), await tool.apply(arguments, Key(key), changes)


async def search(box: ImapServer, **arguments: Any) -> dict[str, Any]:
    _, receipt = await run(tools(box)["search_mail"], **arguments)
    assert isinstance(receipt.result, dict)
    return receipt.result


async def ids(box: ImapServer, **arguments: Any) -> list[str]:
    return [each["id"].strip("<>").split("@")[0] for each in (await search(box, **arguments))["messages"]]


def places(box: ImapServer) -> dict[str, int]:
    return {name: len(mails) for name, mails in box.world().items() if mails}


@asynccontextmanager
async def scripted(answer: Callable[[list[str]], bytes]) -> AsyncIterator[str]:
    """Serve as much IMAP as `answer` knows: for a mailbox that a real server would take a minute to fill, and for
    extensions that pymap lacks (Dovecot was tried by hand)."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        while line := await reader.readline():
            tag, *words = line.decode().split()
            told = answer(words)
            writer.write(
                told.replace(b"TAG", tag.encode()) if b"TAG " in told else told + tag.encode() + b" OK done\r\n"
            )
            if words == ["LOGOUT"]:
                break
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=2**24)
    try:
        yield f"imap://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


def crowd(words: list[str], mails: int = 10_000) -> bytes:
    """Answer with so many mails in INBOX."""

    def content(uid: int) -> bytes:
        return letter(f"p{uid % 50}@x.example", f"Mail {uid}", f"m{uid}")

    def fetched(uid: int, *, whole: bool) -> bytes:
        when = (datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=uid)).strftime("%d-%b-%Y %H:%M:%S +0000")
        body = b" BODY[] {%d}\r\n" % len(content(uid)) + content(uid) if whole else b""
        return b'* %d FETCH (UID %d FLAGS () INTERNALDATE "%s" RFC822.SIZE 9%s)\r\n' % (uid, uid, when.encode(), body)

    match words:
        case ["CAPABILITY"]:
            return b"* CAPABILITY IMAP4rev1\r\n"
        case ["LIST", *_]:
            return b'* LIST () "/" INBOX\r\n'
        case ["EXAMINE" | "SELECT", _]:
            return b"* %d EXISTS\r\n* OK [UIDVALIDITY 7] fine\r\n" % mails
        case ["UID", "SEARCH", *_]:
            return b"* SEARCH " + b" ".join(b"%d" % uid for uid in range(1, mails + 1)) + b"\r\n"
        case ["UID", "FETCH", uids, *parts]:
            return b"".join(fetched(int(uid), whole="BODY.PEEK" in str(parts)) for uid in uids.split(","))
        case _:
            return b""


# --- searching --------------------------------------------------------------------------------------------------------


async def test_mail_is_found_newest_first_by_all_that_is_said(box: ImapServer) -> None:
    put(box, letter("Billing <billing@shop.example>", "Invoice 4711", "a", 1, "please pay"), 1)
    put(box, letter("Billing <billing@shop.example>", "Your parcel", "b", 2), 2, flags="(\\Seen)")
    put(box, letter("Zed <zed@acme.example>", "Invoice of Zed", "c", 3), 3, "Archive")
    put(box, letter("Billing <billing@shop.example>", "Rechnung für die Ünïcode AG", "d", 4), 4)
    assert await ids(box, **{"from": "billing"}) == ["d", "b", "a"]
    assert await ids(box, **{"from": "billing", "subject": "invoice"}) == ["a"]
    assert await ids(box, subject="invoice") == ["c", "a"]
    assert await ids(box, subject="ünïcode") == ["d"]
    assert await ids(box, text="pay") == ["a"]
    assert await ids(box, since="2026-09-02", before="2026-09-04") == ["c", "b"]
    assert await ids(box, since="2026-09-02T11:00:00+02:00") == ["d", "c", "b"]
    assert await ids(box, since="2026-09-02T11:00:01+02:00") == ["d", "c"]
    assert await ids(box, on="2026-09-02") == ["b"]
    assert await ids(box, on="2026-09-02", since="2026-09-02T11:00:01+02:00") == []
    assert await ids(box, state="read") == ["b"]
    assert await ids(box, state="unread", folder="inbox") == ["d", "a"]
    assert await ids(box, state="flagged") == []
    assert await ids(box, folder="archive") == ["c"]
    assert await ids(box, limit=2) == ["d", "c"]
    (found,) = (await search(box, text="pay"))["messages"]
    assert (found["sender"], found["name"], found["snippet"]) == ("billing@shop.example", "Billing", "please pay")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Jo", ["jo"]),
        ("jo winter", ["jo"]),
        ("Jordan", ["jordan"]),
        ("winter", ["jordan", "jo"]),
        ("jo@acme.example", ["jo"]),
        ("acme.example", ["jo"]),
        ("@elsewhere.example", ["jordan"]),
        ("acme", ["jo"]),
        ("o@acme.example", []),
    ],
)
async def test_people_are_meant_by_whole_words(box: ImapServer, said: str, expected: list[str]) -> None:
    put(box, letter("Jo Winter <jo@acme.example>", "One", "jo", 1), 1)
    put(box, letter("Jordan Winter <jordan@elsewhere.example>", "Two", "jordan", 2), 2)
    assert await ids(box, **{"from": said}) == expected


async def test_the_newest_mail_of_each_sender_is_told(box: ImapServer) -> None:
    for day, who in enumerate(("Jo Winter <jo@acme.example>", "Jo Summer <JO@b.example>", "jo@acme.example"), 1):
        put(box, letter(who, f"mail {day}", f"m{day}", day), day)
    senders = (await search(box, **{"from": "Jo"}))["senders"]
    assert [(each["sender"], each["id"]) for each in senders] == [
        ("jo@acme.example", "<m3@x.example>"),
        ("JO@b.example", "<m2@x.example>"),
    ]


async def test_when_mail_came_decides_and_not_what_its_sender_wrote(box: ImapServer) -> None:
    put(box, letter("Jo <jo@acme.example>", "honest", "honest", 2), 2)
    put(box, letter("Jo <jo@evil.example>", "from the future", "future", 30).replace(b"2026", b"2099"), 1)
    assert await ids(box, **{"from": "Jo"}) == ["honest", "future"]


async def test_a_day_begins_where_its_reader_lives(box: ImapServer) -> None:
    box.append("INBOX", letter("Jo <jo@acme.example>", "late"), when=datetime(2026, 9, 1, 22, 30, tzinfo=UTC))
    berlin = tools(box, zone="Europe/Berlin")["search_mail"]
    for day, count in (("2026-09-01", 0), ("2026-09-02", 1)):
        found: Any = (await run(berlin, on=day))[1].result
        assert found["count"] == count
    with pytest.raises(Permanent, match="no time zone"):
        tools(box, zone="Moon/Crater")


async def test_one_mail_in_two_folders_is_told_once_and_drafts_are_not_searched(box: ImapServer) -> None:
    content = letter("Jo <jo@acme.example>", "twice")
    put(box, content)
    put(box, content, folder="Archive")
    put(box, letter("Jo <jo@acme.example>", "draft", "draft"), folder="Drafts")
    assert await ids(box, **{"from": "Jo"}) == ["a"]
    assert await ids(box, **{"from": "Jo"}, folder="Drafts") == ["draft"]


# --- mail that means no good ------------------------------------------------------------------------------------------

HOSTILE = {
    "empty": b"",
    "no header": b"\r\n\r\njust text",
    "garbage": bytes(range(256)) * 20,
    "null bytes": b"From: e\x00vil <e\x00vil@x.example>\r\nSubject: a\x00b\r\nMessage-ID: <n\x00ul@x>\r\n\r\na\x00b\r\n",
    "wrong charset": b"From: =?x-nonsense?q?=FF?= <a@x.example>\r\nContent-Type: text/plain; charset=klingon\r\n\r\n\xff\xfe",
    "broken base64": b"From: a@x.example\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!not base64!!!",
    "broken word": b"From: =?utf-8?b?====?= <a@x.example>\r\nSubject: =?utf-8?q?=ZZ?=\r\n\r\n",
    "unending parts": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 3000,
    "nested parts": b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(300)
    ),
    "no end": b"From: a@x.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p",
    "long line": b"From: " + b"a" * 100_000 + b"@x.example\r\nSubject: " + b"s" * 100_000 + b"\r\n\r\n",
    "many people": b"From: a@x.example\r\nTo: " + b", ".join(b"p%d@x.example" % n for n in range(5000)) + b"\r\n\r\n",
    "header injection": b"From: a@x.example\r\nSubject: =?utf-8?q?hi=0D=0ABcc:_eve@evil.example?=\r\nMessage-ID: <i@x>\r\n\r\n",
    "odd id": b'From: a@x.example\r\nMessage-ID: <") OR ALL {9}\r\n\r\n',
    "odd date": b"From: a@x.example\r\nDate: 99 Foo 99999 99:99:99 +9999\r\n\r\n",
    "group": b"From: undisclosed:;\r\nTo: team: a@x.example, b@x.example;\r\nReply-To: ,,,\r\n\r\n",
    "right to left": "From: \u202eevil\u202c <a@x.example>\r\nSubject: \u202egpj.exe\r\n\r\n".encode(),
}


@pytest.mark.parametrize("kind", HOSTILE)
async def test_a_hostile_mail_is_listed_read_marked_and_filed_calmly(box: ImapServer, kind: str) -> None:
    put(box, HOSTILE[kind] or b"\r\n")
    (found,) = (await search(box))["messages"]
    told = str(found)
    assert not re.search("[\x00-\x08\u202e]", told)
    assert len(told) < 60_000
    _, read = await run(tools(box)["read_mail"], message=found["id"])
    assert isinstance(read.result, dict)
    marking = tools(box)["mark_mail"]
    assert isinstance(await marking.verify(*(await run(marking, message=found["id"], state="read"))), Verified)
    filing = tools(box)["file_mail"]
    intent, receipt = await run(filing, message=found["id"], to="Archive")
    assert isinstance(await filing.verify(intent, receipt), Verified)
    assert places(box) == {"Archive": 1}
    assert isinstance(await filing.undo(receipt), Undone)
    assert places(box) == {"INBOX": 1}


async def test_an_injected_header_stays_one_line_of_text(box: ImapServer) -> None:
    put(box, HOSTILE["header injection"])
    preview = await tools(box, smtp_url="smtp://127.0.0.1:9")["reply"].preview({"message": "<i@x>", "body": "no"}, ())
    after: Any = preview.changes[0].after
    assert after["subject"] == "Re: hi Bcc: eve@evil.example"
    assert "bcc" not in after
    assert after["to"] == ["a@x.example"]


async def test_a_big_mail_is_shown_by_its_beginning(box: ImapServer) -> None:
    put(box, letter("Jo <jo@acme.example>", "big", text="word " * 400_000))
    (found,) = (await search(box))["messages"]
    assert len(found["snippet"]) == 300
    _, read = await run(tools(box)["read_mail"], message=found["id"])
    result: Any = read.result
    assert (len(result["text"]), result["complete"]) == (50_000, False)


async def test_ten_thousand_mails_are_searched_within_bounds(box: ImapServer) -> None:
    async with scripted(crowd) as url:
        found = (await run(tools(box, url)["search_mail"], subject="mail", limit=3))[1].result
        assert isinstance(found, dict)
        assert [each["id"] for each in found["messages"]] == [
            f"<m{number}@x.example>" for number in (10000, 9999, 9998)
        ]
        assert not found["complete"]
        assert len(found["senders"]) == 50


async def test_two_mails_that_share_an_id_are_not_confused(box: ImapServer) -> None:
    put(box, letter("Jo <jo@acme.example>", "real", "same"))
    put(box, letter("Jo <jo@evil.example>", "forged", "same"))
    reply = tools(box, smtp_url="smtp://127.0.0.1:9")["reply"]
    with pytest.raises(Permanent, match=r"2 different mails call themselves <same@x.example>") as refused:
        await reply.preview({"message": "<same@x.example>", "body": "hello"}, ())
    first = re.search(r"imap:\S+UID=\d+", str(refused.value))
    assert first is not None
    change: Any = (await reply.preview({"message": first[0], "body": "hello"}, ())).changes[0]
    assert change.after["to"] == ["Jo <jo@acme.example>"]
    filing = tools(box)["file_mail"]
    intent, receipt = await run(filing, message=first[0], to="Archive")
    assert isinstance(await filing.verify(intent, receipt), Verified)
    assert "real" in box.world()["Archive"][0]["content"]


# --- filing -----------------------------------------------------------------------------------------------------------


async def test_a_mail_is_filed_and_comes_back_with_its_marks(box: ImapServer) -> None:
    put(box, letter("Jo <jo@acme.example>", "Hello"), flags="(\\Seen \\Flagged)")
    before = box.world()
    filing = tools(box)["file_mail"]
    intent, receipt = await run(filing, message="a@x.example", to="offsite")
    assert receipt.result == {"id": "<a@x.example>", "folder": "Projects/Offsite"}
    assert places(box) == {"Projects/Offsite": 1}
    assert isinstance(await filing.verify(intent, receipt), Verified)
    assert isinstance(await filing.undo(receipt), Undone)
    assert box.world() == before


async def test_a_copy_that_was_there_before_is_neither_a_double_nor_moved(box: ImapServer) -> None:
    content = letter("Jo <jo@acme.example>", "Hello")
    put(box, content)
    put(box, content, folder="Archive")
    before = box.world()
    filing = tools(box)["file_mail"]
    intent, receipt = await run(filing, message="<a@x.example>", folder="INBOX", to="Archive")
    assert intent.changes[0].before["also_in"] == ["Archive"]  # type: ignore[index,call-overload]
    assert places(box) == {"Archive": 2}
    assert isinstance(await filing.verify(intent, receipt), Verified)
    assert isinstance(await filing.undo(receipt), Undone)
    assert box.world() == before
    with pytest.raises(Permanent, match="several places"):
        await filing.preview({"message": "<a@x.example>", "to": "Archive"}, ())


async def test_a_missing_folder_is_told_with_the_nearest(box: ImapServer) -> None:
    put(box, letter("Jo <jo@acme.example>", "Hello"))
    with pytest.raises(Permanent, match="no folder 'Archives' in this mailbox; the nearest are Archive"):
        await tools(box)["file_mail"].preview({"message": "<a@x.example>", "to": "Archives"}, ())
    with pytest.raises(Permanent, match=r"no mail <b@x.example>"):
        await tools(box)["file_mail"].preview({"message": "<b@x.example>", "to": "Archive"}, ())


async def test_filing_after_marking_starts_from_what_marking_will_leave(box: ImapServer) -> None:
    put(box, letter("Jo <jo@acme.example>", "Hello"))
    found = tools(box)
    marked = (await found["mark_mail"].preview({"message": "<a@x.example>", "state": "read"}, ())).changes
    (filed,) = (await found["file_mail"].preview({"message": "<a@x.example>", "to": "Archive"}, marked)).changes
    assert filed.before == marked[0].after
    _, first = await run(found["mark_mail"], message="<a@x.example>", state="read")
    _, second = await run(found["file_mail"], "k2", message="<a@x.example>", to="Archive")
    assert isinstance(await found["file_mail"].undo(second), Undone)
    assert isinstance(await found["mark_mail"].undo(first), Undone)
    assert [each["flags"] for each in box.world()["INBOX"]] == [""]


async def test_a_lost_move_is_found_again_and_one_that_never_went_is_absent(box: ImapServer) -> None:
    put(box, letter("Jo <jo@acme.example>", "Hello"))
    arguments: JsonObject = {"message": "<a@x.example>", "to": "Archive"}
    async with FaultyImap(box.port) as proxy:
        filing = tools(box, proxy.url)["file_mail"]
        changes = (await filing.preview(arguments, ())).changes
        for kind, expected in (("lose", Absent), ("cut", Verified)):
            proxy.break_(kind)
            with pytest.raises(OutcomeUnknown):
                await filing.apply(arguments, Key("k1"), changes)
            assert isinstance(await filing.verify(Intent(arguments, Key("k1"), changes)), expected)
    assert places(box) == {"Archive": 1}


async def test_a_server_that_moves_in_two_steps_does_not_say_absent(box: ImapServer) -> None:
    put(box, letter("Jo <jo@acme.example>", "Hello"))
    arguments: JsonObject = {"message": "<a@x.example>", "to": "Archive"}
    async with FaultyImap(box.port, hidden=("MOVE",), strikes=("COPY",)) as proxy:
        filing = tools(box, proxy.url)["file_mail"]
        changes = (await filing.preview(arguments, ())).changes
        proxy.break_("lose")
        with pytest.raises(OutcomeUnknown):
            await filing.apply(arguments, Key("k1"), changes)
        assert isinstance(await filing.verify(Intent(arguments, Key("k1"), changes)), Unknown)
        assert not any("MOVE" in each for each in proxy.said)


async def test_nobody_elses_deleted_mail_is_expunged(box: ImapServer) -> None:
    put(box, letter("Jo <jo@acme.example>", "Hello"))
    put(box, letter("Zed <zed@acme.example>", "marked as deleted by another program", "z"), flags="(\\Deleted)")
    async with FaultyImap(box.port, hidden=("MOVE",)) as proxy:
        found = tools(box, proxy.url)
        await run(found["file_mail"], message="<a@x.example>", to="Archive")
        await run(found["mark_mail"], "k2", message="<z@x.example>", state="flagged")
    assert places(box) == {"Archive": 1, "INBOX": 1}


async def test_a_server_without_move_and_uidplus_is_told_plainly(box: ImapServer) -> None:
    put(box, letter("Jo <jo@acme.example>", "Hello"))
    async with FaultyImap(box.port, hidden=("MOVE", "UIDPLUS")) as proxy:
        found = tools(box, proxy.url)
        with pytest.raises(Permanent, match="UIDPLUS"):
            await found["file_mail"].preview({"message": "<a@x.example>", "to": "Archive"}, ())
        draft = await found["create_draft"].preview({"to": ["jo@acme.example"], "subject": "s", "body": "b"}, ())
    assert draft.effect == "irreversible"
    assert "cannot be taken back" in draft.note


async def test_a_full_mailbox_says_no_and_nothing_was_done(box: ImapServer) -> None:
    put(box, letter("Jo <jo@acme.example>", "Hello"))
    async with FaultyImap(box.port) as proxy:
        filing = tools(box, proxy.url)["file_mail"]
        proxy.break_("no")
        with pytest.raises(Permanent, match="OVERQUOTA"):
            await run(filing, message="<a@x.example>", to="Archive")
    assert places(box) == {"INBOX": 1}


# --- marking ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flags", "mark", "left"),
    [
        ("", "read", "\\Seen"),
        ("(\\Seen)", "unread", ""),
        ("", "flagged", "\\Flagged"),
        ("(\\Flagged)", "unflagged", ""),
    ],
)
async def test_a_mark_is_set_and_put_back(box: ImapServer, flags: str, mark: str, left: str) -> None:
    put(box, letter("Jo <jo@acme.example>", "Hello"), flags=flags)
    marking = tools(box)["mark_mail"]
    intent, receipt = await run(marking, message="<a@x.example>", state=mark)
    assert [each["flags"] for each in box.world()["INBOX"]] == [left]
    assert isinstance(await marking.verify(intent, receipt), Verified)
    assert isinstance(await marking.undo(receipt), Undone)
    assert [each["flags"] for each in box.world()["INBOX"]] == [flags.strip("()")]


async def test_a_mark_that_somebody_else_took_away_is_not_set_again_by_undo(box: ImapServer) -> None:
    put(box, letter("Jo <jo@acme.example>", "Hello"))
    marking = tools(box)["mark_mail"]
    intent, receipt = await run(marking, message="<a@x.example>", state="read")
    box.change("INBOX", ("STORE", "-FLAGS", "(\\Seen)"), ("STORE", "+FLAGS", "(\\Flagged)"))
    assert isinstance(await marking.verify(intent, receipt), Refuted)
    assert isinstance(await marking.undo(receipt), Undone)
    assert [each["flags"] for each in box.world()["INBOX"]] == ["\\Flagged"]


async def test_a_mail_that_changed_after_the_preview_is_left_alone(box: ImapServer) -> None:
    put(box, letter("Jo <jo@acme.example>", "Hello"))
    marking = tools(box)["mark_mail"]
    arguments: JsonObject = {"message": "<a@x.example>", "state": "flagged"}
    changes = (await marking.preview(arguments, ())).changes
    box.change("INBOX", ("STORE", "+FLAGS", "(\\Seen)"))
    with pytest.raises(Permanent, match="not as it was foretold"):
        await marking.apply(arguments, Key("k1"), changes)


async def test_a_server_that_counts_changes_compares_by_itself(box: ImapServer) -> None:
    said: list[str] = []

    def answer(words: list[str]) -> bytes:
        said.append(" ".join(words))
        match words:
            case ["CAPABILITY"]:
                return b"* CAPABILITY IMAP4rev1 CONDSTORE\r\n"
            case ["UID", "STORE", *_]:
                return b"TAG OK [MODIFIED 1] somebody was faster\r\n"
            case _:
                return crowd(words, mails=1).replace(b"FLAGS ()", b"FLAGS () MODSEQ (715)")

    async with scripted(answer) as url:
        marking = tools(box, url)["mark_mail"]
        assert (await marking.preview({"message": "<m1@x.example>", "state": "read"}, ())).note == ""
        with pytest.raises(Permanent, match="changed by somebody else in this moment"):
            await run(marking, message="<m1@x.example>", state="read")
    assert "UID STORE 1 (UNCHANGEDSINCE 715) +FLAGS (\\Seen)" in said


# --- drafts -----------------------------------------------------------------------------------------------------------

DRAFT: dict[str, Any] = {"to": ["ana@acme.example"], "subject": "Offsite", "body": "Shall we?"}


async def test_a_draft_lies_among_the_drafts_and_is_never_sent(box: ImapServer) -> None:
    drafting = tools(box)["create_draft"]
    intent, receipt = await run(drafting, **DRAFT)
    (draft,) = box.world()["Drafts"]
    message = email.message_from_string(draft["content"], policy=email.policy.default)
    assert (message["To"], message["Subject"], message["Message-ID"]) == (
        "ana@acme.example",
        "Offsite",
        "<k1@doer.acme.example>",
    )
    assert draft["flags"] == "\\Draft \\Seen"
    assert isinstance(await drafting.verify(intent, receipt), Verified)
    assert isinstance(await drafting.undo(receipt), Undone)
    assert places(box) == {}


async def test_a_draft_that_was_sent_since_is_a_conflict(box: ImapServer) -> None:
    drafting = tools(box)["create_draft"]
    _, receipt = await run(drafting, **DRAFT)
    box.change("Drafts", ("MOVE", "Sent"))
    found = await drafting.undo(receipt)
    assert isinstance(found, Conflict)
    assert "Sent" in found.reason


async def test_a_mailbox_without_a_drafts_folder_says_so(box: ImapServer) -> None:
    box.fresh("Entwurf")
    with pytest.raises(Permanent, match="no folder 'Drafts'"):
        await tools(box)["create_draft"].preview(DRAFT, ())
    assert isinstance(await tools(box, drafts="Entwurf")["create_draft"].preview(DRAFT, ()), Preview)


# --- answering --------------------------------------------------------------------------------------------------------


@dataclass
class Post:
    """Both servers and the tools on them."""

    smtp: MailServer
    box: ImapServer
    found: dict[str, Tool]

    async def reply(self, key: str = "k1", **arguments: Any) -> tuple[Intent, Receipt]:
        return await run(self.found["reply"], key, **{"message": "<a@x.example>", "body": "Friday works.", **arguments})

    async def shown(self, **arguments: Any) -> tuple[Any, str]:
        said = {"message": "<a@x.example>", "body": "Friday works.", **arguments}
        preview = await self.found["reply"].preview(said, ())
        return preview.changes[0].after, preview.note

    def arrived(self, who: str) -> list[email.message.EmailMessage]:
        return self.smtp.messages(who)


@asynccontextmanager
async def posts(root: Path, box: ImapServer, *, readable: bool = True) -> AsyncIterator[Post]:
    async with mail_server(root, box.password, box.user) as smtp:
        arrivals = MaildirMailbox(root) if readable else None
        yield Post(smtp, box, tools(box, smtp_url=smtp.url, arrivals=arrivals))


@pytest.fixture
async def post(tmp_path: Path, box: ImapServer) -> AsyncIterator[Post]:
    async with posts(tmp_path / "mail", box) as running:
        yield running


async def test_an_answer_goes_to_the_sender_in_the_thread_and_a_copy_is_kept(post: Post) -> None:
    put(
        post.box,
        letter("Jo Winter <jo@acme.example>", "Friday?", text="Does Friday\n> work?", References="<1@x> <2@x>"),
    )
    intent, receipt = await post.reply()
    assert receipt.result == {"message_id": "<k1@doer.acme.example>", "recipients": ["jo@acme.example"]}
    (message,) = post.arrived("jo@acme.example")
    assert message["Subject"] == "Re: Friday?"
    assert message["In-Reply-To"] == "<a@x.example>"
    assert message["References"] == "<1@x> <2@x> <a@x.example>"
    assert message.get_content().splitlines() == [
        "Friday works.",
        "",
        "On 2026-09-01 09:00, Jo Winter wrote:",
        "> Does Friday",
        ">> work?",
    ]
    world = post.box.world()
    (copy,) = world["Sent"]
    assert "Message-ID: <k1@doer.acme.example>" in copy["content"]
    assert copy["flags"] == "\\Seen"
    assert [each["flags"] for each in world["INBOX"]] == ["\\Answered"]
    assert isinstance(await post.found["reply"].verify(intent, receipt), Verified)


async def test_an_answer_is_proven_also_when_the_mail_is_gone_and_some_folder_may_not_be_opened(post: Post) -> None:
    put(post.box, letter('"Winter, Jo \u00fc" <jo@acme.example>', "Friday?"))
    intent, receipt = await post.reply()
    post.box.change("INBOX", ("STORE", "+FLAGS", "(\\Deleted)"), ("EXPUNGE",))
    async with FaultyImap(post.box.port, closed=("Archive",)) as proxy:
        reply = tools(post.box, proxy.url, smtp_url=post.smtp.url, arrivals=MaildirMailbox(post.smtp.root))["reply"]
        assert isinstance(await reply.verify(intent, receipt), Verified)
        assert any("Archive" in each for each in proxy.said)


async def test_the_preview_shows_the_exact_address_and_warns_when_it_is_not_the_senders(post: Post) -> None:
    put(post.box, letter("Jo <jo@acme.example>", "Hi", Reply_To="Jo <jo@evil.example>"))
    (change,) = (await post.found["reply"].preview({"message": "<a@x.example>", "body": "yes"}, ())).changes
    assert change.resource == "mail:post/jo@evil.example/Re: Hi"
    assert change.echoes[0] == "mail delivered to jo@evil.example"
    _, note = await post.shown()
    assert "the answer goes to jo@evil.example, and the mail came from jo@acme.example" in note
    put(post.box, letter("no-reply@shop.example", "Order", "b"))
    _, note = await post.shown(message="<b@x.example>")
    assert "nobody reads answers" in note
    assert post.found["reply"].manifest.roles == {"message": "destination"}


@pytest.mark.parametrize(
    ("subject", "answered"),
    [
        ("Friday?", "Re: Friday?"),
        ("Re: Friday?", "Re: Friday?"),
        ("RE: AW: Re[2]: Friday?", "Re: Friday?"),
        ("Fwd: Friday?", "Re: Fwd: Friday?"),
        ("Regarding: x", "Re: Regarding: x"),
        ("", "Re:"),
        ("=?utf-8?b?RnLDvGhzdMO8Y2s=?=", "Re: Frühstück"),
    ],
)
async def test_a_subject_has_one_re(post: Post, subject: str, answered: str) -> None:
    put(post.box, letter("Jo <jo@acme.example>", subject))
    after, _ = await post.shown()
    assert after["subject"] == answered


async def test_everyone_means_all_but_me_and_my_own_mail_is_answered_to_whom_it_went(post: Post) -> None:
    people = {
        "To": "ada@acme.example, Bob <bob@acme.example>",
        "Cc": "JO@acme.example, eve@acme.example, not an address",
    }
    put(post.box, letter("Jo <jo@acme.example>", "Hi", To=people["To"], Cc=people["Cc"]))
    after, _ = await post.shown(everyone=True)
    assert (after["to"], after["cc"]) == (["Jo <jo@acme.example>"], ["Bob <bob@acme.example>", "eve@acme.example"])
    assert "cc" not in (await post.shown())[0]
    put(post.box, letter("Ada <ada@acme.example>", "mine", "b", To="Bob <bob@acme.example>"))
    assert (await post.shown(message="<b@x.example>"))[0]["to"] == ["Bob <bob@acme.example>"]
    put(post.box, letter("", "nobody", "c"))
    with pytest.raises(Permanent, match="names no address"):
        await post.shown(message="<c@x.example>")


async def test_an_answer_without_the_mail_below_it(post: Post) -> None:
    put(post.box, letter("Jo <jo@acme.example>", "Hi"))
    assert (await post.shown(quote=False))[0]["body"] == "Friday works."


async def test_a_second_try_with_the_same_key_sends_nothing_again(post: Post) -> None:
    put(post.box, letter("Jo <jo@acme.example>", "Hi"))
    await post.reply()
    again = tools(post.box, smtp_url=post.smtp.url)["reply"]  # another process
    await run(again, message="<a@x.example>", body="Friday works.")
    assert post.smtp.transactions == 1


async def test_an_answer_whose_arrival_cannot_be_seen_is_unproven_although_a_copy_is_kept(
    tmp_path: Path, box: ImapServer
) -> None:
    put(box, letter("Jo <jo@elsewhere.example>", "Hi"))
    async with posts(tmp_path, box, readable=False) as post:
        intent, receipt = await post.reply()
        found = await post.found["reply"].verify(intent, receipt)
        assert isinstance(found, Unknown)
        assert found.final
        assert "copy in the sent mail" in found.reason
        assert "jo@elsewhere.example" in found.reason


async def test_an_answer_that_came_back_is_refuted(tmp_path: Path, box: ImapServer) -> None:
    put(box, letter("Jo <jo@elsewhere.example>", "Hi"))
    async with posts(tmp_path, box, readable=False) as post:
        intent, receipt = await post.reply()
        report = (
            b"From: MAILER-DAEMON@x.example\r\nSubject: Undelivered\r\nMessage-ID: <bounce@x>\r\n"
            b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
            b"--b\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\n\r\n"
            b"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <k1@doer.acme.example>\r\n\r\n--b--\r\n"
        )
        put(box, report)
        found = await post.found["reply"].verify(intent, receipt)
    assert isinstance(found, Refuted)
    assert "Undelivered" in found.reason


async def test_a_mailbox_without_a_sent_folder_still_answers(tmp_path: Path, box: ImapServer) -> None:
    box.fresh()
    put(box, letter("Jo <jo@acme.example>", "Hi"))
    async with posts(tmp_path, box) as post:
        intent, receipt = await post.reply()
        assert isinstance(await post.found["reply"].verify(intent, receipt), Verified)
    assert places(box) == {"INBOX": 1}


async def test_values_known_later_are_not_looked_up(box: ImapServer) -> None:
    found = tools(box, "imap://127.0.0.1:9", smtp_url="smtp://127.0.0.1:9")
    later = Hole.of("id of mail")
    for name, arguments in (
        ("mark_mail", {"message": later, "state": "read"}),
        ("file_mail", {"message": later, "to": "Archive"}),
        ("reply", {"message": later, "body": "yes"}),
        ("create_draft", {**DRAFT, "body": later}),
    ):
        preview = await found[name].preview(arguments, ())
        assert len(preview.changes) == 1


# --- a server that says no, or nothing --------------------------------------------------------------------------------


async def test_a_wrong_password_says_which_connection_to_renew_and_is_not_shown(box: ImapServer) -> None:
    for secret in ("canary", "cänary", "can\r\nary"):
        with pytest.raises(CredentialRefused, match="doer connect mail post") as refused:
            await run(tools(box, password=fixed(secret))["search_mail"])
        seen: BaseException | None = refused.value
        while seen is not None:
            assert secret not in repr(seen)
            seen = seen.__cause__


async def test_a_server_that_is_not_there_is_tried_later(box: ImapServer) -> None:
    with pytest.raises(Transient, match="not reached"):
        await run(tools(box, "imap://127.0.0.1:9")["search_mail"])
    with pytest.raises(Permanent, match="in the clear"):
        await run(tools(box, "imap://mail.acme.example")["search_mail"])


@pytest.mark.parametrize(
    "wrong", [{"since": "soon"}, {"since": "2026-09-02T12:00:00"}, {"text": "a\r\nb"}, {"folder": "Nope"}]
)
async def test_a_search_that_makes_no_sense_is_refused(box: ImapServer, wrong: JsonObject) -> None:
    with pytest.raises(ToolError):
        await search(box, **wrong)


async def test_folders_are_listed_with_their_use_and_what_lies_in_them(box: ImapServer) -> None:
    put(box, letter("Jo <jo@acme.example>", "one"))
    put(box, letter("Jo <jo@acme.example>", "two", "b"), flags="(\\Seen)")
    _, receipt = await run(tools(box)["list_folders"])
    result: Any = receipt.result
    assert result["count"] == 5
    assert result["folders"][0] == {"name": "INBOX", "use": "inbox", "messages": 2, "unread": 1}
    assert {each["name"]: each["use"] for each in result["folders"]}["Archive"] == "archive"


async def test_the_folders_that_the_server_marks_are_used_before_the_settings(box: ImapServer) -> None:
    def answer(words: list[str]) -> bytes:
        match words:
            case ["CAPABILITY"]:
                return b"* CAPABILITY IMAP4rev1 SPECIAL-USE LIST-EXTENDED MOVE UIDPLUS\r\n"
            case ["LIST", _, _, "RETURN", "(SPECIAL-USE)"]:
                return (
                    b'* LIST (\\HasNoChildren) "." INBOX\r\n* LIST (\\Archive) "." "Ablage"\r\n'
                    b'* LIST (\\Drafts) "." "Entw&APw-rfe"\r\n* LIST () "." "Archive.old"\r\n* LIST () "." {4}\r\na"b\\\r\n'
                    b'* LIST (\\All \\Noselect) NIL "[All]"\r\n'
                )
            case _:
                return crowd(words, mails=1)

    async with scripted(answer) as url:
        found = tools(box, url)
        filed = await found["file_mail"].preview({"message": "<m1@x.example>", "folder": "INBOX", "to": "archive"}, ())
        assert filed.result == {"id": "<m1@x.example>", "folder": "Ablage"}
        assert (await found["create_draft"].preview(DRAFT, ())).result == {"folder": "Entwürfe"}
        listed: Any = (await run(found["list_folders"]))[1].result
        assert [each["name"] for each in listed["folders"]] == ["INBOX", "Ablage", "Archive.old", "Entwürfe", 'a"b\\']


async def test_a_login_that_fails_for_other_reasons_does_not_blame_the_password(box: ImapServer) -> None:
    def answer(words: list[str]) -> bytes:
        return b"TAG NO [UNAVAILABLE] the directory is down\r\n" if words[0] == "LOGIN" else crowd(words)

    async with scripted(answer) as url:
        with pytest.raises(Transient, match="does not let anybody in now"):
            await run(tools(box, url)["search_mail"])


# --- from words -------------------------------------------------------------------------------------------------------

SKILLS = Path(doer.skills.__file__).parent / "mail"


@pytest.fixture
def planned(box: ImapServer) -> Callable[[str], list[tuple[str, dict[str, Any]]] | Question]:
    """Plan a sentence with the mailbox's tools, the shipped skills and those beside this file."""
    put(box, letter("Jo Winter <jo@acme.example>", "Friday?", "friday", 1), 1)
    put(box, letter("Jo Winter <jo@acme.example>", "Offsite", "offsite", 2), 2)
    put(box, letter("Jordan <jordan@acme.example>", "later", "later", 3), 3)
    put(box, letter("Lee Winter <lee@acme.example>", "one Lee", "lee1", 1), 1)
    put(box, letter("Lee Summer <summer@acme.example>", "other Lee", "lee2", 2), 2)
    put(box, letter("News <newsletter@shop.example>", "News 1", "n1", 1), 1)
    put(box, letter("News <newsletter@shop.example>", "News 2", "n2", 2), 2)
    found = [
        *mailbox_tools(
            "mail",
            box.url,
            username=box.user,
            password=fixed(box.password),
            smtp_url="smtp://127.0.0.1:9",
            sender=box.user,
        )
    ]
    names = [each.manifest.name for each in found]
    skills = workspace_skills(load_skills([SKILLS]), {"mail": "mail"}, names)
    doer = Doer(tools=found, planners=[GroundedPlanner(skills)])

    def plan(said: str) -> list[tuple[str, dict[str, Any]]] | Question:
        proposal = doer.plan_sync(said)
        if isinstance(proposal, Question):
            return proposal
        assert isinstance(proposal, Plan), proposal
        return [(step.tool.removeprefix("mail."), dict(resolve_all(step.arguments, {}))) for step in proposal.steps]

    return plan


LAST = {"message": "<offsite@x.example>", "folder": "INBOX"}


@pytest.mark.parametrize(
    ("said", "steps"),
    [
        ("reply to the last mail from Jo that Friday works", [("reply", {**LAST, "body": "Friday works"})]),
        ("mark the last mail from Jo as read", [("mark_mail", {**LAST, "state": "read"})]),
        ("move the last mail from Jo to Archive", [("file_mail", {**LAST, "to": "Archive"})]),
        (
            "file the mails from newsletter@shop.example into Archive",
            [
                ("file_mail", {"message": f"<n{number}@x.example>", "folder": "INBOX", "to": "Archive"})
                for number in (2, 1)
            ],
        ),
        (
            "draft a mail to ana@acme.example about the offsite saying we should go",
            [("create_draft", {"to": ["ana@acme.example"], "subject": "offsite", "body": "we should go"})],
        ),
        ("find mails from billing about the invoice", [("search_mail", {"from": "Billing", "subject": "invoice"})]),
        ("show me the mails from Jo", [("search_mail", {"from": "Jo"})]),
        ("show my unread mails", [("search_mail", {"state": "unread"})]),
        ("list my mail folders", [("list_folders", {})]),
    ],
)
def test_an_everyday_sentence_about_mail_is_understood(
    planned: Callable[[str], object], said: str, steps: list[tuple[str, dict[str, Any]]]
) -> None:
    assert planned(said) == steps


def test_the_last_mail_from_somebody_is_a_question_where_two_have_that_name(planned: Callable[[str], object]) -> None:
    question = planned("reply to the last mail from Lee that Friday works")
    assert isinstance(question, Question)
    assert [each.label.partition(",")[0] for each in question.options] == [
        "Lee Summer <summer@acme.example>: other Lee",
        "Lee Winter <lee@acme.example>: one Lee",
    ]
