"""The real OpenCode on the emitted file, against the local Cloudflare."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gatewright.clients.common.endpoints import find_endpoints
from gatewright.environment.resolved import Environment

from ..bad_files import BadFile, bad_files
from .cloudflare import LocalCloudflare
from .install import Program
from .run import Home, Ran

pytestmark = pytest.mark.clients
CASES = sorted((Path(__file__).parents[1] / "opencode").glob("*/opencode.json"))


@pytest.fixture
def opencode(program: Callable[[str], Program], home: Path, cloudflare: LocalCloudflare) -> Home:
    variables = {
        "OPENCODE_CONFIG": str(home / "opencode.json"),
        "OPENCODE_DISABLE_MODELS_FETCH": "1",
        "OPENCODE_DISABLE_AUTOUPDATE": "1",
        "CLOUDFLARE_AI_GATEWAY_TOKEN": cloudflare.token,
    }
    return Home(program("opencode-ai"), home, variables)


def accepts(opencode: Home, text: str) -> Ran:
    (opencode.folder / "opencode.json").write_text(text, encoding="utf-8")
    return opencode.run("debug", "config")


def test_all_models_and_routes_are_listed(opencode: Home, environment: Environment) -> None:
    ran = opencode.run("models")
    assert ran.exit_code == 0, ran.said
    listed = {line for line in ran.out.split() if line.startswith("agents-local")}
    assert listed == set(find_endpoints(environment, environment.clients["opencode"]).references.values())


def test_a_prompt_is_answered_by_the_route_with_the_token_as_the_only_credential(
    opencode: Home, cloudflare: LocalCloudflare
) -> None:
    before = cloudflare.last()
    ran = opencode.run("run", "What is 2+2?")
    assert ran.exit_code == 0, ran.said
    assert "groq/llama-3.1-8b-instant heard: " in ran.said
    requests = cloudflare.requests(before)
    assert {(each["status"], each["token"], each["credential"]) for each in requests} == {(200, "agents", "stored")}
    assert {each["path"].partition("/agents-local/")[2] for each in requests} == {"compat/chat/completions"}
    assert {each["model"] for each in requests} == {"llama-3.1-8b-instant", "mistral-tiny"}


def test_a_provider_outside_compat_is_reached_at_its_own_endpoint(opencode: Home, cloudflare: LocalCloudflare) -> None:
    before = cloudflare.last()
    ran = opencode.run("run", "--model", "agents-local-openrouter/openai/gpt-oss-120b:free", "Hello")
    assert ran.exit_code == 0, ran.said
    paths = {each["path"].partition("/agents-local/")[2] for each in cloudflare.requests(before)}
    assert "openrouter/v1/chat/completions" in paths


@pytest.mark.parametrize("bad", bad_files("opencode"), ids=str)
def test_refuses_what_the_schema_refuses(bad: BadFile, opencode: Home) -> None:
    """Where the schema is stricter the program takes the file: the table says so, and so it stays true."""
    ran = accepts(opencode, json.dumps(bad.content))
    assert (ran.exit_code == 0) is (bad.program == "takes it"), ran.said


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.parent.name)
def test_every_case_is_accepted(case: Path, opencode: Home) -> None:
    ran = accepts(opencode, case.read_text(encoding="utf-8"))
    assert ran.exit_code == 0, ran.said
