"""opencode.json: providers with their models, the default model, the model for titles, and the agents' models; and a
plugin that asks a command for the token."""

from __future__ import annotations

from typing import Any

from gatewright.clients.common.client_file import ClientFile
from gatewright.clients.common.endpoints import Access, Endpoint, find_endpoints
from gatewright.clients.common.helper import asks_command, reads_file, token_file
from gatewright.clients.common.model_info import ListedModel
from gatewright.clients.common.variables import BEARER, variables_in_file
from gatewright.clients.opencode.plugin import plugin_files
from gatewright.environment.resolved import Client, Environment
from gatewright.facts.slugs import Api

variables = variables_in_file
SCHEMA_URL = "https://opencode.ai/config.json"
_PACKAGES = {Api.CHAT: "@ai-sdk/openai-compatible", Api.MESSAGES: "@ai-sdk/anthropic"}  # bundled with the program
_DEFAULT_OUTPUT = 32_000  # tokens that it asks for if the model has no limit


def files(environment: Environment, client: Client) -> list[ClientFile]:
    """opencode.json, then the plugin if the client asks a command."""
    endpoints = find_endpoints(environment, client)
    content: dict[str, Any] = {
        "$schema": SCHEMA_URL,
        "provider": {endpoint.id: _provider(client, endpoint) for endpoint in endpoints.entries},
    }
    if client.primary is not None:
        content["model"] = endpoints.reference(client.primary)
    if client.small is not None:
        content["small_model"] = endpoints.reference(client.small)
    if client.agents:
        content["agent"] = {
            name: {"model": endpoints.reference(agent.primary, name)} for name, agent in client.agents.items()
        }
    opencode = ClientFile("opencode.json", content, schema="opencode")
    return [opencode, *plugin_files(environment, client, endpoints)]


def _provider(client: Client, endpoint: Endpoint) -> dict[str, Any]:
    return {
        "npm": _PACKAGES[endpoint.access.api],
        "name": endpoint.id,
        "options": _options(client, endpoint.access),
        "models": {model.id: _model(model) for model in endpoint.models},
    }


def _options(client: Client, access: Access) -> dict[str, Any]:
    """Without apiKey, OpenCode sends no Authorization."""
    base = access.url if access.api is Api.CHAT else f"{access.url}/v1"  # its Anthropic client appends /messages only

    def reference(variable: str) -> str:
        return f"{{file:{token_file(client)}}}" if reads_file(client, access) else _env(variable)

    options: dict[str, Any] = {"baseURL": base}
    if asks_command(client, access):
        headers = access.service_headers | access.fixed_headers
        return {**options, "headers": headers} if headers else options
    if access.authorization:
        options["apiKey"] = reference(access.authorization)
    headers = access.headers(lambda token: BEARER + reference(token))
    return {**options, "headers": headers} if headers else options


def _model(model: ListedModel) -> dict[str, Any]:
    cost = model.cost
    entry: dict[str, Any] = {
        "name": model.name,
        "reasoning": model.reasoning,
        "attachment": "image" in model.input,
        "modalities": {"input": list(model.input), "output": ["text"]},
        "cost": {
            "input": cost.input,
            "output": cost.output,
            "cache_read": cost.cache_read,
            "cache_write": cost.cache_write,
        },
    }
    if model.context is not None:  # OpenCode refuses one limit without the other
        output = min(model.context, _DEFAULT_OUTPUT) if model.output is None else model.output
        entry["limit"] = {"context": model.context, "output": output}
    return entry


def _env(variable: str) -> str:
    return f"{{env:{variable}}}"
