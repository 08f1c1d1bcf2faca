"""A project with two environments, and a home whose name has blanks, quotes and non-ASCII characters."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from gatewright.clients import CAPABILITIES
from gatewright.environment.capabilities import ClientCapabilities
from gatewright.project import Project

from .bench import Bench

PROVIDERS = """\
providers:
  mistral: {key: {stored: true}, models: {tiny: {name: Tiny, context: 32768, output: 8192}}}
  openai: {key: {stored: true}, models: {gpt-5-mini: {context: 128000, output: 16384}}}
  anthropic: {key: {stored: true}, models: {claude-sonnet-5: {context: 200000, output: 64000}}}
  google-ai-studio: {key: {stored: true}, models: {gemini-flash: {context: 1000000, output: 65536}}}
routes: {fast: [mistral/tiny]}
tokens: {agents: {}}
"""


def clients(settings: Mapping[str, object]) -> str:
    """The `clients` of an environment file."""
    return f"clients: {json.dumps(settings)}\n"


def settings_of(capabilities: ClientCapabilities) -> dict[str, str]:
    """A client's settings, with all kinds of models that it supports."""
    primary = {"primary": "dynamic/fast"} if capabilities.routes else {}
    return primary | ({"small": "mistral/tiny"} if capabilities.routes and capabilities.small else {})


SETTINGS = {client: settings_of(capabilities) for client, capabilities in CAPABILITIES.items()}
BASE = PROVIDERS + clients(SETTINGS)
DEV = "extends: base.yaml\naccount: {env: DEV_ACCOUNT}\n"
PROD = f"extends: base.yaml\naccount: {'fa4eacc0' * 4}\n" + clients(
    {client: {"variable": "PROD_TOKEN"} for client in CAPABILITIES}
)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """The project is the working directory, and no variable of this machine sets a location."""
    root, home = tmp_path / "my project", tmp_path / "Zoë's home 🦀"
    (root / "stacks").mkdir(parents=True)
    home.mkdir()
    (root / "Pulumi.yaml").write_text("name: gatewright\n", encoding="utf-8")
    for name, text in (("base", BASE), ("dev", DEV), ("prod", PROD)):
        (root / "stacks" / f"{name}.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(root)
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "CLAUDE_CONFIG_DIR", "CODEX_HOME", "OPENCODE_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setenv("DEV_ACCOUNT", "0dd0fa4e" * 4)
    return Bench(Project(root), home)
