"""A model of a provider, through pydantic-ai: anything with an OpenAI-compatible interface, and the providers it knows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from doer.domain.errors import CredentialRefused, Permanent, ToolError, Transient, UsageError
from doer.domain.model import Prompt, Reply
from doer.domain.ports import Credential
from doer.domain.value import Json


@dataclass(frozen=True, slots=True)
class ProviderModel:
    """A `Model`. Needs the extra `llm`.

    Args:
        name: `PROVIDER:MODEL`, e.g. `openai:gpt-4.1-mini`, `anthropic:claude-sonnet-4-5`.
        base_url: Address of an OpenAI-compatible server, where it is not the provider's own; PROVIDER is then `openai`.
        credential: Its key, asked for with each question; None: the server wants none.
    """

    name: str
    base_url: str | None = None
    credential: Credential | None = None

    async def answer(self, prompt: Prompt) -> Reply:
        """Ask for JSON under the prompt's schema. Raises Transient, Permanent, CredentialRefused; UsageError without the extra."""
        try:
            from pydantic_ai import messages
            from pydantic_ai.direct import model_request
            from pydantic_ai.exceptions import AgentRunError, ModelAPIError, UserError
            from pydantic_ai.models import ModelRequestParameters
            from pydantic_ai.output import OutputObjectDefinition
        except ImportError as missing:
            raise UsageError("language models need an extra: pip install 'doer[llm]'") from missing
        asked = messages.ModelRequest(
            parts=[messages.SystemPromptPart(prompt.instructions), messages.UserPromptPart(prompt.request)]
        )
        wanted = OutputObjectDefinition(json_schema=json.loads(json.dumps(prompt.schema, default=dict)), name="answer")
        parameters = ModelRequestParameters(output_mode="native", output_object=wanted, allow_text_output=True)
        try:
            async with self._model() as model:  # its connections end with the question
                said = await model_request(
                    model,
                    [asked],
                    model_settings={"max_tokens": prompt.most_tokens, "temperature": 0.0},
                    model_request_parameters=parameters,
                )
        except (ModelAPIError, AgentRunError, UserError) as failure:
            raise self._told(failure) from failure
        text = "".join(part.content for part in said.parts if isinstance(part, messages.TextPart))
        try:
            cost = str(said.cost().total_price)
        except (LookupError, AssertionError, ValueError):
            cost = "0"  # nobody knows its price: tokens are bounded all the same
        return Reply(read_json(text), said.usage.input_tokens, said.usage.output_tokens, cost)

    def _model(self) -> Any:  # noqa: ANN401 - a model of an optional library
        """Return pydantic-ai's model, made anew, as the key may be another by now."""
        from pydantic_ai.models import infer_model
        from pydantic_ai.models.openai import OpenAIChatModel
        from pydantic_ai.providers import infer_provider_class
        from pydantic_ai.providers.openai import OpenAIProvider

        kind, _, model = self.name.partition(":")
        key = self.credential() if self.credential is not None else None
        if self.base_url is not None:
            return OpenAIChatModel(
                model or kind, provider=OpenAIProvider(base_url=self.base_url, api_key=key or "none")
            )
        return infer_model(self.name, lambda _: infer_provider_class(kind)(api_key=key))  # type: ignore[call-arg]

    def _told(self, failure: Exception) -> ToolError:
        from pydantic_ai.exceptions import ModelHTTPError

        status = failure.status_code if isinstance(failure, ModelHTTPError) else None
        # What a server says of a refused key may hold the key.
        if status in (401, 403):
            return CredentialRefused(f"the model {self.name} refused our key (HTTP {status}): store another one")
        reason = " ".join(str(failure).split())[:200]
        if status is not None and status not in (408, 409, 429) and status < 500:
            return Permanent(f"the model {self.name} refused the question (HTTP {status}): {reason}")
        return Transient(f"the model {self.name} was not reached, or is busy: {reason}")


def read_json(text: str) -> Json:
    """Return the JSON that a model wrote, also within a fence of Markdown; the text itself where it is none."""
    stripped = text.strip()
    if stripped.startswith("```"):
        stripped = stripped.split("\n", 1)[-1].rsplit("```", 1)[0]
    try:
        found: Json = json.loads(stripped)
    except ValueError:
        return text
    return found
