"""Continue's config.yaml: its models with their roles."""

from __future__ import annotations

from typing import Any

from gatewright.clients.common.client_file import ClientFile
from gatewright.clients.common.endpoints import Access, find_endpoints
from gatewright.clients.common.model_entries import known
from gatewright.clients.common.model_info import ListedModel
from gatewright.clients.common.variables import BEARER, variables_in_file
from gatewright.environment.references import ModelName, RouteName
from gatewright.environment.resolved import Client, Environment
from gatewright.facts.slugs import Api

variables = variables_in_file
_MAX_BUFFER = 15_000  # tokens
_PROVIDERS = {Api.CHAT: "openai", Api.MESSAGES: "anthropic"}
_CHAT_ROLES = ["chat", "edit", "apply"]


def files(environment: Environment, client: Client) -> list[ClientFile]:
    """The one file; the first of its models is the default."""
    endpoints = find_endpoints(environment, client)
    models: dict[tuple[str, str], dict[str, Any]] = {}
    for name in sorted(client.models, key=lambda name: name != client.primary):
        endpoint, model = endpoints.find(name)
        key = (endpoint.access.url, model.id)
        models.setdefault(key, _model(client, endpoint.access, model, _roles(client, name)))
    content = {"name": client.provider, "version": "1.0.0", "schema": "v1", "models": [*models.values()]}
    return [ClientFile("continue/config.yaml", content, schema="continue")]


def _roles(client: Client, name: ModelName | RouteName) -> list[str]:
    """The usual roles, except those for which another model was chosen."""
    usual = [role for role in _CHAT_ROLES if role not in client.agents]
    return usual + [role for role, agent in client.agents.items() if agent.primary == name]


def _model(client: Client, access: Access, model: ListedModel, roles: list[str]) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "name": f"{model.name} ({client.provider})",
        "provider": _PROVIDERS[access.api],
        "model": model.id,
        "apiBase": access.url if access.api is Api.CHAT else f"{access.url}/v1/",
    }
    if access.credential:
        entry["apiKey"] = _secret(access.credential)
    if headers := access.headers(lambda token: BEARER + _secret(token), token_is_key=True):
        entry["requestOptions"] = {"headers": headers}
    entry["roles"] = roles
    if "image" in model.input:
        entry["capabilities"] = ["tool_use", "image_input"]
    if options := known(contextLength=model.context, maxTokens=_max_tokens(model)):
        entry["defaultCompletionOptions"] = options
    return entry


def _max_tokens(model: ListedModel) -> int | None:
    """The model's output, or a third of the context where the conversation would not have half of it.

    Continue 1.5.47 keeps the output and a buffer free, as much again, at most 15,000 tokens; it refuses to ask where
    they fill the context, and compacts the conversation where little is left.
    """
    if model.context is None or model.output is None:
        return model.output
    free = model.output + min(model.output, _MAX_BUFFER)
    return model.output if free <= model.context // 2 else min(model.output, max(model.context // 3, 1))


def _secret(variable: str) -> str:
    return f"${{{{ secrets.{variable} }}}}"
