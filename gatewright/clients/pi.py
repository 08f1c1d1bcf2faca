"""pi: `~/.pi/agent/{models,auth,settings}.json` (0.77 or newer, checked against 0.87.1), and the file of its community
extension for Cloudflare's gateway.

Every endpoint is a provider of our own, named after the gateway, so that several environments live in one file. pi
leaves a provider without a key out, so with stored keys the token is its key: the only Authorization, which Cloudflare
takes for itself. Where the client's `provider` is `cloudflare-ai-gateway` pi's built-in one is used, which sends
cf-aig-authorization instead and lists Cloudflare's whole catalog beside our models.
Source: the program's own checks (dist/core/model-config.js, auth-storage.js) of 0.87.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.clients.client_file import ClientFile
from gatewright.clients.endpoints import endpoints, taken_entries
from gatewright.environment.capabilities import ClientCapabilities
from gatewright.facts.built_in_providers import BUILT_IN_PROVIDERS
from gatewright.facts.slugs import Api

if TYPE_CHECKING:
    from gatewright.clients.endpoints import Access, Endpoint, Endpoints
    from gatewright.clients.model_info import Listed
    from gatewright.environment.references import Name
    from gatewright.environment.resolved import Client, Environment

BUILT_IN = "cloudflare-ai-gateway"

CAPABILITIES = ClientCapabilities(
    title="pi",
    checked="0.87.1",
    oldest="0.77",  # before, a reference to a variable would be sent as it is
    fallbacks=False,
    built_in_providers=BUILT_IN_PROVIDERS["pi"],
    reusable_providers=frozenset({BUILT_IN}),
    assumes={"context": "takes 128,000 tokens of context for granted", "output": "asks for up to 16,384 tokens"},
    refuses=taken_entries,
)

_APIS = {Api.CHAT: "openai-completions", Api.MESSAGES: "anthropic-messages"}
_INPUT = ("text", "image")  # any other kind and pi drops the whole file

# What pi itself assumes of gateway.ai.cloudflare.com, said for other addresses too: there it would send what only
# OpenAI takes.
_PLAIN = {
    "supportsStore": False,
    "supportsDeveloperRole": False,
    "supportsReasoningEffort": False,
    "maxTokensField": "max_tokens",
}


def files(environment: Environment, client: Client) -> list[ClientFile]:
    """The three files of pi and the one of its extension."""
    reached = endpoints(environment, client)
    providers = {endpoint.id: _provider(endpoint) for endpoint in reached.entries}
    credentials = {endpoint.id: _credential(environment, endpoint) for endpoint in reached.entries}
    made = [
        ClientFile("pi/models.json", {"providers": providers}, schema="pi-models"),
        ClientFile("pi/auth.json", {id_: entry for id_, entry in credentials.items() if entry}, schema="pi-auth"),
        ClientFile("pi/cloudflare-ai-gateway.json", _extension(environment), schema="pi-cloudflare-ai-gateway"),
    ]
    if client.primary is not None:
        made.append(ClientFile("pi/settings.json", _settings(reached, client.primary), schema="pi-settings"))
    return made


def _is_built_in(endpoint: Endpoint) -> bool:
    return endpoint.id == BUILT_IN and endpoint.access.authorization is None


def _provider(endpoint: Endpoint) -> dict[str, Any]:
    access = endpoint.access
    where = {"baseUrl": access.url, "api": _APIS[access.api]}
    if _is_built_in(endpoint):  # a baseUrl of the provider would move its own models too
        return {"models": [{**_model(model), **where, **_compat(access)} for model in endpoint.models]}
    provider: dict[str, Any] = {**where, **_compat(access)}
    if headers := _headers(access):
        provider["headers"] = headers
    return {**provider, "models": [_model(model) for model in endpoint.models]}


def _compat(access: Access) -> dict[str, Any]:
    return {"compat": dict(_PLAIN)} if access.api is Api.CHAT else {}


def _headers(access: Access) -> dict[str, str]:
    """The token is a header only beside a provider's key: alone it is the key, and twice it would go upstream."""
    headers = {}
    if access.authorization and access.gateway_authorization:
        headers["cf-aig-authorization"] = f"Bearer ${{{access.gateway_authorization}}}"
    if access.gateway_id:
        headers["cf-aig-gateway-id"] = access.gateway_id
    return headers


def _model(model: Listed) -> dict[str, Any]:
    cost = model.cost
    entry: dict[str, Any] = {
        "id": model.id,
        "name": model.name,
        "reasoning": model.reasoning,
        "input": [kind for kind in _INPUT if kind in model.input] or ["text"],
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
    return entry


def _credential(environment: Environment, endpoint: Endpoint) -> dict[str, Any] | None:
    """Stands in auth.json, which wins over models.json: a key typed into pi before does not stay in the way."""
    variable = endpoint.access.authorization or endpoint.access.gateway_authorization
    if variable is None:
        return None
    credential: dict[str, Any] = {"type": "api_key", "key": f"${variable}"}
    if _is_built_in(endpoint):  # pi asks for both before it offers the provider
        credential["env"] = {
            "CLOUDFLARE_ACCOUNT_ID": environment.account,
            "CLOUDFLARE_GATEWAY_ID": environment.gateway_name,
        }
    return credential


def _settings(reached: Endpoints, primary: Name) -> dict[str, Any]:
    provider, _, model = reached.reference(primary).partition("/")
    return {"defaultProvider": provider, "defaultModel": model}


def _extension(environment: Environment) -> dict[str, Any]:
    return {"accountId": environment.account, "gatewayName": environment.gateway_name}
