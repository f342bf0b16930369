"""Sugar: the readable form of templates in skill files, turned into the JSON form that the domain reads.

`"$manager.email"` is a value by name; `"Welcome {first_name}"` is text with values in it (`{{` and `}}` are braces);
`"$$5"` is the text `$5`. Objects of the JSON form (`$ref`, `$slot`, `$do`, `$literal`) stay what they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from doer.domain.errors import UsageError
from doer.domain.template import Fields, Items, Literal, Reference, Slot, Template, Transform, parse
from doer.domain.value import Json

_NAME = re.compile(r"\$[A-Za-z_]\w*(?:\.\w+)*")
_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_PATH = re.compile(r"[A-Za-z_]\w*(?:\.\w+)*")


def template(value: Json) -> Template:
    """Read a template with sugar. Raises UsageError for what is neither sugar nor the JSON form."""
    return parse(_plain(value))


def _plain(value: Json) -> Json:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        if "$do" in value:
            of = value.get("of", [])
            listed = of if isinstance(of, Sequence) and not isinstance(of, str) else [of]
            return {**value, "of": [_plain(each) for each in listed]}
        if any(name.startswith("$") for name in value):
            return value
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, Sequence):
        return [_plain(each) for each in value]
    return value


def _text(text: str) -> Json:
    if text.startswith("$$"):
        return text[1:]
    if text.startswith("$"):
        if not _NAME.fullmatch(text):
            raise UsageError(f"{text!r} is not a name; write $$ for a text that begins with a dollar")
        return {"$slot": text[1:]}
    pieces = list(_pieces(text))
    if all(isinstance(piece, str) for piece in pieces):
        return "".join(str(piece) for piece in pieces)
    return {"$do": "join", "of": pieces}


def _pieces(text: str) -> Iterator[Json]:
    literal, end = "", 0
    for found in _PIECE.finditer(text):
        literal += text[end : found.start()]
        end = found.end()
        if found.group() in ("{{", "}}"):
            literal += found.group()[0]
            continue
        name = (found.group(1) or "").strip()
        if not _PATH.fullmatch(name):
            raise UsageError(
                f"{found.group()!r} in {text[:60]!r} is not a name in braces; write {{{{ and }}}} for braces"
            )
        if literal:
            yield literal
        literal = ""
        yield {"$slot": name}
    literal += text[end:]
    if literal:
        yield literal


def names(of: Template) -> Iterator[str]:
    """Yield the names (first parts) of everything that the template takes by name."""
    return (slot.name for slot in slots(of))


def slots(of: Template) -> Iterator[Slot]:
    """Yield everything that the template takes by name."""
    match of:
        case Slot():
            yield of
        case Transform(_, parts) | Items(parts):
            for each in parts:
                yield from slots(each)
        case Fields(fields):
            for each in fields.values():
                yield from slots(each)
        case Literal() | Reference():
            return
