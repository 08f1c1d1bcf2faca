"""DynamicRoute and CustomProvider, called as the engine calls them, against the local Cloudflare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from gatewright.cloudflare.import_hint import ENVIRONMENT, import_hint
from gatewright.facts.resource_types import CUSTOM_PROVIDER, DYNAMIC_ROUTE
from gatewright.plugin.protos import provider_pb2 as rpc
from gatewright.plugin.values import UNKNOWN, Object, Secret, to_struct

from .cloudflare import error_of
from .conftest import Calls, Engine

if TYPE_CHECKING:
    from pathlib import Path

    from .cloudflare import Cloudflare

URL = "https://x.example/v1"


@pytest.fixture
def routes(stub: Any) -> Calls:
    return Calls(stub, DYNAMIC_ROUTE)


@pytest.fixture
def providers(stub: Any) -> Calls:
    return Calls(stub, CUSTOM_PROVIDER)


def to(element: str) -> Object:
    return {"elementId": element}


def graph(*models: str) -> Object:
    names = [*(f"groq-{model}" for model in models), "end"]
    elements: Object = {
        "start": {"type": "start", "outputs": {"next": to(names[0])}},
        "end": {"type": "end", "outputs": {}},
    }
    for model, name, following in zip(models, names, names[1:], strict=False):
        elements[name] = {
            "type": "model",
            "properties": {"provider": "groq", "model": model, "retries": 0, "timeout": 60000},
            "outputs": {"success": to("end"), "fallback": to(following)},
        }
    return elements


def route(cloudflare: Cloudflare, *models: str, name: str = "fast") -> Object:
    return {"accountId": cloudflare.account, "gatewayId": "g", "name": name, "elements": graph(*models)}


def test_life_of_a_route(cloudflare: Cloudflare, routes: Calls) -> None:
    inputs = routes.check(route(cloudflare, "a"))
    assert routes.create(inputs, preview=True) == ("", {**inputs, "routeId": UNKNOWN, "versionId": UNKNOWN})
    created, state = routes.create(inputs)
    assert state["routeId"] == created
    for _ in range(2):  # Cloudflare answers with elements, and without
        assert routes.read(created, inputs, state) == (inputs, state)
    assert routes.diff(created, state, inputs, inputs) == {}

    news = routes.check(route(cloudflare, "b", "a"), inputs)
    assert routes.diff(created, state, inputs, news) == {
        "elements.start.outputs.next.elementId": "UPDATE",
        "elements.groq-b": "ADD",
    }
    assert routes.update(created, inputs, news, preview=True)["versionId"] is UNKNOWN
    updated = routes.update(created, inputs, news)
    assert updated["routeId"] == created
    assert updated["versionId"] != state["versionId"]
    assert routes.read(created, news, updated) == (news, updated)

    routes.delete(created, updated)
    routes.delete(created, updated)
    assert routes.read(created, news, updated) is None
    path = f"/gateways/g/routes/{created}"
    expected = ["POST /gateways/g/routes", f"POST {path}/versions", f"POST {path}/deployments"]
    assert cloudflare.changing_calls() == [*expected, f"DELETE {path}", f"DELETE {path}"]


def test_a_rename_makes_no_version(cloudflare: Cloudflare, routes: Calls) -> None:
    inputs = route(cloudflare, "a")
    created, state = routes.create(inputs)
    news = {**inputs, "name": "quick"}
    assert routes.diff(created, state, inputs, news) == {"name": "UPDATE"}
    routes.update(created, inputs, news)
    assert cloudflare.changing_calls() == ["POST /gateways/g/routes", f"PATCH /gateways/g/routes/{created}"]
    assert routes.read(created, news, state)[0] == news


def test_another_gateway_is_another_route(cloudflare: Cloudflare, routes: Calls) -> None:
    inputs = route(cloudflare, "a")
    assert routes.diff("x", inputs, inputs, {**inputs, "gatewayId": "h"}) == {"gatewayId": "UPDATE_REPLACE"}


def test_a_read_returns_what_was_deployed_by_hand(cloudflare: Cloudflare, routes: Calls) -> None:
    first = route(cloudflare, "a")
    created, state = routes.create(first)
    second = {**first, "elements": graph("b")}
    updated = routes.update(created, first, second)
    cloudflare.ask("POST", f"/gateways/g/routes/{created}/deployments", {"version_id": state["versionId"]})
    found, found_state = routes.read(created, second, updated)
    assert found == first
    assert found_state["versionId"] == state["versionId"]
    assert found_state["displacedVersionId"] == updated["versionId"]
    assert str(found_state["modifiedAt"]).startswith("20")
    assert routes.read(created, found, found_state) == (found, found_state)
    assert "displacedVersionId" not in routes.update(created, found, second)
    assert set(routes.diff(created, found_state, found, second)) == {
        "elements.groq-a",
        "elements.groq-b",
        "elements.start.outputs.next.elementId",
    }


def test_import_of_a_route(cloudflare: Cloudflare, routes: Calls) -> None:
    created, state = routes.create(route(cloudflare, "a"))
    assert routes.read(f"{cloudflare.account}/g/{created}") == (route(cloudflare, "a"), state)
    assert "<account>/<gateway>/<route>" in error_of(lambda: routes.read(created))


def hint(resource_type: str, name: str, resource_id: str) -> str:
    """The hint of the plugin, after the program's name: the plugin, a process of its own, names its path."""
    return import_hint(resource_type, name, resource_id).replace(ENVIRONMENT, "dev").partition("gatewright ")[2]


