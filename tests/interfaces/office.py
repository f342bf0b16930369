"""A workspace for trying the command line: files, people in a JSON file, letters that cannot be taken back, and a skill."""

from __future__ import annotations

from pathlib import Path

JOIN = "Ada Lovelace joins the team backend with address ada@acme.example"

TOOLS = '''
"""Tools of this workspace."""
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from doer.connectors.tools.function import tool
from doer.domain.action import Change, Intent, Receipt
from doer.domain.errors import Permanent
from doer.domain.outcome import Absent, Conflict, Refuted, Undone, Verified
from doer.domain.value import Key

STORE = Path(__file__).parent / "people.json"


def load():
    return json.loads(STORE.read_text()) if STORE.exists() else {}


def save(people):
    """Whole or not at all: some tests kill the process in here."""
    fresh = STORE.with_suffix(".new")
    fresh.write_text(json.dumps(people))
    fresh.replace(STORE)


@tool(name="people.add", effect="write", once=True, roles={"email": "destination"}, examples=["add {name} with {email}"])
def add(name: str, email: str, key: Key, team: str = "none") -> dict:
    """Add a person."""
    if email.endswith("@nowhere.example"):
        raise Permanent("that domain is closed")
    save(load() | ({} if email.startswith("lost@") else {email: {"name": name, "team": team}}))
    return {"id": email}


@add.preview
def _(name, email, team="none"):
    return Change(f"people:{email}", load().get(email), {"name": name, "team": team}, echoes=("the manager is told",))


@add.verify
def _(intent: Intent, receipt=None):
    email = intent.arguments["email"]
    row = load().get(email)
    if row is None:
        return Refuted(f"nobody with {email}", receipt) if receipt else Absent(f"nobody with {email}")
    return Verified(receipt or Receipt({"id": email}), f"1 person with {email}")


@add.undo
def _(receipt: Receipt):
    people = load()
    if people.get(receipt.result["id"], {}).get("team") == "changed by hand":
        return Conflict("somebody changed the team")
    people.pop(receipt.result["id"], None)
    save(people)
    return Undone(evidence="nobody there")


@tool(name="post.letter", effect="irreversible", roles={"to": "destination"}, examples=["send a letter to {to} saying {text}"])
def letter(to: str, text: str, key: Key) -> dict:
    """Send a letter."""
    return {"sent": True}


@letter.preview
def _(to, text):
    return Change(f"letter:{to}", None, {"to": to, "text": text}, reversible=False)


@letter.verify
def _(intent: Intent, receipt=None):
    return Verified(receipt or Receipt({"sent": True}), "the post office has it")


@tool(name="lamp.switch", effect="write", examples=["switch the lamp to {state}"])
def lamp(state: str, key: Key) -> dict:
    """Switch the lamp, which nobody can read back."""
    return {}


@lamp.preview
def _(state):
    return Change("lamp:1", None, {"state": state})


@lamp.undo
def _(receipt: Receipt):
    return Undone()


@dataclass
class Case:
    tool: object = add
    arguments = {"name": "Ada", "email": "ada@acme.example"}

    async def observe(self):
        return load()

    async def meddle(self):
        save({each: row | {"team": "changed by hand"} for each, row in load().items()})


@asynccontextmanager
async def people():
    save({})
    yield Case()


conformance = {"people.add": people}
'''

SKILL = """
name = "join"
description = "A person joins a team"
examples = ["{name} joins the team {team} with address {email}", "let {name} join {team}"]

[slots.name]
type = "text"
question = "Who joins?"

[slots.team]
type = "choice"
question = "Which team?"
choices = ["backend", "frontend"]

[slots.email]
type = "email"
question = "Which address?"

[[step]]
id = "person"
tool = "people.add"
why = "so that everybody finds them"
arguments = { name = "$name", email = "$email", team = "$team" }

[[step]]
id = "team"
tool = "files.append_line"
why = "the list of the team"
arguments = { path = "team.md", line = "- {name} <{person.id}>" }

[[step]]
id = "welcome"
tool = "post.letter"
why = "a welcome on paper"
arguments = { to = "$email", text = "Welcome to {team}!" }
"""


def furnish(folder: Path) -> None:
    """Put the tools and the skill into a workspace that `doer init` made."""
    (folder / "mytools.py").write_text(TOOLS)
    (folder / "skills" / "join.toml").write_text(SKILL)
    (folder / "team.md").write_text("# Team\n\n- Grace Hopper <grace@acme.example>\n")
    settings = (folder / "doer.toml").read_text().replace('# me = "sam@acme.example"', 'me = "sam@acme.example"')
    (folder / "doer.toml").write_text(settings + '\n[tools]\nmodules = ["mytools"]\n')
