"""Each request has one credential, with any settings of a client and every provider."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import pytest

from gatewright.clients.common.endpoints import Access, Endpoints, find_endpoints
from gatewright.environment.resolved import Environment
from gatewright.facts.slugs import AUTO_ROUTER, SLUGS, Api
from gatewright.project import Project

from .environments import FAKE_ACCOUNT, loaded, written

TOKEN, KEY = "CLOUDFLARE_AI_GATEWAY_TOKEN", "THE_PROVIDERS_KEY"


def environment_with(folder: Path, client: dict[str, str], providers: dict[str, object]) -> Environment:
    """An environment with these providers and OpenClaw with these settings."""
    content = {
        "account": FAKE_ACCOUNT,
        "providers": providers,
        "tokens": {"agents": {}},
        "clients": {"openclaw": client},
    }
    return written(folder, json.dumps(content))


def endpoints_of(environment: Environment) -> Endpoints:
    return find_endpoints(environment, environment.clients["openclaw"])


def every_provider() -> dict[str, object]:
    """Every provider that the gateway supports, and a custom one."""
    key = {"key": {"env": KEY}}
    known = {
        slug: {
            **({} if slug == "workers-ai" else key),
            "direct": f"https://{slug}.example.com/v1",
            "models": {"m": {}},
        }
        for slug in SLUGS.keys() - {AUTO_ROUTER}
    }
    return {**known, "inhouse": {**key, "baseUrl": "https://models.example.com/v1", "models": {"m": {}}}}


def accesses(environment: Environment) -> dict[str, Access]:
    """The access of each provider's model."""
    endpoints = endpoints_of(environment)
    return {str(name).split("/")[0]: endpoints.find(name)[0].access for _, name in endpoints.references}


@pytest.mark.parametrize(("via", "keys"), list(product(("gateway", "provider"), ("stored", "local"))))
def test_behind_the_gateway_the_token_is_the_only_credential_beside_a_key_of_the_user(
    via: str, keys: str, tmp_path: Path
) -> None:
    result = accesses(environment_with(tmp_path, {"via": via, "keys": keys}, every_provider()))
    assert {"workers-ai", "groq", "anthropic", "openrouter", "inhouse"} <= result.keys()
    for provider, access in result.items():
        key = KEY if keys == "local" and provider != "workers-ai" else None
        assert (access.authorization, access.gateway_authorization) == (key, TOKEN), provider
        assert access.api is Api.CHAT or key, (
            "a client without a key would send an invented one to Anthropic's own endpoint"
        )


def test_without_the_gateway_only_the_providers_key_is_sent(tmp_path: Path) -> None:
    result = accesses(environment_with(tmp_path, {"via": "direct"}, every_provider()))
    assert result.keys() == {*SLUGS, "inhouse"} - {AUTO_ROUTER}
    for provider, access in result.items():
        key = TOKEN if provider == "workers-ai" else KEY
        assert (access.authorization, access.gateway_authorization) == (key, None), provider
        assert not access.url.startswith("https://gateway.ai.cloudflare.com")


def test_the_rest_api_takes_the_token_as_authorization_and_names_the_gateway(tmp_path: Path) -> None:
    result = accesses(environment_with(tmp_path, {"via": "rest"}, every_provider()))
    assert {"workers-ai", "openai", "grok"} <= result.keys()
    for access in result.values():
        assert (access.authorization, access.gateway_authorization, access.gateway_id) == (TOKEN, None, "agents-case")


def test_two_models_with_one_id_are_listed_once(tmp_path: Path) -> None:
    groq = {"key": {"stored": True}, "models": {"a": {"id": "same"}, "b": {"id": "same"}}}
    result = endpoints_of(environment_with(tmp_path, {"primary": "groq/b"}, {"groq": groq}))
    assert [model.id for entry in result.entries for model in entry.models] == ["groq/same"]
    assert set(result.references.values()) == {"agents-case/groq/same"}


def test_a_local_environment_sends_requests_to_this_machine_only(checkout: Project) -> None:
    environment = loaded(checkout.stacks, "local")
    for client in environment.clients.values():
        for entry in find_endpoints(environment, client).entries:
            assert entry.access.url.startswith("http://127.0.0.1:8788/v1/")
