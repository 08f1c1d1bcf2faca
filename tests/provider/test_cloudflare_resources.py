"""DynamicRoute and CustomProvider, called as the engine calls them, against the local Cloudflare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from gatewright.cloudflare.import_hint import ENVIRONMENT, import_hint
from gatewright.facts.resource_types import CUSTOM_PROVIDER, DYNAMIC_ROUTE
from gatewright.plugin.protos import provider_pb2 as rpc
from gatewright.plugin.values import UNKNOWN, Object, Secret, to_struct

from .cloudflare import refusal
from .conftest import Calls

if TYPE_CHECKING:
    from .cloudflare import Cloudflare


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


def route(there: Cloudflare, *models: str, name: str = "fast") -> Object:
    return {"accountId": there.account, "gatewayId": "g", "name": name, "elements": graph(*models)}


def test_a_route_from_its_making_to_its_end(there: Cloudflare, routes: Calls) -> None:
    inputs = routes.check(route(there, "a"))
    assert routes.create(inputs, preview=True) == ("", {**inputs, "routeId": UNKNOWN, "versionId": UNKNOWN})
    made, state = routes.create(inputs)
    assert state["routeId"] == made
    for _ in range(2):  # Cloudflare answers with elements, and without
        assert routes.read(made, inputs, state) == (inputs, state)
    assert routes.diff(made, state, inputs, inputs) == {}

    news = routes.check(route(there, "b", "a"), inputs)
    assert routes.diff(made, state, inputs, news) == {
        "elements.start.outputs.next.elementId": "UPDATE",
        "elements.groq-b": "ADD",
    }
    assert routes.update(made, inputs, news, preview=True)["versionId"] is UNKNOWN
    updated = routes.update(made, inputs, news)
    assert updated["routeId"] == made
    assert updated["versionId"] != state["versionId"]
    assert routes.read(made, news, updated) == (news, updated)

    routes.delete(made, updated)
    routes.delete(made, updated)
    assert routes.read(made, news, updated) is None
    path = f"/gateways/g/routes/{made}"
    expected = ["POST /gateways/g/routes", f"POST {path}/versions", f"POST {path}/deployments"]
    assert there.changing() == [*expected, f"DELETE {path}", f"DELETE {path}"]


def test_a_rename_makes_no_version(there: Cloudflare, routes: Calls) -> None:
    inputs = route(there, "a")
    made, state = routes.create(inputs)
    news = {**inputs, "name": "quick"}
    assert routes.diff(made, state, inputs, news) == {"name": "UPDATE"}
    routes.update(made, inputs, news)
    assert there.changing() == ["POST /gateways/g/routes", f"PATCH /gateways/g/routes/{made}"]
    assert routes.read(made, news, state)[0] == news


def test_another_gateway_is_another_route(there: Cloudflare, routes: Calls) -> None:
    inputs = route(there, "a")
    assert routes.diff("x", inputs, inputs, {**inputs, "gatewayId": "h"}) == {"gatewayId": "UPDATE_REPLACE"}


def test_what_was_deployed_by_hand_shows_in_a_read(there: Cloudflare, routes: Calls) -> None:
    first = route(there, "a")
    made, state = routes.create(first)
    second = {**first, "elements": graph("b")}
    updated = routes.update(made, first, second)
    there.ask("POST", f"/gateways/g/routes/{made}/deployments", {"version_id": state["versionId"]})
    found, found_state = routes.read(made, second, updated)
    assert found == first
    assert found_state["versionId"] == state["versionId"]
    assert found_state["displacedVersionId"] == updated["versionId"]
    assert str(found_state["modifiedAt"]).startswith("20")
    assert routes.read(made, found, found_state) == (found, found_state)
    assert "displacedVersionId" not in routes.update(made, found, second)
    assert set(routes.diff(made, found_state, found, second)) == {
        "elements.groq-a",
        "elements.groq-b",
        "elements.start.outputs.next.elementId",
    }


def test_import_of_a_route(there: Cloudflare, routes: Calls) -> None:
    made, state = routes.create(route(there, "a"))
    assert routes.read(f"{there.account}/g/{made}") == (route(there, "a"), state)
    assert "<account>/<gateway>/<route>" in refusal(lambda: routes.read(made))


def test_a_name_that_is_taken_says_how_to_take_the_route_over(there: Cloudflare, routes: Calls) -> None:
    made, _ = routes.create(route(there, "a"))
    said = refusal(lambda: routes.create(route(there, "a")))
    assert import_hint(DYNAMIC_ROUTE, "fast", f"{there.account}/g/{made}").replace(ENVIRONMENT, "dev") in said


@pytest.mark.parametrize("done", [True, False])
@pytest.mark.parametrize("answer", [{"reset": True}, {"status": 502, "body": {}}])
def test_a_creation_without_an_answer_makes_one_route(
    there: Cloudflare, routes: Calls, done: bool, answer: dict[str, Any]
) -> None:
    there.order(method="POST", path="*/routes", after=done, **answer)
    made, state = routes.create(route(there, "a"))
    listed = there.ask("GET", "/gateways/g/routes")["data"]["routes"]
    assert [each["id"] for each in listed] == [made]
    assert routes.read(made, {}, state) == (route(there, "a"), state)


@pytest.mark.parametrize("done", [True, False])
@pytest.mark.parametrize("call", ["versions", "deployments"])
def test_an_edit_without_an_answer_is_deployed_once(there: Cloudflare, routes: Calls, call: str, done: bool) -> None:
    first, second = route(there, "a"), route(there, "b")
    made, _ = routes.create(first)
    there.order(method="POST", path=f"*/{call}", reset=True, after=done)
    updated = routes.update(made, first, second)
    assert routes.read(made, second, updated) == (second, updated)
    assert len(there.ask("GET", f"/gateways/g/routes/{made}/versions")["data"]["versions"]) == 2
    assert len(there.ask("GET", f"/gateways/g/routes/{made}/deployments")["data"]["deployments"]) == 2


def test_an_edit_waits_as_long_as_cloudflare_says(there: Cloudflare, routes: Calls) -> None:
    made, _ = routes.create(route(there, "a"))
    there.order(method="POST", path="*/versions", status=429, body={}, headers={"Retry-After": "1"})
    routes.update(made, route(there, "a"), route(there, "b"))
    assert routes.read(made, {}, route(there, "a"))[0] == route(there, "b")


def test_bad_inputs_are_all_named(there: Cloudflare, routes: Calls) -> None:
    assert sorted(routes.problems({"name": "", "accountId": Secret("x"), "elements": [], "nmae": "x"})) == [
        "accountId is no secret at Cloudflare: give it in clear",
        "elements must be a mapping",
        "gatewayId is required",
        "name is required",
        "there is no input nmae; the inputs are accountId, gatewayId, name, elements",
    ]
    assert routes.check({**route(there, "a"), "gatewayId": UNKNOWN})["gatewayId"] is UNKNOWN


def test_a_graph_that_cloudflare_refuses(there: Cloudflare, routes: Calls) -> None:
    broken: Object = {**route(there, "a"), "elements": {"end": {"type": "end", "outputs": {}}}}
    assert "400" in refusal(lambda: routes.create(broken))


def test_a_token_that_may_not_is_told(there: Cloudflare, stub: Any, routes: Calls) -> None:
    policy = {
        "effect": "allow",
        "permission_groups": [{"id": "4dc8917b4b40457d88d3035d5dadb054"}],
        "resources": {f"com.cloudflare.api.account.{there.account}": "*"},
    }
    made = httpx.post(
        f"{there.url}/accounts/{there.account}/tokens",
        json={"name": "reads", "policies": [policy]},
        headers={"Authorization": f"Bearer {there.token}"},
        trust_env=False,
    ).json()
    value = made["result"]["value"]
    stub.Configure(rpc.ConfigureRequest(args=to_struct({"baseUrl": there.url, "apiToken": Secret(value)})))
    said = refusal(lambda: routes.create(route(there, "a")))
    assert "Does the token have this permission" in said
    assert value not in said


def custom(there: Cloudflare, **changed: Any) -> Object:
    return {"accountId": there.account, "name": "nvidia", "slug": "nvidia", "baseUrl": "https://x.example/v1"} | changed


def test_a_custom_provider_from_its_making_to_its_end(there: Cloudflare, providers: Calls) -> None:
    inputs = providers.check(custom(there))
    assert inputs["enable"] is True
    made, state = providers.create(inputs)
    assert providers.read(made, inputs, state) == (inputs, inputs)
    assert providers.read(f"{there.account}/{made}") == (inputs, inputs)
    news = providers.check(custom(there, baseUrl="https://y.example"), inputs)
    assert providers.diff(made, state, inputs, news) == {"baseUrl": "UPDATE"}
    assert providers.update(made, inputs, news) == news
    assert providers.read(made, news, news) == (news, news)
    there.ask("PATCH", f"/custom-providers/{made}", {"enable": False})
    assert providers.read(made, news, news)[0] == {**news, "enable": False}
    providers.delete(made, news)
    providers.delete(made, news)
    assert providers.read(made, news, news) is None


def test_another_slug_is_another_provider(there: Cloudflare, providers: Calls) -> None:
    inputs = providers.check(custom(there))
    assert providers.diff("x", inputs, inputs, {**inputs, "slug": "other"}) == {"slug": "UPDATE_REPLACE"}


def test_a_slug_that_is_taken_says_how_to_take_the_provider_over(there: Cloudflare, providers: Calls) -> None:
    inputs = providers.check(custom(there))
    made, _ = providers.create(inputs)
    said = refusal(lambda: providers.create(inputs))
    assert import_hint(CUSTOM_PROVIDER, "nvidia", f"{there.account}/{made}").replace(ENVIRONMENT, "dev") in said


@pytest.mark.parametrize("done", [True, False])
def test_a_custom_provider_without_an_answer_is_made_once(there: Cloudflare, providers: Calls, done: bool) -> None:
    there.order(method="POST", path="*/custom-providers", reset=True, after=done)
    made, _ = providers.create(providers.check(custom(there)))
    assert [each["id"] for each in there.ask("GET", "/custom-providers")["result"]] == [made]


def test_a_custom_provider_is_reached_over_https(there: Cloudflare, providers: Calls) -> None:
    assert providers.problems(custom(there, baseUrl="http://x.example")) == [
        "Cloudflare reaches a custom provider over https only"
    ]
