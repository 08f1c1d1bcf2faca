"""SecretsStore, ProviderConfig and getSecrets, called as the engine calls them, against the local Cloudflare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from gatewright.cloudflare.provider_configs import MANAGED
from gatewright.facts.resource_types import GET_SECRETS, PROVIDER_CONFIG, SECRETS_STORE
from gatewright.plugin.protos import provider_pb2 as rpc
from gatewright.plugin.values import UNKNOWN, Object, Value, from_struct, to_struct

from .cloudflare import refusal
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


def account(there: Cloudflare, method: str, path: str, body: Any = None) -> Any:
    url = f"{there.url}/accounts/{there.account}/secrets_store/stores{path}"
    headers = {"Authorization": f"Bearer {there.token}"}
    answer = httpx.request(method, url, json=body, headers=headers, trust_env=False)
    assert answer.is_success, answer.text
    return answer.json()["result"]


@pytest.fixture
def store(there: Cloudflare) -> str:
    """A store that the gateway names."""
    made = str(account(there, "POST", "", {"name": "made_before"})["id"])
    kept = there.ask("GET", "/gateways/g")["result"]
    there.ask("PUT", "/gateways/g", {name: kept[name] for name in kept if kept[name] is not None} | {"store_id": made})
    return made


def secret(there: Cloudflare, store: str, name: str = NAME, comment: str = "") -> str:
    body = [{"name": name, "value": "fake-key", "scopes": ["ai_gateway"], "comment": comment}]
    return str(account(there, "POST", f"/{store}/secrets", body)[0]["id"])


def names(there: Cloudflare, store: str) -> list[str]:
    return [each["name"] for each in account(there, "GET", f"/{store}/secrets")]


def config(there: Cloudflare, store: Value, **changed: Any) -> Object:
    place: Object = {"accountId": there.account, "gatewayId": "g", "storeId": store}
    return place | {"providerSlug": "groq", "alias": "default"} | changed


def test_the_store_of_an_account_is_made_once_and_stays(there: Cloudflare, stores: Calls) -> None:
    inputs = stores.check({"accountId": there.account})
    assert stores.create(inputs, preview=True) == ("", {**inputs, "storeId": UNKNOWN})
    made, state = stores.create(inputs)
    assert state == {**inputs, "storeId": made}
    assert stores.create(inputs) == (made, state)
    assert stores.read(made, inputs, state) == (inputs, state)
    assert stores.read(f"{there.account}/{made}") == (inputs, state)
    assert stores.diff(made, state, inputs, inputs) == {}
    stores.delete(made, state)
    assert [each["id"] for each in account(there, "GET", "")] == [made]
    account(there, "DELETE", f"/{made}")
    assert stores.read(made, inputs, state) is None


def test_a_config_from_its_making_to_its_end(there: Cloudflare, store: str, configs: Calls) -> None:
    key = secret(there, store)  # pending for a moment
    inputs = configs.check(config(there, store, secretId=key, rateLimit=40))
    assert inputs["rateLimitPeriod"] == 60
    made, state = configs.create(inputs)
    assert state == {**inputs, "defaultConfig": True}
    assert configs.read(made, inputs, state) == (inputs, state)
    assert configs.read(f"{there.account}/g/{made}") == (inputs, state)
    assert configs.diff(made, state, inputs, inputs) == {}
    assert configs.create(inputs) == (made, state)  # as after a run that was killed before it knew
    configs.delete(made, state)
    configs.delete(made, state)
    assert (names(there, store), configs.read(made, inputs, state)) == ([], None)


def test_a_secret_that_its_config_left_goes_too(there: Cloudflare, store: str, configs: Calls) -> None:
    key = secret(there, store)
    made, state = configs.create(config(there, store, secretId=key))
    there.order(method="DELETE", path="*/provider_configs/*", status=404, body={"success": False, "errors": []})
    configs.delete(made, state)
    assert names(there, store) == []


def test_a_secret_is_found_by_its_name(there: Cloudflare, store: str, configs: Calls) -> None:
    secret(there, store, "other")
    key = secret(there, store)
    inputs = configs.check(config(there, store))
    made, state = configs.create(inputs)
    assert state["secretId"] == key
    assert configs.read(made, inputs, state) == (inputs, state)
    with_id = {**inputs, "secretId": key}
    assert configs.diff(made, state, inputs, with_id) == configs.diff(made, state, with_id, inputs) == {}
    assert configs.diff(made, state, inputs, {**inputs, "secretId": "other"}) == {"secretId": "UPDATE_REPLACE"}


def test_the_limit_of_a_stored_key_stays(there: Cloudflare, store: str, configs: Calls) -> None:
    secret(there, store)
    before = config(there, store, rateLimit=40, rateLimitPeriod=60)
    (said,) = configs.problems(config(there, store, rateLimit=50), olds=before)
    assert "the limit of a stored key cannot be changed" in said
    assert configs.problems(config(there, store, rateLimit=50, secretId="s"), olds={**before, "secretId": "s"}) == []


def test_what_a_preview_knows_of_the_name(there: Cloudflare, store: str, configs: Calls) -> None:
    to_be_made, to_be_there = config(there, UNKNOWN, secretId=UNKNOWN), config(there, store)
    assert f"has no secret {NAME}, which providers.groq.key: {{stored: true}} needs" in configs.problems(to_be_there)[0]
    assert configs.problems(to_be_made) == []
    assert configs.problems(to_be_there, olds=to_be_there) == []


def test_a_preview_knows_of_a_name_that_is_taken(there: Cloudflare, store: str, configs: Calls) -> None:
    secret(there, store)
    (said,) = configs.problems(config(there, UNKNOWN, secretId=UNKNOWN))
    assert f"has a secret {NAME} already" in said
    assert "providers.groq.key: {stored: true}" in said
    assert configs.problems(config(there, store, secretId="known")) == []


def test_a_preview_of_a_key_that_is_made_anew(there: Cloudflare, store: str, configs: Calls) -> None:
    """The engine checks it as if it were the first; its own secret, which goes with it, takes no name."""
    key = secret(there, store, comment=f"The key of groq, {MANAGED}")
    anew = config(there, UNKNOWN, secretId=UNKNOWN)
    assert len(configs.problems(anew)) == 1  # left by another gateway of that name
    configs.create(config(there, store, secretId=key))
    assert configs.problems(anew) == []
    assert len(configs.problems(anew, olds=config(there, store))) == 1  # it was another's to store until now


def test_a_preview_of_a_key_that_somebody_else_gave_the_gateway(there: Cloudflare, store: str, configs: Calls) -> None:
    configs.create(config(there, store, secretId=secret(there, store)))
    assert len(configs.problems(config(there, UNKNOWN, secretId=UNKNOWN))) == 1


def test_a_preview_by_a_token_that_may_not_look(there: Cloudflare, store: str, configs: Calls) -> None:
    there.order(method="GET", path="*/secrets_store/*", status=403, times=99)
    assert configs.problems(config(there, store)) == []


@pytest.mark.parametrize("name", ["accountId", "gatewayId", "storeId", "providerSlug", "alias", "secretId"])
def test_what_is_another_config(there: Cloudflare, store: str, configs: Calls, name: str) -> None:
    inputs = config(there, store, secretId="s")
    state = {**inputs, "defaultConfig": True}
    assert configs.diff("c", state, inputs, {**inputs, name: "other"}) == {name: "UPDATE_REPLACE"}


def test_an_alias_that_another_has_names_the_import(there: Cloudflare, store: str, configs: Calls) -> None:
    key = secret(there, store)
    made, _ = configs.create(config(there, store, secretId=key))
    said = refusal(lambda: configs.create(config(there, store, secretId=key, rateLimit=40, rateLimitPeriod=60)))
    assert PROVIDER_CONFIG in said
    assert f"{there.account}/g/{made}" in said


def test_what_secrets_there_are(there: Cloudflare, stub: Any) -> None:
    def asked() -> Object:
        arguments = to_struct({"accountId": there.account})
        answer = stub.Invoke(rpc.InvokeRequest(tok=GET_SECRETS, args=arguments))
        return from_struct(getattr(answer, "return"))

    assert asked() == {"names": []}
    store = str(account(there, "POST", "", {"name": "made_before"})["id"])
    for name in ("b", "a"):
        secret(there, store, name)
    assert asked() == {"names": ["a", "b"]}


def test_bad_inputs_are_all_named(there: Cloudflare, store: str, configs: Calls) -> None:
    assert sorted(configs.problems(config(there, store, alias="", secretId="s", rateLimit="40", key="fake"))) == [
        "alias is required",
        "rateLimit must be a whole number",
        "there is no input key; the inputs are accountId, gatewayId, storeId, providerSlug, alias, secretId, "
        "rateLimit, rateLimitPeriod",
    ]
