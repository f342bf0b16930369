"""PostgreSQL's text form of arrays (manual, 8.15.6), read and written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

Parsed: TypeAlias = "str | None | list[Parsed]"


def written(items: Sequence[Parsed]) -> str:
    """Return the array literal, every element quoted; None is NULL."""
    return "{" + ",".join(_element(each) for each in items) + "}"


def parsed(text: str) -> list[Parsed] | None:
    """Return the elements as text, or None for a form with explicit bounds (`[0:1]={1,2}`), which stays as it is."""
    if not text.startswith("{"):
        return None
    items, _ = _items(text, 1)
    return items


def _element(item: Parsed) -> str:
    if item is None:
        return "NULL"
    if isinstance(item, list):
        return written(item)
    return '"' + item.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _items(text: str, at: int) -> tuple[list[Parsed], int]:
    items: list[Parsed] = []
    while text[at] != "}":
        item: Parsed
        if text[at] == ",":
            at += 1
            continue
        if text[at] == "{":
            item, at = _items(text, at + 1)
        elif text[at] == '"':
            item, at = _quoted(text, at + 1)
        else:
            end = min(position for mark in ",}" if (position := text.find(mark, at)) >= 0)
            word = text[at:end]
            item, at = (None if word == "NULL" else word), end
        items.append(item)
    return items, at + 1


def _quoted(text: str, at: int) -> tuple[str, int]:
    letters: list[str] = []
    while text[at] != '"':
        at += text[at] == "\\"
        letters.append(text[at])
        at += 1
    return "".join(letters), at + 1
