"""The directory's tools on a real SCIM server: who is meant, what is foreseen, what a lie looks like, what is left alone."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.connectors.directory_server import ENTERPRISE, TOKEN, World, directory_server, fresh

from doer.connectors.secrets import fixed
from doer.connectors.tools.directory import directory_tools
from doer.domain.action import Change, Intent, Receipt
from doer.domain.errors import OutcomeUnknown, Permanent, Transient, UsageError
from doer.domain.outcome import Absent, Conflict, Partial, Refuted, Undone, Unknown, Verification, Verified
from doer.domain.ports import Tool
from doer.domain.value import Hole, Key
from doer.testing.faults import FaultyServer

ADA: dict[str, Any] = {
    "user_name": "ada@acme.example",
    "given_name": "Ada",
    "family_name": "Lovelace",
    "email": "ada@acme.example",
    "title": "Backend Engineer",
    "department": "backend",
    "manager": "Grace Hopper",
}
KEY = Key("0123456789abcdef")


@dataclass
class Company:
    """The tools of one directory, the proxy they go through, and the world behind it."""

    tools: dict[str, Tool]
    proxy: FaultyServer
    world: World

    async def foresee(self, tool: str, pending: tuple[Change, ...] = (), **arguments: Any) -> tuple[Change, ...]:
        return tuple((await self.tools[f"hr.{tool}"].preview(arguments, pending)).changes)

    async def do(self, tool: str, key: Key = KEY, **arguments: Any) -> tuple[Intent, Receipt]:
        intent = Intent(arguments, key, await self.foresee(tool, **arguments))
        return intent, await self.tools[f"hr.{tool}"].apply(arguments, key, intent.changes)

    async def verify(self, tool: str, intent: Intent, receipt: Receipt | None = None) -> Verification:
        return await self.tools[f"hr.{tool}"].verify(intent, receipt)

    async def result(self, tool: str, **arguments: Any) -> Any:
        return (await self.tools[f"hr.{tool}"].apply(arguments, KEY, ())).result

    def break_write(self, kind: str) -> None:
        self.proxy.break_(kind, when=lambda method, target: method != "GET")


@pytest.fixture(scope="module")
def server(scim: World) -> World:
    return scim


@pytest.fixture
async def company(server: World) -> AsyncIterator[Company]:
    async with opened(fresh(server)) as found:
        yield found


class opened:  # noqa: N801 - reads as a word in `async with`
    def __init__(self, world: World, timeout: float = 5) -> None:
        self.world, self.timeout, self.proxy = world, timeout, FaultyServer(world.url)

    async def __aenter__(self) -> Company:
        await self.proxy.__aenter__()
        tools = directory_tools("hr", self.proxy.url, token=fixed(TOKEN), timeout=self.timeout)
        return Company({each.manifest.name: each for each in tools}, self.proxy, self.world)

    async def __aexit__(self, *failure: object) -> None:
        await self.proxy.__aexit__(None, None, None)


# --- who is meant -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["grace@acme.example", "GRACE@acme.example", "Grace Hopper", "id"])
async def test_a_user_is_found_by_user_name_display_name_or_id(company: Company, said: str) -> None:
    said = company.world.ids["grace@acme.example"] if said == "id" else said

    (change,) = await company.foresee("deactivate_user", user=said)

    assert change.resource == "scim:hr/Users/grace@acme.example"
    assert isinstance(change.after, dict)
    assert (change.after["active"], change.reversible) == (False, True)


async def test_two_people_of_one_name_are_listed_and_nobody_is_chosen(company: Company) -> None:
    with pytest.raises(Permanent, match=r"2 users .*ana2@acme.example.*ana@acme.example"):
        await company.foresee("deactivate_user", user="Ana Lopez")


@pytest.mark.parametrize("tool", ["deactivate_user", "add_to_group"])
async def test_nobody_of_that_name_is_said_plainly(company: Company, tool: str) -> None:
    more: dict[str, Any] = {"group": "sales"} if tool == "add_to_group" else {}
    with pytest.raises(Permanent, match="no user called 'Nobody'"):
        await company.foresee(tool, user="Nobody", **more)


async def test_two_groups_of_one_name_are_listed(company: Company) -> None:
    company.world.add_group("sales")

    with pytest.raises(Permanent, match="2 groups are called 'sales'"):
        await company.foresee("add_to_group", user="Grace Hopper", group="sales")


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"name": "Ana Lopez"}, ["ana2@acme.example", "ana@acme.example"]),
        ({"email": "linus@acme.example"}, ["linus@acme.example"]),
        ({"user_name": 'x" or userName pr or userName eq "x'}, []),
        ({"group": "engineering"}, ["grace@acme.example", "linus@acme.example"]),
        ({"group": "engineering", "name": "Linus Berg"}, ["linus@acme.example"]),
        ({"active": False}, ["ana@acme.example"]),
    ],
)
async def test_users_are_found_by_every_filter_given(company: Company, filters: Any, names: list[str]) -> None:
    company.world.patch(
        "Users", company.world.ids["ana@acme.example"], {"op": "replace", "path": "active", "value": False}
    )

    found = await company.result("find_users", **filters)

    assert [each["user_name"] for each in found["users"]] == names
    assert found["count"] == len(names)


async def test_groups_are_found_by_their_members(company: Company) -> None:
    found = await company.result("find_groups", member="Linus Berg")

    assert [(each["display_name"], each["members"]) for each in found["groups"]] == [("engineering", 2)]


async def test_a_directory_of_many_pages_is_read_whole_and_says_what_was_not_compared(plain_server: World) -> None:
    async with opened(fresh(plain_server)) as company:
        for number in range(16):
            company.world.add_user(f"u{number}@acme.example", "Many", f"N{number}")

        found = await company.result("find_users")
        intent, receipt = await company.do("create_user", Key("many"), **ADA)
        verified = await company.verify("create_user", intent, receipt)

    assert found["count"] == 20
    assert len([each for each in company.proxy.requests if "Users?" in each[1]]) > 3
    assert isinstance(verified, Verified)
    assert "not compared" in verified.evidence


# --- what is foreseen -------------------------------------------------------------------------------------------------


async def test_a_new_user_is_foreseen_whole_with_the_key_to_come(company: Company) -> None:
    (change,) = await company.foresee("create_user", **ADA)

    assert change.before is None
    assert change.after == {
        **ADA,
        "display_name": "Ada Lovelace",
        "manager": "grace@acme.example",
        "active": True,
        "external_id": "‹key of this action›",
    }


async def test_steps_see_the_user_and_the_group_that_earlier_steps_create(company: Company) -> None:
    pending = await company.foresee("create_user", **ADA)
    pending += await company.foresee("create_group", pending, display_name="backend")

    (joins,) = await company.foresee("add_to_group", pending, user="Ada Lovelace", group="backend")
    (again,) = await company.foresee("add_to_group", (*pending, joins), user="ada@acme.example", group="backend")
    (leaves,) = await company.foresee("remove_from_group", (*pending, joins), user="ada@acme.example", group="backend")
    (renamed,) = await company.foresee("change_user", pending, user="ada@acme.example", title="Engineer")

    assert joins.resource == "scim:hr/Groups/backend/members/ada@acme.example"
    assert (joins.kind, again.kind, leaves.kind) == ("create", "same", "delete")
    assert isinstance(pending[0].after, dict)
    assert renamed.before == {name: value for name, value in pending[0].after.items() if name != "external_id"}
    assert renamed.kind == "update"


async def test_a_change_foreseen_for_a_planned_user_is_found_again_when_the_user_is_there(company: Company) -> None:
    pending = await company.foresee("create_user", **ADA)
    planned = await company.foresee("change_user", pending, user="ada@acme.example", title="Boss", manager="Linus Berg")
    await company.do("create_user", **ADA)

    (found,) = await company.foresee("change_user", user="ada@acme.example", title="Boss", manager="Linus Berg")

    assert (found.resource, found.before, found.after) == (planned[0].resource, planned[0].before, planned[0].after)


async def test_a_user_known_only_later_is_shown_as_what_it_is_made_of(company: Company) -> None:
    (change,) = await company.foresee("add_to_group", user=Hole.of("id of account"), group="sales")

    assert change.after == {"group": "sales", "member": "‹id of account›"}
    assert change.kind == "create"


async def test_a_membership_that_is_there_is_no_change_and_undo_leaves_it(company: Company) -> None:
    intent, receipt = await company.do("add_to_group", user="Linus Berg", group="engineering")

    assert intent.changes[0].kind == "same"
    assert isinstance(await company.verify("add_to_group", intent, receipt), Verified)
    assert isinstance(await company.tools["hr.add_to_group"].undo(receipt), Undone)
    assert "linus@acme.example" in company.world.members("engineering")


# --- never knowingly somebody else's ----------------------------------------------------------------------------------


async def test_a_name_that_was_taken_in_the_meantime_is_never_adopted(company: Company) -> None:
    foretold = await company.foresee("create_user", **ADA)
    company.world.add_user("ada@acme.example", "Another", "Ada")

    with pytest.raises(Permanent, match="somebody else"):
        await company.tools["hr.create_user"].apply(ADA, KEY, foretold)

    assert isinstance(await company.verify("create_user", Intent(ADA, KEY, foretold)), Absent)
    assert company.world.user("ada@acme.example")["displayName"] == "Another Ada"


async def test_another_process_adopts_what_its_key_created(company: Company) -> None:
    _, receipt = await company.do("create_user", **ADA)
    reborn = {each.manifest.name: each for each in directory_tools("hr", company.proxy.url, token=fixed(TOKEN))}

    again = await reborn["hr.create_user"].apply(ADA, KEY, ())

    assert again.result == receipt.result
    assert len(company.world.all("Users")) == 5


async def test_a_new_user_whom_others_took_into_a_group_is_not_deleted(company: Company) -> None:
    _, receipt = await company.do("create_user", **ADA)
    company.world.add_group("choir", *company.world.ids.keys() & {"grace@acme.example"})
    company.world.patch(
        "Groups",
        company.world.ids["choir"],
        {"op": "add", "path": "members", "value": [{"value": company.world.user("ada@acme.example")["id"]}]},
    )

    assert await company.tools["hr.create_user"].undo(receipt) == Conflict(
        "scim:hr/Users/ada@acme.example is a member of choir; it was left alone"
    )


async def test_a_new_user_who_became_a_manager_is_not_deleted(company: Company) -> None:
    _, receipt = await company.do("create_user", **ADA)
    ada = company.world.user("ada@acme.example")["id"]
    company.world.add_user("new@acme.example", "New", "One", **{ENTERPRISE: {"manager": {"value": ada}}})

    found = await company.tools["hr.create_user"].undo(receipt)

    assert isinstance(found, Conflict)
    assert "is the manager of new@acme.example" in found.reason


async def test_undo_in_reverse_restores_a_user_that_later_steps_changed(company: Company) -> None:
    before = company.world.seen()
    _, created = await company.do("create_user", **ADA)
    _, joined = await company.do("add_to_group", Key("k2"), user="ada@acme.example", group="sales")
    _, changed = await company.do("change_user", Key("k3"), user="ada@acme.example", title="Boss", manager="Linus Berg")

    for tool, receipt in (("change_user", changed), ("add_to_group", joined), ("create_user", created)):
        assert isinstance(await company.tools[f"hr.{tool}"].undo(receipt), Undone)

    assert company.world.seen() == before


async def test_a_user_changed_since_the_preview_is_not_changed(company: Company) -> None:
    foretold = await company.foresee("change_user", user="Linus Berg", title="Boss")
    company.world.patch(
        "Users", company.world.ids["linus@acme.example"], {"op": "replace", "path": "title", "value": "x"}
    )

    with pytest.raises(Permanent, match="not as it was foretold"):
        await company.tools["hr.change_user"].apply({"user": "Linus Berg", "title": "Boss"}, KEY, foretold)

    assert company.world.user("linus@acme.example")["title"] == "x"


async def test_others_may_join_the_group_between_preview_and_step(company: Company) -> None:
    foretold = await company.foresee("add_to_group", user="Grace Hopper", group="sales")
    company.world.patch(
        "Groups",
        company.world.ids["sales"],
        {"op": "add", "path": "members", "value": [{"value": company.world.ids["linus@acme.example"]}]},
    )
    arguments: dict[str, Any] = {"user": "Grace Hopper", "group": "sales"}

    receipt = await company.tools["hr.add_to_group"].apply(arguments, KEY, foretold)
    found = await company.verify("add_to_group", Intent(arguments, KEY, foretold), receipt)
    await company.tools["hr.add_to_group"].undo(receipt)

    assert isinstance(found, Verified)
    assert company.world.members("sales") == {"ana@acme.example", "linus@acme.example"}


async def test_many_steps_at_once_are_not_taken_for_each_others_strays(company: Company) -> None:
    people = [
        {**ADA, "user_name": f"p{n}@acme.example", "email": f"p{n}@acme.example", "family_name": f"N{n}"}
        for n in range(4)
    ]
    done = await asyncio.gather(*(company.do("create_user", Key(f"key{n}"), **each) for n, each in enumerate(people)))
    joined = await asyncio.gather(
        *(
            company.do("add_to_group", Key(f"in{n}"), user=each["user_name"], group="sales")
            for n, each in enumerate(people)
        )
    )

    assert all([isinstance(await company.verify("create_user", *each), Verified) for each in done])
    assert all([isinstance(await company.verify("add_to_group", *each), Verified) for each in joined])


async def test_what_is_deleted_is_said_to_be_gone_for_good(company: Company) -> None:
    tool = company.tools["hr.delete_user"]
    intent, receipt = await company.do("delete_user", user="Linus Berg")

    assert tool.manifest.effect == "irreversible"
    assert not intent.changes[0].reversible
    assert intent.changes[0].echoes == ("no longer in engineering",)
    assert isinstance(await tool.verify(intent, receipt), Verified)
    assert isinstance(await tool.undo(receipt), Conflict)


# --- what a lie looks like --------------------------------------------------------------------------------------------

CHANGE: dict[str, Any] = {"user": "Linus Berg", "title": "Boss", "department": "platform"}
JOIN: dict[str, Any] = {"user": "ana2@acme.example", "group": "sales"}
LEAVE: dict[str, Any] = {"user": "Linus Berg", "group": "engineering"}


@pytest.mark.parametrize(
    ("tool", "arguments", "lie", "expected"),
    [
        ("create_user", ADA, "halve", Refuted),
        ("create_user", ADA, "double", Refuted),
        ("create_user", ADA, "misplace", Refuted),
        ("create_user", ADA, "side_record", Unknown),
        ("change_user", CHANGE, "drop", Absent),
        ("change_user", CHANGE, "halve", Refuted),
        ("change_user", CHANGE, "double", Refuted),
        ("change_user", CHANGE, "misplace", Refuted),
        ("change_user", CHANGE, "side_record", Unknown),
        ("add_to_group", JOIN, "drop", Absent),
        ("add_to_group", JOIN, "double", Refuted),
        ("add_to_group", JOIN, "misplace", Refuted),
        ("add_to_group", JOIN, "side_record", Unknown),
        ("remove_from_group", LEAVE, "drop", Absent),
        ("delete_user", {"user": "Linus Berg"}, "drop", Absent),
        ("delete_user", {"user": "Linus Berg"}, "double", Refuted),
        ("delete_user", {"user": "Linus Berg"}, "misplace", Absent),
        ("create_group", {"display_name": "backend"}, "double", Refuted),
        ("create_group", {"display_name": "backend"}, "misplace", Refuted),
    ],
)
async def test_a_lie_of_the_server_is_seen(
    company: Company, tool: str, arguments: dict[str, Any], lie: str, expected: type
) -> None:
    company.break_write(lie)

    intent, receipt = await company.do(tool, **arguments)
    found = await company.verify(tool, intent, receipt)

    assert isinstance(found, expected), found
    (struck,) = company.proxy.log
    assert all(each.endswith(("200", "201", "204")) for each in struck.forwarded), struck
    assert bool(struck.forwarded) == (lie != "drop")


async def test_a_creation_that_was_dropped_is_absent(company: Company) -> None:
    company.break_write("drop")
    foretold = await company.foresee("create_user", **ADA)

    with pytest.raises(OutcomeUnknown, match="does not show it"):
        await company.tools["hr.create_user"].apply(ADA, KEY, foretold)

    assert isinstance(await company.verify("create_user", Intent(ADA, KEY, foretold)), Absent)


@pytest.mark.parametrize("lie", ["halve", "double", "misplace"])
async def test_what_a_lie_left_of_a_creation_is_removed_by_undo(company: Company, lie: str) -> None:
    before = company.world.seen()
    company.break_write(lie)
    found = await company.verify("create_user", *(await company.do("create_user", **ADA)))
    assert isinstance(found, Refuted)
    assert found.receipt is not None

    assert isinstance(await company.tools["hr.create_user"].undo(found.receipt), Undone)
    assert company.world.seen() == before


async def test_a_membership_that_landed_twice_is_taken_back_twice(company: Company) -> None:
    before = company.world.seen()
    company.world.add_group("choir")
    company.world.ask("DELETE", f"Groups/{company.world.ids['choir']}")
    arguments: dict[str, Any] = {"user": "ana2@acme.example", "group": "sales"}
    company.break_write("double")
    found = await company.verify("add_to_group", *(await company.do("add_to_group", **arguments)))
    assert isinstance(found, Refuted)
    assert found.receipt is not None
    assert company.world.members("engineering") >= {"ana2@acme.example"}

    assert isinstance(await company.tools["hr.add_to_group"].undo(found.receipt), Undone)
    assert company.world.seen() == before


async def test_a_change_that_landed_elsewhere_is_named_when_it_is_put_back(company: Company) -> None:
    company.break_write("misplace")
    found = await company.verify("change_user", *(await company.do("change_user", **CHANGE)))
    assert isinstance(found, Refuted)
    assert found.receipt is not None

    reversal = await company.tools["hr.change_user"].undo(found.receipt)

    changed = [each["userName"] for each in company.world.all("Users") if each.get("title") == "Boss"]
    assert isinstance(reversal, Partial)
    assert len(changed) == 1
    assert changed[0] in reversal.reason


@pytest.mark.parametrize("fault", ["cut", "error_after_commit"])
@pytest.mark.parametrize(("tool", "arguments"), [("create_user", ADA), ("change_user", CHANGE), ("add_to_group", JOIN)])
async def test_a_lost_outcome_is_found_again_and_taken_back(
    company: Company, tool: str, arguments: dict[str, Any], fault: str
) -> None:
    before = company.world.seen()
    foretold = await company.foresee(tool, **arguments)
    company.break_write(fault)

    with pytest.raises(OutcomeUnknown):
        await company.tools[f"hr.{tool}"].apply(arguments, KEY, foretold)
    found = await company.verify(tool, Intent(arguments, KEY, foretold))

    assert isinstance(found, Verified)
    assert isinstance(await company.tools[f"hr.{tool}"].undo(found.receipt), Undone)
    assert company.world.seen() == before


async def test_a_write_that_arrives_after_the_time_out_is_one_effect(server: World) -> None:
    async with opened(fresh(server), timeout=3.0) as company:
        foretold = await company.foresee("create_user", **ADA)
        company.break_write("delay")
        with pytest.raises(OutcomeUnknown, match="may have been carried out"):
            await company.tools["hr.create_user"].apply(ADA, KEY, foretold)
        await company.proxy.settled()

        receipt = await company.tools["hr.create_user"].apply(ADA, KEY, foretold)

        assert isinstance(await company.verify("create_user", Intent(ADA, KEY, foretold), receipt), Verified)
        assert len(company.world.all("Users")) == 5


async def test_a_group_read_as_it_was_before_our_write_proves_neither_absence_nor_an_undo(company: Company) -> None:
    company.world.add_group("crew")
    company.proxy.break_("stale", times=None)

    intent, receipt = await company.do("add_to_group", user="grace@acme.example", group="crew")

    assert isinstance(await company.verify("add_to_group", intent, receipt), Unknown)
    with pytest.raises(OutcomeUnknown, match="newer version"):
        await company.tools["hr.add_to_group"].undo(receipt)
    assert company.world.members("crew") == {"grace@acme.example"}

    await company.proxy.mend()

    assert isinstance(await company.verify("add_to_group", intent, receipt), Verified)
    assert isinstance(await company.tools["hr.add_to_group"].undo(receipt), Undone)
    assert company.world.members("crew") == set()


async def test_stale_reads_verify_nothing_until_they_are_fresh(company: Company) -> None:
    company.proxy.break_("stale", times=None)
    intent, _ = await company.do("change_user", **CHANGE)

    stale = await company.verify("change_user", intent)
    await company.proxy.mend()
    now = await company.verify("change_user", intent)

    assert isinstance(stale, Absent)
    assert isinstance(now, Verified)


async def test_an_endless_answer_is_cut_off_with_a_clear_error(company: Company) -> None:
    company.proxy.break_("gigabyte", times=None)

    with pytest.raises(Permanent, match="larger than 10485760 bytes"):
        await company.result("find_users")


async def test_a_directory_that_is_not_there_is_worth_another_try(company: Company) -> None:
    company.proxy.break_("refuse")

    with pytest.raises(Transient, match="not reached"):
        await company.foresee("create_user", **ADA)


async def test_a_wrong_token_is_said_with_what_to_do(company: Company) -> None:
    tools = directory_tools("hr", company.proxy.url, token=fixed("wrong"))

    with pytest.raises(Permanent, match="token is not accepted"):
        await tools[0].apply({}, KEY, ())


async def test_rubbish_is_not_taken_for_scim(company: Company) -> None:
    company.proxy.break_("garbage")

    with pytest.raises(Permanent, match="no SCIM"):
        await company.result("find_users")


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="http"):
        directory_tools("hr", "ldap://acme.example")


# --- servers that can do less -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def plain_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A server that says that it knows neither PATCH nor ETags, and gives eight records at a time."""
    config = tmp_path_factory.mktemp("scim") / "config.json"
    no: dict[str, Any] = {"supported": False}
    said = dict.fromkeys(("patch", "changePassword", "sort", "etag"), no)
    said |= {"filter": {"supported": True, "maxResults": 8}}
    said |= {"bulk": {"supported": False, "maxOperations": 1, "maxPayloadSize": 1}}
    schema = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
    config.write_text(json.dumps({"schemas": [schema], **said}))
    with directory_server(Path(config)) as world:
        yield world


async def test_a_server_without_patch_and_etags_gets_whole_records(plain_server: World) -> None:
    async with opened(fresh(plain_server)) as company:
        before = company.world.seen()
        preview = await company.tools["hr.change_user"].preview(CHANGE, ())
        steps: list[tuple[str, dict[str, Any]]] = [
            ("create_user", ADA), ("change_user", CHANGE), ("add_to_group", JOIN), ("remove_from_group", LEAVE),
        ]  # fmt: skip
        done = [(tool, *(await company.do(tool, Key(tool), **arguments))) for tool, arguments in steps]

        assert "not atomically" in preview.note
        assert all([isinstance(await company.verify(*each), Verified) for each in done])
        for tool, _, receipt in reversed(done):
            assert isinstance(await company.tools[f"hr.{tool}"].undo(receipt), Undone)
        assert company.world.seen() == before
        assert not [each for each in company.proxy.requests if each[0] == "PATCH"]
