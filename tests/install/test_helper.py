"""The command for a token in installed files: absolute, and with the project."""

from __future__ import annotations

import json
import shlex
import tomllib
from pathlib import Path

import pytest

from .bench import Bench

PROVIDERS = """\
providers:
  anthropic: {key: {stored: true}, models: {claude: {}}}
  openai: {key: {stored: true}, models: {gpt: {}}}
tokens: {agents: {}}
"""


@pytest.fixture
def command(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The arguments of the command without the client's name, in a project with clients that run it."""
    program = Path("/opt/my tools/gatewright")
    monkeypatch.setattr("gatewright.install.requests.program_path", lambda: program)
    helped = ("claude-code", "codex", "copilot", "pi", "openclaw")
    clients = ", ".join(f"{name}: {{credential: helper}}" for name in helped)
    clients += ", opencode: {credential: file}"
    bench.rewrite("helped", f'account: "{"fa4eacc0" * 4}"\n{PROVIDERS}clients: {{{clients}}}\n')
    return [str(program), "token", "helped", "--for", "", "--project", str(bench.project.root)]


def of(command: list[str], client: str) -> list[str]:
    return [argument or client for argument in command]


def test_claude_code(bench: Bench, command: list[str]) -> None:
    bench.install("helped", "claude-code")
    settings = json.loads((bench.home / ".claude/agents-helped.settings.json").read_text())
    assert shlex.split(settings["apiKeyHelper"]) == of(command, "claude-code")


def test_codex(bench: Bench, command: list[str]) -> None:
    bench.install("helped", "codex")
    settings = tomllib.loads((bench.home / ".codex/agents-helped.config.toml").read_text())
    auth = settings["model_providers"]["agents-helped-openai"]["auth"]
    assert [auth["command"], *auth["args"]] == of(command, "codex")


def test_copilot(bench: Bench, command: list[str]) -> None:
    bench.install("helped", "copilot")
    (file,) = bench.home.rglob("*.sh")
    variables = dict(line.partition("=")[::2] for line in shlex.split(file.read_text(), comments=True) if "=" in line)
    assert shlex.split(variables["COPILOT_PROVIDER_API_KEY_COMMAND"]) == of(command, "copilot")


def test_pi_and_its_older_entry(bench: Bench, command: list[str]) -> None:
    text = (bench.project.stacks / "helped.yaml").read_text()
    bench.rewrite("helped", text.replace("pi: {credential: helper}", "pi: {}"))
    bench.install("helped", "pi")
    folder = bench.home / ".pi/agent"
    assert list(json.loads((folder / "auth.json").read_text())) == ["agents-helped"]
    bench.rewrite("helped", text)
    bench.install("helped", "pi")
    key = json.loads((folder / "models.json").read_text())["providers"]["agents-helped"]["apiKey"]
    assert key[0] == "!"
    assert shlex.split(key[1:]) == of(command, "pi")
    assert (folder / "auth.json").read_text() == "", "pi reads an empty file as one without credentials"


def test_openclaw(bench: Bench, command: list[str]) -> None:
    before = bench.file(
        ".openclaw/openclaw.json", '{"secrets": {"providers": {"mine": {"source": "env"}}}}\n'
    ).read_text()
    bench.install("helped", "openclaw")
    config = json.loads(bench.openclaw.read_text())
    provider = config["secrets"]["providers"]["aig-agents-helped"]
    assert [provider["command"], *(each for each in provider["args"] if each != "--header")] == of(command, "openclaw")
    header = config["models"]["providers"]["agents-helped"]["headers"]["cf-aig-authorization"]
    assert header == {"source": "exec", "provider": "aig-agents-helped", "id": "token"}
    assert "mine" in config["secrets"]["providers"]
    bench.uninstall("helped", "openclaw")
    assert bench.openclaw.read_text() == before


def test_opencode_reads_a_file_of_this_machine(bench: Bench, command: list[str]) -> None:
    assert command
    bench.install("helped", "opencode")
    config = json.loads((bench.home / ".config/opencode/opencode.json").read_text())
    header = config["provider"]["agents-helped"]["options"]["headers"]["cf-aig-authorization"]
    assert header == f"Bearer {{file:{bench.machine.state}/tokens/agents-helped.agents}}"
