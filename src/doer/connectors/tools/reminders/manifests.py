"""What the reminder tools say of themselves."""

from __future__ import annotations

from doer.connectors.tools.recurrence import EVERY, REPEATS, WEEKDAYS, rules_in_words
from doer.domain.action import Effect, Manifest
from doer.domain.value import JsonObject

_SAVED = "It is saved and shown; nothing makes it go off yet."
_TEXT: JsonObject = {"type": "string"}
_AHEAD: JsonObject = {"coming": True, "everyday": True, "question": "On which day, at what time?"}
_AT: JsonObject = {
    "type": "string",
    "format": "date-time",
    "description": "RFC 3339, e.g. 2026-12-01T09:00:00+01:00",
    "x-said": _AHEAD,
}
_ABOUT: JsonObject = {
    "type": "string",
    "minLength": 1,
    "maxLength": 2000,
    "description": "what to be reminded of",
    "x-said": {"verbatim": True, "question": "What is it about?"},
}
_REPEAT: JsonObject = {
    "enum": list(REPEATS),
    "description": "how it repeats; once unless given",
    "x-said": {"words": {name: list(said) for name, said in EVERY.items()}, "question": "How often?"},
}
_CLOCK: JsonObject = {
    "type": "string",
    "format": "time",
    "pattern": r"^\d\d:\d\d(:\d\d)?$",
    "description": "time of day of what repeats, as 07:00, instead of `at`",
    "x-said": {"everyday": True, "question": "At what time?"},
}
_RULE: JsonObject = {
    "type": "string",
    "description": "how it repeats, as an RFC 5545 RRULE: FREQ=WEEKLY;BYDAY=MO,TH",
    "x-said": {
        "words": rules_in_words(),
        "question": "On which day of the week?",
    },
}
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


_ASKED = (
    "(remind me|ping me|nudge me|alert me|notify me|prompt me|give me a (nudge|shout|ping|heads-up|heads up|reminder)"
    "|drop me a reminder|tell me|don't let me forget|do not let me forget|make sure I don't forget|make sure I remember"
    "|make sure that I don't forget|I must not forget|I mustn't forget|I must remember|help me remember)"
)
_NOTED = (
    "((set|create|add|make|put in|set up|save|leave|schedule) [me] (a|an) (reminder|alarm)|(I need|I want|I'd like|I would like|give me) (a|an) (reminder|alarm)"
    "|(I need|I want|I'd like|I would like) to be reminded|(a|new) reminder|reminder)"
)
_WHAT = "(to|that|about|of|that I should|that I have to|that I need to|that I must|it is time to|it's time to)"
_WHEN = "[at|on|for] {at}"
_AGAIN = "({repeat}|{rule}) [at|on] {time}"
_REMINDING = (
    f"{_ASKED} {_WHEN} {_WHAT} {{text}}",
    f"{_ASKED} {_WHAT} {{text}} {_WHEN}",
    f"{_WHEN} {_ASKED} {_WHAT} {{text}}",
    f"{_NOTED} {_WHEN} {_WHAT} {{text}}",
    f"{_NOTED} {_WHAT} {{text}} {_WHEN}",
    f"{_NOTED} {_WHEN} : {{text}}",
    f"{_NOTED} : {{text}} {_WHEN}",
    f"{_ASKED} : {{text}} {_WHEN}",
    f"{_ASKED} {_WHEN} : {{text}}",
    f"{_WHEN} {_NOTED} {_WHAT} {{text}}",
    f"{_ASKED} {_AGAIN} {_WHAT} {{text}}",
    f"{_ASKED} {_WHAT} {{text}} {_AGAIN}",
    f"{_AGAIN} {_ASKED} {_WHAT} {{text}}",
    f"{_AGAIN} {_NOTED} {_WHAT} {{text}}",
    f"{_NOTED} {_AGAIN} {_WHAT} {{text}}",
    f"{_NOTED} {_WHAT} {{text}} {_AGAIN}",
    f"{_NOTED} {_AGAIN} : {{text}}",
)
"""How people ask to be reminded, word for word: `ping me at 5 to …`, `don't let me forget to …`."""


