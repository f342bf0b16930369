"""Objects: what a tool would be called with, lists of objects included: written out, row by row, or as often as a sentence says it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from doer.domain.value import Json, JsonObject
from doer.planning.action.assign import Assignment, Filled, assign, lent, together
from doer.planning.action.nesting import assembled, object_lists
from doer.planning.action.read import Read
from doer.planning.action.records import written
from doer.planning.action.repeat import pieces, within
from doer.planning.action.schema import leaf
from doer.planning.matching.fill import overlaps
from doer.planning.schema import mapping, names, settled
from doer.planning.words.symmetry import symmetries

_WRITTEN: Final = 0.95
"""Confidence in a list of objects that is written out."""
_TRIED: Final = 6
"""Ways to see several alike that are tried as rows."""
_ALIKE: Final = 1.4
"""Symmetry at each joint from which pieces are rows."""
_COLUMNS: Final = 2
_SURE: Final = 0.6
"""How likely the likeliest field of a list of objects must be that nobody has to give."""


def once(read: Read) -> Assignment:
    """Return what the tool would be called with, once; each list of objects has one."""
    return listed(read, _flat(read), several=False)


def repeated(read: Read, single: Assignment) -> Assignment:
    """Return what it is called with as often as it is said, and lists of as many objects as are said."""
    arrays = tuple(f"{each}." for each in object_lists(read.parameters))
    if arrays and any(f"{each.name}." in arrays for each in single.filled):
        return lent(listed(read, _flat(read), several=True), single.filled)
    several = pieces(read.without(arrays) if arrays else read, single)
    return together(single, several) if several else single


def _flat(read: Read) -> Assignment:
    """The likeliest assignment; words that a list of objects had, which nobody asked for and hardly anything was said of, are free."""
    found = {
        array: told
        for array in object_lists(read.parameters)
        if (told := written(read.listened, read.parameters, array))
    }
    if found:
        rest = read.without(tuple(f"{each}." for each in found)).outside([told[1] for told in found.values()])
        made = assign(rest.tool, rest.score, rest.listened, rest.parameters)
        lists = tuple(Filled(array, items, (span,), _WRITTEN) for array, (items, span) in found.items())
        missing = tuple(each for each in made.missing if not each.startswith(tuple(found)))
        return replace(made, filled=(*made.filled, *lists), missing=missing)
    made = assign(read.tool, read.score, read.listened, read.parameters)
    unasked = tuple(f"{each}." for each in object_lists(read.parameters) if _unasked(read, made, f"{each}."))
    if not unasked:
        return made
    rest = read.without(unasked)
    return assign(rest.tool, rest.score, rest.listened, rest.parameters)


def _unasked(read: Read, made: Assignment, prefix: str) -> bool:
    own = [each for each in made.filled if each.name.startswith(prefix)]
    if not own or _needed(read.parameters, prefix[:-1], made):
        return False
    return any(each.startswith(prefix) for each in made.missing) or max(each.confidence for each in own) < _SURE


def listed(read: Read, made: Assignment, *, several: bool) -> Assignment:
    """Return the assignment with each list of objects as one argument, of one object or of as many as were said."""
    for array in object_lists(read.parameters):
        prefix = f"{array}."
        own = tuple(each for each in made.filled if each.name.startswith(prefix))
        missing = tuple(each for each in made.missing if each.startswith(prefix))
        if not own:
            continue
        part = read.only(prefix)
        single = replace(made, filled=own, missing=missing)
        found = (pieces(part, single, objects=True) if several else []) or [single]
        if several and len(rows := _rows(part, single)) > len(found):
            found, made = rows, _beside(read, made, rows)
        items: list[Json] = [assembled(_values(each.filled, prefix), leaf(read.parameters, array)) for each in found]
        spans = tuple(span for one in found for each in one.filled for span in each.spans)
        chance = math.prod(each.confidence for one in found for each in one.filled)
        whole = Filled(array, items, spans, chance)
        lacking = tuple(dict.fromkeys(name for one in found for name in one.missing))
        rest = _without(made, prefix)
        made = replace(made, filled=(*rest.filled, whole), missing=(*rest.missing, *lacking))
    return made


def _rows(part: Read, single: Assignment) -> list[Assignment]:
    """What each of several pieces that are built alike says of one object: `marketing $1000, salaries $2500`; nothing where none are."""
    heard = part.listened
    chosen = [span for each in single.filled for span in each.spans if span[0] >= heard.last]
    for way in symmetries(heard, (heard.last, len(heard.heard.text)))[:_TRIED]:
        if way.worth < _ALIKE * (len(way.segments) - 1) or not all(overlaps(span, way.segments) for span in chosen):
            continue
        scores = [within(part, piece, len(way.segments), surely=True) for piece in way.segments]
        made = [assign(part.tool, score, heard, part.parameters) for score in scores]
        own = {each.name for each in part.tool.parameters}
        made = [replace(one, missing=tuple(name for name in one.missing if name in own)) for one in made]
        if _are_rows(made, single):
            return made
    return []


def _beside(read: Read, made: Assignment, rows: Sequence[Assignment]) -> Assignment:
    """What is said beside rows: arguments that had taken words of theirs are looked for elsewhere."""
    spans = [[span for each in one.filled for span in each.spans] for one in rows]
    taken = [(min(start for start, _ in each), max(end for _, end in each)) for each in spans if each]
    arrays = tuple(f"{each}." for each in object_lists(read.parameters))
    of_lists = [each for each in made.filled if f"{each.name}.".startswith(arrays)]
    others = [each for each in made.filled if each not in of_lists]
    if not any(overlaps(span, taken) for each in others for span in each.spans):
        return made
    rest = read.without(arrays).outside(taken)
    again = assign(rest.tool, rest.score, rest.listened, rest.parameters)
    lacking = tuple(each for each in again.missing if not f"{each}.".startswith(arrays))
    missing = (*lacking, *(each for each in made.missing if f"{each}.".startswith(arrays)))
    return replace(made, filled=(*of_lists, *again.filled), missing=missing)


def _are_rows(made: Sequence[Assignment], single: Assignment) -> bool:
    """Tell whether each says as much as the others, nothing that is needed is missing, and each says something of its own."""
    named = [{each.name for each in one.filled} for one in made]
    if any(set(one.missing) - set(single.missing) for one in made) or any(each != named[0] for each in named):
        return False
    values = [str([each.value for each in one.filled]) for one in made]
    return len(named[0]) >= _COLUMNS and len(set(values)) == len(values)


def _without(made: Assignment, prefix: str) -> Assignment:
    filled = tuple(each for each in made.filled if not each.name.startswith(prefix))
    return replace(made, filled=filled, missing=tuple(each for each in made.missing if not each.startswith(prefix)))


def _needed(schema: JsonObject, name: str, made: Assignment) -> bool:
    """Tell whether every part of a name with dots is required, or an object of which more was said."""
    here, path = schema, ""
    for part in name.split("."):
        path += part
        begun = any(each.name.startswith(f"{path}.") and not each.name.startswith(f"{name}.") for each in made.filled)
        if part not in names(here.get("required")) and not begun:
            return False
        here = settled(mapping(mapping(here.get("properties")).get(part)), schema)
        path += "."
    return True


def _values(filled: Sequence[Filled], prefix: str) -> Mapping[str, Json]:
    return {each.name.removeprefix(prefix): each.value for each in filled}
