"""chatLanguageModels.json: an entry for each endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gatewright.clients.common.client_file import ClientFile
from gatewright.clients.common.endpoints import Endpoint, find_endpoints
from gatewright.clients.common.model_info import ListedModel
from gatewright.clients.common.variables import Variable
from gatewright.clients.vscode import CONTEXT, OUTPUT
from gatewright.environment.resolved import Client, Environment


def files(environment: Environment, client: Client) -> list[ClientFile]:
    """The one file."""
    entries = [_entry(endpoint) for endpoint in find_endpoints(environment, client).entries]
    return [ClientFile("vscode/chatLanguageModels.json", entries, schema="vscode")]


def variables(environment: Environment, client: Client) -> Iterator[Variable]:  # noqa: ARG001
    """None: the editor asks for the key, and keeps it."""
    return iter(())


def _entry(endpoint: Endpoint) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": endpoint.id, "vendor": "customendpoint", "apiType": "chat-completions"}
    if endpoint.access.credential is not None:
        entry["apiKey"] = f"${{input:chat.lm.secret.{endpoint.id}}}"
    return {**entry, "models": [_model(endpoint, model) for model in endpoint.models]}


def _model(endpoint: Endpoint, model: ListedModel) -> dict[str, Any]:
    context = model.context or CONTEXT
    output = min(model.output or OUTPUT, context)
    entry: dict[str, Any] = {
        "id": model.id,
        "name": model.name,
        "url": f"{endpoint.access.url}/chat/completions",
        "toolCalling": True,
        "vision": "image" in model.input,
        "maxInputTokens": max(context - output, 1),
        "maxOutputTokens": output,
    }
    headers = endpoint.access.fixed_headers
    return {**entry, "requestHeaders": headers} if headers else entry
