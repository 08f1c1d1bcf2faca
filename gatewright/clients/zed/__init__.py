"""Zed: `language_models.openai_compatible` in settings.json (unproven: the tests do not run the editor).

Zed takes a provider's key from the variable <PROVIDER>_API_KEY or from its keychain, and no reference in the file.
Source: docs/src/ai/use-api-access.md and crates/settings_content/src/language_model.rs of zed-industries/zed, 2026.
"""

from __future__ import annotations

from gatewright.clients.common.model_info import required_figures
from gatewright.clients.common.program import Precedence, Program
from gatewright.clients.common.refusals import refuse_built_in_ids
from gatewright.environment.capabilities import ClientCapabilities, Metadata
from gatewright.facts.slugs import Api

CONTEXT = 128_000

CAPABILITIES = ClientCapabilities(
    title="Zed",
    unproven=True,
    metadata=Metadata(),
    fallbacks=False,
    own=False,
    two_credentials=False,
    speaks=(Api.CHAT,),
    built_in_providers=frozenset(
        {
            *("amazon-bedrock", "anthropic", "deepseek", "google", "lmstudio", "mistral", "ollama", "openai"),
            *("opencode", "openrouter"),
        }
    ),
    assumes=required_figures(context=CONTEXT),
    refuses=refuse_built_in_ids,
)
PROGRAM = Program(
    "zed",
    "Zed (zed.dev)",
    precedence=Precedence(
        settings=("`.zed/settings.json` of the project", "{installed}"),
        credential=("{variable} in the shell that starts it", "the system's keychain"),
    ),
)
