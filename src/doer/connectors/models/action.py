"""The on-device action model: a small network in ONNX that scores tools, spans and choices; loads without torch, in a second.

A joint encoder over the request and one tool (MiniLM-L6, fine-tuned; see training/MODEL_CARD.md), one pass for each pair.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from doer.connectors.models.action_layout import (
    BEFORE,
    FEATURES,
    KINDS,
    SHAPES,
    WIDEST,
    Floats,
    Row,
    allowed,
    features,
    lay,
    tool_words,
)  # fmt: skip
from doer.connectors.models.wordpiece import WordPiece
from doer.domain.errors import UsageError
from doer.domain.scoring import Heard, ParameterScore, ParameterText, ToolScore, ToolText

WEIGHTS: Final = Path(__file__).parent / "weights"
SPAN: Final = 96
KEYS: Final = 4
_LOW: Final = -1e4
_WORTH: Final = (11.0, 0.35, -0.8, 4.5, 0.3, -7.0)
"""Of the evidence for a tool, where nothing was fitted."""
_TEXT: Final = 48
"""Pieces of a text that are looked at in the search by meaning."""


class OnnxScorer:
    """An `ActionScorer`. Loaded when it is first asked. Needs the extra `action-model`.

    Args:
        folder: `action.onnx`, `action.json` and `vocab.txt`; default: those of the package.
        threads: Cores that it may use.
    """

    def __init__(self, folder: Path | None = None, threads: int = 1) -> None:
        self._folder = folder or WEIGHTS
        self._threads = threads
        self._known: dict[str, Floats] = {}

    @property
    def name(self) -> str:
        """Its name and the version of its weights."""
        return f"action:{self._told['version']}"

    def meant(self, relevance: float, near: float, lead: float) -> float:
        """Return the probability that a tool is meant (logistic regression, fitted on validation data)."""
        of_relevance, of_nearness, of_lead, of_first, always = self._told["meant"]
        clipped = min(max(relevance, 1e-6), 1 - 1e-6)
        total = (
            of_relevance * math.log(clipped / (1 - clipped))
            + of_nearness * near
            + of_lead * lead
            + of_first * (lead >= 0)
            + always
        )
        return _sigmoid(total)

    def worth(self, evidence: Sequence[float]) -> float:
        """Return the worth of a tool among others: a conditional logit, fitted on validation data."""
        weights = self._told.get("worth") or _WORTH
        return float(sum(weight * each for weight, each in zip(weights, evidence, strict=True)))

    def sure(self, signs: Sequence[float]) -> float:
        """Return the confidence in a plan: a logistic regression over its signs; before one was fitted, its weakest call's."""
        *weights, always = self._told.get("sure") or (1.0, *(0.0 for _ in signs))
        if len(weights) != len(signs):
            raise UsageError(f"the weights in {self._folder} were calibrated for other signs: calibrate them again")
        return _sigmoid(sum(weight * each for weight, each in zip(weights, signs, strict=True)) + always)

    def trust(self, raw: float) -> float:
        """Return how often a plan with this raw confidence is right (isotonic, fitted on validation data)."""
        points = self._told["trust"]
        return float(np.interp(raw, [each[0] for each in points], [each[1] for each in points]))

    def nearest(self, text: str, tools: Sequence[ToolText]) -> Sequence[float]:
        """Return how near in meaning each tool is to the text, -1 … 1."""
        wanted = [tool_words(each) for each in tools]
        if len(self._known) > 20_000:
            self._known.clear()
        missing = [each for each in dict.fromkeys(wanted) if each not in self._known]
        for start in range(0, len(missing), 16):
            part = missing[start : start + 16]
            self._known.update(zip(part, self._meaning(part), strict=True))
        said = self._meaning([text])[0]
        return [float(said @ self._known[each]) for each in wanted]

    def score(self, heard: Heard, tools: Sequence[ToolText]) -> Sequence[ToolScore]:
        """Return what the network makes of each tool."""
        if not tools:
            return []
        rows = [lay(heard, tool, self._pieces) for tool in tools]
        whole, pieces, _ = self._run([(row.numbers, row.tool_from) for row in rows])
        kinds = np.array(
            [KINDS.index(each.kind) if each.kind in KINDS else 0 for each in heard.candidates], dtype=np.int64
        )
        found = list[ToolScore]()
        for place, (tool, row) in enumerate(zip(tools, rows, strict=True)):
            near = features(heard, tool)
            parameters = tuple(
                self._parameter(parameter, _Seen(row, q, pieces[place], near[q], kinds), heard)
                for q, parameter in enumerate(tool.parameters)
            )
            relevance, several = 1 / (1 + np.exp(-whole[place]))
            found.append(ToolScore(float(relevance), float(several), parameters))
        return found

    def _parameter(self, parameter: ParameterText, seen: _Seen, heard: Heard) -> ParameterScore:
        if seen.q >= len(seen.row.parameters):  # there was no room for it
            return ParameterScore(1.0, (0.0,) * len(heard.candidates), ())
        chosen = seen.row.choices[seen.q]
        asks = _mean(seen.pieces, seen.row.parameters[seen.q])
        if chosen:
            said = np.array(seen.row.said[seen.q], dtype=np.float32) * self._tables["said"][0, 0]
            options = (
                np.array([_mean(seen.pieces, each)[2 * KEYS * SPAN + 1] for each in chosen], dtype=np.float32) + said
            )
        else:
            options = self._spans(parameter, seen, asks)
        if not chosen and options.size:
            possible = np.array([allowed(parameter, each.kind) for each in heard.candidates])
            options = np.where(possible & (np.array(seen.row.starts) > 0), options, _LOW)
        every = np.concatenate(([asks[2 * KEYS * SPAN]], options)).astype(np.float64)
        chances = np.exp(every - every.max())
        chances /= chances.sum()
        rest = tuple(chances[1:].tolist())
        return ParameterScore(float(chances[0]), () if chosen else rest, rest if chosen else ())

    def _spans(self, parameter: ParameterText, seen: _Seen, asks: Floats) -> Floats:
        """First piece, last piece, the mean of all and of those before, each against the parameter, and the learnt tables."""
        starts, ends = np.array(seen.row.starts, dtype=np.int64), np.array(seen.row.ends, dtype=np.int64)
        keys = seen.pieces[:, : KEYS * SPAN].reshape(-1, KEYS, SPAN)
        parts = np.einsum("pkd,kd->kp", keys, asks[KEYS * SPAN : 2 * KEYS * SPAN].reshape(KEYS, SPAN)) / SPAN**0.5
        earlier = np.concatenate(([0.0], np.cumsum(parts[3])))
        before = (earlier[starts] - earlier[np.maximum(starts - BEFORE, 0)]) / BEFORE
        sums = np.concatenate(([0.0], np.cumsum(parts[2])))
        inside = (sums[ends + 1] - sums[starts]) / np.maximum(ends - starts + 1, 1)
        shape, plain = SHAPES.index(parameter.shape), (seen.kinds > 0).astype(np.int64)
        told = self._tables["fit"][shape, seen.kinds] + seen.near @ self._tables["near"][shape]
        told = told + self._tables["wide"][plain, np.minimum(ends - starts + 1, WIDEST)]
        return np.asarray(parts[0][starts] + parts[1][ends] + inside + before + told, dtype=np.float32)

    def _meaning(self, texts: Sequence[str]) -> Floats:
        rows = [[self._pieces.classify, *self._pieces.numbers(each, _TEXT), self._pieces.separate] for each in texts]
        return self._run([(row, len(row)) for row in rows])[2]

    def _run(self, rows: Sequence[tuple[list[int], int]]) -> tuple[Floats, Floats, Floats]:
        length = max(len(numbers) for numbers, _ in rows)
        numbers = np.zeros((len(rows), length), dtype=np.int64)
        segments, mask = np.zeros_like(numbers), np.zeros_like(numbers)
        for place, (row, tool_from) in enumerate(rows):
            numbers[place, : len(row)], mask[place, : len(row)] = row, 1
            segments[place, tool_from : len(row)] = 1
        whole, pieces, mean = self._session.run(None, {"numbers": numbers, "segments": segments, "mask": mask})
        return whole, pieces, mean

    @cached_property
    def _told(self) -> Any:  # noqa: ANN401 - JSON that training wrote
        path = self._folder / "action.json"
        if not path.is_file():
            raise UsageError(
                f"there are no weights in {self._folder}: training/ makes them, or install the package again"
            )
        return json.loads(path.read_text())

    @cached_property
    def _tables(self) -> dict[str, Floats]:
        tables = {name: np.array(table, dtype=np.float32) for name, table in self._told["tables"].items()}
        if tables["near"].shape != (len(SHAPES), FEATURES):
            raise UsageError(
                f"the weights in {self._folder} are of another form than this version reads: train them again"
            )
        return tables

    @cached_property
    def _pieces(self) -> WordPiece:
        return WordPiece((self._folder / "vocab.txt").read_text(encoding="utf-8").splitlines())

    @cached_property
    def _session(self) -> Any:  # noqa: ANN401 - the library ships no types
        try:
            import onnxruntime  # type: ignore[import-untyped,unused-ignore]
        except ImportError as missing:
            raise UsageError("the action model needs an extra: pip install 'doer[action-model]'") from missing
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        return onnxruntime.InferenceSession(
            str(self._folder / "action.onnx"), options, providers=["CPUExecutionProvider"]
        )


def _sigmoid(odds: float) -> float:
    return 1 / (1 + math.exp(-min(max(odds, -60.0), 60.0)))


def _mean(pieces: Floats, span: tuple[int, int]) -> Floats:
    return np.asarray(pieces[span[0] : span[1]].mean(axis=0), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class _Seen:
    """One parameter in one row."""

    row: Row
    q: int
    pieces: Floats
    near: Floats
    kinds: NDArray[np.int64]
