"""A typed function read as a tool's schema: its signature and annotations (pydantic), and its docstring."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, get_args, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, PydanticUserError, TypeAdapter, ValidationError, create_model
from pydantic.errors import PydanticSchemaGenerationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticSerializationError, PydanticUndefined, to_jsonable_python

from doer.domain.action import Change, Receipt
from doer.domain.errors import Permanent, UsageError
from doer.domain.template import has_hole
from doer.domain.value import Hole, Json, JsonObject, Key

_SECTION = re.compile(r"^(Args|Arguments|Parameters|Returns?|Raises|Yields|Examples?|Notes?|See Also):\s*$")
_ARGUMENT = re.compile(r"^(\*{0,2}\w+)\s*(\([^)]*\))?:\s*(.*)$")


@dataclass(frozen=True, slots=True)
class Signature:
    """How a function is called with a tool's arguments."""

    name: str
    description: str
    parameters: JsonObject
    result: JsonObject
    model: type[BaseModel]
    key: str | None
    """Name of the parameter that receives the key."""
    before: str | None
    """Name of the parameter that receives the foretold changes."""
    returns: TypeAdapter[object] | None
    """Checks what the function returns; None where it says nothing, or returns a Receipt."""

    def values(self, arguments: JsonObject) -> Mapping[str, object]:
        """Return the arguments as the types of the signature, defaults filled in. Raises Permanent when they do not fit.

        Strict: text is no number, but dates, decimals and the like are read from their JSON text.
        """
        try:
            read = self.model.model_validate_json(json.dumps(dict(arguments)), strict=True)
        except (ValidationError, ValueError, TypeError) as wrong:
            raise Permanent(f"{self.name}: {_problems(wrong)}; nothing was done") from wrong
        return {_name(field): getattr(read, field_name) for field_name, field in self.model.model_fields.items()}

    def values_with_holes(self, arguments: JsonObject) -> Mapping[str, object] | None:
        """Return the arguments with their holes left in where text may stand; None where a hole stands for another type."""
        try:
            return {
                name: arguments[name] if isinstance(arguments.get(name), Hole) else value
                for name, value in self.values(arguments).items()
            }
        except Permanent:
            if has_hole(arguments):
                return None
            raise


def read_signature(function: Callable[..., object], name: str, description: str | None = None) -> Signature:
    """Read the function. Raises UsageError for a parameter or a type that has no place in a schema."""
    hints = _hints(function, name)
    prose, documented = read_docstring(inspect.getdoc(function) or "")
    fields: dict[str, Any] = {}
    hidden: dict[str, str] = {}
    for parameter in inspect.signature(function).parameters.values():
        hint = hints.get(parameter.name)
        if hint is Key:
            hidden["key"] = parameter.name
        elif parameter.name == "before" and Change in get_args(hint):
            hidden["before"] = parameter.name
        else:
            fields[f"argument_{len(fields)}"] = _field(name, parameter, hint, documented.get(parameter.name))
    returned: Any = hints.get("return", inspect.Parameter.empty)
    try:
        model = create_model(name, __config__=ConfigDict(extra="forbid"), **fields)
        parameters = _without_titles(model.model_json_schema(by_alias=True))
        silent = returned is inspect.Parameter.empty or returned is Receipt
        returns = None if silent else TypeAdapter[object](returned)
        result = {} if returns is None else _without_titles(returns.json_schema(mode="serialization"))
    except (PydanticSchemaGenerationError, PydanticUserError) as wrong:
        first = str(wrong).splitlines()[0]
        raise UsageError(
            f"tool {name}: {first}; use types with a JSON form (pydantic models, dataclasses, …)"
        ) from wrong
    shown = prose if description is None else description
    return Signature(name, shown, parameters, result, model, hidden.get("key"), hidden.get("before"), returns)


def _hints(function: Callable[..., object], name: str) -> Mapping[str, object]:
    try:
        return get_type_hints(function, include_extras=True)
    except NameError as unknown:
        raise UsageError(
            f"tool {name}: {unknown} among its annotations; define the type at the top of the module"
        ) from unknown


def _field(tool: str, parameter: inspect.Parameter, hint: Any, documented: str | None) -> tuple[Any, Any]:  # noqa: ANN401
    if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
        raise UsageError(f"tool {tool}: parameter {parameter} cannot be named in a call; give each argument a name")
    if hint is None:
        raise UsageError(f"tool {tool}: parameter {parameter.name!r} has no annotation; say its type")
    default = parameter.default
    if isinstance(default, FieldInfo):
        hint, default = Annotated[hint, default], default.default
    stated = next((each.description for each in get_args(hint)[1:] if isinstance(each, FieldInfo)), None)
    named = Field(alias=parameter.name, description=stated or documented)
    required = default is inspect.Parameter.empty or default is PydanticUndefined
    return (Annotated[hint, named], ... if required else default)


def read_docstring(text: str) -> tuple[str, Mapping[str, str]]:
    """Return a Google-style docstring's prose, and what its `Args:` section says of each argument."""
    prose: list[str] = []
    arguments: dict[str, str] = {}
    section = current = ""
    for line in text.splitlines():
        stripped = line.strip()
        if header := _SECTION.match(line):
            section, current = header[1], ""
        elif not section:
            prose.append(stripped)
        elif section in ("Args", "Arguments", "Parameters") and stripped:
            indent = len(line) - len(line.lstrip())
            entry = _ARGUMENT.match(stripped) if not current or indent <= 4 else None
            if entry:
                current = entry[1].lstrip("*")
                arguments[current] = entry[3]
            elif current:
                arguments[current] = f"{arguments[current]} {stripped}".strip()
    return "\n".join(prose).strip(), MappingProxyType(arguments)


def _name(field: FieldInfo) -> str:
    assert field.alias is not None
    return field.alias


def _without_titles(schema: Any) -> Any:  # noqa: ANN401 - pydantic's schemas are Any
    """Drop the titles that pydantic makes up from names; they would only stand in a planner's way."""
    if isinstance(schema, Mapping):
        kept = {name: each for name, each in schema.items() if not (name == "title" and isinstance(each, str))}
        return {name: _without_titles(each) for name, each in kept.items()}
    return [_without_titles(each) for each in schema] if isinstance(schema, list) else schema


def _problems(wrong: Exception) -> str:
    if not isinstance(wrong, ValidationError):
        return str(wrong)
    places = [(".".join(map(str, each["loc"])), each["msg"]) for each in wrong.errors(include_url=False)]
    return "; ".join(f"{place or 'arguments'}: {message}" for place, message in places[:5])


def as_json(value: object) -> Json:
    """Return the JSON form of what a tool's function returned. Raises ValueError when it has none."""
    try:
        converted: Json = to_jsonable_python(value, inf_nan_mode="constants")
    except (PydanticSerializationError, RecursionError, UnicodeError) as wrong:
        raise ValueError(str(wrong)) from wrong
    return converted
