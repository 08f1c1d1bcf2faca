"""The real pi on the emitted files, against the local Cloudflare."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gatewright.clients import CLIENTS
from gatewright.clients.common.endpoints import find_endpoints
from gatewright.environment.references import ModelName
from gatewright.environment.resolved import Environment

from ..bad_files import BadFile, bad_files
from .cloudflare import LocalCloudflare
from .install import Program
from .run import Home, Ran

pytestmark = pytest.mark.clients
CASES = sorted(path.parent for path in (Path(__file__).parents[1] / "pi").glob("*/environment.yaml"))


@pytest.fixture
def pi(program: Callable[[str], Program], home: Path, cloudflare: LocalCloudflare) -> Home:
    variables = {
        "PI_CODING_AGENT_DIR": str(home / "pi"),
        "PI_OFFLINE": "1",
        "CLOUDFLARE_AI_GATEWAY_TOKEN": cloudflare.token,
    }
    return Home(program("@earendil-works/pi-coding-agent"), home, variables)


def ask(pi: Home, *arguments: str) -> Ran:
    return pi.run("-p", "What is 2+2?", "--no-session", "--no-tools", *arguments)


def listed(pi: Home, **variables: str) -> tuple[list[str], Ran]:
    """What `pi --list-models` lists, as provider/model; it ends with 0 whatever it finds."""
    ran = pi.run("--list-models", **variables)
    rows = [line.split() for line in ran.out.splitlines()[1:]]
    return [f"{row[0]}/{row[1]}" for row in rows if len(row) > 1], ran


def test_the_files_are_accepted_and_all_models_and_routes_listed(pi: Home, environment: Environment) -> None:
    models, ran = listed(pi)
    assert "errors loading" not in ran.said
    assert sorted(models) == sorted(find_endpoints(environment, environment.clients["pi"]).references.values())


def test_a_prompt_is_answered_by_the_default_route_with_one_credential(pi: Home, cloudflare: LocalCloudflare) -> None:
    before = cloudflare.last()
    ran = ask(pi)
    assert ran.exit_code == 0, ran.said
    assert "groq/llama-3.1-8b-instant heard: What is 2+2?" in ran.out
    (request,) = cloudflare.requests(before)
    assert request["path"].endswith("/agents-local/compat/chat/completions")
    assert (request["status"], request["provider"], request["model"]) == (200, "groq", "llama-3.1-8b-instant")
    assert (request["token"], request["credential"]) == ("agents", "stored")


def test_the_built_in_provider_answers_too(pi: Home, environment: Environment, cloudflare: LocalCloudflare) -> None:
    client = replace(environment.clients["pi"], provider="cloudflare-ai-gateway")
    for file in CLIENTS["pi"].files(environment, client):
        (pi.folder / file.path).write_text(file.text, encoding="utf-8")
    before = cloudflare.last()
    ran = ask(pi)
    assert ran.exit_code == 0, ran.said
    (request,) = cloudflare.requests(before)
    assert (request["status"], request["token"], request["credential"]) == (200, "agents", "stored")


def test_a_key_of_the_users_own_goes_upstream_and_the_token_does_not(
    pi: Home, environment: Environment, cloudflare: LocalCloudflare
) -> None:
    models = tuple(name for name in environment.clients["pi"].models if isinstance(name, ModelName))
    client = replace(
        environment.clients["pi"], keys="local", models=models, primary=ModelName("mistral", "mistral-tiny")
    )
    for file in CLIENTS["pi"].files(environment, client):
        (pi.folder / file.path).write_text(file.text, encoding="utf-8")
    before = cloudflare.last()
    ran = pi.run("-p", "Hello", "--no-session", "--no-tools", MISTRAL_API_KEY="fake-key-of-mistral")
    assert ran.exit_code == 0, ran.said
    (request,) = cloudflare.requests(before)
    assert (request["status"], request["token"], request["credential"]) == (200, "agents", "caller's")


def test_two_environments_live_in_one_file(pi: Home, environment: Environment, cloudflare: LocalCloudflare) -> None:
    other = replace(environment.clients["pi"], provider="agents-other", variable="OTHER_TOKEN")
    for file in CLIENTS["pi"].files(environment, other):
        path = pi.folder / file.path
        ours = json.loads(path.read_text(encoding="utf-8"))
        both = {**json.loads(file.text), **ours}
        if "providers" in ours:
            both["providers"] = {**json.loads(file.text)["providers"], **ours["providers"]}
        path.write_text(json.dumps(both), encoding="utf-8")
    model = ("--provider", "agents-other", "--model", "mistral/codestral-latest")
    before = cloudflare.last()
    ran = pi.run("-p", "Hello", "--no-session", "--no-tools", *model, OTHER_TOKEN=cloudflare.token)
    assert ran.exit_code == 0, ran.said
    assert ask(pi).exit_code == 0
    assert [request["model"] for request in cloudflare.requests(before)] == ["codestral-latest", "llama-3.1-8b-instant"]


def test_a_second_credential_would_go_upstream_and_be_refused(pi: Home, cloudflare: LocalCloudflare) -> None:
    file = pi.folder / "pi" / "models.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    header = {"cf-aig-authorization": "Bearer ${CLOUDFLARE_AI_GATEWAY_TOKEN}"}
    content["providers"]["agents-local"]["headers"] = header
    file.write_text(json.dumps(content), encoding="utf-8")
    before = cloudflare.last()
    ran = ask(pi, "--provider", "agents-local", "--model", "mistral/mistral-tiny")
    assert ran.exit_code != 0, ran.said
    requests = cloudflare.requests(before)
    assert {(request["status"], request["credential"]) for request in requests} == {(401, "gateway token")}


def test_without_the_variable_nothing_is_offered(pi: Home, cloudflare: LocalCloudflare) -> None:
    before = cloudflare.last()
    ran = pi.run("-p", "Hello", "--no-session", CLOUDFLARE_AI_GATEWAY_TOKEN="")
    assert ran.exit_code != 0
    assert cloudflare.requests(before) == []


@pytest.mark.parametrize("bad", bad_files("pi-models"), ids=str)
def test_refuses_what_the_schema_refuses(bad: BadFile, pi: Home) -> None:
    """Where the schema is stricter the program takes the file: the table says so, and so it stays true."""
    (pi.folder / "pi" / "models.json").write_text(json.dumps(bad.content), encoding="utf-8")
    _, ran = listed(pi)
    assert ("errors loading" in ran.said) is (bad.program == "refuses"), ran.said


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_every_case_is_accepted_and_its_models_listed(case: Path, pi: Home) -> None:
    for file in (case / "pi").iterdir():
        (pi.folder / "pi" / file.name).write_bytes(file.read_bytes())
    providers = json.loads((case / "pi" / "models.json").read_text(encoding="utf-8"))["providers"]
    expected = {f"{name}/{model['id']}" for name, provider in providers.items() for model in provider["models"]}
    models, ran = listed(pi, **dict.fromkeys(("GROQ_API_KEY", "ANTHROPIC_API_KEY", "MISTRAL_API_KEY"), "fake"))
    assert "errors loading" not in ran.said
    assert expected <= set(models)
