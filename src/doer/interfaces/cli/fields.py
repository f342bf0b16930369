"""Fields: the states before and after a change, taken apart so that a person sees what differs and nothing else."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from doer.domain.action import Change
from doer.domain.value import Json


class Missing:
    """A field that is not there."""

    __slots__ = ()


MISSING = Missing()
Side: TypeAlias = "Json | Missing"

DEEPEST = 3
"""Levels of objects that are taken apart; what is deeper is shown as JSON."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after."""

    name: str
    """Dotted path; empty when the state is one plain value."""
    before: Side
    after: Side


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a text that changes."""

    sign: Literal["+", "-", " ", "…"]
    text: str


def field_changes(change: Change) -> tuple[FieldChange, ...]:
    """Return the fields that differ; of what is created or removed, every field."""
    before: Side = MISSING if change.before is None else change.before
    after: Side = MISSING if change.after is None else change.after
    return tuple(_compare("", before, after, 0))


def _compare(name: str, before: Side, after: Side, depth: int) -> Iterator[FieldChange]:
    one, other = _members(before), _members(after)
    if depth < DEEPEST and one is not None and other is not None and (one or other):
        for each in dict.fromkeys((*one, *other)):
            inner = f"{name}.{each}" if name else each
            yield from _compare(inner, one.get(each, MISSING), other.get(each, MISSING), depth + 1)
    elif before != after:
        yield FieldChange(name, before, after)


def _members(side: Side) -> Mapping[str, Side] | None:
    """Return the members of an object; none of what is missing; None of a plain value."""
    if isinstance(side, Missing):
        return {}
    return dict(side) if isinstance(side, Mapping) else None


def changed_items(before: Json, after: Json) -> tuple[list[Json], list[Json]] | None:
    """Return what was taken out of a list and what was added; None when it is no list, or only its order changed."""
    if (
        not isinstance(before, Sequence)
        or not isinstance(after, Sequence)
        or isinstance(before, str)
        or isinstance(after, str)
    ):
        return None
    gone = [each for each in before if each not in after]
    new = [each for each in after if each not in before]
    return (gone, new) if gone or new else None


def changed_lines(before: str, after: str, most: int) -> list[Line]:
    """Return the lines that differ with one line around each, at most `most` of them; 0: all."""
    found: list[Line] = []
    old, new = before.split("\n"), after.split("\n")
    if old[-1] == new[-1] == "":
        del old[-1], new[-1]  # both end in a line feed: that is no line
    for group in difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(1):
        if found:
            found.append(Line("…", ""))
        for kind, i, j, k, m in group:
            if kind == "equal":
                found += [Line(" ", text) for text in old[i:j]]
            else:
                found += [Line("-", text) for text in old[i:j]]
                found += [Line("+", text) for text in new[k:m]]
    return _at_most(found, most)


def new_lines(text: str, sign: Literal["+", "-"], most: int) -> list[Line]:
    """Return the lines of a text that is created or removed, at most `most` of them; 0: all."""
    lines = text.split("\n")
    if lines[-1] == "" and len(lines) > 1:
        lines.pop()
    return _at_most([Line(sign, each) for each in lines], most)


def _at_most(lines: list[Line], most: int) -> list[Line]:
    if not most or len(lines) <= most:
        return lines
    return [*lines[:most], Line("…", f"{len(lines) - most} more lines: --full shows them")]
