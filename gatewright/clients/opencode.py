"""OpenCode: `~/.config/opencode/opencode.json`, or a file that OPENCODE_CONFIG names (checked against 1.18.33).

All layers are merged, so the file holds only our providers and the default models.
Source: the program's own check of its config (`opencode debug config`) of that version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.clients.endpoints import endpoints
from gatewright.clients.files import ClientFile
from gatewright.environment.abilities import Abilities
from gatewright.errors import InvalidEnvironmentError
from gatewright.facts.slugs import Api

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.clients.endpoints import Access, Endpoint
    from gatewright.clients.facts import Listed
    from gatewright.environment.resolved import Client, Environment

ABILITIES = Abilities(title="OpenCode", fallbacks=False, small=True)

SCHEMA_URL = "https://opencode.ai/config.json"
_PACKAGES = {Api.CHAT: "@ai-sdk/openai-compatible", Api.MESSAGES: "@ai-sdk/anthropic"}  # both inside the program
_SUBSTITUTED = ("{env:", "{file:")


def files(environment: Environment, client: Client) -> list[ClientFile]:
    """The one file of OpenCode: providers with their models, the default model and the one for titles.

    Raises InvalidEnvironmentError for a name in which OpenCode would put a variable or a file.
    """
    reached = endpoints(environment, client)
    content: dict[str, Any] = {
        "$schema": SCHEMA_URL,
        "provider": {endpoint.id: _provider(endpoint) for endpoint in reached.entries},
    }
    if client.primary is not None:
        content["model"] = reached.reference(client.primary)
    if client.small is not None:
        content["small_model"] = reached.reference(client.small)
    for name in _names(endpoint for endpoint in reached.entries):
        if any(mark in name for mark in _SUBSTITUTED):
            raise InvalidEnvironmentError(
                f"clients.opencode: OpenCode cannot hold the name {name}: it puts variables and files into every text",
                hint="Give the model another name, or leave it out of the client's models",
            )
    return [ClientFile("opencode.json", content, schema="opencode")]


def _names(entries: Iterator[Endpoint]) -> Iterator[str]:
    for endpoint in entries:
        for model in endpoint.models:
            yield from (model.id, model.name)


def _provider(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "npm": _PACKAGES[endpoint.access.api],
        "name": endpoint.id,
        "options": _options(endpoint.access),
        "models": {model.id: _model(model) for model in endpoint.models},
    }


def _options(access: Access) -> dict[str, Any]:
    """Without a key of the user's there is no apiKey: OpenCode then sends no Authorization."""
    base = access.url if access.api is Api.CHAT else f"{access.url}/v1"  # its Anthropic client appends /messages alone
    options: dict[str, Any] = {"baseURL": base}
    if access.authorization:
        options["apiKey"] = f"{{env:{access.authorization}}}"
    headers = {}
    if access.gateway_authorization:
        headers["cf-aig-authorization"] = f"Bearer {{env:{access.gateway_authorization}}}"
    if access.gateway_id:
        headers["cf-aig-gateway-id"] = access.gateway_id
    return {**options, "headers": headers} if headers else options


def _model(model: Listed) -> dict[str, Any]:
    cost = model.cost
    entry: dict[str, Any] = {
        "name": model.name,
        "reasoning": model.reasoning,
        "attachment": "image" in model.input,
        "modalities": {"input": list(model.input), "output": ["text"]},
        "cost": {
            "input": cost.input,
            "output": cost.output,
            "cache_read": cost.cache_read,
            "cache_write": cost.cache_write,
        },
    }
    if model.context is not None and model.output is not None:  # one without the other is refused
        entry["limit"] = {"context": model.context, "output": model.output}
    return entry
