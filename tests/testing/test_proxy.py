"""Each fault of the faulty server does what it says, before a real record store and before a real SMTP server."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import Any

import aiosmtplib
import httpx2
import pytest
import uvicorn
from aiosmtpd.smtp import SMTP
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from doer.testing.faults import KINDS, SMTP_KINDS, FaultyServer, FaultySmtp
from doer.testing.faults.payload import altered, halved, renamed, renamed_path

NOTE = {"id": "n1", "title": "Agenda", "text": "bring a pen", "owner": "ana", "room": "4"}
OTHER = {"id": "n0", "title": "Menu", "text": "soup"}
EVENT = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:one\r\nDTSTART:20260105T090000Z\r\n"
    b"SUMMARY:Training with a very long\r\n  name\r\nLOCATION:Room 4\r\nDESCRIPTION:Bring a pen\r\n"
    b"END:VEVENT\r\nEND:VCALENDAR\r\n"
)


@dataclass
class Store:
    """A record store over HTTP: GET and POST /notes, GET, PUT, PATCH and DELETE /notes/{id}."""

    notes: dict[str, Any] = field(default_factory=dict)
    writes: int = 0
    calendar: dict[str, bytes] = field(default_factory=dict)

    async def collection(self, request: Request) -> Response:
        if request.method == "GET":
            return JSONResponse(list(self.notes.values()))
        return await self._write(str((await request.json())["id"]), request, 201)

    async def one(self, request: Request) -> Response:
        id_ = request.path_params["id"]
        if request.method == "GET":
            return JSONResponse(self.notes[id_]) if id_ in self.notes else Response(status_code=404)
        if request.method == "DELETE":
            self.writes += 1
            return Response(status_code=204 if self.notes.pop(id_, None) else 404)
        return await self._write(id_, request, 200)

    async def event(self, request: Request) -> Response:
        self.calendar[request.path_params["name"]] = await request.body()
        return Response(status_code=201)

    async def _write(self, id_: str, request: Request, status: int) -> Response:
        self.writes += 1
        old = self.notes.get(id_, {}) if request.method == "PATCH" else {}
        self.notes[id_] = {**old, **await request.json(), "id": id_}
        return JSONResponse(self.notes[id_], status_code=status)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/notes", self.collection, methods=["GET", "POST"]),
                Route("/notes/{id}", self.one, methods=["GET", "PUT", "PATCH", "DELETE"]),
                Route("/calendar/{name}", self.event, methods=["PUT"]),
            ]
        )


@asynccontextmanager
async def serve(app: Starlette) -> AsyncIterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off", ws="none"))
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await server.startup()
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await server.shutdown()


@dataclass
class Stage:
    """A store, a proxy before it, and a client that only knows the proxy."""

    store: Store
    proxy: FaultyServer
    client: httpx2.AsyncClient


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    store = Store({"n0": dict(OTHER)})
    async with (
        serve(store.app()) as url,
        FaultyServer(url, slow=0.0) as proxy,
        httpx2.AsyncClient(base_url=proxy.url, timeout=10) as client,
    ):
        yield Stage(store, proxy, client)


async def test_a_healthy_proxy_passes_everything_on(stage: Stage) -> None:
    created = await stage.client.post("/notes", json=NOTE)
    listed = await stage.client.get("/notes")
    missing = await stage.client.get("/notes/none")

    assert (created.status_code, created.json()) == (201, NOTE)
    assert listed.json() == [OTHER, NOTE]
    assert missing.status_code == 404
    assert stage.proxy.log == []
    assert stage.proxy.requests == [("POST", "/notes"), ("GET", "/notes"), ("GET", "/notes/none")]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("POST", "/notes", 201), ("PUT", "/notes/n0", 200), ("PATCH", "/notes/n0", 200), ("DELETE", "/notes/n0", 204)],
)
async def test_a_dropped_write_is_answered_well_and_never_arrives(
    stage: Stage, method: str, path: str, status: int
) -> None:
    stage.proxy.break_("drop")

    answer = await stage.client.request(method, path, json=None if method == "DELETE" else NOTE)

    assert answer.status_code == status
    assert method == "DELETE" or answer.json() == NOTE
    assert (stage.store.notes, stage.store.writes) == ({"n0": OTHER}, 0)
    assert [(each.kind, each.forwarded) for each in stage.proxy.log] == [("drop", ())]


async def test_a_halved_write_loses_fields_and_is_answered_as_if_whole(stage: Stage) -> None:
    stage.proxy.break_("halve")

    answer = await stage.client.post("/notes", json=NOTE)

    assert answer.json() == NOTE
    assert stage.store.notes["n1"] == {"id": "n1", "title": "Agenda", "text": "bring a pen"}


async def test_a_halved_calendar_object_is_still_one(stage: Stage) -> None:
    stage.proxy.break_("halve")

    await stage.client.put("/calendar/one.ics", content=EVENT)

    lines = stage.store.calendar["one.ics"].decode().splitlines()
    assert lines[:5] == EVENT.decode().splitlines()[:5]
    assert lines[5:] == ["LOCATION:Room 4", "END:VEVENT", "END:VCALENDAR"]


async def test_a_doubled_creation_makes_two_records(stage: Stage) -> None:
    stage.proxy.break_("double")

    await stage.client.post("/notes", json=NOTE)

    assert set(stage.store.notes) == {"n0", "n1", "n1-2"}
    assert stage.proxy.log[0].forwarded == ("POST /notes -> 201", "POST /notes -> 201")


async def test_a_doubled_calendar_object_has_another_name_and_uid(stage: Stage) -> None:
    stage.proxy.break_("double")

    await stage.client.put("/calendar/one.ics", content=EVENT, headers={"If-None-Match": "*"})

    assert set(stage.store.calendar) == {"one.ics", "one-2.ics"}
    assert b"UID:one-2\r\n" in stage.store.calendar["one-2.ics"]


async def test_a_misplaced_change_lands_on_another_record_that_went_by(stage: Stage) -> None:
    await stage.client.post("/notes", json=NOTE)
    await stage.client.get("/notes")
    stage.proxy.break_("misplace")

    answer = await stage.client.patch("/notes/n1", json={"text": "bring two pens"})

    assert answer.json()["text"] == "bring two pens"
    assert stage.store.notes == {"n0": {**OTHER, "text": "bring two pens"}, "n1": NOTE}


async def test_a_misplaced_write_lands_where_it_is_told_to(stage: Stage) -> None:
    stage.proxy.elsewhere = lambda path: path.replace("/one", "/astray")
    stage.proxy.break_("misplace")

    await stage.client.put("/calendar/one.ics", content=EVENT)

    assert set(stage.store.calendar) == {"astray.ics"}


async def test_a_side_record_is_altered_beside_a_write_that_is_right(stage: Stage) -> None:
    await stage.client.get("/notes")
    stage.proxy.break_("side_record")

    answer = await stage.client.post("/notes", json=NOTE)

    assert answer.json() == NOTE
    assert stage.store.notes == {"n0": {**OTHER, "text": "soup (altered)"}, "n1": NOTE}


async def test_a_delayed_write_arrives_once_the_client_has_given_up(stage: Stage) -> None:
    stage.proxy.break_("delay")

    with pytest.raises(httpx2.ReadTimeout):
        await stage.client.post("/notes", json=NOTE, timeout=httpx2.Timeout(10, read=0.05))
    await stage.proxy.settled()

    assert stage.store.notes["n1"] == NOTE
    assert stage.proxy.log[0].forwarded == ("POST /notes -> 201",)


async def test_an_error_after_commit_has_its_effect(stage: Stage) -> None:
    stage.proxy.break_("error_after_commit")

    answer = await stage.client.post("/notes", json=NOTE)

    assert answer.status_code == 500
    assert stage.store.notes["n1"] == NOTE


async def test_a_cut_connection_has_its_effect(stage: Stage) -> None:
    stage.proxy.break_("cut")

    with pytest.raises((httpx2.NetworkError, httpx2.RemoteProtocolError)):
        await stage.client.post("/notes", json=NOTE)

    assert stage.store.notes["n1"] == NOTE


async def test_stale_reads_show_the_world_before_the_write_until_mended(stage: Stage) -> None:
    stage.proxy.break_("stale", times=None)
    before = (await stage.client.get("/notes")).json()
    missing = (await stage.client.get("/notes/n1")).status_code

    await stage.client.post("/notes", json=NOTE)

    assert (await stage.client.get("/notes")).json() == before == [OTHER]
    assert (await stage.client.get("/notes/n1")).status_code == missing == 404
    await stage.proxy.mend()
    assert (await stage.client.get("/notes/n1")).json() == NOTE


async def test_stale_reads_end_after_the_number_ordered(stage: Stage) -> None:
    stage.proxy.break_("stale", times=2)
    await stage.client.get("/notes")
    await stage.client.post("/notes", json=NOTE)

    seen = [len((await stage.client.get("/notes")).json()) for _ in range(3)]

    assert seen == [1, 1, 2]


async def test_unauthorized_answers_401_and_does_nothing(stage: Stage) -> None:
    stage.proxy.break_("unauthorized")

    assert (await stage.client.post("/notes", json=NOTE)).status_code == 401
    assert stage.store.writes == 0


async def test_a_slow_server_answers_well(stage: Stage) -> None:
    stage.proxy.break_("slow")

    assert (await stage.client.post("/notes", json=NOTE)).json() == NOTE
    assert stage.proxy.count("slow") == 1


async def test_a_closed_port_refuses_until_it_is_mended(stage: Stage) -> None:
    stage.proxy.break_("refuse")

    with pytest.raises(httpx2.ConnectError):
        await stage.client.get("/notes")
    await stage.proxy.mend()

    assert (await stage.client.get("/notes")).json() == [OTHER]


async def test_garbage_is_answered_with_200_and_nothing_is_done(stage: Stage) -> None:
    stage.proxy.break_("garbage", when=lambda method, target: method == "PUT")

    assert (await stage.client.get("/notes")).json() == [OTHER]
    answer = await stage.client.put("/notes/n0", json=NOTE)

    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"decode|Expecting"):
        answer.json()
    assert stage.store.notes == {"n0": OTHER}


async def test_an_endless_body_goes_on_until_the_client_leaves(stage: Stage) -> None:
    stage.proxy.break_("gigabyte")
    read = 0

    async with stage.client.stream("GET", "/notes") as answer:
        async for chunk in answer.aiter_raw():
            read += len(chunk)
            if read > 2_000_000:
                break
    await stage.proxy.settled()

    assert read > 2_000_000
    assert stage.proxy.count("gigabyte") == 1


async def test_a_fault_strikes_as_often_as_ordered_and_only_where_told(stage: Stage) -> None:
    fault = stage.proxy.break_("drop", times=2, when=lambda method, target: target.startswith("/notes/"))

    await stage.client.post("/notes", json=NOTE)
    for text in ("one", "two", "three"):
        await stage.client.put("/notes/n1", json={**NOTE, "text": text})

    assert fault.hits == 2
    assert stage.store.notes["n1"]["text"] == "three"
    assert stage.store.writes == 2


async def test_an_unknown_kind_is_refused(stage: Stage) -> None:
    with pytest.raises(KeyError, match="explode"):
        stage.proxy.break_("explode")


async def test_a_real_server_that_is_gone_reads_as_bad_gateway() -> None:
    async with FaultyServer("http://127.0.0.1:9") as proxy, httpx2.AsyncClient(base_url=proxy.url) as client:
        assert (await client.get("/")).status_code == 502


def test_only_plain_http_can_be_broken() -> None:
    with pytest.raises(ValueError, match="http://"):
        _ = FaultyServer("https://acme.example").url


def test_every_kind_says_what_it_does() -> None:
    assert len(KINDS) >= 14
    assert {kind.name for kind in KINDS.values() if kind.lies} == {
        "drop", "halve", "double", "misplace", "side_record", "garbage", "gigabyte",
    }  # fmt: skip
    assert all(kind.says and name == kind.name for name, kind in (*KINDS.items(), *SMTP_KINDS.items()))


def test_a_patch_of_many_operations_loses_the_second_half() -> None:
    patch = {"Operations": [{"op": "add", "path": "a", "value": 1}, {"op": "add", "path": "b", "value": 2}]}

    assert json.loads(halved(json.dumps(patch).encode()) or b"") == {"Operations": patch["Operations"][:1]}


def test_half_of_one_operation_is_nothing() -> None:
    assert halved(b'{"Operations": [{"op": "replace", "path": "title", "value": "x"}]}') is None


def test_a_doubled_user_gets_another_user_name() -> None:
    assert json.loads(renamed(b'{"userName": "ada", "name": {}}'))["userName"] == "ada-2"
    assert renamed_path("/v2/Users/7") == "/v2/Users/7-2"


def test_a_record_without_texts_cannot_be_altered() -> None:
    assert altered(b'{"id": "1", "active": true}') is None


# --- mail -------------------------------------------------------------------------------------------------------------

MESSAGE = "From: sam@acme.example\r\nTo: ada@acme.example\r\nSubject: Hi\r\n\r\none\r\ntwo\r\n.three\r\nfour\r\n"


@dataclass
class Mailbox:
    """What a real SMTP server (aiosmtpd) took."""

    mails: list[tuple[tuple[str, ...], str]] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        body = message_from_bytes(envelope.content).get_payload()
        self.mails.append((tuple(envelope.rcpt_tos), str(body)))
        return "250 taken"


@dataclass
class Post:
    """A mailbox and a relay before it."""

    box: Mailbox
    relay: FaultySmtp

    async def send(self, timeout: float = 10) -> aiosmtplib.SMTPResponse | None:
        host, port = self.relay.address
        async with aiosmtplib.SMTP(hostname=host, port=port, timeout=timeout, start_tls=False) as client:
            await client.mail("sam@acme.example")
            await client.rcpt("ada@acme.example")
            return await client.data(MESSAGE)


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    box = Mailbox()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(box), "127.0.0.1", 0)
    async with server, FaultySmtp("127.0.0.1", server.sockets[0].getsockname()[1], astray="boss@acme.example") as relay:
        yield Post(box, relay)


WHOLE = "one\r\ntwo\r\n.three\r\nfour\r\n"
ADA = ("ada@acme.example",)


@pytest.mark.parametrize(
    ("kind", "mails"),
    [
        (None, [(ADA, WHOLE)]),
        ("drop", []),
        ("halve", [(ADA, "one\r\ntwo\r\n")]),
        ("double", [(ADA, WHOLE), (ADA, WHOLE)]),
        ("misplace", [(("boss@acme.example",), WHOLE)]),
    ],
)
async def test_a_lying_mail_server_accepts_and_does_otherwise(post: Post, kind: str | None, mails: list[Any]) -> None:
    if kind is not None:
        post.relay.break_(kind)

    answer = await post.send()

    assert answer is not None
    assert answer.code == 250
    assert post.box.mails == mails
    assert kind is None or post.relay.log[0].delivered == len(mails)


async def test_mail_answered_with_451_was_delivered(post: Post) -> None:
    post.relay.break_("error_after_commit")

    with pytest.raises(aiosmtplib.SMTPDataError, match=r"4\.3\.0"):
        await post.send()

    assert post.box.mails == [(ADA, WHOLE)]


async def test_mail_cut_after_its_body_was_delivered(post: Post) -> None:
    post.relay.break_("cut")

    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await post.send()

    assert post.box.mails == [(ADA, WHOLE)]


async def test_delayed_mail_is_delivered_once_the_client_has_given_up(post: Post) -> None:
    post.relay.break_("delay")

    with pytest.raises((TimeoutError, aiosmtplib.SMTPTimeoutError)):
        await post.send(timeout=3.0)
    await post.relay.settled()

    assert post.box.mails == [(ADA, WHOLE)]


async def test_unauthorized_mail_is_not_delivered(post: Post) -> None:
    post.relay.break_("unauthorized")

    with pytest.raises(aiosmtplib.SMTPResponseException, match="authentication"):
        await post.send()

    assert post.box.mails == []


async def test_the_next_message_is_delivered_as_it_is(post: Post) -> None:
    post.relay.break_("drop")
    await post.send()
    await post.send()

    assert post.box.mails == [(ADA, WHOLE)]
    assert post.relay.count("drop") == 1
