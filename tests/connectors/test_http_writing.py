"""Writing over HTTP: once for a key, under If-Match, read back wider than what was written, and taken back unless changed."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response
from tests.connectors.http_case import KEY, TICKET, Desk
from tests.connectors.http_server import PAGES, TOKEN, Service, http_server, problem

from doer import Doer, load_skills
from doer.domain.action import Intent
from doer.domain.errors import OutcomeUnknown, Permanent
from doer.domain.outcome import Absent, Conflict, Partial, Refuted, Undone, Unknown, Verified
from doer.domain.value import Hole
from doer.testing import ManualClock, MemoryJournal
from doer.testing.faults import FaultyServer

ADA: dict[str, Any] = {"email": "ada@acme.example", "name": "Ada", "title": "Engineer"}
CLOSED: dict[str, Any] = {"path": TICKET, "changes": {"status": "closed"}}
ABOUT: dict[str, Any] = {"path": "/pages/about"}


@pytest.fixture(scope="module")
def server() -> Iterator[Service]:
    with http_server() as service:
        yield service


@pytest.fixture
def desk(server: Service) -> Desk:
    return Desk(server.reset()).connect()


@asynccontextmanager
async def behind(service: Service, **settings: Any) -> AsyncIterator[tuple[Desk, FaultyServer]]:
    async with FaultyServer(service.url) as proxy:
        yield Desk(service).connect(proxy.url, **settings), proxy


def _write(method: str, target: str) -> bool:
    return method != "GET"


# --- creating ---------------------------------------------------------------------------------------------------------


async def test_a_record_is_created_with_the_key_in_its_header_and_where_it_is_comes_back(server: Service) -> None:
    desk = Desk(server.reset()).connect(once="idempotency-key", natural_key="email")

    intent, receipt = await desk.do("create", path="/people", body=ADA)

    posted = next(headers for method, _, headers in server.seen if method == "POST")
    assert posted["idempotency-key"] == f'"{KEY}"'
    assert isinstance(receipt.result, dict)
    assert (receipt.result["id"], receipt.result["path"]) == ("5000", "/people/5000")
    assert isinstance(await desk.verify("create", intent, receipt), Verified)


async def test_a_second_try_of_another_process_with_the_same_key_makes_no_second_record(server: Service) -> None:
    desk = Desk(server.reset()).connect(once="idempotency-key", natural_key="email")
    intent, first = await desk.do("create", path="/people", body=ADA)

    again = (
        await desk.connect(once="idempotency-key", natural_key="email")
        .tools["create"]
        .apply(intent.arguments, KEY, intent.changes)
    )

    assert again.result == first.result
    assert len(server.data["people"]) == 3


async def test_without_a_key_the_service_knows_a_creation_is_at_most_once(desk: Desk) -> None:
    assert desk.tools["create"].manifest.once is False
    assert desk.connect(once="idempotency-key").tools["create"].manifest.once is True
    assert desk.connect(once="unique:ref").tools["create"].manifest.once is True


@pytest.mark.parametrize("kind", ["cut", "error_after_commit"])
async def test_a_lost_creation_is_found_by_its_natural_key_and_taken_back(server: Service, kind: str) -> None:
    async with behind(server.reset(keys=False), natural_key="email") as (desk, proxy):
        before = server.world()
        intent = Intent({"path": "/people", "body": ADA}, KEY, await desk.foresee("create", path="/people", body=ADA))
        proxy.break_(kind, when=_write)
        with pytest.raises(OutcomeUnknown):
            await desk.tools["create"].apply(intent.arguments, KEY, intent.changes)

        found = await desk.verify("create", intent)

        assert isinstance(found, Verified)
        assert "was not compared" in found.evidence
        assert isinstance(await desk.undo("create", found.receipt), Undone)
        assert server.world() == before


async def test_a_lost_creation_that_nothing_tells_apart_is_not_guessed(server: Service) -> None:
    async with behind(server.reset(keys=False)) as (desk, proxy):
        intent = Intent({"path": "/people", "body": ADA}, KEY, await desk.foresee("create", path="/people", body=ADA))
        assert isinstance(await desk.verify("create", intent), Absent)
        proxy.break_("cut", when=_write)
        with pytest.raises(OutcomeUnknown):
            await desk.tools["create"].apply(intent.arguments, KEY, intent.changes)

        found = await desk.verify("create", intent)

        assert isinstance(found, Unknown)
        assert "/people/5000 looks like it" in found.reason


async def test_a_creation_that_is_put_off_is_not_called_done(desk: Desk) -> None:
    foretold = await desk.foresee("create", path="/people", body=ADA)
    desk.service.instead = JSONResponse({"job": 7}, 202)

    with pytest.raises(OutcomeUnknown, match="will do it later"):
        await desk.tools["create"].apply({"path": "/people", "body": ADA}, KEY, foretold)


async def test_a_name_that_is_taken_is_refused_when_it_is_foreseen(server: Service) -> None:
    desk = Desk(server.reset()).connect(natural_key="email")

    with pytest.raises(Permanent, match="http:crm/people/1 has that email already"):
        await desk.foresee("create", path="/people", body={**ADA, "email": "GRACE@acme.example"})


async def test_two_steps_of_one_plan_do_not_create_the_same(server: Service) -> None:
    desk = Desk(server.reset()).connect(natural_key="email")
    first = await desk.foresee("create", path="/people", body=ADA)

    with pytest.raises(Permanent, match="an earlier step of this plan"):
        await desk.foresee("create", first, path="/people", body=ADA)


async def test_two_of_one_natural_key_are_refuted(server: Service) -> None:
    desk = Desk(server.reset()).connect(natural_key="email")
    intent, receipt = await desk.do("create", path="/people", body=ADA)
    server.data["people"]["9"] = {"id": "9", **ADA}

    found = await desk.verify("create", intent, receipt)

    assert isinstance(found, Refuted)
    assert "there are 2 of it" in found.reason


@pytest.mark.parametrize(
    ("kind", "told"), [("double", "elsewhere too"), ("misplace", "does not show"), ("halve", "not show")]
)
async def test_what_the_service_did_otherwise_is_refuted_and_not_said_to_be_undone_wrongly(
    server: Service, kind: str, told: str
) -> None:
    async with behind(server.reset(keys=False)) as (desk, proxy):
        intent = Intent({"path": "/people", "body": ADA}, KEY, await desk.foresee("create", path="/people", body=ADA))
        proxy.break_(kind, when=_write)
        receipt = await desk.tools["create"].apply(intent.arguments, KEY, intent.changes)

        found = await desk.verify("create", intent, receipt)
        undone = await desk.undo("create", receipt)

    assert isinstance(found, Refuted)
    assert told in found.reason
    assert isinstance(undone, Partial if kind == "double" else Undone)
    assert len(server.data["people"]) == (3 if kind == "double" else 2)


async def test_a_place_outside_the_base_is_not_believed(desk: Desk) -> None:
    foretold = await desk.foresee("create", path="/people", body=ADA)
    desk.service.instead = JSONResponse({}, 201, headers={"Location": "http://evil.example/people/1"})

    with pytest.raises(OutcomeUnknown, match="does not show it"):
        await desk.tools["create"].apply({"path": "/people", "body": ADA}, KEY, foretold)


async def test_a_collection_that_cannot_be_listed_is_said_beforehand(server: Service) -> None:
    desk = Desk(server.reset(listable=False)).connect()

    preview = await desk.tools["create"].preview({"path": "/people", "body": ADA}, ())
    intent, receipt = await desk.do("create", path="/people", body=ADA)
    found = await desk.verify("create", intent, receipt)

    assert "cannot be listed whole" in preview.note
    assert isinstance(found, Verified)
    assert "not compared" in found.evidence


async def test_a_field_that_carries_the_key_is_shown_and_not_given_by_hand(server: Service) -> None:
    desk = Desk(server.reset()).connect(once="unique:ref")

    (change,) = await desk.foresee("create", path="/people", body=ADA)

    assert change.after == {**ADA, "ref": "‹key of this action›"}
    with pytest.raises(Permanent, match="leave it out"):
        await desk.foresee("create", path="/people", body={**ADA, "ref": "mine"})


async def test_a_body_that_is_too_large_is_not_sent(desk: Desk) -> None:
    with pytest.raises(Permanent, match="at most 1,000,000"):
        await desk.foresee("create", path="/people", body={"name": "x" * 1_000_001})

    assert desk.service.seen == []


# --- changing and replacing -------------------------------------------------------------------------------------------


async def test_a_change_is_sent_as_a_merge_patch_under_the_tag_that_was_read(desk: Desk) -> None:
    (change,) = await desk.foresee("change", **CLOSED)
    _, receipt = await desk.do("change", **CLOSED)

    patched = next(headers for method, _, headers in desk.service.seen if method == "PATCH")
    assert (patched["if-match"], patched["content-type"]) == ('"4812-0"', "application/merge-patch+json")
    assert (change.resource, change.version, change.reversible) == ("http:crm/tickets/4812", '"4812-0"', True)
    assert desk.ticket()["status"] == "closed"
    assert isinstance(await desk.undo("change", receipt), Undone)
    assert desk.ticket()["status"] == "open"


async def test_one_field_and_its_value_are_a_change_in_the_type_that_the_field_has(desk: Desk) -> None:
    await desk.do("change", path=TICKET, field="priority", value="9")

    assert desk.ticket()["priority"] == 9


async def test_what_was_changed_in_the_moment_of_the_write_is_not_overwritten(desk: Desk) -> None:
    foretold = await desk.foresee("change", **CLOSED)
    desk.service.before_write = lambda: desk.service.edit("tickets", "4812", status="escalated")

    with pytest.raises(Permanent, match="in this moment; nothing was changed"):
        await desk.tools["change"].apply(CLOSED, KEY, foretold)

    assert desk.ticket()["status"] == "escalated"


@pytest.mark.parametrize("tool", ["change", "replace"])
async def test_an_undo_does_not_overwrite_what_came_in_the_moment_of_the_undo(desk: Desk, tool: str) -> None:
    arguments = CLOSED if tool == "change" else {"path": TICKET, "body": {"title": "New", "status": "closed"}}
    _, receipt = await desk.do(tool, **arguments)
    desk.service.before_write = lambda: desk.service.edit("tickets", "4812", title="Somebody else's")

    assert isinstance(await desk.undo(tool, receipt), Conflict)
    assert desk.ticket()["title"] == "Somebody else's"


async def test_what_is_not_as_foretold_is_not_written(desk: Desk) -> None:
    foretold = await desk.foresee("change", **CLOSED)
    desk.service.edit("tickets", "4812", title="Other")

    with pytest.raises(Permanent, match="not as it was foretold"):
        await desk.tools["change"].apply(CLOSED, KEY, foretold)


async def test_a_service_without_strong_tags_is_compared_just_before_and_the_preview_says_so(server: Service) -> None:
    desk = Desk(server.reset(etags=False)).connect()
    server.extra = {"ETag": 'W/"weak"'}

    preview = await desk.tools["change"].preview(CLOSED, ())
    await desk.do("change", **CLOSED)

    assert "no strong ETag" in preview.note
    assert all("if-match" not in headers for _, _, headers in server.seen)


async def test_a_service_that_knows_no_merge_patch_is_sent_plain_json(server: Service) -> None:
    desk = Desk(server.reset(merge_patch=False)).connect()

    intent, receipt = await desk.do("change", **CLOSED)

    assert isinstance(await desk.verify("change", intent, receipt), Verified)


async def test_fields_that_the_service_sets_are_refuted_until_they_are_named(server: Service) -> None:
    for volatile, expected in (((), Refuted), (("closed_at",), Verified)):
        desk = Desk(server.reset()).connect(volatile=volatile)
        intent, receipt = await desk.do("change", **CLOSED)
        server.edit("tickets", "4812", closed_at="2026-11-21")
        found = await desk.verify("change", intent, receipt)
        assert isinstance(found, expected)
        assert not isinstance(found, Refuted) or "name it under `volatile`" in found.reason


async def test_a_later_step_starts_from_what_an_earlier_one_leaves(desk: Desk) -> None:
    earlier = await desk.foresee("change", **CLOSED)

    (later,) = await desk.foresee("change", earlier, path=TICKET, changes={"priority": 1})

    assert isinstance(later.before, dict)
    assert isinstance(later.after, dict)
    assert (later.before["status"], later.after["status"], later.after["priority"]) == ("closed", "closed", 1)


async def test_changing_to_what_it_is_sends_nothing(desk: Desk) -> None:
    _, receipt = await desk.do("change", path=TICKET, changes={"status": "open"})

    assert set(desk.service.methods()) == {"GET"}
    assert isinstance(await desk.undo("change", receipt), Undone)


async def test_nothing_is_changed_where_nothing_is(desk: Desk) -> None:
    with pytest.raises(Permanent, match="there is nothing at http:crm/tickets/9999"):
        await desk.foresee("change", path="/tickets/9999", changes={"a": 1})


async def test_a_replacement_where_nothing_is_makes_it_only_if_still_nothing_is_there(desk: Desk) -> None:
    arguments: dict[str, Any] = {"path": "/pages/news", "body": {"title": "News"}}
    foretold = await desk.foresee("replace", **arguments)
    desk.service.before_write = lambda: desk.service.data["pages"].update(news={"title": "Theirs"})

    with pytest.raises(Permanent, match="in this moment"):
        await desk.tools["replace"].apply(arguments, KEY, foretold)

    assert desk.service.data["pages"]["news"] == {"title": "Theirs"}


async def test_a_value_that_comes_later_is_shown_and_not_looked_up(desk: Desk) -> None:
    (change,) = await desk.foresee("change", path=Hole.of("path of account"), changes={"a": 1})
    assert change.resource == "http:crm:‹path of account›"
    assert desk.service.seen == []

    (change,) = await desk.foresee("change", path=TICKET, changes={"owner": Hole.of("id of account")})
    assert isinstance(change.after, dict)
    assert change.after["owner"] == "‹id of account›"


async def test_a_resource_that_has_another_name_in_its_list_is_not_taken_for_another(desk: Desk) -> None:
    desk.connect(id_field="title", recreatable=("*",))

    intent, receipt = await desk.do("change", path="/pages/about/", changes={"text": "Us"})

    assert isinstance(await desk.verify("change", intent, receipt), Verified)
    assert isinstance(await desk.undo("change", receipt), Undone)
    intent, receipt = await desk.do("delete", **ABOUT)
    assert isinstance(await desk.verify("delete", intent, receipt), Verified)


async def test_what_the_service_holds_unique_and_another_made_is_refused_as_it_says(server: Service) -> None:
    desk = Desk(server.reset(unique="email")).connect(once="unique:ref")
    foretold = await desk.foresee("create", path="/people", body=ADA)
    server.data["people"]["9"] = {"id": "9", **ADA}

    with pytest.raises(Permanent, match="email is taken"):
        await desk.tools["create"].apply({"path": "/people", "body": ADA}, KEY, foretold)


async def test_a_resource_that_holds_the_secret_is_never_put_back_without_it(server: Service) -> None:
    desk = Desk(server.reset()).connect(auth="bearer", credential=lambda: TOKEN)
    server.edit("tickets", "4812", note=f"the key is {TOKEN}")

    preview = await desk.tools["change"].preview(CLOSED, ())
    _, receipt = await desk.do("change", **CLOSED)

    assert (preview.effect, preview.changes[0].reversible) == ("irreversible", False)
    assert TOKEN not in repr((preview, receipt))
    assert isinstance(await desk.undo("change", receipt), Conflict)
    assert desk.ticket()["note"] == f"the key is {TOKEN}"


async def test_what_has_moved_is_not_written_by_its_old_path(desk: Desk) -> None:
    desk.service.answers.append(Response(status_code=301, headers={"Location": "/api/tickets/4811"}))

    with pytest.raises(Permanent, match="is at /tickets/4811 by now"):
        await desk.foresee("change", **CLOSED)


# --- deleting ---------------------------------------------------------------------------------------------------------


def test_a_deletion_cannot_be_taken_back_unless_the_service_is_known_to_make_the_same_again(desk: Desk) -> None:
    manifest = desk.tools["delete"].manifest
    assert (manifest.effect, "undo" in manifest.verbs) == ("irreversible", False)

    manifest = desk.connect(recreatable=("/pages/*",)).tools["delete"].manifest
    assert (manifest.effect, "undo" in manifest.verbs) == ("write", True)


async def test_a_deletion_elsewhere_than_where_it_can_be_made_again_is_irreversible(desk: Desk) -> None:
    desk.connect(recreatable=("/pages/*",))

    page = await desk.tools["delete"].preview(ABOUT, ())
    ticket = await desk.tools["delete"].preview({"path": TICKET}, ())

    assert (page.effect, page.changes[0].reversible) == (None, True)
    assert (ticket.effect, ticket.changes[0].reversible) == ("irreversible", False)


async def test_what_was_deleted_is_made_again_and_not_over_something_new(desk: Desk) -> None:
    desk.connect(recreatable=("/pages/*",))
    _, receipt = await desk.do("delete", **ABOUT)
    desk.service.before_write = lambda: desk.service.data["pages"].update(about={"title": "Theirs"})

    assert isinstance(await desk.undo("delete", receipt), Conflict)
    assert desk.service.data["pages"]["about"] == {"title": "Theirs"}

    del desk.service.data["pages"]["about"]
    assert isinstance(await desk.undo("delete", receipt), Undone)
    assert desk.service.data["pages"] == PAGES


async def test_a_lost_deletion_that_could_be_taken_back_is_left_to_a_person(server: Service) -> None:
    async with behind(server.reset(), recreatable=("/pages/*",)) as (desk, proxy):
        intent = Intent(ABOUT, KEY, await desk.foresee("delete", **ABOUT))
        proxy.break_("cut", when=_write)
        with pytest.raises(OutcomeUnknown):
            await desk.tools["delete"].apply(ABOUT, KEY, intent.changes)

        assert isinstance(await desk.verify("delete", intent), Unknown)


async def test_a_deletion_that_took_another_with_it_is_not_verified(desk: Desk) -> None:
    foretold = await desk.foresee("delete", **ABOUT)
    desk.service.before_write = lambda: desk.service.data["pages"].__delitem__("home")

    receipt = await desk.tools["delete"].apply(ABOUT, KEY, foretold)

    assert isinstance(await desk.verify("delete", Intent(ABOUT, KEY, foretold), receipt), Refuted)


# --- in words ---------------------------------------------------------------------------------------------------------

SKILL = """
name = "new_person"
description = "Add a person to the crm"
examples = ["add {name} to the crm with email {email} as {title}", "create a crm contact for {name}, {email}, {title}"]

