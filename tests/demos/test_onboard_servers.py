"""The directory, calendar and mail servers behave as the connectors and the fault harness rely on."""

import mailbox
import smtplib
import socket
from email.message import EmailMessage
from urllib.parse import quote

import pytest

from doer.demos.onboard import seed
from doer.demos.onboard.places import Services
from doer.demos.onboard.servers import LOOPBACK, free_port
from doer.demos.onboard.wire import Record, Reply, ask, basic, bearer, canonical, records

ADA: Record = {"schemas": [seed.USER_SCHEMA], "userName": "ada.lovelace@acme.example", "displayName": "Ada Lovelace"}
EVENT = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//EN
BEGIN:VEVENT
UID:{uid}
DTSTAMP:20260101T000000Z
DTSTART:20260202T090000Z
DTEND:20260202T100000Z
SUMMARY:Tools
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


def scim(company: Services, method: str, path: str, content: Record | None = None, **conditions: str) -> Reply:
    headers = bearer(company.directory_token) | {"Content-Type": "application/scim+json"}
    headers |= {name.replace("_", "-"): text for name, text in conditions.items()}
    body = None if content is None else canonical(content).encode()
    return ask(method, f"{company.directory_url}/{path}", headers, body)


def find(company: Services, kind: str, condition: str) -> list[Record]:
    return records(scim(company, "GET", f"{kind}?filter={quote(condition)}").record().get("Resources"))


def patch(company: Services, path: str, operation: Record, **conditions: str) -> Reply:
    content: Record = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]}
    return scim(company, "PATCH", path, content, **conditions)


def group_path(company: Services, name: str) -> str:
    return f"Groups/{find(company, 'Groups', f'displayName eq {canonical(name)}')[0]['id']}"


def members(company: Services, group: str) -> list[object]:
    return [member["value"] for member in records(find(company, "Groups", f'displayName eq "{group}"')[0]["members"])]


def calendar(company: Services, method: str, name: str, body: str | None = None, **conditions: str) -> Reply:
    headers = basic(company.calendar_user, company.calendar_password) | {"Content-Type": "text/calendar"}
    headers |= {key.replace("_", "-"): text for key, text in conditions.items()}
    raw = None if body is None else body.encode()
    return ask(method, f"{company.calendar_url}{company.calendar_path}{name}", headers, raw)


def test_a_directory_user_is_created_found_patched_and_deleted(company: Services) -> None:
    created = scim(company, "POST", "Users", ADA | {"externalId": "key-1"})
    assert created.status == 201
    path = f"Users/{created.record()['id']}"
    assert [user["id"] for user in find(company, "Users", 'userName eq "ADA.lovelace@acme.example"')] == [
        created.record()["id"]
    ]
    assert len(find(company, "Users", 'externalId eq "key-1"')) == 1
    stale = created.headers["etag"]
    title: Record = {"op": "replace", "path": "title", "value": "Engineer"}
    assert patch(company, path, title, If_Match=stale).status == 204
    assert patch(company, path, title | {"value": "Boss"}, If_Match=stale).status == 412
    assert scim(company, "DELETE", path, If_Match=stale).status == 412
    current = scim(company, "GET", path)
    assert current.record()["title"] == "Engineer"
    assert scim(company, "DELETE", path, If_Match=current.headers["etag"]).status == 204
    assert scim(company, "GET", path).status == 404


def test_a_user_name_is_unique_whatever_its_case(company: Services) -> None:
    assert scim(company, "POST", "Users", ADA).status == 201
    assert scim(company, "POST", "Users", ADA | {"userName": "Ada.Lovelace@acme.example"}).status == 409


def test_two_people_of_one_name_are_in_the_seed(company: Services) -> None:
    names = {str(user["userName"]) for user in find(company, "Users", 'displayName eq "Ana Lopez"')}
    assert names == {"ana.lopez@acme.example", "ana.lopez2@acme.example"}


def test_a_member_joins_and_leaves_a_group_by_patch(company: Services) -> None:
    ada = str(scim(company, "POST", "Users", ADA).record()["id"])
    group = group_path(company, "backend")
    before = members(company, "backend")
    assert patch(company, group, {"op": "add", "path": "members", "value": [{"value": ada}]}).status == 204
    assert members(company, "backend") == [*before, ada]
    assert len(find(company, "Groups", f'members.value eq "{ada}"')) == 1
    assert patch(company, group, {"op": "remove", "path": f'members[value eq "{ada}"]'}).status == 204
    assert members(company, "backend") == before


