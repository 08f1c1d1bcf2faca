"""pi's models.json, auth.json and settings.json, and the file of its extension for Cloudflare's gateway."""

from __future__ import annotations

from typing import Any

from gatewright.clients.common.client_file import ClientFile
from gatewright.clients.common.endpoints import Access, Endpoint, Endpoints, find_endpoints
from gatewright.clients.common.helper import asks_command, helper_line
from gatewright.clients.common.model_entries import PI_APIS, pi_entry
from gatewright.clients.common.model_info import ListedModel
from gatewright.clients.common.variables import bearer_reference, variables_in_file
from gatewright.clients.pi import CLOUDFLARE_PROVIDER
from gatewright.environment.references import Name
from gatewright.environment.resolved import Client, Environment
from gatewright.facts.slugs import Api

variables = variables_in_file
_INPUT = ("text", "image")  # pi drops a file with any other kind

# pi's own settings for gateway.ai.cloudflare.com. At other addresses it would send parameters that only OpenAI accepts.
_COMPAT = {
    "supportsStore": False,
    "supportsDeveloperRole": False,
    "supportsReasoningEffort": False,
    "maxTokensField": "max_tokens",
}


def files(environment: Environment, client: Client) -> list[ClientFile]:
    """The files of pi and of its extension."""
    endpoints = find_endpoints(environment, client)
    providers = {
        endpoint.id: _key_command(environment, client, endpoint) | _provider(endpoint) for endpoint in endpoints.entries
    }
    credentials = {
        endpoint.id: None if asks_command(client, endpoint.access) else _credential(environment, endpoint)
        for endpoint in endpoints.entries
    }
    extension = {"accountId": environment.account, "gatewayName": environment.gateway_name}
    result = [
        ClientFile("pi/models.json", {"providers": providers}, schema="pi-models"),
        ClientFile("pi/auth.json", {id_: entry for id_, entry in credentials.items() if entry}, schema="pi-auth"),
        ClientFile("pi/cloudflare-ai-gateway.json", extension, schema="pi-cloudflare-ai-gateway"),
    ]
    if client.primary is not None:
        result.append(ClientFile("pi/settings.json", _settings(endpoints, client.primary), schema="pi-settings"))
    return result


def _is_built_in(endpoint: Endpoint) -> bool:
    return endpoint.id == CLOUDFLARE_PROVIDER and endpoint.access.authorization is None


def _provider(endpoint: Endpoint) -> dict[str, Any]:
    access = endpoint.access
    address = {"baseUrl": access.url, "api": PI_APIS[access.api]}
    if _is_built_in(endpoint):  # a baseUrl of the provider would apply to its built-in models too
        headers = access.service_headers | access.fixed_headers
        own = {**address, **_compat(access), **({"headers": headers} if headers else {})}
        return {"models": [{**_model(model), **own} for model in endpoint.models]}
    provider: dict[str, Any] = {**address, **_compat(access)}
    if headers := access.headers(bearer_reference, token_is_key=True):
        provider["headers"] = headers
    return {**provider, "models": [_model(model) for model in endpoint.models]}


def _key_command(environment: Environment, client: Client, endpoint: Endpoint) -> dict[str, Any]:
    """A command in models.json, which pi runs for each request. One in auth.json would be run once."""
    return {"apiKey": f"!{helper_line(environment, client)}"} if asks_command(client, endpoint.access) else {}


def _compat(access: Access) -> dict[str, Any]:
    return {"compat": dict(_COMPAT)} if access.api is Api.CHAT else {}


def _model(model: ListedModel) -> dict[str, Any]:
    return pi_entry(model) | {"input": [kind for kind in _INPUT if kind in model.input] or ["text"]}


def _credential(environment: Environment, endpoint: Endpoint) -> dict[str, Any] | None:
    """In auth.json, which takes precedence over models.json: a key that the user has entered in pi does not apply."""
    variable = endpoint.access.credential
    if variable is None:
        return None
    credential: dict[str, Any] = {"type": "api_key", "key": f"${variable}"}
    if _is_built_in(endpoint):  # pi needs both before it offers the provider
        credential["env"] = {
            "CLOUDFLARE_ACCOUNT_ID": environment.account,
            "CLOUDFLARE_GATEWAY_ID": environment.gateway_name,
        }
    return credential


def _settings(endpoints: Endpoints, primary: Name) -> dict[str, Any]:
    provider, _, model = endpoints.reference(primary).partition("/")
    return {"defaultProvider": provider, "defaultModel": model}
