"""The real GitHub Copilot CLI with the emitted file, against the local Cloudflare."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from clients.bad_files import BadFile, bad_files
from clients.programs.cloudflare import LocalCloudflare
from clients.programs.homes import InstallProgram, ask_with_helper, load_environment, make_home
from clients.programs.run import Home

from gatewright.io.formats import parse, serialize
from gatewright.project import Project

pytestmark = pytest.mark.clients
FILE = "copilot/copilot.sh"
HELPER = Path(__file__).parent / "helper" / FILE


@pytest.fixture
def copilot(home: Callable[[str], Home]) -> Home:
    return home("copilot")


def test_the_route_answers_and_the_token_is_the_only_credential(copilot: Home, cloudflare: LocalCloudflare) -> None:
    before = cloudflare.last()
    ran = copilot.ask()
    assert ran.exit_code == 0, ran.output
    assert "groq/openai/gpt-oss-20b heard: " in ran.out
    assert cloudflare.credentials(before) == {(200, "agents", "stored")}
    assert cloudflare.paths(before) == {"compat/chat/completions"}


def test_another_model_of_the_endpoint_is_named_on_the_command_line(copilot: Home, cloudflare: LocalCloudflare) -> None:
    before = cloudflare.last()
    ran = copilot.run("--model", "mistral/ministral-3b-latest", "--prompt", "Hello")
    assert ran.exit_code == 0, ran.output
    assert {request["model"] for request in cloudflare.requests(before)} == {"ministral-3b-latest"}


def test_no_other_credential_of_the_shell_is_sent(copilot: Home, cloudflare: LocalCloudflare) -> None:
    names = ("API_KEY", "BEARER_TOKEN", "API_KEY_COMMAND", "HEADERS", "BASE_URL", "TYPE", "WIRE_MODEL")
    before = cloudflare.last()
    ran = copilot.ask(**{f"COPILOT_PROVIDER_{name}": "echo fake-of-another-service" for name in names})
    assert ran.exit_code == 0, ran.output
    assert cloudflare.credentials(before) == {(200, "agents", "stored")}


def test_metadata_with_any_characters_of_the_shell_arrives(
    checkout: Project, cloudflare: LocalCloudflare, install_program: InstallProgram, tmp_path: Path
) -> None:
    metadata = "{team: 'a `b` \"c\" !d \\\\ e', seat: 7, user: {env: WHO}}"
    lines = f"clients: {{copilot: {{primary: mistral/ministral-3b-latest, metadata: {metadata}}}}}\n"
    environment = load_environment(checkout, tmp_path, cloudflare, lines)
    home = make_home(environment, tmp_path, cloudflare.token, install_program)
    ran = home.ask(WHO="zoe")
    assert ran.exit_code == 0, ran.output
    assert cloudflare.logged()["metadata"] == {"team": 'a `b` "c" !d \\\\ e', "seat": 7, "user": "zoe"}


def test_the_helper_is_called(copilot: Home, cloudflare: LocalCloudflare) -> None:
    file = copilot.folder / FILE
    without_token = replace(copilot, variables=copilot.tested.variables_in(copilot.folder))
    _, calls = ask_with_helper(without_token, file, HELPER.read_text(encoding="utf-8"), cloudflare)
    assert set(calls.splitlines()) == {"token environment --for copilot"}


@pytest.mark.parametrize("bad", bad_files("copilot", program="refuses"), ids=str)
def test_a_bad_file_is_refused(bad: BadFile, copilot: Home, cloudflare: LocalCloudflare) -> None:
    (copilot.folder / FILE).write_text(serialize(FILE, bad.content), encoding="utf-8")
    before = cloudflare.last()
    assert copilot.ask().exit_code != 0
    assert cloudflare.requests(before) == []


def test_a_backslash_and_an_n_end_a_header(copilot: Home, cloudflare: LocalCloudflare) -> None:
    """The reason that the checks refuse them."""
    content = parse(FILE, (copilot.folder / FILE).read_text(encoding="utf-8"))
    for value, metadata in (("new", {"team": "new"}), ("\\\\new", None)):
        content["COPILOT_PROVIDER_HEADERS"] = f'cf-aig-metadata: {{"team":"{value}"}}'
        (copilot.folder / FILE).write_text(serialize(FILE, content), encoding="utf-8")
        assert copilot.ask().exit_code == 0
        assert cloudflare.logged()["metadata"] == metadata
