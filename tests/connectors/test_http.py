"""The HTTP tools on a real service: where requests may go, what is foreseen, written once, proved and taken back."""

import base64
import gzip
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response
from tests.connectors.http_case import KEY, TICKET, Desk
from tests.connectors.http_server import TOKEN, Service, http_server, problem

from doer.connectors.tools.http import http_tools
from doer.domain.errors import CredentialRefused, OutcomeUnknown, Permanent, ToolError, Transient, UsageError
from doer.domain.outcome import Conflict


@pytest.fixture(scope="module")
def server() -> Iterator[Service]:
    with http_server() as service:
        yield service


@pytest.fixture(scope="module")
def stranger() -> Iterator[Service]:
    """Another origin: nothing may ever come here."""
    with http_server() as service:
        yield service


@pytest.fixture
def desk(server: Service) -> Desk:
    return Desk(server.reset()).connect()


# --- where requests may go --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "http://evil.example/tickets",
        "https:/evil.example",
        "//evil.example/tickets",
        "/../admin",
        "/tickets/../../admin",
        "/tickets/%2e%2e/%2e%2e/admin",
        "/tickets/%252e%252e/admin",
        "/tickets/..%2fadmin",
        "/tickets/..;/admin",
        "/tickets/\uff0e\uff0e/admin",
        "/tickets//4812",
        "/tickets\\4812",
        "/tickets/48%5c12",
        "/tickets/48%0a12",
        "/tickets/48\r\n12",
        "/tickets/48%0d%0aHost: evil",
        "/tickets/\u202e4812",
        "/tickets/%ff",
        "/tickets#4812",
        "/" + "x" * 5000,
        "",
        " ",
        None,
        4812,
    ],
)
@pytest.mark.parametrize("tool", ["get", "list", "create", "replace", "change", "delete"])
async def test_a_path_that_could_lead_elsewhere_is_refused_and_nothing_is_sent(
    desk: Desk, tool: str, path: Any
) -> None:
    arguments = {"path": path, "body": {"a": 1}, "changes": {"a": 1}}

    for verb in (desk.tools[tool].preview(arguments, ()), desk.tools[tool].apply(arguments, KEY, ())):
        with pytest.raises(Permanent):
            await verb

    assert desk.service.seen == []


@pytest.mark.parametrize(
    ("patterns", "path", "allowed"),
    [
        (["*"], "/tickets/4812", True),
        (["/tickets"], "/tickets", True),
        (["/tickets"], "/tickets/4812", False),
        (["/tickets/*"], "/tickets/4812", True),
        (["/tickets/*"], "/tickets", False),
        (["/tickets/*"], "/people/1", False),
        (["/tickets/**"], "/tickets/4812/notes/7", True),
        (["/tickets/48*"], "/tickets/4812", True),
        (["/tickets/48*"], "/tickets/5812", False),
        (["/tickets"], "/ticketsandmore", False),
        ([], "/tickets", False),
    ],
)
async def test_only_what_a_pattern_allows_is_read(
    server: Service, patterns: list[str], path: str, allowed: bool
) -> None:
    desk = Desk(server.reset()).connect(readable=patterns)

    if allowed:
        await desk.tools["get"].preview({"path": path}, ())
    else:
        with pytest.raises(Permanent, match="may not be read here"):
            await desk.result("get", path=path)
    assert server.seen == []


async def test_what_may_be_read_may_not_be_written_without_being_named(server: Service) -> None:
    desk = Desk(server.reset()).connect(writable=("/people/*",))

    with pytest.raises(Permanent, match="may not be written here: only /people"):
        await desk.foresee("change", path=TICKET, changes={"status": "closed"})

    assert server.seen == []


def test_a_connection_that_names_nothing_writable_has_only_reads(server: Service) -> None:
    assert sorted(Desk(server).connect(writable=()).tools) == ["get", "list"]


async def test_a_sign_that_needs_it_is_encoded_and_the_query_as_well(desk: Desk) -> None:
    desk.service.data["tickets"]["ä&b"] = {"id": "ä&b"}

    assert (await desk.result("get", path="/tickets/ä&b"))["body"] == {"id": "ä&b"}
    await desk.result("list", path="/tickets?status=open", query={"q": "a&b=c d", "all": True})

    assert desk.service.seen[-1][1] == "/api/tickets?status=open&q=a%26b%3Dc+d&all=true"


