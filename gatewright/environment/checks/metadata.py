"""The metadata of clients: what their programs cannot send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.environment.references import AgentName, FromVariable

if TYPE_CHECKING:
    from gatewright.environment.checks.client_context import ClientContext


def check_metadata(client: ClientContext) -> None:
    """Report metadata that the client's program cannot send."""
    sends, settings, agents = client.capabilities.metadata, client.settings, client.capabilities.agents
    if not settings.metadata:
        return
    if sends is None:
        message = f"{client.title} sends no headers, so it cannot send metadata"
        client.error("metadata", "not-for-this-client", message, "Remove metadata")
        return
    for key, value in settings.metadata.items():
        setting = f"metadata.{key}"
        if isinstance(value, FromVariable) and sends.reference is None:
            message = f"{client.title} cannot read a variable within a header"
            client.error(setting, "not-for-this-client", message, "Write a fixed value")
        elif isinstance(value, AgentName) and agents is None:
            message = f"{client.title} has no place for further roles"
            client.error(setting, "no-agents", message, f"Write a fixed value: {key}: {client.program}")
        elif isinstance(value, AgentName) and agents is not None and not sends.roles:
            message = f"{client.title} sends the same headers for all its {agents.noun}"
            client.error(setting, "not-for-this-client", message, f"Write a fixed value: {key}: {client.program}")
