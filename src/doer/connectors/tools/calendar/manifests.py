"""What the calendar's tools say of themselves."""

from __future__ import annotations

from doer.connectors.tools.recurrence import repeats_in_words
from doer.domain.action import Manifest
from doer.domain.value import Json

_TIME = "RFC 3339 with an offset, e.g. 2026-10-05T09:00:00+02:00; or a plain date for whole days"
_TITLE: dict[str, Json] = {
    "type": "string",
    "minLength": 1,
    "maxLength": 1000,
    "description": "what the event is called",
    "x-said": {"question": "What is it called?"},
}
_START: dict[str, Json] = {
    "type": "string",
    "format": "date-time",
    "description": f"when it begins: {_TIME}",
    "x-said": {"question": "When does it begin?"},
}
_END: dict[str, Json] = {
    "type": "string",
    "format": "date-time",
    "description": f"when it ends, excluded: {_TIME}",
    "x-said": {"question": "When does it end?"},
}
_MINUTES: dict[str, Json] = {"type": "integer", "minimum": 1, "maximum": 44_640}
_CLOCK: dict[str, Json] = {
    "type": "string",
    "format": "time",
    "pattern": r"^\d\d:\d\d(:\d\d)?$",
    "x-said": {"everyday": True, "question": "At what time?"},
}
_ZONE: dict[str, Json] = {"type": "string", "description": "IANA zone whose clocks the event keeps, e.g. Europe/Berlin"}
_PLACE: dict[str, Json] = {"type": "string", "maxLength": 100_000, "description": "where it takes place"}
_ABOUT: dict[str, Json] = {"type": "string", "maxLength": 100_000, "description": "notes on the event"}
_WHO: dict[str, Json] = {
    "type": "array",
    "items": {"type": "string", "format": "email"},
    "uniqueItems": True,
    "description": "mail addresses of those who are invited; the calendar server mails them",
}
_EVENT: dict[str, Json] = {
    "type": "string",
    "minLength": 1,
    "description": "id of the event, or its title where only one has it",
}
_ON: dict[str, Json] = {"type": "string", "description": "day or start of the event, where several have that title"}
_RESULT: dict[str, Json] = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "description": "the event's UID"},
        "title": {"type": "string"},
        "start": {"type": "string"},
        "end": {"type": "string"},
        "zone": {"type": ["string", "null"]},
        "location": {"type": ["string", "null"]},
        "description": {"type": ["string", "null"]},
        "attendees": {"type": "array", "items": {"type": "string"}},
        "repeats": {"type": "string", "description": "the rule of a series, as in RFC 5545"},
    },
    "required": ["id", "title", "start", "end"],
}


def _object(properties: dict[str, Json], *required: str) -> dict[str, Json]:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def find_events(name: str) -> Manifest:
    """Return the manifest of the tool that reads."""
    bounds: dict[str, Json] = {
        "start": {"type": "string", "format": "date-time", "description": f"from when: {_TIME}"},
        "end": {"type": "string", "format": "date-time", "description": f"until when, excluded: {_TIME}"},
        "text": {"type": "string", "description": "words that title, place or notes hold"},
        "guest": {"type": "string", "format": "email", "description": "mail address of somebody who is invited"},
    }
    return Manifest(
        name=f"{name}.find_events",
        description="Find the events between two times; series are shown as their single instances.",
        parameters=_object(bounds, "start", "end"),
        effect="read",
        result={
            "type": "object",
            "properties": {"events": {"type": "array", "items": _RESULT}, "count": {"type": "integer"}},
            "required": ["events", "count"],
        },
        examples=(
            "what is on the calendar between {start} and {end}",
            "find events with {text} between {start} and {end}",
            "which meetings are there from {start} to {end}",
        ),
        once=True,
    )


def create_event(name: str) -> Manifest:
    """Return the manifest of the tool that makes an event."""
    properties: dict[str, Json] = {
        "title": _TITLE,
        "start": _START,
        "end": _END,
        "duration_minutes": {**_MINUTES, "description": "instead of end; 60 if neither"},
        "zone": _ZONE,
        "location": _PLACE,
        "description": _ABOUT,
        "attendees": _WHO,
    }
    return Manifest(
        name=f"{name}.create_event",
        description="Put a new event on the calendar.",
        parameters=_object(properties, "title", "start"),
        effect="write",
        result=_RESULT,
        examples=(
            "put {title} on the calendar at {start}",
            "schedule {title} for {start} for {duration_minutes} minutes",
            "put {title} on the calendar from {start} to {end} in {location}",
            "invite {attendees} to {title} at {start}",
            "set up a meeting {title} with {attendees} at {start}",
        ),
        once=True,
        roles={"attendees": "destination"},
        issued=("id",),
    )


