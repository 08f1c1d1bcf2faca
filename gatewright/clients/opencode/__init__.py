"""OpenCode: `~/.config/opencode/opencode.json`, or the file in OPENCODE_CONFIG (checked against 1.18.33).

It merges all layers, so the file holds only gatewright's providers and the default models. A role is one of its agents:
built-in agents (build, plan, explore, title, ...) get the model, others are created.
1.18.33 ignores the newer form, with `providers`: only a core that its sessions do not use yet reads it, and that
converts this form too.
Source: the program's own check of its config (`opencode debug config`) of that version.
"""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.clients.common.program import Precedence, Program
from gatewright.clients.common.refusals import refuse_built_in_ids, refuse_substituted_names
from gatewright.clients.opencode.built_in_providers import BUILT_IN_PROVIDERS
from gatewright.environment.capabilities import Agents, ClientCapabilities, Metadata, Refusal
from gatewright.environment.resolved import Client, Environment

_SUBSTITUTED = ("{env:", "{file:")


def _refuse(environment: Environment, client: Client) -> Iterator[Refusal]:
    yield from refuse_built_in_ids(environment, client)
    yield from refuse_substituted_names(environment, client, _SUBSTITUTED, "variables and files in every text")


CAPABILITIES = ClientCapabilities(
    title="OpenCode",
    metadata=Metadata("{env:{}}", roles=True),
    header_variable="{env:{}}",
    checked="1.18.33",
    oldest="1.18",
    fallbacks=False,
    small=True,
    agents=Agents("agents"),
    credentials={"helper": "1.18", "file": "1.18"},
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
            "{variable} in the shell, which the provider names; with `credential: file`, the file that it names; with "
            "`credential: helper`, a plugin",
            "`auth.json`, for a provider without a key",
        ),
    ),
    quiet={"OPENCODE_DISABLE_AUTOUPDATE": "1", "OPENCODE_DISABLE_MODELS_FETCH": "1"},
)