def test_a_taken_name_hints_at_the_import_of_the_route(cloudflare: Cloudflare, routes: Calls) -> None:
    created, _ = routes.create(route(cloudflare, "a"))
    message = error_of(lambda: routes.create(route(cloudflare, "a")))
    assert hint(DYNAMIC_ROUTE, "fast", f"{cloudflare.account}/g/{created}") in message


@pytest.mark.parametrize("done", [True, False])
@pytest.mark.parametrize("answer", [{"reset": True}, {"status": 502, "body": {}}])
def test_a_creation_without_a_response_creates_one_route(
    cloudflare: Cloudflare, routes: Calls, done: bool, answer: dict[str, Any]
) -> None:
    cloudflare.inject_fault(method="POST", path="*/routes", after=done, **answer)
    created, state = routes.create(route(cloudflare, "a"))
    listed = cloudflare.ask("GET", "/gateways/g/routes")["data"]["routes"]
    assert [each["id"] for each in listed] == [created]
    assert routes.read(created, {}, state) == (route(cloudflare, "a"), state)


@pytest.mark.parametrize("done", [True, False])
@pytest.mark.parametrize("call", ["versions", "deployments"])
def test_an_edit_without_a_response_is_deployed_once(
    cloudflare: Cloudflare, routes: Calls, call: str, done: bool
) -> None:
    first, second = route(cloudflare, "a"), route(cloudflare, "b")
    created, _ = routes.create(first)
    cloudflare.inject_fault(method="POST", path=f"*/{call}", reset=True, after=done)
    updated = routes.update(created, first, second)
    assert routes.read(created, second, updated) == (second, updated)
    assert len(cloudflare.ask("GET", f"/gateways/g/routes/{created}/versions")["data"]["versions"]) == 2
    assert len(cloudflare.ask("GET", f"/gateways/g/routes/{created}/deployments")["data"]["deployments"]) == 2


def test_an_edit_waits_for_retry_after(cloudflare: Cloudflare, routes: Calls) -> None:
    created, _ = routes.create(route(cloudflare, "a"))
    cloudflare.inject_fault(method="POST", path="*/versions", status=429, body={}, headers={"Retry-After": "1"})
    routes.update(created, route(cloudflare, "a"), route(cloudflare, "b"))
    assert routes.read(created, {}, route(cloudflare, "a"))[0] == route(cloudflare, "b")


def test_every_invalid_input_is_reported(cloudflare: Cloudflare, routes: Calls) -> None:
    assert sorted(routes.failures({"name": "", "accountId": Secret("x"), "elements": [], "nmae": "x"})) == [
        "accountId is not a secret at Cloudflare: pass it as plain text",
        "elements must be a mapping",
        "gatewayId is required",
        "name is required",
        "there is no input nmae; the inputs are accountId, gatewayId, name, elements",
    ]
    assert routes.check({**route(cloudflare, "a"), "gatewayId": UNKNOWN})["gatewayId"] is UNKNOWN


def test_a_graph_that_cloudflare_rejects(cloudflare: Cloudflare, routes: Calls) -> None:
    broken: Object = {**route(cloudflare, "a"), "elements": {"end": {"type": "end", "outputs": {}}}}
    assert "400" in error_of(lambda: routes.create(broken))


def test_a_token_without_the_permission(cloudflare: Cloudflare, stub: Any, routes: Calls) -> None:
    policy = {
        "effect": "allow",
        "permission_groups": [{"id": "4dc8917b4b40457d88d3035d5dadb054"}],
        "resources": {f"com.cloudflare.api.account.{cloudflare.account}": "*"},
    }
    created = httpx.post(
        f"{cloudflare.url}/accounts/{cloudflare.account}/tokens",
        json={"name": "reads", "policies": [policy]},
        headers={"Authorization": f"Bearer {cloudflare.token}"},
        trust_env=False,
    ).json()
    value = created["result"]["value"]
    stub.Configure(rpc.ConfigureRequest(args=to_struct({"baseUrl": cloudflare.url, "apiToken": Secret(value)})))
    message = error_of(lambda: routes.create(route(cloudflare, "a")))
    assert "Does the token have AI Gateway Write on this account?" in message
    assert value not in message