[slots.name]
type = "text"
[slots.email]
type = "email"
[slots.title]
type = "text"

[[select]]
id = "same"
tool = "crm.list"
arguments = { path = "/people", query = { email = "$email" } }
rows = "items"
expect = "none"
slot = "email"
label = "{name}, {email}"
several = "{email} is in the crm already: which address has {name}?"

[[step]]
id = "person"
tool = "crm.create"
arguments = { path = "/people", body = { name = "$name", email = "$email", title = "$title" } }

[[step]]
id = "welcome"
tool = "crm.change"
arguments = { path = "$person.path", changes = { greeting = "Welcome, {name}" } }
"""


async def test_a_skill_fills_the_body_of_a_request_and_its_run_is_taken_back(server: Service, tmp_path: Path) -> None:
    (tmp_path / "new_person.toml").write_text(SKILL)
    desk = Desk(server.reset()).connect(once="idempotency-key", natural_key="email")
    before = server.world()
    app = Doer(tools=list(desk.tools.values()), skills=load_skills([tmp_path]))
    async with app:
        run = await app.do('add "Ada Lovelace" to the crm with email ada@acme.example as "Engineer"')
        run = await app.approve(run.id)
        assert run.status == "waiting"  # what the second step changes is known only when the first has run
        run = await app.approve(run.id)
        made = server.data["people"].get("5000", {})
        undone = await app.undo(run.id)
        undone = await app.approve(undone.id) if undone.status == "waiting" else undone

    assert (run.status, made.get("greeting"), made.get("email")) == (
        "done",
        "Welcome, Ada Lovelace",
        "ada@acme.example",
    )
    assert (undone.status, server.world()) == ("undone", before)


async def test_a_whole_run_leaves_no_trace_of_the_secret_in_the_record(server: Service) -> None:
    desk = Desk(server.reset()).connect(auth="bearer", credential=lambda: TOKEN)
    server.edit("tickets", "4812", note=f"the key is {TOKEN}")
    server.extra = {"X-Echo": TOKEN, "Link": f'<{TOKEN}>; rel="self"'}
    journal = MemoryJournal(ManualClock())
    async with Doer(tools=list(desk.tools.values()), journal=journal) as app:
        read = await app.do("show me /tickets/4812 on crm")
        server.answers += [problem(422, "No", f"not with {TOKEN}") for _ in range(2)]
        refused = await app.do("set status to closed at /tickets/4812")
        recorded = [await journal.read(run) for run in await journal.runs()]

    assert read.status == "done"
    assert "***" in repr((refused, recorded))
    assert TOKEN not in repr((read, refused, recorded))
    assert any(headers.get("authorization") == f"Bearer {TOKEN}" for _, _, headers in server.seen)


@pytest.mark.parametrize(
    ("sentence", "tool", "arguments"),
    [
        ("set status to closed at /tickets/4812", "crm.change", {"field": "status", "value": "closed", "path": TICKET}),
        ("show me /tickets/4812 on crm", "crm.get", {"path": TICKET}),
        ("list /tickets in crm", "crm.list", {"path": "/tickets"}),
        ("remove /pages/about in crm", "crm.delete", {"path": "/pages/about"}),
    ],
)
async def test_a_plain_sentence_reaches_the_tool(
    desk: Desk, sentence: str, tool: str, arguments: dict[str, Any]
) -> None:
    async with Doer(tools=list(desk.tools.values())) as app:
        run = await app.do(sentence)

    assert [step.tool for step in run.steps] == [tool]
    assert dict(run.steps[0].arguments) == arguments
