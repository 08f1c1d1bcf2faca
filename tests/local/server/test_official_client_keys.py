"""The official client, in its strict mode, on the Secrets Store, stored keys, zones, DNS records and domains."""

from __future__ import annotations

from typing import Any

import cloudflare
import httpx
import pytest
from cloudflare import Cloudflare

from gatewright.local.daemon import Running

from .conversation import Conversation
from .setup_steps import GIVEN


@pytest.fixture
def official(server: Running, talk: Conversation) -> Cloudflare:
    return Cloudflare(
        api_token=talk.admin, base_url=server.control_plane, max_retries=0, _strict_response_validation=True
    )


@pytest.fixture
def account(talk: Conversation) -> str:
    return talk.variables["A"]


def test_store_and_secrets_through_their_life(official: Cloudflare, account: str) -> None:
    stores = official.secrets_store.stores
    store = stores.create(account_id=account, name="default_secrets_store")
    assert store is not None
    assert [each.id for each in stores.list(account_id=account)] == [store.id]
    found = stores.get(store.id, account_id=account)
    assert found is not None
    assert found.account_id == account

    place: dict[str, Any] = {"account_id": account, "store_id": store.id}
    (made,) = stores.secrets.create(
        **place, body=[{"name": "g_openai_default", "value": "fake-key", "scopes": ["workers", "ai_gateway"]}]
    )
    assert (made.status, made.scopes) == ("pending", ["ai_gateway", "workers"])
    edited = stores.secrets.edit(made.id, **place, value="fake-key-2", comment="c")
    assert edited is not None
    assert edited.comment == "c"
    copy = stores.secrets.duplicate(made.id, **place, name="copy", scopes=["workers"])
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
    stores.secrets.delete(made.id, **place)
    with pytest.raises(cloudflare.NotFoundError) as missing:
        stores.secrets.get(made.id, **place)
    assert missing.value.errors[0].code == 1001
    stores.delete(store.id, account_id=account)
    assert list(stores.list(account_id=account)) == []


def test_provider_config_through_its_life(official: Cloudflare, talk: Conversation, account: str) -> None:
    for step in GIVEN["gateway g exists with store_id S"]:
        talk.run(step)
    configs = official.ai_gateway.provider_configs
    made = configs.create(
        "g",
        account_id=account,
        alias="default",
        default_config=True,
        provider_slug="openai",
        secret="fake-key-of-openai",
        rate_limit=40,
        rate_limit_period=60,
    )
    assert (made.default_config, made.rate_limit, made.rate_limit_period) == (True, 40, 60)
    assert [each.id for each in configs.list("g", account_id=account)] == [made.id]
    path = f"/accounts/{account}/ai-gateway/gateways/g/provider_configs/{made.id}"
    assert official.put(path, body={"secret": "fake-key-2"}, cast_to=httpx.Response).is_success
    assert official.delete(path, cast_to=httpx.Response).is_success
    assert list(configs.list("g", account_id=account)) == []


def test_zone_and_records_through_their_life(official: Cloudflare, talk: Conversation, account: str) -> None:
    zone = official.zones.get(zone_id=talk.variables["Z"])
    assert zone is not None
    assert [each.id for each in official.zones.list(account={"id": account}, name=zone.name)] == [zone.id]
    records = official.dns.records
    made = records.create(
        zone_id=zone.id, type="CNAME", name="ai", content="target.example", ttl=1, proxied=True, comment="c", tags=[]
    )
    assert made is not None
    assert (made.name, made.type, made.proxied) == ("ai.example.test", "CNAME", True)
    assert [each.id for each in records.list(zone_id=zone.id, name={"exact": "ai.example.test"})] == [made.id]
    changed = records.edit(made.id, zone_id=zone.id, type="CNAME", name="ai", ttl=1, content="other.example")
    whole = records.update(made.id, zone_id=zone.id, type="CNAME", name="ai", ttl=60, content="third.example")
    assert changed is not None
    assert whole is not None
    assert (changed.content, changed.proxied) == ("other.example", True)
    assert (whole.content, whole.proxied) == ("third.example", False)
    read = records.get(made.id, zone_id=zone.id)
    assert read is not None
    assert read.model_dump() == whole.model_dump()
    deleted = records.delete(made.id, zone_id=zone.id)
    assert deleted is not None
    assert deleted.id == made.id


def test_custom_domain_through_its_life(official: Cloudflare, talk: Conversation, account: str) -> None:
    """Not in the client's own methods."""
    for step in GIVEN["gateway g exists"]:
        talk.run(step)
    path = f"/accounts/{account}/ai-gateway/gateways/g/custom-domains"
    body = {"domain": "ai.example.test", "zone_id": talk.variables["Z"]}
    made = official.post(path, body=body, cast_to=httpx.Response).json()["result"]
    assert made["status"] == "pending_dcv"
    assert official.get(path, cast_to=httpx.Response).json()["result"] == [made]
    assert official.delete(f"{path}/ai.example.test", cast_to=httpx.Response).json()["result"] == made
