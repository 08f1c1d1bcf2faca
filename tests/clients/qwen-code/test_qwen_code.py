"""The real Qwen Code with the emitted file, against the local Cloudflare."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from clients.bad_files import BadFile, bad_files
from clients.programs.cloudflare import LocalCloudflare
from clients.programs.run import Home

pytestmark = pytest.mark.clients
PLACE = "qwen-code/settings.json"


@pytest.fixture
def qwen(home: Callable[[str], Home]) -> Home:
    return home("qwen-code")


def test_the_route_answers_and_the_token_is_the_only_credential(qwen: Home, cloudflare: LocalCloudflare) -> None:
    before = cloudflare.last()
    ran = qwen.ask()
    assert ran.exit_code == 0, ran.output
    assert "groq/openai/gpt-oss-20b heard: " in ran.out
    assert cloudflare.credentials(before) == {(200, "agents", "stored")}
    assert cloudflare.paths(before) == {"compat/chat/completions"}


def test_each_model_is_found_by_its_id(qwen: Home, cloudflare: LocalCloudflare) -> None:
    before = cloudflare.last()
    ran = qwen.run("--model", "mistral/ministral-3b-latest", "--prompt", "Hello")
    assert ran.exit_code == 0, ran.output
    assert "ministral-3b-latest" in {request["model"] for request in cloudflare.requests(before)}


@pytest.mark.parametrize("bad", bad_files("qwen-code")[:1], ids=str)
def test_a_provider_without_a_protocol_is_left_out(bad: BadFile, qwen: Home) -> None:
    """The program warns, and knows no model: the reason that the schema asks for protocols."""
    content = json.loads((qwen.folder / PLACE).read_text(encoding="utf-8"))
    del content["providerProtocol"]
    (qwen.folder / PLACE).write_text(json.dumps(content), encoding="utf-8")
    assert bad.program == "accepts"
    assert "heard: " not in qwen.ask().out
