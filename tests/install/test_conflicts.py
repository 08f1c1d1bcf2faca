"""Settings of the user that beat the installed ones: named with key, file and line before anything is changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gatewright.cli import run
from gatewright.clients.claude_code import conflicts as claude_code
from gatewright.clients.common.conflicts import Severity
from gatewright.errors import ExitCode, FileRefusedError
from gatewright.operations.client_doctor.conflicts import check_conflicts

from .bench import Bench
from .test_install import data

TOKEN = '{\n  "env": {\n    "ANTHROPIC_AUTH_TOKEN": "fake-token-of-another-service"\n  }\n}\n'
REFUSED = {
    "a token in Claude Code's settings": (
        "claude-code",
        ".claude/settings.json",
        TOKEN,
        "~/.claude/settings.json:3: env.ANTHROPIC_AUTH_TOKEN beats",
    ),
    "a token in its older file": ("claude-code", ".claude.json", TOKEN, "~/.claude.json:3: env.ANTHROPIC_AUTH_TOKEN"),
    "another service": (
        "claude-code",
        ".claude/settings.json",
        '{"env": {"CLAUDE_CODE_USE_BEDROCK": "1"}}',
        "~/.claude/settings.json:1: env.CLAUDE_CODE_USE_BEDROCK sends all requests to another service",
    ),
    "a header with a secret": (
        "claude-code",
        ".claude/settings.json",
        '{"env": {"ANTHROPIC_CUSTOM_HEADERS": "x-api-key: fake"}}',
        "~/.claude/settings.json:1: env.ANTHROPIC_CUSTOM_HEADERS replaces",
    ),
    "Aider's own key": (
        "aider",
        ".aider.conf.yml",
        "dark-mode: true\nopenai-api-key: fake-key\n",
        "~/.aider.conf.yml:2: openai-api-key beats",
    ),
    "a key in a list of Aider": (
        "aider",
        ".aider.conf.yml",
        "api-key:\n- openai=fake-key\n",
        "~/.aider.conf.yml:1: api-key beats",
    ),
    "a key in .env": ("aider", ".env", "# mine\nOPENAI_API_KEY=fake-key\n", "~/.env:2: OPENAI_API_KEY beats"),
    "OpenCode's stored key": (
        "opencode",
        ".local/share/opencode/auth.json",
        '{"agents-prod": {"type": "api", "key": "fake"}}',
        "~/.local/share/opencode/auth.json:1: agents-prod is a stored key",
    ),
    "OpenClaw's stored key": (
        "openclaw",
        ".openclaw/agents/main/agent/auth-profiles.json",
        '{"profiles": {"agents-prod:mine": {"provider": "agents-prod", "type": "api_key", "key": "fake"}}}',
        "~/.openclaw/agents/main/agent/auth-profiles.json:1: agents-prod:mine is a stored key",
    ),
    "a provider of Codex": (
        "codex",
        ".codex/config.toml",
        'model = "x"\n[model_providers.agents-prod-openai]\nname = "mine"\n',
        "~/.codex/config.toml:2: model_providers.agents-prod-openai is merged",
    ),
    "Continue's older file": (
        "continue",
        ".continue/config.json",
        '{"models": []}',
        "~/.continue/config.json: config.json is your configur",
    ),
}


@pytest.mark.parametrize(("client", "name", "text", "message"), REFUSED.values(), ids=REFUSED)
def test_a_conflict_is_refused_unless_the_user_decides(
    bench: Bench, client: str, name: str, text: str, message: str
) -> None:
    bench.file(name, text)
    before = bench.files()
    with pytest.raises(FileRefusedError) as raised:
        bench.install("prod", client)
    assert raised.value.message.startswith(message)
    assert "fake" not in raised.value.message
    assert "--ignore-conflicts" in (raised.value.hint or "")
    assert bench.files() == before
    outcome = bench.install("prod", client, ignore_conflicts=True)
    assert str(outcome.conflicts[0]).startswith(message)
    if client != "continue":  # whose older file is out of use then
        (finding, *_) = check_conflicts(bench.inspect("prod", client).conflicts)
        assert finding.detail.startswith(message)
        assert finding.is_fault
    bench.uninstall("prod", client)
    assert bench.files() == before


def test_the_command_names_the_conflict_and_the_option(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.file(".claude/settings.json", TOKEN)
    assert run(["install", "prod", "claude-code"]) == ExitCode.FAILED
    error = capsys.readouterr().err
    assert "~/.claude/settings.json:3: env.ANTHROPIC_AUTH_TOKEN" in error
    assert "--ignore-conflicts" in error
    assert run(["install", "prod", "claude-code", "--ignore-conflicts"]) == ExitCode.DONE
    assert capsys.readouterr().out.startswith("! ~/.claude/settings.json:3: env.ANTHROPIC_AUTH_TOKEN")


@pytest.mark.parametrize("name", ["settings.json", "settings.local.json"])
def test_a_projects_settings_are_read(bench: Bench, name: str) -> None:
    path = bench.project.root / ".claude" / name
    path.parent.mkdir()
    path.write_text(TOKEN, encoding="utf-8")
    with pytest.raises(FileRefusedError, match=rf"{name}:3: env\.ANTHROPIC_AUTH_TOKEN"):
        bench.install("prod", "claude-code")


@pytest.mark.parametrize(("platform", "name"), [("linux", "MANAGED"), ("darwin", "MANAGED_ON_MACOS")])
def test_managed_settings_beat_all_others(
    platform: str, name: str, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.platform = platform
    monkeypatch.setattr(claude_code, name, tmp_path)
    text = json.dumps({"env": {"ANTHROPIC_BASE_URL": "http://x"}, "apiKeyHelper": "x", "availableModels": ["haiku"]})
    (tmp_path / "managed-settings.json").write_text(text, encoding="utf-8")
    outcome = bench.install("prod", "claude-code", ignore_conflicts=True)
    assert [(conflict.name, conflict.severity) for conflict in outcome.conflicts] == [
        ("env.ANTHROPIC_BASE_URL", Severity.REFUSED),
        ("apiKeyHelper", Severity.REFUSED),
        ("availableModels", Severity.WARNED),
    ]


def test_the_installed_settings_beat_a_key_a_helper_and_a_model_of_the_user(bench: Bench) -> None:
    """Tried with 2.1.329: the file of --settings wins, and empty values count."""
    user = {"env": {"ANTHROPIC_API_KEY": "fake", "ANTHROPIC_MODEL": "x"}, "apiKeyHelper": "x"}
    bench.file(".claude/settings.json", json.dumps(user))
    (file,) = bench.install("prod", "claude-code").files
    content = data(file.path)
    assert (content["env"]["ANTHROPIC_API_KEY"], content["apiKeyHelper"]) == ("", "")
    assert content["env"]["ANTHROPIC_MODEL"] == content["model"]
    assert "availableModels" not in content, "a list would restrict the user's models"


def test_available_models_of_the_user_are_extended(bench: Bench) -> None:
    bench.file(".claude/settings.json", '{"availableModels": ["haiku"]}')
    (file,) = bench.install("prod", "claude-code").files
    assert data(file.path)["availableModels"] == ["claude-sonnet-5"]


def test_a_list_of_providers_in_another_layer_is_named(bench: Bench) -> None:
    path = bench.project.root / "opencode.json"
    path.write_text('{\n  "enabled_providers": ["house"]\n}', encoding="utf-8")
    (conflict,) = bench.install("prod", "opencode").conflicts
    assert conflict.location.endswith("opencode.json:2")
    assert conflict.severity is Severity.WARNED
    assert conflict.fix.startswith("Add agents-prod to enabled_providers")


@pytest.mark.parametrize(
    ("platform", "folder"), [("linux", ".config"), ("darwin", "Library/Application Support")], ids=["linux", "macos"]
)
def test_a_stored_key_of_llm_is_named(platform: str, folder: str, bench: Bench) -> None:
    bench.platform = platform
    bench.file(f"{folder}/io.datasette.llm/keys.json", '{\n  "agents-prod": "fake"\n}')
    (conflict,) = bench.install("prod", "llm").conflicts
    assert str(conflict).startswith(f"~/{folder}/io.datasette.llm/keys.json:2: agents-prod is the key that llm sends")
    assert (bench.home / folder / "io.datasette.llm" / "extra-openai-models.yaml").is_file()
    assert conflict.severity is Severity.NOTED


def test_the_saved_model_of_copilot_is_named(bench: Bench) -> None:
    bench.file(".copilot/settings.json", '{\n  "model": "gpt-5"\n}')
    (conflict,) = bench.install("prod", "copilot").conflicts
    assert str(conflict).startswith("~/.copilot/settings.json:2: model decides the parameters of requests")
    assert conflict.severity is Severity.NOTED


def test_another_login_of_gemini_cli_is_named(bench: Bench) -> None:
    bench.file(".gemini/settings.json", '{"security": {"auth": {"enforcedType": "oauth-personal"}}}')
    project = bench.project.root / ".gemini"
    project.mkdir()
    (project / "settings.json").write_text('{"security": {"auth": {"selectedType": "vertex-ai"}}}', encoding="utf-8")
    machine = bench.file("managed.json", '{"security": {"auth": {"selectedType": "gemini-api-key"}}}')
    bench.variables["GEMINI_CLI_SYSTEM_SETTINGS_PATH"] = str(machine)
    own, of_project = bench.install("prod", "gemini-cli").conflicts
    assert str(own).startswith("~/.gemini/settings.json:1: security.auth.enforcedType enforces another login")
    assert of_project.location.endswith(".gemini/settings.json:1")
    assert of_project.effect.startswith("chooses another login")
    assert {own.severity, of_project.severity} == {Severity.WARNED}


def test_the_users_login_of_gemini_cli_is_replaced_and_restored(bench: Bench) -> None:
    text = '{"security": {"auth": {"selectedType": "oauth-personal"}}}'
    file = bench.file(".gemini/settings.json", text)
    (conflict,) = bench.install("prod", "gemini-cli").conflicts
    assert str(conflict).endswith("with it, Gemini CLI does not use the gateway")
    assert (conflict.severity, conflict.replaced_in) == (Severity.ASKED, file)
    assert data(file) == {"security": {"auth": {"selectedType": "gemini-api-key"}}}
    assert bench.install("prod", "gemini-cli").conflicts == ()
    bench.uninstall("prod", "gemini-cli")
    assert file.read_text(encoding="utf-8") == text


def test_a_variable_that_aider_prefers_is_named(bench: Bench) -> None:
    bench.variables["AIDER_MODEL"] = "x"
    (conflict,) = bench.install("prod", "aider").conflicts
    assert str(conflict) == "this shell: AIDER_MODEL beats the installed model"


def test_the_gateways_token_in_a_dotenv_file_is_no_conflict(bench: Bench) -> None:
    bench.file(".env", "OPENAI_API_KEY=fake-token\n")
    bench.variables["OPENAI_API_KEY"] = "fake-token"
    assert bench.install("prod", "aider").conflicts == ()


def test_settings_that_are_nested_too_deeply_are_none(bench: Bench) -> None:
    bench.file(".codex/config.toml", f"a = {'[' * 5000}")
    bench.install("prod", "codex")
    assert (bench.home / ".codex/agents-prod.config.toml").is_file()


@pytest.mark.parametrize("text", ['[profiles.agents-prod]\nmodel = "mine"\n', 'profile = "agents-prod"\n'])
def test_an_older_profile_of_codex_is_refused_always(bench: Bench, text: str) -> None:
    bench.file(".codex/config.toml", text)
    before = bench.files()
    with pytest.raises(FileRefusedError, match=r"~/\.codex/config\.toml:1: profiles?\S* is the older form"):
        bench.install("prod", "codex", ignore_conflicts=True)
    assert bench.files() == before
