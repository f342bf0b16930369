"""Tools of several systems to plan compound goals over, on top of the small office."""

from functools import cache

from tests.planning.world import CREATED, Office, goal, text, tool, tools

from doer.connectors.tools.files.manifests import manifests as file_manifests
from doer.domain.action import Manifest
from doer.domain.goal import Answer
from doer.domain.ports import Proposal
from doer.domain.value import JsonObject
from doer.planning.propose import SkillPlanner

PATHS: JsonObject = {"type": "array", "items": text("path")}


@cache
def systems() -> tuple[Manifest, ...]:
    files = tuple(row[0] for row in file_manifests("files"))
    office = tuple(each for each in tools() if not each.name.startswith(("files.", "mail.")))
    return (
        *files,
        *office,
        tool("git.commit", "Commits files", {"paths": PATHS, "message": text()}, ["paths"],
             "commit {paths}", "commit everything in {paths}", "commit {paths} with the message {message}"),
        tool("git.push", "Pushes a branch", {"branch": text()}, [], "push", "push the branch {branch}"),
        tool("directory.deactivate", "Deactivates an account", {"user": text("person")}, ["user"],
             "deactivate {user}'s account", "deactivate the account of {user}", "disable {user}"),
        tool("calendar.cancel_all", "Cancels all meetings of a person", {"person": text("person")}, ["person"],
             "cancel the meetings of {person}", "cancel {person}'s meetings"),
        tool("mail.send", "Sends a mail", {"to": {"type": "array", "items": text("email")}, "subject": text(), "body": text(),
             "attachments": PATHS}, ["to"], "send a mail to {to} saying {body}", "email {to} about {subject}: {body}",
             "email {attachments} to {to}", "send {attachments} to {to}", effect="irreversible"),
        tool("tickets.create", "Creates a ticket", {"title": text()}, ["title"],
             "create a ticket {title}", "open a ticket called {title}", result=CREATED),
        tool("tickets.assign", "Assigns a ticket", {"ticket_id": text(), "person": text("person")}, ["ticket_id", "person"],
             "assign ticket {ticket_id} to {person}"),
    )  # fmt: skip


@cache
def planner() -> SkillPlanner:
    return SkillPlanner(())


async def propose_many(words: str, *answers: Answer) -> Proposal:
    return await planner().propose(goal(words), answers, systems(), Office())
