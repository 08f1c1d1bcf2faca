"""Aider: `.aider.conf.yml` and the files beside it (checked against 0.86.2).

It has one base URL, and its key is OPENAI_API_KEY: the gateway's token, or without the gateway the provider's key. A
role is an alias (`--model coder`); the role `editor` is also its editor model.
Source: aider/args.py and aider/models.py of that version.
"""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.clients.common.endpoints import first_model
from gatewright.clients.common.program import Precedence, Program
from gatewright.clients.common.refusals import refuse_other_endpoints
from gatewright.environment.capabilities import Agents, ClientCapabilities, Metadata, Refusal
from gatewright.environment.resolved import Client, Environment
from gatewright.facts.slugs import Api


def _refuse_other_endpoints(environment: Environment, client: Client) -> Iterator[Refusal]:
    agents = [(f"agents.{name}", agent.primary) for name, agent in client.agents.items()]
    choices = [("primary", first_model(client)), ("small", client.small), *agents]
    return refuse_other_endpoints(environment, client, choices)


CAPABILITIES = ClientCapabilities(
    title="Aider",
    metadata=Metadata(),
    checked="0.86.2",
    oldest="0.86",
    fallbacks=False,
    small=True,
    own=False,
    agents=Agents("aliases"),
    two_credentials=False,
    speaks=(Api.CHAT,),
    refuses=_refuse_other_endpoints,
)
PROGRAM = Program(
    "aider",
    "aider-chat (PyPI)",
    precedence=Precedence(
        settings=(
            "the command line",
            "`AIDER_…` in `.env` of the folder, the repository or the home",
            "`AIDER_…` in the shell",
            "{installed}",
            "`.aider.conf.yml` of the folder, the repository or the home",
        ),
        credential=(
            "`openai-api-key`, `api-key` or `set-env` in a `.aider.conf.yml`",
            "`.env` of the folder, the repository or the home",
            "`~/.aider/oauth-keys.env`",
            "{variable} in the shell",
        ),
    ),
    quiet={"AIDER_ANALYTICS": "false", "LITELLM_LOCAL_MODEL_COST_MAP": "True"},
)
