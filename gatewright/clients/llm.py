"""llm: `extra-openai-models.yaml` in `$LLM_USER_PATH` (checked against 0.36).

The file takes no reference to a variable: the key is the one kept by `llm keys set <provider>`, else OPENAI_API_KEY.
With stored keys it is the gateway's token, and the only credential.
Source: llm/default_plugins/openai_models.py of that version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.clients.endpoints import endpoints
from gatewright.clients.files import ClientFile
from gatewright.clients.variables import credential, holding
from gatewright.environment.abilities import Abilities
from gatewright.facts.slugs import Api

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.clients.endpoints import Endpoint
    from gatewright.clients.facts import Listed
    from gatewright.clients.variables import Variable
    from gatewright.environment.resolved import Client, Environment

ABILITIES = Abilities(
    title="llm",
    fallbacks=False,
    own=False,
    speaks=(Api.CHAT,),
    via=frozenset({"gateway", "provider", "rest"}),
    keys=frozenset({"stored"}),
)


def files(environment: Environment, client: Client) -> list[ClientFile]:
    """The one file of llm: its models, called <provider>/<id>."""
    reached = endpoints(environment, client)
    models = [_model(endpoint, model, client.provider) for endpoint in reached.entries for model in endpoint.models]
    return [ClientFile("llm/extra-openai-models.yaml", models, schema="llm")]


def variables(environment: Environment, client: Client) -> Iterator[Variable]:
    """The token, by the name that llm knows where no key of its own is kept."""
    for endpoint in endpoints(environment, client).entries:
        plain = credential(endpoint.access)
        if plain is not None:
            yield holding(environment, client, plain, "OPENAI_API_KEY")


def _model(endpoint: Endpoint, model: Listed, key: str) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "model_id": f"{endpoint.id}/{model.id}",
        "model_name": model.id,
        "api_base": endpoint.access.url,
        "api_key_name": key,
        "can_stream": True,
        "supports_tools": True,
    }
    if "image" in model.input:
        entry["vision"] = True
    if endpoint.access.gateway_id:
        entry["headers"] = {"cf-aig-gateway-id": endpoint.access.gateway_id}
    return entry
