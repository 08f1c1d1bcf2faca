"""CustomDomain, called as the engine calls it, against the local Cloudflare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gatewright.facts.resource_types import CUSTOM_DOMAIN
from gatewright.plugin.values import UNKNOWN, Object

from .cloudflare import error_of
from .conftest import Calls

if TYPE_CHECKING:
    from .cloudflare import Cloudflare

HOST = "ai.example.test"
ZONE = "0123456789abcdef" * 2


@pytest.fixture
def domains(stub: Any) -> Calls:
    return Calls(stub, CUSTOM_DOMAIN)


def domain(cloudflare: Cloudflare, **changed: Any) -> Object:
    return {"accountId": cloudflare.account, "gatewayId": "g", "hostname": HOST} | changed


def hosts(cloudflare: Cloudflare) -> list[str]:
    return [each["hostname"] for each in cloudflare.ask("GET", "/gateways/g/custom-domains")["result"]]


def test_life_of_a_domain(cloudflare: Cloudflare, domains: Calls) -> None:
    inputs = domains.check(domain(cloudflare, zoneId=None))
    assert "zoneId" not in inputs
    assert domains.create(inputs, preview=True) == ("", {**inputs, "status": UNKNOWN, "cnameTarget": UNKNOWN})
    created, state = domains.create(inputs)
    shown = cloudflare.ask("GET", f"/gateways/g/custom-domains/{HOST}")["result"]
    assert (created, state) == (HOST, {**inputs, "status": "pending_dcv", "cnameTarget": shown["cname_target"]})
    assert domains.read(created, inputs, state) == (inputs, state)
    assert domains.diff(created, state, inputs, inputs) == {}
    domains.delete(created, state)
    domains.delete(created, state)
    assert domains.read(created, inputs, state) is None
    path = "/gateways/g/custom-domains"
    assert cloudflare.changing_calls() == [f"POST {path}", f"DELETE {path}/{HOST}", f"DELETE {path}/{HOST}"]


def test_import(cloudflare: Cloudflare, domains: Calls) -> None:
    inputs = domain(cloudflare)
    assert domains.read(f"{cloudflare.account}/g/{HOST}") is None
    _, state = domains.create(inputs)
    assert domains.read(f"{cloudflare.account}/g/{HOST}") == (inputs, state)
    assert "<account>/<gateway>/<hostname>" in error_of(lambda: domains.read(HOST))


@pytest.mark.parametrize("name", ["accountId", "gatewayId", "hostname"])
def test_a_change_of_identity_replaces_the_domain(cloudflare: Cloudflare, domains: Calls, name: str) -> None:
    inputs = domain(cloudflare)
    assert domains.diff(HOST, inputs, inputs, {**inputs, name: "other"}) == {name: "UPDATE_REPLACE"}


def test_another_zone_is_not_a_change(cloudflare: Cloudflare, domains: Calls) -> None:
    inputs = domain(cloudflare)
    created, state = domains.create(inputs)
    for olds, news in ((inputs, domain(cloudflare, zoneId=ZONE)), (domain(cloudflare, zoneId=ZONE), inputs)):
        assert domains.diff(created, state, olds, news) == {}
    assert domains.read(created, domain(cloudflare, zoneId=ZONE), state) == (domain(cloudflare, zoneId=ZONE), state)


def test_an_unknown_zone(cloudflare: Cloudflare, domains: Calls) -> None:
    assert f"The zone {ZONE} was not found" in error_of(lambda: domains.create(domain(cloudflare, zoneId=ZONE)))


def test_an_existing_domain_of_the_gateway_is_adopted(cloudflare: Cloudflare, domains: Calls) -> None:
    """As after a run that was killed before it knew that it had made it."""
    _, state = domains.create(domain(cloudflare))
    assert domains.create(domain(cloudflare)) == (HOST, state)
    assert hosts(cloudflare) == [HOST]


def test_a_domain_of_another_gateway_is_rejected(cloudflare: Cloudflare, domains: Calls) -> None:
    settings = {"cache_invalidate_on_update": False, "cache_ttl": 0, "collect_logs": True}
    limits = {"rate_limiting_interval": 0, "rate_limiting_limit": 0}
    cloudflare.ask("POST", "/gateways", {"id": "h", **settings, **limits})
    cloudflare.ask("POST", "/gateways/h/custom-domains", {"domain": HOST})
    assert f"The custom domain {HOST} already exists" in error_of(lambda: domains.create(domain(cloudflare)))


@pytest.mark.parametrize("done", [True, False])
@pytest.mark.parametrize("answer", [{"reset": True}, {"status": 502, "body": {}}])
def test_a_creation_without_a_response_creates_one_domain(
    cloudflare: Cloudflare, domains: Calls, done: bool, answer: dict[str, Any]
) -> None:
    cloudflare.inject_fault(method="POST", path="*/custom-domains", after=done, **answer)
    created, state = domains.create(domain(cloudflare))
    assert hosts(cloudflare) == [created]
    assert domains.read(created, domain(cloudflare), state) == (domain(cloudflare), state)


def test_every_invalid_input_is_reported(cloudflare: Cloudflare, domains: Calls) -> None:
    assert sorted(domains.failures({**domain(cloudflare), "hostname": "", "zoneId": 1, "zone": ZONE})) == [
        "hostname is required",
        "there is no input zone; the inputs are accountId, gatewayId, hostname, zoneId",
        "zoneId must be a string",
    ]
    assert domains.check(domain(cloudflare, gatewayId=UNKNOWN))["gatewayId"] is UNKNOWN
