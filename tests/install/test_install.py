"""Install and uninstall every client, with two environments side by side and edits in between."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
from clients.programs.tested_program import USER_FILES

from gatewright.clients import CLIENTS
from gatewright.errors import FileRefusedError, InvalidEnvironmentError, UsageError
from gatewright.install import FileState
from gatewright.io.text_edits.json5_parser import parse

from .bench import OPENCLAW, Bench
from .conftest import DEV, PROVIDERS, clients


def named_path(bench: Bench, client: str) -> Path | None:
    """For formats, which have no location of their own."""
    return None if CLIENTS[client].program else bench.home / "own path" / client


def data(path: Path) -> dict[str, Any]:
    root = parse(path.read_text(encoding="utf-8")).root
    assert root is not None
    assert isinstance(root.data, dict)
    return root.data


@pytest.mark.parametrize("client", sorted(CLIENTS))
@pytest.mark.parametrize("existing", [{}, USER_FILES], ids=["an empty home", "files of the user's"])
def test_uninstall_restores_every_byte(bench: Bench, client: str, existing: dict[str, str]) -> None:
    for name, text in existing.items():
        bench.file(name, text)
    before = bench.files()
    assert bench.install("prod", client, to=named_path(bench, client), dry_run=True).changes
    assert bench.files() == before
    assert not (bench.home / ".local").exists()
    outcome = bench.install("prod", client, to=named_path(bench, client))
    assert {file.state for file in outcome.files} <= {"created", "changed"}
    installed = bench.files()
    assert installed != before
    assert not bench.install("prod", client, to=named_path(bench, client)).changes
    assert bench.files() == installed
    bench.uninstall("prod", client)
    assert bench.files() == before
    assert bench.journal == ""
    assert {path.name for path in bench.home.iterdir()} - {".local"} == {name.partition("/")[0] for name in existing}


@pytest.mark.parametrize("client", [client for client, package in sorted(CLIENTS.items()) if package.program])
def test_two_environments_side_by_side_in_any_order(bench: Bench, client: str) -> None:
    for name, text in USER_FILES.items():
        bench.file(name, text)
    before = bench.files()
    bench.install("dev", client)
    dev = bench.files()
    bench.install("prod", client)
    both = bench.files()
    bench.uninstall("prod", client)
    assert bench.files() == dev
    bench.install("prod", client)
    assert bench.files() == both
    bench.uninstall("dev", client)
    bench.uninstall("prod", client)
    assert bench.files() == before


def test_the_default_model_is_the_newest_environments_and_returns_step_by_step(bench: Bench) -> None:
    bench.file(".openclaw/openclaw.json")
    bench.install("dev", "openclaw")
    outcome = bench.install("prod", "openclaw")
    assert "agents.defaults.model was set by dev; uninstall restores that value" in outcome.files[0].notes
    assert primary(bench) == "agents-prod/dynamic/fast"
    assert "agents.defaults.model is set by dev again" in bench.uninstall("prod", "openclaw").files[0].notes
    assert primary(bench) == "agents-dev/dynamic/fast"
    bench.uninstall("dev", "openclaw")
    assert bench.openclaw.read_text(encoding="utf-8") == OPENCLAW


def test_uninstalling_an_earlier_environment_keeps_the_default_model(bench: Bench) -> None:
    bench.file(".openclaw/openclaw.json")
    bench.install("dev", "openclaw")
    bench.install("prod", "openclaw")
    bench.uninstall("dev", "openclaw")
    assert primary(bench) == "agents-prod/dynamic/fast"
    bench.uninstall("prod", "openclaw")
    assert bench.openclaw.read_text(encoding="utf-8") == OPENCLAW


def test_one_variable_cannot_hold_two_tokens(bench: Bench) -> None:
    bench.rewrite("prod", "extends: base.yaml\naccount: {env: DEV_ACCOUNT}\n")
    bench.install("dev", "pi")
    before = bench.files()
    with pytest.raises(FileRefusedError, match="reads the token of dev from CLOUDFLARE_AI_GATEWAY_TOKEN") as raised:
        bench.install("prod", "pi")
    assert "clients: {pi: {variable: NAME}}" in str(raised.value.hint)
    assert bench.files() == before
    bench.install("prod", "codex")  # which is started for one environment at a time


def test_existing_settings_of_the_user_are_not_replaced(bench: Bench) -> None:
    text = '{"models": {"providers": {"agents-prod": {"baseUrl": "http://x"}}}}'
    bench.file(".openclaw/openclaw.json", text)
    with pytest.raises(FileRefusedError, match=r"already has models\.providers\.agents-prod,") as raised:
        bench.install("prod", "openclaw")
    assert "`provider: NAME`" in str(raised.value.hint)
    assert bench.openclaw.read_text(encoding="utf-8") == text
    bench.file(".codex/agents-prod.config.toml", "mine = 1\n")
    with pytest.raises(FileRefusedError, match=r"agents-prod\.config\.toml already exists"):
        bench.install("prod", "codex")


def test_a_file_of_another_environment_is_refused_with_its_owner(bench: Bench) -> None:
    path = bench.home / "models.json"
    bench.install("dev", "models", to=path)
    with pytest.raises(FileRefusedError, match=r"models\.json belongs to dev of") as raised:
        bench.install("prod", "models", to=path)
    assert str(raised.value.hint).endswith("or first: gatewright uninstall dev models")


def test_the_hint_for_an_existing_variable_names_another_file(bench: Bench) -> None:
    path = bench.file(".env", "OPENAI_BASE_URL=http://x\n")
    with pytest.raises(FileRefusedError) as raised:
        bench.install("prod", "dotenv", to=path)
    assert raised.value.hint == "Remove it there, or name another file with --to"


def test_an_install_removes_settings_that_the_environment_no_longer_has(bench: Bench) -> None:
    bench.file(".openclaw/openclaw.json")
    bench.install("dev", "openclaw")
    bench.install("dev", "codex")
    bench.rewrite("dev", DEV + "clients: {openclaw: {provider: other}, codex: {provider: other}}\n")
    assert {file.state for file in bench.inspect("dev", "openclaw").files} == {FileState.STALE}
    bench.install("dev", "openclaw")
    bench.install("dev", "codex")
    assert providers(bench) == {"ollama", "other"}
    assert [path.name for path in (bench.home / ".codex").iterdir()] == ["other.config.toml"]
    bench.uninstall("dev", "openclaw")
    assert bench.openclaw.read_text(encoding="utf-8") == OPENCLAW


def test_an_environment_that_does_not_exist_can_be_uninstalled(bench: Bench) -> None:
    bench.file(".openclaw/openclaw.json")
    bench.install("dev", "openclaw")
    (bench.project.stacks / "dev.yaml").unlink()
    assert bench.uninstall("dev", "openclaw").changes
    assert bench.openclaw.read_text(encoding="utf-8") == OPENCLAW


def test_a_project_that_was_moved_still_owns_its_settings(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.install("dev", "openclaw")
    moved = bench.project.root.rename(bench.project.root.with_name("elsewhere"))
    monkeypatch.chdir(moved)
    bench.project = type(bench.project)(moved)
    assert not bench.install("dev", "openclaw").changes
    assert bench.uninstall("dev", "openclaw").changes


def test_another_project_with_the_same_environment_is_refused(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.install("dev", "opencode")
    here, other = bench.project, bench.project.root.with_name("other")
    shutil.copytree(here.root, other, symlinks=True)
    monkeypatch.chdir(other)
    bench.project = type(here)(other)
    with pytest.raises(FileRefusedError, match="reads the token of dev of /") as raised:
        bench.install("dev", "opencode")
    uninstall = f"or first: cd {shlex.quote(str(here.root))} && gatewright uninstall dev opencode"
    assert str(raised.value.hint).endswith(uninstall)
    bench.rewrite("dev", DEV + "clients: {opencode: {variable: OTHER_TOKEN}}\n")
    with pytest.raises(FileRefusedError, match="belongs to dev of") as raised:
        bench.install("dev", "opencode")
    assert str(here.root) in raised.value.message
    assert str(raised.value.hint).endswith(uninstall)
    assert not bench.uninstall("dev", "opencode").files


def test_edits_of_the_user_are_kept_and_noted(bench: Bench) -> None:
    bench.file(".openclaw/openclaw.json")
    bench.install("prod", "openclaw")
    text = bench.openclaw.read_text(encoding="utf-8")
    text = text.replace("// on this machine", "// over there").replace('"mode": "merge"', '"mode": "replace"')
    bench.openclaw.write_text(text.replace('"maxTokens": 8192', '"maxTokens": 1'), encoding="utf-8")
    (inspected,) = bench.inspect("prod", "openclaw").files
    assert inspected.state is FileState.EDITED
    assert inspected.details == ("models.providers.agents-prod was edited",)
    (file,) = bench.uninstall("prod", "openclaw").files
    assert "models.providers.agents-prod was edited after install, so it is kept as yours" in file.notes
    after = bench.openclaw.read_text(encoding="utf-8")
    assert after.startswith(OPENCLAW[: OPENCLAW.index("      // on this")].rstrip())
    assert "// over there" in after
    assert providers(bench) == {"ollama", "agents-prod"}
    assert '"mode": "replace"' in after
    assert bench.journal == ""


def test_an_install_resets_edited_settings(bench: Bench) -> None:
    bench.install("prod", "openclaw")
    text = bench.openclaw.read_text(encoding="utf-8")
    bench.openclaw.write_text(text.replace('"maxTokens": 8192', '"maxTokens": 1'), encoding="utf-8")
    (file,) = bench.install("prod", "openclaw").files
    assert "models.providers.agents-prod was edited by hand and is reset to the declared value" in file.notes
    assert bench.openclaw.read_text(encoding="utf-8") == text


def test_a_default_model_that_the_user_has_changed_is_kept(bench: Bench) -> None:
    bench.file(".openclaw/openclaw.json")
    bench.install("prod", "openclaw")
    text = bench.openclaw.read_text(encoding="utf-8")
    start = text.index('{\n    "primary"')
    end = text.index("}", start) + 1
    bench.openclaw.write_text(f"{text[:start]}'mine/now'{text[end:]}", encoding="utf-8")
    (file,) = bench.uninstall("prod", "openclaw").files
    assert "agents.defaults.model was changed after install, so it is kept" in file.notes
    assert bench.openclaw.read_text(encoding="utf-8") == OPENCLAW.replace('"openai/gpt-5"', "'mine/now'")


def test_settings_are_found_after_the_program_has_rewritten_the_file(bench: Bench) -> None:
    """OpenClaw's own commands drop comments and layout."""
    bench.file(".openclaw/openclaw.json")
    bench.install("prod", "openclaw")
    bench.openclaw.write_text(json.dumps(data(bench.openclaw)), encoding="utf-8")
    assert bench.inspect("prod", "openclaw").is_current
    bench.uninstall("prod", "openclaw")
    assert data(bench.openclaw) == parse(OPENCLAW).root.data  # type: ignore[union-attr]


