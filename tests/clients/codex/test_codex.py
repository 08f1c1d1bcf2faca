"""The real Codex with the emitted file, against the local Cloudflare."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from clients.bad_files import BadFile, bad_files
from clients.programs.cloudflare import LocalCloudflare
from clients.programs.homes import GATEWAY, ask_with_helper
from clients.programs.run import Home

from gatewright.clients import CAPABILITIES, CLIENTS
from gatewright.environment.resolved import Environment
from gatewright.io.formats import serialize

pytestmark = pytest.mark.clients
CASES = sorted(Path(__file__).parent.glob("*/codex/*.config.toml"))
WITH_HELPER = [case for case in CASES if '"gatewright"' in case.read_text(encoding="utf-8")]
TOKEN = "CLOUDFLARE_AI_GATEWAY_TOKEN"


@pytest.fixture
def codex(home: Callable[[str], Home]) -> Home:
    return home("codex")


def profile(codex: Home) -> Path:
    return codex.folder / "codex" / f"{GATEWAY}.config.toml"


def test_a_prompt_is_answered_and_the_token_is_the_only_credential(codex: Home, cloudflare: LocalCloudflare) -> None:
    before = cloudflare.last()
    ran = codex.ask()
    assert ran.exit_code == 0, ran.output
    assert "openai/gpt-6-luna heard: " in ran.out
    (request,) = cloudflare.requests(before)
    assert request["path"].endswith(f"/{GATEWAY}/openai/responses")
    assert (request["status"], request["model"], request["token"]) == (200, "gpt-6-luna", "agents")


def test_a_key_of_the_user_is_forwarded_and_the_token_is_not(
    codex: Home, environment: Environment, cloudflare: LocalCloudflare
) -> None:
    codex.write(CLIENTS["codex"].files(environment, replace(environment.clients["codex"], keys="local")))
    before = cloudflare.last()
    bearer = f"Bearer {cloudflare.token}"
    ran = codex.ask(OPENAI_API_KEY="fake-key-of-openai", CLOUDFLARE_AI_GATEWAY_TOKEN_BEARER=bearer)
    assert ran.exit_code == 0, ran.output
    assert len(cloudflare.requests(before)) == 1
    assert cloudflare.credentials(before) == {(200, "agents", "caller's")}


def test_a_missing_variable_is_named(codex: Home, cloudflare: LocalCloudflare) -> None:
    before = cloudflare.last()
    ran = codex.ask(**{TOKEN: ""})
    assert ran.exit_code != 0
    assert TOKEN in ran.output
    assert cloudflare.requests(before) == []


@pytest.mark.parametrize("bad", bad_files("codex"), ids=str)
def test_a_bad_file_is_refused(bad: BadFile, codex: Home) -> None:
    """Where the schema is stricter, Codex accepts the file, and the table says so."""
    profile(codex).write_text(serialize(profile(codex).name, bad.content), encoding="utf-8")
    ran = codex.ask(**{TOKEN: ""})
    refusals = ("rror loading", "unknown configuration", "reserved", "must not be")
    is_refused = any(text in ran.output for text in refusals)
    assert is_refused is (bad.program == "refuses"), ran.output


@pytest.mark.parametrize("case", WITH_HELPER, ids=lambda path: path.parents[1].name)
def test_the_helper_is_called(case: Path, codex: Home, cloudflare: LocalCloudflare) -> None:
    ran, calls = ask_with_helper(codex, profile(codex), case.read_text(encoding="utf-8"), cloudflare)
    assert calls.startswith("token environment --for codex\n"), ran.output


@pytest.mark.parametrize("case", sorted({*CASES} - {*WITH_HELPER}), ids=lambda path: path.parents[1].name)
def test_every_case_is_accepted(case: Path, codex: Home) -> None:
    shutil.copy(case, profile(codex))
    ran = codex.ask(**{TOKEN: ""}, OPENAI_API_KEY="")
    assert "Missing environment variable" in ran.output, ran.output  # it has read the file


@pytest.mark.parametrize("name", sorted(CAPABILITIES["codex"].built_in_providers))
def test_a_built_in_provider_is_refused(name: str, codex: Home) -> None:
    assert exit_code_with_provider(codex, name) != 0


def test_another_provider_is_accepted(codex: Home) -> None:
    assert exit_code_with_provider(codex, "oss") == 0


def exit_code_with_provider(codex: Home, name: str) -> int:
    text = f'[model_providers.{name}]\nname = "one"\nbase_url = "http://127.0.0.1:1/"\n'
    folder = codex.folder / "config"
    folder.mkdir()
    (folder / "config.toml").write_text(text, encoding="utf-8")
    return codex.run("features", "list", CODEX_HOME=str(folder)).exit_code
