"""Aider: `.aider.conf.yml` and what lies beside it, in the home, the repository or where it runs (checked against
0.86.2).

It has one base URL, and its key is OPENAI_API_KEY: the gateway's token, or, without the gateway, the provider's key. A
role is an alias (`--model coder`); the one called editor is its editor model too.
Source: aider/args.py and aider/models.py of that version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.clients.client_file import ClientFile
from gatewright.clients.endpoints import at_one_address, endpoints
from gatewright.clients.litellm_model_info import model_info
from gatewright.clients.variables import credential, holding
from gatewright.environment.capabilities import Agents, ClientCapabilities, Refusal
from gatewright.environment.references import OwnName
from gatewright.facts.slugs import Api

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.clients.endpoints import Endpoint
    from gatewright.clients.model_info import Listed
    from gatewright.clients.variables import Variable
    from gatewright.environment.references import ModelName, RouteName
    from gatewright.environment.resolved import Client, Environment


def _refuses(environment: Environment, client: Client) -> Iterator[Refusal]:
    agents = [(f"agents.{name}", each.primary) for name, each in client.agents.items()]
    chosen = [("primary", _primary(client)), ("small", client.small), *agents]
    return at_one_address(environment, client, chosen)


CAPABILITIES = ClientCapabilities(
    title="Aider",
    checked="0.86.2",
    oldest="0.86",
    fallbacks=False,
    small=True,
    own=False,
    agents=Agents("aliases"),
    two_credentials=False,
    speaks=(Api.CHAT,),
    refuses=_refuses,
)

EDITOR = "editor"


def files(environment: Environment, client: Client) -> list[ClientFile]:
    """The settings of Aider, and what it should know of the models at its one base URL."""
    reached = endpoints(environment, client)
    endpoint, model = reached.find(_primary(client))
    settings: dict[str, Any] = {"model": _called(model), "openai-api-base": endpoint.access.url}
    if client.small is not None and not isinstance(client.small, OwnName):
        settings["weak-model"] = _called(reached.find(client.small)[1])
    agents = {
        name: _called(reached.find(each.primary)[1])
        for name, each in client.agents.items()
        if not isinstance(each.primary, OwnName)
    }
    if EDITOR in agents:
        settings["editor-model"] = agents[EDITOR]
    if agents:
        settings["alias"] = [f"{name}:{called}" for name, called in agents.items()]
    made = [
        ClientFile("aider/.aider.conf.yml", settings, schema="aider"),
        ClientFile("aider/.aider.model.metadata.json", _metadata(endpoint), schema="aider-model-metadata"),
    ]
    if endpoint.access.gateway_id:
        headers = {"extra_headers": {"cf-aig-gateway-id": endpoint.access.gateway_id}}
        content = [{"name": "aider/extra_params", "extra_params": headers}]  # the name that stands for any model
        made.append(ClientFile("aider/.aider.model.settings.yml", content, schema="aider-model-settings"))
    return made


def variables(environment: Environment, client: Client) -> Iterator[Variable]:
    """Its one key, by the name that Aider knows."""
    plain = credential(endpoints(environment, client).find(_primary(client))[0].access)
    if plain is not None:
        yield holding(environment, client, plain, "OPENAI_API_KEY")


def _primary(client: Client) -> ModelName | RouteName:
    return client.models[0] if client.primary is None or isinstance(client.primary, OwnName) else client.primary


def _called(model: Listed) -> str:
    return f"openai/{model.id}"  # the part before the slash says what the endpoint speaks


def _metadata(endpoint: Endpoint) -> dict[str, Any]:
    return {_called(model): {"litellm_provider": "openai", **model_info(model)} for model in endpoint.models}
