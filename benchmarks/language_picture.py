"""The reliability picture: stated against observed confidence, and how many answers are right by how many are given. Plain SVG."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Final

from training.figures import ranked

Pairs = Sequence[tuple[float, bool]]
_WIDE, _HIGH, _LEFT, _TOP, _SIDE = 760, 400, 64, 48, 272
_GAP: Final = 92
_INK, _PALE, _LINE, _WARM = "#24292f", "#d0d7de", "#0969da", "#bc4c00"


def bins(pairs: Pairs, count: int = 10) -> list[tuple[float, float, int]]:
    """Return (mean confidence, share right, how many) for groups of equal size, the least sure first."""
    told = ranked(pairs)
    edges = [round(number * len(told) / count) for number in range(count + 1)]
    groups = [told[start:end] for start, end in itertools.pairwise(edges) if end > start]
    return [(sum(c for c, _ in g) / len(g), sum(r for _, r in g) / len(g), len(g)) for g in groups]


def curve(pairs: Pairs) -> list[tuple[float, float]]:
    """Return (coverage, share right) in steps of 2 %, the surest answers first."""
    surest = [right for _, right in ranked(pairs)][::-1]
    found = []
    for step in range(1, 51):
        part = surest[: max(1, round(step / 50 * len(surest)))]
        found.append((step / 50, sum(part) / len(part)))
    return found


def picture(pairs: Pairs, error: float, title: str) -> str:
    """Return the SVG; `error` is the expected calibration error in percent."""
    right = _LEFT + _SIDE + _GAP
    parts = [
        (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {_HIGH}" font-family="system-ui, sans-serif" font-size="12" '
        f'role="img" aria-label="{title}"><title>{title}</title>'),
        f'<rect width="{_WIDE}" height="{_HIGH}" fill="#ffffff"/>',
        _text(_LEFT, 24, f"Calibration: ECE {error:.1f} %", bold=True), _text(right, 24, "Right, by how many are answered", bold=True),
        _frame(_LEFT, "confidence that is stated", "share that is right"), _frame(right, "share of answers that are given", ""),
        _path(_LEFT, [(0, 0), (1, 1)], _PALE, dashed=True),
    ]  # fmt: skip
    for stated, seen, count in bins(pairs):
        x, y = _at(_LEFT, stated, seen)
        parts.append(f'<circle cx="{x}" cy="{y}" r="5" fill="{_LINE}"><title>{count} plans</title></circle>')
    parts.append(_path(_LEFT, [(stated, seen) for stated, seen, _ in bins(pairs)], _LINE))
    parts += [
        _path(right, [(0, 0.95), (1, 0.95)], _WARM, dashed=True),
        _path(right, [(0.7, 0), (0.7, 1)], _WARM, dashed=True),
    ]
    x, y = _at(right, 0.69, 0.95)
    parts.append(_text(x, y - 6, "goal: 95 % at 70 %", colour=_WARM, anchor="end"))
    parts.append(_path(right, curve(pairs), _LINE))
    parts.append(_text(_LEFT, _HIGH - 8, title, colour="#57606a"))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _at(left: float, x: float, y: float) -> tuple[float, float]:
    return round(left + x * _SIDE, 1), round(_TOP + (1 - y) * _SIDE, 1)


def _path(left: float, points: Sequence[tuple[float, float]], colour: str, *, dashed: bool = False) -> str:
    told = " ".join(f"{x},{y}" for x, y in (_at(left, *each) for each in points))
    dash = ' stroke-dasharray="4 4"' if dashed else ""
    return f'<polyline points="{told}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>'


def _text(x: float, y: float, words: str, *, colour: str = _INK, anchor: str = "start", bold: bool = False) -> str:
    weight = ' font-weight="600" font-size="14"' if bold else ""
    return f'<text x="{x}" y="{y}" fill="{colour}" text-anchor="{anchor}"{weight}>{words}</text>'


def _frame(left: float, below: str, beside: str) -> str:
    parts = [f'<rect x="{left}" y="{_TOP}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="{_PALE}"/>']
    for step in range(0, 101, 20):
        x, y = _at(left, step / 100, step / 100)
        parts += [
            _text(x, _TOP + _SIDE + 18, f"{step} %", anchor="middle"),
            _text(left - 8, y + 4, f"{step} %", anchor="end"),
        ]
    parts.append(_text(left + _SIDE / 2, _TOP + _SIDE + 40, below, colour="#57606a", anchor="middle"))
    if beside:
        y = _TOP + _SIDE / 2
        parts.append(
            f'<text x="14" y="{y}" fill="#57606a" text-anchor="middle" transform="rotate(-90 14 {y})">{beside}</text>'
        )
    return "\n".join(parts)
