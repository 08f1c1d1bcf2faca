"""Routes and custom providers with the official client in its strict mode; the distribution of shares."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from cloudflare import Cloudflare

from gatewright.facts.route_steps import pick_share, share_point
from gatewright.local.daemon import Running

from .conversation import Conversation
from .setup_steps import SETUPS

END = {"elementId": "end"}


def model(name: str) -> dict[str, Any]:
    properties = {"provider": "groq", "model": name, "retries": 1, "timeout": 30000}
    return {"id": name, "type": "model", "properties": properties, "outputs": {"success": END, "fallback": END}}


ELEMENTS: list[Any] = [
    {"id": "start", "type": "start", "outputs": {"next": {"elementId": "if"}}},
    {
        "id": "if",
        "type": "conditional",
        "properties": {"conditions": {"metadata.plan": {"$eq": "paid"}}},
        "outputs": {"true": {"elementId": "limit"}, "false": {"elementId": "split"}},
    },
    {
        "id": "limit",
        "type": "rate",
        "properties": {"key": "metadata.team", "limit": 5, "limitType": "cost", "window": 3600},
        "outputs": {"success": {"elementId": "split"}, "fallback": END},
    },
    {
        "id": "split",
        "type": "percentage",
        "outputs": {"20%": {"elementId": "a"}, "5%": {"elementId": "b"}, "else": {"elementId": "c"}},
    },
    model("a"),
    model("b"),
    model("c"),
    {"id": "end", "type": "end", "outputs": {}},
]


@pytest.fixture
def official(server: Running, api: Conversation) -> Cloudflare:
    (gateway,) = SETUPS["gateway g exists"]
    api.run(gateway)
    return Cloudflare(
        api_token=api.admin, base_url=server.control_plane, max_retries=0, _strict_response_validation=True
    )


def test_official_client_reads_every_response_on_a_route(official: Cloudflare, api: Conversation) -> None:
    routes = official.ai_gateway.dynamic_routing
    place: Any = {"account_id": api.variables["A"], "gateway_id": "g"}
    created = routes.create(**place, name="r", elements=ELEMENTS)
    assert created.version.active == "true"
    assert created.deployment.version_id == created.version.version_id
    api.send({"method": "GET", "path": f"/client/v4/accounts/{{A}}/ai-gateway/gateways/g/routes/{created.id}"})
    assert len(routes.get(created.id, **place).elements) == len(ELEMENTS)  # the read before went without
    second = routes.create_version(created.id, **place, elements=ELEMENTS)
    versions = routes.list_versions(created.id, **place).data.versions
    assert [version.active for version in versions] == ["false", "true"]
    assert second.id == created.id
    version = routes.get_version(versions[0].version_id, **place, id=created.id)
    assert (version.active, version.is_valid) == ("false", True)
    routes.create_deployment(created.id, **place, version_id=versions[0].version_id)
    assert len(routes.list_deployments(created.id, **place).data.deployments) == 2
    assert routes.update(created.id, **place, name="s").route.name == "s"
    api.send({"method": "GET", "path": "/client/v4/accounts/{A}/ai-gateway/gateways/g/routes"})
    assert [route.name for route in routes.list(**place).data.routes] == ["s"]
    assert routes.delete(created.id, **place).id == created.id


def test_official_client_reads_every_response_on_a_custom_provider(official: Cloudflare, api: Conversation) -> None:
    providers, account = official.ai_gateway.custom_providers, api.variables["A"]
    created = providers.create(account_id=account, name="N", slug="n", base_url="https://n.example", enable=True)
    assert created.enable is True
    assert providers.get(created.id, account_id=account).slug == "n"
    assert [each.id for each in providers.list(account_id=account)] == [created.id]
    assert providers.delete(created.id, account_id=account).id == created.id


def test_shares_match_their_percentages() -> None:
    outputs = list(ELEMENTS[3]["outputs"])
    drawn = Counter(pick_share(outputs, share_point(str(event), ELEMENTS[3]["id"])) for event in range(10_000))
    assert abs(drawn["20%"] - 2000) < 150
    assert abs(drawn["5%"] - 500) < 100
    assert drawn.keys() == {"20%", "5%", "else"}
