"""Bodies and results of resources that the local Cloudflare does not have, and what no case covers."""

from __future__ import annotations

from gatewright.facts.gateway import AI_GATEWAY
from gatewright.facts.resources import ACCOUNT_TOKEN, SECRETS_STORE, SECRETS_STORE_SECRET
from gatewright.local.cloudflare_plugin import wire
from gatewright.local.cloudflare_plugin.plan import plan, planned_diff
from gatewright.local.cloudflare_plugin.state import to_state
from gatewright.plugin.values import UNKNOWN, Object, Secret

SECRET: Object = {"accountId": "a", "storeId": "s", "name": "key", "value": "fake", "scopes": ["ai_gateway"]}
RESULT = {
    "id": "1",
    "store_id": "s",
    "name": "key",
    "scopes": ["ai_gateway"],
    "comment": "",
    "status": "active",
    "created": "2026-01-01T00:00:00.123Z",
    "modified": "2026-01-01T00:00:00Z",
}


def test_a_secret_is_created_as_a_list_of_one() -> None:
    planned = plan(SECRETS_STORE_SECRET.fields, SECRET, {})
    assert wire.create_body(SECRETS_STORE_SECRET, planned) == [
        {"name": "key", "value": "fake", "scopes": ["ai_gateway"]}
    ]


def test_a_secret_keeps_its_value_and_takes_the_rest_from_the_result() -> None:
    state = wire.after_write(SECRETS_STORE_SECRET.fields, plan(SECRETS_STORE_SECRET.fields, SECRET, {}), RESULT)
    assert state["value"] == "fake"
    assert (state["id"], state["status"], state["created"]) == ("1", "active", "2026-01-01T00:00:00Z")
    assert "comment" not in state
    assert wire.after_read(SECRETS_STORE_SECRET.fields, state, RESULT)["comment"] == ""
    assert wire.after_read(SECRETS_STORE_SECRET.fields, state, RESULT)["value"] == "fake"
    assert to_state(SECRETS_STORE_SECRET, state)["value"] == Secret("fake")


def test_a_patch_holds_only_what_changed() -> None:
    state = wire.after_write(SECRETS_STORE_SECRET.fields, plan(SECRETS_STORE_SECRET.fields, SECRET, {}), RESULT)
    planned = plan(SECRETS_STORE_SECRET.fields, {**SECRET, "value": "new"}, state)
    assert wire.update_body(SECRETS_STORE_SECRET, planned, state) == {"value": "new"}


def test_a_store_cannot_change() -> None:
    state: Object = {"id": "1", "accountId": "a", "name": "store", "force": False}
    news: Object = {"accountId": "a", "name": "other"}
    changes = planned_diff(SECRETS_STORE.fields, state, plan(SECRETS_STORE.fields, news, state)).changes
    assert changes["name"].replace


def test_a_setting_removed_from_a_gateway_is_sent_as_null() -> None:
    state: Object = {"aiGatewayId": "g", "cacheTtl": 5, "retryDelay": 5, "dlp": {"enabled": True, "action": "FLAG"}}
    planned: Object = {"aiGatewayId": "g", "cacheTtl": 6, "dlp": {"enabled": True}}
    assert wire.update_body(AI_GATEWAY, planned, state) == {
        "id": "g",
        "cache_ttl": 6,
        "retry_delay": None,
        "dlp": {"enabled": True, "action": None},
    }


def test_a_setting_removed_from_a_token_is_left_out() -> None:
    assert wire.update_body(ACCOUNT_TOKEN, {"name": "t"}, {"name": "t", "expiresOn": "2027-01-01T00:00:00Z"}) == {
        "name": "t"
    }


def test_unknown_and_computed_values_are_never_sent() -> None:
    planned: Object = {"aiGatewayId": "g", "byokOnly": UNKNOWN, "createdAt": UNKNOWN, "isDefault": False}
    assert wire.create_body(AI_GATEWAY, planned) == {"id": "g"}


def test_resources_are_an_object_for_the_api_and_compact_text_for_pulumi() -> None:
    policy: Object = {"effect": "allow", "permissionGroups": [{"id": "1"}], "resources": '{"a": {"b": "*"}}'}
    body = wire.create_body(ACCOUNT_TOKEN, {"name": "t", "policies": [policy]})
    assert body["policies"][0]["resources"] == {"a": {"b": "*"}}
    policies = ACCOUNT_TOKEN.field("policies")
    assert wire.decode(policies, body["policies"]) == [{**policy, "resources": '{"a":{"b":"*"}}'}]