def test_the_journal_holds_no_secret_and_is_readable_by_the_owner_only(bench: Bench) -> None:
    bench.file(".openclaw/openclaw.json")
    bench.file(".pi/agent/auth.json", USER_FILES[".pi/agent/auth.json"])
    for client in ("openclaw", "pi"):
        bench.install("prod", client)
    assert "openai/gpt-5" in bench.journal
    assert "secret" not in bench.journal
    state = bench.home / ".local" / "state" / "gatewright"
    modes = {path: path.stat().st_mode & 0o777 for path in state.rglob("*")}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}


def test_an_install_makes_one_backup_and_keeps_the_mode(bench: Bench) -> None:
    path = bench.file(".openclaw/openclaw.json")
    path.chmod(0o640)
    (file,) = bench.install("prod", "openclaw").files
    assert file.backup is not None
    backup = bench.home / file.backup.removeprefix("~/")
    assert backup.read_text(encoding="utf-8") == OPENCLAW
    assert path.stat().st_mode & 0o777 == 0o640
    bench.install("prod", "openclaw")
    assert len(list(backup.parent.iterdir())) == 1


def test_a_new_file_for_secrets_is_readable_by_its_owner_only(bench: Bench) -> None:
    bench.install("prod", "pi")
    folder = bench.home / ".pi" / "agent"
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == {
        "auth.json": 0o600,
        "models.json": 0o644,
        "settings.json": 0o644,
        "cloudflare-ai-gateway.json": 0o644,
    }


