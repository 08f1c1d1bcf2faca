"""Crush: `crush.json` in `~/.config/crush` (unproven: the registry has only a script that downloads the program).

It substitutes `$NAME` in keys and headers. Its newer `crushrc`, a script, is not emitted: both are read.
Source: schema.json of charmbracelet/crush, 2026.
"""

from __future__ import annotations

from gatewright.clients.common.model_info import required_figures
from gatewright.clients.common.program import Precedence, Program
from gatewright.clients.common.refusals import refuse_built_in_ids
from gatewright.environment.capabilities import ClientCapabilities, Metadata
from gatewright.facts.slugs import Api

CONTEXT, OUTPUT = 128_000, 4_096

CAPABILITIES = ClientCapabilities(
    title="Crush",
    unproven=True,
    metadata=Metadata("${}"),
    header_variable="${}",
    fallbacks=False,
    small=True,
    own=False,
    speaks=(Api.CHAT,),
    built_in_providers=frozenset(
        {
            *("aihubmix", "anthropic", "azure", "bedrock", "cerebras", "chutes", "copilot", "deepseek", "gemini"),
            *("groq", "huggingface", "hyper", "litellm", "lmstudio", "ollama", "openai", "openrouter", "synthetic"),
            *("venice", "vercel", "vertexai", "xai", "zai"),
        }
    ),
    assumes=required_figures(context=CONTEXT, output=OUTPUT),
    refuses=refuse_built_in_ids,
)
PROGRAM = Program(
    "crush",
    "@charmland/crush (npm)",
    precedence=Precedence(
        settings=("`crush.json` or `.crush.json` of the project", "{installed}"),
        credential=("{variable} in the shell, which the provider names",),
    ),
)