@pytest.mark.parametrize("query", [{"a": None}, {"a": ["b"]}, {"a": "\x00"}, {"a": "x" * 3000}, ["a"]])
async def test_a_query_that_is_none_is_refused(desk: Desk, query: Any) -> None:
    with pytest.raises(Permanent):
        await desk.result("get", path=TICKET, query=query)

    assert desk.service.seen == []


def test_paths_and_queries_are_destinations(desk: Desk) -> None:
    assert {name: tool.manifest.roles.get("path") for name, tool in desk.tools.items()} == dict.fromkeys(
        desk.tools, "destination"
    )
    assert desk.tools["get"].manifest.roles["query"] == "destination"


async def test_a_read_follows_a_redirect_below_its_base(desk: Desk) -> None:
    found = await desk.result("get", path="/go", query={"to": "/api/tickets/4812"})

    assert (found["path"], found["body"]["title"]) == (TICKET, "Login is slow")


async def test_a_read_follows_no_redirect_to_another_origin_and_the_secret_stays_here(
    server: Service, stranger: Service
) -> None:
    desk = Desk(server.reset()).connect(auth="bearer", credential=lambda: TOKEN)
    stranger.seen.clear()

    for target in (f"{stranger.url}/tickets", f"//127.0.0.1:{stranger.port}/api/tickets", "/outside", "/api/../admin"):
        with pytest.raises(Permanent, match="not below the connection's address"):
            await desk.result("get", path="/go", query={"to": target})

    assert stranger.seen == []


async def test_a_read_is_not_redirected_to_what_may_not_be_read(server: Service) -> None:
    desk = Desk(server.reset()).connect(readable=("/go", "/people/*"))

    with pytest.raises(Permanent, match="may not be read"):
        await desk.result("get", path="/go", query={"to": "/api/tickets/4812"})


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_write_follows_no_redirect(desk: Desk, status: int) -> None:
    foretold = await desk.foresee("change", path=TICKET, changes={"status": "closed"})
    world = desk.service.world()
    desk.service.instead = Response(status_code=status, headers={"Location": "/api/tickets/4811"})

    with pytest.raises(Permanent, match="moved to"):
        await desk.tools["change"].apply({"path": TICKET, "changes": {"status": "closed"}}, KEY, foretold)

    assert desk.service.world() == world


@pytest.mark.parametrize(
    "url",
    [
        "ftp://crm.example",
        "crm.example",
        "http://",
        "http://u:p4ss@crm.example/",
        "http://crm.example/?a=b",
        "http://[x",
    ],
)
def test_an_address_that_is_no_bare_http_address_is_refused_without_showing_a_password(url: str) -> None:
    with pytest.raises(UsageError) as refusal:
        http_tools("crm", url)

    assert "p4ss" not in str(refusal.value)


# --- who is let in ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "header", "value"),
    [
        ({"auth": "bearer"}, "authorization", f"Bearer {TOKEN}"),
        (
            {"auth": "basic", "username": "doer"},
            "authorization",
            "Basic " + base64.b64encode(f"doer:{TOKEN}".encode()).decode(),
        ),
        ({"auth": "header:X-Api-Key"}, "x-api-key", TOKEN),
    ],
)
async def test_the_secret_is_asked_for_at_each_call_and_sent_as_the_connection_says(
    server: Service, settings: dict[str, Any], header: str, value: str
) -> None:
    asked: list[str] = []

    def credential() -> str:
        asked.append("now")
        return TOKEN

    desk = Desk(server.reset()).connect(credential=credential, **settings)
    assert asked == []

    await desk.result("get", path=TICKET)
    await desk.result("get", path=TICKET)

    assert len(asked) == 2
    assert server.seen[-1][2][header] == value


async def test_a_refused_credential_has_its_name_and_nothing_was_done(desk: Desk) -> None:
    desk.service.answers.append(problem(401, "Unauthorized", "the token has expired"))

    with pytest.raises(CredentialRefused, match="the token has expired"):
        await desk.result("get", path=TICKET)


