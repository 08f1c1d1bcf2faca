"""OpenCode: `~/.config/opencode/opencode.json`, or the file in OPENCODE_CONFIG (checked against 1.18.33).

It merges all layers, so the file holds only gatewright's providers and the default models. A role is one of its agents:
built-in agents (build, plan, explore, title, ...) get the model, others are created.
Source: the program's own check of its config (`opencode debug config`) of that version.
"""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.clients.common.endpoints import find_endpoints, refuse_built_in_ids
from gatewright.clients.common.program import Precedence, Program
from gatewright.clients.opencode.built_in_providers import BUILT_IN_PROVIDERS
from gatewright.environment.capabilities import Agents, ClientCapabilities, Metadata, Refusal
from gatewright.environment.resolved import Client, Environment

_SUBSTITUTED = ("{env:", "{file:")


def _refuse(environment: Environment, client: Client) -> Iterator[Refusal]:
    """OpenCode substitutes variables and files in every text."""
    yield from refuse_built_in_ids(environment, client)
    for model in find_endpoints(environment, client).models:
        name = next((name for name in (model.id, model.name) if any(mark in name for mark in _SUBSTITUTED)), None)
        if name is not None:
            message = f"OpenCode substitutes variables and files in every text, so it cannot hold the name {name}"
            yield Refusal("", message, "Rename the model, or remove it from the client's models")


CAPABILITIES = ClientCapabilities(
    title="OpenCode",
    metadata=Metadata("{env:{}}", roles=True),
    header_variable="{env:{}}",
    checked="1.18.33",
    oldest="1.18",
    fallbacks=False,
    small=True,
    agents=Agents("agents"),
    credentials={"file": "1.18"},
    built_in_providers=BUILT_IN_PROVIDERS,
    assumes={"context": "knows no context size and asks for up to 32,000 tokens"},
    refuses=_refuse,
)
PROGRAM = Program(
    "opencode",
    "opencode-ai (npm)",
    precedence=Precedence(
        settings=(
            "the command line",
            "`OPENCODE_CONFIG_CONTENT`",
            "`opencode.json` of the project, from the repository down to the folder",
            "{installed}",
        ),
        credential=(
            "{variable} in the shell, which the provider names; with `credential: file`, the file that it names",
            "`auth.json`, for a provider without a key",
        ),
    ),
)
