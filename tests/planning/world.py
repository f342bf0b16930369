"""A small office to plan in: tools with manifests, a reader with rows, and a goal said on a Wednesday."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from doer.domain.action import Effect, Manifest
from doer.domain.errors import Permanent
from doer.domain.goal import Answer, Goal
from doer.domain.model import Prompt, Reply
from doer.domain.ports import Model, Proposal
from doer.domain.value import Json, JsonObject, Principal
from doer.planning.propose import SkillPlanner
from doer.planning.skills.file import load_skills

SKILLS = Path(__file__).parent / "skills"
WEDNESDAY = datetime(2026, 2, 25, 9, 0, tzinfo=UTC)


def text(form: str = "") -> JsonObject:
    return {"type": "string", "format": form} if form else {"type": "string"}


def tool(
    name: str,
    description: str,
    parameters: Mapping[str, Json],
    required: Sequence[str],
    *examples: str,
    effect: Effect = "write",
    result: JsonObject | None = None,
) -> Manifest:
    schema: JsonObject = {
        "type": "object", "properties": parameters, "required": list(required), "additionalProperties": False,
    }  # fmt: skip
    return Manifest(name, description, schema, effect, result or {}, examples)


CREATED: JsonObject = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}


@cache
def tools() -> tuple[Manifest, ...]:
    return (
        tool("rooms.find_free", "Finds rooms that are free", {"seats": {"type": "integer"}, "start": text("date-time"),
             "end": text("date-time")}, ["seats", "start", "end"], effect="read"),
        tool("calendar.create_event", "Creates an event on the calendar", {"title": text(), "start": text("date-time"),
             "end": text("date-time"), "room": text()}, ["title", "start"],
             "put {title} on the calendar at {start}", "add an event called {title} at {start}", result=CREATED),
        tool("calendar.cancel_event", "Cancels an event", {"title": text()}, ["title"],
             "cancel the event {title}", "call off {title}"),
        tool("calendar.invite", "Invites one person", {"person": text(), "title": text(), "day": text("date"),
             "host": text()}, ["person", "title", "day"]),
        tool("shop.refund", "Pays money back", {"order": text(), "amount": text("decimal"), "currency": text(),
             "note": text()}, ["order", "amount", "currency"], result=CREATED),
        tool("mail.send", "Sends a mail", {"to": {"type": "array", "items": text("email")}, "subject": text(), "body": text()},
             ["to", "body"], "send a mail to {to} saying {body}", "email {to} about {subject} that {body}", effect="irreversible"),
        tool("files.write", "Writes a text file", {"path": text("path"), "text": text()}, ["path", "text"]),
        tool("files.delete", "Deletes a file", {"path": text("path")}, ["path"], "delete the file {path}", "remove {path}"),
        tool("files.move", "Moves a file", {"path": text("path"), "to": text("path")}, ["path", "to"],
             "move {path} to {to}", "rename {path} to {to}"),
        tool("crm.set_status", "Sets the status of a ticket", {"ticket": text(), "status": {"enum": ["open", "closed", "waiting"]}},
             ["ticket", "status"], "set ticket {ticket} to {status}", "mark ticket {ticket} as {status}"),
        tool("directory.find_user", "Finds a person in the directory", {"name": text("person")}, ["name"],
             "who is {name}", "look up {name} in the directory", effect="read"),
        tool("tasks.remind", "Sets a reminder", {"text": text(), "at": text("date-time")}, ["text", "at"],
             "remind me at {at} to {text}", "remind me to {text} at {at}"),
    )  # fmt: skip


PEOPLE: tuple[JsonObject, ...] = (
    {"id": "u1", "name": "Grace Hopper", "email": "grace@acme.example"},
    {"id": "u2", "name": "Alan Turing", "email": "alan@acme.example"},
    {"id": "u3", "name": "John Smith", "email": "john.smith@acme.example"},
    {"id": "u4", "name": "John Smith", "email": "j.smith2@acme.example"},
)
ROOMS: tuple[JsonObject, ...] = ({"id": "r1", "name": "Mercury", "seats": 8},)


class Office:
    """Answers reads from the rows above, and keeps what was asked."""

    def __init__(self, rooms: Sequence[JsonObject] = ROOMS) -> None:
        self.rooms = rooms
        self.asked: list[tuple[str, JsonObject]] = []

    async def read(self, tool: str, arguments: JsonObject) -> Json:
        self.asked.append((tool, arguments))
        if tool == "rooms.find_free":
            return {"rooms": list(self.rooms)}
        if "name" not in arguments:
            raise Permanent(f"{tool} has nothing to say here")
        return [row for row in PEOPLE if row["name"] == arguments["name"]]

    async def ask(self, model: Model, prompt: Prompt) -> Reply:
        raise AssertionError("no planner here asks a model")


def goal(words: str, said_at: datetime = WEDNESDAY, locale: str = "en") -> Goal:
    return Goal(words, Principal("user:sam"), said_at, "Europe/Berlin", locale)


@cache
def planner() -> SkillPlanner:
    return SkillPlanner(load_skills([SKILLS]))


async def propose(words: str, *answers: Answer, office: Office | None = None) -> Proposal:
    return await planner().propose(goal(words), answers, tools(), office or Office())
