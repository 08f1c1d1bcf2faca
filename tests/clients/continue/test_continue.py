"""The real Continue with the emitted file, against the local Cloudflare."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from clients.bad_files import BadFile, bad_files
from clients.programs.cloudflare import LocalCloudflare
from clients.programs.run import Home

from gatewright.clients import CLIENTS
from gatewright.environment.references import ModelName
from gatewright.environment.resolved import Environment
from gatewright.io.formats import serialize

pytestmark = pytest.mark.clients


@pytest.fixture
def cn(home: Callable[[str], Home]) -> Home:
    return home("continue")


def test_the_route_answers_and_the_token_is_the_only_credential(cn: Home, cloudflare: LocalCloudflare) -> None:
    before = cloudflare.last()
    ran = cn.ask()
    assert ran.exit_code == 0, ran.output
    assert "groq/openai/gpt-oss-20b heard: " in ran.out
    assert cloudflare.paths(before) == {"compat/chat/completions"}
    assert cloudflare.credentials(before) == {(200, "agents", "stored")}


def test_a_key_of_the_user_is_forwarded_and_the_token_is_not(
    cn: Home, environment: Environment, cloudflare: LocalCloudflare
) -> None:
    client = environment.clients["continue"]
    models = tuple(name for name in client.models if isinstance(name, ModelName))
    client = replace(client, keys="local", models=models, primary=ModelName("mistral", "ministral-3b-latest"))
    cn.write(CLIENTS["continue"].files(environment, client))
    before = cloudflare.last()
    ran = cn.ask(MISTRAL_API_KEY="fake-key-of-mistral")
    assert ran.exit_code == 0, ran.output
    assert cloudflare.credentials(before) == {(200, "agents", "caller's")}


@pytest.mark.parametrize("bad", bad_files("continue", program="refuses"), ids=str)
def test_a_bad_file_is_refused(bad: BadFile, cn: Home, cloudflare: LocalCloudflare) -> None:
    (cn.folder / "continue" / "config.yaml").write_text(serialize("config.yaml", bad.content), encoding="utf-8")
    before = cloudflare.last()
    ran = cn.ask()
    assert ran.exit_code != 0, ran.output
    assert cloudflare.requests(before) == []
