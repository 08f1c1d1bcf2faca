"""The real Claude Code with the emitted file, against the local Cloudflare."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from clients.bad_files import BadFile, bad_files
from clients.programs.cloudflare import LocalCloudflare
from clients.programs.homes import InstallProgram, ask_with_helper, load_environment, make_home
from clients.programs.run import Home

from gatewright.clients import CLIENTS
from gatewright.environment.resolved import Environment
from gatewright.project import Project

pytestmark = pytest.mark.clients
CASES = sorted(Path(__file__).parent.glob("*/claude-code/settings.json"))
WITH_HELPER = [case for case in CASES if '"gatewright token ' in case.read_text(encoding="utf-8")]


@pytest.fixture
def claude(home: Callable[[str], Home]) -> Home:
    return home("claude-code")


@pytest.fixture
def claude_without_token(claude: Home) -> Home:
    return replace(claude, variables=claude.tested.variables_in(claude.folder))


def settings(claude: Home) -> Path:
    return claude.folder / "claude-code" / "settings.json"


def edit(claude: Home, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the variables in the settings file."""
    content = json.loads(settings(claude).read_text(encoding="utf-8"))
    change(content["env"])
    settings(claude).write_text(json.dumps(content), encoding="utf-8")


def test_a_prompt_is_answered_and_the_token_is_the_only_credential(claude: Home, cloudflare: LocalCloudflare) -> None:
    before = cloudflare.last()
    ran = claude.ask()
    assert ran.exit_code == 0, ran.output
    assert "heard: " in ran.out
    assert cloudflare.paths(before) == {"anthropic/v1/messages"}
    assert cloudflare.credentials(before) == {(200, "agents", "stored")}
    models = {request["model"] for request in cloudflare.requests(before)}
    assert "claude-sonnet-4" in {model.rpartition("-2")[0] or model for model in models}


def test_no_other_key_of_the_users_settings_is_sent(claude: Home, cloudflare: LocalCloudflare) -> None:
    user = {
        "env": {"ANTHROPIC_API_KEY": "fake-key-of-another-service", "ANTHROPIC_MODEL": "claude-opus-4"},
        "apiKeyHelper": "echo fake-key-of-another-service",
        "availableModels": ["claude-sonnet-4", "haiku"],
    }
    path = claude.folder / "config" / "settings.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(user), encoding="utf-8")
    before = cloudflare.last()
    try:
        ran = claude.ask()
    finally:
        path.unlink()
    assert ran.exit_code == 0, ran.output
    assert cloudflare.credentials(before) == {(200, "agents", "stored")}
    assert {request["model"].rpartition("-2")[0] for request in cloudflare.requests(before)} <= {"claude-sonnet-4", ""}


def test_a_key_of_the_user_is_forwarded_and_the_token_is_not(
    claude_without_token: Home, cloudflare: LocalCloudflare, environment: Environment
) -> None:
    client = replace(environment.clients["claude-code"], keys="local")
    claude_without_token.write(CLIENTS["claude-code"].files(environment, client))
    before = cloudflare.last()
    header = f"cf-aig-authorization: Bearer {cloudflare.token}"
    ran = claude_without_token.ask(ANTHROPIC_API_KEY="fake-key-of-anthropic", ANTHROPIC_CUSTOM_HEADERS=header)
    assert ran.exit_code == 0, ran.output
    assert cloudflare.credentials(before) == {(200, "agents", "caller's")}


def test_the_rest_api_answers(claude: Home, environment: Environment) -> None:
    client = replace(environment.clients["claude-code"], via=dict.fromkeys(environment.providers, "rest"))
    claude.write(CLIENTS["claude-code"].files(environment, client))
    ran = claude.ask()
    assert ran.exit_code == 0, ran.output
    assert "heard: " in ran.out


def test_a_reference_in_the_file_would_be_sent_unchanged(
    claude_without_token: Home, cloudflare: LocalCloudflare
) -> None:
    edit(claude_without_token, lambda env: env.update(ANTHROPIC_AUTH_TOKEN="${CLOUDFLARE_AI_GATEWAY_TOKEN}"))
    ran = claude_without_token.ask(CLOUDFLARE_AI_GATEWAY_TOKEN=cloudflare.token, CLAUDE_CODE_MAX_RETRIES="0")
    assert ran.exit_code != 0


@pytest.mark.parametrize("bad", bad_files("claude-code", program="refuses"), ids=str)
def test_a_bad_file_is_dropped(bad: BadFile, claude_without_token: Home) -> None:
    settings(claude_without_token).write_text(json.dumps(bad.content), encoding="utf-8")
    ran = claude_without_token.ask()
    assert ran.exit_code != 0
    assert "settings did not load" in ran.output


@pytest.mark.parametrize("case", WITH_HELPER, ids=lambda path: path.parents[1].name)
def test_the_helper_is_called(case: Path, claude_without_token: Home, cloudflare: LocalCloudflare) -> None:
    text = case.read_text(encoding="utf-8")
    home = replace(claude_without_token, variables={**claude_without_token.variables, "CLAUDE_CODE_MAX_RETRIES": "0"})
    ran, calls = ask_with_helper(home, settings(claude_without_token), text, cloudflare)
    assert calls.startswith("token environment --for claude-code\n"), ran.output
    assert "did not load" not in ran.output


@pytest.mark.parametrize("case", sorted({*CASES} - {*WITH_HELPER}), ids=lambda path: path.parents[1].name)
def test_every_case_is_accepted(case: Path, claude_without_token: Home) -> None:
    settings(claude_without_token).write_bytes(case.read_bytes())
    ran = claude_without_token.ask()
    assert "did not load" not in ran.output
    assert "Not logged in" in ran.output  # it has read the file, and the credential is missing


def test_a_fallback_answers_when_the_primary_does_not_exist(
    checkout: Project, cloudflare: LocalCloudflare, install_program: InstallProgram, tmp_path: Path
) -> None:
    client = "primary: anthropic/claude-sonnet-4, fallbacks: [anthropic/claude-opus-4]"
    environment = load_environment(checkout, tmp_path, cloudflare, f"clients: {{claude-code: {{{client}}}}}\n")
    home = make_home(environment, tmp_path, cloudflare.token, install_program)
    before = cloudflare.last()
    with cloudflare.fault(on="upstream", provider="anthropic", model="claude-sonnet-4", status=404, times=99):
        ran = home.ask()
    assert ran.exit_code == 0, ran.output
    assert "anthropic/claude-opus-4 heard: " in ran.out
    models = [request["model"] for request in cloudflare.requests(before)]
    assert list(dict.fromkeys(models)) == ["claude-sonnet-4", "claude-opus-4"]


def test_the_limits_are_those_of_the_models(
    checkout: Project, cloudflare: LocalCloudflare, install_program: InstallProgram, tmp_path: Path
) -> None:
    """Without a context window, the program reports that it does not know the model."""
    lines = """\
providers: {anthropic: {models: {tiny: {id: claude-of-tomorrow, context: 90000, output: 1234}}}}
clients: {claude-code: {primary: anthropic/tiny}}
"""
    environment = load_environment(checkout, tmp_path, cloudflare, lines)
    home = make_home(environment, tmp_path, cloudflare.token, install_program)
    unknown = "doesn't recognize the model"
    ran = home.ask()
    assert (ran.exit_code, unknown in ran.output) == (0, False), ran.output
    edit(home, lambda env: env.pop("CLAUDE_CODE_MAX_CONTEXT_TOKENS"))
    assert unknown in home.ask().output
