"""OpenCode: `~/.config/opencode/opencode.json`, or a file that OPENCODE_CONFIG names (checked against 1.18.33).

All layers are merged, so the file holds only our providers and the default models. A role is one of its agents: its own
(build, plan, explore, title, ...) get the model, any other is made.
Source: the program's own check of its config (`opencode debug config`) of that version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.clients.client_file import ClientFile
from gatewright.clients.endpoints import endpoints, taken_entries
from gatewright.environment.capabilities import Agents, ClientCapabilities, Refusal
from gatewright.facts.built_in_providers import BUILT_IN_PROVIDERS
from gatewright.facts.slugs import Api

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.clients.endpoints import Access, Endpoint
    from gatewright.clients.model_info import Listed
    from gatewright.environment.resolved import Client, Environment

SCHEMA_URL = "https://opencode.ai/config.json"
_PACKAGES = {Api.CHAT: "@ai-sdk/openai-compatible", Api.MESSAGES: "@ai-sdk/anthropic"}  # both inside the program
_USUAL_OUTPUT = 32_000
"""Tokens that it asks for where nobody says how many."""
_SUBSTITUTED = ("{env:", "{file:")


def _refuses(environment: Environment, client: Client) -> Iterator[Refusal]:
    """OpenCode puts variables and files into every text, whatever stands around them."""
    yield from taken_entries(environment, client)
    for model in (model for entry in endpoints(environment, client).entries for model in entry.models):
        for name in (model.id, model.name):
            if any(mark in name for mark in _SUBSTITUTED):
                message = f"OpenCode cannot hold the name {name}: it puts variables and files into every text"
                yield Refusal("", message, "Give the model another name, or leave it out of the client's models")
                break


CAPABILITIES = ClientCapabilities(
    title="OpenCode",
    checked="1.18.33",
    oldest="1.18",
    fallbacks=False,
    small=True,
    agents=Agents("agents"),
    built_in_providers=BUILT_IN_PROVIDERS["opencode"],
    assumes={"context": "knows no context, and asks for up to 32,000 tokens"},
    refuses=_refuses,
)


def files(environment: Environment, client: Client) -> list[ClientFile]:
    """The one file of OpenCode: providers with their models, the default model, the one for titles, the agents'."""
    reached = endpoints(environment, client)
    content: dict[str, Any] = {
        "$schema": SCHEMA_URL,
        "provider": {endpoint.id: _provider(endpoint) for endpoint in reached.entries},
    }
    if client.primary is not None:
        content["model"] = reached.reference(client.primary)
    if client.small is not None:
        content["small_model"] = reached.reference(client.small)
    if client.agents:
        content["agent"] = {name: {"model": reached.reference(agent.primary)} for name, agent in client.agents.items()}
    return [ClientFile("opencode.json", content, schema="opencode")]


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
    if model.context is not None:  # it refuses one without the other
        output = min(model.context, _USUAL_OUTPUT) if model.output is None else model.output
        entry["limit"] = {"context": model.context, "output": output}
    return entry
