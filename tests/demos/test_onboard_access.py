"""The access application keeps what HTTP promises about ETags and preconditions."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from doer.demos.onboard.places import Services
from doer.demos.onboard.wire import Reply, ask, bearer

ADA = "ada.lovelace@acme.example:repo"
LINUS = "linus.berg@acme.example:repo"
CONTENT = {"person": "ada.lovelace@acme.example", "resource": "repo", "level": "write"}


def grant(company: Services, method: str, grant_id: str, content: object = None, **conditions: str) -> Reply:
    headers = bearer(company.access_token) | {name.replace("_", "-"): text for name, text in conditions.items()}
    body = None if content is None else json.dumps(content).encode()
    return ask(method, f"{company.access_url}/grants/{grant_id}", headers, body)


def test_put_with_if_none_match_star_creates_once_and_then_fails(company: Services) -> None:
    first = grant(company, "PUT", ADA, CONTENT, If_None_Match="*")
    second = grant(company, "PUT", ADA, CONTENT | {"level": "admin"}, If_None_Match="*")
    assert (first.status, second.status) == (201, 412)
    assert grant(company, "GET", ADA).record()["level"] == "write"


def test_of_many_creations_at_once_exactly_one_succeeds(company: Services) -> None:
    def create(number: int) -> int:
        return grant(company, "PUT", ADA, CONTENT | {"level": f"level {number}"}, If_None_Match="*").status

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(create, range(8)))
    assert statuses == [201] + [412] * 7


def test_a_stale_etag_changes_nothing(company: Services) -> None:
    stale = grant(company, "GET", LINUS).headers["etag"]
    content = {"person": "linus.berg@acme.example", "resource": "repo", "level": "admin"}
    fresh = grant(company, "PUT", LINUS, content, If_Match=stale)
    assert fresh.status == 200
    assert fresh.headers["etag"] != stale
    assert grant(company, "PUT", LINUS, content | {"level": "none"}, If_Match=stale).status == 412
    assert grant(company, "DELETE", LINUS, If_Match=stale).status == 412
    assert grant(company, "GET", LINUS).record()["level"] == "admin"


def test_delete_with_the_current_etag_removes_the_grant(company: Services) -> None:
    etag = grant(company, "GET", LINUS).headers["etag"]
    assert grant(company, "DELETE", LINUS, If_Match=etag).status == 204
    assert grant(company, "GET", LINUS).status == 404
    assert grant(company, "DELETE", LINUS).status == 404


def test_an_etag_is_never_used_for_a_second_life(company: Services) -> None:
    first = grant(company, "PUT", ADA, CONTENT).headers["etag"]
    grant(company, "DELETE", ADA)
    assert grant(company, "PUT", ADA, CONTENT).headers["etag"] != first


@pytest.mark.parametrize("tag", ["*", '"1"'])
def test_if_match_fails_where_there_is_no_grant(company: Services, tag: str) -> None:
    assert grant(company, "PUT", ADA, CONTENT, If_Match=tag).status == 412
    assert grant(company, "GET", ADA).status == 404


def test_a_weak_tag_never_satisfies_if_match(company: Services) -> None:
    etag = grant(company, "GET", LINUS).headers["etag"]
    assert grant(company, "DELETE", LINUS, If_Match=f"W/{etag}").status == 412


def test_a_reader_with_the_current_etag_is_told_that_nothing_changed(company: Services) -> None:
    etag = grant(company, "GET", LINUS).headers["etag"]
    assert grant(company, "GET", LINUS, If_None_Match=etag).status == 304


def test_grants_are_found_by_person_and_resource(company: Services) -> None:
    url = f"{company.access_url}/grants?person=linus.berg@acme.example"
    headers = bearer(company.access_token)
    every = ask("GET", url, headers).record()["grants"]
    one = ask("GET", f"{url}&resource=vpn", headers).record()["grants"]
    assert isinstance(every, list)
    assert isinstance(one, list)
    assert (len(every), len(one)) == (3, 1)
    assert ask("GET", f"{company.access_url}/grants?colour=red", headers).status == 400


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ({"person": "x", "resource": "repo"}, 422),
        (CONTENT | {"level": 5}, 422),
        (CONTENT | {"colour": "red"}, 422),
        (CONTENT | {"id": "another"}, 422),
        ([], 422),
        (CONTENT | {"level": "x" * 70_000}, 413),
    ],
)
def test_a_grant_of_the_wrong_shape_is_refused_with_a_reason(company: Services, content: object, status: int) -> None:
    reply = grant(company, "PUT", ADA, content)
    assert reply.status == status
    assert reply.record()["error"]
    assert grant(company, "GET", ADA).status == 404


def test_without_the_token_nothing_is_told(company: Services) -> None:
    assert ask("GET", f"{company.access_url}/grants", bearer("wrong")).status == 401
