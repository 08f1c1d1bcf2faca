"""OpenClaw: `~/.openclaw/openclaw.json` (checked against 2026.9.6 and 2026.6.35).

The file is a patch for the user's own: it holds only our providers, the default model, and an agent for each role, of
which versions before 2026.9 want a list.
Source: `openclaw config schema` and `openclaw config validate` of those versions.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gatewright.clients.client_file import ClientFile
from gatewright.clients.endpoints import endpoints, taken_entries
from gatewright.environment.capabilities import Agents, ClientCapabilities, Refusal, version_tuple
from gatewright.facts.built_in_providers import BUILT_IN_PROVIDERS
from gatewright.facts.slugs import Api

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.clients.endpoints import Access, Endpoint, Endpoints
    from gatewright.clients.model_info import Listed
    from gatewright.environment.references import Name
    from gatewright.environment.resolved import Client, Environment

_PROFILE = re.compile(r"[^/]@(?!\d{8}$)[^/]*$")


def _refuses(environment: Environment, client: Client) -> Iterator[Refusal]:
    """OpenClaw takes what follows an @ in a model's last part for an account of the user's, unless it is a date."""
    yield from taken_entries(environment, client)
    for model in (model for entry in endpoints(environment, client).entries for model in entry.models):
        if _PROFILE.search(model.id):
            message = f"OpenClaw takes what follows @ in {model.id} for the name of an account"
            yield Refusal("models", message, f"List the others: clients.{client.program}.models")


CAPABILITIES = ClientCapabilities(
    title="OpenClaw",
    checked="2026.9.6",
    oldest="2026.6.35",
    agents=Agents("agents", pattern=r"[a-z0-9_][a-z0-9_-]{0,63}", reserved=frozenset({"main"}), fallbacks=True),
    built_in_providers=BUILT_IN_PROVIDERS["openclaw"],
    assumes={"context": "takes 128,000 tokens of context for granted"},
    refuses=_refuses,
)

_ENTRIES_SINCE = (2026, 9)  # agents.entries, a mapping; before it was agents.list

_VARIABLE = re.compile(r"\$(?=\{[A-Z][A-Z0-9_]*\})")
_APIS = {Api.CHAT: "openai-completions", Api.MESSAGES: "anthropic-messages"}

# OpenClaw takes an address it does not know for OpenAI's; what it would send then, other providers refuse.
_PLAIN = {"supportsStore": False, "supportsDeveloperRole": False, "maxTokensField": "max_tokens"}


def files(environment: Environment, client: Client) -> list[ClientFile]:
    """The one file of OpenClaw: providers with their models, the default model and its fallbacks."""
    reached = endpoints(environment, client)
    content: dict[str, Any] = {
        "models": {"mode": "merge", "providers": {endpoint.id: _provider(endpoint) for endpoint in reached.entries}}
    }
    agents: dict[str, Any] = {}
    if client.primary is not None:
        agents["defaults"] = {"model": _choice(reached, client.primary, client.fallbacks)}
    made = {name: {"model": _choice(reached, each.primary, each.fallbacks)} for name, each in client.agents.items()}
    if made and client.version is not None and version_tuple(client.version) < _ENTRIES_SINCE:
        agents["list"] = [{"id": "main", "default": True}, *({"id": name, **each} for name, each in made.items())]
    elif made:
        agents = _keyed(agents, made)
    if agents:
        content["agents"] = agents
    return [ClientFile("openclaw.json", content, schema="openclaw")]


def _keyed(agents: dict[str, Any], made: dict[str, Any]) -> dict[str, Any]:
    """Beside other agents the user's own, `main`, has to be named, and to be said to own what nobody asks for by name:
    as `openclaw doctor --fix` does it."""
    owner = {"heartbeat": {"agentId": "main"}, "systemAgent": {"agentId": "main"}}
    return {
        "ownership": "explicit",
        "defaults": {**agents.get("defaults", {}), **owner},
        "entries": {"main": {"workspace": "~/.openclaw/workspace"}, **made},
    }


def _provider(endpoint: Endpoint) -> dict[str, Any]:
    access = endpoint.access
    provider: dict[str, Any] = {"baseUrl": access.url, "api": _APIS[access.api]}
    if access.authorization:  # without a key of the user's there is no apiKey: OpenClaw then sends no Authorization
        provider["apiKey"] = f"${{{access.authorization}}}"
    if headers := _headers(access):
        provider["headers"] = headers
    return {**provider, "models": [_model(model, access.api) for model in endpoint.models]}


def _headers(access: Access) -> dict[str, str]:
    """In `headers`, not `request.auth`: that one loses the blank after Bearer."""
    headers = {}
    if access.gateway_authorization:
        headers["cf-aig-authorization"] = f"Bearer ${{{access.gateway_authorization}}}"
    if access.gateway_id:
        headers["cf-aig-gateway-id"] = access.gateway_id
    return headers


def _model(model: Listed, api: Api) -> dict[str, Any]:
    cost = model.cost
    entry: dict[str, Any] = {
        "id": _literal(model.id),
        "name": _literal(model.name),
        "reasoning": model.reasoning,
        "input": list(model.input),
        "cost": {
            "input": cost.input,
            "output": cost.output,
            "cacheRead": cost.cache_read,
            "cacheWrite": cost.cache_write,
        },
    }
    if model.context is not None:
        entry["contextWindow"] = model.context
    if model.output is not None:
        entry["maxTokens"] = model.output
    if api is Api.CHAT:
        entry["compat"] = dict(_PLAIN)
    return entry


def _choice(reached: Endpoints, primary: Name, fallbacks: tuple[Name, ...]) -> dict[str, Any]:
    """OpenClaw does not look whether these models exist; here they do, or are the user's own."""
    choice: dict[str, Any] = {"primary": _literal(reached.reference(primary))}
    if fallbacks:
        choice["fallbacks"] = [_literal(reached.reference(name)) for name in fallbacks]
    return choice


def _literal(text: str) -> str:
    """OpenClaw puts variables into every text of its file; doubled, the dollar stands for itself."""
    return _VARIABLE.sub("$$", text)
