"""CustomDomain, called as the engine calls it, against the local Cloudflare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gatewright.facts.resource_types import CUSTOM_DOMAIN
from gatewright.plugin.values import UNKNOWN, Object

from .cloudflare import refusal
from .conftest import Calls

if TYPE_CHECKING:
    from .cloudflare import Cloudflare

HOST = "ai.example.test"
ZONE = "0123456789abcdef" * 2


@pytest.fixture
def domains(stub: Any) -> Calls:
    return Calls(stub, CUSTOM_DOMAIN)


def domain(there: Cloudflare, **changed: Any) -> Object:
    return {"accountId": there.account, "gatewayId": "g", "hostname": HOST} | changed


def hosts(there: Cloudflare) -> list[str]:
    return [each["hostname"] for each in there.ask("GET", "/gateways/g/custom-domains")["result"]]


def test_from_its_making_to_its_end(there: Cloudflare, domains: Calls) -> None:
    inputs = domains.check(domain(there, zoneId=None))
    assert "zoneId" not in inputs
    assert domains.create(inputs, preview=True) == ("", {**inputs, "status": UNKNOWN, "cnameTarget": UNKNOWN})
    made, state = domains.create(inputs)
    shown = there.ask("GET", f"/gateways/g/custom-domains/{HOST}")["result"]
    assert (made, state) == (HOST, {**inputs, "status": "pending_dcv", "cnameTarget": shown["cname_target"]})
    assert domains.read(made, inputs, state) == (inputs, state)
    assert domains.diff(made, state, inputs, inputs) == {}
    domains.delete(made, state)
    domains.delete(made, state)
    assert domains.read(made, inputs, state) is None
    path = "/gateways/g/custom-domains"
    assert there.changing() == [f"POST {path}", f"DELETE {path}/{HOST}", f"DELETE {path}/{HOST}"]


def test_import(there: Cloudflare, domains: Calls) -> None:
    inputs = domain(there)
    assert domains.read(f"{there.account}/g/{HOST}") is None
    _, state = domains.create(inputs)
    assert domains.read(f"{there.account}/g/{HOST}") == (inputs, state)
    assert "<account>/<gateway>/<hostname>" in refusal(lambda: domains.read(HOST))


@pytest.mark.parametrize("name", ["accountId", "gatewayId", "hostname"])
def test_what_is_another_domain(there: Cloudflare, domains: Calls, name: str) -> None:
    inputs = domain(there)
    assert domains.diff(HOST, inputs, inputs, {**inputs, name: "other"}) == {name: "UPDATE_REPLACE"}


def test_another_zone_is_no_change(there: Cloudflare, domains: Calls) -> None:
    inputs = domain(there)
    made, state = domains.create(inputs)
    for olds, news in ((inputs, domain(there, zoneId=ZONE)), (domain(there, zoneId=ZONE), inputs)):
        assert domains.diff(made, state, olds, news) == {}
    assert domains.read(made, domain(there, zoneId=ZONE), state) == (domain(there, zoneId=ZONE), state)


def test_a_zone_that_does_not_hold_the_name(there: Cloudflare, domains: Calls) -> None:
    assert f"The zone {ZONE} was not found" in refusal(lambda: domains.create(domain(there, zoneId=ZONE)))


def test_a_name_that_the_gateway_has_already_is_taken_over(there: Cloudflare, domains: Calls) -> None:
    """As after a run that was killed before it knew that it had made it."""
    _, state = domains.create(domain(there))
    assert domains.create(domain(there)) == (HOST, state)
    assert hosts(there) == [HOST]


def test_a_name_of_another_gateway_is_refused(there: Cloudflare, domains: Calls) -> None:
    settings = {"cache_invalidate_on_update": False, "cache_ttl": 0, "collect_logs": True}
    limits = {"rate_limiting_interval": 0, "rate_limiting_limit": 0}
    there.ask("POST", "/gateways", {"id": "h", **settings, **limits})
    there.ask("POST", "/gateways/h/custom-domains", {"domain": HOST})
    assert f"The custom domain {HOST} already exists" in refusal(lambda: domains.create(domain(there)))


@pytest.mark.parametrize("done", [True, False])
@pytest.mark.parametrize("answer", [{"reset": True}, {"status": 502, "body": {}}])
def test_a_creation_without_an_answer_makes_one(
    there: Cloudflare, domains: Calls, done: bool, answer: dict[str, Any]
) -> None:
    there.order(method="POST", path="*/custom-domains", after=done, **answer)
    made, state = domains.create(domain(there))
    assert hosts(there) == [made]
    assert domains.read(made, domain(there), state) == (domain(there), state)


def test_bad_inputs_are_all_named(there: Cloudflare, domains: Calls) -> None:
    assert sorted(domains.problems({**domain(there), "hostname": "", "zoneId": 1, "zone": ZONE})) == [
        "hostname is required",
        "there is no input zone; the inputs are accountId, gatewayId, hostname, zoneId",
        "zoneId must be a string",
    ]
    assert domains.check(domain(there, gatewayId=UNKNOWN))["gatewayId"] is UNKNOWN
