"""The office: its observer sees every kind of change by code of its own, a reset takes all back, and the job does its work."""

from __future__ import annotations

import ast
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from doer.demos.office import meddling, repositories, seeing, world
from doer.demos.office.scenario import OfficeDay, OfficeStage
from doer.demos.onboard.wire import ask, basic, bearer


@pytest.fixture
def office(office_root: Path) -> OfficeStage:
    running = OfficeDay().attach(office_root)
    running.reset()
    return running


async def test_the_job_is_done_in_every_system_and_a_reset_takes_it_all_away(office: OfficeStage) -> None:
    async with office.open() as doer:
        run = await doer.do(OfficeDay().sentence, approve=lambda _: True)

    assert (run.status, run.reason) == ("done", "")
    assert {step.id for step in run.irreversible if step.effect != "read"} == {"answer", "news"}
    changed = office.effects()
    for place in (
        "calendar/New prices: spring", "delivered/jo@acme.example/Re: Prices for spring", "delivered/sales@acme.example",
        "files/prices/spring.zip", "git/host/site.git/heads/main", "git/host/site.git/tags/prices-spring",
        "git/manual/heads/main", "git/site/heads/spring-next", "groups/launch", "ledger/launches/spring", "mailbox/Archive/Prices for spring",
        "mailbox/Drafts/Prices for spring", "reminders/Look at the orders", "shop/announcements/New prices: spring",
        "shop/products/LMP-1",
    ):  # fmt: skip
        assert any(place in each for each in changed), place
    assert office.doubled() == []

    office.reset()

    assert office.effects() == []


async def test_the_job_leaves_the_same_lines_each_time_and_what_others_edit_then_is_seen(office: OfficeStage) -> None:
    found = []
    for _ in range(2):
        office.reset()
        async with office.open() as doer:
            await doer.do(OfficeDay().sentence, approve=lambda _: True)
        found.append(office.effects())

    assert found[0] == found[1]
    assert len(found[0]) == 23

    made = office.meddle()

    assert set(made) == {name for each in meddling.EDITS.values() for name in each}
    assert list(office.still(made)) == made
    office.reset()
    assert office.still(made) == []


def test_a_second_record_of_one_place_is_kept_beside_the_first(office: OfficeStage) -> None:
    with office.direct.mailbox() as client:
        client.append("Drafts", "", "", b"Subject: Twice\r\nMessage-ID: <a@b>\r\n\r\nx\r\n")
        client.append("Drafts", "", "", b"Subject: Twice\r\nMessage-ID: <a@b>\r\n\r\nx\r\n")

    assert [each for each in world.observe(office.direct) if "Twice" in each] == [
        "mailbox/Drafts/Twice",
        "mailbox/Drafts/Twice #2",
    ]
    assert office.doubled() == ["mailbox/Drafts/Twice #2"]


def test_what_is_done_by_hand_in_any_system_is_an_effect(office: OfficeStage) -> None:
    at = office.direct
    repositories.git(at.hosted / "manual.git", "tag", "v9", "main")
    (at.desk / "new.md").write_text("new")
    with closing(sqlite3.connect(at.ledger)) as connection, connection:
        connection.execute("DELETE FROM launches WHERE season = 'winter'")
    ask("DELETE", f"{at.shop_url}/api/announcements/1000", bearer(at.shop_token))

    assert [each.split(" {")[0] for each in office.effects()] == [
        "+ files/new.md",
        "+ git/host/manual.git/tags/v9",
        "- ledger/launches/winter",
        "- shop/announcements/We are moving",
    ]


def test_the_shop_keeps_preconditions_and_idempotency_keys(office: OfficeStage) -> None:
    url, headers = f"{office.direct.shop_url}/api", bearer(office.direct.shop_token)
    keyed = {**headers, "Content-Type": "application/json", "Idempotency-Key": "k1"}

    first = ask("POST", f"{url}/announcements", keyed, b'{"title": "Once"}')
    again = ask("POST", f"{url}/announcements", keyed, b'{"title": "Once"}')
    other = ask("POST", f"{url}/announcements", keyed, b'{"title": "Another"}')
    stale = ask("PUT", f"{url}/products/LMP-1", {**headers, "If-Match": '"LMP-1-0"'}, b"{}")

    assert (first.status, again.status, other.status, stale.status) == (201, 201, 422, 412)
    assert first.record()["id"] == again.record()["id"]
    assert ask("GET", f"{url}/products").status == 401
    assert 'rel="next"' in ask("GET", f"{url}/products", headers).headers["link"]


def test_the_git_host_lets_nobody_in_without_the_token(office: OfficeStage) -> None:
    url = f"{office.direct.git_url}/site.git/info/refs?service=git-receive-pack"

    assert ask("GET", url).status == 401
    assert ask("GET", url, basic("sam", "wrong")).status == 401
    assert ask("GET", url, basic("sam", office.direct.git_token)).status == 200


@pytest.mark.parametrize("module", [seeing, repositories, world, meddling])
def test_the_observer_shares_no_code_with_the_connectors(module: object) -> None:
    tree = ast.parse(Path(str(getattr(module, "__file__", ""))).read_text())
    imported = [each.module or "" for each in ast.walk(tree) if isinstance(each, ast.ImportFrom)]
    imported += [name.name for each in ast.walk(tree) if isinstance(each, ast.Import) for name in each.names]

    assert not [each for each in imported if "connectors" in each or "imap_tools" in each or "caldav" in each]
