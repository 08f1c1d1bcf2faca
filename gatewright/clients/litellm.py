"""LiteLLM's proxy: `litellm --config <file>` (checked against 1.106.2).

Programs call a model there as it is called here: groq/llama-3.1-8b, dynamic/fast; the first choice is also `default`,
and a role is called by its name. It sends no request without a key, so with stored keys the gateway's token is the key,
and the only credential. A header's variable holds all of its value.
LiteLLM takes unknown settings and fallbacks that do not exist without a word; here they are checked.
Source: `litellm --validate_config` and the proxy's loader of that version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.clients.client_file import ClientFile
from gatewright.clients.endpoints import endpoints
from gatewright.clients.litellm_model_info import model_info
from gatewright.clients.variables import as_header_values, users_own
from gatewright.environment.capabilities import Agents, ClientCapabilities
from gatewright.environment.references import ModelName, OwnName, bearer_variable
from gatewright.facts.slugs import Api

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.clients.endpoints import Access
    from gatewright.clients.model_info import Listed
    from gatewright.clients.variables import Variable
    from gatewright.environment.quantities import Quantity
    from gatewright.environment.references import RouteName
    from gatewright.environment.resolved import Client, Environment

CAPABILITIES = ClientCapabilities(
    title="LiteLLM",
    checked="1.106.2",
    oldest="1.106",
    own=False,
    agents=Agents("model groups", reserved=frozenset({"default"}), fallbacks=True),
)

MASTER_KEY = "LITELLM_MASTER_KEY"
_DIALECTS = {Api.CHAT: "openai", Api.MESSAGES: "anthropic"}
_MINUTE = 60
_PER_MINUTE = {"requests": "rpm", "tokens": "tpm"}


def files(environment: Environment, client: Client) -> list[ClientFile]:
    """The one file of the proxy: its models, the fallbacks, and a key of its own: without one it is open to anyone."""
    reached = endpoints(environment, client)
    models = []
    for name in client.models:
        endpoint, model = reached.find(name)
        models.append(_deployment(environment, name, endpoint.access, model))
    for group, agent in client.agents.items():
        if agent.fallbacks and not isinstance(agent.primary, OwnName):  # an alias would take its model's fallbacks
            endpoint, model = reached.find(agent.primary)
            deployment = _deployment(environment, agent.primary, endpoint.access, model)
            models.append({**deployment, "model_name": group})
    content: dict[str, Any] = {"model_list": models}
    if router := _router(client):
        content["router_settings"] = router
    content["litellm_settings"] = {"drop_params": True}  # what one provider does not know must not fail the next
    content["general_settings"] = {"master_key": _environ(MASTER_KEY)}
    return [ClientFile("litellm/config.yaml", content, schema="litellm")]


def _router(client: Client) -> dict[str, Any]:
    aliases = {name: str(agent.primary) for name, agent in client.agents.items() if not agent.fallbacks}
    fallbacks = {name: agent.fallbacks for name, agent in client.agents.items() if agent.fallbacks}
    if client.primary is not None:
        aliases = {"default": str(client.primary), **aliases}
    if client.fallbacks:
        fallbacks = {str(client.primary): client.fallbacks, **fallbacks}
    router: dict[str, Any] = {"model_group_alias": aliases} if aliases else {}
    if fallbacks:
        router["fallbacks"] = [{name: [str(each) for each in names]} for name, names in fallbacks.items()]
    return router


def variables(environment: Environment, client: Client) -> Iterator[Variable]:
    """Those that the file names."""
    yield from as_header_values(environment, client)
    yield users_own(MASTER_KEY)


def _deployment(environment: Environment, name: ModelName | RouteName, access: Access, model: Listed) -> dict[str, Any]:
    parameters: dict[str, Any] = {"model": f"{_DIALECTS[access.api]}/{model.id}", "api_base": access.url}
    if key := access.authorization or access.gateway_authorization:
        parameters["api_key"] = _environ(key)
    if headers := _headers(access):
        parameters["extra_headers"] = headers
    if isinstance(name, ModelName):
        parameters |= _limits(environment.providers[name.provider].limits)
    info = {**model_info(model), "supports_reasoning": model.reasoning}
    return {"model_name": str(name), "litellm_params": parameters, "model_info": info}


def _headers(access: Access) -> dict[str, str]:
    headers = {}
    if access.authorization and access.gateway_authorization:
        headers["cf-aig-authorization"] = _environ(bearer_variable(access.gateway_authorization))
    if access.gateway_id:
        headers["cf-aig-gateway-id"] = access.gateway_id
    return headers


def _limits(limits: tuple[Quantity, ...]) -> dict[str, Any]:
    """What of a provider's limits LiteLLM can keep: requests and tokens, of a period of a minute or less, the strictest
    of several; USD."""
    kept: dict[str, Any] = {}
    for limit in limits:
        if limit.unit in _PER_MINUTE and limit.period <= _MINUTE:
            name, most = _PER_MINUTE[limit.unit], max(1, int(limit.amount * _MINUTE / limit.period))
            kept[name] = min(most, kept.get(name, most))
    budgets = [limit for limit in limits if limit.unit == "USD"]
    if budgets:  # there is room for one
        least = min(budgets, key=lambda limit: limit.amount / limit.period)
        kept |= {"max_budget": least.amount, "budget_duration": f"{least.period}s"}
    return kept


def _environ(variable: str) -> str:
    return f"os.environ/{variable}"