def test_this_directory_keeps_the_membership_of_a_deleted_user(company: Services) -> None:
    linus = str(find(company, "Users", 'userName eq "linus.berg@acme.example"')[0]["id"])
    scim(company, "DELETE", f"Users/{linus}")
    assert linus in members(company, "backend")


def test_this_directory_adds_a_member_twice_when_its_other_fields_differ(company: Services) -> None:
    linus = str(find(company, "Users", 'userName eq "linus.berg@acme.example"')[0]["id"])
    group = group_path(company, "backend")
    patch(company, group, {"op": "add", "path": "members", "value": [{"value": linus}]})
    assert members(company, "backend").count(linus) == 2


def test_an_event_is_created_once_and_guarded_by_its_etag(company: Services) -> None:
    created = calendar(company, "PUT", "tools.ics", EVENT.format(uid="tools"), If_None_Match="*")
    assert created.status == 201
    assert calendar(company, "PUT", "tools.ics", EVENT.format(uid="tools"), If_None_Match="*").status == 412
    assert calendar(company, "PUT", "other.ics", EVENT.format(uid="tools")).status == 409
    assert calendar(company, "DELETE", "tools.ics", If_Match='"stale"').status == 412
    assert calendar(company, "DELETE", "tools.ics", If_Match=created.headers["etag"]).status == 200
    assert calendar(company, "GET", "tools.ics").status == 404


def test_the_observers_account_reads_calendars_and_writes_none(company: Services) -> None:
    headers = basic(company.observer_user, company.observer_password) | {"Content-Type": "text/calendar"}
    url = company.calendar_url + company.calendar_path
    assert ask("GET", f"{url}fire-safety-2026.ics", headers).status == 200
    assert ask("PUT", f"{url}tools.ics", headers, EVENT.format(uid="tools").encode()).status == 403


def letter(message_id: str = "<welcome-1@acme.example>") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "sam.rivera@acme.example"
    message["To"] = "ada.lovelace@acme.example"
    message["Subject"] = "Welcome — schön, dass du da bist"
    message["Message-ID"] = message_id
    message.set_content("See you on Monday.\n.\nA line with only a dot is above.\n")
    message.add_attachment(b"\x00agenda", maintype="application", subtype="octet-stream", filename="agenda.bin")
    return message


def send(company: Services, to: list[str]) -> None:
    with smtplib.SMTP(company.smtp_host, company.smtp_port, timeout=10) as client:
        client.send_message(letter(), to_addrs=to)


def test_a_message_is_put_whole_into_the_maildir_of_each_recipient(company: Services) -> None:
    send(company, ["Ada.Lovelace@acme.example", "grace.hopper@acme.example"])
    for owner in ("ada.lovelace@acme.example", "grace.hopper@acme.example"):
        (message,) = mailbox.Maildir(company.maildir / owner, create=False)
        assert message["Message-ID"] == "<welcome-1@acme.example>"
        contents = [part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()]
        assert contents == [b"See you on Monday.\n.\nA line with only a dot is above.\n", b"\x00agenda"]


def test_the_same_message_sent_twice_is_there_twice(company: Services) -> None:
    send(company, ["ada.lovelace@acme.example"])
    send(company, ["ada.lovelace@acme.example"])
    assert len(mailbox.Maildir(company.maildir / "ada.lovelace@acme.example", create=False)) == 2


@pytest.mark.parametrize("address", ["ada@elsewhere.example", "../../etc/x@acme.example", ".hidden@acme.example"])
def test_mail_for_a_foreign_domain_or_a_strange_mailbox_is_refused(company: Services, address: str) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(company, [address])
    assert list(company.maildir.iterdir()) == []


def test_a_free_port_is_given_to_nobody_else_and_a_server_that_names_it_gets_it() -> None:
    ports = [free_port() for _ in range(50)]
    assert len(set(ports)) == len(ports)
    for port in ports:
        with socket.socket() as stranger, pytest.raises(OSError, match="in use"):
            stranger.bind((LOOPBACK, port))
        socket.create_server((LOOPBACK, port)).close()
