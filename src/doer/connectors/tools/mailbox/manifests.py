"""What the mailbox's tools say of themselves."""

from __future__ import annotations

from doer.connectors.tools.mail.address import MOST_RECIPIENTS
from doer.connectors.tools.mailbox.marking import MARKS
from doer.domain.action import Manifest
from doer.domain.value import Json

_MESSAGE: dict[str, Json] = {
    "type": "string",
    "minLength": 1,
    "maxLength": 1000,
    "description": "id of the mail, as search_mail gives it: its Message-ID, or its place",
}
_FOLDER: dict[str, Json] = {"type": "string", "minLength": 1, "maxLength": 500, "description": "folder that it is in"}
_TIME = "RFC 3339 time with offset, or a date (from midnight)"
_TEXTS: tuple[str, ...] = ("id", "folder", "from", "sender", "name", "subject", "date", "received")
_SUMMARY: dict[str, Json] = {
    **{each: {"type": "string"} for each in _TEXTS},
    "uid": {"type": "integer"},
    "to": {"type": "array", "items": {"type": "string"}},
    "unread": {"type": "boolean"},
    "flagged": {"type": "boolean"},
}
_PLACED: dict[str, Json] = {"id": {"type": "string"}, "folder": {"type": "string"}}
_ATTACHMENTS: dict[str, Json] = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "path": {"type": "string", "description": "a file in the folder that this connection may read"},
            "name": {"type": "string", "description": "its name in the mail"},
            "content_base64": {"type": "string", "description": "its content, where it is no file"},
        },
        "additionalProperties": False,
    },
    "description": "files that go with it",
}


def _object(properties: dict[str, Json], *required: str) -> dict[str, Json]:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def _result(properties: dict[str, Json], *required: str) -> dict[str, Json]:
    return {"type": "object", "properties": properties, "required": list(required)}


def search_mail(name: str) -> Manifest:
    """Return the manifest of the tool that searches."""
    filters: dict[str, Json] = {
        "from": {"type": "string", "description": "who sent it: an address, @domain, or whole words of the name"},
        "to": {"type": "string", "description": "who got it, told in the same way"},
        "subject": {"type": "string", "description": "words that the subject holds"},
        "text": {"type": "string", "description": "words that stand anywhere in it"},
        "on": {"type": "string", "format": "date", "description": "it came on this day"},
        "since": {"type": "string", "format": "date", "description": f"it came then or later: {_TIME}"},
        "before": {"type": "string", "format": "date", "description": f"it came earlier: {_TIME}"},
        "state": {"type": "string", "enum": list(MARKS), "description": "only mail that is so marked"},
        "folder": {**_FOLDER, "description": "only in this folder; else everywhere but in trash, junk and drafts"},
        "limit": {"type": "integer", "minimum": 1, "maximum": 100, "description": "at most so many; 20"},
    }
    texts: dict[str, Json] = {"snippet": {"type": "string"}}
    files: dict[str, Json] = {"attachments": {"type": "array", "items": {"type": "string"}}}
    return Manifest(
        name=f"{name}.search_mail",
        description="Search mail in the mailbox; newest first, and the newest of each sender.",
        parameters=_object(filters),
        effect="read",
        result=_result(
            {
                "messages": {"type": "array", "items": _result({**_SUMMARY, **texts, **files}, "id", "folder")},
                "senders": {"type": "array", "items": _result(_SUMMARY, "id", "folder")},
                "count": {"type": "integer"},
                "complete": {"type": "boolean", "description": "false: there is more than is shown"},
            },
            "messages",
            "senders",
            "count",
        ),
        examples=(
            "find mails from {from} about {subject}",
            "find mails from {from} about the {text}",
            "search my mail for {text}",
            "show me the mails from {from}",
            "show me all mails from {from}",
            "show my {state} mails",
            "find {state} mails from {from}",
            "what did {from} write",
            "which mails came from {from} since {since}",
            "which mails came from {from} on {on}",
            "show the mails from {from} of {on}",
            "what mails came in on {on}",
            "show the mails in {folder}",
            "mails to {to} about {subject}",
            "did {from} write about {text}",
        ),
        once=True,
    )


def read_mail(name: str) -> Manifest:
    """Return the manifest of the tool that reads one mail."""
    properties: dict[str, Json] = {
        **_SUMMARY,
        "cc": {"type": "array", "items": {"type": "string"}},
        "reply_to": {"type": "array", "items": {"type": "string"}},
        "in_reply_to": {"type": "string"},
        "text": {"type": "string"},
        "attachments": {"type": "array", "items": {"type": "object"}},
        "complete": {"type": "boolean"},
    }
    return Manifest(
        name=f"{name}.read_mail",
        description="Read one mail; it is not marked as read.",
        parameters=_object({"message": _MESSAGE, "folder": _FOLDER}, "message"),
        effect="read",
        result=_result(properties, "id", "folder", "text"),
        examples=(
            "read the mail {message}",
            "show me the whole mail {message}",
            "open the mail {message}",
            "what does the mail {message} say",
            "read {message} in folder {folder}",
        ),
        once=True,
    )


