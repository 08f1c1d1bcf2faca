"""The real llm with the emitted file, against the local Cloudflare."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from clients.bad_files import BadFile, bad_files
from clients.programs.cloudflare import LocalCloudflare
from clients.programs.run import Home

from gatewright.clients.common.endpoints import find_endpoints
from gatewright.environment.resolved import Environment
from gatewright.io.formats import serialize

pytestmark = pytest.mark.clients
MODEL = "agents-local/dynamic/fast"


@pytest.fixture
def llm(home: Callable[[str], Home]) -> Home:
    return home("llm")


def test_all_models_and_routes_are_listed(llm: Home, environment: Environment) -> None:
    ran = llm.run("models")
    assert ran.exit_code == 0, ran.output
    listed = {line.split()[2] for line in ran.out.splitlines() if ": agents-local" in line}
    assert listed == set(find_endpoints(environment, environment.clients["llm"]).references.values())


def test_the_route_answers_and_the_token_is_the_only_credential(llm: Home, cloudflare: LocalCloudflare) -> None:
    before = cloudflare.last()
    ran = llm.ask(MODEL)
    assert ran.exit_code == 0, ran.output
    assert "groq/openai/gpt-oss-20b heard: What is 2+2?" in ran.out
    assert len(cloudflare.requests(before)) == 1
    assert cloudflare.paths(before) == {"compat/chat/completions"}
    assert cloudflare.credentials(before) == {(200, "agents", "stored")}


def test_the_route_answers_although_its_first_model_is_retired(llm: Home, cloudflare: LocalCloudflare) -> None:
    with cloudflare.fault(on="upstream", kind="retired", provider="groq", times=99):
        ran = llm.ask(MODEL)
    assert ran.exit_code == 0, ran.output
    assert "workers-ai/@cf/openai/gpt-oss-20b heard: What is 2+2?" in ran.out


def test_a_stored_key_is_used(llm: Home, cloudflare: LocalCloudflare) -> None:
    stored = llm.run("keys", "set", "agents-local", "--value", cloudflare.token)
    assert stored.exit_code == 0, stored.output
    ran = llm.ask(MODEL, OPENAI_API_KEY="")
    assert ran.exit_code == 0, ran.output


@pytest.mark.parametrize("bad", bad_files("llm", program="refuses"), ids=str)
def test_a_bad_file_is_refused(bad: BadFile, llm: Home) -> None:
    (llm.folder / "llm" / "extra-openai-models.yaml").write_text(serialize("x.yaml", bad.content), encoding="utf-8")
    assert llm.run("models").exit_code != 0