def create_reminder(name: str) -> Manifest:
    """Return the manifest of `name.create_reminder`."""
    return _manifest(
        f"{name}.create_reminder",
        f"Save a reminder. {_SAVED}",
        {"text": _ABOUT, "at": _AT, "repeat": _REPEAT, "rule": _RULE, "time": _CLOCK},
        ("text",),
        (
            "remind me at {at} to {text}",
            "remind me {at} to {text}",
            "remind me to {text} at {at}",
            "remind me to {text} {at}",
            "remind me {at} that {text}",
            "remind me that {text} at {at}",
            "remind me to {text}",
            "remind me of {text} {at}",
            "remind me about {text} {at}",
            "{at} remind me to {text}",
            "{at} remind me that {text}",
            "{at} remind me of {text}",
            "{at} I'd like to be reminded to {text}",
            "I'd like to be reminded {at} to {text}",
            "make sure I am reminded {at} to {text}",
            "I must not forget to {text} {at}, remind me",
            "set a reminder for {at}: {text}",
            "set a reminder {at} to {text}",
            "set a reminder to {text} {at}",
            "create a reminder for {at} to {text}",
            "add a reminder for {at} to {text}",
            "remind me {repeat} from {at} to {text}",
            "remind me {repeat} at {time} to {text}",
            "remind me {rule} at {time} to {text}",
            "remind me at {time} {repeat} to {text}",
            "remind me at {time} {rule} to {text}",
            "remind me to {text} {repeat} at {time}",
            "remind me to {text} {rule} at {time}",
            "{repeat} at {time} remind me to {text}",
            "{rule} at {time} remind me to {text}",
            "{repeat} at {time} I'd like to be reminded to {text}",
            "{rule} at {time} I'd like to be reminded to {text}",
            "I'd like to be reminded {rule} at {time} to {text}",
            "set a reminder {rule} at {time} to {text}",
        ),
        issued=("id",),
        one_of=("at", "time"),
        patterns=_REMINDING,
    )


def create_schedule(name: str) -> Manifest:
    """Return the manifest of `name.create_schedule`."""
    parameters: JsonObject = {
        "goal": {
            "type": "string",
            "minLength": 1,
            "maxLength": 2000,
            "description": "what doer is to do, in words",
            "x-said": {"verbatim": True, "question": "What is to be done then?"},
        },
        "repeat": _REPEAT,
        "time": {
            "type": "string",
            "format": "time",
            "pattern": r"^\d\d:\d\d(:\d\d)?$",
            "description": "time of day, as 07:00",
            "x-said": {"everyday": True, "question": "At what time?"},
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
            "{repeat} at {time} {goal}",
            "{rule} at {time} {goal}",
            "schedule {repeat} at {time}: {goal}",
            "{goal} {rule} at {time}",
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
        {
            "text": {"type": "string", "description": "only those that hold these words"},
            "since": {
                "type": "string",
                "format": "date",
                "description": "only those that are next due on this day or later",
            },
            "before": {
                "type": "string",
                "format": "date",
                "description": "only those that are next due before this day",
            },
        },
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
        patterns=(
            "(list|show|give|tell) [me] [all] [my|the] (reminders|schedules)",
            "(which|what) [reminders|schedules] (do I have|are there|are set|have I set|are saved)",
            "(which|what) (reminders|schedules) (do I have|are there|are set|have I set|are saved)",
            "(what am I|what will I be) [to be] reminded (of|about)",
        ),
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
    one_of: tuple[str, ...] = (),
    patterns: tuple[str, ...] = (),
) -> Manifest:
    schema: JsonObject = {
        "type": "object",
        "properties": parameters,
        "required": list(required),
        "additionalProperties": False,
    }
    if one_of:
        schema = {**schema, "anyOf": [{"required": [each]} for each in one_of]}
    if patterns:
        schema = {**schema, "x-said": {"patterns": list(patterns)}}
    return Manifest(name, description, schema, effect, result, examples, once=True, issued=issued)
