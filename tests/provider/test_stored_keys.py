"""SecretsStore, ProviderConfig and getSecrets, called as the engine calls them, against the local Cloudflare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from gatewright.cloudflare.provider_configs import MANAGED
from gatewright.facts.resource_types import GET_SECRETS, PROVIDER_CONFIG, SECRETS_STORE
from gatewright.plugin.protos import provider_pb2 as rpc
from gatewright.plugin.values import UNKNOWN, Object, Value, from_struct, to_struct

from .cloudflare import error_of
from .conftest import Calls

if TYPE_CHECKING:
    from .cloudflare import Cloudflare

NAME = "g_groq_default"
CONFIGS = "/gateways/g/provider_configs"


@pytest.fixture
def stores(stub: Any) -> Calls:
    return Calls(stub, SECRETS_STORE)


@pytest.fixture
def configs(stub: Any) -> Calls:
    return Calls(stub, PROVIDER_CONFIG)


def account(cloudflare: Cloudflare, method: str, path: str, body: Any = None) -> Any:
    url = f"{cloudflare.url}/accounts/{cloudflare.account}/secrets_store/stores{path}"
    headers = {"Authorization": f"Bearer {cloudflare.token}"}
    answer = httpx.request(method, url, json=body, headers=headers, trust_env=False)
    assert answer.is_success, answer.text
    return answer.json()["result"]


@pytest.fixture
def store(cloudflare: Cloudflare) -> str:
    """A store that the gateway names."""
    created = str(account(cloudflare, "POST", "", {"name": "made_before"})["id"])
    kept = cloudflare.ask("GET", "/gateways/g")["result"]
    cloudflare.ask(
        "PUT", "/gateways/g", {name: kept[name] for name in kept if kept[name] is not None} | {"store_id": created}
    )
    return created


def secret(cloudflare: Cloudflare, store: str, name: str = NAME, comment: str = "") -> str:
    body = [{"name": name, "value": "fake-key", "scopes": ["ai_gateway"], "comment": comment}]
    return str(account(cloudflare, "POST", f"/{store}/secrets", body)[0]["id"])


def names(cloudflare: Cloudflare, store: str) -> list[str]:
    return [each["name"] for each in account(cloudflare, "GET", f"/{store}/secrets")]


def config(cloudflare: Cloudflare, store: Value, **changed: Any) -> Object:
    place: Object = {"accountId": cloudflare.account, "gatewayId": "g", "storeId": store}
    return place | {"providerSlug": "groq", "alias": "default"} | changed


def test_the_store_of_an_account_is_created_once_and_kept(cloudflare: Cloudflare, stores: Calls) -> None:
    inputs = stores.check({"accountId": cloudflare.account})
    assert stores.create(inputs, preview=True) == ("", {**inputs, "storeId": UNKNOWN})
    created, state = stores.create(inputs)
    assert state == {**inputs, "storeId": created}
    assert stores.create(inputs) == (created, state)
    assert stores.read(created, inputs, state) == (inputs, state)
    assert stores.read(f"{cloudflare.account}/{created}") == (inputs, state)
    assert stores.diff(created, state, inputs, inputs) == {}
    stores.delete(created, state)
    assert [each["id"] for each in account(cloudflare, "GET", "")] == [created]
    account(cloudflare, "DELETE", f"/{created}")
    assert stores.read(created, inputs, state) is None


def test_life_of_a_config(cloudflare: Cloudflare, store: str, configs: Calls) -> None:
    key = secret(cloudflare, store)  # pending for a moment
    inputs = configs.check(config(cloudflare, store, secretId=key, rateLimit=40))
    assert inputs["rateLimitPeriod"] == 60
    created, state = configs.create(inputs)
    assert state == {**inputs, "defaultConfig": True}
    assert configs.read(created, inputs, state) == (inputs, state)
    assert configs.read(f"{cloudflare.account}/g/{created}") == (inputs, state)
    assert configs.diff(created, state, inputs, inputs) == {}
    assert configs.create(inputs) == (created, state)  # as after a run that was killed before it knew
    configs.delete(created, state)
    configs.delete(created, state)
    assert (names(cloudflare, store), configs.read(created, inputs, state)) == ([], None)


def test_delete_removes_a_secret_that_the_config_left(cloudflare: Cloudflare, store: str, configs: Calls) -> None:
    key = secret(cloudflare, store)
    created, state = configs.create(config(cloudflare, store, secretId=key))
    cloudflare.inject_fault(
        method="DELETE", path="*/provider_configs/*", status=404, body={"success": False, "errors": []}
    )
    configs.delete(created, state)
    assert names(cloudflare, store) == []


def test_a_secret_is_found_by_its_name(cloudflare: Cloudflare, store: str, configs: Calls) -> None:
    secret(cloudflare, store, "other")
    key = secret(cloudflare, store)
    inputs = configs.check(config(cloudflare, store))
    created, state = configs.create(inputs)
    assert state["secretId"] == key
    assert configs.read(created, inputs, state) == (inputs, state)
    with_id = {**inputs, "secretId": key}
    assert configs.diff(created, state, inputs, with_id) == configs.diff(created, state, with_id, inputs) == {}
    assert configs.diff(created, state, inputs, {**inputs, "secretId": "other"}) == {"secretId": "UPDATE_REPLACE"}


def test_the_limit_of_a_stored_key_cannot_change(cloudflare: Cloudflare, store: str, configs: Calls) -> None:
    secret(cloudflare, store)
    before = config(cloudflare, store, rateLimit=40, rateLimitPeriod=60)
    (message,) = configs.failures(config(cloudflare, store, rateLimit=50), olds=before)
    assert "the limit of a stored key cannot be changed" in message
    assert (
        configs.failures(config(cloudflare, store, rateLimit=50, secretId="s"), olds={**before, "secretId": "s"}) == []
    )


def test_a_preview_reports_a_missing_secret(cloudflare: Cloudflare, store: str, configs: Calls) -> None:
    creates_secret, uses_secret = config(cloudflare, UNKNOWN, secretId=UNKNOWN), config(cloudflare, store)
    (message,) = configs.failures(uses_secret)
    assert f"has no secret {NAME}, which providers.groq.key: {{stored: true}} requires" in message
    assert configs.failures(creates_secret) == []
    assert configs.failures(uses_secret, olds=uses_secret) == []


def test_a_preview_reports_a_taken_name(cloudflare: Cloudflare, store: str, configs: Calls) -> None:
    secret(cloudflare, store)
    (message,) = configs.failures(config(cloudflare, UNKNOWN, secretId=UNKNOWN))
    assert f"already has a secret {NAME}" in message
    assert "providers.groq.key: {stored: true}" in message
    assert configs.failures(config(cloudflare, store, secretId="known")) == []


def test_a_preview_of_a_replacement_accepts_its_own_secret(cloudflare: Cloudflare, store: str, configs: Calls) -> None:
    """The engine checks a replacement as if it were the first config. Its own secret is deleted with the old one.

    A secret that no config links was left by a run, and is imported.
    """
    key = secret(cloudflare, store, comment=f"The key of groq, {MANAGED}")
    replacement = config(cloudflare, UNKNOWN, secretId=UNKNOWN)
    assert configs.failures(replacement) == []
    configs.create(config(cloudflare, store, secretId=key))
    assert configs.failures(replacement) == []
    assert len(configs.failures(replacement, olds=config(cloudflare, store))) == 1


def test_a_preview_rejects_a_secret_of_somebody_else(cloudflare: Cloudflare, store: str, configs: Calls) -> None:
    configs.create(config(cloudflare, store, secretId=secret(cloudflare, store)))
    assert len(configs.failures(config(cloudflare, UNKNOWN, secretId=UNKNOWN))) == 1


def test_a_preview_without_permission_to_list_secrets(cloudflare: Cloudflare, store: str, configs: Calls) -> None:
    cloudflare.inject_fault(method="GET", path="*/secrets_store/*", status=403, times=99)
    assert configs.failures(config(cloudflare, store)) == []


@pytest.mark.parametrize("name", ["accountId", "gatewayId", "storeId", "providerSlug", "alias", "secretId"])
def test_a_change_of_an_input_replaces_the_config(
    cloudflare: Cloudflare, store: str, configs: Calls, name: str
) -> None:
    inputs = config(cloudflare, store, secretId="s")
    state = {**inputs, "defaultConfig": True}
    assert configs.diff("c", state, inputs, {**inputs, name: "other"}) == {name: "UPDATE_REPLACE"}


def test_a_taken_alias_hints_at_the_import(cloudflare: Cloudflare, store: str, configs: Calls) -> None:
    key = secret(cloudflare, store)
    created, _ = configs.create(config(cloudflare, store, secretId=key))
    message = error_of(
        lambda: configs.create(config(cloudflare, store, secretId=key, rateLimit=40, rateLimitPeriod=60))
    )
    assert PROVIDER_CONFIG in message
    assert f"{cloudflare.account}/g/{created}" in message


def test_get_secrets(cloudflare: Cloudflare, stub: Any) -> None:
    def asked() -> Object:
        arguments = to_struct({"accountId": cloudflare.account})
        answer = stub.Invoke(rpc.InvokeRequest(tok=GET_SECRETS, args=arguments))
        return from_struct(getattr(answer, "return"))

    assert asked() == {"names": []}
    store = str(account(cloudflare, "POST", "", {"name": "made_before"})["id"])
    for name in ("b", "a"):
        secret(cloudflare, store, name)
    assert asked() == {"names": ["a", "b"]}


def test_every_invalid_input_is_reported(cloudflare: Cloudflare, store: str, configs: Calls) -> None:
    assert sorted(configs.failures(config(cloudflare, store, alias="", secretId="s", rateLimit="40", key="fake"))) == [
        "alias is required",
        "rateLimit must be a whole number",
        "there is no input key; the inputs are accountId, gatewayId, storeId, providerSlug, alias, secretId, "
        "rateLimit, rateLimitPeriod",
    ]
