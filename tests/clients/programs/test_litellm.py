"""The real proxy of LiteLLM on the emitted file, against the local Cloudflare."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from local.ports import free_port

from gatewright.clients import CLIENTS
from gatewright.environment.references import ModelName
from gatewright.environment.resolved import Environment
from gatewright.io.formats import serialize

from ..bad_files import BadFile, bad_files
from .cloudflare import LocalCloudflare
from .install import Program
from .run import Home

pytestmark = pytest.mark.clients
CASES = sorted((Path(__file__).parents[1] / "litellm").glob("*/litellm/config.yaml"))
VALIDATOR = Path(__file__).with_name("litellm_validator.py")
MASTER_KEY = "sk-fake-master-key"
QUESTION = {"model": "dynamic/fast", "messages": [{"role": "user", "content": "What is 2+2?"}]}
PATIENCE = 90  # seconds until it listens; it takes seven


@pytest.fixture
def litellm(program: Callable[[str], Program], home: Path, cloudflare: LocalCloudflare) -> Home:
    variables = {
        "CLOUDFLARE_AI_GATEWAY_TOKEN": cloudflare.token,
        "LITELLM_MASTER_KEY": MASTER_KEY,
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    }
    return Home(program("litellm"), home, variables)


@pytest.fixture(scope="module")
def exit_code_of_validate(
    program: Callable[[str], Program], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Path], str]]:
    """`litellm --config FILE --validate_config` and its exit code, all in one process."""
    home = tmp_path_factory.mktemp("validator")
    python = program("litellm").folder / "python"
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


@contextmanager
def proxy(litellm: Home, **variables: str) -> Iterator[httpx.Client]:
    """The proxy, running; a client that has its key."""
    port = free_port()
    config = str(litellm.folder / "litellm" / "config.yaml")
    listening = ("--config", config, "--host", "127.0.0.1", "--port", str(port))
    command: list[str | Path] = [*litellm.program.command, *listening]
    env = {"HOME": str(litellm.folder), "PATH": os.defpath, **litellm.variables, **variables}
    with (litellm.folder / "proxy.log").open("w") as log:
        process = subprocess.Popen(command, env=env, stdout=log, stderr=log, start_new_session=True)
    headers = {"Authorization": f"Bearer {MASTER_KEY}"}
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, trust_env=False, timeout=60) as client:
            wait_until_it_listens(process, client, litellm.folder / "proxy.log")
            yield client
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_until_it_listens(process: subprocess.Popen[bytes], client: httpx.Client, log: Path) -> None:
    """Fails with what it said where it ends, or takes longer than PATIENCE."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            if client.get("/health/liveliness").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.3)
    pytest.fail(f"the proxy does not listen:\n{log.read_text()}")


def ask(client: httpx.Client, model: str) -> Any:
    answer = client.post("/v1/chat/completions", json={**QUESTION, "model": model})
    assert answer.is_success, answer.text
    return answer.json()["choices"][0]["message"]["content"]


def asked(cloudflare: LocalCloudflare, before: int) -> list[dict[str, Any]]:
    """The requests for answers: at its start the proxy also looks for a list of models, which there is none."""
    return [each for each in cloudflare.requests(before) if each["method"] == "POST"]


def test_every_model_is_listed_and_answers_with_the_token_as_the_only_credential(
    litellm: Home, environment: Environment, cloudflare: LocalCloudflare
) -> None:
    with proxy(litellm) as client:
        listed = {each["id"] for each in client.get("/v1/models").json()["data"]}
        assert set(map(str, environment.clients["litellm"].models)) <= listed
        before = cloudflare.last()
        assert ask(client, "dynamic/fast").startswith("groq/llama-3.1-8b-instant heard: ")
        assert ask(client, "default").startswith("mistral/mistral-tiny heard: ")
        assert not client.post(
            "/v1/chat/completions", json=QUESTION, headers={"Authorization": "Bearer fake"}
        ).is_success
    requests = asked(cloudflare, before)
    assert [each["path"].partition("/agents-local/")[2] for each in requests] == ["compat/chat/completions"] * 2
    assert {(each["status"], each["token"], each["credential"]) for each in requests} == {(200, "agents", "stored")}


def test_a_key_of_the_users_own_goes_upstream_and_the_token_does_not(
    litellm: Home, environment: Environment, cloudflare: LocalCloudflare
) -> None:
    client = environment.clients["litellm"]
    models = tuple(name for name in client.models if isinstance(name, ModelName) and name.provider == "mistral")
    for file in CLIENTS["litellm"].files(environment, replace(client, keys="local", models=models, fallbacks=())):
        (litellm.folder / file.path).write_text(file.text, encoding="utf-8")
    before = cloudflare.last()
    bearer = f"Bearer {cloudflare.token}"
    with proxy(litellm, MISTRAL_API_KEY="fake-key", CLOUDFLARE_AI_GATEWAY_TOKEN_BEARER=bearer) as http:
        ask(http, "mistral/mistral-tiny")
    requests = asked(cloudflare, before)
    assert [(each["status"], each["token"], each["credential"]) for each in requests] == [(200, "agents", "caller's")]


@pytest.mark.parametrize("bad", [bad for bad in bad_files("litellm") if bad.program == "refuses"], ids=str)
def test_refuses_what_the_schema_refuses(
    bad: BadFile, exit_code_of_validate: Callable[[Path], str], tmp_path: Path
) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(serialize("config.yaml", bad.content), encoding="utf-8")
    assert exit_code_of_validate(file) == "1"


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.parents[1].name)
def test_every_case_is_accepted(case: Path, exit_code_of_validate: Callable[[Path], str]) -> None:
    assert exit_code_of_validate(case) == "0"
