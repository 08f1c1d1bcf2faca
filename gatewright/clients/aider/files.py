"""Aider's settings, and the facts about the models behind its one base URL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gatewright.clients.common.client_file import ClientFile
from gatewright.clients.common.endpoints import find_endpoints, first_model
from gatewright.clients.common.model_entries import litellm_entry
from gatewright.clients.common.model_info import ListedModel
from gatewright.clients.common.variables import Variable, secret_variable
from gatewright.environment.references import OwnName
from gatewright.environment.resolved import Client, Environment

EDITOR = "editor"


def files(environment: Environment, client: Client) -> list[ClientFile]:
    """The settings, the models' metadata, and a header for all models where the endpoint needs one."""
    endpoints = find_endpoints(environment, client)
    endpoint, model = endpoints.find(first_model(client))
    settings: dict[str, Any] = {"model": _model_name(model), "openai-api-base": endpoint.access.url}
    if client.small is not None and not isinstance(client.small, OwnName):
        settings["weak-model"] = _model_name(endpoints.find(client.small)[1])
    agents = {
        name: _model_name(endpoints.find(agent.primary)[1])
        for name, agent in client.agents.items()
        if not isinstance(agent.primary, OwnName)
    }
    if EDITOR in agents:
        settings["editor-model"] = agents[EDITOR]
    if agents:
        settings["alias"] = [f"{name}:{model_name}" for name, model_name in agents.items()]
    metadata = {_model_name(model): {"litellm_provider": "openai", **litellm_entry(model)} for model in endpoint.models}
    result = [
        ClientFile("aider/.aider.conf.yml", settings, schema="aider"),
        ClientFile("aider/.aider.model.metadata.json", metadata, schema="aider-model-metadata"),
    ]
    if header := endpoint.access.fixed_headers:
        content = [{"name": "aider/extra_params", "extra_params": {"extra_headers": header}}]  # applies to any model
        result.append(ClientFile("aider/.aider.model.settings.yml", content, schema="aider-model-settings"))
    return result


def variables(environment: Environment, client: Client) -> Iterator[Variable]:
    """The one key, by Aider's name for it."""
    credential = find_endpoints(environment, client).find(first_model(client))[0].access.credential
    if credential is not None:
        yield secret_variable(environment, client, credential, "OPENAI_API_KEY")


def _model_name(model: ListedModel) -> str:
    return f"openai/{model.id}"  # the part before the slash is the API of the endpoint
