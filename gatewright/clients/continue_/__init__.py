"""Continue: `~/.continue/config.yaml`, or a file for `cn --config` (checked against 1.5.47).

It sends no request without a key, so with stored keys the gateway's token is the key. A role of `agents` is one of its
own roles: the model that edits, applies, completes or summarizes. The first model listed chats.
Source: the program's own check of its config of that version.
"""

from __future__ import annotations

from gatewright.clients.common.program import Folder, Precedence, Program
from gatewright.environment.capabilities import Agents, ClientCapabilities, Metadata

CAPABILITIES = ClientCapabilities(
    title="Continue",
    metadata=Metadata("${{ secrets.{} }}"),
    header_variable="${{ secrets.{} }}",
    checked="1.5.47",
    oldest="1.5",
    fallbacks=False,
    own=False,
    agents=Agents("roles", names=("edit", "apply", "autocomplete", "summarize")),
)
FOLDER = Folder(".continue", "CONTINUE_GLOBAL_DIR")
PROGRAM = Program(
    "cn",
    "@continuedev/cli (npm)",
    folder=FOLDER,
    env_file=".env",
    precedence=Precedence(
        settings=("`--config` of cn", "{installed}", "`config.json`, only without a `config.yaml`"),
        credential=("{variable} in the shell that starts cn", "`.env` beside the file"),
    ),
    quiet={"CONTINUE_TELEMETRY_ENABLED": "0"},
)
