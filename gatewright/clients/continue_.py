"""Continue: `~/.continue/config.yaml`, or a file for `cn --config` (checked against 1.5.47).

It sends no request without a key, so with stored keys the gateway's token is the key, and the only credential. A role
of `agents` is one of its own: the model that edits, applies, completes or sums up; the first listed chats.
Source: the program's own check of its config of that version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.clients.client_file import ClientFile
from gatewright.clients.endpoints import endpoints
from gatewright.environment.capabilities import Agents, ClientCapabilities
from gatewright.facts.slugs import Api

if TYPE_CHECKING:
    from gatewright.clients.endpoints import Access
    from gatewright.clients.model_info import Listed
    from gatewright.environment.references import ModelName, RouteName
    from gatewright.environment.resolved import Client, Environment

CAPABILITIES = ClientCapabilities(
    title="Continue",
    checked="1.5.47",
    oldest="1.5",
    fallbacks=False,
    own=False,
    agents=Agents("roles", names=("edit", "apply", "autocomplete", "summarize")),
)

_PROVIDERS = {Api.CHAT: "openai", Api.MESSAGES: "anthropic"}
_CHAT_ROLES = ["chat", "edit", "apply"]


def files(environment: Environment, client: Client) -> list[ClientFile]:
    """The one file of Continue: its models, of which the first is the default."""
    reached = endpoints(environment, client)
    models: dict[tuple[str, str], dict[str, Any]] = {}
    for name in sorted(client.models, key=lambda name: name != client.primary):
        access, model = _place(reached.find(name))
        models.setdefault((access.url, model.id), _model(client, access, model, _roles(client, name)))
    content = {
        "name": client.provider,
        "version": "1.0.0",
        "schema": "v1",
        "models": [*models.values()],
    }
    return [ClientFile("continue/config.yaml", content, schema="continue")]


def _place(found: tuple[Any, Listed]) -> tuple[Access, Listed]:
    endpoint, model = found
    return endpoint.access, model


def _roles(client: Client, name: ModelName | RouteName) -> list[str]:
    """Any model does the usual, except what one was chosen for."""
    usual = [role for role in _CHAT_ROLES if role not in client.agents]
    return usual + [role for role, agent in client.agents.items() if agent.primary == name]


def _model(client: Client, access: Access, model: Listed, roles: list[str]) -> dict[str, Any]:
    base = access.url if access.api is Api.CHAT else f"{access.url}/v1/"
    entry: dict[str, Any] = {
        "name": f"{model.name} ({client.provider})",
        "provider": _PROVIDERS[access.api],
        "model": model.id,
        "apiBase": base,
    }
    if key := access.authorization or access.gateway_authorization:
        entry["apiKey"] = _secret(key)
    if headers := _headers(access):
        entry["requestOptions"] = {"headers": headers}
    entry["roles"] = roles
    if "image" in model.input:
        entry["capabilities"] = ["tool_use", "image_input"]
    limits = {"contextLength": model.context, "maxTokens": model.output}
    if known := {name: figure for name, figure in limits.items() if figure is not None}:
        entry["defaultCompletionOptions"] = known
    return entry


def _headers(access: Access) -> dict[str, str]:
    headers = {}
    if access.authorization and access.gateway_authorization:
        headers["cf-aig-authorization"] = f"Bearer {_secret(access.gateway_authorization)}"
    if access.gateway_id:
        headers["cf-aig-gateway-id"] = access.gateway_id
    return headers


def _secret(variable: str) -> str:
    return f"${{{{ secrets.{variable} }}}}"
