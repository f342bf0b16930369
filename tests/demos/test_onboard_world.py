"""The observer sees every kind of change, by code of its own, and a reset takes all of them back."""

import ast
import shutil
import smtplib
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path

import pytest

from doer.demos.onboard import compare, ical, reset, seed, wire, world
from doer.demos.onboard.compare import Duplicate, difference, digest, duplicates, effects
from doer.demos.onboard.places import Services
from doer.demos.onboard.wire import Record, ask, basic, bearer, canonical, expect, records
from doer.demos.onboard.world import World, observe

ADA = "ada.lovelace@acme.example"


def scim(company: Services, method: str, path: str, content: Record | None = None) -> Record:
    headers = bearer(company.directory_token) | {"Content-Type": "application/scim+json"}
    body = None if content is None else canonical(content).encode()
    reply = expect(ask(method, f"{company.directory_url}/{path}", headers, body), 200, 201, 204, doing=path)
    return reply.record() if reply.body else {}


def add_user(company: Services) -> None:
    scim(company, "POST", "Users", {"schemas": [seed.USER_SCHEMA], "userName": ADA, "displayName": "Ada Lovelace"})


def _backend(company: Services) -> Record:
    groups = records(scim(company, "GET", "Groups?count=100")["Resources"])
    return next(group for group in groups if group["displayName"] == "backend")


def empty_group(company: Services) -> None:
    scim(company, "PUT", f"Groups/{_backend(company)['id']}", _backend(company) | {"members": []})


def delete_user(company: Services) -> None:
    users = records(scim(company, "GET", "Users?count=100")["Resources"])
    linus = next(user for user in users if user["userName"] == "linus.berg@acme.example")
    scim(company, "DELETE", f"Users/{linus['id']}")


def second_group_of_a_name(company: Services) -> None:
    scim(company, "POST", "Groups", {"schemas": [seed.GROUP_SCHEMA], "displayName": "backend"})


def put_event(company: Services, path: str, uid: str, stamp: str = "20260101T000000Z") -> None:
    text = seed.CALENDAR_FILES["sam/training/fire-safety-2026.ics"]
    text = text.replace("UID:fire-safety-2026@acme.example", f"UID:{uid}").replace("20251201T090000Z", stamp)
    text = text.replace("Fire safety drill", "Tools\\, and\r\n  how to hold them")
    headers = basic(company.calendar_user, company.calendar_password) | {"Content-Type": "text/calendar"}
    expect(ask("PUT", company.calendar_url + path, headers, text.encode()), 201, doing="put event")


def add_event(company: Services) -> None:
    put_event(company, "/sam/training/tools.ics", "tools@acme.example")


def misplace_event(company: Services) -> None:
    put_event(company, "/sam/holidays/tools.ics", "tools@acme.example")


def move_event(company: Services) -> None:
    path = company.calendar_url + "/sam/training/fire-safety-2026.ics"
    text = seed.CALENDAR_FILES["sam/training/fire-safety-2026.ics"].replace("T130000Z", "T133000Z")
    headers = basic(company.calendar_user, company.calendar_password) | {"Content-Type": "text/calendar"}
    expect(ask("PUT", path, headers, text.encode()), 201, 204, doing="move event")


def add_calendar(company: Services) -> None:
    headers = basic(company.calendar_user, company.calendar_password)
    expect(ask("MKCALENDAR", company.calendar_url + "/sam/side/", headers), 201, doing="make calendar")


def sql(company: Services, statement: str) -> None:
    with closing(sqlite3.connect(company.database)) as connection, connection:
        connection.execute(statement)


def add_row(company: Services) -> None:
    sql(company, f"INSERT INTO people VALUES ('{ADA}', 'Ada Lovelace', 'Engineer', NULL, '2026-02-02', 'backend')")


def change_row(company: Services) -> None:
    sql(company, "UPDATE people SET team = 'sales' WHERE email = 'linus.berg@acme.example'")


def add_table(company: Services) -> None:
    sql(company, "CREATE TABLE side AS SELECT * FROM people")


def log_writes_ahead(company: Services) -> None:
    sql(company, "PRAGMA journal_mode=WAL")
    change_row(company)


def add_line(company: Services) -> None:
    with (company.workspace / "team.md").open("a") as file:
        file.write(f"- Ada Lovelace ({ADA}): Engineer\n")


