"""The real llm on the emitted file, against the local Cloudflare."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gatewright.clients.common.endpoints import find_endpoints
from gatewright.environment.resolved import Environment
from gatewright.io.formats import serialize

from ..bad_files import BadFile, bad_files
from .cloudflare import LocalCloudflare
from .install import Program
from .run import Home

pytestmark = pytest.mark.clients
MODEL = "agents-local/dynamic/fast"


@pytest.fixture
def llm(program: Callable[[str], Program], home: Path, cloudflare: LocalCloudflare) -> Home:
    variables = {"LLM_USER_PATH": str(home / "llm"), "OPENAI_API_KEY": cloudflare.token}
    return Home(program("llm"), home, variables)


def test_all_models_and_routes_are_listed(llm: Home, environment: Environment) -> None:
    ran = llm.run("models")
    assert ran.exit_code == 0, ran.said
    listed = {line.split()[2] for line in ran.out.splitlines() if ": agents-local" in line}
    assert listed == set(find_endpoints(environment, environment.clients["llm"]).references.values())


def test_a_prompt_is_answered_by_the_route_with_the_token_as_the_only_credential(
    llm: Home, cloudflare: LocalCloudflare
) -> None:
    before = cloudflare.last()
    ran = llm.run("-m", MODEL, "What is 2+2?")
    assert ran.exit_code == 0, ran.said
    assert "groq/llama-3.1-8b-instant heard: What is 2+2?" in ran.out
    (request,) = cloudflare.requests(before)
    assert request["path"].endswith("/agents-local/compat/chat/completions")
    assert (request["status"], request["token"], request["credential"]) == (200, "agents", "stored")


def test_a_key_that_llm_keeps_is_taken_too(llm: Home, cloudflare: LocalCloudflare) -> None:
    kept = llm.run("keys", "set", "agents-local", "--value", cloudflare.token)
    assert kept.exit_code == 0, kept.said
    ran = llm.run("-m", MODEL, "Hello", OPENAI_API_KEY="")
    assert ran.exit_code == 0, ran.said


@pytest.mark.parametrize("bad", [bad for bad in bad_files("llm") if bad.program == "refuses"], ids=str)
def test_refuses_what_the_schema_refuses(bad: BadFile, llm: Home) -> None:
    (llm.folder / "llm" / "extra-openai-models.yaml").write_text(serialize("x.yaml", bad.content), encoding="utf-8")
    assert llm.run("models").exit_code != 0
