"""Any input to the Secrets Store, stored keys, zones and domains gets a response like Cloudflare's, without values."""

from __future__ import annotations

import concurrent.futures
from typing import Any

import pytest
from examples import examples
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from gatewright.facts.permissions import AI_GATEWAY_RUN

from .conversation import Conversation
from .setup_steps import SETUPS
from .test_fuzz import JSON

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
WITH_ANY = examples(10, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def keys(api: Conversation) -> Conversation:
    """With a gateway, its store, and a linked key."""
    for step in SETUPS["provider config openai/default exists"]:
        api.run(step)
    return api


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
        response = keys.send({"method": method, "path": path, "body": body})
        assert response.status_code < 500, response.text
        assert response.json()["success"] is (response.status_code == 200)


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[" * 100_000, b'[{"name": "\\ud800"}]', b'[{"value": NaN}]'])
def test_invalid_json_gets_the_error_of_the_secrets_store(keys: Conversation, body: bytes) -> None:
    for method, path in (("POST", STORES), ("POST", SECRETS), ("DELETE", SECRETS)):
        response = keys.client.request(
            method, keys.filled(path), content=body, headers={"Authorization": f"Bearer {keys.admin}"}
        )
        assert response.status_code == 400
        assert response.json()["errors"] == [{"code": 1001, "message": "invalid_json_body"}]


@pytest.mark.parametrize(("value", "status"), [("x" * 65_536, 200), ("x" * 65_537, 400), ("é" * 32_769, 400)])
def test_a_value_has_at_most_64_kibibytes(keys: Conversation, value: str, status: int) -> None:
    body = [{"name": "large", "value": value, "scopes": ["workers"]}]
    assert keys.send({"method": "POST", "path": SECRETS, "body": body}).status_code == status


def test_any_name_is_returned_unchanged(keys: Conversation) -> None:
    names = ["ключ", "鍵 🔑", "a/b?c#d", "' OR 1=1 --", "\u0000", "x" * 5000]
    body = [{"name": name, "value": "fake", "scopes": ["workers"], "comment": name} for name in names]
    created = keys.send({"method": "POST", "path": SECRETS, "body": body}).json()["result"]
    assert [(each["name"], each["comment"]) for each in created] == [(name, name) for name in names]


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
    texts = [keys.send({"method": method, "path": path, "body": body}).text for method, path, body in sent]
    texts.append(keys.client.get("/__local__/log").text)
    assert not [value for value in values for text in texts if value in text]


def statuses_in_parallel(api: Conversation, path: str, bodies: list[Any]) -> list[int]:
    """The statuses of parallel requests."""
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        sent = pool.map(lambda body: api.send({"method": "POST", "path": path, "body": body}).status_code, bodies)
        return sorted(sent)


def test_only_one_of_parallel_creates_succeeds(api: Conversation) -> None:
    assert statuses_in_parallel(api, STORES, [{"name": f"store-{n}"} for n in range(16)]) == [200] + [409] * 15


def test_only_one_of_parallel_links_succeeds(keys: Conversation) -> None:
    config = {"alias": "b", "default_config": True, "provider_slug": "groq", "secret": "fake"}
    assert statuses_in_parallel(keys, CONFIGS, [config] * 16) == [200] + [400] * 15
    domain = {"domain": "ai.example.test", "zone_id": keys.variables["Z"]}
    path = f"{ACCOUNT}/ai-gateway/gateways/g/custom-domains"
    assert statuses_in_parallel(keys, path, [domain] * 16) == [200] + [400] * 15
    record = {"name": "ai", "type": "CNAME", "content": "target.example", "ttl": 1}
    assert statuses_in_parallel(keys, RECORDS, [record] * 16) == [200] + [400] * 15


def test_an_account_has_at_most_a_hundred_secrets(keys: Conversation) -> None:
    body = [{"name": f"n{n}", "value": "fake", "scopes": ["workers"]} for n in range(100)]
    response = keys.send({"method": "POST", "path": SECRETS, "body": body})
    assert (response.status_code, response.json()["errors"][0]["message"]) == (400, "maximum_secrets_exceeded")
    assert keys.send({"method": "POST", "path": SECRETS, "body": body[:99]}).status_code == 200


@pytest.mark.parametrize(("path", "most"), [(f"{ACCOUNT}/tokens", 500), ("/client/v4/user/tokens", 50)])
def test_the_number_of_tokens_is_limited(api: Conversation, path: str, most: int) -> None:
    policy = {
        "effect": "allow",
        "permission_groups": [{"id": AI_GATEWAY_RUN.id}],
        "resources": {"com.cloudflare.api.account.{A}": "*"},
    }
    existing = api.send({"method": "GET", "path": path}).json()["result_info"]["total_count"]
    created = [
        api.send({"method": "POST", "path": path, "body": {"name": "t", "policies": [policy]}}).json()["result"]
        for _ in range(most - existing + 1)
    ]
    assert [token is None for token in created] == [False] * (most - existing) + [True]
    for token in created[:-1]:
        api.send({"method": "DELETE", "path": f"{path}/{token['id']}"})
