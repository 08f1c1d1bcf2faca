"""llm: `extra-openai-models.yaml` in `$LLM_USER_PATH` (checked against 0.36).

The file takes no reference to a variable: the key is the one kept by `llm keys set <name>`, else OPENAI_API_KEY. With
stored keys it is the gateway's token, and the only credential; its name is the client's `provider`. The first choice
has the alias <provider>, a role the alias <provider>-<role>.
Source: llm/default_plugins/openai_models.py of that version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.clients.client_file import ClientFile
from gatewright.clients.endpoints import endpoints
from gatewright.clients.variables import credential, holding
from gatewright.environment.capabilities import Agents, ClientCapabilities
from gatewright.facts.slugs import Api

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatewright.clients.endpoints import Endpoint
    from gatewright.clients.model_info import Listed
    from gatewright.clients.variables import Variable
    from gatewright.environment.references import Name
    from gatewright.environment.resolved import Client, Environment

CAPABILITIES = ClientCapabilities(
    title="llm",
    checked="0.36",
    oldest="0.36",
    fallbacks=False,
    own=False,
    agents=Agents("aliases"),
    two_credentials=False,
    speaks=(Api.CHAT,),
)

_KINDS = {"image": "vision", "audio": "audio"}


def files(environment: Environment, client: Client) -> list[ClientFile]:
    """The one file of llm: its models, called <provider>/<id>."""
    reached = endpoints(environment, client)
    aliases: dict[str, list[str]] = {}
    for alias, name in _aliases(client):
        aliases.setdefault(reached.reference(name), []).append(alias)
    models = [_model(client, endpoint, model, aliases) for endpoint in reached.entries for model in endpoint.models]
    return [ClientFile("llm/extra-openai-models.yaml", models, schema="llm")]


def _aliases(client: Client) -> Iterator[tuple[str, Name]]:
    if client.primary is not None:
        yield client.provider, client.primary
    for name, agent in client.agents.items():
        yield f"{client.provider}-{name}", agent.primary


def variables(environment: Environment, client: Client) -> Iterator[Variable]:
    """The one key, by the name that llm knows where none is kept; several have no place but its own `keys.json`."""
    plain = {credential(endpoint.access) for endpoint in endpoints(environment, client).entries} - {None}
    if len(plain) == 1:
        yield holding(environment, client, str(plain.pop()), "OPENAI_API_KEY")


def _model(client: Client, endpoint: Endpoint, model: Listed, aliases: Mapping[str, list[str]]) -> dict[str, Any]:
    model_id = f"{endpoint.id}/{model.id}"
    entry: dict[str, Any] = {"model_id": model_id}
    if model_id in aliases:
        entry["aliases"] = aliases[model_id]
    entry |= {"model_name": model.id, "api_base": endpoint.access.url}
    if (plain := credential(endpoint.access)) is not None:
        entry["api_key_name"] = client.provider if plain == client.variable else endpoint.id
    entry |= {"can_stream": True, "supports_tools": True}
    for kind, setting in _KINDS.items():
        if kind in model.input:
            entry[setting] = True
    if model.reasoning:
        entry["reasoning"] = True
    if endpoint.access.gateway_id:
        entry["headers"] = {"cf-aig-gateway-id": endpoint.access.gateway_id}
    return entry
