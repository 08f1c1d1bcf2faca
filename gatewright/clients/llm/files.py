"""llm's list of models, named <provider>/<id>."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from gatewright.clients.common.client_file import ClientFile
from gatewright.clients.common.endpoints import Endpoint, find_endpoints
from gatewright.clients.common.model_info import ListedModel
from gatewright.clients.common.variables import Variable, secret_variable
from gatewright.environment.references import Name
from gatewright.environment.resolved import Client, Environment

_KINDS = {"image": "vision", "audio": "audio"}


def files(environment: Environment, client: Client) -> list[ClientFile]:
    """The one file."""
    endpoints = find_endpoints(environment, client)
    aliases: dict[str, list[str]] = {}
    for alias, name, role in _aliases(client):
        aliases.setdefault(endpoints.reference(name, role), []).append(alias)
    models = [
        _model(client, endpoint, model, aliases.get(f"{endpoint.id}/{model.id}", ()))
        for endpoint in endpoints.entries
        for model in endpoint.models
    ]
    return [ClientFile("llm/extra-openai-models.yaml", models, schema="llm")]


def _aliases(client: Client) -> Iterator[tuple[str, Name, str]]:
    if client.primary is not None:
        yield client.provider, client.primary, ""
    for name, agent in client.agents.items():
        yield f"{client.provider}-{name}", agent.primary, name


def variables(environment: Environment, client: Client) -> Iterator[Variable]:
    """The one key, by llm's name where none is stored. Several keys can only be stored in llm's `keys.json`."""
    credentials = {endpoint.access.credential for endpoint in find_endpoints(environment, client).entries} - {None}
    if len(credentials) == 1:
        yield secret_variable(environment, client, str(credentials.pop()), "OPENAI_API_KEY")


def _model(client: Client, endpoint: Endpoint, model: ListedModel, aliases: Sequence[str]) -> dict[str, Any]:
    entry: dict[str, Any] = {"model_id": f"{endpoint.id}/{model.id}"}
    if aliases:
        entry["aliases"] = aliases
    entry |= {"model_name": model.id, "api_base": endpoint.access.url}
    if (credential := endpoint.access.credential) is not None:
        entry["api_key_name"] = client.provider if credential == client.variable else endpoint.id
    entry |= {"can_stream": True, "supports_tools": True}
    entry |= {setting: True for kind, setting in _KINDS.items() if kind in model.input}
    if model.reasoning:
        entry["reasoning"] = True
    if header := endpoint.access.fixed_headers:
        entry["headers"] = header
    return entry
