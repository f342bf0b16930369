"""Redaction: a second net under the first, which is that nothing but a connector is ever given a secret.

Scrubbed are the secret itself and its usual disguises: URL-quoted, base64 at all three offsets (in both alphabets), hex in
both cases, escaped as JSON, Python or HTML. Not found: a secret that was cut, reversed or enciphered, and one shorter than
`SHORTEST`, whose removal would make ordinary words illegible.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import quote, quote_plus

from doer.domain.value import Json

SHORTEST = 4
_SHORTEST_DISGUISE = 6


class Redaction:
    """What one connection's secrets look like, learnt as they are handed out."""

    __slots__ = ("_form", "_known", "mark")

    def __init__(self, name: str) -> None:
        self.mark = (
            f"\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}secret {name}\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"
        )
        """What is written in a secret's place."""
        self._known: frozenset[str] = frozenset()
        self._form: re.Pattern[str] | None = None

    def learn(self, secret: str) -> None:
        """Scrub this one too from now on."""
        if secret not in self._known and len(secret) >= SHORTEST:
            self._known |= {secret}
            self._form = _form(self._known)

    def text(self, given: str) -> str:
        """Return the text without any secret."""
        return given if self._form is None else self._form.sub(self.mark, given)

    def json(self, given: Json) -> Json:
        """Return the value without any secret, in names and in strings; the same object when there was none."""
        if self._form is None:
            return given
        if isinstance(given, str):
            clean = self.text(given)
            return given if clean == given else clean  # a hole stays a hole
        if isinstance(given, Mapping):
            return {self.text(name): self.json(each) for name, each in given.items()}
        if isinstance(given, Sequence):
            return [self.json(each) for each in given]
        return given

    def finds(self, given: str) -> bool:
        """Tell whether there is a secret in the text."""
        return self._form is not None and self._form.search(given) is not None

    def marks(self, given: Json) -> bool:
        """Tell whether something was scrubbed from the value before."""
        if isinstance(given, str):
            return self.mark in given
        if isinstance(given, Mapping):
            return any(self.mark in name or self.marks(each) for name, each in given.items())
        return isinstance(given, Sequence) and any(self.marks(each) for each in given)


def _form(secrets: Iterable[str]) -> re.Pattern[str]:
    exact: set[str] = set()
    caseless: set[str] = set()
    for secret in secrets:
        exact.add(secret)
        exact |= {each for each in _disguises(secret) if len(each) >= _SHORTEST_DISGUISE}
        caseless |= {secret.encode().hex(), quote(secret, safe=""), _every_byte_quoted(secret)}
    longest = sorted(exact, key=len, reverse=True)
    hidden = sorted(caseless, key=len, reverse=True)
    parts = [re.escape(each) for each in longest] + [f"(?i:{re.escape(each)})" for each in hidden]
    return re.compile("|".join(parts))


def _disguises(secret: str) -> Iterator[str]:
    yield from (quote(secret), quote(secret, safe=""), quote_plus(secret))
    yield from (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1])
    yield from (json.dumps(secret)[1:-1].replace("/", "\\/"), html.escape(secret), html.escape(secret, quote=False))
    raw = secret.encode()
    for offset in range(3):
        whole = base64.b64encode(b"\0" * offset + raw).decode()
        # Of the first and last letters some bits belong to the neighbours, which we do not know.
        inner = whole[-(-offset * 8 // 6) : (offset + len(raw)) * 8 // 6]
        yield from (inner, inner.replace("+", "-").replace("/", "_"))


def _every_byte_quoted(secret: str) -> str:
    return "".join(f"%{byte:02X}" for byte in secret.encode())