def create_series(name: str) -> Manifest:
    """Return the manifest of the tool that makes an event that repeats."""
    properties: dict[str, Json] = {
        "title": _TITLE,
        "rule": {
            "type": "string",
            "maxLength": 300,
            "description": "how it repeats, as an RFC 5545 RRULE: FREQ=WEEKLY;BYDAY=MO,TH",
            "x-said": {"words": repeats_in_words(), "question": "How often?"},
        },
        "time": {**_CLOCK, "description": "time of day at which each begins, as 09:00"},
        "end_time": {**_CLOCK, "description": "time of day at which each ends, as 09:15"},
        "duration_minutes": {**_MINUTES, "description": "instead of end_time; 60 if neither"},
        "first": {"type": "string", "format": "date", "description": "day of the first one; the next of its rule unless given"},
        "until": {"type": "string", "format": "date", "description": "last day; without end unless given"},
        "zone": _ZONE,
        "location": _PLACE,
        "description": _ABOUT,
        "attendees": _WHO,
    }  # fmt: skip
    return Manifest(
        name=f"{name}.create_series",
        description="Put a new event on the calendar that repeats.",
        parameters=_object(properties, "title", "rule", "time"),
        effect="write",
        result=_RESULT,
        examples=(
            "put {title} on the calendar {rule} at {time}",
            "schedule {title} {rule} at {time} for {duration_minutes} minutes",
            "put {title} on the calendar {rule} from {time} to {end_time} in {location}",
            "set up {title} with {attendees} {rule} at {time} from {first} until {until}",
        ),
        once=True,
        roles={"attendees": "destination"},
        issued=("id",),
    )


def move_event(name: str) -> Manifest:
    """Return the manifest of the tool that puts an event at another time."""
    return Manifest(
        name=f"{name}.move_event",
        description="Move an event to another start; it lasts as long as before.",
        parameters=_object({"event": _EVENT, "on": _ON, "start": _START}, "event", "start"),
        effect="write",
        result=_RESULT,
        examples=(
            "move {event} to {start}",
            "reschedule {event} to {start}",
            "postpone {event} on {on} until {start}",
        ),
        once=True,
        roles={"event": "destination"},
    )


def change_event(name: str) -> Manifest:
    """Return the manifest of the tool that changes what an event says."""
    properties: dict[str, Json] = {
        "event": _EVENT,
        "on": _ON,
        "title": _TITLE,
        "location": _PLACE,
        "description": _ABOUT,
        "attendees": {**_WHO, "description": "all who are invited from now on; the calendar server mails them"},
        "without": {
            **_WHO,
            "description": "of those who are invited, who are no longer; the calendar server mails them",
        },
        "end": _END,
        "duration_minutes": {**_MINUTES, "description": "how long it lasts from its start on, instead of end"},
    }
    return Manifest(
        name=f"{name}.change_event",
        description="Change the title, place, notes, attendees or length of an event; an empty text takes a field away.",
        parameters={**_object(properties, "event"), "minProperties": 2},
        effect="write",
        result=_RESULT,
        examples=(
            "rename {event} to {title}",
            "change the location of {event} to {location}",
            "move {event} to room {location}",
            "set the description of {event} to {description}",
        ),
        once=True,
        roles={"event": "destination", "attendees": "destination", "without": "destination"},
    )


def cancel_event(name: str) -> Manifest:
    """Return the manifest of the tool that takes an event off the calendar."""
    return Manifest(
        name=f"{name}.cancel_event",
        description="Take an event off the calendar.",
        parameters=_object({"event": _EVENT, "on": _ON}, "event"),
        effect="write",
        result=_RESULT,
        examples=(
            "cancel {event}",
            "cancel {event} on {on}",
            "take {event} off the calendar",
            "delete the event {event}",
        ),
        once=False,  # a removed object keeps no key: nothing tells afterwards who removed it
        roles={"event": "destination"},
    )
