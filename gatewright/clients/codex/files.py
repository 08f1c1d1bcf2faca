"""Codex's profiles: a file for each, with the provider and the model."""

from __future__ import annotations

from typing import Any

from gatewright.clients.common.client_file import ClientFile
from gatewright.clients.common.endpoints import TOKEN_HEADER, Access, Endpoints, find_endpoints, first_model
from gatewright.clients.common.helper import asks_command, helper_arguments
from gatewright.clients.common.model_entries import known
from gatewright.clients.common.variables import variables_as_headers
from gatewright.environment.references import ModelName, RouteName, bearer_variable
from gatewright.environment.resolved import Client, Environment

variables = variables_as_headers
_TIMEOUT = 30_000  # milliseconds; Codex's 5,000 may be too short for a stack that is opened


def files(environment: Environment, client: Client) -> list[ClientFile]:
    """A file for each profile; without a primary, the first model listed."""
    endpoints = find_endpoints(environment, client)
    name = f"Cloudflare AI Gateway {environment.gateway_name}"
    providers = {entry.id: _provider(name, environment, client, entry.access) for entry in endpoints.entries}
    profiles = {client.provider: ("", first_model(client))}
    for role, agent in client.agents.items():
        if isinstance(agent.primary, ModelName):
            profiles[f"{client.provider}-{role}"] = (role, agent.primary)
    return [
        ClientFile(
            f"codex/{profile}.config.toml", {**_choice(endpoints, *choice), "model_providers": providers}, "codex"
        )
        for profile, choice in profiles.items()
    ]


def _choice(endpoints: Endpoints, role: str, name: ModelName | RouteName) -> dict[str, Any]:
    endpoint, model = endpoints.find(name, role)
    return {"model": model.id, "model_provider": endpoint.id, **known(model_context_window=model.context)}


def _provider(name: str, environment: Environment, client: Client, access: Access) -> dict[str, Any]:
    if asks_command(client, access):
        command, *arguments = helper_arguments(environment, client)
        credentials: dict[str, Any] = {"auth": {"command": command, "args": arguments, "timeout_ms": _TIMEOUT}}
        if headers := access.fixed_headers:
            credentials["http_headers"] = headers
        if access.service_headers:
            credentials["env_http_headers"] = access.service_headers
    else:
        credentials = _credentials(access)
    return {"name": name, "base_url": access.url, "wire_api": "responses", **credentials}


def _credentials(access: Access) -> dict[str, Any]:
    """Without a provider's key, the token is the key. Beside one it is a header, whose variable holds the whole value,
    because Codex adds no prefix."""
    key = access.credential
    if key is None:
        return {"env_http_headers": access.service_headers} if access.service_headers else {}
    credentials: dict[str, Any] = {"env_key": key, "env_key_instructions": f"export {key}=…"}
    if header := access.fixed_headers:
        credentials["http_headers"] = header
    from_variables = access.service_headers
    if access.authorization and access.gateway_authorization:
        from_variables = {TOKEN_HEADER: bearer_variable(access.gateway_authorization), **from_variables}
    if from_variables:
        credentials["env_http_headers"] = from_variables
    return credentials
