"""What sending and finding mail do, seen on real SMTP and IMAP servers."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.connectors.mail_server import ImapServer, MailServer, imap_server, mail_server

from doer.connectors.secrets import fixed
from doer.connectors.tools.mail import ImapMailbox, Mailbox, MaildirMailbox, mail_tools
from doer.domain.action import Intent, Receipt
from doer.domain.errors import OutcomeUnknown, Permanent, Transient
from doer.domain.outcome import Absent, Refuted, Unknown, Verification, Verified
from doer.domain.ports import Tool
from doer.domain.value import Hole, JsonObject, Key
from doer.testing.faults import FaultySmtp

MAIL: JsonObject = {"to": ["ada@acme.example"], "subject": "Hello", "body": "First line\nsecond line\n"}
NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[MailServer]:
    async with mail_server(tmp_path / "mail") as running:
        yield running


@pytest.fixture(scope="module")
def imap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImapServer]:
    with imap_server(tmp_path_factory.mktemp("imap") / "log") as running:
        yield running


def sender(url: str, mailbox: Mailbox | None = None, **settings: Any) -> Tool:
    chosen: dict[str, Any] = {"sender": "sam@acme.example", "timeout": 2.0, "now": lambda: NOW} | settings
    return mail_tools("mail", url, mailbox=mailbox, **chosen)[0]


async def send(tool: Tool, arguments: JsonObject, key: str = "k1") -> tuple[Intent, Receipt]:
    changes = (await tool.preview(arguments, ())).changes
    return Intent(arguments, Key(key), changes), await tool.apply(arguments, Key(key), changes)


async def sent(tool: Tool, arguments: JsonObject, key: str = "k1") -> Verification:
    return await tool.verify(*(await send(tool, arguments, key)))


# --- what goes out ----------------------------------------------------------------------------------------------------


async def test_a_mail_goes_out_once_to_everybody_and_shows_nobody_in_bcc(server: MailServer) -> None:
    tool = sender(server.url, MaildirMailbox(server.root))
    arguments = {
        **MAIL,
        "to": ["Ada@acme.example", "ada@acme.example"],
        "cc": ["bob@acme.example"],
        "bcc": ["eve@acme.example"],
    }
    intent, receipt = await send(tool, arguments)
    assert receipt.result == {
        "message_id": "<k1@doer.acme.example>",
        "recipients": ["Ada@acme.example", "bob@acme.example", "eve@acme.example"],
    }
    assert isinstance(await tool.verify(intent, receipt), Verified)
    world = server.world()
    assert [(box, len(mails)) for box, mails in world.items()] == [
        ("ada@acme.example", 1),
        ("bob@acme.example", 1),
        ("eve@acme.example", 1),
    ]
    assert world["ada@acme.example"][0]["Bcc"] == "None"
    assert (server.transactions, tool.manifest.effect, tool.manifest.once) == (1, "irreversible", False)


async def test_a_preview_names_everybody_who_will_get_it(server: MailServer) -> None:
    preview = await sender(server.url).preview({**MAIL, "cc": ["bob@acme.example"]}, ())
    (change,) = preview.changes
    assert not change.reversible
    assert change.echoes == ("mail delivered to ada@acme.example", "mail delivered to bob@acme.example")
    assert "nothing will prove its arrival" in preview.note
    assert server.world() == {}


async def test_files_of_the_folder_go_with_it_and_no_others(server: MailServer, tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    (files / "agenda.pdf").write_bytes(b"%PDF \x00\xff")
    (tmp_path / "secret").write_text("secret")
    (files / "link").symlink_to(tmp_path / "secret")
    tool = sender(server.url, MaildirMailbox(server.root), files=files)
    text = {"name": "notes.txt", "content_base64": base64.b64encode("ünïcode\n".encode()).decode()}
    assert isinstance(
        await sent(
            tool,
            {**MAIL, "attachments": [{"path": "agenda.pdf"}, text, {"name": "old.eml", "content_base64": "QTogYgo="}]},
        ),
        Verified,
    )
    (message,) = server.messages("ada@acme.example")
    names = [(each.get_filename(), each.get_content()) for each in message.iter_attachments()]
    assert names == [("agenda.pdf", b"%PDF \x00\xff"), ("notes.txt", "ünïcode\n"), ("old.eml", b"A: b\n")]
    for path in ("../secret", "link", "/etc/passwd", "missing", "a\0b", ".git/config"):
        with pytest.raises(Permanent):
            await tool.preview({**MAIL, "attachments": [{"path": path}]}, ())


async def test_a_file_that_changed_after_the_preview_is_not_sent(server: MailServer, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("shown")
    tool = sender(server.url, files=tmp_path)
    arguments: JsonObject = {**MAIL, "attachments": [{"path": "a.txt"}]}
    changes = (await tool.preview(arguments, ())).changes
    (tmp_path / "a.txt").write_text("other")
    with pytest.raises(Permanent, match="not the one that was shown"):
        await tool.apply(arguments, Key("k1"), changes)
    assert server.transactions == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"to": []},
        {"to": ["ada"]},
        {"to": ["ada@acme.example\r\nBcc: eve@evil.example"]},
        {"to": ["ada@acme.example, eve@evil.example"]},
        {"to": ["ada@acme.example <eve@evil.example>"]},
        {"to": ["Ada <ada@acme.example> <eve@evil.example>"]},
        {"to": ["<script>@acme.example"]},
        {"to": ["ada@-acme-.example"]},
        {"to": ["a" * 65 + "@acme.example"]},
        {"to": ["ünï@acme.example"]},
        {"to": [f"a{number}@acme.example" for number in range(51)]},
        {"subject": "Hello\nBcc: eve@evil.example"},
        {"subject": "Hello\u2028Bcc: eve@evil.example"},
        {"subject": " "},
        {"body": "a\0b"},
        {"attachments": [{"name": "../../x", "content_base64": ""}]},
        {"attachments": [{"name": "x", "content_base64": "not base64!"}]},
        {"attachments": [{"path": "x"}]},
    ],
)
async def test_what_cannot_or_should_not_be_sent_is_refused(server: MailServer, wrong: JsonObject) -> None:
    with pytest.raises(Permanent):
        await sender(server.url).preview({**MAIL, **wrong}, ())
    assert server.transactions == 0


async def test_a_domain_of_other_letters_travels_as_ascii(server: MailServer) -> None:
    tool = sender(server.url, MaildirMailbox(server.root))
    assert isinstance(await sent(tool, {**MAIL, "to": ["Jörg <jorg@Bücher.example>"]}), Verified)
    assert list(server.world()) == ["jorg@xn--bcher-kva.example"]


async def test_values_known_later_are_shown_where_they_will_be(server: MailServer) -> None:
    tool = sender(server.url)
    later = {**MAIL, "to": [Hole.of("email of account"), "Bob <bob@acme.example>"], "body": f"at {Hole.of('start')}"}
    (open_change,) = (await tool.preview(later, ())).changes
    (change,) = (await tool.preview({**MAIL, "to": ["ada@acme.example", "Bob <bob@acme.example>"]}, ())).changes
    assert isinstance(open_change.after, dict)
    assert isinstance(change.after, dict)
    assert open_change.after.keys() == change.after.keys()
    assert open_change.after["to"] == ["‹email of account›", "Bob <bob@acme.example>"]


# --- a server that says no, or nothing --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("people", "error"),
    [
        (["nobody@acme.example"], Permanent),
        (["ada@acme.example", "nobody@acme.example"], Permanent),
        (["busy@acme.example"], Transient),
        (["busy@acme.example", "nobody@acme.example"], Permanent),
    ],
)
async def test_one_refused_recipient_stops_the_whole_mail(
    server: MailServer, people: list[str], error: type[Exception]
) -> None:
    with pytest.raises(error, match=people[-1]):
        await send(sender(server.url), {**MAIL, "to": people})
    assert server.transactions == 0


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ("554 5.6.0 content refused", Permanent),
        ("552 5.3.4 too big", Permanent),
        ("451 4.3.0 fell over", OutcomeUnknown),
        ("500 fell over", OutcomeUnknown),
    ],
)
async def test_an_answer_to_the_message_is_no_only_where_it_says_no(
    server: MailServer, reply: str, error: type[Exception]
) -> None:
    server.data_reply = reply
    with pytest.raises(error):
        await send(sender(server.url), MAIL)


@pytest.mark.parametrize("kind", ["cut", "delay", "error_after_commit"])
async def test_a_mail_whose_outcome_was_lost_is_found_by_its_key(server: MailServer, kind: str) -> None:
    async with FaultySmtp("127.0.0.1", server.port) as proxy:
        tool = sender(
            f"smtp://127.0.0.1:{proxy.proxy_port}",
            MaildirMailbox(server.root),
            timeout=3.0 if kind == "delay" else 20.0,
        )
        changes = (await tool.preview(MAIL, ())).changes
        assert isinstance(await tool.verify(Intent(MAIL, Key("k1"), changes)), Absent)
        proxy.break_(kind)
        with pytest.raises(OutcomeUnknown):
            await tool.apply(MAIL, Key("k1"), changes)
        await proxy.settled()
        found = await tool.verify(Intent(MAIL, Key("k1"), changes))
    assert isinstance(found, Verified)
    assert found.receipt.result == {"message_id": "<k1@doer.acme.example>", "recipients": ["ada@acme.example"]}


async def test_a_server_that_is_not_there_is_tried_later(server: MailServer, tmp_path: Path) -> None:
    async with mail_server(tmp_path / "other") as gone:
        url = gone.url
    with pytest.raises(Transient, match="nothing was sent"):
        await send(sender(url), MAIL)
    with pytest.raises(Permanent, match="smtps://"):
        await send(sender("http://127.0.0.1"), MAIL)


async def test_a_password_is_used_and_a_wrong_one_says_what_to_do(tmp_path: Path) -> None:
    async with mail_server(tmp_path / "mail", password="right") as server:
        mailbox = MaildirMailbox(server.root)
        assert isinstance(
            await sent(sender(server.url, mailbox, username="sam", password=fixed("right")), MAIL), Verified
        )
        with pytest.raises(Permanent, match="connect again"):
            await send(sender(server.url, username="sam", password=fixed("wrong")), MAIL)
        with pytest.raises(Permanent):
            await send(sender(server.url), MAIL)


# --- proof ------------------------------------------------------------------------------------------------------------


async def test_without_a_readable_mailbox_it_stays_unproven_for_good(server: MailServer) -> None:
    found = await sent(sender(server.url), MAIL)
    assert isinstance(found, Unknown)
    assert found.final


async def test_recipients_whose_mailbox_cannot_be_read_leave_it_unproven(server: MailServer) -> None:
    tool = sender(server.url, MaildirMailbox(server.root, domains=("acme.example",)))
    found = await sent(tool, {**MAIL, "cc": ["zoe@elsewhere.example"]})
    assert isinstance(found, Unknown)
    assert found.final
    assert "zoe@elsewhere.example" in found.reason


@pytest.mark.parametrize(
    ("kind", "outcome", "told"),
    [
        ("drop", Absent, "ada@acme.example"),
        ("halve", Refuted, "body"),
        ("double", Refuted, "more than once"),
        ("misplace", Refuted, "somebody else"),
    ],
)
async def test_a_lie_about_a_mail_is_named(server: MailServer, kind: str, outcome: type, told: str) -> None:
    async with FaultySmtp("127.0.0.1", server.port) as proxy:
        proxy.break_(kind)
        found = await sent(sender(f"smtp://127.0.0.1:{proxy.proxy_port}", MaildirMailbox(server.root)), MAIL)
    assert isinstance(found, outcome), found
    assert not isinstance(found, Verified)
    assert told in found.reason


async def test_a_mail_that_reached_only_some_is_refuted(server: MailServer) -> None:
    tool = sender(server.url, MaildirMailbox(server.root))
    intent, receipt = await send(tool, {**MAIL, "cc": ["bob@acme.example"]})
    next((server.root / "bob@acme.example" / "new").iterdir()).unlink()
    found = await tool.verify(intent, receipt)
    assert isinstance(found, Refuted)
    assert "bob@acme.example" in found.reason


async def test_a_mail_that_was_read_meanwhile_is_still_found(server: MailServer) -> None:
    tool = sender(server.url, MaildirMailbox(server.root))
    intent, receipt = await send(tool, MAIL)
    file = next((server.root / "ada@acme.example" / "new").iterdir())
    file.rename(file.parent.parent / "cur" / f"{file.name}:2,S")
    assert isinstance(await tool.verify(intent, receipt), Verified)


# --- IMAP and finding -------------------------------------------------------------------------------------------------


def account(imap: ImapServer, password: str = "") -> ImapMailbox:
    return ImapMailbox(imap.url, imap.user, fixed(password or imap.password))


async def test_a_mail_is_proven_by_imap(server: MailServer, imap: ImapServer) -> None:
    tool = sender(server.url, account(imap))
    intent, receipt = await send(tool, MAIL, "imap1")
    missing = await tool.verify(intent, receipt)
    assert isinstance(missing, Absent)
    (message,) = server.messages("ada@acme.example")
    imap.append("INBOX", message.as_bytes())
    assert isinstance(await tool.verify(intent, receipt), Verified)
    imap.append("INBOX", message.as_bytes())
    doubled = await tool.verify(intent, receipt)
    assert isinstance(doubled, Refuted)
    assert "more than once" in doubled.reason


async def test_a_folder_of_sent_mail_is_proof_too(server: MailServer, imap: ImapServer) -> None:
    tool = sender(server.url, account(imap))
    intent, receipt = await send(tool, {**MAIL, "to": ["bob@elsewhere.example"]}, "imap2")
    unseen = await tool.verify(intent, receipt)
    assert isinstance(unseen, Unknown)
    assert unseen.final
    (message,) = server.messages("bob@elsewhere.example")
    imap.append("Sent", message.as_bytes())
    assert isinstance(await tool.verify(intent, receipt), Verified)


async def test_an_imap_account_that_does_not_open_is_a_clear_error(imap: ImapServer) -> None:
    with pytest.raises(Permanent, match="connect again"):
        await account(imap, "wrong").find("<x@y>")
    with pytest.raises(Permanent, match="in the clear"):
        await ImapMailbox("imap://mail.acme.example", "ada", fixed("pw")).find("<x@y>")


@pytest.mark.parametrize("kind", ["maildir", "imap"])
async def test_mail_is_found_by_sender_subject_and_date(tmp_path: Path, imap: ImapServer, kind: str) -> None:
    mails = [
        ("eve@acme.example", "Invoice 1", 1),
        ("eve@acme.example", "Lunch", 2),
        ("zed@acme.example", "Invoice 2", 3),
    ]
    files = MailServer(tmp_path / "mail")
    for who, subject, day in mails:
        content = f"From: {who}\nTo: ada@acme.example\nMessage-ID: <{day}@x>\nDate: {day} Sep 2026 09:00:00 +0000\nSubject: {subject}\n\ntext {day}\n"
        if kind == "maildir":
            files.deliver("ada@acme.example", content.encode())
        else:
            imap.append("INBOX", content.replace("\n", "\r\n").encode())
    mailbox = MaildirMailbox(files.root) if kind == "maildir" else account(imap)
    find = mail_tools("mail", "smtp://127.0.0.1:1", sender="sam@acme.example", mailbox=mailbox)[1]

    async def ids(**arguments: Any) -> list[str]:
        found: Any = (await find.apply(arguments, Key("read"), ())).result
        assert found["count"] == len(found["messages"])
        return [each["id"] for each in found["messages"]]

    assert await ids(subject="invoice") == ["<3@x>", "<1@x>"]
    assert await ids(sender="eve@acme.example") == ["<2@x>", "<1@x>"]
    assert await ids(sender="eve", since="2026-09-02") == ["<2@x>"]
    assert await ids(sender="eve", since="2026-09-02T12:00:00+02:00") == []
    assert await ids(subject="invoice", limit=1) == ["<3@x>"]
    with pytest.raises(Permanent, match="no time zone"):
        await ids(since="2026-09-02T12:00:00")
