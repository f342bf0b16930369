"""What the calendar's tools do, seen on a real radicale."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.connectors.calendar_server import PASSWORD, USER, CalendarServer, calendar_server

from doer.connectors.secrets import fixed
from doer.connectors.tools.calendar import calendar_tools
from doer.domain.action import Change, Intent, Receipt
from doer.domain.errors import OutcomeUnknown, Permanent, Transient
from doer.domain.outcome import Absent, Conflict, Refuted, Undone, Unknown, Verification, Verified
from doer.domain.ports import Tool
from doer.domain.value import Json, JsonObject, Key
from doer.testing.faults import FaultyServer

TALK: JsonObject = {"title": "Talk", "start": "2026-10-05T09:00:00+02:00", "duration_minutes": 30}
OLD = "DTSTAMP:20200101T000000Z\n"
LUNCH = OLD + "DTSTART:20261005T100000Z\nDTEND:20261005T110000Z\nSUMMARY:Lunch"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CalendarServer]:
    with calendar_server(tmp_path_factory.mktemp("radicale")) as running:
        yield running


@dataclass
class Desk:
    """The tools of one calendar, called as the runtime calls them."""

    server: CalendarServer
    calendar: str
    tools: Mapping[str, Tool]

    async def foretell(self, action: str, arguments: JsonObject) -> Change:
        (change,) = (await self.tools[action].preview(arguments, ())).changes
        return change

    async def do(self, action: str, arguments: JsonObject, key: str) -> tuple[Intent, Receipt]:
        change = await self.foretell(action, arguments)
        receipt = await self.tools[action].apply(arguments, Key(key), (change,))
        return Intent(arguments, Key(key), (change,)), receipt

    async def verified(self, action: str, arguments: JsonObject, key: str) -> Receipt:
        intent, receipt = await self.do(action, arguments, key)
        found = await self.tools[action].verify(intent, receipt)
        assert isinstance(found, Verified), found
        return found.receipt

    async def find(self, start: str, end: str, **more: Any) -> list[dict[str, Any]]:
        receipt = await self.tools["find_events"].apply({"start": start, "end": end, **more}, Key("read"), ())
        result: Any = receipt.result
        assert result["count"] == len(result["events"])
        return list(result["events"])


_numbers = itertools.count()


def connect(server: CalendarServer, calendar: str, **settings: Any) -> Desk:
    usual: dict[str, Any] = {"url": server.url, "username": USER, "password": fixed(PASSWORD)}
    settings = usual | {"owner": "sam@acme.example"} | settings
    tools = calendar_tools("work", settings.pop("url"), calendar=f"/{USER}/{calendar}", **settings)
    return Desk(server, calendar, {each.manifest.name.removeprefix("work."): each for each in tools})


@pytest.fixture
def desk(server: CalendarServer) -> Iterator[Desk]:
    calendar = f"d{next(_numbers)}"
    server.make(calendar)
    yield connect(server, calendar)
    server.remove(calendar)


# --- finding ----------------------------------------------------------------------------------------------------------


async def test_a_series_is_found_as_its_instances_on_the_clocks_of_the_zone(server: CalendarServer, desk: Desk) -> None:
    excepted = "EXDATE;TZID=Europe/Berlin:20261102T090000\n"
    weekly = excepted + "DTSTART;TZID=Europe/Berlin:20261019T090000\nDTEND;TZID=Europe/Berlin:20261019T093000\n"
    server.put(desk.calendar, "weekly", OLD + weekly + "RRULE:FREQ=WEEKLY;UNTIL=20261109T080000Z\nSUMMARY:Weekly")
    found = await connect(server, desk.calendar, zone="Europe/Berlin").find("2026-10-01", "2026-12-01")
    starts = [(each["title"], each["start"], each["recurring"]) for each in found]
    assert starts == [
        ("Weekly", "2026-10-19T09:00:00+02:00", True),
        ("Weekly", "2026-10-26T09:00:00+01:00", True),  # the clocks changed in between
        ("Weekly", "2026-11-09T09:00:00+01:00", True),
    ]


async def test_a_moved_instance_stands_in_for_its_own_and_an_endless_rule_ends(
    server: CalendarServer, desk: Desk
) -> None:
    daily = LUNCH + "\nRRULE:FREQ=DAILY\nEND:VEVENT\nBEGIN:VEVENT\nUID:daily\nRECURRENCE-ID:20261006T100000Z\n"
    server.put(desk.calendar, "daily", daily + OLD + "DTSTART:20261006T150000Z\nDTEND:20261006T160000Z\nSUMMARY:Late")
    server.put(desk.calendar, "always", LUNCH + "\nRRULE:FREQ=SECONDLY;COUNT=1000")
    found = await desk.find("2026-10-05", "2026-10-08", text="l")
    assert [(each["title"], each["start"][:13]) for each in found if each["id"] == "daily"] == [
        ("Lunch", "2026-10-05T10"),
        ("Late", "2026-10-06T15"),
        ("Lunch", "2026-10-07T10"),
    ]
    assert len(found) == 1003


async def test_events_are_found_by_span_and_by_words(server: CalendarServer, desk: Desk) -> None:
    server.put(desk.calendar, "lunch", LUNCH)
    server.put(desk.calendar, "fair", OLD + "DTSTART;VALUE=DATE:20261005\nDTEND;VALUE=DATE:20261007\nSUMMARY:Fair")
    assert [each["id"] for each in await desk.find("2026-10-05", "2026-10-06")] == ["fair", "lunch"]
    assert [each["id"] for each in await desk.find("2026-10-06", "2026-10-07")] == ["fair"]
    assert await desk.find("2026-10-05T11:00:00Z", "2026-10-05T12:00:00Z", text="lunch") == []  # its end is excluded
    assert [each["id"] for each in await desk.find("2026-10-05", "2026-10-06", text="LUN")] == ["lunch"]
    server.put(desk.calendar, "pair", LUNCH + "\nATTENDEE:mailto:ana@acme.example")
    assert [each["id"] for each in await desk.find("2026-10-05", "2026-10-06", guest="Ana@acme.example")] == ["pair"]


@pytest.mark.parametrize(
    "span", [("2026-10-06", "2026-10-05"), ("2026-10-05T09:00:00", "2026-10-06"), ("soon", "later")]
)
async def test_an_impossible_span_is_refused(desk: Desk, span: tuple[str, str]) -> None:
    with pytest.raises(Permanent):
        await desk.find(*span)


# --- what is written --------------------------------------------------------------------------------------------------


async def test_a_series_begins_at_the_next_time_of_its_rule_and_keeps_the_clocks_of_its_zone(
    server: CalendarServer, desk: Desk
) -> None:
    desk = connect(server, desk.calendar, zone="Europe/Berlin", now=lambda: datetime(2026, 10, 21, 8, 0, tzinfo=UTC))
    weekly: dict[str, Json] = {"title": "Sync", "rule": "FREQ=WEEKLY;BYDAY=WE", "time": "09:00", "duration_minutes": 15}

    receipt = await desk.verified("create_series", weekly | {"until": "2026-11-04"}, "k1")
    found = await desk.find("2026-10-01", "2026-12-01")

    assert isinstance(receipt.result, Mapping)
    assert receipt.result["repeats"] == "FREQ=WEEKLY;BYDAY=WE;UNTIL=20261104T225959Z"
    assert [(each["start"], each["end"]) for each in found] == [
        ("2026-10-28T09:00:00+01:00", "2026-10-28T09:15:00+01:00"),  # today's, at nine, is past
        ("2026-11-04T09:00:00+01:00", "2026-11-04T09:15:00+01:00"),
    ]
    assert isinstance(await desk.tools["create_series"].undo(receipt), Undone)
    assert await desk.find("2026-10-01", "2026-12-01") == []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"rule": "FREQ=WEEKLY"}, "does not say on which day"),
        ({"rule": "every day"}, "is no rule"),
        ({"first": "2026-10-22"}, "the rule's own first is Wednesday 2026-10-28"),
        ({"first": "2026-10-28T09:00:00Z"}, "first is a date"),
        ({"until": "2026-10-22"}, "before its first time"),
        ({"rule": "FREQ=DAILY;COUNT=3", "until": "2026-11-22"}, "says by itself when it ends"),
        ({"end_time": "10:00", "duration_minutes": 5}, "not both"),
        ({"time": "9 o'clock"}, "is no time of day"),
    ],
)
async def test_a_series_that_does_not_hold_together_is_refused(
    server: CalendarServer, given: JsonObject, told: str
) -> None:
    desk = connect(server, "none", zone="Europe/Berlin", now=lambda: datetime(2026, 10, 21, 8, 0, tzinfo=UTC))

    with pytest.raises(Permanent, match=told):
        await desk.foretell(
            "create_series", {"title": "Sync", "rule": "FREQ=WEEKLY;BYDAY=WE", "time": "09:00"} | dict(given)
        )


async def test_a_series_whose_rule_the_server_changed_is_not_believed(server: CalendarServer, desk: Desk) -> None:
    intent, receipt = await desk.do(
        "create_series", {"title": "Sync", "rule": "FREQ=DAILY", "time": "09:00", "first": "2026-10-28"}, "k1"
    )
    (file,) = server.folder(desk.calendar).glob("*.ics")
    file.write_text(file.read_text().replace("FREQ=DAILY", "FREQ=WEEKLY"))

    found = await desk.tools["create_series"].verify(intent, receipt)
    assert isinstance(found, Refuted)
    assert "repeats" in found.reason


async def test_an_event_keeps_its_zone_and_lands_with_its_definition(server: CalendarServer, desk: Desk) -> None:
    receipt = await desk.verified("create_event", {**TALK, "zone": "Europe/Berlin"}, "k1")
    (text,) = (each.read_text() for each in server.folder(desk.calendar).glob("*.ics"))
    assert "DTSTART;TZID=Europe/Berlin:20261005T090000" in text
    assert "BEGIN:VTIMEZONE" in text
    assert receipt.result == {
        "id": "doer-k1",
        "title": "Talk",
        "start": "2026-10-05T09:00:00+02:00",
        "end": "2026-10-05T09:30:00+02:00",
        "zone": "Europe/Berlin",
        "location": None,
        "description": None,
        "attendees": [],
    }


async def test_the_second_of_two_equal_hours_in_autumn_is_kept_in_utc(desk: Desk) -> None:
    twice = {"title": "Night", "start": "2026-10-25T02:30:00+01:00", "zone": "Europe/Berlin"}
    change = await desk.foretell("create_event", twice)
    assert isinstance(change.after, Mapping)
    assert (change.after["start"], change.after["zone"]) == ("2026-10-25T01:30:00+00:00", "UTC")
    await desk.verified("create_event", twice, "k1")


async def test_whole_days_are_created_and_moved(server: CalendarServer, desk: Desk) -> None:
    await desk.verified("create_event", {"title": "Fair", "start": "2026-10-05", "end": "2026-10-07"}, "k1")
    await desk.verified("move_event", {"event": "fair", "start": "2026-10-12"}, "k2")
    ((_, lines),) = server.world(desk.calendar).items()
    assert {"DTSTART;VALUE=DATE:20261012", "DTEND;VALUE=DATE:20261014"} <= set(lines)
    with pytest.raises(Permanent, match="whole day"):
        await desk.foretell("move_event", {"event": "Fair", "start": "2026-10-05T09:00:00Z"})


async def test_a_moved_event_stays_on_its_clocks_and_loses_nothing(server: CalendarServer, desk: Desk) -> None:
    rest = "CATEGORIES:team\nX-ROOM-CODE:42\nBEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:soon\nTRIGGER:-PT10M\nEND:VALARM"
    times = "DTSTART;TZID=Europe/Berlin:20261005T091500\nDURATION:PT15M\n"
    server.put(desk.calendar, "standup", OLD + times + "SUMMARY:Standup\n" + rest)
    before = set(server.world(desk.calendar)["standup.ics"])
    await desk.verified("move_event", {"event": "Standup", "start": "2026-11-05T09:00:00Z"}, "k1")
    after = set(server.world(desk.calendar)["standup.ics"])
    assert before - after == {"DTSTART;TZID=Europe/Berlin:20261005T091500", "DURATION:PT15M"}
    assert after - before == {
        "DTSTART;TZID=Europe/Berlin:20261105T100000",
        "DTEND;TZID=Europe/Berlin:20261105T101500",
    }


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"start": "2026-10-05T09:00:00"}, "no time zone"),
        ({"start": "2026-02-30"}, "not a time"),
        ({"start": "99/99/9999"}, "not a time"),
        ({"end": "2026-10-05T08:00:00+02:00", "duration_minutes": None}, "before it begins"),
        ({"end": "2026-10-05T10:00:00+02:00"}, "not both"),
        ({"zone": "Mars/Olympus"}, "not a time zone"),
        ({"title": "a\nATTENDEE:mailto:eve@evil.example"}, "one line"),
        ({"title": "a\u202eb"}, "control character"),
        ({"attendees": ["not an address"]}, "not a mail address"),
        ({"attendees": ["a@b.example\r\nX:y"]}, "not a mail address"),
    ],
)
async def test_bad_arguments_are_refused_and_change_nothing(
    server: CalendarServer, desk: Desk, wrong: JsonObject, told: str
) -> None:
    arguments = {name: value for name, value in {**TALK, **wrong}.items() if value is not None}
    with pytest.raises(Permanent, match=told):
        await desk.foretell("create_event", arguments)
    assert server.world(desk.calendar) == {}


async def test_a_series_is_not_changed(server: CalendarServer, desk: Desk) -> None:
    server.put(desk.calendar, "weekly", LUNCH + "\nRRULE:FREQ=WEEKLY;COUNT=3")
    for action, more in (("move_event", {"start": "2026-10-06T10:00:00Z"}), ("cancel_event", {})):
        with pytest.raises(Permanent, match="series"):
            await desk.foretell(action, {"event": "Lunch", **more})


async def test_a_title_that_two_events_have_needs_a_day(server: CalendarServer, desk: Desk) -> None:
    server.put(desk.calendar, "lunch-1", LUNCH)
    server.put(desk.calendar, "lunch-2", LUNCH.replace("20261005", "20261006"))
    with pytest.raises(Permanent, match="2 events in work are called 'lunch'"):
        await desk.foretell("cancel_event", {"event": "lunch"})
    assert (
        await desk.foretell("cancel_event", {"event": "lunch", "on": "2026-10-06"})
    ).resource == "caldav:work/lunch-2"
    assert (await desk.foretell("cancel_event", {"event": "lunch-1"})).resource == "caldav:work/lunch-1"
    with pytest.raises(Permanent, match="no event"):
        await desk.foretell("cancel_event", {"event": "dinner"})


# --- whom it concerns -------------------------------------------------------------------------------------------------


async def test_attendees_make_it_irreversible_and_are_named(desk: Desk) -> None:
    invite = {**TALK, "attendees": ["Ada@acme.example", "sam@acme.example"]}
    preview = await desk.tools["create_event"].preview(invite, ())
    assert preview.effect == "irreversible"
    assert preview.changes[0].echoes == ("invitation mailed to ada@acme.example",)
    await desk.verified("create_event", invite, "k1")
    fewer = await desk.tools["change_event"].preview({"event": "Talk", "attendees": ["bob@acme.example"]}, ())
    told = ("invitation mailed to bob@acme.example", "cancellation mailed to ada@acme.example")
    assert (fewer.effect, fewer.changes[0].echoes) == ("irreversible", told)
    await desk.verified("change_event", {"event": "Talk", "attendees": ["bob@acme.example"]}, "k2")
    moved = await desk.tools["move_event"].preview({"event": "Talk", "start": "2026-10-06T09:00:00Z"}, ())
    assert moved.changes[0].echoes == ("update mailed to bob@acme.example",)


async def test_an_event_with_only_its_owner_mails_nobody(desk: Desk) -> None:
    preview = await desk.tools["create_event"].preview({**TALK, "attendees": ["sam@acme.example"]}, ())
    assert (preview.effect, preview.changes[0].echoes) == (None, ())


async def test_an_answer_of_an_attendee_does_not_refute_the_invitation(server: CalendarServer, desk: Desk) -> None:
    intent, receipt = await desk.do("create_event", {**TALK, "attendees": ["ada@acme.example"]}, "k1")
    server.edit(desk.calendar, "doer-k1.ics", "NEEDS-ACTION", "ACCEPTED")
    assert isinstance(await desk.tools["create_event"].verify(intent, receipt), Verified)
    assert isinstance(await desk.tools["create_event"].undo(receipt), Conflict)  # her answer is not thrown away


# --- reading back -----------------------------------------------------------------------------------------------------


async def verify_under(desk: Desk, proxy: FaultyServer, kind: str, action: str, arguments: JsonObject) -> Verification:
    change = await desk.foretell(action, arguments)
    await desk.find("2026-10-01", "2026-11-01")  # so that the proxy knows other events
    proxy.break_(kind)
    receipt = await desk.tools[action].apply(arguments, Key("k1"), (change,))
    assert proxy.count(kind) == 1
    return await desk.tools[action].verify(Intent(arguments, Key("k1"), (change,)), receipt)


@pytest.mark.parametrize(
    ("kind", "outcome", "told"),
    [
        ("drop", Absent, "no event"),
        ("halve", Refuted, "differs in"),
        ("double", Refuted, "more than once"),
        ("misplace", Refuted, "in another place"),
        ("side_record", Unknown, "Lunch"),
    ],
)
async def test_a_lie_about_a_new_event_is_named(
    server: CalendarServer, desk: Desk, kind: str, outcome: type, told: str
) -> None:
    server.put(desk.calendar, "lunch", LUNCH)
    async with FaultyServer(server.url) as proxy:
        found = await verify_under(connect(server, desk.calendar, url=proxy.url), proxy, kind, "create_event", TALK)
    assert isinstance(found, outcome), found
    assert not isinstance(found, Verified)
    assert told in found.reason


async def test_a_record_of_ours_that_a_server_altered_on_the_side_is_refuted(
    server: CalendarServer, desk: Desk
) -> None:
    await desk.verified("create_event", {**TALK, "title": "Earlier"}, "k0")
    async with FaultyServer(server.url) as proxy:
        found = await verify_under(
            connect(server, desk.calendar, url=proxy.url), proxy, "side_record", "create_event", TALK
        )
    assert isinstance(found, Refuted)
    assert "Earlier (altered)" in found.reason


@pytest.mark.parametrize("kind", ["double", "misplace"])
async def test_what_a_lying_server_made_is_removed_by_undo(server: CalendarServer, desk: Desk, kind: str) -> None:
    async with FaultyServer(server.url) as proxy:
        through = connect(server, desk.calendar, url=proxy.url)
        found = await verify_under(through, proxy, kind, "create_event", TALK)
        assert isinstance(found, Refuted)
        assert found.receipt is not None
        await through.tools["create_event"].undo(found.receipt)
    assert server.world(desk.calendar) == {}


async def test_a_copy_in_another_calendar_is_refuted(server: CalendarServer, desk: Desk) -> None:
    intent, receipt = await desk.do("create_event", TALK, "k1")
    other = f"{desk.calendar}-other"
    server.make(other)
    _, text = server.ask("GET", f"/{USER}/{desk.calendar}/doer-k1.ics")
    server.ask("PUT", f"/{USER}/{other}/doer-k1.ics", text, {"Content-Type": "text/calendar"})
    found = await desk.tools["create_event"].verify(intent, receipt)
    server.remove(other)
    assert isinstance(found, Refuted)
    assert other in found.reason


async def test_events_that_others_create_at_the_same_time_do_not_disturb(server: CalendarServer, desk: Desk) -> None:
    titles = [f"Session {number}" for number in range(6)]
    await asyncio.gather(*(desk.verified("create_event", {**TALK, "title": each}, each[-1]) for each in titles))
    assert [each["title"] for each in await desk.find("2026-10-05", "2026-10-06")] == titles


async def test_cancelling_two_at_once_is_verified_twice(server: CalendarServer, desk: Desk) -> None:
    for name in ("lunch-1", "lunch-2"):
        server.put(desk.calendar, name, LUNCH)
    done = await asyncio.gather(*(desk.do("cancel_event", {"event": f"lunch-{n}"}, f"k{n}") for n in (1, 2)))
    for intent, receipt in done:
        assert isinstance(await desk.tools["cancel_event"].verify(intent, receipt), Verified)


async def test_a_lost_move_is_found_by_its_key_and_taken_back(server: CalendarServer, desk: Desk) -> None:
    server.put(desk.calendar, "lunch", LUNCH + "\nCATEGORIES:food")
    before = server.world(desk.calendar)
    intent, _ = await desk.do("move_event", {"event": "Lunch", "start": "2026-10-06T10:00:00Z"}, "k1")
    found = await desk.tools["move_event"].verify(intent)
    assert isinstance(found, Verified)
    assert isinstance(await desk.tools["move_event"].undo(found.receipt), Undone)
    assert server.world(desk.calendar) == before


async def test_a_lost_cancellation_cannot_be_told_from_somebody_elses(server: CalendarServer, desk: Desk) -> None:
    server.put(desk.calendar, "lunch", LUNCH)
    change = await desk.foretell("cancel_event", {"event": "Lunch"})
    server.drop(desk.calendar, "lunch.ics")
    with pytest.raises(OutcomeUnknown):
        await desk.tools["cancel_event"].apply({"event": "Lunch"}, Key("k1"), (change,))
    found = await desk.tools["cancel_event"].verify(Intent({"event": "Lunch"}, Key("k1"), (change,)))
    assert isinstance(found, Unknown)
    assert found.final


# --- other people -----------------------------------------------------------------------------------------------------


async def test_an_edit_between_preview_and_write_stops_the_write(server: CalendarServer, desk: Desk) -> None:
    server.put(desk.calendar, "lunch", LUNCH)
    move = {"event": "Lunch", "start": "2026-10-06T10:00:00Z"}
    foretold = [
        (action, await desk.foretell(action, more)) for action, more in (("move_event", move), ("cancel_event", move))
    ]
    server.put(desk.calendar, "lunch", LUNCH + "\nLOCATION:Canteen")
    edited = server.world(desk.calendar)
    for action, change in foretold:
        with pytest.raises(Permanent, match="somebody changed"):
            await desk.tools[action].apply(move, Key("k1"), (change,))
    assert server.world(desk.calendar) == edited


async def test_steps_on_one_event_are_taken_back_one_after_the_other(server: CalendarServer, desk: Desk) -> None:
    created = await desk.verified("create_event", TALK, "k1")
    moved = await desk.verified("move_event", {"event": "doer-k1", "start": "2026-10-06T09:00:00Z"}, "k2")
    renamed = await desk.verified("change_event", {"event": "doer-k1", "title": "Keynote", "location": "Hall"}, "k3")
    later = await desk.tools["change_event"].undo(renamed)
    assert isinstance(later, Undone)
    moved = Receipt(moved.result, later.versions, moved.undo)
    earlier = await desk.tools["move_event"].undo(moved)
    assert isinstance(earlier, Undone)
    created = Receipt(created.result, earlier.versions, created.undo)
    assert isinstance(await desk.tools["create_event"].undo(created), Undone)
    assert server.world(desk.calendar) == {}


async def test_undo_of_an_earlier_step_alone_is_a_conflict(desk: Desk) -> None:
    created = await desk.verified("create_event", TALK, "k1")
    await desk.verified("move_event", {"event": "doer-k1", "start": "2026-10-06T09:00:00Z"}, "k2")
    assert isinstance(await desk.tools["create_event"].undo(created), Conflict)


async def test_a_change_that_changes_nothing_writes_nothing(server: CalendarServer, desk: Desk) -> None:
    server.put(desk.calendar, "lunch", LUNCH)
    before = server.ask("GET", f"/{USER}/{desk.calendar}/lunch.ics")
    receipt = await desk.verified("change_event", {"event": "Lunch", "title": "Lunch"}, "k1")
    assert isinstance(await desk.tools["change_event"].undo(receipt), Undone)
    assert server.ask("GET", f"/{USER}/{desk.calendar}/lunch.ics") == before


async def test_a_later_preview_starts_from_an_earlier_planned_change(server: CalendarServer, desk: Desk) -> None:
    server.put(desk.calendar, "lunch", LUNCH)
    first = await desk.tools["move_event"].preview({"event": "Lunch", "start": "2026-10-06T10:00:00Z"}, ())
    second = await desk.tools["change_event"].preview({"event": "Lunch", "location": "Hall"}, first.changes)
    assert second.changes[0].before == first.changes[0].after
    gone = await desk.tools["cancel_event"].preview({"event": "Lunch"}, first.changes)
    with pytest.raises(Permanent, match="earlier step cancels"):
        await desk.tools["move_event"].preview({"event": "Lunch", "start": "2026-10-07T10:00:00Z"}, gone.changes)


# --- a server in trouble ----------------------------------------------------------------------------------------------


async def test_what_the_server_denies_says_what_to_do(server: CalendarServer, desk: Desk) -> None:
    with pytest.raises(Permanent, match="connect again"):
        await connect(server, desk.calendar, password=fixed("wrong")).foretell("create_event", TALK)
    server.folder("locked-1").mkdir()
    (server.folder("locked-1") / ".Radicale.props").write_text('{"tag": "VCALENDAR"}')
    with pytest.raises(Permanent, match="administrator"):
        await connect(server, "locked-1").do("create_event", TALK, "k1")
    with pytest.raises(Permanent, match="404"):
        await connect(server, "nowhere").do("create_event", TALK, "k1")


@pytest.mark.parametrize(("kind", "error"), [("refuse", Transient), ("cut", OutcomeUnknown), ("error_after_commit", OutcomeUnknown), ("delay", OutcomeUnknown)])  # fmt: skip
async def test_trouble_while_writing_is_told_by_what_may_have_happened(
    server: CalendarServer, desk: Desk, kind: str, error: type[Exception]
) -> None:
    async with FaultyServer(server.url) as proxy:
        through = connect(server, desk.calendar, url=proxy.url, timeout=3.0 if kind == "delay" else 10.0)
        change = await through.foretell("create_event", TALK)
        proxy.break_(kind)
        with pytest.raises(error):
            await through.tools["create_event"].apply(TALK, Key("k1"), (change,))
        await proxy.settled()
        found = await desk.tools["create_event"].verify(Intent(TALK, Key("k1"), (change,)))
    assert isinstance(found, Absent if kind == "refuse" else Verified)


@pytest.mark.parametrize("kind", ["garbage", "gigabyte", "unauthorized"])
async def test_rubbish_from_a_server_is_a_clear_error(server: CalendarServer, desk: Desk, kind: str) -> None:
    async with FaultyServer(server.url) as proxy:
        proxy.break_(kind, times=None)
        with pytest.raises((Transient, Permanent)):
            await connect(server, desk.calendar, url=proxy.url).foretell("create_event", TALK)


# --- how long, and who no longer comes --------------------------------------------------------------------------------


async def test_an_event_lasts_as_long_as_is_said_and_begins_when_it_did(server: CalendarServer, desk: Desk) -> None:
    server.put(desk.calendar, "lunch", LUNCH)
    before = server.world(desk.calendar)

    shorter = await desk.verified("change_event", {"event": "Lunch", "duration_minutes": 20}, "k1")
    assert _said(shorter, "start", "end") == ["2026-10-05T10:00:00+00:00", "2026-10-05T10:20:00+00:00"]
    later = await desk.verified("change_event", {"event": "Lunch", "end": "2026-10-05T12:30:00Z"}, "k2")
    assert _said(later, "start", "end") == ["2026-10-05T10:00:00+00:00", "2026-10-05T12:30:00+00:00"]

    assert isinstance(await desk.tools["change_event"].undo(later), Undone)
    assert "2026-10-05T10:20:00+00:00" in str(
        (await desk.foretell("move_event", {"event": "Lunch", "start": "2026-10-05T10:00:00Z"})).before
    )
    assert before != server.world(desk.calendar)


async def test_an_event_ends_after_it_begins_and_is_told_only_one_end(server: CalendarServer, desk: Desk) -> None:
    server.put(desk.calendar, "lunch", LUNCH)
    with pytest.raises(Permanent, match="before it begins"):
        await desk.foretell("change_event", {"event": "Lunch", "end": "2026-10-05T09:00:00Z"})
    with pytest.raises(Permanent, match="not both"):
        await desk.foretell("change_event", {"event": "Lunch", "end": "2026-10-05T12:00:00Z", "duration_minutes": 20})


async def test_somebody_who_is_no_longer_invited_is_told_and_the_others_stay(desk: Desk) -> None:
    await desk.verified("create_event", {**TALK, "attendees": ["ada@acme.example", "bob@acme.example"]}, "k1")

    preview = await desk.tools["change_event"].preview({"event": "Talk", "without": ["Ada@acme.example"]}, ())
    told = ("cancellation mailed to ada@acme.example", "update mailed to bob@acme.example")
    assert (preview.effect, set(preview.changes[0].echoes)) == ("irreversible", set(told))
    receipt = await desk.verified("change_event", {"event": "Talk", "without": ["ada@acme.example"]}, "k2")
    assert _said(receipt, "attendees") == [["bob@acme.example"]]
    with pytest.raises(Permanent, match="is not invited to 'Talk'"):
        await desk.foretell("change_event", {"event": "Talk", "without": ["ada@acme.example"]})


def _said(receipt: Receipt, *names: str) -> list[object]:
    assert isinstance(receipt.result, Mapping)
    return [receipt.result[name] for name in names]
