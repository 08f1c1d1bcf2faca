"""Invalid inputs: all failures are reported, with their paths."""

from __future__ import annotations

import pytest

from gatewright.facts.gateway import AI_GATEWAY
from gatewright.facts.resources import ACCOUNT_TOKEN
from gatewright.local.cloudflare_plugin.check import failures
from gatewright.plugin.values import UNKNOWN, Object

GATEWAY: Object = {
    "accountId": "a" * 32,
    "aiGatewayId": "agents",
    "cacheInvalidateOnUpdate": False,
    "cacheTtl": 0,
    "collectLogs": True,
    "rateLimitingInterval": 60,
    "rateLimitingLimit": 600,
}
TOKEN: Object = {
    "accountId": "a" * 32,
    "name": "agents",
    "policies": [{"effect": "allow", "permissionGroups": [{"id": "1"}], "resources": "{}"}],
}


def reasons(changes: Object) -> list[str]:
    return [failure.reason for failure in failures(AI_GATEWAY.fields, {**GATEWAY, **changes})]


def test_a_valid_gateway_has_no_failures() -> None:
    assert reasons({}) == []


def test_all_missing_properties_are_reported() -> None:
    assert [failure.reason for failure in failures(AI_GATEWAY.fields, {})] == [
        f"Missing required property '{name}'" for name in GATEWAY
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"cacheTtl": -1}, "cacheTtl must be at least 0, got: -1"),
        ({"cacheTtl": 1.5}, "cacheTtl must be a whole number"),
        ({"cacheTtl": True}, "cacheTtl must be a whole number"),
        ({"collectLogs": "true"}, "collectLogs must be true or false"),
        ({"logManagement": 5}, "logManagement must be 10000 to 10000000, got: 5"),
        ({"retryMaxAttempts": 6}, "retryMaxAttempts must be 1 to 5, got: 6"),
        ({"retryBackoff": "random"}, "retryBackoff must be one of constant, linear, exponential, got: random"),
        ({"cacheTTL": 5}, "cacheTTL is not a property of this resource; did you mean cacheTtl?"),
        ({"createdAt": "now"}, "createdAt is not a property of this resource"),
        ({"otels": {"url": "x"}}, "otels must be a list"),
        ({"otels": [{"url": "x"}]}, "Missing required property 'otels[0].headers'"),
        ({"otels": [{"url": "x", "headers": {"a": 1}}]}, "otels[0].headers.a must be a string"),
        ({"dlp": {"enabled": True, "action": "DROP"}}, "dlp.action must be one of FLAG, BLOCK, got: DROP"),
        ({"guardrails": {"prompt": {}, "response": {"s1": 1}}}, "guardrails.response.s1 must be a string"),
    ],
)
def test_an_invalid_value_is_reported_with_its_path(changes: Object, reason: str) -> None:
    assert reasons(changes) == [reason]


@pytest.mark.parametrize(
    "changes",
    [
        {"cacheTtl": "300"},
        {"cacheTtl": UNKNOWN},
        {"otels": UNKNOWN},
        {"retryBackoff": None},
        {"retryBackoff": "LINEAR"},
    ],
)
def test_values_that_the_official_plugin_accepts_are_valid(changes: Object) -> None:
    assert reasons(changes) == []


def test_texts_of_a_token_are_checked() -> None:
    policy: Object = {"effect": "maybe", "permissionGroups": [], "resources": "no json"}
    found = failures(ACCOUNT_TOKEN.fields, {**TOKEN, "policies": [policy], "expiresOn": "tomorrow"})
    assert [failure.reason for failure in found] == [
        "policies[0].effect must be one of allow, deny, got: maybe",
        "policies[0].resources must be a JSON object in a string",
        "expiresOn must be an RFC 3339 timestamp like 2027-01-20T00:00:00Z, got: tomorrow",
    ]
