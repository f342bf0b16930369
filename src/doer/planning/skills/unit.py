"""Units: what a goal can be matched to, be it a skill or a single tool, in one form."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from doer.domain.action import Manifest
from doer.domain.template import Slot
from doer.domain.value import Json, JsonObject
from doer.intent.text import stem
from doer.intent.vocabulary import alike
from doer.planning.schema import mapping, names, settled
from doer.planning.skills.skill import Skill
from doer.planning.skills.slots import Choice, SlotSpec

_FORMATS = {
    "date": "date", "date-time": "datetime", "time": "time", "email": "email", "idn-email": "email", "uri": "url",
    "iri": "url", "uri-reference": "path", "duration": "duration", "decimal": "decimal", "path": "path", "phone": "phone",
    "person": "person",
}  # fmt: skip
SAID = "x-said"
"""Keyword of a parameter's schema: how it is said, in the keys of a skill's slot: `past`, `coming`, `everyday`, `verbatim`,
`cues`, `question`; and `words`, other words for each choice. Of all parameters: `patterns`, whole sentences as a skill's."""
_BY_NAME = (
    (re.compile(r"(^|_)(path|file|folder|directory)(s|name)?$"), "path"),
    (re.compile(r"(^|_)(emails?|mail_address)$"), "email"),
    (re.compile(r"(^|_)(person|full_?name|display_?name|attendee|assignee)s?$"), "person"),
    (re.compile(r"(^|_)(url|link|uri)$"), "url"),
    (re.compile(r"(^|_)(phone|telephone)$"), "phone"),
    (re.compile(r"(^|_)(id|number|key|ref|reference|no)$"), "identifier"),
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A skill or a tool that can be asked for in words."""

    name: str
    description: str
    examples: tuple[str, ...]
    slots: tuple[SlotSpec, ...]
    reads: bool
    """True: it changes nothing, so that questions may be answered by it."""
    skill: Skill | None = None
    manifest: Manifest | None = None
    patterns: tuple[str, ...] = ()
    """Whole sentences, word for word, in brackets what may be left out or said otherwise."""

    @property
    def systems(self) -> frozenset[str]:
        """The connections that it uses."""
        tools = [self.name] if self.skill is None else [step.tool for step in self.skill.steps if step.tool]
        return frozenset(each.split(".")[0] for each in tools)

    def does(self, verb: str) -> bool:
        """Tell whether an example begins with a verb of that stem, or one that is like it."""
        return any(alike(verb, stem(each.split(" ")[0].lower())) for each in self.examples)


def of_skill(skill: Skill, tools: Mapping[str, Manifest]) -> Unit:
    """Return the unit of a skill. It only reads when all of its tools do."""
    used = [tools.get(step.tool) for step in skill.steps]
    reads = bool(used) and all(each is not None and each.effect == "read" for each in used)
    known = [replace(slot, likely=(*slot.likely, *_keys(skill, slot.name))) for slot in skill.slots]
    slots = tuple(_handed_on(slot, skill, tools) if slot.type == "text" else slot for slot in known)
    return Unit(skill.name, skill.description, skill.examples, slots, reads, skill=skill, patterns=skill.patterns)


def _handed_on(slot: SlotSpec, skill: Skill, tools: Mapping[str, Manifest]) -> SlotSpec:
    """The slot with the words of the parameter that takes it as it is, where that one has words: how a rule is said."""
    for step in skill.steps:
        for name, made in step.arguments.items():
            if made == Slot(slot.name) and (tool := tools.get(step.tool)) is not None:
                schema = settled(mapping(mapping(tool.parameters.get("properties")).get(name)), tool.parameters)
                if choices := _in_words(mapping(mapping(schema.get(SAID)).get("words"))):
                    return replace(slot, type="choice", choices=choices)
    return slot


def _in_words(words: JsonObject) -> tuple[Choice, ...]:
    return tuple(Choice(each, each, names(said)) for each, said in words.items())


def _keys(skill: Skill, slot: str) -> tuple[str, ...]:
    """The keys of the tables in which this slot is looked up."""
    looked_up = [lookup.table for lookup in skill.lookups if lookup.key == Slot(slot)]
    return tuple(key for table in looked_up for key in skill.tables[table])


def of_tool(manifest: Manifest) -> Unit:
    """Return the unit of a tool: its parameters are the slots, typed by their JSON Schema and named as in the examples."""
    schema = manifest.parameters
    required = frozenset(names(schema.get("required")))
    slots = tuple(
        _slot(name, settled(mapping(each), schema), schema, required=name in required)
        for name, each in mapping(schema.get("properties")).items()
    )
    slots = _one_of(slots, schema)
    reads = manifest.effect == "read"
    patterns = names(mapping(schema.get(SAID)).get("patterns"))
    return Unit(
        manifest.name, manifest.description, manifest.examples, slots, reads, manifest=manifest, patterns=patterns
    )


def _slot(name: str, schema: JsonObject, root: JsonObject, *, required: bool) -> SlotSpec:
    inner, many = _without_null(schema, root), False
    if inner.get("type") == "array":
        inner, many = settled(mapping(inner.get("items")), root), True
    kind, choices = _type(name, inner)
    said = schema.get("description", inner.get("description"))
    wanted = said if isinstance(said, str) and said else name.replace("_", " ")
    question = f"What is {name.replace('_', ' ')}? ({wanted})"
    return _as_said(SlotSpec(name, kind, many, question, required, None, choices), mapping(schema.get(SAID)))


def _as_said(slot: SlotSpec, told: JsonObject) -> SlotSpec:
    """The slot with what its schema tells of how it is said, by the keys that a slot of a skill has."""
    question, words = told.get("question"), mapping(told.get("words"))
    choices = tuple(replace(each, words=(*each.words, *names(words.get(each.label)))) for each in slot.choices)
    if words and slot.type == "text":  # any text may be given; these are the ones that have words
        slot, choices = replace(slot, type="choice"), _in_words(words)
    asked = question if isinstance(question, str) and question else slot.question
    return replace(
        slot,
        question=asked,
        cues=names(told.get("cues")),
        choices=choices,
        past=told.get("past") is True,
        coming=told.get("coming") is True,
        everyday=told.get("everyday") is True,
        verbatim=told.get("verbatim") is True,
    )


def _one_of(slots: tuple[SlotSpec, ...], schema: JsonObject) -> tuple[SlotSpec, ...]:
    """`anyOf: [{required: [at]}, {required: [time]}]`: the first must be told where none of the others is."""
    ways = schema.get("anyOf")
    listed = ways if isinstance(ways, Sequence) and not isinstance(ways, str) else ()
    first, *others = [names(mapping(each).get("required")) for each in listed] or [()]
    if len(first) != 1 or not others:
        return slots
    rest = tuple(name for each in others for name in each)
    return tuple(replace(each, unless=rest) if each.name == first[0] else each for each in slots)


def _without_null(schema: JsonObject, root: JsonObject) -> JsonObject:
    """The one form of an optional value: pydantic writes `anyOf: [X, null]`."""
    for word in ("anyOf", "oneOf"):
        options = schema.get(word)
        if isinstance(options, Sequence) and not isinstance(options, str):
            real = [settled(mapping(each), root) for each in options if mapping(each).get("type") != "null"]
            if len(real) == 1:
                return {**schema, **real[0]}
    return schema


def _type(name: str, schema: JsonObject) -> tuple[str, tuple[Choice, ...]]:
    options = schema.get("enum")
    if isinstance(options, Sequence) and not isinstance(options, str):
        return "choice", tuple(
            Choice(each, str(each), (str(each).replace("_", " "),)) for each in options if each is not None
        )
    kind = _json_type(schema.get("type"))
    if kind in {"integer", "number", "boolean"}:
        return ("minutes" if kind == "integer" and "minutes" in name else kind), ()
    if kind in {"object", "array"}:
        return "json", ()
    declared = schema.get("format")
    if isinstance(declared, str) and declared in _FORMATS:
        return _FORMATS[declared], ()
    return next((each for pattern, each in _BY_NAME if pattern.search(name)), "text"), ()


def _json_type(kind: Json) -> str:
    if isinstance(kind, str):
        return kind
    return next((each for each in names(kind) if each != "null"), "string")
