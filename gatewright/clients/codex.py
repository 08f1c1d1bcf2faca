"""Codex CLI: `$CODEX_HOME/<name>.config.toml`, which `codex -p <name>` lays over the user's own (checked against
0.169.0).

Codex speaks OpenAI's responses alone: it reaches OpenAI's own endpoint behind the gateway, or Cloudflare's REST form,
and no route. Source: `codex exec --strict-config` of that version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.clients.endpoints import bearer_variable, endpoints
from gatewright.clients.files import ClientFile
from gatewright.clients.variables import as_header_values
from gatewright.environment.abilities import Abilities
from gatewright.environment.references import ModelName
from gatewright.errors import InvalidEnvironmentError
from gatewright.facts.slugs import Api

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.clients.endpoints import Access, Endpoint
    from gatewright.clients.variables import Variable
    from gatewright.environment.resolved import Client, Environment

ABILITIES = Abilities(
    title="Codex",
    routes=False,
    fallbacks=False,
    own=False,
    needs_model=True,
    speaks=(Api.RESPONSES,),
    via=frozenset({"provider", "rest"}),
)

RESERVED = ("openai", "ollama", "lmstudio", "oss", "amazon-bedrock")


def files(environment: Environment, client: Client) -> list[ClientFile]:
    """The one file of Codex: its provider and its model, by default the first that it can reach.

    Raises InvalidEnvironmentError where its provider's id is one of Codex's own.
    """
    if client.provider in RESERVED:
        raise InvalidEnvironmentError(
            f"clients.codex.provider: Codex keeps the name {client.provider} for itself", hint="Choose another name"
        )
    reached = endpoints(environment, client)
    chosen = client.primary if isinstance(client.primary, ModelName) else client.models[0]
    endpoint, model = reached.find(chosen)
    content: dict[str, Any] = {"model": model.id, "model_provider": endpoint.id}
    if model.context is not None:
        content["model_context_window"] = model.context
    content["model_providers"] = {entry.id: _provider(environment, entry) for entry in reached.entries}
    return [ClientFile(f"codex/{client.provider}.config.toml", content, schema="codex")]


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
