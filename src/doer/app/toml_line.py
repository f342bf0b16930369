"""Where a key of a TOML file stands: `tomllib` parses strictly but forgets the lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

_HEADER = re.compile(r"\s*\[\[?\s*([^\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"\s*((?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*'))*)\s*=")
_PART = re.compile(r"[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*'")


def line_of(text: str, path: Sequence[str]) -> int:
    """Return the line (from 1) of the key at `path`, or of the nearest table or key around it; 1 where there is none."""
    best, depth = 1, 0
    table: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _parts(header[1])
            here = table
        elif key := _KEY.match(line):
            here = [*table, *_parts(key[1])]
        else:
            continue
        shared = _shared(here, path)
        if shared > depth:
            best, depth = number, shared
    return best


def _parts(dotted: str) -> list[str]:
    return [part.strip("\"'") for part in _PART.findall(dotted)]


def _shared(here: Sequence[str], path: Sequence[str]) -> int:
    """Return how many parts they share when one leads into the other; none when they lead apart."""
    shared = min(len(here), len(path))
    return shared if list(here[:shared]) == list(path[:shared]) else 0
