"""The config file of LiteLLM's proxy.

LiteLLM silently accepts unknown settings and fallbacks that do not exist; the schema and this module refuse them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gatewright.clients.common.client_file import ClientFile
from gatewright.clients.common.endpoints import Endpoints, find_endpoints
from gatewright.clients.common.model_entries import litellm_entry
from gatewright.clients.common.variables import Variable, user_variable, variables_as_headers
from gatewright.environment.quantities import Quantity
from gatewright.environment.references import ModelName, OwnName, RouteName, bearer_variable
from gatewright.environment.resolved import Client, Environment
from gatewright.facts.slugs import Api

MASTER_KEY = "LITELLM_MASTER_KEY"
_DIALECTS = {Api.CHAT: "openai", Api.MESSAGES: "anthropic"}
_MINUTE = 60
_PER_MINUTE = {"requests": "rpm", "tokens": "tpm"}


def files(environment: Environment, client: Client) -> list[ClientFile]:
    """The one file: models, fallbacks, and a master key, without which the proxy is open to anyone."""
    endpoints = find_endpoints(environment, client)
    models = [_deployment(environment, endpoints, name) for name in client.models]
    for group, agent in client.agents.items():
        if agent.fallbacks and not isinstance(agent.primary, OwnName):  # an alias would have its model's fallbacks
            models.append({**_deployment(environment, endpoints, agent.primary), "model_name": group})
    content: dict[str, Any] = {"model_list": models}
    if router := _router(client):
        content["router_settings"] = router
    content["litellm_settings"] = {"drop_params": True}  # a parameter that one provider lacks must not fail the next
    content["general_settings"] = {"master_key": _environ(MASTER_KEY)}
    return [ClientFile("litellm/config.yaml", content, schema="litellm")]


def variables(environment: Environment, client: Client) -> Iterator[Variable]:
    """The variables that the file names."""
    yield from variables_as_headers(environment, client)
    yield user_variable(MASTER_KEY)


def _router(client: Client) -> dict[str, Any]:
    aliases = {name: str(agent.primary) for name, agent in client.agents.items() if not agent.fallbacks}
    fallbacks = {name: agent.fallbacks for name, agent in client.agents.items() if agent.fallbacks}
    if client.primary is not None:
        aliases = {"default": str(client.primary), **aliases}
    if client.fallbacks:
        fallbacks = {str(client.primary): client.fallbacks, **fallbacks}
    router: dict[str, Any] = {"model_group_alias": aliases} if aliases else {}
    if fallbacks:
        router["fallbacks"] = [{group: [str(name) for name in names]} for group, names in fallbacks.items()]
    return router


def _deployment(environment: Environment, endpoints: Endpoints, name: ModelName | RouteName) -> dict[str, Any]:
    endpoint, model = endpoints.find(name)
    access = endpoint.access
    parameters: dict[str, Any] = {"model": f"{_DIALECTS[access.api]}/{model.id}", "api_base": access.url}
    if access.credential:
        parameters["api_key"] = _environ(access.credential)
    if headers := access.headers(lambda token: _environ(bearer_variable(token)), token_is_key=True):
        parameters["extra_headers"] = headers
    if isinstance(name, ModelName):
        parameters |= _limits(environment.providers[name.provider].limits_of(name.model))
    info = {**litellm_entry(model), "supports_reasoning": model.reasoning}
    return {"model_name": str(name), "litellm_params": parameters, "model_info": info}


def _limits(limits: tuple[Quantity, ...]) -> dict[str, Any]:
    """The provider's limits that LiteLLM can enforce: the strictest one of requests and of tokens per minute or less,
    and one budget in USD."""
    enforced: dict[str, Any] = {}
    for limit in limits:
        if limit.unit in _PER_MINUTE and limit.period <= _MINUTE:
            name, maximum = _PER_MINUTE[limit.unit], max(1, int(limit.amount * _MINUTE / limit.period))
            enforced[name] = min(maximum, enforced.get(name, maximum))
    budgets = [limit for limit in limits if limit.unit == "USD"]
    if budgets:
        strictest = min(budgets, key=lambda limit: limit.amount / limit.period)
        enforced |= {"max_budget": strictest.amount, "budget_duration": f"{strictest.period}s"}
    return enforced


def _environ(variable: str) -> str:
    return f"os.environ/{variable}"
