"""Referring: what `it`, `his`, `there`, `the file`, or nothing at all, means in a later clause of a goal.

A word that points back is replaced by each value of the earlier clauses in turn; it means the one with which the clause
makes sense and whose slot is of the same kind. Where several do it is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, product
from typing import Literal as Choice

from doer.domain.goal import Option
from doer.domain.plan import Step
from doer.domain.template import Literal, Reference, Template
from doer.domain.value import Json, Provenance
from doer.intent.mention import Kind
from doer.intent.text import stem, word_set
from doer.planning.bind import Binding
from doer.planning.matching.space import Chosen
from doer.planning.skills.slots import SlotSpec
from doer.planning.words.clauses import Clause
from doer.planning.words.utterance import Put, Span, Utterance

MOST_READINGS = 24
_PERSONAL = word_set("he him his she her hers they them their")
_THINGS = word_set("it its them they their these those")
_DEMONSTRATIVE = word_set("this that these those the")
_FOLLOWERS = word_set("to in into on at by for from with and as")
_NOUNS: Mapping[str, str] = {
    "file": "path", "document": "path", "folder": "path", "directory": "path", "attachment": "path", "report": "path",
    "person": "person", "address": "email", "ticket": "identifier", "link": "url",
}  # fmt: skip
_FOLDER = re.compile(r"\b(?:folder|directory|dir)\b", re.IGNORECASE)
_KIND: Mapping[str, Kind] = {
    "path": "path", "email": "email", "person": "person", "identifier": "identifier", "url": "url", "address": "quoted",
    "text": "quoted", "phone": "phone",
}  # fmt: skip
_ROW = "row"
"""The type of what is called by a noun and a number."""
_PLACES = frozenset({"path", "address"})
Which = Choice["person", "thing", "place", "named"]


@dataclass(frozen=True, slots=True)
class Antecedent:
    """A value of an earlier clause that a later one may mean."""

    clause: int
    slot: str
    type: str
    text: str
    """As it was said."""
    value: Json
    template: Template
    """The value, or the result of the step that gives it."""
    span: Span
    party: bool
    """True: somebody."""
    folder: bool

    @property
    def option(self) -> Option:
        """As a likely answer."""
        return Option(self.text, self.value)


@dataclass(frozen=True, slots=True)
class Pointer:
    """A word that points back."""

    span: Span
    text: str
    which: Which
    noun: str = ""
    possessive: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """An earlier clause, and what became of it."""

    clause: Clause
    chosen: Chosen
    bound: Mapping[str, Binding]
    steps: tuple[Step, ...]
    results: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    """Tool -> the schemas of its result's fields."""


def antecedents(earlier: Sequence[Done]) -> list[Antecedent]:
    """Return the values that may be meant, those of the latest clause first; what was said twice is there once."""
    found: list[Antecedent] = []
    kinds: dict[str, str] = {}
    for done in earlier:
        specs = {slot.name: slot for slot in done.chosen.unit.slots}
        made = [_antecedent(done, specs[name], each) for name, each in done.bound.items() if name in specs]
        told = [each for each in made if each is not None]
        kinds.update((each.text, each.type) for each in told if each.type != "text")
        told = [replace(each, type=kinds.get(each.text, each.type)) for each in told]
        found = [*(replace(each, template=_moved(done, each, told)) for each in told), *found]
    kept: list[Antecedent] = []
    for each in found:
        if all((each.value, each.type) != (other.value, other.type) for other in kept):
            folder = any(other.folder for other in found if other.value == each.value)
            kept.append(replace(each, folder=folder))
    return kept


def _antecedent(done: Done, spec: SlotSpec, binding: Binding) -> Antecedent | None:
    if not isinstance(binding.template, Literal) or spec.type not in {*_KIND, "integer"}:
        return None
    value = binding.template.value
    if isinstance(value, int):
        return _row(done, spec, binding)
    if isinstance(value, list | tuple):
        value = value[0] if len(value) == 1 else None
    if not isinstance(value, str) or not value:
        return None
    said, origin = done.chosen.said, binding.provenance
    span = (origin.start or 0, origin.end or 0)
    # A value is what it was read as, whatever little the slot says of it: `a.txt` is a path also as a text.
    read = [each.kind for each in said.mentions if each.value == value and each.kind in _KIND and each.kind != "quoted"]
    kind = read[0] if read and spec.type == "text" else spec.type
    around = said.goal.text[max(0, span[0] - 24) : span[1] + 10]
    folder = kind == "path" and "." not in value.strip("./") and bool(_FOLDER.search(around))
    party = kind in {"person", "email"} or spec.is_party
    return Antecedent(done.clause.number, spec.name, kind, value, value, binding.template, span, party, folder)


