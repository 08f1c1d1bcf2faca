"""What is known before a real account is touched is said before it is touched, all at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN, control_plane_url
from gatewright.facts.permissions import ACCOUNT_TOKENS_WRITE, AI_GATEWAY_WRITE, Group

if TYPE_CHECKING:
    from collections.abc import Callable

    from .clone import Clone

pytestmark = [pytest.mark.integration, pytest.mark.long]

REAL = f"extends: base.yaml\naccount: {LOCAL_ACCOUNT}\nprotect: false\nuse: [workers-ai, mistral, groq, nvidia]\n"


@pytest.fixture
def real(clone: Clone) -> Clone:
    """A clone with an environment `real`, whose account is the local Cloudflare's."""
    (clone.project.stacks / "real.yaml").write_text(REAL)
    clone.exported.update({f"{provider}_API_KEY": "fake-key" for provider in ("MISTRAL", "GROQ", "NVIDIA")})
    clone.exported["CLOUDFLARE_API_TOKEN"] = LOCAL_DEPLOY_TOKEN
    clone.exported["CLOUDFLARE_BASE_URL"] = control_plane_url(clone.port)
    clone.exported["PULUMI_CONFIG_PASSPHRASE"] = "fake-passphrase"
    return clone


@pytest.fixture
def official(real: Clone) -> Clone:
    if not real.pair.is_official:
        pytest.skip("a real account needs the official plugin")
    return real


def a_token(clone: Clone, *groups: Group) -> str:
    policy = {
        "effect": "allow",
        "permission_groups": [{"id": group.id} for group in groups],
        "resources": {f"com.cloudflare.api.account.{LOCAL_ACCOUNT}": "*"},
    }
    return str(clone.api("POST", "/tokens", json={"name": "a token of a test", "policies": [policy]})["value"])


def a_gateway(clone: Clone, name: str) -> None:
    numbers = dict.fromkeys(("cache_ttl", "rate_limiting_interval", "rate_limiting_limit"), 0)
    flags = {"cache_invalidate_on_update": True, "collect_logs": True}
    clone.api("POST", "/ai-gateway/gateways", json={"id": name, **numbers, **flags})


def test_what_is_missing_here(real: Clone) -> None:
    (real.project.stacks / "real.yaml").write_text(REAL.replace(LOCAL_ACCOUNT, "{env: AN_ACCOUNT}"))
    for name in ("CLOUDFLARE_API_TOKEN", "PULUMI_CONFIG_PASSPHRASE"):
        del real.exported[name]
    said = real.gatewright("up", "real", "--yes", code=3)
    assert "3 checks failed" in said
    assert re.search(r"AN_ACCOUNT is not set\n +→ export AN_ACCOUNT=…\n", said)
    assert "CLOUDFLARE_API_TOKEN is not set" in said
    assert "Create it with .venv/bin/gatewright bootstrap real" in said
    assert "neither PULUMI_CONFIG_PASSPHRASE nor PULUMI_CONFIG_PASSPHRASE_FILE is set" in said
    assert real.changing(0) == []
    said = real.gatewright("doctor", "real", code=1)
    assert said.count("✗") == 3
    assert "→ Create it with .venv/bin/gatewright bootstrap real" in said


def test_a_look_without_a_token(real: Clone) -> None:
    del real.exported["CLOUDFLARE_API_TOKEN"]
    for command in ("preview", "drift"):
        said = real.gatewright(command, "real", code=4)
        assert "CLOUDFLARE_API_TOKEN is not set; real is deployed with a token of its own" in said
        assert "Create it with .venv/bin/gatewright bootstrap real" in said


def test_what_the_token_lacks(real: Clone) -> None:
    token = real.exported["CLOUDFLARE_API_TOKEN"] = a_token(real, AI_GATEWAY_WRITE, ACCOUNT_TOKENS_WRITE)
    seen = real.seen()
    said = real.gatewright("up", "real", "--yes", code=4 if real.pair.is_official else 1)
    lacking = f"Secrets Store Write, AI Gateway Run, Workers AI Read on account {LOCAL_ACCOUNT}"
    assert f"CLOUDFLARE_API_TOKEN lacks {lacking}" in said
    assert ("the stand-in" in said) is not real.pair.is_official  # both, where both are so
    assert token not in said
    assert real.changing(seen) == []


def test_what_is_there_already(official: Clone, live: Callable[[], None]) -> None:
    live()
    seen = official.seen()
    said = official.gatewright("up", "real", "--yes", code=1)
    assert "2 checks failed" in said
    assert f"account {LOCAL_ACCOUNT} has a gateway agents-real already, which is not in stack real" in said
    assert "gatewright adopt real" in said
    assert "Cloudflare has the custom provider nvidia already" in said
    assert official.changing(seen) == []


def test_a_second_run_finds_its_own(official: Clone) -> None:
    said = official.gatewright("doctor", "real")
    assert "agents-real, to be created" in said
    official.gatewright("up", "real", "--yes")
    seen = official.seen()
    assert "✗" not in official.gatewright("doctor", "real")
    said = official.gatewright("up", "real", "--yes")
    assert "agents-real, in this stack" in said
    assert official.changing(seen) == []


@pytest.fixture
def live(official: Clone) -> Callable[[], None]:
    """Makes by hand what the environment declares."""

    def make() -> None:
        a_gateway(official, "agents-real")
        provider = {"name": "nvidia", "slug": "nvidia", "base_url": "https://fake.example/v1"}
        official.api("POST", "/ai-gateway/custom-providers", json=provider)

    return make


def test_a_gateway_that_the_local_stack_did_not_make(clone: Clone) -> None:
    """Here nothing is asked before; the engine's failure carries what to do."""
    a_gateway(clone, "agents-local")
    said = clone.gatewright("up", code=1)
    assert "A gateway named agents-local already exists" in said
    assert "→ Import gateway agents-local: .venv/bin/gatewright adopt local" in said
    assert clone.is_calm(said)
