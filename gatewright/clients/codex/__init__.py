"""Codex CLI: `$CODEX_HOME/<name>.config.toml`, which `codex -p <name>` merges over the user's own (checked against
0.171.0). Each role of `agents` is a profile, `codex -p <name>-<role>`.

It speaks only OpenAI's Responses API: it reaches OpenAI's endpoint, behind the gateway or directly, or the REST API of
Cloudflare, also for the models of Workers AI that serve responses, and no route.
Source: `codex exec --strict-config` of that version.
"""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.clients.common.program import Precedence, Program
from gatewright.clients.common.refusals import refuse_built_in_ids
from gatewright.environment.capabilities import Agents, ClientCapabilities, Metadata, Refusal
from gatewright.environment.resolved import Client, Environment
from gatewright.facts.slugs import Api


def _refuse(environment: Environment, client: Client) -> Iterator[Refusal]:
    yield from refuse_built_in_ids(environment, client)
    names: dict[str, str] = {}
    for name in client.agents:
        other = names.setdefault(name.lower(), name)
        if other != name:
            message = f"the profiles {other} and {name} differ in case only, and macOS has one file for both"
            yield Refusal("agents", message, f"Rename one: clients.{client.program}.agents")


CAPABILITIES = ClientCapabilities(
    title="Codex",
    metadata=Metadata(roles=True),
    header_variable="{}",
    checked="0.171.0",
    oldest="0.169",
    routes=False,
    fallbacks=False,
    own=False,
    agents=Agents("profiles"),
    credentials={"helper": "0.169"},
    speaks=(Api.RESPONSES,),
    via=frozenset({"provider", "rest", "direct"}),
    built_in_providers=frozenset(
        {"amazon-bedrock", "lmstudio", "ollama", "openai"}
    ),  # reserved, by `codex features list`
    assumes={"context": "assumes 272,000 tokens of context"},
    refuses=_refuse,
)
PROGRAM = Program(
    "codex",
    "@openai/codex (npm)",
    precedence=Precedence(
        settings=("`-c` of the command line", "{installed}", "`config.toml` beside it"),
        credential=(
            "{variable} in the shell, which the profile names; with `credential: helper`, the command that it names",
        ),
    ),
)
