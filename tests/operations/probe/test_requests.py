"""What verify asks: each model and route once, and each further way of a client's to a provider once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from clients.environments import FAKE_ACCOUNT, written

from gatewright.errors import UsageError
from gatewright.operations.probe.requests import QUESTION, out_of_reach, questions

from .verified import World


def test_the_question(world: World) -> None:
    asked = questions(world.environment, ["dynamic/fast", "openrouter", "nvidia/n"])
    assert [(each.model, each.url.partition("/agents-here")[2]) for each in asked] == [
        ("dynamic/fast", "/compat/chat/completions"),
        ("o", "/openrouter/v1/chat/completions"),
        ("custom-nvidia/n", "/compat/chat/completions"),
    ]
    assert QUESTION == "What is 2+2? Answer in one word."


def test_only_what_is_there(world: World) -> None:
    with pytest.raises(UsageError, match="no model or route mistral/n to ask"):
        questions(world.environment, ["mistral/n"])


def asked(folder: Path, *only: str, **clients: Any) -> list[tuple[str, str]]:
    """What is asked, and at which path below the account, of an environment with these clients."""
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
    found = questions(written(folder, json.dumps(content)), only)
    return [(each.called, each.url.partition(FAKE_ACCOUNT)[2].removeprefix("/agents-case")) for each in found]


COMPAT = "/compat/chat/completions"
EACH = ["openai/o", "openai/mini", "anthropic/c", "anthropic/h"]
ALL = [
    ("dynamic/fast", COMPAT),
    *((name, COMPAT) for name in EACH),
    ("openrouter/r", "/openrouter/v1/chat/completions"),
]


def test_without_clients_and_with_one_that_goes_the_usual_way(tmp_path: Path) -> None:
    assert asked(tmp_path) == ALL
    assert asked(tmp_path, models={}) == ALL


def test_a_further_way_is_asked_once_a_provider(tmp_path: Path) -> None:
    found = asked(tmp_path, models={}, codex={}, **{"claude-code": {"via": "rest", "models": ["anthropic/h"]}})
    assert found == [
        *ALL,
        ("openai/o via provider, responses", "/openai/responses"),
        ("anthropic/h via rest, messages", "/ai/v1/messages"),
    ]


def test_a_model_is_asked_as_its_only_clients_do(tmp_path: Path) -> None:
    found = asked(tmp_path, "anthropic", **{"claude-code": {}})
    assert found == [("anthropic/c", "/anthropic/v1/messages"), ("anthropic/h", "/anthropic/v1/messages")]
    found = asked(tmp_path, "openai", models={"via": "rest"}, aider={"via": "provider", "models": ["openai/o"]})
    assert found == [
        ("openai/o", "/ai/v1/chat/completions"),
        ("openai/mini", "/ai/v1/chat/completions"),
        ("openai/o via provider", "/openai/chat/completions"),
    ]


def test_who_goes_past_the_gateway_asks_nothing_of_it(tmp_path: Path) -> None:
    assert asked(tmp_path, "openai", aider={"models": ["openai/o"]}) == ALL[1:3]


def test_what_nobody_reaches_is_left_out(tmp_path: Path) -> None:
    content = {"account": FAKE_ACCOUNT, "providers": {"replicate": {"key": {"stored": True}, "models": {"x": {}}}}}
    assert out_of_reach(written(tmp_path, json.dumps({**content, "tokens": {"agents": {}}}))) == ["replicate/x"]


def test_what_each_api_is_asked(tmp_path: Path) -> None:
    asked(tmp_path, models={}, codex={}, **{"claude-code": {"via": "rest"}})
    environment = written(tmp_path, (tmp_path / "case.yaml").read_text())
    by_name = {each.called: each for each in questions(environment)}
    chat, responses = by_name["openai/o"], by_name["openai/o via provider, responses"]
    messages = by_name["anthropic/c via rest, messages"]
    content = [{"role": "user", "content": f"{QUESTION} (m)"}]
    assert chat.body("m") == {"model": "openai/o", "messages": content}
    assert responses.body("m") == {"model": "o", "input": f"{QUESTION} (m)"}
    assert messages.body("m") == {"model": "anthropic/c", "messages": content, "max_tokens": 256}
    for question in (chat, responses):
        assert question.headers("fake-token", {}) == {"cf-aig-authorization": "Bearer fake-token"}
    assert messages.headers("fake-token", {}) == {
        "anthropic-version": "2023-06-01",
        "authorization": "Bearer fake-token",
        "cf-aig-gateway-id": "agents-case",
    }