def leave_a_temporary_file(company: Services) -> None:
    (company.workspace / ".team.md.tmp").write_bytes(b"\xff\x00half")


def replace_by_link(company: Services) -> None:
    (company.workspace / "team.md").unlink()
    (company.workspace / "team.md").symlink_to(company.root / "people.db")


def make_executable(company: Services) -> None:
    (company.workspace / "team.md").chmod(0o755)


def drop_folder(company: Services) -> None:
    shutil.rmtree(company.workspace / "handbook")


def access(company: Services, method: str, grant: str, body: bytes | None = None) -> None:
    url = f"{company.access_url}/grants/{grant}"
    expect(ask(method, url, bearer(company.access_token), body), 200, 201, 204, doing=grant)


def add_grant(company: Services) -> None:
    access(company, "PUT", f"{ADA}:repo", canonical({"person": ADA, "resource": "repo", "level": "write"}).encode())


def remove_grant(company: Services) -> None:
    access(company, "DELETE", "linus.berg@acme.example:repo")


def send_mail(company: Services, message_id: str = "<one@acme.example>") -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "sam.rivera@acme.example", ADA, "Welcome"
    message["Message-ID"] = message_id
    message.set_content("Hello")
    with smtplib.SMTP(company.smtp_host, company.smtp_port, timeout=10) as client:
        client.send_message(message)


CHANGES: list[tuple[Callable[[Services], None], list[tuple[str, str, str]]]] = [
    (add_user, [("directory", "added", f"users/{ADA}")]),
    (
        empty_group,
        [
            ("directory", "removed", "groups/backend/members/grace.hopper@acme.example"),
            ("directory", "removed", "groups/backend/members/linus.berg@acme.example"),
        ],
    ),
    (second_group_of_a_name, [("directory", "added", "groups/backend#2")]),
    (add_event, [("calendar", "added", "/sam/training/tools.ics")]),
    (misplace_event, [("calendar", "added", "/sam/holidays/tools.ics")]),
    (move_event, [("calendar", "changed", "/sam/training/fire-safety-2026.ics")]),
    (add_calendar, [("calendar", "added", "/sam/side/")]),
    (add_row, [("database", "added", f"people/{ADA}")]),
    (change_row, [("database", "changed", "people/linus.berg@acme.example")]),
    (log_writes_ahead, [("database", "changed", "people/linus.berg@acme.example")]),
    (add_line, [("files", "changed", "team.md")]),
    (leave_a_temporary_file, [("files", "added", ".team.md.tmp")]),
    (replace_by_link, [("files", "changed", "team.md")]),
    (make_executable, [("files", "changed", "team.md")]),
    (drop_folder, [("files", "removed", "handbook/"), ("files", "removed", "handbook/first-week.md")]),
    (add_grant, [("access", "added", f"grants/{ADA}:repo")]),
    (remove_grant, [("access", "removed", "grants/linus.berg@acme.example:repo")]),
    (send_mail, [("mail", "added", f"{ADA}/<one@acme.example>")]),
]


@pytest.mark.parametrize(("change", "expected"), CHANGES, ids=lambda value: getattr(value, "__name__", ""))
def test_the_observer_sees_exactly_what_changed_and_a_reset_takes_it_back(
    company: Services, change: Callable[[Services], None], expected: list[tuple[str, str, str]]
) -> None:
    before = observe(company)
    change(company)
    after = observe(company)
    assert [(effect.system, effect.change, effect.place) for effect in effects(after, before)] == expected
    assert len(difference(before, after)) == len(expected)
    assert digest(after) != digest(before)
    reset.reset(company)
    assert difference(before, observe(company)) == []
    assert digest(observe(company)) == digest(before)


def test_a_deleted_user_is_seen_with_the_memberships_left_behind(company: Services) -> None:
    before = observe(company)
    delete_user(company)
    places = {(effect.change, effect.place) for effect in effects(observe(company), before)}
    assert ("removed", "users/linus.berg@acme.example") in places
    assert ("added", "groups/backend/members/(nobody: the user of this id is gone)") in places


def test_a_reset_after_everything_at_once_leaves_nothing_from_before(company: Services) -> None:
    before = observe(company)
    for change, _ in CHANGES:
        if change not in (replace_by_link, make_executable, misplace_event):
            change(company)
    delete_user(company)
    assert len(effects(observe(company), before)) > len(CHANGES) - 3
    reset.reset(company)
    assert digest(observe(company)) == digest(before)
    stray = [path for path in company.places.calendar.rglob("*") if "tools" in path.name]
    assert stray == []
    assert list(company.maildir.iterdir()) == []


