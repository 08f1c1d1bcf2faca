"""Codex CLI: `$CODEX_HOME/<name>.config.toml`, which `codex -p <name>` lays over the user's own (checked against
0.169.0). Each role of `agents` is a profile of its own, `codex -p <name>-<role>`.

Codex speaks OpenAI's responses alone: it reaches OpenAI's own endpoint, behind the gateway or without it, or
Cloudflare's REST form, and no route. Source: `codex exec --strict-config` of that version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.clients.client_file import ClientFile
from gatewright.clients.endpoints import endpoints, taken_entries
from gatewright.clients.variables import as_header_values
from gatewright.environment.capabilities import Agents, ClientCapabilities
from gatewright.environment.references import ModelName, bearer_variable
from gatewright.facts.built_in_providers import BUILT_IN_PROVIDERS
from gatewright.facts.slugs import Api

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.clients.endpoints import Access, Endpoint, Endpoints
    from gatewright.clients.variables import Variable
    from gatewright.environment.references import RouteName
    from gatewright.environment.resolved import Client, Environment

CAPABILITIES = ClientCapabilities(
    title="Codex",
    checked="0.169.0",
    oldest="0.169",
    routes=False,
    fallbacks=False,
    own=False,
    agents=Agents("profiles"),
    speaks=(Api.RESPONSES,),
    via=frozenset({"provider", "rest", "direct"}),
    built_in_providers=BUILT_IN_PROVIDERS["codex"],
    assumes={"context": "takes 272,000 tokens of context for granted"},
    refuses=taken_entries,
)


def files(environment: Environment, client: Client) -> list[ClientFile]:
    """A file for each profile: its provider and its model; the first choice is by default the first in reach."""
    reached = endpoints(environment, client)
    providers = {entry.id: _provider(environment, entry) for entry in reached.entries}
    first = client.primary if isinstance(client.primary, ModelName) else client.models[0]
    profiles = {client.provider: first}
    for name, agent in client.agents.items():
        if isinstance(agent.primary, ModelName):
            profiles[f"{client.provider}-{name}"] = agent.primary
    return [
        ClientFile(f"codex/{profile}.config.toml", {**_choice(reached, name), "model_providers": providers}, "codex")
        for profile, name in profiles.items()
    ]


def _choice(reached: Endpoints, name: ModelName | RouteName) -> dict[str, Any]:
    endpoint, model = reached.find(name)
    choice: dict[str, Any] = {"model": model.id, "model_provider": endpoint.id}
    if model.context is not None:
        choice["model_context_window"] = model.context
    return choice


def variables(environment: Environment, client: Client) -> Iterator[Variable]:
    """Those that the file names."""
    return as_header_values(environment, client)


def _provider(environment: Environment, endpoint: Endpoint) -> dict[str, Any]:
    access = endpoint.access
    provider: dict[str, Any] = {
        "name": f"Cloudflare AI Gateway {environment.gateway_name}",
        "base_url": access.url,
        "wire_api": "responses",
    }
    return provider | _credentials(access)


def _credentials(access: Access) -> dict[str, Any]:
    """The token alone is the key: Cloudflare takes it for itself. Beside a provider's key it is a header, whose
    variable holds all of its value: Codex puts nothing before it."""
    key = access.authorization or access.gateway_authorization
    if key is None:
        return {}
    credentials: dict[str, Any] = {"env_key": key, "env_key_instructions": f"export {key}=…"}
    if access.gateway_id:
        credentials["http_headers"] = {"cf-aig-gateway-id": access.gateway_id}
    if access.authorization and access.gateway_authorization:
        credentials["env_http_headers"] = {"cf-aig-authorization": bearer_variable(access.gateway_authorization)}
    return credentials
