"""Codex CLI: `$CODEX_HOME/<name>.config.toml`, which `codex -p <name>` merges over the user's own (checked against
0.171.0). Each role of `agents` is a profile, `codex -p <name>-<role>`.

It speaks only OpenAI's Responses API: it reaches OpenAI's endpoint, behind the gateway or directly, or the REST API of
Cloudflare, also for the models of Workers AI that serve responses, and no route.
Source: `codex exec --strict-config` of that version.
"""

from __future__ import annotations

from gatewright.clients.common.endpoints import refuse_built_in_ids
from gatewright.clients.common.program import Program
from gatewright.environment.capabilities import Agents, ClientCapabilities
from gatewright.facts.slugs import Api

CAPABILITIES = ClientCapabilities(
    title="Codex",
    checked="0.171.0",
    oldest="0.169",
    routes=False,
    fallbacks=False,
    own=False,
    agents=Agents("profiles"),
    speaks=(Api.RESPONSES,),
    via=frozenset({"provider", "rest", "direct"}),
    built_in_providers=frozenset(
        {"amazon-bedrock", "lmstudio", "ollama", "openai"}
    ),  # reserved, by `codex features list`
    assumes={"context": "assumes 272,000 tokens of context"},
    refuses=refuse_built_in_ids,
)
PROGRAM = Program("codex", "@openai/codex (npm)")
