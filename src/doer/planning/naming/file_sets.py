"""Files that are meant together: `all csv files`, `the scans in the in folder`, `everything in archive`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from doer.domain.goal import Question
from doer.domain.plan import Plan
from doer.domain.template import Literal
from doer.domain.value import Json
from doer.intent.text import stem, word_set
from doer.planning.words.utterance import Span

_KINDS: Final = {
    "pdf": ("pdf",), "csv": ("csv",), "markdown": ("md",), "md": ("md",), "text": ("txt",), "txt": ("txt",), "word": ("docx", "doc"),
    "excel": ("xlsx", "xls"), "jpg": ("jpg", "jpeg"), "jpeg": ("jpg", "jpeg"), "png": ("png",), "zip": ("zip",), "json": ("json",),
    "log": ("log",), "image": ("jpg", "jpeg", "png"),
}  # fmt: skip
_TEXTS: Final = frozenset({"body", "text", "line", "message"})
_FILES: Final = word_set("file files document documents")
_FOLDER: Final = r"\s+(?:in|from|inside|of)\s+(?:(?:the|my|our)\s+)?(?:folder\s+)?(?P<folder>[\w][\w./-]*)(?:\s+(?:folder|directory))?(?![\w/-])"
_ALL: Final = r"(?P<all>all\s+(?:of\s+)?(?:the|our|my)?|every|each|the|our|my)\s*"
_SET = re.compile(rf"(?<![\w/-]){_ALL}\b(?P<what>[a-z]+(?:\s+(?:files?|documents?))?)\b(?:{_FOLDER})?", re.IGNORECASE)
_EVERYTHING = re.compile(rf"(?<![\w/-])(?:everything|all|all of it|the contents?){_FOLDER}", re.IGNORECASE)


_ASKED = re.compile(
    rf"(?:how many|which|what|count|list|show(?: me)?)(?:\s+(?:all|the|of|our|my))*\s+(?P<what>[a-z]+)(?:\s+(?:are|are there|do we have|have we got|do I have))?{_FOLDER}[\s.?!]*$",
    re.IGNORECASE,
)


_LAST = re.compile(
    rf"(?:which|what)\s+(?:file|document)(?:\s+(?:in )?here|{_FOLDER})?\s+(?:was|has been|is|did (?:I|we))\s+(?:changed|modified|edited|written|change|edit)\s+(?:last|most recently|latest)[\s.?!]*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Paths:
    """Files in the place of words."""

    span: Span
    paths: tuple[str, ...]

    @property
    def told(self) -> str:
        """The paths as one says them."""
        *before, last = self.paths
        return f"{', '.join(before)} and {last}" if before else last


def may_be_set(text: str) -> bool:
    """Tell whether words may mean several files, without looking at what there is: of a kind, or all that are in a folder."""
    if _EVERYTHING.search(text):
        return True
    said = ({each.removesuffix("s") for each in found["what"].lower().split()} for found in _SET.finditer(text))
    return any(each & (_KINDS.keys() | {"file", "document", "scan"}) for each in said)


def words_as_text(plan: Plan) -> Question | None:
    """Return a question where a plan takes words that only say which files are meant for a text: a mail with the text
    `all csv files` has none of them with it.
    """
    for step in plan.steps:
        for name, value in step.arguments.items():
            told = value.value if isinstance(value, Literal) else None
            if name in _TEXTS and isinstance(told, str) and may_be_set(told) and _is_set(told):
                return Question("file", f"{told!r} says which files are meant. Which file should it be, by its path?")
    return None


def _is_set(told: str) -> bool:
    return any(form.fullmatch(told.strip(" .")) for form in (_SET, _EVERYTHING))


def asks_for_the_last(text: str) -> bool:
    """Tell whether it is asked which file was changed last: a list of what changed does not tell that."""
    return _LAST.match(text.strip()) is not None


def sets_in(text: str, files: Mapping[str, str]) -> Iterator[Paths]:
    """Yield the files that are meant together: by their folder, by their kind, by a word in their names.

    `The scans`, without `all`, are all of them only where a folder is said.
    """
    folders = {path.rpartition("/")[0] for path in files}
    for found in _EVERYTHING.finditer(text):
        inside = found["folder"].strip("/")
        if inside in folders and not _below(inside, folders):
            yield Paths(found.span(), tuple(sorted(each for each in files if each.rpartition("/")[0] == inside)))
    for found in _SET.finditer(text):
        named = found["folder"].strip("/") if found["folder"] else ""
        if named and named not in folders:
            if found["folder"].lower() not in {"folder", "directory"}:
                continue
            named = ""
        every = found["all"].split()[0].lower() in {"all", "every", "each"}
        many = found["what"].lower().endswith("s") or found["all"].split()[0].lower() in {"every", "each"}
        if not many or not (every or named):
            continue
        paths = _agreeing(found["what"].lower(), named, files)
        if paths:
            yield Paths(found.span(), paths)


def asked_of_folder(text: str, files: Mapping[str, str]) -> dict[str, Json] | None:
    """Return what to look for where a sentence asks for the files of a folder: `how many scans are in the in folder?`, or for
    the one that was changed last.
    """
    if (last := _LAST.match(text.strip())) is not None:
        folder = (last["folder"] or "").strip("/")
        times = {path: at for path, at in files.items() if not folder or path.startswith(f"{folder}/")}
        newest = [path for path, at in times.items() if at and at == max(times.values())]
        return (
            {"kind": "any", "name": newest[0].rpartition("/")[2], "path": newest[0].rpartition("/")[0]}
            if len(newest) == 1
            else None
        )
    found = _ASKED.match(text.strip())
    if found is None or (folder := found["folder"].strip("/")) not in {path.rpartition("/")[0] for path in files}:
        return None
    word = found["what"].lower()
    if word in _FILES:
        return {"kind": "any", "path": folder}
    one = word.removesuffix("s")
    inside = [each for each in files if each.startswith(f"{folder}/")]
    named = [each for each in inside if stem(word) in _stems(each.rpartition("/")[2])]
    holding = [each for each in inside if one in each.rpartition("/")[2].lower()]
    return {"kind": "any", "path": folder, "name": one} if named and named == holding else None


def _agreeing(what: str, folder: str, files: Mapping[str, str]) -> tuple[str, ...]:
    """The files of a kind, or with the word in their names; all of a folder where only `files` is said."""
    *before, last = what.split()
    word = before[0] if before else last
    inside = [each for each in files if not folder or each.rpartition("/")[0] == folder]
    kinds = _KINDS.get(word.removesuffix("s"), _KINDS.get(word, ()))
    if kinds:
        return tuple(sorted(each for each in inside if each.lower().endswith(tuple(f".{kind}" for kind in kinds))))
    if word in _FILES:
        return tuple(sorted(inside)) if folder and not before else ()
    if before and last not in _FILES:
        return ()
    return tuple(sorted(each for each in inside if stem(word) in _stems(each.rpartition("/")[2])))


def _below(folder: str, folders: set[str]) -> bool:
    return any(each.startswith(f"{folder}/") for each in folders)


def _stems(name: str) -> set[str]:
    return {stem(each.lower()) for each in re.findall(r"[A-Za-z]+|\d+", name)}
