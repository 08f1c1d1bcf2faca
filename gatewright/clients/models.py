"""models.json: what there is, for own programs: each endpoint, what it speaks, its credential, its models.

The format is gatewright's own; schemas/clients/models.schema.json describes it.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from gatewright.clients.client_file import ClientFile
from gatewright.clients.endpoints import endpoints
from gatewright.environment.capabilities import Agents, ClientCapabilities
from gatewright.facts.slugs import Api

if TYPE_CHECKING:
    from gatewright.clients.endpoints import Endpoint
    from gatewright.environment.resolved import Client, Environment

CAPABILITIES = ClientCapabilities(title="models.json", small=True, own=False, agents=Agents("agents", fallbacks=True))


def files(environment: Environment, client: Client) -> list[ClientFile]:
    """The one file; a model is called <endpoint>/<id> in `primary`, `fallbacks`, `small` and `agents`."""
    reached = endpoints(environment, client)
    content: dict[str, Any] = {
        "environment": environment.name,
        "account": environment.account,
        "gateway": environment.gateway_name,
    }
    if client.primary is not None:
        content["primary"] = reached.reference(client.primary)
        content["fallbacks"] = [reached.reference(name) for name in client.fallbacks]
    if client.small is not None:
        content["small"] = reached.reference(client.small)
    if client.agents:
        content["agents"] = {
            name: {
                "primary": reached.reference(agent.primary),
                "fallbacks": [reached.reference(each) for each in agent.fallbacks],
            }
            for name, agent in client.agents.items()
        }
    content["endpoints"] = [_endpoint(endpoint) for endpoint in reached.entries]
    return [ClientFile("models.json", content, schema="models")]


def _endpoint(endpoint: Endpoint) -> dict[str, Any]:
    """Headers as they are sent, with ${NAME} for what a variable holds; Anthropic's own key has one of its own."""
    access = endpoint.access
    headers = {}
    if access.authorization and access.api is Api.MESSAGES:
        headers["x-api-key"] = f"${{{access.authorization}}}"
    elif access.authorization:
        headers["authorization"] = f"Bearer ${{{access.authorization}}}"
    if access.gateway_authorization:
        headers["cf-aig-authorization"] = f"Bearer ${{{access.gateway_authorization}}}"
    if access.gateway_id:
        headers["cf-aig-gateway-id"] = access.gateway_id
    return {
        "id": endpoint.id,
        "url": access.url,
        "api": str(access.api),
        "headers": headers,
        "models": [_present(asdict(model)) for model in endpoint.models],
    }


def _present(facts: dict[str, Any]) -> dict[str, Any]:
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in facts.items() if value is not None
    }
