"""verify through a custom domain, and through Cloudflare's own address beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from gatewright.environment.model.gateway_domains import Domain, DomainAccess
from gatewright.environment.resolved import Environment
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN, LOCAL_ZONE
from gatewright.operations.probe.diagnosis import Diagnosis
from gatewright.operations.probe.requests import probe_requests
from gatewright.operations.probe.transport import NoResponse, ProbeClient, Response

from .world import World

HOST = "ai.example.test"
UNKNOWN = "not.example.test"


@pytest.fixture
def at_domain(world: World) -> Iterator[Environment]:
    """An environment whose clients use an active domain."""
    path = f"/accounts/{LOCAL_ACCOUNT}/ai-gateway/gateways/{world.environment.gateway_name}/custom-domains"
    domain = call(world, "POST", path, {"domain": HOST, "zone_id": LOCAL_ZONE})
    record = {"type": "CNAME", "name": HOST, "content": domain["cname_target"], "proxied": True, "ttl": 1}
    id_ = call(world, "POST", f"/zones/{LOCAL_ZONE}/dns_records", record)["id"]
    yield using(world.environment, HOST)
    call(world, "DELETE", f"/zones/{LOCAL_ZONE}/dns_records/{id_}")
    call(world, "DELETE", f"{path}/{HOST}")


def call(world: World, method: str, path: str, body: Any = None) -> Any:
    headers = {"authorization": f"Bearer {LOCAL_DEPLOY_TOKEN}"}
    url = f"{world.here.running.control_plane}{path}"
    response = httpx.request(method, url, json=body, headers=headers, trust_env=False)
    return response.raise_for_status().json()["result"]


def using(environment: Environment, domain: str) -> Environment:
    gateway = replace(environment.gateway, domains={domain: Domain()})
    clients = {name: replace(client, domain=domain) for name, client in environment.clients.items()}
    return replace(environment, gateway=gateway, clients=clients, domain=domain)


def test_requests_go_through_both_addresses(world: World, at_domain: Environment) -> None:
    last = world.here.last()
    results = world.verify("groq/g", environment=at_domain).results
    assert [result.label for result in results] == ["groq/g", "groq/g through the address of Cloudflare"]
    assert [result.failure for result in results] == [None, None]
    requests = world.here.requests(last)
    assert sorted(request.get("domain", "") for request in requests) == ["", HOST]
    assert {(request["status"], request["gateway"]) for request in requests} == {(200, at_domain.gateway_name)}


def test_a_domain_of_one_client_is_probed_beside_cloudflares_address(world: World) -> None:
    environment = replace(using(world.environment, HOST), domain=None)
    labels = [request.label for request in probe_requests(environment, ["groq/g", "mistral/m"])]
    assert labels == ["mistral/m", "groq/g", f"mistral/m through {HOST}"]


def test_a_domain_that_is_not_active(world: World) -> None:
    first, second = world.verify("groq/g", environment=using(world.environment, UNKNOWN)).results
    assert first.failure is not None
    assert (first.failure.code, second.failure) == ("domain-not-active", None)
    assert UNKNOWN in first.failure.cause
    assert "gateway: {endpoint: cloudflare}" in first.failure.fix


def test_a_domain_behind_access(world: World, at_domain: Environment) -> None:
    """The gateway's token alone is refused; Cloudflare's own address stays open."""
    rule = {"hostname": HOST, "client_id": "fake-id", "client_secret": "fake-secret"}
    httpx.put(f"{world.here.running.data_plane}/__local__/access", json=rule, trust_env=False).raise_for_status()
    protected = replace(at_domain, gateway=replace(at_domain.gateway, access=DomainAccess()))
    shell = {"CF_ACCESS_CLIENT_ID": "fake-id", "CF_ACCESS_CLIENT_SECRET": "fake-secret"}

    def codes(environment: Environment, shell: dict[str, str]) -> list[str | None]:
        results = world.verify("groq/g", environment=environment, shell=shell).results
        return [result.failure.code if result.failure else None for result in results]

    assert codes(at_domain, {}) == ["domain-blocked", None]
    assert codes(protected, {}) == ["no-service-token", None]
    assert codes(protected, shell | {"CF_ACCESS_CLIENT_SECRET": "another"}) == ["access-refused", None]
    assert codes(protected, shell) == [None, None]
    httpx.delete(f"{world.here.running.data_plane}/__local__/access", trust_env=False).raise_for_status()


@pytest.mark.parametrize(
    ("response", "code"),
    [
        (NoResponse("name", "no such host"), "domain-not-active"),
        (NoResponse("connection", "refused"), "network"),
        (Response(403, {}, None, 0.1), "domain-blocked"),
        (Response(530, {}, None, 0.1), "domain-not-active"),
        (Response(302, {}, None, 0.1), "access-login"),
        (Response(403, {"cf-aig-log-id": "x"}, None, 0.1), "key-lacks"),
    ],
)
def test_what_a_domain_answers(world: World, response: Response | NoResponse, code: str) -> None:
    environment = using(world.environment, HOST)
    request = probe_requests(environment, ["groq/g"])[0]
    client = ProbeClient.of(environment, world.token, {})
    failure = Diagnosis(environment, client, 1_800_000_000).failure(request, response)
    assert failure is not None
    assert failure.code == code
    if code.startswith("domain"):
        assert HOST in failure.cause
