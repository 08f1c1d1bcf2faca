"""Whatever comes to the Secrets Store, stored keys, zones and domains: Cloudflare's answer, and no value told."""

from __future__ import annotations

import concurrent.futures
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatewright.facts.permissions import AI_GATEWAY_RUN

from .conversation import Conversation
from .setup_steps import GIVEN
from .test_hostile import JSON

ACCOUNT = "/client/v4/accounts/{A}"
STORES = f"{ACCOUNT}/secrets_store/stores"
SECRETS = f"{STORES}/{{S}}/secrets"
CONFIGS = f"{ACCOUNT}/ai-gateway/gateways/g/provider_configs"
RECORDS = "/client/v4/zones/{Z}/dns_records"
FIELDS = st.sampled_from(
    [
        "name",
        "value",
        "scopes",
        "comment",
        "alias",
        "default_config",
        "provider_slug",
        "secret",
        "secret_id",
        "rate_limit",
        "rate_limit_period",
        "domain",
        "zone_id",
        "type",
        "content",
        "ttl",
        "proxied",
        "tags",
        "settings",
        "id",
    ]
)
BODIES = st.dictionaries(FIELDS, JSON) | st.lists(st.dictionaries(FIELDS, JSON), max_size=2) | JSON
WITH_ANY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def keys(talk: Conversation) -> Conversation:
    """With a gateway, its store, and a key that is linked."""
    for step in GIVEN["provider config openai/default exists"]:
        talk.run(step)
    return talk


