"""A home for a program with the files of an environment that has this one client, and its secrets as they are named."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from gatewright.clients import CLIENTS, emit
from gatewright.clients.common.variables import Holds
from gatewright.environment.model.environment_file import Local
from gatewright.environment.resolved import Environment
from gatewright.facts.local_cloudflare import fake_key
from gatewright.project import Project

from ..environments import written
from .cloudflare import LocalCloudflare
from .install import Program
from .run import Home

MASTER_KEY = "sk-fake-master-key"
GATEWAY = "agents-local"
PACKAGES = {
    "pi": "@earendil-works/pi-coding-agent",
    "opencode": "opencode-ai",
    "claude-code": "@anthropic-ai/claude-code",
    "codex": "@openai/codex",
    "continue": "@continuedev/cli",
}
FOLDERS = {
    "openclaw": {"OPENCLAW_CONFIG_PATH": "openclaw.json", "OPENCLAW_STATE_DIR": "state"},
    "pi": {"PI_CODING_AGENT_DIR": "pi"},
    "opencode": {"OPENCODE_CONFIG": "opencode.json"},
    "claude-code": {"CLAUDE_CONFIG_DIR": "config"},
    "codex": {"CODEX_HOME": "codex"},
    "llm": {"LLM_USER_PATH": "llm"},
}
QUIET = {
    "AIDER_ANALYTICS": "false",
    "CONTINUE_TELEMETRY_ENABLED": "0",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "OPENCLAW_NO_AUTO_UPDATE": "1",
    "OPENCODE_DISABLE_AUTOUPDATE": "1",
    "OPENCODE_DISABLE_MODELS_FETCH": "1",
    "PI_OFFLINE": "1",
}


def declared(checkout: Project, folder: Path, cloudflare: LocalCloudflare, lines: str) -> Environment:
    """The catalog's models at the local Cloudflare of the tests, and what `lines` say."""
    shutil.copytree(checkout.stacks, folder / "stacks")
    text = f"extends: catalog.yaml\nlocal: true\ngateway: {{name: {GATEWAY}}}\ntokens: {{agents: {{}}}}\n{lines}"
    environment = written(folder / "stacks", text, "here")
    return replace(environment, local=Local(port=cloudflare.running.port))


def home(environment: Environment, folder: Path, token: str, program: Callable[[str], Program]) -> Home:
    """Where the environment's only client runs: its files, and of the environment's secrets what it is said to read."""
    (client,) = environment.clients.values()
    place = folder / "Zoë's home"
    for file in emit(environment):
        path = place / file.path.removeprefix("aider/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, encoding="utf-8")
    variables = {name: str(place / path) for name, path in FOLDERS.get(client.program, {}).items()}
    for variable in CLIENTS[client.program].variables(environment, client):
        secret = {Holds.TOKEN: token, Holds.KEY: fake_key(variable.of or ""), Holds.OWN: MASTER_KEY}[variable.holds]
        variables[variable.name] = variable.prefix + secret
    return Home(program(PACKAGES.get(client.program, client.program)), place, {**QUIET, **variables})
