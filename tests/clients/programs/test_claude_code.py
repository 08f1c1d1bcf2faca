"""The real Claude Code on the emitted file, against the local Cloudflare."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gatewright.clients import CLIENTS
from gatewright.environment.resolved import Environment
from gatewright.project import Project

from ..bad_files import BadFile, bad_files
from .cloudflare import LocalCloudflare
from .homes import declared
from .homes import home as furnished
from .install import Program
from .run import Home, Ran

pytestmark = pytest.mark.clients
CASES = sorted((Path(__file__).parents[1] / "claude-code").glob("*/claude-code/settings.json"))


@pytest.fixture
def claude(program: Callable[[str], Program], home: Path) -> Home:
    return Home(program("@anthropic-ai/claude-code"), home, {"CLAUDE_CONFIG_DIR": str(home / "config")})


def ask(claude: Home, **variables: str) -> Ran:
    settings = str(claude.folder / "claude-code" / "settings.json")
    return claude.run("--settings", settings, "-p", "What is 2+2?", **variables)


def test_a_prompt_is_answered_with_the_token_as_the_only_credential(claude: Home, cloudflare: LocalCloudflare) -> None:
    before = cloudflare.last()
    ran = ask(claude, ANTHROPIC_AUTH_TOKEN=cloudflare.token)
    assert ran.exit_code == 0, ran.said
    assert "heard: " in ran.out
    requests = cloudflare.requests(before)
    assert {each["path"].partition("/agents-local/")[2] for each in requests} == {"anthropic/v1/messages"}
    assert {(each["status"], each["token"], each["credential"]) for each in requests} == {(200, "agents", "stored")}
    assert "claude-sonnet-4" in {each["model"].rpartition("-2")[0] or each["model"] for each in requests}


def test_a_key_of_the_users_own_goes_upstream_and_the_token_does_not(claude: Home, cloudflare: LocalCloudflare) -> None:
    before = cloudflare.last()
    header = f"cf-aig-authorization: Bearer {cloudflare.token}"
    ran = ask(claude, ANTHROPIC_API_KEY="fake-key-of-anthropic", ANTHROPIC_CUSTOM_HEADERS=header)
    assert ran.exit_code == 0, ran.said
    requests = cloudflare.requests(before)
    assert {(each["status"], each["token"], each["credential"]) for each in requests} == {(200, "agents", "caller's")}


def test_the_rest_form_answers_too(claude: Home, environment: Environment, cloudflare: LocalCloudflare) -> None:
    client = replace(environment.clients["claude-code"], via=dict.fromkeys(environment.providers, "rest"))
    for file in CLIENTS["claude-code"].files(environment, client):
        (claude.folder / file.path).write_text(file.text, encoding="utf-8")
    ran = ask(claude, ANTHROPIC_AUTH_TOKEN=cloudflare.token)
    assert ran.exit_code == 0, ran.said
    assert "heard: " in ran.out


def test_a_reference_in_the_file_would_be_sent_as_it_is(claude: Home, cloudflare: LocalCloudflare) -> None:
    file = claude.folder / "claude-code" / "settings.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    content["env"]["ANTHROPIC_AUTH_TOKEN"] = "${CLOUDFLARE_AI_GATEWAY_TOKEN}"
    file.write_text(json.dumps(content), encoding="utf-8")
    token = cloudflare.token
    assert ask(claude, CLOUDFLARE_AI_GATEWAY_TOKEN=token, CLAUDE_CODE_MAX_RETRIES="0").exit_code != 0


@pytest.mark.parametrize("bad", [bad for bad in bad_files("claude-code") if bad.program], ids=str)
def test_drops_what_the_schema_refuses(bad: BadFile, claude: Home) -> None:
    (claude.folder / "claude-code" / "settings.json").write_text(json.dumps(bad.content), encoding="utf-8")
    ran = ask(claude)
    assert ran.exit_code != 0
    assert "settings files did not load" in ran.said


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.parents[1].name)
def test_every_case_is_accepted(case: Path, claude: Home) -> None:
    (claude.folder / "claude-code" / "settings.json").write_bytes(case.read_bytes())
    ran = ask(claude)
    assert "did not load" not in ran.said
    assert "Not logged in" in ran.said  # it has read the file, and now misses the credential


def test_what_follows_the_first_choice_answers_where_that_one_is_not_there(
    checkout: Project, cloudflare: LocalCloudflare, program: Callable[[str], Program], tmp_path: Path
) -> None:
    settings = "primary: anthropic/claude-sonnet-4, fallbacks: [anthropic/claude-opus-4]"
    environment = declared(checkout, tmp_path, cloudflare, f"clients: {{claude-code: {{{settings}}}}}\n")
    where = furnished(environment, tmp_path, cloudflare.token, program)
    before = cloudflare.last()
    with cloudflare.fault(on="upstream", provider="anthropic", model="claude-sonnet-4", status=404, times=99):
        ran = ask(where)
    assert ran.exit_code == 0, ran.said
    assert "anthropic/claude-opus-4 heard: " in ran.out
    asked = [each["model"] for each in cloudflare.requests(before)]
    assert list(dict.fromkeys(asked)) == ["claude-sonnet-4", "claude-opus-4"]


def test_the_limits_are_the_models(
    checkout: Project, cloudflare: LocalCloudflare, program: Callable[[str], Program], tmp_path: Path
) -> None:
    """Without a window for it, the program says that it does not know the model."""
    lines = """\
providers: {anthropic: {models: {tiny: {id: claude-of-tomorrow, context: 90000, output: 1234}}}}
clients: {claude-code: {primary: anthropic/tiny}}
"""
    where = furnished(declared(checkout, tmp_path, cloudflare, lines), tmp_path, cloudflare.token, program)
    unknown = "doesn't recognize the model"
    ran = ask(where)
    assert (ran.exit_code, unknown in ran.said) == (0, False), ran.said
    file = where.folder / "claude-code" / "settings.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    del content["env"]["CLAUDE_CODE_MAX_CONTEXT_TOKENS"]
    file.write_text(json.dumps(content), encoding="utf-8")
    assert unknown in ask(where).said
