"""Published tool descriptions, and the catalog in which every tool stands once."""

from __future__ import annotations

from typing import Any

import pytest

from doer.connectors.catalog import Catalog
from doer.connectors.tools.function import ToolSpec, tool
from doer.domain.action import Intent, Receipt
from doer.domain.errors import Permanent, UsageError
from doer.domain.outcome import Unknown
from doer.domain.ports import Tool
from doer.domain.value import Key

WEATHER: dict[str, Any] = {
    "name": "get_weather",
    "description": "Tells the weather.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


@pytest.mark.parametrize(
    "form",
    [
        WEATHER,
        {"type": "function", "function": WEATHER},
        {"name": "get_weather", "description": "Tells the weather.", "inputSchema": WEATHER["parameters"]},
        {"name": "get_weather", "description": "Tells the weather.", "input_schema": WEATHER["parameters"]},
    ],
    ids=["openai", "openai_nested", "mcp", "anthropic"],
)
def test_every_published_form_gives_the_same_manifest(form: dict[str, Any]) -> None:
    manifest = ToolSpec.from_json_schema(form).manifest

    assert manifest.name == "get_weather"
    assert manifest.parameters == WEATHER["parameters"]
    assert manifest.description == "Tells the weather."
    assert manifest.effect == "irreversible"
    assert manifest.verbs == frozenset()


def test_a_tool_without_arguments_and_with_a_result_is_read() -> None:
    spec = ToolSpec.from_json_schema({"name": "now", "outputSchema": {"type": "string"}}, effect="read")

    assert spec.manifest.parameters == {"type": "object", "properties": {}}
    assert spec.manifest.result == {"type": "string"}
    assert spec.manifest.effect == "read"


def deep_schema() -> dict[str, Any]:
    schema: dict[str, Any] = {}
    for _ in range(5000):
        schema = {"not": schema}
    return {"properties": {"x": schema}}


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"type": "object", "properties": {"n": {"type": "floot"}}}, "f: parameters/properties/n/type"),
        ({"type": "object", "properties": []}, "f: parameters/properties"),
        ({"type": "string"}, "f: parameters/type is 'string'"),
        ({"properties": {}, "required": ["x"]}, "f: parameters/required names 'x'"),
        ({"properties": {"x": {"$ref": "https://example.com/s"}}}, r"f: parameters/properties/x/\$ref refers to"),
        ([1], "a JSON Schema is an object"),
        (deep_schema(), "f: parameters.*nested too deeply"),
    ],
    ids=["type", "properties", "string", "required", "remote", "list", "deep"],
)
def test_a_malformed_schema_is_refused_naming_the_place(parameters: object, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        ToolSpec.from_json_schema({"name": "f", "parameters": parameters})


@pytest.mark.parametrize(
    "form", [{}, {"name": 3}, {"name": "a b"}, {"function": 3}, {"name": "f", "description": 3}], ids=str
)
def test_a_malformed_description_is_refused(form: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        ToolSpec.from_json_schema(form)


async def test_a_described_tool_is_never_executed() -> None:
    spec: Tool = ToolSpec.from_json_schema(WEATHER)

    assert (await spec.preview({"city": "Bonn"}, ())).foreseeable is False
    with pytest.raises(Permanent, match="get_weather is only a description, for planning; nothing was done"):
        await spec.apply({"city": "Bonn"}, Key("k"), ())
    with pytest.raises(Permanent):
        await spec.undo(Receipt())
    found = await spec.verify(Intent({}, Key("k")))
    assert isinstance(found, Unknown)
    assert found.final


def named(name: str) -> Tool:
    return ToolSpec.from_json_schema({"name": name})


def test_the_catalog_finds_tools_by_their_exact_name_and_lists_manifests_in_order() -> None:
    @tool(effect="read", name="crm.count")
    def count() -> int:
        return 1

    catalog = Catalog([named("crm.find"), count])

    assert catalog.find("crm.count") is count
    assert catalog.find("crm.Count") is None
    assert [each.name for each in catalog.manifests()] == ["crm.count", "crm.find"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("crm.find", "crm.find"),
        ("crm.find", "crm.Find"),
        ("mail.send", "mai1.send"),
        ("mail.send", "maiI.send"),
        ("hr.modern", "hr.modem"),
        ("pay.go", "pay.g0"),
        ("crm.find_one", "crm.find-one"),
        ("crm.find_one", "crm_find.one"),
    ],
)
def test_duplicate_and_look_alike_names_are_refused(one: str, other: str) -> None:
    with pytest.raises(UsageError, match=r"look alike|two tools are called"):
        Catalog([named(one), named(other)])


@pytest.mark.parametrize("name", ["1st", "5g.report", "math.factorial", "get-user_2", "_x"])
def test_names_that_the_function_calling_forms_allow_are_names_here(name: str) -> None:
    assert named(name).manifest.name == name


@pytest.mark.parametrize(
    "name", ["", ".", "crm.", ".find", "crm..find", "-first", "a b", "a" * 129, "crm.f\u0456nd", "a\n", "a/b"]
)
def test_names_outside_the_grammar_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="tool name"):
        named(name)
