"""The official Python client reads every response of the control plane in its strict mode."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import cloudflare
import pytest
from cloudflare import Cloudflare
from cloudflare.types.shared import Token

from gatewright.facts.permissions import AI_GATEWAY_READ, AI_GATEWAY_RUN
from gatewright.local.daemon import Running

from .conversation import Conversation


@pytest.fixture
def official(server: Running, api: Conversation) -> Cloudflare:
    return Cloudflare(
        api_token=api.admin, base_url=server.control_plane, max_retries=0, _strict_response_validation=True
    )


@pytest.fixture
def account(api: Conversation) -> str:
    return api.variables["A"]


def make_gateway(official: Cloudflare, account: str, name: str) -> None:
    official.ai_gateway.create(
        account_id=account,
        id=name,
        cache_invalidate_on_update=True,
        cache_ttl=300,
        collect_logs=True,
        rate_limiting_interval=60,
        rate_limiting_limit=10,
    )


def make_token(official: Cloudflare, account: str, expires_on: str) -> tuple[str, str]:
    assert AI_GATEWAY_RUN.id is not None
    assert AI_GATEWAY_READ.id is not None
    created = official.accounts.tokens.create(
        account_id=account,
        name="agents",
        policies=[
            {
                "effect": "allow",
                "permission_groups": [{"id": AI_GATEWAY_RUN.id}, {"id": AI_GATEWAY_READ.id}],
                "resources": {f"com.cloudflare.api.account.{account}": "*"},
            }
        ],
        condition={"request_ip": {"in": ["127.0.0.0/8"], "not_in": ["203.0.113.0/24"]}},
        not_before="2026-01-01T00:00:00Z",
        expires_on=expires_on,
    )
    assert created is not None
    assert created.id is not None
    assert created.value is not None
    return created.id, created.value


def test_gateway_with_every_setting(official: Cloudflare, account: str) -> None:
    created = official.ai_gateway.create(
        account_id=account,
        id="full",
        cache_invalidate_on_update=True,
        cache_ttl=3600,
        collect_logs=True,
        rate_limiting_interval=60,
        rate_limiting_limit=100,
        rate_limiting_technique="sliding",
        authentication=True,
        byok_only=True,
        dlp={"enabled": True, "action": "FLAG", "profiles": ["p"]},
        guardrails={"prompt": {"p1": "BLOCK", "s1": "FLAG"}, "response": {"s13": "BLOCK"}},
        log_classification=False,
        log_management=100_000,
        log_management_strategy="STOP_INSERTING",
        logpush=True,
        logpush_public_key="fake public key of sixteen characters or more",
        otel=[{"url": "https://otel.example.com/v1/traces", "headers": {"x-team": "a"}, "content_type": "json"}],
        retry_max_attempts=3,
        retry_delay=500,
        retry_backoff="exponential",
        spend_limits={
            "enabled": True,
            "rules": [
                {
                    "limit": 5.5,
                    "limit_type": "cost",
                    "window": 3600,
                    "metadata": {"team": {"mode": "partition"}, "user": {"mode": "filter", "values": ["a"]}},
                    "model": {"mode": "filter", "values": ["gpt-4.1"]},
                }
            ],
        },
        store_id="fake-store",
        stripe={"authorization": "fake", "usage_events": [{"payload": "{}"}]},
        workers_ai_billing_mode="unified",
        zdr=False,
    )
    read = official.ai_gateway.get("full", account_id=account)
    assert read.model_dump() == created.model_dump()
    assert read.spend_limits is not None
    assert read.spend_limits.rules is not None
    assert read.spend_limits.rules[0].id


def test_gateway_updated_listed_deleted(official: Cloudflare, account: str) -> None:
    for name in ("a", "b", "c"):
        make_gateway(official, account, name)
    changed = official.ai_gateway.update(
        "b",
        account_id=account,
        cache_invalidate_on_update=False,
        cache_ttl=0,
        collect_logs=False,
        rate_limiting_interval=0,
        rate_limiting_limit=0,
    )
    assert (changed.cache_ttl, changed.collect_logs) == (0, False)
    assert changed.modified_at > changed.created_at
    assert sorted(gateway.id for gateway in official.ai_gateway.list(account_id=account, per_page=2)) == ["a", "b", "c"]
    assert official.ai_gateway.delete("b", account_id=account).id == "b"
    with pytest.raises(cloudflare.NotFoundError) as missing:
        official.ai_gateway.get("b", account_id=account)
    assert missing.value.errors[0].code == 7002


def test_token_through_its_life(official: Cloudflare, account: str, server: Running) -> None:
    expires = (datetime.now(UTC) + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    identifier, value = make_token(official, account, expires)
    itself = Cloudflare(api_token=value, base_url=server.control_plane, max_retries=0, _strict_response_validation=True)
    verified = itself.accounts.tokens.verify(account_id=account)
    assert verified is not None
    assert (verified.id, verified.status) == (identifier, "active")

    read = official.accounts.tokens.get(identifier, account_id=account)
    assert read is not None
    assert read.last_used_on is not None
    assert read.policies is not None
    assert [group.name for group in read.policies[0].permission_groups] == ["AI Gateway Read", "AI Gateway Run"]
    listed: list[Token] = list(official.accounts.tokens.list(account_id=account))
    assert [token.id for token in listed] == [identifier]

    rolled = official.accounts.tokens.value.update(identifier, account_id=account)
    assert rolled != value
    with pytest.raises(cloudflare.AuthenticationError) as invalid:
        itself.accounts.tokens.verify(account_id=account)
    assert invalid.value.errors[0].code == 1000

    updated = official.accounts.tokens.update(
        identifier,
        account_id=account,
        name="renamed",
        policies=[
            {
                "effect": "allow",
                "permission_groups": [{"id": AI_GATEWAY_RUN.id or ""}],
                "resources": {f"com.cloudflare.api.account.{account}": "*"},
            }
        ],
        status="disabled",
    )
    assert updated is not None
    assert (updated.name, updated.status, updated.condition) == ("renamed", "disabled", None)
    deleted = official.accounts.tokens.delete(identifier, account_id=account)
    assert deleted is not None
    assert deleted.id == identifier


def test_permission_groups_by_name(official: Cloudflare, account: str) -> None:
    groups = list(official.accounts.tokens.permission_groups.list(account_id=account, name="AI Gateway Run"))
    assert [group.id for group in groups] == [AI_GATEWAY_RUN.id]
    everything = official.accounts.tokens.permission_groups.get(account_id=account)
    assert everything is not None
    assert len({group.id for group in everything}) == len(everything) > 10


def test_client_waits_as_long_as_the_server_says(official: Cloudflare, account: str, api: Conversation) -> None:
    """The server's own 429 has a Retry-After that the client reads."""
    order = {"on": "control", "status": 429, "headers": {"Retry-After": "0"}, "body": {}, "times": 1}
    assert api.client.post("/__local__/faults", json=order).status_code == 201
    patient = official.with_options(max_retries=1)
    assert list(patient.ai_gateway.list(account_id=account)) == []
