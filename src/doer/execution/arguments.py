"""Checks of concrete arguments against a tool's JSON Schema, compiled once a manifest, and only where it is needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from doer.domain.action import Manifest
from doer.domain.errors import Permanent
from doer.domain.value import Digest, JsonObject


@dataclass(frozen=True, slots=True)
class ArgumentCheck:
    """Callable that refuses arguments a tool's schema does not allow; keeps compiled schemas by manifest."""

    _compiled: dict[str, tuple[Manifest, Callable[[JsonObject], Sequence[str]]]] = field(default_factory=dict)

    def __call__(self, manifest: Manifest, arguments: JsonObject) -> None:
        """Raise Permanent naming each breach; nothing was done."""
        if manifest.plainly_takes(arguments):
            return
        known = self._compiled.get(manifest.name)
        if known is None or (known[0] is not manifest and known[0] != manifest):
            known = self._compiled[manifest.name] = (manifest, _compiled(manifest.parameters))
        if problems := known[1](arguments):
            raise Permanent(f"{manifest.name} cannot take these arguments: {'; '.join(problems)[:500]}")

    def digest(self, manifest: Manifest) -> Digest:
        """Return the manifest's digest."""
        return manifest.digest


def _compiled(schema: JsonObject) -> Callable[[JsonObject], Sequence[str]]:
    """Return what tells each breach of a schema; the validator is loaded for the first arguments that are not plainly right."""
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(dict(schema))

    def breaches(arguments: JsonObject) -> Sequence[str]:
        return [
            f"{'.'.join(str(part) for part in error.absolute_path) or 'arguments'}: {error.message}"
            for error in validator.iter_errors(arguments)
        ]

    return breaches
