"""The real pi with the emitted files, against the local Cloudflare."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from clients.bad_files import BadFile, bad_files
from clients.programs.cloudflare import LocalCloudflare
from clients.programs.homes import InstallProgram, InstallVersion
from clients.programs.run import Home, Ran

from gatewright.clients import CAPABILITIES, CLIENTS
from gatewright.clients.common.endpoints import find_endpoints
from gatewright.environment.references import ModelName
from gatewright.environment.resolved import Environment

pytestmark = pytest.mark.clients
RENAMED = ("azure-openai-responses",)
"""Built-in providers of versions before the one that is run."""
CASES = sorted(path.parent for path in Path(__file__).parent.glob("*/environment.yaml"))


@pytest.fixture
def pi(home: Callable[[str], Home]) -> Home:
    return home("pi")


def list_models(pi: Home, **variables: str) -> tuple[list[str], Ran]:
    """The models of `pi --list-models`, as provider/model. It always exits with 0."""
    ran = pi.run("--list-models", **variables)
    rows = [line.split() for line in ran.out.splitlines()[1:]]
    return [f"{row[0]}/{row[1]}" for row in rows if len(row) > 1], ran


def test_the_files_are_accepted_and_all_models_and_routes_listed(pi: Home, environment: Environment) -> None:
    models, ran = list_models(pi)
    assert "errors loading" not in ran.output
    assert sorted(models) == sorted(find_endpoints(environment, environment.clients["pi"]).references.values())


def test_the_default_route_answers_with_one_credential(pi: Home, cloudflare: LocalCloudflare) -> None:
    before = cloudflare.last()
    ran = pi.ask()
    assert ran.exit_code == 0, ran.output
    assert "groq/openai/gpt-oss-20b heard: What is 2+2?" in ran.out
    (request,) = cloudflare.requests(before)
    assert request["path"].endswith("/agents-local/compat/chat/completions")
    assert (request["status"], request["provider"], request["model"]) == (200, "groq", "openai/gpt-oss-20b")
    assert (request["token"], request["credential"]) == ("agents", "stored")


def test_the_oldest_version_lists_all_models_and_answers(
    pi: Home, environment: Environment, cloudflare: LocalCloudflare, install_version: InstallVersion
) -> None:
    oldest = replace(pi, program=install_version("pi", CAPABILITIES["pi"].oldest or ""))
    models, ran = list_models(oldest)
    assert "errors loading" not in ran.output
    assert sorted(models) == sorted(find_endpoints(environment, environment.clients["pi"]).references.values())
    before = cloudflare.last()
    ran = oldest.ask()
    assert ran.exit_code == 0, ran.output
    assert cloudflare.credentials(before) == {(200, "agents", "stored")}


def test_the_built_in_provider_answers(pi: Home, environment: Environment, cloudflare: LocalCloudflare) -> None:
    client = replace(environment.clients["pi"], provider="cloudflare-ai-gateway")
    pi.write(CLIENTS["pi"].files(environment, client))
    before = cloudflare.last()
    ran = pi.ask()
    assert ran.exit_code == 0, ran.output
    assert len(cloudflare.requests(before)) == 1
    assert cloudflare.credentials(before) == {(200, "agents", "stored")}


def test_a_key_of_the_user_is_forwarded_and_the_token_is_not(
    pi: Home, environment: Environment, cloudflare: LocalCloudflare
) -> None:
    client = environment.clients["pi"]
    models = tuple(name for name in client.models if isinstance(name, ModelName))
    client = replace(client, keys="local", models=models, primary=ModelName("mistral", "ministral-3b-latest"))
    pi.write(CLIENTS["pi"].files(environment, client))
    before = cloudflare.last()
    ran = pi.ask(MISTRAL_API_KEY="fake-key-of-mistral")
    assert ran.exit_code == 0, ran.output
    assert len(cloudflare.requests(before)) == 1
    assert cloudflare.credentials(before) == {(200, "agents", "caller's")}


def test_two_environments_fit_into_one_file(pi: Home, environment: Environment, cloudflare: LocalCloudflare) -> None:
    other = replace(environment.clients["pi"], provider="agents-other", variable="OTHER_TOKEN")
    for file in CLIENTS["pi"].files(environment, other):
        path = pi.folder / file.path
        existing = json.loads(path.read_text(encoding="utf-8"))
        both = {**json.loads(file.text), **existing}
        if "providers" in existing:
            both["providers"] = {**json.loads(file.text)["providers"], **existing["providers"]}
        path.write_text(json.dumps(both), encoding="utf-8")
    model = ("--provider", "agents-other", "--model", "mistral/codestral-latest")
    before = cloudflare.last()
    ran = pi.run("-p", "Hello", "--no-session", "--no-tools", *model, OTHER_TOKEN=cloudflare.token)
    assert ran.exit_code == 0, ran.output
    assert pi.ask().exit_code == 0
    assert [request["model"] for request in cloudflare.requests(before)] == ["codestral-latest", "openai/gpt-oss-20b"]


def test_a_second_credential_would_be_forwarded_and_refused(pi: Home, cloudflare: LocalCloudflare) -> None:
    file = pi.folder / "pi" / "models.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    header = {"cf-aig-authorization": "Bearer ${CLOUDFLARE_AI_GATEWAY_TOKEN}"}
    content["providers"]["agents-local"]["headers"] = header
    file.write_text(json.dumps(content), encoding="utf-8")
    before = cloudflare.last()
    arguments = pi.tested.arguments(home=pi.folder)
    ran = pi.run(*arguments, "--provider", "agents-local", "--model", "mistral/ministral-3b-latest")
    assert ran.exit_code != 0, ran.output
    statuses = {(request["status"], request["credential"]) for request in cloudflare.requests(before)}
    assert statuses == {(401, "gateway token")}


def test_nothing_is_offered_without_the_variable(pi: Home, cloudflare: LocalCloudflare) -> None:
    before = cloudflare.last()
    ran = pi.ask(CLOUDFLARE_AI_GATEWAY_TOKEN="")
    assert ran.exit_code != 0
    assert cloudflare.requests(before) == []


@pytest.mark.parametrize("bad", bad_files("pi-models"), ids=str)
def test_a_bad_file_is_refused(bad: BadFile, pi: Home) -> None:
    """Where the schema is stricter, pi accepts the file, and the table says so."""
    (pi.folder / "pi" / "models.json").write_text(json.dumps(bad.content), encoding="utf-8")
    _, ran = list_models(pi)
    assert ("errors loading" in ran.output) is (bad.program == "refuses"), ran.output


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_every_case_is_accepted_and_its_models_listed(case: Path, pi: Home) -> None:
    for file in (case / "pi").iterdir():
        (pi.folder / "pi" / file.name).write_bytes(file.read_bytes())
    providers = json.loads((case / "pi" / "models.json").read_text(encoding="utf-8"))["providers"]
    expected = {f"{name}/{model['id']}" for name, provider in providers.items() for model in provider["models"]}
    models, ran = list_models(pi, **dict.fromkeys(("GROQ_API_KEY", "ANTHROPIC_API_KEY", "MISTRAL_API_KEY"), "fake"))
    assert "errors loading" not in ran.output
    assert expected <= set(models)


def test_the_list_of_built_in_providers(install_program: InstallProgram) -> None:
    program = install_program("pi")
    assert program.modules is not None
    module = program.modules / "@earendil-works/pi-ai/dist/providers/all.js"
    script = f"import {{ builtinProviders }} from '{module}'; console.log(...builtinProviders().map(({{id}}) => id))"
    ran = subprocess.run(
        [program.command[0], "--input-type=module", "-e", script], capture_output=True, text=True, check=True
    )
    assert {*ran.stdout.split(), *RENAMED} == CAPABILITIES["pi"].built_in_providers
