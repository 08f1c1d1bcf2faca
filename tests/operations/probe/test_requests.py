"""The requests of verify: each model and route once, and each further endpoint of a provider once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from clients.environments import FAKE_ACCOUNT, written

from gatewright.errors import UsageError
from gatewright.operations.probe.requests import PROMPT, probe_requests, unreachable_models

from .world import World


def test_requests_of_models_and_routes(world: World) -> None:
    requests = probe_requests(world.environment, ["dynamic/fast", "openrouter", "nvidia/n"])
    assert [(request.model, request.url.partition("/agents-here")[2]) for request in requests] == [
        ("dynamic/fast", "/compat/chat/completions"),
        ("o", "/openrouter/v1/chat/completions"),
        ("custom-nvidia/n", "/compat/chat/completions"),
    ]
    assert PROMPT == "What is 2+2? Answer in one word."


def test_unknown_names_are_refused(world: World) -> None:
    with pytest.raises(UsageError, match="no model or route mistral/n to probe"):
        probe_requests(world.environment, ["mistral/n"])


def probed(folder: Path, *only: str, **clients: Any) -> list[tuple[str, str]]:
    """Label and path below the account of each request, for an environment with these clients."""
    key = {"key": {"stored": True}}
    content = {
        "account": FAKE_ACCOUNT,
        "providers": {
            "openai": {**key, "models": {"o": {}, "mini": {}}},
            "anthropic": {**key, "models": {"c": {}, "h": {}}},
            "openrouter": {**key, "models": {"r": {}}},
            "replicate": {**key, "models": {"x": {}}},
        },
        "routes": {"fast": ["openai/o"]},
        "tokens": {"agents": {}},
        "clients": clients,
    }
    requests = probe_requests(written(folder, json.dumps(content)), only)
    return [(each.label, each.url.partition(FAKE_ACCOUNT)[2].removeprefix("/agents-case")) for each in requests]


COMPAT = "/compat/chat/completions"
MODELS = ["openai/o", "openai/mini", "anthropic/c", "anthropic/h"]
ALL = [
    ("dynamic/fast", COMPAT),
    *((name, COMPAT) for name in MODELS),
    ("openrouter/r", "/openrouter/v1/chat/completions"),
]


def test_without_clients_and_with_one_that_uses_the_default_endpoint(tmp_path: Path) -> None:
    assert probed(tmp_path) == ALL
    assert probed(tmp_path, models={}) == ALL


def test_a_further_endpoint_is_probed_once_per_provider(tmp_path: Path) -> None:
    requests = probed(tmp_path, models={}, codex={}, **{"claude-code": {"via": "rest", "models": ["anthropic/h"]}})
    assert requests == [
        *ALL,
        ("openai/o via provider, responses", "/openai/responses"),
        ("anthropic/h via rest, messages", "/ai/v1/messages"),
    ]


def test_a_model_is_probed_by_the_endpoint_of_its_only_client(tmp_path: Path) -> None:
    requests = probed(tmp_path, "anthropic", **{"claude-code": {}})
    assert requests == [("anthropic/c", "/anthropic/v1/messages"), ("anthropic/h", "/anthropic/v1/messages")]
    requests = probed(tmp_path, "openai", models={"via": "rest"}, aider={"via": "provider", "models": ["openai/o"]})
    assert requests == [
        ("openai/o", "/ai/v1/chat/completions"),
        ("openai/mini", "/ai/v1/chat/completions"),
        ("openai/o via provider", "/openai/chat/completions"),
    ]


def test_routes_by_rest_are_probed_at_both_endpoints(tmp_path: Path) -> None:
    requests = probed(tmp_path, "dynamic", models={"via": {"dynamic": "rest"}})
    assert requests == [("dynamic/fast", COMPAT), ("dynamic/fast via rest", "/ai/v1/chat/completions")]


def test_a_client_that_bypasses_the_gateway_adds_no_endpoint(tmp_path: Path) -> None:
    assert probed(tmp_path, "openai", aider={"models": ["openai/o"]}) == ALL[1:3]


def test_unreachable_models_are_left_out(tmp_path: Path) -> None:
    content = {"account": FAKE_ACCOUNT, "providers": {"replicate": {"key": {"stored": True}, "models": {"x": {}}}}}
    assert unreachable_models(written(tmp_path, json.dumps({**content, "tokens": {"agents": {}}}))) == ["replicate/x"]


def test_the_api_of_google(tmp_path: Path) -> None:
    content = {
        "account": FAKE_ACCOUNT,
        "providers": {"google-ai-studio": {"key": {"env": "FAKE_KEY"}, "models": {"f": {"id": "gemini-f"}}}},
        "tokens": {"agents": {}},
        "clients": {"gemini-cli": {"keys": "local"}},
    }
    (request,) = probe_requests(written(tmp_path, json.dumps(content)))
    assert request.url.endswith("/agents-case/google-ai-studio/v1beta/models/gemini-f:generateContent")
    assert request.body("m") == {"contents": [{"role": "user", "parts": [{"text": f"{PROMPT} (m)"}]}]}
    headers = {"cf-aig-authorization": "Bearer fake-token", "x-goog-api-key": "fake-key"}
    assert request.headers("fake-token", {"FAKE_KEY": "fake-key"}) == headers


def test_body_and_headers_of_each_api(tmp_path: Path) -> None:
    probed(tmp_path, models={}, codex={}, **{"claude-code": {"via": "rest"}})
    environment = written(tmp_path, (tmp_path / "case.yaml").read_text())
    by_label = {request.label: request for request in probe_requests(environment)}
    chat, responses = by_label["openai/o"], by_label["openai/o via provider, responses"]
    messages = by_label["anthropic/c via rest, messages"]
    content = [{"role": "user", "content": f"{PROMPT} (m)"}]
    assert chat.body("m") == {"model": "openai/o", "messages": content}
    assert responses.body("m") == {"model": "o", "input": f"{PROMPT} (m)"}
    assert messages.body("m") == {"model": "anthropic/c", "messages": content, "max_tokens": 256}
    for request in (chat, responses):
        assert request.headers("fake-token", {}) == {"cf-aig-authorization": "Bearer fake-token"}
    assert messages.headers("fake-token", {}) == {
        "anthropic-version": "2023-06-01",
        "authorization": "Bearer fake-token",
        "cf-aig-gateway-id": "agents-case",
    }
