"""settings.json: providers with their models, the default model, its fallbacks and the fast model."""

from __future__ import annotations

from typing import Any

from gatewright.clients.common.client_file import ClientFile
from gatewright.clients.common.endpoints import Endpoint, Endpoints, find_endpoints
from gatewright.clients.common.model_info import ListedModel
from gatewright.clients.common.variables import bearer_reference, variables_in_file
from gatewright.environment.references import Name, OwnName
from gatewright.environment.resolved import Client, Environment

variables = variables_in_file
PROTOCOL = "openai"


def files(environment: Environment, client: Client) -> list[ClientFile]:
    """The one file."""
    endpoints = find_endpoints(environment, client)
    content: dict[str, Any] = {
        "modelProviders": {endpoint.id: _models(endpoint) for endpoint in endpoints.entries},
        "providerProtocol": {endpoint.id: PROTOCOL for endpoint in endpoints.entries},
    }
    if client.primary is not None:
        content["security"] = {"auth": {"selectedType": PROTOCOL}}
        content["model"] = {"name": model_id(endpoints, client.primary)}
    if client.fallbacks:
        content["modelFallbacks"] = ",".join(model_id(endpoints, name) for name in client.fallbacks)
    if client.small is not None:
        content["fastModel"] = model_id(endpoints, client.small)
    return [ClientFile("qwen-code/settings.json", content, schema="qwen-code")]


def model_id(endpoints: Endpoints, name: Name) -> str:
    """The id by which Qwen Code finds a model, whatever its provider."""
    return name.name if isinstance(name, OwnName) else endpoints.find(name)[1].id


def _models(endpoint: Endpoint) -> list[dict[str, Any]]:
    access = endpoint.access
    common: dict[str, Any] = {"baseUrl": access.url}
    if access.credential is not None:
        common["envKey"] = access.credential
    headers = access.headers(bearer_reference, token_is_key=True)
    return [
        {"id": model.id, "name": model.name, **common, "generationConfig": _generation(model, headers)}
        for model in endpoint.models
    ]


def _generation(model: ListedModel, headers: dict[str, str]) -> dict[str, Any]:
    config: dict[str, Any] = {"modalities": {"image": "image" in model.input}}
    if model.context is not None:
        config["contextWindowSize"] = model.context
    if model.output is not None:
        config["samplingParams"] = {"max_tokens": model.output}
    return {**config, "customHeaders": headers} if headers else config
