"""Exporting: rows that are found go into a file: `save all open orders to open_orders.csv`, `make a csv of the customers in Berlin`.

The words that say which rows are asked for as in `show the open orders`; what that reads is written, whole, as one step that
says where it comes from. A file that is there already is never written over without asking, and words that no read
understands are never the content of a table.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from doer.domain.action import Manifest
from doer.domain.errors import ToolError, UsageError
from doer.domain.goal import Abstention, Answer, Goal, Option, Question
from doer.domain.plan import Plan, Step
from doer.domain.ports import Proposal, Reader
from doer.domain.template import Literal, to_json
from doer.domain.value import Json, JsonObject, Provenance, StepId
from doer.intent.text import words
from doer.planning.naming.files import Folders
from doer.planning.schema import mapping
from doer.planning.words.conditions import masked

SLOT: Final = "export_to"
"""The slot under which the name of the file is asked for."""
ROWS: Final = "rows"
"""The slot under which it is asked which rows are meant."""
MOST: Final = 1000
_PATH: Final = r"(?P<path>(?<![\w./-])[\w./-]*[\w-]\.(?P<kind>csv|tsv|json|txt|md))"
_LEAD: Final = (
    r"^\W*(?:(?:please|pls|kindly|can you|could you|would you|i need you to|i want you to|i['’]d like you to)\b[\s,]*)*"
)
_FILE: Final = r"(?:an?|the|one)\s+(?:new\s+)?(?:(?:csv|tsv|json|text)\b\s*)?(?:file|table|list|sheet|spreadsheet)?\s*(?:called|named)?\s*"
_ALL: Final = r"(?P<what>\S.*?)"
_END: Final = r"(?:,?\s*(?:please|pls|thanks|for me))?[\s.!?]*$"
_MAKE: Final = (
    r"(?:make|create|build|generate|write|prepare|save|give me|get me|i need|we need|i want)\s+(?:me\s+)?(?:an?|the)\s+(?:new\s+)?"
    r"(?:csv|file|table|list|sheet|spreadsheet)(?:[ -](?:file|export))?\s+"
)
_FRAMES: Final = tuple(
    re.compile(_LEAD + each + _END, re.IGNORECASE)
    for each in (
        rf"(?:save|export|write|put|dump|store|extract|download)\s+(?:me\s+)?{_ALL}\s+(?:down\s+)?(?:to|into|in|as|under)\s+(?:{_FILE})?{_PATH}",
        rf"{_MAKE}(?:called\s+|named\s+)?{_PATH}\s+(?:with|of|from|containing|listing|that (?:contains|lists|has))\s+{_ALL}",
        rf"(?:make|create|build|generate|write|prepare)\s+(?:me\s+)?{_PATH}\s+(?:with|from|out of|containing|listing)\s+{_ALL}",
        rf"{_MAKE}(?:with|of|from|containing|listing)\s+{_ALL}\s+(?:called|named|in|as|and (?:call|name) it|and save it (?:as|to|in|under))\s+{_PATH}",
    )
)
_UNNAMED: Final = tuple(
    re.compile(_LEAD + each + _END, re.IGNORECASE)
    for each in (
        rf"(?:make|create|build|generate|prepare|give me|get me|i need|we need|i want|send me)\s+(?:me\s+)?an?\s+(?:new\s+)?(?:csv|tsv|spreadsheet)(?:[ -](?:file|export|list))?\s+(?:with|of|from|containing|listing)\s+{_ALL}",
        rf"(?:export|save|dump|download)\s+{_ALL}\s+(?:to|into|in|as)\s+(?:an?\s+)?(?:new\s+)?(?:csv|tsv|spreadsheet)(?:[ -]file)?",
    )
)
_OTHER: Final = re.compile(r"¤|[@{}=<>]|[\w-]\.[A-Za-z]\w{1,4}\b")
"""What stands in quotes, an address, another file: a content of its own."""
_ACTS: Final = re.compile(
    r"(?:,|;|\band\b|\bthen\b)\s+(?:then\s+|also\s+)?(?:e?-?mail|send|commit|push|delete|remove|move|copy|zip|tell|remind)\b",
    re.IGNORECASE,
)
_FORWARD: Final = re.compile(
    r"^(?:all|every|each|the|our|any|those|these|a list of|the list of|a table of|the names of all)\b", re.IGNORECASE
)
Planning = Callable[[Goal], Awaitable[Proposal]]


@dataclass(frozen=True, slots=True)
class Export:
    """Which rows, and into which file; no file where none was said."""

    what: str
    path: str

    @classmethod
    def of(cls, text: str) -> Export | None:
        """Return what a sentence exports; None where it asks for something else."""
        plain = masked(text)
        for frame in (*_FRAMES, *_UNNAMED):
            found = frame.match(plain)
            if found is None or _OTHER.search(found["what"]) or _ACTS.search(plain):
                continue
            return cls(text[slice(*found.span("what"))], found["path"] if "path" in frame.groupindex else "")
        return None


@dataclass(frozen=True, slots=True)
class Exporting:
    """A goal that asks for rows in a file."""

    export: Export
    goal: Goal
    answers: Sequence[Answer]
    tools: Sequence[Manifest]
    reader: Reader
    folders: Folders
    planned: Planning

    async def plan(self) -> Proposal | None:
        """Return the plan that writes the rows, or a question; None where the words are of no rows."""
        rows = await self._rows()
        if rows is None or isinstance(rows, Abstention):
            return rows
        source, found = rows
        path = self._path()
        if not path:
            name = "_".join(each.lower for each in words(self.export.what) if each.lower not in _ARTICLES)
            return Question(SLOT, f"In which file should the {len(found)} rows be saved?", (Option(f"{name}.csv", f"{name}.csv"),))  # fmt: skip
        if path in await self.folders.files() and not self._again(path):
            text = f"{path} is there already. In which file should the {len(found)} rows be saved?"
            return Question(SLOT, text, (Option(f"write over {path}", f"over:{path}"),))
        content = written(found, path)
        if content is None:
            return None
        return self._writing(source, path, content, len(found))

    async def _rows(self) -> tuple[Step, Sequence[JsonObject]] | Abstention | None:
        told = next((each.text for each in reversed(self.answers) if each.slot == ROWS), self.export.what)
        what = re.sub(r"^(?:me|us|a list of|the list of|a table of)\s+", "", told.strip(), flags=re.IGNORECASE)
        plan = await self.planned(replace(self.goal, text=f"show {what}"))
        if not isinstance(plan, Plan) or len(plan.steps) != 1:
            return None
        step = plan.steps[0]
        given = {name: each.value for name, each in step.arguments.items() if isinstance(each, Literal)}
        if step.tool.rpartition(".")[2] not in {"find", "read_rows"} or len(given) < len(step.arguments):
            return None
        if given.get("limit") in {None, 100}:
            given["limit"] = MOST
        try:
            result = mapping(await self.reader.read(step.tool, given))
        except (ToolError, UsageError):
            return None
        rows = result.get("rows")
        if not isinstance(rows, Sequence) or isinstance(rows, str):
            return None
        if result.get("more") is True and given["limit"] == MOST:
            return Abstention(f"there are more than {MOST:,} such rows, the most that are written to a file at once")
        if not rows:
            return Abstention("there are no such rows, and so nothing to save")
        return step, [each for each in rows if isinstance(each, Mapping)]

    def _path(self) -> str:
        said = next((each for each in reversed(self.answers) if each.slot == SLOT), None)
        if said is None:
            return self.export.path
        value = said.value if isinstance(said.value, str) else said.text.strip().strip("\"'")
        name = value.removeprefix("over:")
        return name if re.search(r"\.\w+$", name) or not name else f"{name}.csv"

    def _again(self, path: str) -> bool:
        """Tell whether it was answered that the file is to be written over."""
        return any(each.slot == SLOT and each.value == f"over:{path}" for each in self.answers)

    def _writing(self, source: Step, path: str, content: str, count: int) -> Plan | None:
        name = f"{self.folders.listing.removesuffix('list')}write"
        tool = next((each for each in self.tools if each.name == name), None)
        if tool is None:
            return None
        start = self.goal.text.find(path)
        place = Provenance("words", path, start, start + len(path)) if start >= 0 else Provenance("answer", path)
        told = Provenance(
            "read",
            f"{source.tool}: {json.dumps({name: to_json(each) for name, each in source.arguments.items()})[:200]}",
        )
        step = Step(
            StepId("write"),
            name,
            {"path": Literal(path), "text": Literal(content)},
            why=f"{count} rows of {source.tool} as they are now",
            provenance={"path": place, "text": told},
        )
        return Plan((step,), self.goal.text.strip(), f"{source.tool} + {name}", 0.95, {name: tool.digest})


_ARTICLES = frozenset(
    ("all", "the", "our", "of", "with", "from", "in", "a", "an", "every", "and", "that", "are", "which")
)


def written(rows: Sequence[JsonObject], path: str) -> str | None:
    """Return rows as the content of a file of its kind; None where a text cannot hold them: several columns in `notes.md`."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    kind = path.rpartition(".")[2].lower()
    if kind == "json":
        return json.dumps([dict(each) for each in rows], ensure_ascii=False, indent=2, default=str) + "\n"
    if kind in {"txt", "md"}:
        return "".join(f"{_cell(row.get(columns[0]))}\n" for row in rows) if len(columns) == 1 else None
    told = io.StringIO()
    lines = csv.writer(told, delimiter="\t" if kind == "tsv" else ",", lineterminator="\n")
    lines.writerow(columns)
    lines.writerows([_cell(row.get(name)) for name in columns] for row in rows)
    return told.getvalue()


def _cell(value: Json) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, Mapping | list | tuple) else str(value)


def words_as_rows(plan: Plan, goal: Goal, listing: str) -> Question | None:
    """Return a question where a plan would write words that only say which rows are meant into a table, as its content."""
    for step in plan.steps:
        path, text = (to_json(step.arguments.get(name, Literal(None))) for name in ("path", "text"))
        if (
            step.tool != f"{listing.removesuffix('list')}write"
            or not isinstance(path, str)
            or not isinstance(text, str)
        ):
            continue
        table = path.lower().endswith((".csv", ".tsv", ".json", ".xlsx"))
        quoted = re.search(rf"[\"'“‘]{re.escape(text)}[\"'”’]", goal.text)
        if table and not quoted and not re.search(r"[,;\t\n|{}\[\]]", text):
            return Question(ROWS, f"Which rows should be saved in {path}? {text!r} is no table that is known here.")
    return None
