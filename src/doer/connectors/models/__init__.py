"""Language models: providers that are reached over HTTP, and weights that run on this machine. Both are optional extras."""

from doer.connectors.models.local import LocalModel, packaged_weights
from doer.connectors.models.provider import ProviderModel

__all__ = ["LocalModel", "ProviderModel", "packaged_weights"]
