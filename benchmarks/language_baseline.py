"""What the action model is compared with: nearness in meaning and typed rules, untrained; and a small language model."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence

import numpy as np
from training.rows import Row

from doer.connectors.models.action import OnnxScorer
from doer.connectors.models.action_layout import allowed, features, spoken
from doer.connectors.models.local import LocalModel
from doer.domain.errors import ToolError
from doer.domain.model import Prompt
from doer.domain.scoring import Candidate, Heard, ParameterScore, ParameterText, ToolScore, ToolText
from doer.domain.value import Json, JsonObject
from doer.planning.schema import mapping

_KINDS: Mapping[str, frozenset[str]] = {
    "integer": frozenset({"number", "amount"}),
    "number": frozenset({"number", "amount"}),
    "numbers": frozenset({"number", "amount"}),
    "date": frozenset({"date", "datetime"}),
    "time": frozenset({"time", "datetime"}),
    "string": frozenset({"quoted", "person", "email", "url", "path", "identifier", "phone", "address"}),
    "array": frozenset({"quoted", "person", "email"}),
    "any": frozenset({"quoted", "person", "identifier", "number"}),
}


class RuleScorer:
    """An `ActionScorer` that was never trained: the published encoder finds the tool, rules of type and place the spans."""

    name = "embedding and rules"

    def __init__(self, encoder: OnnxScorer, meant: Sequence[float] = (0.0, 5.0, 5.0, 0.0, -2.0)) -> None:
        self._encoder = encoder
        self.weights = tuple(meant)

    def nearest(self, text: str, tools: Sequence[ToolText]) -> Sequence[float]:
        return self._encoder.nearest(text, tools)

    def meant(self, relevance: float, near: float, lead: float) -> float:
        _, of_nearness, of_lead, of_first, always = self.weights
        return float(1 / (1 + np.exp(-(of_nearness * near + of_lead * lead + of_first * (lead >= 0) + always))))

    def worth(self, evidence: Sequence[float]) -> float:
        near, relevance, missing, taken, _, before = evidence
        return 3.5 * near + 0.65 * relevance - 0.9 * missing + 1.1 * taken - 3 * before

    def sure(self, signs: Sequence[float]) -> float:
        return float(1 / (1 + np.exp(-signs[0])))

    def trust(self, raw: float) -> float:
        return raw

    def score(self, heard: Heard, tools: Sequence[ToolText]) -> Sequence[ToolScore]:
        found = []
        for tool in tools:
            near = features(heard, tool)
            told = tuple(_score(heard, each, near[place]) for place, each in enumerate(tool.parameters))
            found.append(ToolScore(0.5, 0.0, told))
        return found


def _score(
    heard: Heard, parameter: ParameterText, near: np.ndarray[tuple[int, ...], np.dtype[np.float32]]
) -> ParameterScore:
    text = heard.text.casefold()
    if parameter.shape == "boolean":
        said = all(word in text for word in spoken(parameter.name).split())
        return ParameterScore(0.2 if said else 0.9, (), (0.7, 0.1) if said else (0.05, 0.05))
    if parameter.choices:
        hits = [float(spoken(each) in text or each.casefold() in text) for each in parameter.choices]
        total = sum(hits)
        return ParameterScore(0.1 if total else 0.95, (), tuple(0.9 * hit / total if total else 0.0 for hit in hits))
    scores = [_span(each, parameter, *near[place][:3]) for place, each in enumerate(heard.candidates)]
    powers = np.exp(np.array([1.0, *scores]))
    powers /= powers.sum()
    return ParameterScore(float(powers[0]), tuple(powers[1:].tolist()), ())


def _span(candidate: Candidate, parameter: ParameterText, before: float, after: float, inside: float) -> float:
    if not allowed(parameter, candidate.kind):
        return -20.0
    fits = candidate.kind in _KINDS.get(parameter.shape, frozenset())
    if not candidate.kind:  # plain words only directly after the parameter's name
        return -4.0 + 3.0 * before - 3.0 * inside - 0.05 * (candidate.end - candidate.start)
    return (2.0 if fits else -4.0) + 2.0 * before + 1.0 * after - 1.0 * inside


_INSTRUCTIONS = (
    'Choose tools for the request. Answer {"calls": [{"tool": NAME, "arguments": {...}}]}; take the values from the '
    'request word for word. {"calls": []} when no tool fits.'
)


def small_language_model(model: LocalModel, row: Row) -> Sequence[tuple[str, Mapping[str, Json]]]:
    """What SmolLM2-135M calls, its answer held to the tools' schemas; three examples are more than its patience."""
    tools = "\n".join(
        f"{each.name}({', '.join(mapping(each.parameters.get('properties')))}): {each.description[:120]}"
        for each in row.tools
    )
    said = "\n".join((*row.goal.context[-4:], row.goal.text))[-1500:]
    one: list[Json] = [
        {"type": "object", "properties": {"tool": {"const": each.name}, "arguments": _closed(each.parameters)},
         "required": ["tool", "arguments"], "additionalProperties": False}
        for each in row.tools
    ]  # fmt: skip
    schema: JsonObject = {
        "type": "object", "properties": {"calls": {"type": "array", "items": {"anyOf": one}, "maxItems": 4}},
        "required": ["calls"], "additionalProperties": False,
    }  # fmt: skip
    try:
        reply = asyncio.run(model.answer(Prompt(_INSTRUCTIONS, f"Tools:\n{tools}\n\nRequest: {said}", schema, 200)))
    except ToolError:
        return ()
    calls = mapping(reply.content).get("calls")
    return (
        [(str(mapping(each).get("tool")), mapping(mapping(each).get("arguments"))) for each in calls]
        if isinstance(calls, list)
        else []
    )


def _closed(parameters: JsonObject) -> JsonObject:
    """Its grammar knows no formats and patterns; texts are kept short."""
    plain = json.loads(json.dumps(parameters, default=dict))

    def prune(schema: object) -> None:
        if isinstance(schema, dict):
            for word in ("format", "pattern", "default", "examples"):
                if not isinstance(schema.get(word), dict):
                    schema.pop(word, None)
            if schema.get("type") == "string" and "enum" not in schema:
                schema["maxLength"] = 60
            for each in schema.values():
                prune(each)

    prune(plain)
    return plain  # type: ignore[no-any-return]
