"""environment.schema.json, generated from the model. It describes one file, which need not be complete."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gatewright.environment.model.clients import ClientSettings
from gatewright.environment.model.environment_file import EnvironmentFile
from gatewright.environment.model.route_schema import step_schema
from gatewright.environment.shapes.base import nullable
from gatewright.environment.shapes.sections import Section

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.environment.capabilities import ClientCapabilities


def environment_schema(capabilities: Mapping[str, ClientCapabilities]) -> dict[str, Any]:
    """The schema, with the client programs by name. No key is required, and null is allowed, which removes a value."""
    schema = Section(EnvironmentFile).schema()
    client = Section(ClientSettings).schema()
    clients = {
        name: {**nullable({"$ref": "#/$defs/client"}), "description": _describe(program)}
        for name, program in sorted(capabilities.items())
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


def _describe(program: ClientCapabilities) -> str:
    """What editors show on a client: versions, endpoints, features."""
    version = f" (tested with {program.checked}; {program.oldest} or newer)" if program.checked else ""
    version = version or (" (unproven: no test has run it)" if program.unproven else "")
    flags = {"routes": program.routes, "fallbacks": program.fallbacks, "small": program.small}
    features = [name for name, supported in flags.items() if supported]
    if program.agents is not None:
        names = f": {', '.join(program.agents.names)}" if program.agents.names else ""
        features.append(f"agents (its {program.agents.noun}{names})")
    keys = "stored or local" if program.two_credentials else "stored, or local without the gateway's token"
    return (
        f"{program.title}{version}. via: {', '.join(sorted(program.via))}. keys: {keys}. "
        f"Supports: {', '.join(features) or 'none of routes, fallbacks, small, agents'}."
    )


def environment_schema_text(capabilities: Mapping[str, ClientCapabilities]) -> str:
    """The content of environment.schema.json."""
    return json.dumps(environment_schema(capabilities), indent=2, ensure_ascii=False) + "\n"
