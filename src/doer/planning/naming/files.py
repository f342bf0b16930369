"""Files in other words than their paths: `the handbook`, `scan_0002.pdf in the folder in`, `the newest scan`, found in the folders."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from itertools import pairwise
from typing import Final

from doer.domain.action import Manifest
from doer.domain.errors import ToolError, UsageError
from doer.domain.goal import Answer, Goal, Option, Question
from doer.domain.plan import Plan, Step
from doer.domain.ports import Reader
from doer.domain.template import Literal, to_json
from doer.domain.value import JsonObject, Provenance, StepId
from doer.intent.text import Word, stem, word_set, words
from doer.planning.naming.file_sets import Paths, sets_in
from doer.planning.naming.phrases import COUNTS
from doer.planning.schema import mapping
from doer.planning.words.conditions import masked

MOST_FOLDERS: Final = 40
NEW_FOLDER: Final = "make_folder"
"""The slot under which it is asked whether a folder is to be made."""
_DEFINITE: Final = word_set("the my our that this these all both")
_GENERIC: Final = word_set("file files document documents list table sheet csv pdf pdfs note notes text page")
_NEWEST: Final = word_set("newest latest last")
_OLDEST: Final = word_set("oldest first earliest")
_LONGEST: Final = 4
_READ: Final = {
    **dict.fromkeys(
        (
            "read",
            "delete",
            "replace_line",
            "read_rows",
            "total",
            "count_rows",
            "change_row",
            "remove_row",
            "add_row",
            "sort_rows",
            "replace_text",
            "tick_off",
        ),
        "path",
    ),
    **dict.fromkeys(("move", "copy"), "source"),
}
"""Tools that need a file which is there -> the argument that names it."""
_RENAMED = re.compile(r"\b(?:rename|renamed|call|called|name|named)\b", re.IGNORECASE)
_WITHIN = re.compile(
    r"(?P<name>(?<![\w./-])[\w-]+\.[A-Za-z]\w{1,4})\s+(?:in|from|inside|of)\s+(?:the\s+)?(?:folder\s+(?P<one>[\w./-]+)|(?P<two>[\w./-]+)\s+folder)(?![\w./-])",
    re.IGNORECASE,
)
_BARE = re.compile(r"(?<![\w./@-])[\w-]+\.[A-Za-z]\w{1,4}(?![\w/@-]|\.\w)")


@dataclass(slots=True)
class Folders:
    """The files of a connection, read once."""

    reader: Reader
    listing: str
    """The tool that lists a folder."""
    _files: dict[str, str] | None = None
    _listed: dict[str, Sequence[JsonObject]] = field(default_factory=dict)

    @classmethod
    def of(cls, tools: Sequence[Manifest], reader: Reader) -> Folders | None:
        """Return the folders of the one connection with files; None where there is none, or several."""
        names = {each.name for each in tools}
        found = [each for each in names if each.endswith(".list") and f"{each.removesuffix('.list')}.move" in names]
        return cls(reader, found[0]) if len(found) == 1 else None

    async def files(self) -> Mapping[str, str]:
        """Return when each file was last changed, by its path; nothing where there are too many folders."""
        if self._files is None:
            found, left, seen = dict[str, str](), [""], 0
            while left and seen < MOST_FOLDERS:
                seen += 1
                left += await self._look_into(left.pop(0), found)
            self._files = {} if left else found
        return self._files

    async def lacks(self, plan: Plan) -> bool:
        """Tell whether a plan needs a file that is not there and that none of its steps makes."""
        space, made = self.listing.removesuffix("list"), set[str]()
        for step in plan.steps:
            tool, given = step.tool.removeprefix(space), {name: to_json(each) for name, each in step.arguments.items()}
            path = given.get(_READ.get(tool, "")) if step.tool.startswith(space) else None
            if isinstance(path, str) and path not in made and path.split("/")[-1] and not await self._has(path):
                return True
            made |= {str(each) for each in given.values()}
        return False

    async def with_folders(
        self, plan: Plan, goal: Goal, answers: Sequence[Answer], tools: Sequence[Manifest]
    ) -> Plan | Question:
        """Return the plan with the folder into which it puts files and that is not there yet, where it was said to be new or
        that was agreed to; else the question whether to make it.
        """
        space = self.listing.removesuffix("list")
        maker = next((each for each in tools if each.name == f"{space}create_folder"), None)
        wanted = [name for step in plan.steps for name in [_put_into(step, space)] if name]
        made = {
            str(to_json(step.arguments.get("path", Literal(""))))
            for step in plan.steps
            if step.tool.endswith("create_folder")
        }
        lacking = [each for each in dict.fromkeys(wanted) if each not in made and not await self._has(each)]
        if maker is None or len(lacking) != 1:
            return plan
        [folder] = lacking
        agreed = any(each.slot == NEW_FOLDER and each.value is True for each in answers)
        if not agreed and not re.search(
            rf"\bnew (?:folder|directory)\b[^.;]*{re.escape(folder)}", goal.text, re.IGNORECASE
        ):
            near = get_close_matches(folder, {each.rpartition("/")[0] for each in await self.files()}, 1, 0.7)
            text = f"There is no folder {folder}{f' ({near[0]} is there)' if near else ''}. Should it be made?"
            return Question(NEW_FOLDER, text, (Option(f"yes, make {folder}", value=True), Option("no", value="none")))
        name = StepId(
            next(each for each in ("folder", "new_folder", "folder_0") if each not in {step.id for step in plan.steps})
        )
        first = Step(
            name,
            maker.name,
            {"path": Literal(folder)},
            why=f"there is no folder {folder} yet",
            provenance={"path": Provenance("words", folder)},
        )
        steps = (
            first,
            *(
                replace(step, needs=(*step.needs, name)) if _put_into(step, space) == folder else step
                for step in plan.steps
            ),
        )
        return replace(plan, steps=steps, manifests={**plan.manifests, maker.name: maker.digest})

    def kept_in_place(self, plan: Plan, found: Sequence[str], text: str) -> Plan | None:
        """Return the plan in which a file that is renamed stays in its folder; None where a bare name may be meant otherwise."""
        steps = list[Step]()
        for step in plan.steps:
            source, target = (to_json(step.arguments.get(name, Literal(None))) for name in ("source", "target"))
            bare = isinstance(source, str) and source in found and isinstance(target, str) and "/" not in target
            if bare and "/" in str(source):
                if not _RENAMED.search(text):
                    return None
                named = Literal(f"{str(source).rpartition('/')[0]}/{target}")
                steps.append(replace(step, arguments={**step.arguments, "target": named}))
            else:
                steps.append(step)
        return replace(plan, steps=tuple(steps))

    async def _has(self, path: str) -> bool:
        folder, _, name = path.removeprefix("./").rstrip("/").rpartition("/")
        return any(each.get("name") == name for each in await self._entries(folder))

    async def _look_into(self, folder: str, found: dict[str, str]) -> list[str]:
        """Put the files of a folder among those found, and return its folders; what is hidden is left alone."""
        inner = list[str]()
        for entry in await self._entries(folder):
            path = f"{folder}/{entry.get('name')}" if folder else str(entry.get("name"))
            if path.split("/")[-1].startswith("."):
                continue
            if entry.get("kind") == "folder":
                inner.append(path)
            elif entry.get("kind") == "file":
                found[path] = str(entry.get("modified") or "")
        return inner

    async def _entries(self, folder: str) -> Sequence[JsonObject]:
        """What is in a folder, read once; nothing where it cannot be read."""
        if folder not in self._listed:
            try:
                told = mapping(await self.reader.read(self.listing, {"path": folder} if folder else {}))
            except (ToolError, UsageError):
                told = {}
            listed = told.get("entries")
            entries = listed if isinstance(listed, Sequence) and not isinstance(listed, str) else ()
            self._listed[folder] = [mapping(each) for each in entries]
        return self._listed[folder]


def _put_into(step: Step, space: str) -> str:
    """The folder into which a step puts a file; nothing for the top one, and where it is known only later."""
    name = {"move": "target", "copy": "path", "create_archive": "path"}.get(step.tool.removeprefix(space), "")
    path = to_json(step.arguments.get(name, Literal(None))) if name else None
    return path.removeprefix("./").rpartition("/")[0] if isinstance(path, str) else ""


def said_in(text: str, files: Mapping[str, str]) -> Iterator[Paths]:
    """Yield the files that words of a text mean: one that alone agrees with every word, or all that do where several are said."""
    plain = masked(text)
    for found in _WITHIN.finditer(plain):
        path = f"{(found['one'] or found['two']).strip('/')}/{found['name']}"
        if path in files:
            yield Paths(found.span(), (path,))
    for found in _BARE.finditer(plain):
        same = [each for each in files if each.split("/")[-1].casefold() == found.group().casefold()]
        if len(same) == 1 and same[0] != found.group():
            yield Paths(found.span(), (same[0],))
    yield from sets_in(plain, files)
    said = words(plain)
    for place, word in enumerate(said):
        if word.lower in _DEFINITE and (place == 0 or said[place - 1].lower not in _DEFINITE):
            yield from _phrases(plain, said, place, files)


def _phrases(text: str, said: Sequence[Word], start: int, files: Mapping[str, str]) -> Iterator[Paths]:
    first = start
    while first < len(said) and said[first].lower in _DEFINITE | {"of"}:
        first += 1
    for end in range(min(len(said), first + _LONGEST), first, -1):
        run = said[start:end]
        if any(text[one.end : two.start].strip(" -") for one, two in pairwise(run)):
            continue
        meant = _meant(_merged(text, said[first:end]), {each.lower for each in said[start:first]}, files)
        if meant:
            yield Paths((said[start].start, said[end - 1].end), meant)
            return


def _merged(text: str, told: Sequence[Word]) -> list[Word]:
    """The words, with those that a hyphen joins as one: `to-do`."""
    found = list[Word]()
    for each in told:
        if found and text[found[-1].end : each.start] == "-":
            joined = found.pop()
            whole = f"{joined.lower}{each.lower}"
            found.append(Word(text[joined.start : each.end], whole, stem(whole), joined.start, each.end))
        else:
            found.append(each)
    return found


def _meant(told: Sequence[Word], leads: set[str], files: Mapping[str, str]) -> tuple[str, ...]:
    orders = [each.lower for each in told if each.lower in _NEWEST | _OLDEST]
    count = next((COUNTS[each.lower] for each in told if each.lower in COUNTS), 2 if "both" in leads else None)
    wanted = [each for each in told if each.lower not in _NEWEST | _OLDEST | COUNTS.keys() | _GENERIC]
    if not wanted or len(orders) > 1 or "." in told[-1].text:
        return ()
    stems = {stem(each.lower.replace("-", "")) for each in wanted}
    found = [path for path in files if stems <= _stems(path) and stems & _stems(path.split("/")[-1])]
    if orders and len({files[each] for each in found}) == len(found) > 1 and all(files[each] for each in found):
        return (sorted(found, key=lambda each: files[each])[-1 if orders[0] in _NEWEST else 0],)
    if len(found) == 1 and not orders and count is None:
        return tuple(found)
    last = told[-1].lower
    many = last.endswith("s") and last not in _GENERIC and not orders
    whole = count == len(found) if count is not None else bool(leads & {"all"})
    return tuple(sorted(found)) if many and whole and len(found) > 1 else ()


def _stems(path: str) -> set[str]:
    parts = re.findall(r"[A-Za-z]+|\d+", path)
    return {stem(each.lower()) for each in parts}
