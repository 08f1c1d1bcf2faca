"""The metadata of probe requests: that of the clients and agents, and which of them are asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from clients.environments import FAKE_ACCOUNT, written

from gatewright.environment.references import RouteName
from gatewright.environment.resolved import Environment
from gatewright.operations.probe.policy_refusals import describe_budgets, explain_refusal, is_refused
from gatewright.operations.probe.requests import ProbeRequest, client_request, probe_request, probe_requests

BY_TEAM = {"if": {"metadata.team": {"eq": "platform"}}, "then": ["openai/o"], "else": ["openai/mini"]}
CODEX = {"primary": "openai/o", "metadata": {"team": "platform"}}
PI = {"primary": "dynamic/work", "metadata": {"team": "sales", "user": {"env": "PI_USER"}}}
QWEN = {"primary": "dynamic/work", "metadata": {"team": "sales", "user": "bot"}}


def environment_with(folder: Path, gateway: dict[str, Any] | None = None, **clients: Any) -> Environment:
    content = {
        "account": FAKE_ACCOUNT,
        "gateway": gateway or {},
        "providers": {"openai": {"key": {"stored": True}, "models": {"o": {}, "mini": {}}}},
        "routes": {"work": BY_TEAM},
        "tokens": {"agents": {}},
        "clients": clients,
    }
    return written(folder, json.dumps(content))


def sent(requests: list[ProbeRequest]) -> dict[str, str | None]:
    return {request.label: request.headers("fake", {}).get("cf-aig-metadata") for request in requests}


def test_each_branch_of_a_route_is_asked_for_by_a_client_that_takes_it(tmp_path: Path) -> None:
    codex = CODEX | {"models": ["openai/o"]}
    copilot = {"primary": "dynamic/work", "metadata": {"team": "platform"}}
    environment = environment_with(tmp_path, codex=codex, pi=PI, **{"qwen-code": QWEN}, copilot=copilot)
    assert sent(probe_requests(environment, variables={"PI_USER": "ann"})) == {
        "dynamic/work": '{"team":"sales","user":"ann"}',
        "dynamic/work as copilot": '{"team":"platform"}',
        "openai/o": '{"team":"sales","user":"ann"}',
        "openai/mini": '{"team":"sales","user":"ann"}',
        "openai/o via provider, responses": '{"team":"platform"}',
    }


def test_an_entry_whose_variable_is_not_set_is_not_sent(tmp_path: Path) -> None:
    request = probe_request(environment_with(tmp_path, pi=PI), RouteName("work"))
    assert request.headers("fake", {})["cf-aig-metadata"] == '{"team":"sales"}'
    assert request.sender is not None
    assert request.sender.describe() == "as pi, with team sales; user is not sent: $PI_USER is not set"


def test_roles_that_a_route_distinguishes_are_asked_for(tmp_path: Path) -> None:
    agents = {"opencode": {"primary": "dynamic/work", "metadata": {"team": {"role": True}}, "agents": ["platform"]}}
    content = environment_with(tmp_path, opencode={"primary": "dynamic/work"})
    assert sent(probe_requests(content)) == {"dynamic/work": None, "openai/o": None, "openai/mini": None}
    file = json.loads((tmp_path / "case.yaml").read_text())
    file |= {"clients": agents, "roles": {"platform": {"primary": "dynamic/work"}}}
    environment = written(tmp_path, json.dumps(file))
    assert sent(probe_requests(environment, ["dynamic"])) == {
        "dynamic/work": None,
        "dynamic/work as opencode/platform": '{"team":"platform"}',
    }
    assert sent(probe_requests(environment, ["openai/o"])) == {"openai/o": None}


def test_each_budget_is_asked_for_once(tmp_path: Path) -> None:
    gateway = {"spendLimits": [{"id": "users", "limit": "5 USD/day", "metadata": {"user": "each"}}]}
    environment = environment_with(tmp_path, gateway, pi=PI, **{"qwen-code": QWEN})
    labels = [*sent(probe_requests(environment, variables={"PI_USER": "ann"}))]
    assert labels == ["dynamic/work", "dynamic/work as qwen-code", "openai/o", "openai/mini"]


def test_each_verdict_of_the_policies_is_asked_for(tmp_path: Path) -> None:
    policies = {
        "everyone": {"effect": "allow", "limit": "5 USD/day"},
        "no-mini": {"effect": "deny", "models": ["mini"], "when": 'metadata.team == "sales"'},
    }
    environment = environment_with(tmp_path, {"policies": policies}, pi=PI, openclaw=CODEX)
    by_label = {request.label: request for request in probe_requests(environment, variables={"PI_USER": "ann"})}
    assert [*by_label] == [
        "dynamic/work",
        "dynamic/work as openclaw",
        "openai/o",
        "openai/mini",
        "openai/mini as openclaw",
    ]
    refused, allowed = by_label["openai/mini"], by_label["openai/mini as openclaw"]
    assert is_refused(environment, refused.name, refused.sender)
    assert not is_refused(environment, allowed.name, allowed.sender)
    assert explain_refusal(environment, refused.name, refused.sender) == (
        "policy no-mini denies it to pi",
        "Change gateway.policies.no-mini, then: gatewright up case",
    )
    assert explain_refusal(environment, allowed.name, allowed.sender) == (
        "the file's policies allow it to openclaw, so those at Cloudflare differ; a change takes up to 15 minutes",
        "Compare them: gatewright drift case",
    )
    budget = describe_budgets(environment, allowed.name, allowed.sender, {"error": {"limit": 5}})
    assert budget == "policy everyone (5 USD/day) for openclaw"


@pytest.mark.parametrize(
    ("policies", "expected"),
    [
        (
            {},
            ("case declares no policies, and policies at Cloudflare refuse it", "Compare them: gatewright drift case"),
        ),
        (
            {"one": {"effect": "allow", "models": ["o"]}},
            (
                "no policy allows it to a request without metadata",
                "Allow it in gateway.policies, then: gatewright up case",
            ),
        ),
        (
            {"all": {"effect": "allow"}, "us": {"effect": "deny", "when": 'cf.country == "US"'}},
            (
                "policy us decides by the request's country, and a request without metadata is refused",
                "Change gateway.policies.us, then: gatewright up case",
            ),
        ),
    ],
)
def test_refusals_without_a_client(tmp_path: Path, policies: dict[str, Any], expected: tuple[str, str]) -> None:
    environment = environment_with(tmp_path, {"policies": policies})
    assert explain_refusal(environment, probe_requests(environment, ["openai/mini"])[0].name, None) == expected


def test_the_auto_router_chooses_from_what_the_client_allows(tmp_path: Path) -> None:
    client = {"primary": "cloudflare/auto", "autoRouter": {"models": ["openai/gpt-6-luna"]}}
    policies = {"all": {"effect": "allow"}, "no-luna": {"effect": "deny", "models": ["gpt-6-luna"]}}
    providers = {
        "cloudflare": {"models": {"auto": {"context": 200_000, "output": 32_000}}},
        "openai": {"key": {"stored": True}, "models": {"o": {}}},
    }
    content = {"account": FAKE_ACCOUNT, "providers": providers, "tokens": {"agents": {}}, "clients": {"pi": client}}
    (request,) = probe_requests(written(tmp_path, json.dumps(content)), ["cloudflare/auto"])
    assert request.headers("fake", {})["cf-aig-allowed-models"] == "openai/gpt-6-luna"
    environment = written(tmp_path, json.dumps(content | {"gateway": {"policies": policies}}))
    assert is_refused(environment, request.name, request.sender)
    assert not is_refused(environment, request.name, None)


def test_a_client_is_asked_with_its_own_metadata(tmp_path: Path) -> None:
    environment = environment_with(tmp_path, pi=PI)
    request = client_request(environment, environment.clients["pi"], {"PI_USER": "ann"})
    assert request is not None
    assert sent([request]) == {"dynamic/work": '{"team":"sales","user":"ann"}'}
