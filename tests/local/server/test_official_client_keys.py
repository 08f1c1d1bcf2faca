"""The official client reads the Secrets Store, stored keys, zones, DNS records and domains in its strict mode."""

from __future__ import annotations

from typing import Any

import cloudflare
import httpx
import pytest
from cloudflare import Cloudflare

from gatewright.local.daemon import Running

from .conversation import Conversation
from .setup_steps import SETUPS


@pytest.fixture
def official(server: Running, api: Conversation) -> Cloudflare:
    return Cloudflare(
        api_token=api.admin, base_url=server.control_plane, max_retries=0, _strict_response_validation=True
    )


@pytest.fixture
def account(api: Conversation) -> str:
    return api.variables["A"]


def test_store_and_secrets_through_their_life(official: Cloudflare, account: str) -> None:
    stores = official.secrets_store.stores
    store = stores.create(account_id=account, name="default_secrets_store")
    assert store is not None
    assert [each.id for each in stores.list(account_id=account)] == [store.id]
    read = stores.get(store.id, account_id=account)
    assert read is not None
    assert read.account_id == account

    place: dict[str, Any] = {"account_id": account, "store_id": store.id}
    (created,) = stores.secrets.create(
        **place, body=[{"name": "g_openai_default", "value": "fake-key", "scopes": ["workers", "ai_gateway"]}]
    )
    assert (created.status, created.scopes) == ("pending", ["ai_gateway", "workers"])
    edited = stores.secrets.edit(created.id, **place, value="fake-key-2", comment="c")
    assert edited is not None
    assert edited.comment == "c"
    copy = stores.secrets.duplicate(created.id, **place, name="copy", scopes=["workers"])
    assert copy is not None
    assert [each.name for each in stores.secrets.list(**place, scopes=["ai_gateway"])] == ["g_openai_default"]
    assert [each.name for each in stores.secrets.list(**place, order="name", per_page=1)] == [
        "copy",
        "g_openai_default",
    ]
    quota = official.secrets_store.quota.get(account_id=account)
    assert quota is not None
    assert quota.secrets.usage == 2
    stores.secrets.bulk_delete(**place, extra_body=[{"id": copy.id}])
    stores.secrets.delete(created.id, **place)
    with pytest.raises(cloudflare.NotFoundError) as missing:
        stores.secrets.get(created.id, **place)
    assert missing.value.errors[0].code == 1001
    stores.delete(store.id, account_id=account)
    assert list(stores.list(account_id=account)) == []


def test_provider_config_through_its_life(official: Cloudflare, api: Conversation, account: str) -> None:
    for step in SETUPS["gateway g exists with store_id S"]:
        api.run(step)
    configs = official.ai_gateway.provider_configs
    created = configs.create(
        "g",
        account_id=account,
        alias="default",
        default_config=True,
        provider_slug="openai",
        secret="fake-key-of-openai",
        rate_limit=40,
        rate_limit_period=60,
    )
    assert (created.default_config, created.rate_limit, created.rate_limit_period) == (True, 40, 60)
    assert [each.id for each in configs.list("g", account_id=account)] == [created.id]
    path = f"/accounts/{account}/ai-gateway/gateways/g/provider_configs/{created.id}"
    assert official.put(path, body={"secret": "fake-key-2"}, cast_to=httpx.Response).is_success
    assert official.delete(path, cast_to=httpx.Response).is_success
    assert list(configs.list("g", account_id=account)) == []


def test_zone_and_records_through_their_life(official: Cloudflare, api: Conversation, account: str) -> None:
    zone = official.zones.get(zone_id=api.variables["Z"])
    assert zone is not None
    assert [each.id for each in official.zones.list(account={"id": account}, name=zone.name)] == [zone.id]
    records = official.dns.records
    created = records.create(
        zone_id=zone.id, type="CNAME", name="ai", content="target.example", ttl=1, proxied=True, comment="c", tags=[]
    )
    assert created is not None
    assert (created.name, created.type, created.proxied) == ("ai.example.test", "CNAME", True)
    assert [each.id for each in records.list(zone_id=zone.id, name={"exact": "ai.example.test"})] == [created.id]
    changed = records.edit(created.id, zone_id=zone.id, type="CNAME", name="ai", ttl=1, content="other.example")
    whole = records.update(created.id, zone_id=zone.id, type="CNAME", name="ai", ttl=60, content="third.example")
    assert changed is not None
    assert whole is not None
    assert (changed.content, changed.proxied) == ("other.example", True)
    assert (whole.content, whole.proxied) == ("third.example", False)
    read = records.get(created.id, zone_id=zone.id)
    assert read is not None
    assert read.model_dump() == whole.model_dump()
    deleted = records.delete(created.id, zone_id=zone.id)
    assert deleted is not None
    assert deleted.id == created.id


def test_custom_domain_through_its_life(official: Cloudflare, api: Conversation, account: str) -> None:
    """With plain requests, since the client has no methods for it."""
    for step in SETUPS["gateway g exists"]:
        api.run(step)
    path = f"/accounts/{account}/ai-gateway/gateways/g/custom-domains"
    body = {"domain": "ai.example.test", "zone_id": api.variables["Z"]}
    created = official.post(path, body=body, cast_to=httpx.Response).json()["result"]
    assert created["status"] == "pending_dcv"
    assert official.get(path, cast_to=httpx.Response).json()["result"] == [created]
    assert official.delete(f"{path}/ai.example.test", cast_to=httpx.Response).json()["result"] == created
