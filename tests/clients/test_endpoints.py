"""One credential a request: whatever a client is set to, over every provider that the gateway knows."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import pytest

from gatewright.clients.common.endpoints import Access, Endpoints, find_endpoints
from gatewright.environment.resolved import Environment
from gatewright.facts.slugs import SLUGS, Api
from gatewright.project import Project

from .environments import FAKE_ACCOUNT, loaded, written

TOKEN, KEY = "CLOUDFLARE_AI_GATEWAY_TOKEN", "THE_PROVIDERS_KEY"


def environment_with(folder: Path, client: dict[str, str], providers: dict[str, object]) -> Environment:
    """An environment of these providers, whose one client is an OpenClaw with these settings."""
    content = {
        "account": FAKE_ACCOUNT,
        "providers": providers,
        "tokens": {"agents": {}},
        "clients": {"openclaw": client},
    }
    return written(folder, json.dumps(content))


def reached(environment: Environment) -> Endpoints:
    return find_endpoints(environment, environment.clients["openclaw"])


def every_provider() -> dict[str, object]:
    """Each provider that the gateway knows, and a custom one."""
    key = {"key": {"env": KEY}}
    known = {
        slug: {
            **({} if slug == "workers-ai" else key),
            "direct": f"https://{slug}.example.com/v1",
            "models": {"m": {}},
        }
        for slug in SLUGS
    }
    return {**known, "inhouse": {**key, "baseUrl": "https://models.example.com/v1", "models": {"m": {}}}}


def accesses(environment: Environment) -> dict[str, Access]:
    """Provider -> how its model is reached."""
    found = reached(environment)
    entries = {f"{entry.id}/{model.id}": entry.access for entry in found.entries for model in entry.models}
    return {str(name).split("/")[0]: entries[reference] for name, reference in found.references.items()}


@pytest.mark.parametrize(("via", "keys"), list(product(("gateway", "provider"), ("stored", "local"))))
def test_behind_the_gateway_the_token_is_the_only_credential_or_stands_beside_the_providers_key(
    via: str, keys: str, tmp_path: Path
) -> None:
    found = accesses(environment_with(tmp_path, {"via": via, "keys": keys}, every_provider()))
    assert {"workers-ai", "groq", "anthropic", "openrouter", "inhouse"} <= found.keys()
    for provider, access in found.items():
        key = KEY if keys == "local" and provider != "workers-ai" else None
        assert (access.authorization, access.gateway_authorization) == (key, TOKEN), provider
        assert access.api is Api.CHAT or key, (
            "Anthropic's own endpoint without a key gets one of the client's invention"
        )


def test_past_the_gateway_only_the_providers_key_leaves(tmp_path: Path) -> None:
    found = accesses(environment_with(tmp_path, {"via": "direct"}, every_provider()))
    assert found.keys() == {*SLUGS, "inhouse"}
    for provider, access in found.items():
        key = TOKEN if provider == "workers-ai" else KEY
        assert (access.authorization, access.gateway_authorization) == (key, None), provider
        assert not access.url.startswith("https://gateway.ai.cloudflare.com")


def test_the_rest_form_takes_the_token_as_authorization_and_names_the_gateway(tmp_path: Path) -> None:
    found = accesses(environment_with(tmp_path, {"via": "rest"}, every_provider()))
    assert {"workers-ai", "openai", "grok"} <= found.keys()
    for access in found.values():
        assert (access.authorization, access.gateway_authorization, access.gateway_id) == (TOKEN, None, "agents-case")


def test_two_models_with_one_id_are_listed_once(tmp_path: Path) -> None:
    groq = {"key": {"stored": True}, "models": {"a": {"id": "same"}, "b": {"id": "same"}}}
    found = reached(environment_with(tmp_path, {"primary": "groq/b"}, {"groq": groq}))
    assert [model.id for entry in found.entries for model in entry.models] == ["groq/same"]
    assert set(found.references.values()) == {"agents-case/groq/same"}


def test_a_local_environment_speaks_to_this_machine_alone(checkout: Project) -> None:
    environment = loaded(checkout.stacks, "local")
    for client in environment.clients.values():
        for entry in find_endpoints(environment, client).entries:
            assert entry.access.url.startswith("http://127.0.0.1:8788/v1/")
