"""Bank: values that the training data show, by what their parameter is called, and phrases for whatever has no values of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

_MOST_WORDS = 6
_FORM = re.compile(r"(?i)[ymdhs:/\-. T]{4,}")
"""YYYY-MM-DD shows how a value is written: it is none."""


def spoken(name: str) -> str:
    """`getUserName` and `get_user_name` as words."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[_.\-]+", " ", name).strip().lower()


_EXAMPLES = re.compile(
    r"\((?:e\.?g\.?|for example|such as|like)[,:]?\s*([^)]{2,120})\)|(?:such as|for example,?)\s+([^.()]{3,100})",
    re.IGNORECASE,
)


def examples_of(described: str) -> list[str]:
    """Values that a description gives: `(e.g., kilograms, tons)`."""
    found = _EXAMPLES.search(described)
    if not found:
        return []
    parts = re.split(r",\s+(?:or\s+|and\s+)?|\s+or\s+|;\s*", (found[1] or found[2]).strip())
    plain = [part.strip(" '\"`.") for part in parts]
    return [part for part in plain if 0 < len(part) < 40 and "etc" not in part and "..." not in part
            and not _FORM.fullmatch(part)]  # fmt: skip


class Bank:
    """Values by the last word of a parameter's name, from the examples that descriptions give; phrases from rows' arguments."""

    def __init__(self, tools: Iterable[Mapping[str, Any]], rows: Iterable[Mapping[str, Any]]) -> None:
        self._by_name = dict[str, dict[str, None]]()
        for tool in tools:
            for name, schema in tool["parameters"].get("properties", {}).items():
                for value in examples_of(str(schema.get("description", ""))):
                    if schema.get("type") == "string" and not re.fullmatch(r"[\d.,\s]+", value):
                        self._by_name.setdefault(_head(name), {})[value] = None
        values = (value for row in rows for call in row["calls"] for value in call["arguments"].values())
        found = dict.fromkeys(value for value in values if isinstance(value, str) and _phrase(value))
        self.phrases = list(found)
        self._lists = {name: list(values) for name, values in self._by_name.items() if len(values) >= 4}

    def of(self, name: str) -> list[str]:
        """Return what parameters of that name are shown to be, or nothing where too little is known."""
        return self._lists.get(_head(name), [])


def _head(name: str) -> str:
    return (spoken(name).split() or [""])[-1]


def _phrase(value: str) -> bool:
    return (
        0 < len(value.split()) <= _MOST_WORDS
        and len(value) > 2
        and value.isprintable()
        and not re.search(r"[\d\"“”{}\[\]]", value)
    )