@pytest.mark.parametrize("secret", ["", "two\nlines", "späť", " padded"])
async def test_a_secret_that_no_header_carries_is_refused_without_being_shown(server: Service, secret: str) -> None:
    desk = Desk(server.reset()).connect(auth="bearer", credential=lambda: secret)

    with pytest.raises(CredentialRefused) as refusal:
        await desk.result("get", path=TICKET)

    assert not secret or secret not in str(refusal.value)
    assert server.seen == []


@pytest.mark.parametrize("auth", ["bearer", "basic", "header:X-Api-Key"])
async def test_a_service_that_repeats_the_secret_gets_it_into_no_message_and_no_result(
    server: Service, auth: str
) -> None:
    secret = 's3cret/with "quotes"'
    pair = base64.b64encode(f"doer:{secret}".encode()).decode()
    desk = Desk(server.reset()).connect(auth=auth, username="doer", credential=lambda: secret)
    said = f"bad {secret} and {pair} " + "x" * 230 + secret  # the last is where a message is cut
    told: list[str] = []
    for status in (400, 401, 403, 404, 409, 422, 429, 500, 503):
        server.answers.append(problem(status, "No", said))
        try:
            told.append(repr(await desk.result("get", path=TICKET)))
        except ToolError as failure:
            told.append(repr([str(failure), failure.__cause__, failure.__suppress_context__]))
    server.answers.append(JSONResponse({"headers": {"authorization": said}}))
    told.append(repr(await desk.result("get", path=TICKET)))
    server.answers.append(Response(said))
    told.append(repr(await desk.result("get", path=TICKET)))

    assert len(told) == 11
    for each in told:
        assert "***" in each or "there is nothing" in each
        assert "s3cret" not in each
        assert auth != "basic" or pair not in each


@pytest.mark.parametrize(
    "settings",
    [
        {"auth": "digest"},
        {"auth": "bearer"},
        {"auth": "basic", "credential": lambda: "x"},
        {"auth": "header:", "credential": lambda: "x"},
        {"auth": "header:Host", "credential": lambda: "x"},
        {"auth": "none", "credential": lambda: "x"},
        {"once": "sometimes"},
        {"once": "unique:"},
        {"once": "unique:id"},
        {"timeout": 0},
    ],
)
def test_settings_that_do_not_fit_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        http_tools("crm", "https://crm.example", **settings)


# --- limits -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "headers", "waits"),
    [
        (429, {"Retry-After": "7"}, 7.0),
        (503, {"Retry-After": "2"}, 2.0),
        (429, {"Retry-After": "Sat, 21 Nov 2026 14:00:09 GMT", "Date": "Sat, 21 Nov 2026 14:00:00 GMT"}, 9.0),
        (429, {"RateLimit": '"burst";r=3;t=60, "day";r=0;t=8', "RateLimit-Policy": '"burst";q=10'}, 8.0),
        (429, {"RateLimit-Remaining": "0", "RateLimit-Reset": "5"}, 5.0),
        (429, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "4"}, 4.0),
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "3"}, 3.0),
        (
            429,
            {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1795269606", "Date": "Sat, 21 Nov 2026 14:00:00 GMT"},
            6.0,
        ),
    ],
)
async def test_a_request_that_came_too_often_waits_as_the_server_asks_and_is_sent_again(
    desk: Desk, status: int, headers: dict[str, str], waits: float
) -> None:
    desk.service.answers.append(problem(status, "Slow down", **headers))

    found = await desk.result("get", path=TICKET)

    assert found["status"] == 200
    assert desk.waited == [waits]


async def test_a_wait_longer_than_a_verb_may_last_is_told_with_its_moment_and_not_waited(desk: Desk) -> None:
    headers = {"Retry-After": "3600", "Date": "Sat, 21 Nov 2026 14:00:00 GMT"}
    desk.service.answers.append(problem(429, "Slow down", **headers))

    with pytest.raises(Transient, match=r"again at 2026-11-21T15:00:00\+00:00 \(in 3600 s\)"):
        await desk.result("get", path=TICKET)

    assert desk.waited == []


