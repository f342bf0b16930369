"""Words that may be what a row is called, where the network took them for what it is to be called from now on."""

from __future__ import annotations

from typing import Final

from doer.domain.action import Manifest
from doer.intent.text import word_set
from doer.planning.action.assign import Filled
from doer.planning.action.sense import words_of_name
from doer.planning.lookup.tools import parameters, required

_ANNOUNCE: Final = word_set("to as into called named titled be is reads read say says saying with")


def is_loose(text: str, tool: Manifest, value: Filled, last: int) -> bool:
    """Tell whether an optional text was said without a word that announces a new value (`to`, `called`, `subject`).

    `last`: where the text begins among what the spans are of.
    """
    schema = parameters(tool).get(value.name, {})
    if value.name in required(tool) or schema.get("type") != "string" or "enum" in schema or not value.spans:
        return False
    start, end = (each - last for each in value.spans[0])
    if start < 0 or value.value != text[start:end] or text[start - 1 : start] in "'\"‘“" or "format" in schema:
        return False
    before = text[:start].rstrip()
    announced = before.lower().rpartition(" ")[2] in _ANNOUNCE | set(words_of_name(value.name))
    return not announced and not before.endswith((":", "=")) and any(each.isalpha() for each in value.value)