def list_folders(name: str) -> Manifest:
    """Return the manifest of the tool that lists the folders."""
    folder: dict[str, Json] = {
        **{each: {"type": "string"} for each in ("name", "use")},
        **{each: {"type": "integer"} for each in ("messages", "unread")},
    }
    return Manifest(
        name=f"{name}.list_folders",
        description="List the folders of the mailbox, with how many mails lie in each and how many are unread.",
        parameters=_object({}),
        effect="read",
        result=_result(
            {"folders": {"type": "array", "items": _result(folder, "name")}, "count": {"type": "integer"}},
            "folders",
            "count",
        ),
        examples=(
            "list my mail folders",
            "which mail folders are there",
            "what folders does my mailbox have",
            "how many unread mails do I have",
            "show the folders of my mailbox",
        ),
        once=True,
    )


def create_draft(name: str) -> Manifest:
    """Return the manifest of the tool that writes a draft."""
    people: dict[str, Json] = {
        "type": "array",
        "items": {"type": "string", "format": "email"},
        "maxItems": MOST_RECIPIENTS,
        "description": "addresses such as ada@acme.example, or Ada Lovelace <ada@acme.example>",
    }
    properties: dict[str, Json] = {
        "to": {**people, "minItems": 1},
        "cc": people,
        "subject": {"type": "string", "minLength": 1, "maxLength": 900, "description": "one line"},
        "body": {"type": "string", "description": "the text"},
        "attachments": _ATTACHMENTS,
    }
    return Manifest(
        name=f"{name}.create_draft",
        description="Write a draft of a mail into the drafts folder. It is not sent.",
        parameters=_object(properties, "to", "subject", "body"),
        effect="write",
        result=_result(_PLACED, "id", "folder"),
        examples=(
            "draft a mail to {to} about {subject} saying {body}",
            "draft an email to {to} about {subject} that says {body}",
            "write a draft to {to} with subject {subject} and text {body}",
            "prepare a mail to {to} about {subject}: {body}",
            "save a draft for {to} about {subject} saying {body}",
            "put a draft to {to} about {subject} into my drafts: {body}",
        ),
        once=False,  # APPEND knows no key: a second one that overlaps makes a second draft
        roles={"to": "destination", "cc": "destination"},
        issued=("id",),
        timeout=120.0,
    )


def file_mail(name: str) -> Manifest:
    """Return the manifest of the tool that moves a mail to a folder."""
    to: dict[str, Json] = {
        **_FOLDER,
        "description": "the folder to move it to, by its name or its use, such as archive",
    }
    return Manifest(
        name=f"{name}.file_mail",
        description="Move a mail to another folder of the mailbox.",
        parameters=_object({"message": _MESSAGE, "folder": _FOLDER, "to": to}, "message", "to"),
        effect="write",
        result=_result(_PLACED, "id", "folder"),
        examples=(
            "file the mail {message} into {to}",
            "move the mail {message} to {to}",
            "put the mail {message} into folder {to}",
            "archive the mail {message} in {to}",
            "move the mail {message} from {folder} to {to}",
        ),
        once=True,  # a second MOVE of an UID that is gone does nothing
        roles={"message": "destination", "to": "destination"},
        timeout=120.0,
    )


def mark_mail(name: str) -> Manifest:
    """Return the manifest of the tool that marks a mail."""
    # Not called `mark`: the word would count as a name of the value and not as what is asked for.
    state: dict[str, Json] = {"type": "string", "enum": list(MARKS), "description": "how to mark it"}
    properties: dict[str, Json] = {**_PLACED, "read": {"type": "boolean"}, "flagged": {"type": "boolean"}}
    return Manifest(
        name=f"{name}.mark_mail",
        description="Mark a mail as read, unread, flagged or unflagged.",
        parameters=_object({"message": _MESSAGE, "folder": _FOLDER, "state": state}, "message", "state"),
        effect="write",
        result=_result(properties, "id", "folder"),
        examples=(
            "mark the mail {message} as {state}",
            "mark {message} {state}",
            "set the mail {message} to {state}",
            "mark the mail {message} in {folder} as {state}",
            "make the mail {message} {state}",
        ),
        once=True,  # setting a flag that is set changes nothing
        roles={"message": "destination"},
        timeout=60.0,
    )


def reply(name: str) -> Manifest:
    """Return the manifest of the tool that answers a mail."""
    properties: dict[str, Json] = {
        "message": _MESSAGE,
        "folder": _FOLDER,
        "body": {"type": "string", "minLength": 1, "description": "the text of the answer"},
        "everyone": {"type": "boolean", "description": "true: also to all who got the mail; else to its sender"},
        "quote": {"type": "boolean", "description": "false: without the mail's text below; else with it"},
        "attachments": _ATTACHMENTS,
    }
    people: dict[str, Json] = {"type": "array", "items": {"type": "string"}}
    return Manifest(
        name=f"{name}.reply",
        description="Reply to a mail, in its thread. It cannot be taken back.",
        parameters=_object(properties, "message", "body"),
        effect="irreversible",
        result=_result({"message_id": {"type": "string"}, "recipients": people}, "message_id", "recipients"),
        examples=(
            "reply to the mail {message} that {body}",
            "reply to {message} saying {body}",
            "answer the mail {message} with {body}",
            "respond to the mail {message}: {body}",
            "write back to {message} that {body}",
        ),
        once=False,  # SMTP enforces no key: a second try is a second mail
        roles={"message": "destination"},  # whom the answer goes to comes from the mail
        issued=("message_id",),
        verbs=frozenset({"preview", "apply", "verify"}),
        timeout=180.0,
    )
