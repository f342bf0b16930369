"""Images: resources as values that are compared, patched and put back; JSON Merge Patch (RFC 7396)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from doer.domain.errors import Permanent
from doer.domain.value import Json, JsonObject, canonical, digest

MOST_SENT = 1_000_000
"""Bytes of a body that is sent."""
MOST_KEPT = 400_000
"""Bytes of a before-image that a receipt keeps; a receipt has at most a megabyte."""

_EXACT = 2**53
_DEEPEST = 100


def read_json(content: bytes) -> tuple[Json, bool]:
    """Return the JSON of an answer, and whether it can be sent back as it is.

    It cannot where it has integers beyond 2**53: they are read as texts, which keep every digit (RFC 8785 does not).
    Raises ValueError for what is no JSON, or is nested deeper than 100.
    """
    large: list[str] = []

    def integer(digits: str) -> int | str:
        number = int(digits) if len(digits) < 18 else _EXACT + 1
        if abs(number) <= _EXACT:
            return number
        large.append(digits)
        return digits

    try:
        parsed: Json = json.loads(content, parse_int=integer, parse_constant=_no_number)
    except RecursionError as deep:
        raise ValueError("it is nested too deeply") from deep
    level: list[Json] = [parsed]
    for _ in range(_DEEPEST):
        if not level:
            return parsed, not large
        level = [inner for each in level for inner in _inner(each)]
    raise ValueError("it is nested too deeply")


def _inner(value: Json) -> Sequence[Json]:
    if isinstance(value, Mapping):
        return list(value.values())
    return value if isinstance(value, list) else []


def _no_number(said: str) -> float:
    raise ValueError(f"{said} is no JSON")


def payload(body: Json) -> bytes:
    """Return the bytes of a body that is sent. Raises Permanent for one that is too large, or no JSON."""
    try:
        content = canonical(body)
    except (ValueError, RecursionError) as wrong:
        raise Permanent(f"the body cannot be sent as JSON: {wrong}") from wrong
    if len(content) > MOST_SENT:
        raise Permanent(f"the body has {len(content):,} bytes, and at most {MOST_SENT:,} are sent")
    return content


def view(body: Json, volatile: frozenset[str]) -> Json:
    """Return what of a resource is compared: without volatile fields, and without fields that are null.

    A field that is null and one that is not there are the same here, because a merge patch cannot tell them apart.
    """
    if isinstance(body, Mapping):
        kept = {name: value for name, value in body.items() if value is not None and name not in volatile}
        return {name: view(value, volatile) for name, value in kept.items()}
    if isinstance(body, Sequence) and not isinstance(body, str):
        return [view(each, volatile) for each in body]
    return body


def without(body: Json, volatile: frozenset[str]) -> Json:
    """Return what of a resource is put back: all but the volatile fields, which the server sets by itself."""
    if isinstance(body, Mapping):
        return {name: without(value, volatile) for name, value in body.items() if name not in volatile}
    if isinstance(body, Sequence) and not isinstance(body, str):
        return [without(each, volatile) for each in body]
    return body


def image(body: Json, volatile: frozenset[str]) -> str:
    """Return the digest of what is compared."""
    return digest(view(body, volatile))


def merged(target: Json, patch: Json) -> Json:
    """Return the target after the merge patch (RFC 7396, section 2)."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def patch_between(current: JsonObject, wanted: JsonObject) -> dict[str, Json]:
    """Return the merge patch that makes `wanted` of `current`."""
    patch: dict[str, Json] = {name: None for name in current if name not in wanted}
    for name, value in wanted.items():
        was = current.get(name)
        if was == value and isinstance(was, bool) is isinstance(value, bool):
            continue
        both = isinstance(was, Mapping) and isinstance(value, Mapping)
        patch[name] = patch_between(was, value) if both else value  # type: ignore[arg-type]
    return patch


def shows(seen: Json, written: Json) -> bool:
    """Tell whether a resource shows all that was written; an object may show more: what the server sets by itself."""
    if isinstance(written, Mapping):
        return isinstance(seen, Mapping) and all(
            name in seen and shows(seen[name], each) for name, each in written.items()
        )
    if isinstance(written, Sequence) and not isinstance(written, str):
        if not isinstance(seen, Sequence) or isinstance(seen, str) or len(seen) != len(written):
            return False
        return all(shows(one, other) for one, other in zip(seen, written, strict=True))
    return seen == written and isinstance(seen, bool) is isinstance(written, bool)


def missing(seen: Json, written: Json) -> list[str]:
    """Return the fields that do not show what was written."""
    if not isinstance(seen, Mapping) or not isinstance(written, Mapping):
        return [] if shows(seen, written) else ["the whole"]
    return [name for name, value in written.items() if name not in seen or not shows(seen[name], value)]


def differing(one: Json, other: Json) -> str:
    """Return the names of the fields in which two resources differ, in one line."""
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):
        return "the whole"
    absent = object()
    return ", ".join(sorted(name for name in {*one, *other} if one.get(name, absent) != other.get(name, absent))[:10])


def fits_receipt(body: Json) -> bool:
    """Tell whether a before-image is small enough to be kept."""
    try:
        return len(canonical(body)) <= MOST_KEPT
    except (ValueError, RecursionError):
        return False