async def test_a_server_that_always_asks_to_wait_is_not_asked_for_ever(desk: Desk) -> None:
    desk.service.answers += [problem(429, "Slow down", **{"Retry-After": "1"}) for _ in range(50)]

    with pytest.raises(Transient):
        await desk.result("get", path=TICKET)

    assert len(desk.waited) <= 10


async def test_a_limit_that_is_used_up_is_waited_for_before_the_next_request(desk: Desk) -> None:
    desk.service.extra = {"RateLimit": '"default";r=0;t=9'}
    await desk.result("list", path="/tickets")
    desk.service.extra = {"RateLimit": '"default";r=5;t=9'}
    assert desk.waited == []

    await desk.result("list", path="/tickets")
    await desk.result("list", path="/tickets")

    assert len(desk.waited) == 1
    assert 8.0 < desk.waited[0] <= 9.0


async def test_a_limit_that_is_used_up_for_long_stops_a_write_before_it_is_sent(desk: Desk) -> None:
    desk.service.extra = {"RateLimit-Remaining": "0", "RateLimit-Reset": "900"}
    await desk.result("list", path="/tickets")
    desk.service.seen.clear()

    with pytest.raises(Transient, match="nothing was sent"):
        await desk.tools["change"].apply({"path": TICKET, "changes": {"status": "closed"}}, KEY, ())

    assert desk.service.seen == []


async def test_a_throttled_write_is_sent_again_and_done_once(desk: Desk) -> None:
    desk.service.instead = problem(503, "Back soon", **{"Retry-After": "1"})

    await desk.do("create", path="/people", body={"name": "Ada"})

    assert desk.waited == [1.0]
    assert [each["name"] for each in desk.service.data["people"].values()] == ["Grace", "Linus", "Ada"]


# --- what is answered -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422, 501])
async def test_what_the_server_refuses_had_no_effect_and_its_problem_is_shown(desk: Desk, status: int) -> None:
    foretold = await desk.foresee("change", path=TICKET, changes={"status": "closed"})
    desk.service.instead = problem(status, "Refused", "closing needs a reason")

    with pytest.raises(Permanent, match=rf"{status} \(Refused: closing needs a reason\)"):
        await desk.tools["change"].apply({"path": TICKET, "changes": {"status": "closed"}}, KEY, foretold)


async def test_a_problem_is_escaped_and_cut(desk: Desk) -> None:
    desk.service.answers.append(problem(422, "\x1b[31mred\u202e", "line\none " + "x" * 5000))

    with pytest.raises(Permanent) as refusal:
        await desk.result("get", path=TICKET)

    said = str(refusal.value)
    assert r"\x1b[31mred\u202e: line one xxx" in said
    assert len(said) < 500


async def test_a_write_answered_by_500_is_an_unknown_outcome_and_a_read_is_not(desk: Desk) -> None:
    foretold = await desk.foresee("change", path=TICKET, changes={"status": "closed"})
    desk.service.instead = problem(500, "Oops")

    with pytest.raises(OutcomeUnknown):
        await desk.tools["change"].apply({"path": TICKET, "changes": {"status": "closed"}}, KEY, foretold)
    desk.service.answers.append(problem(500, "Oops"))
    with pytest.raises(Transient):
        await desk.result("get", path=TICKET)


async def test_text_is_read_as_text_and_is_not_written_over(desk: Desk) -> None:
    desk.service.answers += [Response("hello", media_type="text/plain"), Response("hello", media_type="text/plain")]

    assert (await desk.result("get", path="/notes/1"))["text"] == "hello"
    with pytest.raises(Permanent, match="is no JSON"):
        await desk.foresee("change", path="/notes/1", changes={"a": 1})


@pytest.mark.parametrize("body", ["{", "[" * 200 + "]" * 200, "NaN"])
async def test_json_that_is_none_is_said_to_be_none(desk: Desk, body: str) -> None:
    desk.service.answers.append(Response(body, media_type="application/json"))

    with pytest.raises(Transient, match="it is none"):
        await desk.result("get", path=TICKET)


async def test_large_integers_keep_their_digits(desk: Desk) -> None:
    desk.ticket()["number"] = 12345678901234567890

    assert (await desk.result("get", path=TICKET))["body"]["number"] == "12345678901234567890"


