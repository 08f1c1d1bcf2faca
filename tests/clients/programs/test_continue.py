"""The real Continue on the emitted file, against the local Cloudflare."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gatewright.clients import CLIENTS
from gatewright.environment.references import ModelName
from gatewright.environment.resolved import Environment
from gatewright.io.formats import serialize

from ..bad_files import BadFile, bad_files
from .cloudflare import LocalCloudflare
from .install import Program
from .run import Home, Ran

pytestmark = pytest.mark.clients


@pytest.fixture
def cn(program: Callable[[str], Program], home: Path, cloudflare: LocalCloudflare) -> Home:
    variables = {"CLOUDFLARE_AI_GATEWAY_TOKEN": cloudflare.token, "CONTINUE_TELEMETRY_ENABLED": "0"}
    return Home(program("@continuedev/cli"), home, variables)


def ask(cn: Home, **variables: str) -> Ran:
    return cn.run("--config", str(cn.folder / "continue" / "config.yaml"), "-p", "What is 2+2?", **variables)


def test_a_prompt_is_answered_by_the_route_with_the_token_as_the_only_credential(
    cn: Home, cloudflare: LocalCloudflare
) -> None:
    before = cloudflare.last()
    ran = ask(cn)
    assert ran.exit_code == 0, ran.said
    assert "groq/llama-3.1-8b-instant heard: " in ran.out
    requests = cloudflare.requests(before)
    assert {each["path"].partition("/agents-local/")[2] for each in requests} == {"compat/chat/completions"}
    assert {(each["status"], each["token"], each["credential"]) for each in requests} == {(200, "agents", "stored")}


def test_a_key_of_the_users_own_goes_upstream_and_the_token_does_not(
    cn: Home, environment: Environment, cloudflare: LocalCloudflare
) -> None:
    client = environment.clients["continue"]
    models = tuple(name for name in client.models if isinstance(name, ModelName))
    client = replace(client, keys="local", models=models, primary=ModelName("mistral", "mistral-tiny"))
    for file in CLIENTS["continue"].files(environment, client):
        (cn.folder / file.path).write_text(file.text, encoding="utf-8")
    before = cloudflare.last()
    ran = ask(cn, MISTRAL_API_KEY="fake-key-of-mistral")
    assert ran.exit_code == 0, ran.said
    requests = cloudflare.requests(before)
    assert {(each["status"], each["token"], each["credential"]) for each in requests} == {(200, "agents", "caller's")}


@pytest.mark.parametrize("bad", [bad for bad in bad_files("continue") if bad.program == "refuses"], ids=str)
def test_refuses_what_the_schema_refuses(bad: BadFile, cn: Home, cloudflare: LocalCloudflare) -> None:
    (cn.folder / "continue" / "config.yaml").write_text(serialize("config.yaml", bad.content), encoding="utf-8")
    before = cloudflare.last()
    ran = ask(cn)
    assert ran.exit_code != 0, ran.said
    assert cloudflare.requests(before) == []
