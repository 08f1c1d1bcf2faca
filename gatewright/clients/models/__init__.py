"""models.json, for the user's own programs: each endpoint with its API, its headers and its models.

The format is gatewright's own; schemas/clients/models.schema.json describes it.
"""

from __future__ import annotations

from gatewright.environment.capabilities import Agents, ClientCapabilities, Metadata

CAPABILITIES = ClientCapabilities(
    title="models.json",
    metadata=Metadata("${{}}", roles=True),
    header_variable="${{}}",
    small=True,
    own=False,
    agents=Agents("agents", fallbacks=True),
)
PROGRAM = None