def _row(done: Done, spec: SlotSpec, binding: Binding) -> Antecedent | None:
    """`ticket 4812`, where the slot is named after what stands before its number."""
    start, end = binding.provenance.start or 0, binding.provenance.end or 0
    before = done.chosen.said.goal.text[:start].rstrip().rpartition(" ")[2]
    if not isinstance(binding.template, Literal) or stem(before.lower()) != stem(spec.name.split("_")[-1]):
        return None
    value, span = binding.template.value, (start, end)
    text = f"{before} {value}"
    return Antecedent(
        done.clause.number, spec.name, _ROW, text, value, binding.template, span, party=False, folder=False
    )


def _moved(done: Done, each: Antecedent, told: Sequence[Antecedent]) -> Template:
    """Of what is moved or copied the place where it is afterwards, where the tool tells it."""
    paths = [other for other in told if other.type == "path"]
    if each.type != "path" or len(paths) < 2 or len(done.steps) != 1:
        return each.template
    step = done.steps[0]
    return Reference(step.id, ("path",)) if "path" in done.results.get(step.tool, {}) else each.template


def pointers(said: Utterance, taken: Sequence[Span]) -> tuple[Pointer, ...]:
    """Return the words that point back and are no part of a value."""
    return tuple(
        each
        for each in _pointers(said)
        if not any(start <= each.span[0] and each.span[1] <= end and (start, end) != each.span for start, end in taken)
    )


def _pointers(said: Utterance) -> Iterator[Pointer]:
    for place, word in enumerate(said.words):
        after = said.words[place + 1] if place + 1 < len(said.words) else None
        owns = word.lower in {"his", "their", "its"} or (
            word.lower == "her" and after is not None and after.lower not in _FOLLOWERS and _joined(said, place)
        )
        if word.lower in _DEMONSTRATIVE and after is not None and _joined(said, place):
            end = after.end
            if after.lower in _NOUNS and not _announces(said, end):
                yield Pointer((word.start, end), said.text[word.start : end], "named", after.lower)
                continue
        if word.lower in _PERSONAL:
            yield Pointer((word.start, word.end), word.text, "person", possessive=owns)
        if word.lower in _THINGS:
            yield Pointer((word.start, word.end), word.text, "thing", possessive=owns)
        if word.lower in {"this", "that"} and (after is None or after.lower in _FOLLOWERS):
            yield Pointer((word.start, word.end), word.text, "thing")
        if word.lower == "there":
            yield Pointer((word.start, word.end), word.text, "place")


def _joined(said: Utterance, place: int) -> bool:
    return said.text[said.words[place].end : said.words[place + 1].start] == " "


def _announces(said: Utterance, end: int) -> bool:
    """Tell whether a value follows directly: `the file a.txt`."""
    return any(
        each.start >= end and said.text[end : each.start].strip() in {"", "called", "named"} for each in said.atoms
    )


def readings(
    found: Sequence[Pointer], known: Sequence[Antecedent]
) -> Iterator[tuple[tuple[Pointer, Antecedent, Put], ...]]:
    """Yield what the pointers may mean together, each in the forms in which a slot may take it."""
    by_span: dict[Span, list[tuple[Pointer, Antecedent, Put]]] = {}
    for pointer in found:
        for each in known:
            if _may_mean(pointer, each):
                by_span.setdefault(pointer.span, []).extend((pointer, each, put) for put in _puts(pointer, each))
    yield from islice(product(*by_span.values()), MOST_READINGS)


def _may_mean(pointer: Pointer, each: Antecedent) -> bool:
    match pointer.which:
        case "person":
            return each.party
        case "thing":
            return not each.party
        case "place":
            return each.type in _PLACES or each.slot in {"location", "room", "place", "venue"}
        case "named":
            if pointer.noun in {"folder", "directory"}:
                return each.folder
            kind = _NOUNS[pointer.noun]
            wanted = stem(pointer.noun) in {stem(part) for part in each.slot.split("_")}
            return wanted or (each.type == kind and not (pointer.noun != "path" and each.folder))


def _puts(pointer: Pointer, each: Antecedent) -> Iterator[Put]:
    own = each.text if each.type == _ROW else str(each.value)
    text = f"{own}'s" if pointer.possessive else own
    origin = Provenance("words", f"{pointer.text}: {each.text}", *pointer.span)
    if each.type == _ROW:
        yield Put(pointer.span, text, origin)
        return
    for kind in dict.fromkeys((_KIND[each.type], "quoted")):
        yield Put(pointer.span, text, origin, kind, each.value)


def takes(spec: SlotSpec, each: Antecedent) -> int:
    """Tell how well a slot may hold an earlier value: 2 where it is of the same kind, 1 where it may be, else 0."""
    if each.type == _ROW:
        return 2 * (spec.type == "integer" and spec.name == each.slot)
    if each.folder and re.search(r"attach|file", spec.name):
        return 0
    if spec.type == each.type:
        return 2 if spec.type != "text" or spec.name == each.slot or (spec.is_party and each.party) else 1
    if each.party:
        return int(spec.type in {"person", "text"} and each.type in {"person", "text"})
    return int({spec.type, each.type} <= {"text", "identifier", "path", "address"})