@WITH_ANY
@given(body=BODIES)
def test_any_json_gets_an_envelope(keys: Conversation, body: Any) -> None:
    for method, path in (
        ("POST", STORES),
        ("POST", SECRETS),
        ("PATCH", f"{SECRETS}/{{secret_id}}"),
        ("DELETE", SECRETS),
        ("POST", f"{SECRETS}/{{secret_id}}/duplicate"),
        ("POST", CONFIGS),
        ("PUT", f"{CONFIGS}/{{pc}}"),
        ("POST", f"{ACCOUNT}/ai-gateway/gateways/g/custom-domains"),
        ("POST", RECORDS),
    ):
        answer = keys.send({"method": method, "path": path, "body": body})
        assert answer.status_code < 500, answer.text
        assert answer.json()["success"] is (answer.status_code == 200)


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[" * 100_000, b'[{"name": "\\ud800"}]', b'[{"value": NaN}]'])
def test_invalid_json_gets_the_error_of_the_secrets_store(keys: Conversation, body: bytes) -> None:
    for method, path in (("POST", STORES), ("POST", SECRETS), ("DELETE", SECRETS)):
        answer = keys.client.request(
            method, keys.filled(path), content=body, headers={"Authorization": f"Bearer {keys.admin}"}
        )
        assert answer.status_code == 400
        assert answer.json()["errors"] == [{"code": 1001, "message": "invalid_json_body"}]


@pytest.mark.parametrize(("value", "status"), [("x" * 65_536, 200), ("x" * 65_537, 400), ("é" * 32_769, 400)])
def test_a_value_has_at_most_64_kibibytes(keys: Conversation, value: str, status: int) -> None:
    body = [{"name": "large", "value": value, "scopes": ["workers"]}]
    assert keys.send({"method": "POST", "path": SECRETS, "body": body}).status_code == status


def test_any_name_is_returned_unchanged(keys: Conversation) -> None:
    names = ["ключ", "鍵 🔑", "a/b?c#d", "' OR 1=1 --", "\u0000", "x" * 5000]
    body = [{"name": name, "value": "fake", "scopes": ["workers"], "comment": name} for name in names]
    made = keys.send({"method": "POST", "path": SECRETS, "body": body}).json()["result"]
    assert [(each["name"], each["comment"]) for each in made] == [(name, name) for name in names]


def test_no_response_and_no_log_contains_a_value(keys: Conversation) -> None:
    values = ["fake-value-of-a-secret", "fake-value-that-is-newer", "fake-key-of-a-config", "fake-key-that-is-newer"]
    secret: dict[str, Any] = {"name": "s", "scopes": ["ai_gateway"]}
    config: dict[str, Any] = {"alias": "b", "default_config": False, "provider_slug": "groq"}
    sent: list[tuple[str, str, Any]] = [
        ("POST", SECRETS, [{**secret, "value": values[0]}]),
        ("POST", SECRETS, [{**secret, "value": values[0]}]),
        ("POST", SECRETS, [{**secret, "value": [values[0]]}]),
        ("POST", SECRETS, {**secret, "value": values[0]}),
        ("PATCH", f"{SECRETS}/{{secret_id}}", {"value": values[1]}),
        ("PATCH", f"{SECRETS}/{{secret_id}}", {"value": values[1], "scopes": [values[1]]}),
        ("POST", CONFIGS, {**config, "secret": values[2]}),
        ("POST", CONFIGS, {**config, "secret": {"value": values[2]}}),
        ("POST", CONFIGS, {**config, "secret": values[2], "rate_limit": values[2]}),
        ("PUT", f"{CONFIGS}/{{pc}}", {"secret": values[3]}),
        ("PUT", f"{CONFIGS}/{{pc}}", {"secret": [values[3]]}),
        ("GET", SECRETS, None),
        ("GET", CONFIGS, None),
    ]
    said = [keys.send({"method": method, "path": path, "body": body}).text for method, path, body in sent]
    said.append(keys.client.get("/__local__/log").text)
    assert not [value for value in values for text in said if value in text]


def at_once(talk: Conversation, path: str, bodies: list[Any]) -> list[int]:
    """The statuses of requests that are sent in parallel."""
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        sent = pool.map(lambda body: talk.send({"method": "POST", "path": path, "body": body}).status_code, bodies)
        return sorted(sent)


def test_only_one_of_parallel_creates_succeeds(talk: Conversation) -> None:
    assert at_once(talk, STORES, [{"name": f"store-{n}"} for n in range(16)]) == [200] + [409] * 15


def test_only_one_of_parallel_links_succeeds(keys: Conversation) -> None:
    config = {"alias": "b", "default_config": True, "provider_slug": "groq", "secret": "fake"}
    assert at_once(keys, CONFIGS, [config] * 16) == [200] + [400] * 15
    domain = {"domain": "ai.example.test", "zone_id": keys.variables["Z"]}
    path = f"{ACCOUNT}/ai-gateway/gateways/g/custom-domains"
    assert at_once(keys, path, [domain] * 16) == [200] + [400] * 15
    record = {"name": "ai", "type": "CNAME", "content": "target.example", "ttl": 1}
    assert at_once(keys, RECORDS, [record] * 16) == [200] + [400] * 15


def test_an_account_has_at_most_a_hundred_secrets(keys: Conversation) -> None:
    body = [{"name": f"n{n}", "value": "fake", "scopes": ["workers"]} for n in range(100)]
    answer = keys.send({"method": "POST", "path": SECRETS, "body": body})
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (400, "maximum_secrets_exceeded")
    assert keys.send({"method": "POST", "path": SECRETS, "body": body[:99]}).status_code == 200


@pytest.mark.parametrize(("path", "most"), [(f"{ACCOUNT}/tokens", 500), ("/client/v4/user/tokens", 50)])
def test_the_number_of_tokens_is_limited(talk: Conversation, path: str, most: int) -> None:
    policy = {
        "effect": "allow",
        "permission_groups": [{"id": AI_GATEWAY_RUN.id}],
        "resources": {"com.cloudflare.api.account.{A}": "*"},
    }
    there = talk.send({"method": "GET", "path": path}).json()["result_info"]["total_count"]
    made = [
        talk.send({"method": "POST", "path": path, "body": {"name": "t", "policies": [policy]}}).json()["result"]
        for _ in range(most - there + 1)
    ]
    assert [token is None for token in made] == [False] * (most - there) + [True]
    for token in made[:-1]:
        talk.send({"method": "DELETE", "path": f"{path}/{token['id']}"})
