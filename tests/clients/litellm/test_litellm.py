"""The real proxy of LiteLLM with the emitted file, against the local Cloudflare."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from clients.bad_files import BadFile, bad_files
from clients.programs.cloudflare import LocalCloudflare
from clients.programs.homes import MASTER_KEY, InstallProgram, load_environment, make_home
from clients.programs.proxy import REQUEST, ask, proxy
from clients.programs.run import Home

from gatewright.clients import CLIENTS
from gatewright.environment.references import ModelName
from gatewright.environment.resolved import Environment
from gatewright.io.formats import serialize
from gatewright.project import Project

pytestmark = pytest.mark.clients
CASES = sorted(Path(__file__).parent.glob("*/litellm/config.yaml"))
VALIDATOR = Path(__file__).with_name("validator.py")
ROLES = """\
roles: {coder: {primary: mistral/codestral, fallbacks: [mistral/ministral-3b-latest]}, backup: workers-ai/gpt-oss-120b}
clients: {litellm: {primary: mistral/ministral-3b-latest, agents: [coder, backup]}}
"""


@pytest.fixture
def litellm(home: Callable[[str], Home]) -> Home:
    return home("litellm")


@pytest.fixture
def litellm_with_roles(
    checkout: Project, cloudflare: LocalCloudflare, install_program: InstallProgram, tmp_path: Path
) -> Home:
    environment = load_environment(checkout, tmp_path, cloudflare, ROLES)
    return make_home(environment, tmp_path, cloudflare.token, install_program)


@pytest.fixture(scope="module")
def exit_code_of_validate(
    install_program: InstallProgram, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Path], str]]:
    """Runs `litellm --config FILE --validate_config` for all files in one process, and returns its exit code."""
    home = tmp_path_factory.mktemp("validator")
    python = install_program("litellm").folder / "python"
    env = {
        "HOME": str(home),
        "PATH": os.defpath,
        "LITELLM_MASTER_KEY": MASTER_KEY,
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    }
    with (
        (home / "log").open("w") as log,
        subprocess.Popen(
            [python, VALIDATOR], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
    ):

        def exit_code(file: Path) -> str:
            assert process.stdin
            assert process.stdout
            print(file, file=process.stdin, flush=True)
            code = process.stdout.readline()
            assert code, (home / "log").read_text()
            return code.strip()

        yield exit_code
        process.kill()


def requests(cloudflare: LocalCloudflare, before: int) -> list[dict[str, Any]]:
    """The requests for answers. When it starts, the proxy also requests a list of models, which does not exist."""
    return [request for request in cloudflare.requests(before) if request["method"] == "POST"]


def credentials(cloudflare: LocalCloudflare, before: int) -> list[tuple[int, str, str]]:
    return [(request["status"], request["token"], request["credential"]) for request in requests(cloudflare, before)]


def test_every_model_is_listed_and_the_token_is_the_only_credential(
    litellm: Home, environment: Environment, cloudflare: LocalCloudflare
) -> None:
    with proxy(litellm) as client:
        listed = {model["id"] for model in client.get("/v1/models").json()["data"]}
        assert set(map(str, environment.clients["litellm"].models)) <= listed
        before = cloudflare.last()
        assert ask(client, "dynamic/fast").startswith("groq/openai/gpt-oss-20b heard: ")
        assert ask(client, "default").startswith("mistral/ministral-3b-latest heard: ")
        other_key = {"Authorization": "Bearer fake"}
        assert not client.post("/v1/chat/completions", json=REQUEST, headers=other_key).is_success
    paths = [request["path"].partition("/agents-local/")[2] for request in requests(cloudflare, before)]
    assert paths == ["compat/chat/completions"] * 2
    assert credentials(cloudflare, before) == [(200, "agents", "stored")] * 2


def test_a_key_of_the_user_is_forwarded_and_the_token_is_not(
    litellm: Home, environment: Environment, cloudflare: LocalCloudflare
) -> None:
    client = environment.clients["litellm"]
    models = tuple(name for name in client.models if isinstance(name, ModelName) and name.provider == "mistral")
    litellm.write(CLIENTS["litellm"].files(environment, replace(client, keys="local", models=models, fallbacks=())))
    before = cloudflare.last()
    bearer = f"Bearer {cloudflare.token}"
    with proxy(litellm, MISTRAL_API_KEY="fake-key", CLOUDFLARE_AI_GATEWAY_TOKEN_BEARER=bearer) as http:
        ask(http, "mistral/ministral-3b-latest")
    assert credentials(cloudflare, before) == [(200, "agents", "caller's")]


def test_roles_are_model_groups(litellm_with_roles: Home, cloudflare: LocalCloudflare) -> None:
    before = cloudflare.last()
    with proxy(litellm_with_roles) as client:
        for role in ("coder", "backup", "default"):
            ask(client, role)
    models = [request["model"] for request in requests(cloudflare, before)]
    assert list(dict.fromkeys(models)) == ["codestral-latest", "@cf/openai/gpt-oss-120b", "ministral-3b-latest"]


def test_a_role_has_fallbacks_and_its_model_by_its_own_name_has_none(
    litellm_with_roles: Home, cloudflare: LocalCloudflare
) -> None:
    fault = cloudflare.fault(on="upstream", provider="mistral", model="codestral-latest", status=500, times=99)
    with fault, proxy(litellm_with_roles) as client:
        assert ask(client, "coder").startswith("mistral/ministral-3b-latest heard: ")
        response = client.post("/v1/chat/completions", json={**REQUEST, "model": "mistral/codestral"})
        assert not response.is_success


@pytest.mark.parametrize("bad", bad_files("litellm", program="refuses"), ids=str)
def test_a_bad_file_is_refused(bad: BadFile, exit_code_of_validate: Callable[[Path], str], tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(serialize("config.yaml", bad.content), encoding="utf-8")
    assert exit_code_of_validate(file) == "1"


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.parents[1].name)
def test_every_case_is_accepted(case: Path, exit_code_of_validate: Callable[[Path], str]) -> None:
    assert exit_code_of_validate(case) == "0"
