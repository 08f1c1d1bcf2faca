"""The rules on the resources of a stack agree with those on its environment file, as far as resources show it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gatewright.clients import CAPABILITIES
from gatewright.cloudflare.mapping.gateway_body import gateway_body
from gatewright.environment.files import Files
from gatewright.environment.load import load
from gatewright.facts.gateway import AI_GATEWAY
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT
from gatewright.facts.permissions import AI_GATEWAY_RUN, AI_GATEWAY_WRITE
from gatewright.facts.resource_types import DYNAMIC_ROUTE
from gatewright.facts.resources import ACCOUNT_TOKEN
from gatewright.facts.schema import pulumi_values
from gatewright.policy.resources import Finding, Resource, check_resource
from gatewright.policy.rules import Policies, read_policies

NOW = 1_793_491_200  # 2026-11-01
POLICIES = """\
extends: gatewright:policies
rules:
  no-groq: {for: route, environments: [prod], require: '!("groq" in route.providers)', message: routes avoid groq}
  addresses: {for: token, require: token.from.size() > 0, message: tokens have addresses}
  cheap: {for: environment, require: environment.models.size() > 0, message: models}
  cached: {for: gateway, require: gateway.cache.ttl > 0, message: caching is on}
exceptions:
  - {rule: token-reads-only, environments: [prod], name: old, who: Ann, why: a test, until: 2026-11-01}
  - {rule: token-reads-only, environments: [prod], name: older, who: Ann, why: a test, until: 2026-10-31}
"""


@pytest.fixture
def policies(tmp_path: Path) -> Policies:
    (tmp_path / "policies.yaml").write_text(POLICIES, encoding="utf-8")
    read = read_policies(tmp_path / "policies.yaml", "policies.yaml")
    assert read.diagnostics == ()
    return read


def find(policies: Policies, rule: str, type_: str, inputs: dict[str, Any], **more: Any) -> Finding:
    settings = {"stack": "prod", "account": "a" * 32, "is_protected": True, **more}
    (compiled,) = (each for each in policies.rules if each.name == rule)
    return check_resource(policies, compiled, Resource(type_, inputs, **settings), NOW)


def gateway(tmp_path: Path, text: str) -> dict[str, Any]:
    """The inputs of the gateway of an environment with these settings."""
    (tmp_path / "prod.yaml").write_text(f"account: {{env: ACCOUNT}}\ngateway: {text}\n", encoding="utf-8")
    environment = load(Files(tmp_path, "stacks"), "prod", CAPABILITIES, {}).environment
    assert environment is not None
    return {**pulumi_values(AI_GATEWAY.inputs, gateway_body(environment.gateway)), "accountId": "a" * 32}


def token(name: str, *groups: str | None, **more: Any) -> dict[str, Any]:
    policy = {"effect": "allow", "permissionGroups": [{"id": group} for group in groups], "resources": json.dumps({})}
    return {"name": name, "policies": [policy], "expiresOn": "2026-12-01T00:00:00Z", **more}


@pytest.mark.parametrize(
    ("rule", "settings", "violation"),
    [
        ("authenticated", "{authenticated: false}", "agents-prod: the gateway accepts only requests with a token"),
        ("authenticated", "{}", ""),
        ("cache-at-most-1h", "{cache: {ttl: 2h}}", "agents-prod: a response is cached for an hour at most"),
        ("cache-at-most-1h", "{cache: {ttl: 1h}}", ""),
        ("spend-limit", "{}", "agents-prod: an environment has a budget"),
        ("spend-limit", "{spendLimits: [{id: all, limit: 5 USD/day}]}", ""),
        ("cached", "{}", "policy cached cannot be evaluated: a value before a dot is null, or has no keys"),
    ],
)
def test_a_gateway(rule: str, settings: str, violation: str, policies: Policies, tmp_path: Path) -> None:
    found = find(policies, rule, AI_GATEWAY.token, gateway(tmp_path, settings))
    assert found.not_applicable == ""
    assert found.violation.startswith(violation)
    assert bool(found.violation) == bool(violation)


def test_an_environment_is_seen_in_part(policies: Policies, tmp_path: Path) -> None:
    inputs = gateway(tmp_path, "{}")
    assert find(policies, "protected", AI_GATEWAY.token, inputs) == Finding()
    assert find(policies, "protected", AI_GATEWAY.token, inputs, is_protected=False).violation
    assert find(policies, "protected", AI_GATEWAY.token, inputs, account=LOCAL_ACCOUNT).not_applicable
    found = find(policies, "cheap", AI_GATEWAY.token, inputs)
    assert found.not_applicable == "needs the environment's file: there is no key models"


def test_a_token(policies: Policies) -> None:
    type_, run, write = ACCOUNT_TOKEN.token, AI_GATEWAY_RUN.id, AI_GATEWAY_WRITE.id
    name = "gatewright/prod/agents/2026-11-01"
    assert find(policies, "token-reads-only", type_, token(name, run)) == Finding()
    assert find(policies, "token-reads-only", type_, token(name, run, write)).violation.startswith("agents: a token of")
    assert find(policies, "token-at-most-90d", type_, token(name, run)) == Finding()
    late = token(name, run, expiresOn="2027-03-01T00:00:00Z")
    assert find(policies, "token-at-most-90d", type_, late).violation
    assert find(policies, "addresses", type_, token(name, run)).violation
    limited = token(name, run, condition={"requestIp": {"ins": ["203.0.113.0/24"]}})
    assert find(policies, "addresses", type_, limited) == Finding()


def test_exceptions(policies: Policies) -> None:
    write = AI_GATEWAY_WRITE.id
    old = find(policies, "token-reads-only", ACCOUNT_TOKEN.token, token("gatewright/prod/old", write))
    assert old.not_applicable == "excepted until 2026-11-01 by Ann: a test"
    older = find(policies, "token-reads-only", ACCOUNT_TOKEN.token, token("gatewright/prod/older", write))
    assert "the exception by Ann ended on 2026-10-31" in older.violation


def test_a_route(policies: Policies) -> None:
    start = {"type": "start", "outputs": {"next": {"elementId": "one"}}}
    model = {"type": "model", "properties": {"provider": "groq", "model": "openai/gpt-oss-20b"}}
    inputs = {"name": "fast", "elements": {"start": start, "one": model}}
    assert find(policies, "no-groq", DYNAMIC_ROUTE, inputs).violation == "fast: routes avoid groq"
    assert find(policies, "no-groq", DYNAMIC_ROUTE, inputs, stack="dev").not_applicable == "does not apply to dev"
    assert find(policies, "no-groq", AI_GATEWAY.token, {}).not_applicable.startswith("is about each route")
