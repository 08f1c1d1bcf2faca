"""The real Gemini CLI with the emitted files, against the local Cloudflare."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from clients.bad_files import BadFile, bad_files
from clients.programs.cloudflare import LocalCloudflare
from clients.programs.homes import InstallProgram, load_environment, make_home
from clients.programs.run import Home

from gatewright.clients.gemini_cli import REPLACED
from gatewright.clients.gemini_cli.files import SETTINGS
from gatewright.io.formats import parse, serialize
from gatewright.project import Project

pytestmark = pytest.mark.clients
FILE = "gemini-cli/gemini.sh"
SETTINGS_FILE = "gemini-cli/.gemini/settings.json"
MODEL = "gemini-3.8-flash"


@pytest.fixture
def gemini(home: Callable[[str], Home]) -> Home:
    return home("gemini-cli")


def test_the_model_answers_and_the_token_is_the_only_credential(gemini: Home, cloudflare: LocalCloudflare) -> None:
    before = cloudflare.last()
    others = ("GEMINI_API_KEY", "GOOGLE_API_KEY", "GEMINI_CLI_CUSTOM_HEADERS", "GOOGLE_GEMINI_BASE_URL", "GEMINI_MODEL")
    flags = {"GOOGLE_GENAI_USE_VERTEXAI": "true", "GEMINI_API_KEY_AUTH_MECHANISM": "bearer"}
    (gemini.folder / ".env").write_text("GOOGLE_GENAI_API_VERSION=v1\nGOOGLE_GENAI_USE_GCA=true\n", encoding="utf-8")
    ran = gemini.ask(**dict.fromkeys(others, "fake-of-another-service"), **flags)
    assert ran.exit_code == 0, ran.output
    assert f"google-ai-studio/{MODEL} heard: " in ran.out
    assert cloudflare.credentials(before) == {(200, "agents", "stored")}
    assert cloudflare.paths(before) == {f"google-ai-studio/v1beta/models/{MODEL}:streamGenerateContent"}


@pytest.mark.nightly
def test_headers_arrive(
    checkout: Project, cloudflare: LocalCloudflare, install_program: InstallProgram, tmp_path: Path
) -> None:
    settings = "metadata: {team: {env: TEAM}}, cost: {total: 0.5}, session: 'a, b'"
    environment = load_environment(checkout, tmp_path, cloudflare, f"clients: {{gemini-cli: {{{settings}}}}}\n")
    home = make_home(environment, tmp_path, cloudflare.token, install_program)
    ran = home.ask(TEAM="red `blue` $x")
    assert ran.exit_code == 0, ran.output
    entry = cloudflare.logged()
    assert (entry["cost"], entry["metadata"]) == (0.5, {"team": "red `blue` $x"})


@pytest.mark.nightly
@pytest.mark.parametrize("model", ["gemini-3.5-flash", "gemini-3.1-flash-lite"])
def test_another_model_is_asked_for(gemini: Home, cloudflare: LocalCloudflare, model: str) -> None:
    """The reason that the checks refuse them."""
    before = cloudflare.last()
    ran = gemini.run("--skip-trust", "--model", model, "--prompt", "Hello")
    assert ran.exit_code == 0, ran.output
    assert {request["model"] for request in cloudflare.requests(before)} == {REPLACED[model]}


@pytest.mark.nightly
def test_without_its_settings_it_refuses_to_run(gemini: Home, cloudflare: LocalCloudflare) -> None:
    before = cloudflare.last()
    (gemini.folder / SETTINGS_FILE).unlink()
    assert "Invalid auth method selected" in gemini.ask().output
    (gemini.folder / SETTINGS_FILE).write_text(serialize(SETTINGS_FILE, {**SETTINGS, "ui": {}}), encoding="utf-8")
    assert gemini.ask().exit_code == 0
    assert len(cloudflare.requests(before)) == 1


@pytest.mark.nightly
@pytest.mark.parametrize("bad", bad_files("gemini-cli", program="refuses"), ids=str)
def test_a_bad_file_is_refused(bad: BadFile, gemini: Home, cloudflare: LocalCloudflare) -> None:
    (gemini.folder / FILE).write_text(serialize(FILE, bad.content), encoding="utf-8")
    before = cloudflare.last()
    assert gemini.ask().exit_code != 0
    assert cloudflare.requests(before) == []


@pytest.mark.nightly
def test_a_second_entry_of_metadata_ends_the_header(gemini: Home, cloudflare: LocalCloudflare) -> None:
    """The reason that the checks refuse it."""
    content = parse(FILE, (gemini.folder / FILE).read_text(encoding="utf-8"))
    token = content["GEMINI_CLI_CUSTOM_HEADERS"]
    for metadata, logged in (('{"team":"a, b"}', {"team": "a, b"}), ('{"team":"a","user":"b"}', None)):
        content["GEMINI_CLI_CUSTOM_HEADERS"] = f"{token},cf-aig-metadata: {metadata}"
        (gemini.folder / FILE).write_text(serialize(FILE, content), encoding="utf-8")
        ran = gemini.ask()
        assert (ran.exit_code == 0) is (logged is not None), ran.output
        if logged is not None:
            assert cloudflare.logged()["metadata"] == logged
