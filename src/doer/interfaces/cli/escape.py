"""Escaping: text out of data is shown so that it cannot pretend to be something else.

Control characters, overrides of the direction of writing, characters that are not seen and lone surrogates become visible
escapes (Unicode TR 36, TR 39; the "Trojan Source" paper, Boucher and Anderson 2021). Rich markup is never parsed: every
value ends in a `Text`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

from doer.domain.value import Json

# Not seen though Unicode counts them as letters, marks or symbols.
_UNSEEN: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_STRANGE: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
_SHORT: Final = {"\t": "\\t", "\n": "\\n", "\r": "\\r", "\x1b": "\\e"}


def visible(text: str) -> str:
    """Return the text on one line, with everything that could mislead a reader as a visible escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(letter) for letter in text)


def visible_json(value: Json) -> Json:
    """Return the value with every string in it made visible."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, Mapping):
        return {visible(name): visible_json(each) for name, each in value.items()}
    if isinstance(value, Sequence):
        return [visible_json(each) for each in value]
    return value


def _shown(letter: str) -> str:
    if letter == " ":
        return letter
    if short := _SHORT.get(letter):
        return short
    kind = unicodedata.category(letter)
    # Spaces of other widths pass for the plain one; variation selectors can carry hidden text.
    selector = 0xFE00 <= ord(letter) <= 0xFE0E or 0xE0100 <= ord(letter) <= 0xE01EF
    if kind in _STRANGE or kind == "Zs" or selector or letter in _UNSEEN:
        return f"\\u{{{ord(letter):x}}}"
    return letter
