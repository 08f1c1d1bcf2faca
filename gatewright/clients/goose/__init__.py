"""Goose: a file for each provider in `custom_providers`, and the default in config.yaml (unproven: the tests do not
run it).

Source: `DeclarativeProviderConfig` in the crate goose-providers 0.1.0-alpha.13 and in block/goose, 2026. Its `auth`
takes a key from a command, in versions that could not be determined; it is not emitted.
"""

from __future__ import annotations

from gatewright.clients.common.model_info import required_figures
from gatewright.clients.common.program import Precedence, Program
from gatewright.clients.common.refusals import refuse_built_in_ids
from gatewright.environment.capabilities import ClientCapabilities, Metadata
from gatewright.facts.slugs import Api

CONTEXT = 128_000

CAPABILITIES = ClientCapabilities(
    title="Goose",
    unproven=True,
    metadata=Metadata(),
    fallbacks=False,
    own=False,
    two_credentials=False,
    speaks=(Api.CHAT,),
    built_in_providers=frozenset(
        {
            *("anthropic", "cerebras", "databricks", "deepseek", "fireworks", "google", "groq", "litellm", "mistral"),
            *("nvidia", "ollama", "openai", "openrouter", "perplexity", "scaleway", "snowflake", "together", "venice"),
            *("xai", "zai"),
        }
    ),
    assumes=required_figures(context=CONTEXT),
    refuses=refuse_built_in_ids,
)
PROGRAM = Program(
    "goose",
    "Goose (github.com/block/goose)",
    precedence=Precedence(
        settings=("the command line", "`GOOSE_PROVIDER` and `GOOSE_MODEL` in the shell", "{installed}"),
        credential=("{variable} in the shell", "the system's keychain"),
    ),
)