def test_observing_changes_nothing_and_fields_that_servers_renew_do_not_count(company: Services) -> None:
    before = observe(company)
    remove_grant(company)
    access(
        company,
        "PUT",
        "linus.berg@acme.example:repo",
        canonical({"person": "linus.berg@acme.example", "resource": "repo", "level": "write"}).encode(),
    )
    after = observe(company)
    assert before["access"] != after["access"]
    assert digest(after) == digest(before)


def test_doers_own_state_in_the_workspace_is_neither_observed_nor_reset(company: Services) -> None:
    before = observe(company)
    (company.workspace / ".doer").mkdir(exist_ok=True)
    (company.workspace / ".doer" / "journal.db").write_text("kept")
    reset.reset(company)
    assert (company.workspace / ".doer" / "journal.db").read_text() == "kept"
    assert digest(observe(company)) == digest(before)
    shutil.rmtree(company.workspace / ".doer")


def test_the_difference_says_in_words_what_a_person_would_look_for(company: Services) -> None:
    before = observe(company)
    add_line(company)
    change_row(company)
    add_event(company)
    lines = "\n".join(difference(before, observe(company)))
    assert f"+- Ada Lovelace ({ADA}): Engineer" in lines
    assert '~ database people/linus.berg@acme.example: team "backend" -> "sales"' in lines
    assert "Tools, and how to hold them at 20260115T130000Z" in lines


def test_effects_of_two_runs_with_other_keys_have_equal_signatures(company: Services) -> None:
    before = observe(company)
    put_event(company, "/sam/training/aaaa.ics", "aaaa@acme.example", "20260101T000000Z")
    send_mail(company, "<aaaa@acme.example>")
    first = [effect.signature() for effect in effects(observe(company), before)]
    reset.reset(company)
    put_event(company, "/sam/training/bbbb.ics", "bbbb@acme.example", "20260303T000000Z")
    send_mail(company, "<bbbb@acme.example>")
    assert [effect.signature() for effect in effects(observe(company), before)] == first


def _twice(company: Services) -> World:
    add_event(company)
    put_event(company, "/sam/holidays/astray.ics", "another@acme.example")
    second_group_of_a_name(company)
    add_line(company)
    add_line(company)
    add_grant(company)
    content = canonical({"person": ADA, "resource": "repo", "level": "read"}).encode()
    access(company, "PUT", "side-record", content)
    send_mail(company)
    send_mail(company, "<two@acme.example>")
    add_row(company)
    sql(company, "INSERT INTO people SELECT 'ada2@acme.example', name, role, manager, start_date, team FROM people "
                 f"WHERE email = '{ADA}'")  # fmt: skip
    return observe(company)


def test_everything_there_twice_is_counted_once_for_each_identity(company: Services) -> None:
    before = observe(company)
    assert duplicates(before, before) == []
    assert duplicates(_twice(company), before) == [
        Duplicate("access", f"{ADA} repo", 2),
        Duplicate("calendar", "Tools, and how to hold them at 20260115T130000Z", 2),
        Duplicate("database", "people Ada Lovelace", 2),
        Duplicate("directory", "groups/backend", 2),
        Duplicate("files", f"team.md: - Ada Lovelace ({ADA}): Engineer", 2),
        Duplicate("mail", f"{ADA}: Welcome", 2),
    ]


def test_doing_each_thing_once_is_no_duplicate(company: Services) -> None:
    before = observe(company)
    for change in (add_user, add_event, add_row, add_line, add_grant, send_mail):
        change(company)
    after = observe(company)
    assert duplicates(after, before) == []
    assert len(effects(after, before)) == 6


@pytest.mark.parametrize("module", [world, compare, ical, wire], ids=lambda module: str(module.__name__))
def test_the_observer_shares_no_code_with_a_connector(module: object) -> None:
    source = Path(str(getattr(module, "__file__", ""))).read_text()
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            names.add(str(node.module))
    foreign = {name for name in names if name.partition(".")[0] not in sys.stdlib_module_names}
    assert all(name.startswith("doer.demos.onboard") for name in foreign), foreign
