"""Checks of concrete arguments against a tool's JSON Schema, compiled once a manifest."""

from __future__ import annotations

from dataclasses import dataclass, field

from jsonschema import Draft202012Validator

from doer.domain.action import Manifest
from doer.domain.errors import Permanent
from doer.domain.value import Digest, JsonObject


@dataclass(frozen=True, slots=True)
class ArgumentCheck:
    """Callable that refuses arguments a tool's schema does not allow; keeps compiled schemas by manifest."""

    _compiled: dict[str, tuple[Manifest, Digest, Draft202012Validator]] = field(default_factory=dict)

    def __call__(self, manifest: Manifest, arguments: JsonObject) -> None:
        """Raise Permanent naming each breach; nothing was done."""
        if manifest.plainly_takes(arguments):
            return
        _, _, validator = self._of(manifest)
        problems = [
            f"{'.'.join(str(part) for part in error.absolute_path) or 'arguments'}: {error.message}"
            for error in validator.iter_errors(arguments)
        ]
        if problems:
            raise Permanent(f"{manifest.name} cannot take these arguments: {'; '.join(problems)[:500]}")

    def digest(self, manifest: Manifest) -> Digest:
        """Return the manifest's digest."""
        return self._of(manifest)[1]

    def _of(self, manifest: Manifest) -> tuple[Manifest, Digest, Draft202012Validator]:
        known = self._compiled.get(manifest.name)
        if known is None or (known[0] is not manifest and known[0] != manifest):
            known = (manifest, manifest.digest, Draft202012Validator(dict(manifest.parameters)))
            self._compiled[manifest.name] = known
        return known