def custom(cloudflare: Cloudflare, **changed: Any) -> Object:
    return {
        "accountId": cloudflare.account,
        "name": "nvidia",
        "slug": "nvidia",
        "baseUrl": URL,
    } | changed


def test_life_of_a_custom_provider(cloudflare: Cloudflare, providers: Calls) -> None:
    inputs = providers.check(custom(cloudflare))
    assert inputs["enable"] is True
    created, state = providers.create(inputs)
    assert providers.read(created, inputs, state) == (inputs, inputs)
    assert providers.read(f"{cloudflare.account}/{created}") == (inputs, inputs)
    news = providers.check(custom(cloudflare, baseUrl="https://y.example"), inputs)
    assert providers.diff(created, state, inputs, news) == {"baseUrl": "UPDATE"}
    assert providers.update(created, inputs, news) == news
    assert providers.read(created, news, news) == (news, news)
    cloudflare.ask("PATCH", f"/custom-providers/{created}", {"enable": False})
    assert providers.read(created, news, news)[0] == {**news, "enable": False}
    providers.delete(created, news)
    providers.delete(created, news)
    assert providers.read(created, news, news) is None


def test_another_slug_is_another_provider(cloudflare: Cloudflare, providers: Calls) -> None:
    inputs = providers.check(custom(cloudflare))
    assert providers.diff("x", inputs, inputs, {**inputs, "slug": "other"}) == {"slug": "UPDATE_REPLACE"}


def test_a_taken_slug_hints_at_the_import_of_the_provider(cloudflare: Cloudflare, providers: Calls) -> None:
    inputs = providers.check(custom(cloudflare))
    created, _ = providers.create(inputs)
    message = error_of(lambda: providers.create(inputs))
    assert hint(CUSTOM_PROVIDER, "nvidia", f"{cloudflare.account}/{created}") in message


def declare(folder: Path, name: str, account: str, gateway: str) -> None:
    """Write an environment that has nvidia, as `custom` does."""
    (folder / "stacks" / f"{name}.yaml").write_text(
        f"account: {account}\ngateway: {{name: {gateway}}}\nproviders: {{nvidia: {{baseUrl: {URL}}}}}\n"
    )


def test_environments_of_one_account_share_a_provider(cloudflare: Cloudflare, providers: Calls, folder: Path) -> None:
    inputs = providers.check(custom(cloudflare))
    created, _ = providers.create(inputs)
    declare(folder, "two", cloudflare.account, "none-yet")
    assert providers.create(inputs) == (created, inputs)
    message = error_of(lambda: providers.create({**inputs, "baseUrl": "https://other.example/v1"}))
    assert "shared with two" in message
    assert " up two" in message


def test_a_shared_provider_is_deleted_with_the_last_environment(
    cloudflare: Cloudflare, providers: Calls, folder: Path, engine: tuple[Engine, str]
) -> None:
    inputs = providers.check(custom(cloudflare))
    created, state = providers.create(inputs)
    declare(folder, "two", cloudflare.account, "g")
    declare(folder, "unset", "{env: NOT_SET_ON_THIS_MACHINE}", "g")
    providers.delete(created, state)
    assert providers.read(created, inputs, state) == (inputs, inputs)
    assert engine[0].logged == [(providers.urn(), "custom provider nvidia stays in the account, for two, unset")]
    cloudflare.ask("DELETE", "/gateways/g")
    providers.delete(created, state)
    assert providers.read(created, inputs, state) is None


@pytest.mark.parametrize("done", [True, False])
def test_a_creation_without_a_response_creates_one_provider(
    cloudflare: Cloudflare, providers: Calls, done: bool
) -> None:
    cloudflare.inject_fault(method="POST", path="*/custom-providers", reset=True, after=done)
    created, _ = providers.create(providers.check(custom(cloudflare)))
    assert [each["id"] for each in cloudflare.ask("GET", "/custom-providers")["result"]] == [created]


def test_the_base_url_must_be_https(cloudflare: Cloudflare, providers: Calls) -> None:
    assert providers.failures(custom(cloudflare, baseUrl="http://x.example")) == [
        "baseUrl must begin with https://: Cloudflare accepts no other"
    ]