def test_the_account_id_is_required(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEV_ACCOUNT")
    with pytest.raises(InvalidEnvironmentError, match="DEV_ACCOUNT is not set"):
        bench.install("dev", "openclaw")
    assert bench.files() == {}


def test_a_clients_own_variables_set_the_location(bench: Bench) -> None:
    bench.variables = {
        "OPENCLAW_CONFIG_PATH": "~/a/x.json5",
        "PI_CODING_AGENT_DIR": str(bench.home / "b"),
        "OPENCODE_CONFIG": str(bench.home / "c.json"),
        "CLAUDE_CONFIG_DIR": str(bench.home / "d"),
        "CODEX_HOME": str(bench.home / "e"),
        "CONTINUE_GLOBAL_DIR": str(bench.home / "f"),
        "LLM_USER_PATH": str(bench.home / "g"),
        "COPILOT_HOME": str(bench.home / "h"),
        "GEMINI_CLI_HOME": str(bench.home / "i"),
        "XDG_STATE_HOME": str(bench.home / ".local" / "state"),
    }
    for client in ("openclaw", "pi", "opencode", "claude-code", "codex", "continue", "llm", "copilot", "gemini-cli"):
        bench.install("prod", client)
    assert {name.partition("/")[0] for name in bench.files()} == {"a", "b", "c.json", "d", "e", "f", "g", "h", "i"}


def test_a_named_path_is_kept_beside_the_usual_location(bench: Bench) -> None:
    named = bench.home / "a.json"
    bench.install("prod", "openclaw", to=named)
    bench.install("prod", "openclaw")
    assert set(bench.files()) == {"a.json", ".openclaw/openclaw.json"}
    bench.uninstall("prod", "openclaw", to=named)
    assert set(bench.files()) == {".openclaw/openclaw.json"}


def test_to_cannot_name_several_files_and_is_required_for_formats(bench: Bench) -> None:
    with pytest.raises(UsageError, match="which --to cannot name"):
        bench.install("prod", "pi", to=bench.home / "x")
    with pytest.raises(UsageError, match="has no default location, so --to is required"):
        bench.install("prod", "dotenv")


def test_openclaws_agents_of_the_user_get_models(bench: Bench) -> None:
    bench.rewrite("base", PROVIDERS + clients({"openclaw": {"agents": {"coder": "mistral/tiny"}}}))
    bench.rewrite("prod", f"extends: base.yaml\naccount: {'fa4eacc0' * 4}\n")
    text = '{\n  agents: { entries: { coder: { model: "a/b", name: "Me" }, home: {} } },\n}\n'
    bench.file(".openclaw/openclaw.json", text)
    bench.install("prod", "openclaw")
    agents = data(bench.openclaw)["agents"]
    assert set(agents["entries"]) == {"coder", "home"}, "main is only for users without agents"
    assert agents["entries"]["coder"]["name"] == "Me"
    assert agents["entries"]["coder"]["model"]["primary"] == "agents-prod/mistral/tiny"
    bench.uninstall("prod", "openclaw")
    assert bench.openclaw.read_text(encoding="utf-8") == text


def primary(bench: Bench) -> str:
    return str(data(bench.openclaw)["agents"]["defaults"]["model"]["primary"])


def providers(bench: Bench) -> set[str]:
    return set(data(bench.openclaw)["models"]["providers"])


def test_a_byte_order_mark_is_kept(bench: Bench) -> None:
    before = b"\xef\xbb\xbfname: mine\nmodels:\n- name: x\n  provider: openai\n  model: y\n"
    path = bench.file(".continue/config.yaml", before)
    bench.install("prod", "continue")
    assert path.read_bytes().startswith(b"\xef\xbb\xbfname: mine\n")
    assert path.read_bytes().count(b"\xef\xbb\xbf") == 1
    bench.uninstall("prod", "continue")
    assert path.read_bytes() == before


@pytest.mark.parametrize("order", [("dev", "prod"), ("prod", "dev")])
@pytest.mark.parametrize("before", [None, "models: []\n"])
def test_a_shared_default_is_removed_with_its_last_owner(
    bench: Bench, order: tuple[str, str], before: str | None
) -> None:
    if before:
        bench.file(".continue/config.yaml", before)
    files = bench.files()
    bench.install("dev", "continue")
    bench.install("prod", "continue")
    assert not bench.install("dev", "continue").changes
    bench.uninstall(order[0], "continue")
    assert bench.inspect(order[1], "continue").files[0].state in (FileState.CURRENT, FileState.STALE)
    bench.uninstall(order[1], "continue")
    assert bench.files() == files


@pytest.mark.parametrize("before", ["{}\n", OPENCLAW])
def test_a_file_that_the_user_has_deleted_is_not_restored(bench: Bench, before: str) -> None:
    path = bench.file(".openclaw/openclaw.json", before)
    bench.install("prod", "openclaw")
    path.unlink()
    assert not bench.uninstall("prod", "openclaw").changes
    assert not path.exists()
    assert bench.journal == ""


def test_a_file_that_the_user_has_emptied_is_restored(bench: Bench) -> None:
    path = bench.file(".openclaw/openclaw.json", "{}")
    bench.install("prod", "openclaw")
    path.write_text("", encoding="utf-8")
    bench.uninstall("prod", "openclaw")
    assert path.read_text(encoding="utf-8") == "{}"
    assert bench.journal == ""
