"""How each program answers one prompt, as the client itself and as each of its agents."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatewright.clients import CLIENTS
from gatewright.clients.common.installation import InstallRequest
from gatewright.clients.common.machine import Machine
from gatewright.environment.resolved import Environment

from .environments import written

HOME = Path("/home/fake")
TEXT = """\
local: true
gateway: {name: gw}
providers:
  groq: {key: {env: FAKE_GROQ_KEY}, models: {g: {}}}
  openai: {key: {env: FAKE_OPENAI_KEY}, models: {o: {}}}
  anthropic: {key: {env: FAKE_ANTHROPIC_KEY}, models: {c: {}, d: {}}}
  google-ai-studio: {key: {env: FAKE_GEMINI_KEY}, models: {f: {}}}
routes: {fast: [groq/g]}
roles: {coder: groq/g, reader: openai/o, opus: anthropic/d}
tokens: {agents: {}}
clients:
  aider: {primary: dynamic/fast, agents: [coder]}
  claude-code: {primary: anthropic/c, agents: {opus: anthropic/d, subagents: anthropic/d}}
  codex: {primary: openai/o, agents: [reader]}
  continue: {primary: dynamic/fast}
  copilot: {primary: dynamic/fast}
  gemini-cli: {primary: google-ai-studio/f}
  litellm: {primary: dynamic/fast}
  llm: {primary: dynamic/fast, agents: [coder]}
  openclaw: {primary: dynamic/fast, agents: [coder]}
  opencode: {primary: dynamic/fast, agents: {coder: coder, title: coder}}
  pi: {primary: dynamic/fast}
  qwen-code: {primary: dynamic/fast}
"""
PROMPTS = {
    "aider": {"": "--message {prompt}", "coder": "--model coder --message {prompt}"},
    "claude-code": {
        "": "--settings /home/fake/.claude/gw.settings.json -p {prompt}",
        "opus": "--settings /home/fake/.claude/gw.settings.json --model opus -p {prompt}",
    },
    "codex": {
        "": "exec -p gw --skip-git-repo-check {prompt}",
        "reader": "exec -p gw-reader --skip-git-repo-check {prompt}",
    },
    "continue": {"": "-p {prompt}"},
    "copilot": {"": "--silent --no-auto-update --prompt {prompt}"},
    "gemini-cli": {"": "--skip-trust --prompt {prompt}"},
    "litellm": {},  # a proxy, which answers requests
    "llm": {"": "-m gw --no-log {prompt}", "coder": "-m gw-coder --no-log {prompt}"},
    "openclaw": {
        "": "agent --local --agent main -m {prompt}",
        "coder": "agent --local --agent coder -m {prompt}",
    },
    "opencode": {"": "run -m gw/dynamic/fast {prompt}", "coder": "run --agent coder {prompt}"},
    "pi": {"": "--no-session --no-tools --provider gw --model dynamic/fast -p {prompt}"},
    "qwen-code": {"": "--prompt {prompt}"},
}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return written(tmp_path_factory.mktemp("prompts"), TEXT, "here")


@pytest.mark.parametrize("client", PROMPTS)
def test_the_arguments_by_agent(environment: Environment, client: str) -> None:
    resolved = environment.clients[client]
    files = CLIENTS[client].files(environment, resolved)
    request = InstallRequest(environment, resolved, Machine(HOME, {}, HOME, "linux"), files)
    prompts = CLIENTS[client].installation(request).all_prompts()
    lines = {agent: " ".join(arguments) for agent, arguments in prompts.items()}
    if client == "aider":  # after the options of every run
        lines = {agent: line.partition("--no-stream ")[2] for agent, line in lines.items()}
    assert lines == PROMPTS[client]


def test_every_program_that_answers_prompts_is_listed() -> None:
    assert {client for client, package in CLIENTS.items() if package.is_tested} == set(PROMPTS)
