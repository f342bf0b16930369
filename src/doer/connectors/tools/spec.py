"""Published tool descriptions (OpenAI, MCP, Anthropic) as manifests that can be planned over without executing them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from doer.connectors.tools.declaration import check_manifest, check_name, check_parameters, check_schema
from doer.domain.action import Change, Effect, Intent, Manifest, Preview, Receipt
from doer.domain.errors import Permanent, UsageError
from doer.domain.outcome import Reversal, Unknown, Verification
from doer.domain.value import JsonObject, Key

_PARAMETERS = ("parameters", "inputSchema", "input_schema")
_RESULT = ("outputSchema", "output_schema")
_TYPES = {
    "dict": "object", "list": "array", "tuple": "array", "str": "string", "int": "integer", "long": "integer",
    "float": "number", "double": "number", "bool": "boolean",
}  # fmt: skip
"""What descriptions written by hand call a type, and JSON Schema's word for it."""
_VALUES = frozenset(("enum", "const", "default", "examples"))


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool that is only described: it can be planned over, previewed as not foreseeable, and never executed."""

    manifest: Manifest

    @classmethod
    def from_json_schema(
        cls, description: Mapping[str, object], effect: Effect = "irreversible", examples: Sequence[str] = ()
    ) -> ToolSpec:
        """Read the function-calling form: `name`, `description`, and the arguments' JSON Schema.

        The schema stands under `parameters` (OpenAI), `inputSchema` (MCP) or `input_schema` (Anthropic), and the result's
        under `outputSchema`, if given; `{"type": "function", "function": {...}}` is unwrapped. Types may be called what
        Python calls them (`dict`, `float`). Hints of the publisher about effects are not believed: `effect` is the caller's
        word, and the strictest unless said otherwise.

        Raises UsageError that names the place of what is malformed.
        """
        form = description.get("function", description)
        if not isinstance(form, Mapping):
            raise UsageError(f"function is {form!r:.60}: expected an object with name, description and parameters")
        name = form.get("name")
        if not isinstance(name, str):
            raise UsageError(f"name is {name!r:.60}: a tool description needs a name")
        check_name(name)
        prose = form.get("description") or ""
        if not isinstance(prose, str):
            raise UsageError(f"{name}: description is {prose!r:.60}: expected text")
        place = next((each for each in _PARAMETERS if form.get(each) is not None), "parameters")
        parameters = check_parameters(_typed(form.get(place) or {}, f"{name}: {place}"), f"{name}: {place}")
        place = next((each for each in _RESULT if form.get(each) is not None), "outputSchema")
        result = check_schema(_typed(form.get(place) or {}, f"{name}: {place}"), f"{name}: {place}")
        return cls(
            check_manifest(
                Manifest(name, prose, parameters, effect, result, examples=tuple(examples), verbs=frozenset()),
            )
        )

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        """Return a preview that foresees nothing."""
        return Preview(foreseeable=False, note=f"{self.manifest.name} is only described here and cannot be executed")

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        """Raise Permanent: there is nothing to execute."""
        raise self._not_executable()

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        """Return that it will never be known."""
        return Unknown(str(self._not_executable()), final=True)

    async def undo(self, receipt: Receipt) -> Reversal:
        """Raise Permanent: there is nothing to take back."""
        raise self._not_executable()

    def _not_executable(self) -> Permanent:
        return Permanent(
            f"{self.manifest.name} is only a description, for planning; nothing was done. "
            "Hand in a tool of that name that does it (see the decorator `tool`), or connect the system it belongs to"
        )


def _typed(schema: object, where: str) -> object:
    """The schema with JSON Schema's names of types; `any` is none at all. Raises UsageError where it is nested too deeply."""
    try:
        return _renamed(schema)
    except RecursionError as deep:
        raise UsageError(f"{where} is nested too deeply to be read") from deep


def _renamed(schema: object) -> object:
    if isinstance(schema, list):
        return [_renamed(each) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    found = {name: each if name in _VALUES else _renamed(each) for name, each in schema.items()}
    if isinstance(said := schema.get("type"), str):
        found["type"] = _TYPES.get(said.casefold(), said)
        if said.casefold() == "any":
            del found["type"]
    return found
