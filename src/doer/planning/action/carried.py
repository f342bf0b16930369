"""Carried: what a call lacks, taken from the calls and the answers that earlier turns record, where names and types make it plain."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from doer.domain.scoring import ToolText
from doer.domain.value import Json, JsonObject, Provenance
from doer.intent.text import stem
from doer.planning.action.assign import Assignment, Filled
from doer.planning.action.earlier import Record, leaves
from doer.planning.action.likeness import ALIKE, LEAST, SURE, is_update, likeness, stems
from doer.planning.action.nesting import object_lists
from doer.planning.action.schema import leaf
from doer.planning.schema import mapping, problems, settled

_SAID: Final = 0.5
"""Chance from which words are the value, whatever is on record."""
_WEAK: Final = 0.3
"""Chance below which words give way to what is on record."""
_BACK: Final = re.compile(r"\b(?:the )?same\b|\b(?:as before|again)\b", re.IGNORECASE)
_POINTED: Final = re.compile(r"\b(?:this|that|these|those|its|their)\s+((?:[\w-]+\s+){0,2}[\w-]+)", re.IGNORECASE)
_ORDINALS: Final = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1}


@dataclass(frozen=True, slots=True)
class Known:
    """A value on record, with the names on the way to it."""

    path: tuple[str, ...]
    value: Json
    record: Record

    @property
    def origin(self) -> Provenance:
        """Where it comes from: a program handed in what was called; what was answered was read."""
        named = ".".join(self.path)
        if self.record.answer:
            return Provenance("read", f"{named} of what {self.record.tool or 'a tool'} answered earlier")
        return Provenance("caller", f"{named} of an earlier call of {self.record.tool}")


@dataclass(frozen=True, slots=True)
class Carrying:
    """Completes calls with what is on record."""

    records: Sequence[Record]
    last: str
    """What was said last."""
    open: str
    """What was said since the last record that has met a wish, with what was said last."""
    met: int
    """The turn of that record."""

    def completed(self, made: Assignment, tool: ToolText, parameters: JsonObject) -> Assignment:
        """Return the call with what it lacks, and what the words point back to."""
        named = tuple(object_lists(parameters))
        whole = [
            n for n in (*(p.name for p in tool.parameters), *named) if not any(n.startswith(f"{a}.") for a in named)
        ]
        found, updates = list[Filled](), is_update(tool.name)
        for name in whole:
            said = [
                each
                for each in made.filled
                if (each.name == name or each.name.startswith(f"{name}.")) and not self._elsewhere(each)
            ]
            if any(each.confidence >= _SAID for each in said):
                continue
            best = self._best(name, parameters)
            if best is None:
                continue
            known, filled = best
            is_id = stems(name)[-1:] == ("id",)
            fetched = known.record.answer and known.record.turn > self.met and filled.confidence >= SURE
            lacks = any(each == name or each.startswith(f"{name}.") for each in made.missing) or (updates and is_id)
            weak = is_id and filled.confidence >= ALIKE and all(each.confidence < _WEAK for each in said)
            if fetched or (said and weak) or (not said and (lacks or (not updates and self._points(name)))):
                found.append(filled)
        given = {each.name for each in found}
        missing = tuple(n for n in made.missing if not any(n == g or n.startswith(f"{g}.") for g in given))
        kept = tuple(f for f in made.filled if not any(f.name == g or f.name.startswith(f"{g}.") for g in given))
        return replace(made, filled=(*kept, *found), missing=missing)

    def _elsewhere(self, filled: Filled) -> bool:
        """Tell whether words are on record under another name, of a step to what is still wished for: they were said for that."""
        value = str(filled.value).casefold()
        return any(
            str(leaf).casefold() == value
            and path
            and not likeness(filled.name, path, record.tool, answer=record.answer)
            for record in self.records
            if record.turn > self.met
            for path, leaf in leaves(record.told)
        )

    def _points(self, name: str) -> bool:
        """Tell whether it is spoken of an optional parameter as known: `the same period`, `these nodes`."""
        if _BACK.search(self.open):
            return True
        words = set(stems(name))
        return any(words & {stem(each) for each in found[1].lower().split()} for found in _POINTED.finditer(self.open))

    def _best(self, name: str, parameters: JsonObject) -> tuple[Known, Filled] | None:
        """The value on record that is likest in name, the latest of these, and of the type."""
        schema, best = leaf(parameters, name), None
        for known in self._known():
            sure = likeness(name, known.path, known.record.tool, answer=known.record.answer)
            if sure < LEAST or (best is not None and sure <= best[1].confidence):
                continue
            for value in _forms(known.value, schema, parameters):
                if next(problems(value, schema), None) is None:
                    best = known, Filled(name, value, (), sure, known.origin)
                    break
        return best

    def _known(self) -> Iterator[Known]:
        """Yield the values on record, the latest first."""
        for record in reversed(self.records):
            if record.row is None or record.row == self._row(record):
                for path, value in _values(record.told, ()):
                    yield Known(path, value, record)

    def _row(self, record: Record) -> int | None:
        """Which of several that were answered is meant: `the first`, or one of which alone a name was said."""
        rows = [each for each in self.records if each.turn == record.turn and each.answer]
        for word, place in _ORDINALS.items():
            if re.search(rf"\b{word}\b", self.last, re.IGNORECASE):
                return rows[place].row if -1 <= place < len(rows) else None
        text = self.last.casefold()
        told = [
            each.row
            for each in rows
            if any(isinstance(v, str) and len(v) > 2 and v.casefold() in text for v in each.told.values())
        ]
        return told[0] if len(told) == 1 else None


def without_carried(made: Assignment) -> Assignment:
    """Return what words alone say; what was carried is missing."""
    carried = tuple(each.name for each in made.filled if each.origin is not None)
    kept = tuple(each for each in made.filled if each.origin is None)
    return replace(made, filled=kept, missing=(*made.missing, *carried)) if carried else made


def with_carried(made: Assignment, before: Assignment) -> Assignment:
    """Return what words say together with what was carried, in each of several calls."""
    carried = [each for each in before.filled if each.origin is not None]
    if not carried:
        return made

    def joined(filled: Sequence[Filled]) -> tuple[Filled, ...]:
        own = {each.name for each in filled}
        return (*filled, *(each for each in carried if each.name not in own))

    given = tuple(each.name for each in carried)
    missing = tuple(n for n in made.missing if not any(n == g or n.startswith(f"{g}.") for g in given))
    return replace(made, filled=joined(made.filled), missing=missing, calls=tuple(map(joined, made.calls)))


def _values(value: Json, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Json]]:
    """Yield what stands under a name, objects and lists too; of a list of several objects only the whole."""
    if path:
        yield path, value
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _values(each, (*path, name))


def _forms(value: Json, schema: JsonObject, root: JsonObject) -> Iterator[Json]:
    """Yield the value as it may be wanted: as it is, less what the parameter has no field for; one as a list of one, and back."""
    fitted = _fitted(value, schema, root)
    yield fitted
    if schema.get("type") == "array" and not isinstance(value, list):
        yield [fitted]
    if isinstance(value, list) and len(value) == 1 and schema.get("type") != "array":
        yield value[0]


def _fitted(value: Json, schema: JsonObject, root: JsonObject) -> Json:
    schema = settled(schema, root)
    fields = mapping(schema.get("properties"))
    if isinstance(value, Mapping) and fields:
        return {name: _fitted(each, mapping(fields[name]), root) for name, each in value.items() if name in fields}
    if isinstance(value, list):
        return [_fitted(each, mapping(schema.get("items")), root) for each in value]
    return value
