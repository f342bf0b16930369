"""Texts in files, changed and read in plain words: `in the handbook change 15 to 16`, `I ordered the paper, tick that off in todo.md`.

The file is read while planning: the old words must stand there once, and the item must be the only open one that has no word
that was not said. What is told is never taken for done: it only tells which item is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from doer.domain.action import Manifest
from doer.domain.errors import ToolError, UsageError
from doer.domain.goal import Goal
from doer.domain.plan import Plan
from doer.domain.ports import Reader
from doer.domain.value import Json
from doer.intent.text import word_set, words
from doer.intent.vocabulary import FUNCTION_WORDS
from doer.planning.naming.file_sets import Paths
from doer.planning.naming.sheets import one_step
from doer.planning.words.conditions import masked
from doer.planning.words.utterance import Span

TEXTS: Final = (".md", ".txt", ".log", ".rst")
_FILE: Final = "\x01"
"""Stands for the words that name the file."""
_LEAD: Final = r"^\W*(?:(?:please|pls|can you|could you|would you|so|and)\b[\s,]*)*"
_END: Final = r"(?:,?\s*(?:please|pls|thanks))?[\s.!?]*$"
_BY: Final = r"(?:with|by|for|to|into)"
_REPLACED: Final = tuple(
    re.compile(each, re.IGNORECASE)
    for each in (
        rf"{_LEAD}(?:replace|change|correct|swap|fix)\s+(?P<old>.+?)\s+{_BY}\s+(?P<new>.+?)\s+(?:in|inside|of)\s+{_FILE}{_END}",
        rf"{_LEAD}in\s+{_FILE},?\s+(?:please\s+)?(?:replace|change|correct|swap|fix)\s+(?P<old>.+?)\s+{_BY}\s+(?P<new>.+?){_END}",
        rf"{_LEAD}in\s+{_FILE},?\s+(?:it\s+)?(?:should|must|has to|needs to)\s+(?:say|be|read)\s+(?P<new>.+?),?\s+(?:not|instead of|rather than)\s+(?P<old>.+?){_END}",
        rf"{_LEAD}{_FILE}\s+(?:should|must|has to|needs to)\s+(?:say|read)\s+(?:that\s+)?(?P<new>.+?),?\s+(?:not|instead of|rather than)\s+(?P<old>.+?){_END}",
    )
)
_ORDERED: Final = _REPLACED[:2]
"""Those that say both the old words and the new ones whole."""
_TOLD: Final = re.compile(
    rf"^(?P<told>.+?)[,.;!]\s+(?:(?:so|and|please|can you|could you)\s+)*(?:tick|check|cross|strike|mark)\s+(?:(?:that|it|this)\s+(?:off|as (?:done|finished))|off\s+(?:that|it|this))"
    rf"(?:\s+(?:in|on|from)\s+{_FILE})?{_END}",
    re.IGNORECASE,
)
_UNDONE: Final = re.compile(
    rf"{_LEAD}(?:untick|uncheck|clear|reopen)\s+(?:the\s+)?(?:item\s+|task\s+)?(?P<item>.+?)\s+(?:in|on|from)\s+{_FILE}{_END}",
    re.IGNORECASE,
)
_READ: Final = re.compile(
    rf"{_LEAD}(?:what\s+(?:does|did)\s+{_FILE}\s+say(?:\s+(?:about|on|regarding)\s+.+)?|(?:what(?:['’]s|\s+is|\s+are)|which (?:tasks|items|things|points) are)\s+(?:still\s+)?(?:open|left|to do|undone|not done)?\s*(?:in|on)\s+{_FILE}"
    rf"|(?:show|read)(?:\s+me)?\s+{_FILE}){_END}",
    re.IGNORECASE,
)
_BOX = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+\[(?P<mark>[ xX])\]\s+(?P<item>.+?)\s*$", re.MULTILINE)
_IDLE: Final = FUNCTION_WORDS | word_set("done finished already now today yesterday")


@dataclass(frozen=True, slots=True)
class Retouching:
    """A goal about one text in a file."""

    goal: Goal
    path: str
    span: Span
    space: str
    tools: Sequence[Manifest]
    reader: Reader

    async def plan(self) -> Plan | None:
        """Return the one step; None where it is not plain what is asked for."""
        start, end = self.span
        said = f"{self.goal.text[:start]}{_FILE}{self.goal.text[end:]}"
        plain = masked(said)
        if _READ.match(plain):
            return self._step("read", {})
        text = await self._text()
        if found := _TOLD.match(plain):
            item = _open_item(said[slice(*found.span("told"))], text)
            return None if item is None else self._step("tick_off", {"item": item})
        if found := _UNDONE.match(plain):
            return self._step("tick_off", {"item": _bare(said[slice(*found.span("item"))]), "done": False})
        for form in _REPLACED:
            if (found := form.match(plain)) is None:
                continue
            old, new = (_bare(said[slice(*found.span(name))]) for name in ("old", "new"))
            new = new if form in _ORDERED else _standing(old, new, text)
            if new and len(re.findall(rf"(?<!\w){re.escape(old)}(?!\w)", text)) == 1:
                return self._step("replace_text", {"old": old, "new": new})
        return None

    async def _text(self) -> str:
        try:
            told = await self.reader.read(f"{self.space}read", {"path": self.path})
        except (ToolError, UsageError):
            return ""
        return str(told.get("text") or "") if isinstance(told, Mapping) else ""

    def _step(self, tool: str, given: Mapping[str, Json]) -> Plan | None:
        return one_step(self.goal, self.tools, f"{self.space}{tool}", {"path": self.path, **given}, self.span)


def points_back(text: str) -> bool:
    """Tell whether what is to be ticked off was told before: `…, tick that off`."""
    return bool(
        re.search(
            r"\b(?:tick|check|cross|strike)\s+(?:(?:that|it|this)\s+off|off\s+(?:that|it|this))\b", text, re.IGNORECASE
        )
    )


def texts_in(text: str, files: Mapping[str, str], phrased: Sequence[Paths]) -> Iterator[tuple[str, Span]]:
    """Yield the texts in files that a sentence names, and where: by their path, or by words that mean them."""
    plain = masked(text)
    for path in files:
        for found in re.finditer(rf"(?<![\w./-])(?:\./)?{re.escape(path)}(?![\w/-])", plain, re.IGNORECASE):
            if path.lower().endswith(TEXTS):
                yield path, found.span()
    for each in phrased:
        if len(each.paths) == 1 and each.paths[0].lower().endswith(TEXTS):
            yield each.paths[0], each.span


def _open_item(told: str, text: str) -> str | None:
    """The one open item of which no word was left unsaid: `order paper` of `I ordered the paper`."""
    said = {each.stem for each in words(told)}
    items = [found["item"] for found in _BOX.finditer(text) if found["mark"] == " "]
    meant = [
        each for each in items if (own := {one.stem for one in words(each) if one.lower not in _IDLE}) and own <= said
    ]
    return meant[0] if len(meant) == 1 else None


def _bare(said: str) -> str:
    """Words without the quotes around them, and without `the word` before them."""
    plain = re.sub(
        r"^(?:the\s+)?(?:words?|text|phrase|sentence|number)\s+(?=[\"“'‘])", "", said.strip(), flags=re.IGNORECASE
    )
    found = re.fullmatch(r"[\"“](.+)[\"”]|['‘](.+)['’]", plain, re.DOTALL)
    return (found[1] or found[2]) if found else plain


def _standing(old: str, new: str, text: str) -> str:
    """What stands for the old words: of `core hours are 9 to 15, not 10 to 15` the end, where the text has the rest before them."""
    before = new.split()[: -len(old.split())]
    shared = {each.casefold() for each in old.split()} & {each.casefold() for each in new.split()}
    if len(new.split()) == len(old.split()):
        return new if shared or len(old.split()) == 1 else ""
    lead = r"\s+".join(map(re.escape, before))
    return (
        " ".join(new.split()[len(before) :])
        if before and re.search(rf"{lead}\s+{re.escape(old)}", text, re.IGNORECASE)
        else ""
    )