async def test_what_holds_large_integers_can_be_changed_and_not_be_taken_back(desk: Desk) -> None:
    desk.ticket()["number"] = 12345678901234567890

    preview = await desk.tools["change"].preview({"path": TICKET, "changes": {"status": "closed"}}, ())
    _, receipt = await desk.do("change", path=TICKET, changes={"status": "closed"})

    assert (preview.effect, preview.changes[0].reversible) == ("irreversible", False)
    assert isinstance(await desk.undo("change", receipt), Conflict)
    assert desk.ticket()["number"] == 12345678901234567890


async def test_an_answer_packed_without_being_asked_is_unpacked_but_never_beyond_the_limit(desk: Desk) -> None:
    packed = {"Content-Encoding": "gzip"}
    desk.service.answers.append(Response(gzip.compress(b'{"a": 1}'), headers=packed, media_type="application/json"))
    bomb = gzip.compress(b"[" + b"0," * 20_000_000 + b"0]")
    desk.service.answers.append(Response(bomb, headers=packed, media_type="application/json"))

    assert (await desk.result("get", path=TICKET))["body"] == {"a": 1}
    with pytest.raises(Permanent, match="larger than 33554432 bytes"):
        await desk.result("get", path=TICKET)
    assert len(bomb) < 100_000


@pytest.mark.parametrize("packing", ["br", "gzip, gzip"])
async def test_an_answer_packed_in_another_way_is_refused(desk: Desk, packing: str) -> None:
    desk.service.answers.append(Response(b"?", headers={"Content-Encoding": packing}))

    with pytest.raises(Permanent, match="which was not asked for"):
        await desk.result("get", path=TICKET)


async def test_a_result_larger_than_a_receipt_is_refused(desk: Desk) -> None:
    desk.ticket()["log"] = "x" * 1_000_000

    with pytest.raises(Permanent, match="ask for less"):
        await desk.result("get", path=TICKET)


# --- lists ------------------------------------------------------------------------------------------------------------


async def test_a_list_follows_its_pages(desk: Desk) -> None:
    desk.service.page = 1

    found = await desk.result("list", path="/tickets")

    assert [each["id"] for each in found["items"]] == ["4811", "4812", "4813"]
    assert (found["complete"], found["pages"]) == (True, 3)


async def test_a_list_has_an_end_also_where_the_server_knows_none(desk: Desk) -> None:
    desk.service.data["tickets"] = {str(number): {"id": str(number)} for number in range(50)}
    desk.service.page = 1

    found = await desk.result("list", path="/tickets")

    assert (found["count"], found["complete"]) == (20, False)


@pytest.mark.parametrize("target", ["http://evil.example/api/tickets", "//evil.example/api/tickets", "/other/tickets"])
async def test_a_next_page_that_lies_elsewhere_is_not_followed(desk: Desk, target: str) -> None:
    desk.service.extra = {"Link": f'<{target}>; rel="next"'}

    with pytest.raises(Permanent, match="the next page is"):
        await desk.result("list", path="/tickets")


async def test_a_next_page_that_is_the_same_page_ends_the_list(desk: Desk) -> None:
    desk.service.extra = {"Link": '</api/tickets>; rel="next"'}

    found = await desk.result("list", path="/tickets")

    assert (found["count"], found["complete"], found["pages"]) == (3, False, 1)


@pytest.mark.parametrize(
    "body",
    [
        {"data": [{"id": 1}], "links": {"next": None}},
        {"_embedded": {"tickets": [{"id": 1}]}, "_links": {"self": {"href": "/api/tickets"}}},
        {"tickets": [{"id": 1}], "total": 1},
        [{"id": 1}],
    ],
)
async def test_lists_are_found_in_the_forms_that_services_use(desk: Desk, body: Any) -> None:
    desk.service.answers.append(JSONResponse(body))

    found = await desk.result("list", path="/tickets")

    assert (found["items"], found["complete"]) == ([{"id": 1}], True)


async def test_a_list_that_says_that_there_are_more_is_not_called_complete(desk: Desk) -> None:
    desk.service.answers.append(JSONResponse({"items": [{"id": 1}], "total": 7}))

    assert (await desk.result("list", path="/tickets"))["complete"] is False
