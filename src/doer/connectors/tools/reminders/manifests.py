"""What the reminder tools say of themselves."""

from __future__ import annotations

from doer.connectors.tools.reminders.recurrence import REPEATS, WEEKDAYS
from doer.domain.action import Effect, Manifest
from doer.domain.value import JsonObject

_SAVED = "It is saved and shown; nothing makes it go off yet."
_TEXT: JsonObject = {"type": "string"}
_AT: JsonObject = {"type": "string", "format": "date-time", "description": "RFC 3339, e.g. 2026-12-01T09:00:00+01:00"}
_ABOUT: JsonObject = {"type": "string", "minLength": 1, "maxLength": 2000, "description": "what to be reminded of"}
_REPEAT: JsonObject = {"enum": list(REPEATS), "description": "how it repeats; once unless given"}
_RULE: JsonObject = {"type": "string", "description": "how it repeats, as an RFC 5545 RRULE: FREQ=WEEKLY;BYDAY=MO,TH"}
_WHICH: JsonObject = {"type": "string", "minLength": 1, "description": "its id, or what it says where only one says it"}
_REMINDER: JsonObject = {
    "type": "object",
    "properties": {
        "id": _TEXT,
        "kind": {"enum": ["reminder", "schedule"]},
        "text": _TEXT,
        "at": {"type": "string", "description": "the first time"},
        "zone": _TEXT,
        "rule": {"type": ["string", "null"]},
        "running": {"const": False, "description": "always false: nothing acts on a time yet"},
    },
    "required": ["id"],
}


def create_reminder(name: str) -> Manifest:
    """Return the manifest of `name.create_reminder`."""
    return _manifest(
        f"{name}.create_reminder",
        f"Save a reminder. {_SAVED}",
        {"text": _ABOUT, "at": _AT, "repeat": _REPEAT, "rule": _RULE},
        ("text", "at"),
        (
            "remind me at {at} to {text}",
            "remind me {at} to {text}",
            "remind me to {text} at {at}",
            "remind me to {text} on {at}",
            "remind me {repeat} from {at} to {text}",
            "remind me tomorrow to {text}",
            "set a reminder for {at}: {text}",
            "create a reminder for {at} to {text}",
        ),
        issued=("id",),
    )


def create_schedule(name: str) -> Manifest:
    """Return the manifest of `name.create_schedule`."""
    parameters: JsonObject = {
        "goal": {"type": "string", "minLength": 1, "maxLength": 2000, "description": "what doer is to do, in words"},
        "repeat": _REPEAT,
        "time": {
            "type": "string",
            "format": "time",
            "pattern": r"^\d\d:\d\d(:\d\d)?$",
            "description": "time of day, as 07:00",
        },
        "weekday": {"enum": list(WEEKDAYS), "description": "the day of a weekly schedule"},
        "at": {**_AT, "description": "the first date with its time, instead of time and weekday"},
        "rule": _RULE,
    }
    return _manifest(
        f"{name}.create_schedule",
        f"Save a schedule: something for doer to do at a time, once or again and again. {_SAVED}",
        parameters,
        ("goal",),
        (
            "every weekday at {time} {goal}",
            "every day at {time} {goal}",
            "every {weekday} at {time} {goal}",
            "schedule {repeat} at {time}: {goal}",
            "{goal} every day at {time}",
            "{goal} {repeat} at {time}",
            "schedule the job {goal} for {at}",
        ),
        issued=("id",),
    )


def list_reminders(name: str) -> Manifest:
    """Return the manifest of `name.list_reminders`."""
    result: JsonObject = {
        "type": "object",
        "properties": {
            "reminders": {"type": "array", "items": _REMINDER},
            "count": {"type": "integer"},
            "running": {"const": False},
            "note": _TEXT,
        },
        "required": ["reminders", "count", "running", "note"],
    }
    return _manifest(
        f"{name}.list_reminders",
        "List the reminders and schedules that are saved, soonest first.",
        {"text": {"type": "string", "description": "only those that hold these words"}},
        (),
        (
            "list my reminders",
            "what reminders do I have",
            "show the reminders",
            "which reminders are set",
            "list the schedules",
            "show the reminders about {text}",
        ),
        effect="read",
        result=result,
    )


def change_reminder(name: str) -> Manifest:
    """Return the manifest of `name.change_reminder`."""
    parameters: JsonObject = {
        "reminder": _WHICH,
        "at": _AT,
        "text": _ABOUT,
        "repeat": {"enum": [*REPEATS, "never"], "description": "how it repeats from now on"},
        "rule": _RULE,
    }
    return _manifest(
        f"{name}.change_reminder",
        f"Change when a saved reminder is, what it says, or how it repeats. {_SAVED}",
        parameters,
        ("reminder",),
        (
            "move the reminder {reminder} to {at}",
            "change the reminder {reminder} to {at}",
            "change the reminder {reminder} to say {text}",
            "change the reminder {reminder} to {repeat}",
            "postpone the reminder {reminder} to {at}",
            "reschedule the reminder {reminder} to {at}",
        ),
    )


def remove_reminder(name: str) -> Manifest:
    """Return the manifest of `name.remove_reminder`."""
    return _manifest(
        f"{name}.remove_reminder",
        "Remove a saved reminder or schedule.",
        {"reminder": _WHICH},
        ("reminder",),
        (
            "remove the reminder {reminder}",
            "remove the reminder to {reminder}",
            "delete the reminder {reminder}",
            "delete the reminder to {reminder}",
            "cancel the reminder {reminder}",
            "forget the reminder {reminder}",
        ),
    )


def _manifest(  # noqa: PLR0913, PLR0917
    name: str,
    description: str,
    parameters: JsonObject,
    required: tuple[str, ...],
    examples: tuple[str, ...],
    issued: tuple[str, ...] = (),
    effect: Effect = "write",
    result: JsonObject = _REMINDER,
) -> Manifest:
    schema: JsonObject = {
        "type": "object",
        "properties": parameters,
        "required": list(required),
        "additionalProperties": False,
    }
    return Manifest(name, description, schema, effect, result, examples, once=True, issued=issued)
