"""Nouns: how tables and columns are called in plain sentences: `order_items` are `order items`, one is an `order item`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

BEGINNINGS: Final = frozenset(
    ["created", "placed", "ordered", "received", "opened", "submitted", "registered", "added", "entered", "inserted"]
)
"""Participles of columns that say when a row came to be."""
_KEPT: Final = ("ss", "us", "is", "news", "series", "data")


@dataclass(frozen=True, slots=True)
class TableWords:
    """A table's name as people say it, and as it stands in names of skills."""

    many: str
    one: str

    @property
    def key_many(self) -> str:
        """For names: `order_items`."""
        return self.many.replace(" ", "_")

    @property
    def key_one(self) -> str:
        """For names: `order_item`."""
        return self.one.replace(" ", "_")

    @classmethod
    def of(cls, table: str) -> TableWords:
        """Return the words for a table: `sales.OrderItems`, `order_items`, `order_item`."""
        said = phrase(table.rsplit(".", 1)[-1])
        *before, last = said.split(" ")
        one = _singular(last)
        return cls(" ".join([*before, last if one != last else _plural(last)]), " ".join([*before, one]))


def phrase(name: str) -> str:
    """Return a name of a table or column as words: `placed_at` -> `placed at`, `unitPrice` -> `unit price`."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return " ".join(re.split(r"[\W_]+", spaced.strip("_"))).lower()


def participle(column: str) -> str:
    """Return what a date column says happened: `placed_at` -> `placed`, `due_date` -> `due`, `created` -> `created`."""
    words = phrase(column).split(" ")
    kept = [each for each in words if each not in {"at", "on", "date", "time", "timestamp", "day", "ts"}]
    return " ".join(kept) or words[0]


def infinitive(word: str) -> str:
    """Return the verb of a participle in -ed: `closed` -> `close`, `shipped` -> `ship`, `cancelled` -> `cancel`."""
    base = word.removesuffix("ed")
    if len(base) > 3 and base[-1] == base[-2] and (base[-1] not in "sl" or base.endswith("cell")):
        return base[:-1]
    return f"{base}e" if base[-1:] in "svgzcu" or base.endswith("at") else base


def _singular(word: str) -> str:
    if word.endswith(_KEPT):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    return {"people": "person", "children": "child"}.get(
        word, word[:-1] if word.endswith("s") and len(word) > 2 else word
    )


def _plural(word: str) -> str:
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    if word.endswith(("s", "sh", "ch", "x", "z")):
        return word if word.endswith(("news", "series", "data")) else word + "es"
    return {"person": "people", "child": "children"}.get(
        word, word if word in {"people", "data", "staff"} else word + "s"
    )
