"""llm: `extra-openai-models.yaml` in `$LLM_USER_PATH` (checked against 0.36).

The file takes no reference to a variable: the key is the one stored by `llm keys set <name>`, otherwise OPENAI_API_KEY.
With stored keys it is the gateway's token, under the name of the client's `provider`. The primary has the alias
<provider>, a role the alias <provider>-<role>.
Source: llm/default_plugins/openai_models.py of that version.
"""

from __future__ import annotations

from gatewright.clients.common.program import Precedence, Program
from gatewright.environment.capabilities import Agents, ClientCapabilities, Metadata
from gatewright.facts.slugs import Api

CAPABILITIES = ClientCapabilities(
    title="llm",
    metadata=Metadata(roles=True),
    checked="0.36",
    oldest="0.32.1",
    fallbacks=False,
    own=False,
    agents=Agents("aliases"),
    two_credentials=False,
    speaks=(Api.CHAT,),
)
PROGRAM = Program(
    "llm",
    "llm (PyPI)",
    precedence=Precedence(
        settings=("the command line", "{installed}"),
        credential=("`--key` of the command line", "the key that `llm keys set` has stored", "{variable} in the shell"),
    ),
)
