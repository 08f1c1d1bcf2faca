"""settings.json: providers with their models, and the agent's default model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gatewright.clients.common.client_file import ClientFile
from gatewright.clients.common.endpoints import Endpoint, find_endpoints
from gatewright.clients.common.model_entries import known
from gatewright.clients.common.model_info import ListedModel
from gatewright.clients.common.variables import Variable, secret_variable
from gatewright.clients.zed import CONTEXT
from gatewright.environment.references import OwnName
from gatewright.environment.resolved import Client, Environment

_WORDS = re.compile(r"[a-z]+|[0-9]+")


def files(environment: Environment, client: Client) -> list[ClientFile]:
    """The one file."""
    endpoints = find_endpoints(environment, client)
    providers = {endpoint.id: _provider(endpoint) for endpoint in endpoints.entries}
    content: dict[str, Any] = {"language_models": {"openai_compatible": providers}}
    if client.primary is not None and not isinstance(client.primary, OwnName):
        endpoint, model = endpoints.find(client.primary)
        content["agent"] = {"default_model": {"provider": endpoint.id, "model": model.id}}
    return [ClientFile("zed/settings.json", content, schema="zed")]


def variables(environment: Environment, client: Client) -> Iterator[Variable]:
    """A variable for each provider, by Zed's name: AGENTS_PROD_API_KEY."""
    for endpoint in find_endpoints(environment, client).entries:
        if (credential := endpoint.access.credential) is not None:
            name = "_".join([*_WORDS.findall(endpoint.id), "API", "KEY"]).upper()
            yield secret_variable(environment, client, credential, name)


def _provider(endpoint: Endpoint) -> dict[str, Any]:
    provider: dict[str, Any] = {
        "api_url": endpoint.access.url,
        "available_models": [_model(model) for model in endpoint.models],
    }
    headers = endpoint.access.fixed_headers
    return {**provider, "custom_headers": headers} if headers else provider


def _model(model: ListedModel) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "name": model.id,
        "display_name": model.name,
        "max_tokens": model.context or CONTEXT,
        "capabilities": {
            "tools": True,
            "images": "image" in model.input,
            "parallel_tool_calls": False,
            "prompt_cache_key": False,
        },
    }
    return entry | known(max_output_tokens=model.output)
