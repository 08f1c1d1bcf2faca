"""A file for each provider with its models; config.yaml with the default provider and model."""

from __future__ import annotations

from typing import Any

from gatewright.clients.common.client_file import ClientFile
from gatewright.clients.common.endpoints import Endpoint, find_endpoints
from gatewright.clients.common.model_entries import known
from gatewright.clients.common.model_info import ListedModel
from gatewright.clients.common.variables import variables_in_file
from gatewright.clients.goose import CONTEXT
from gatewright.environment.references import OwnName
from gatewright.environment.resolved import Client, Environment

variables = variables_in_file
CONFIG, PROVIDERS = "config.yaml", "custom_providers"


def files(environment: Environment, client: Client) -> list[ClientFile]:
    """The files of the providers, then config.yaml if the client has a primary."""
    endpoints = find_endpoints(environment, client)
    emitted = [
        ClientFile(f"goose/{PROVIDERS}/{endpoint.id}.json", _provider(endpoint), schema="goose")
        for endpoint in endpoints.entries
    ]
    if client.primary is not None and not isinstance(client.primary, OwnName):
        endpoint, model = endpoints.find(client.primary)
        content = {"GOOSE_PROVIDER": endpoint.id, "GOOSE_MODEL": model.id}
        emitted.append(ClientFile(f"goose/{CONFIG}", content, schema="goose-config"))
    return emitted


def _provider(endpoint: Endpoint) -> dict[str, Any]:
    access = endpoint.access
    provider: dict[str, Any] = {
        "name": endpoint.id,
        "engine": "openai",
        "display_name": endpoint.id,
        "description": "Written by gatewright",
        "api_key_env": access.credential or "",
        "base_url": f"{access.url}/chat/completions",  # to a URL without this end Goose adds /v1
        "models": [_model(model) for model in endpoint.models],
        "supports_streaming": True,
        "requires_auth": access.credential is not None,
        "dynamic_models": False,
    }
    return {**provider, "headers": access.fixed_headers} if access.fixed_headers else provider


def _model(model: ListedModel) -> dict[str, Any]:
    return {"name": model.id, "context_limit": model.context or CONTEXT} | known(max_tokens=model.output)
