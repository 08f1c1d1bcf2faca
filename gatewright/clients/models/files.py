"""models.json."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from gatewright.clients.common.client_file import ClientFile
from gatewright.clients.common.endpoints import Access, Endpoint, find_endpoints
from gatewright.clients.common.variables import bearer_reference, reference, variables_in_file
from gatewright.environment.resolved import Client, Environment
from gatewright.facts.slugs import Api

variables = variables_in_file


def files(environment: Environment, client: Client) -> list[ClientFile]:
    """The one file; a model is called <endpoint>/<id> in `primary`, `fallbacks`, `small` and `agents`."""
    endpoints = find_endpoints(environment, client)
    content: dict[str, Any] = {
        "environment": environment.name,
        "account": environment.account,
        "gateway": environment.gateway_name,
    }
    if client.primary is not None:
        content["primary"] = endpoints.reference(client.primary)
        content["fallbacks"] = [endpoints.reference(name) for name in client.fallbacks]
    if client.small is not None:
        content["small"] = endpoints.reference(client.small)
    if client.agents:
        content["agents"] = {
            role: {
                "primary": endpoints.reference(agent.primary, role),
                "fallbacks": [endpoints.reference(name, role) for name in agent.fallbacks],
            }
            for role, agent in client.agents.items()
        }
    content["endpoints"] = [_endpoint(endpoint) for endpoint in endpoints.entries]
    return [ClientFile("models.json", content, schema="models")]


def _endpoint(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "id": endpoint.id,
        "url": endpoint.access.url,
        "api": str(endpoint.access.api),
        "headers": _headers(endpoint.access),
        "models": [_present(asdict(model)) for model in endpoint.models],
    }


def _headers(access: Access) -> dict[str, str]:
    """The headers as they are sent, with ${NAME} for a variable. Anthropic has a header of its own for the key."""
    headers = {}
    if access.authorization and access.api is Api.MESSAGES:
        headers["x-api-key"] = reference(access.authorization)
    elif access.authorization:
        headers["authorization"] = bearer_reference(access.authorization)
    return headers | access.headers(bearer_reference)


def _present(facts: dict[str, Any]) -> dict[str, Any]:
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in facts.items() if value is not None
    }
