"""environment.schema.json, made from the model: what one file may hold. Completeness is checked on the merged whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gatewright.environment.model.clients import ClientSettings
from gatewright.environment.model.environment_file import EnvironmentFile
from gatewright.environment.model.route_shape import step_schema
from gatewright.environment.shapes.base import nullable
from gatewright.environment.shapes.sections import Section

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.environment.capabilities import ClientCapabilities


def environment_schema(capabilities: Mapping[str, ClientCapabilities]) -> dict[str, Any]:
    """The schema, with the client programs by name. Nothing is required, and null is allowed: it removes."""
    schema = Section(EnvironmentFile).schema()
    client = Section(ClientSettings).schema()
    clients = {
        name: {**nullable({"$ref": "#/$defs/client"}), "description": _what_it_can(each)}
        for name, each in sorted(capabilities.items())
    }
    schema["properties"]["clients"] = {
        "description": schema["properties"]["clients"]["description"],
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": clients,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "gatewright environment file",
        **schema,
        "$defs": {"client": client, "step": step_schema()},
    }


def _what_it_can(client: ClientCapabilities) -> str:
    """For editors: what may be written of this client."""
    version = f" (tried with {client.checked}; {client.oldest} or newer)" if client.checked else ""
    locations = {"routes": client.routes, "fallbacks": client.fallbacks, "small": client.small}
    has = [name for name, there in locations.items() if there]
    if client.agents is not None:
        names = f": {', '.join(client.agents.names)}" if client.agents.names else ""
        has.append(f"agents (its {client.agents.noun}{names})")
    keys = "stored or local" if client.two_credentials else "stored; local only without the gateway's token"
    return (
        f"{client.title}{version}. via: {', '.join(sorted(client.via))}. keys: {keys}. Has: {', '.join(has) or 'none'}."
    )


def environment_schema_text(capabilities: Mapping[str, ClientCapabilities]) -> str:
    """The schema as the file holds it."""
    return json.dumps(environment_schema(capabilities), indent=2, ensure_ascii=False) + "\n"
