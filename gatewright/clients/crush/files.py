"""crush.json: providers with their models, the large and the small model."""

from __future__ import annotations

from typing import Any

from gatewright.clients.common.client_file import ClientFile
from gatewright.clients.common.endpoints import Endpoint, find_endpoints
from gatewright.clients.common.model_info import ListedModel
from gatewright.clients.common.variables import BEARER, variables_in_file
from gatewright.clients.crush import CONTEXT, OUTPUT
from gatewright.environment.references import OwnName
from gatewright.environment.resolved import Client, Environment

variables = variables_in_file


def files(environment: Environment, client: Client) -> list[ClientFile]:
    """The one file."""
    endpoints = find_endpoints(environment, client)
    content: dict[str, Any] = {"providers": {endpoint.id: _provider(endpoint) for endpoint in endpoints.entries}}
    choices = {"large": client.primary, "small": client.small}
    models: dict[str, dict[str, str]] = {}
    for kind, name in choices.items():
        if name is not None and not isinstance(name, OwnName):
            endpoint, model = endpoints.find(name)
            models[kind] = {"provider": endpoint.id, "model": model.id}
    if models:
        content["models"] = models
    return [ClientFile("crush/crush.json", content, schema="crush")]


def _provider(endpoint: Endpoint) -> dict[str, Any]:
    access = endpoint.access
    provider: dict[str, Any] = {"name": endpoint.id, "type": "openai-compat", "base_url": access.url}
    if access.credential is not None:
        provider["api_key"] = f"${access.credential}"
    if headers := access.headers(lambda token: f"{BEARER}${token}", token_is_key=True):
        provider["extra_headers"] = headers
    return provider | {"discover_models": False, "models": [_model(model) for model in endpoint.models]}


def _model(model: ListedModel) -> dict[str, Any]:
    """All keys that Crush requires."""
    cost, context = model.cost, model.context or CONTEXT
    return {
        "id": model.id,
        "name": model.name,
        "cost_per_1m_in": cost.input,
        "cost_per_1m_out": cost.output,
        "cost_per_1m_in_cached": cost.cache_write,
        "cost_per_1m_out_cached": cost.cache_read,
        "context_window": context,
        "default_max_tokens": min(model.output or OUTPUT, context),
        "can_reason": model.reasoning,
        "supports_attachments": "image" in model.input,
    }
