"""Aider: `.aider.conf.yml` and `.aider.model.metadata.json`, in the home, the repository or where it runs (checked
against 0.86.2).

It has one base URL, and its key is OPENAI_API_KEY: the gateway's token, the only credential.
Source: aider/args.py and aider/models.py of that version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.clients.endpoints import endpoints
from gatewright.clients.files import ClientFile
from gatewright.clients.variables import credential, holding
from gatewright.environment.abilities import Abilities
from gatewright.environment.references import OwnName
from gatewright.errors import InvalidEnvironmentError
from gatewright.facts.slugs import Api

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.clients.endpoints import Endpoint
    from gatewright.clients.facts import Listed
    from gatewright.clients.variables import Variable
    from gatewright.environment.references import ModelName, RouteName
    from gatewright.environment.resolved import Client, Environment

ABILITIES = Abilities(
    title="Aider",
    fallbacks=False,
    small=True,
    own=False,
    needs_model=True,
    speaks=(Api.CHAT,),
    via=frozenset({"gateway", "provider"}),
    keys=frozenset({"stored"}),
)

_MILLION = 1_000_000


def files(environment: Environment, client: Client) -> list[ClientFile]:
    """The settings of Aider, and what it should know of the models at its one base URL.

    Raises InvalidEnvironmentError where its two models have two base URLs.
    """
    reached = endpoints(environment, client)
    primary = _primary(client)
    endpoint, model = reached.find(primary)
    settings: dict[str, Any] = {"model": _called(model), "openai-api-base": endpoint.access.url}
    if client.small is not None and not isinstance(client.small, OwnName):
        other, small = reached.find(client.small)
        if other.id != endpoint.id:
            raise InvalidEnvironmentError(
                f"clients.aider.small: Aider has one base URL, and {client.small} has another one than {primary}",
                hint="Name a model of the same provider, or one behind the gateway's shared endpoint",
            )
        settings["weak-model"] = _called(small)
    return [
        ClientFile("aider/.aider.conf.yml", settings, schema="aider"),
        ClientFile("aider/.aider.model.metadata.json", _metadata(endpoint), schema="aider-model-metadata"),
    ]


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
    return {_called(model): _facts(model) for model in endpoint.models}


def _facts(model: Listed) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "litellm_provider": "openai",
        "mode": "chat",
        "input_cost_per_token": model.cost.input / _MILLION,
        "output_cost_per_token": model.cost.output / _MILLION,
        "supports_vision": "image" in model.input,
    }
    if model.context is not None:
        facts["max_input_tokens"] = model.context
    if model.output is not None:
        facts["max_output_tokens"] = model.output
    return facts
