"""OpenClaw: `~/.openclaw/openclaw.json` (checked against 2026.9.6 and 2026.6.35).

Source: `openclaw config schema` and `openclaw config validate` of those versions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gatewright.clients.common.endpoints import find_endpoints
from gatewright.clients.common.program import Daemon, Folder, Precedence, Program
from gatewright.clients.common.refusals import refuse_built_in_ids
from gatewright.clients.openclaw.built_in_providers import BUILT_IN_PROVIDERS
from gatewright.environment.capabilities import Agents, ClientCapabilities, Metadata, Refusal
from gatewright.environment.references import ModelName
from gatewright.environment.resolved import Client, Environment

_PROFILE = re.compile(r"[^/]@(?!\d{8}$)[^/]*$")


def _refuse(environment: Environment, client: Client) -> Iterator[Refusal]:
    """OpenClaw reads the text after an @ in the last part of a model's id as a user's account, unless it is a date."""
    yield from refuse_built_in_ids(environment, client)
    models = (name for name in client.models if isinstance(name, ModelName))
    if not any(_PROFILE.search(environment.model_id(name)) for name in models):
        return
    for model in find_endpoints(environment, client).models:
        if _PROFILE.search(model.id):
            message = f"OpenClaw reads the text after @ in {model.id} as the name of an account"
            yield Refusal("models", message, f"List the other models: clients.{client.program}.models")


CAPABILITIES = ClientCapabilities(
    title="OpenClaw",
    metadata=Metadata("${{}}", roles=True),
    header_variable="${{}}",
    checked="2026.9.6",
    oldest="2026.6.35",
    agents=Agents("agents", pattern=r"[a-z0-9_][a-z0-9_-]{0,63}", reserved=frozenset({"main"}), fallbacks=True),
    credentials={"helper": "2026.9"},
    built_in_providers=BUILT_IN_PROVIDERS,
    assumes={"context": "assumes 128,000 tokens of context"},
    refuses=_refuse,
)
FOLDER = Folder(".openclaw", "OPENCLAW_STATE_DIR", home_variable="OPENCLAW_HOME")
PROGRAM = Program(
    "openclaw",
    "openclaw (npm)",
    daemon=Daemon("OpenClaw's gateway", "gateway", "openclaw gateway restart"),
    folder=FOLDER,
    env_file=".env",
    precedence=Precedence(
        settings=("the command line", "{installed}: the agent's `model`, then that of `agents.defaults`"),
        credential=(
            "a stored key in `auth-profiles.json` of an agent",
            "{variable} in the environment of its gateway or, with `credential: helper`, a command",
            "`.env` beside the file",
        ),
    ),
    reload_command="openclaw secrets reload",
    quiet={"OPENCLAW_NO_AUTO_UPDATE": "1"},
)
