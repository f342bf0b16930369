"""The nearest name, for messages about a name that does not exist."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def hint(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'x'?`, or what there is when nothing is near."""
    names = sorted(set(known))
    if close := get_close_matches(name, names, n=1, cutoff=0.6):
        return f"; did you mean {close[0]!r}?"
    if not names:
        return "; there are none"
    return f"; there are: {', '.join(names[:8])}{' …' if len(names) > 8 else ''}"
