"""Quotes: where a value ends that stands in quotation marks, or has a quotation in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from doer.planning.words.utterance import Span

_CLOSING: Mapping[str, str] = {'"': '"', "“": "”", "„": "“”", "«": "»", "`": "`"}
"""Marks that open a quotation, and those that close it; an apostrophe is none by itself."""
_ENDS = " \t\n.,;:!?"


def unquoted(span: Span, text: str, quotes: Sequence[Span]) -> Span | None:
    """Return the words of a span as they are meant: what stands in quotes without its marks, and a quotation in the middle
    whole; None where it holds one end of a quotation alone. `quotes`: spans of quotations with their marks.
    """
    start, end = span
    for low, high in quotes:
        if high <= start or end <= low or (start <= low and high <= end and (start, end) != (low, high)):
            if start == low and end > high and not text[high:end].strip(_ENDS):
                return _inner(low, high, text)
            continue
        inner = _inner(low, high, text)
        if start in {low, low + 1, inner[0]} and end >= inner[1] and not text[high:end].strip(_ENDS):
            return inner
        if start in {low + 1, inner[0]} and end > high:
            start = low  # `"a" and "b"`, of which the first mark is no letter of a word
        else:
            return None
    return start, end


def _inner(low: int, high: int, text: str) -> Span:
    piece = text[low + 1 : high - 1]
    start = low + 1 + len(piece) - len(piece.lstrip())
    return start, start + len(piece.strip())


def odd_quote(value: str) -> bool:
    """Tell whether a text begins or ends with a quotation mark that has no other: `Current prices"`."""
    text = value.strip()
    if not text:
        return False
    first, last = text[0], text[-1]
    if first in _CLOSING and not any(each in _CLOSING[first] for each in text[1:]):
        return True
    opens = [each for each, closing in _CLOSING.items() if last in closing]
    if last in {'"', "`"}:
        return text.count(last) % 2 == 1
    return bool(opens) and last not in _CLOSING and not any(each in opens for each in text[:-1])
