"""Cloudflare Access in front of a gateway's domain: created, passed by the clients, rotated, removed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest

from gatewright.clock import DAY, format_timestamp
from gatewright.facts.local_cloudflare import LOCAL_ZONE, domain_url
from gatewright.operations.adoption.access import KEPT_OF_APPLICATION

from .pairs import WITH_EITHER
from .test_rotation import FIRST, SECOND, SLOT, Calendar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .clone import Clone

pytestmark = [pytest.mark.integration, pytest.mark.nightly, WITH_EITHER]

HOST = "ai.example.test"
MONTHLY = {"every": "30d", "overlap": "7d"}
ACCESS = {"serviceToken": {"rotate": MONTHLY}, "allow": {"emails": ["ops@example.com", "@example.org"]}}
CLIENT = {"pi": {"primary": "workers-ai/gpt-oss-20b"}}


@pytest.fixture
def calendar(clone: Clone) -> Iterator[Calendar]:
    gateway = {"domains": {HOST: {"zone": LOCAL_ZONE}}, "endpoint": "domain", "access": ACCESS}
    tokens = {"agents": {"expires": "2032-01-01"}}  # otherwise the turn of the year prolongs it
    clone.declare(gateway=gateway, clients=CLIENT, tokens=tokens)
    calendar = Calendar(clone)
    calendar.set(1)
    yield calendar
    httpx.delete(f"http://127.0.0.1:{clone.port}/__local__/clock", trust_env=False)


def pair_of(clone: Clone) -> dict[str, str]:
    """The two headers, by the variables that `gatewright env` prints."""
    values = json.loads(clone.gatewright("env", "local", "--client", "pi", "--format", "json"))
    names = {"CF-Access-Client-Id": "CF_ACCESS_CLIENT_ID", "CF-Access-Client-Secret": "CF_ACCESS_CLIENT_SECRET"}
    return {header: values[name] for header, name in names.items()}


def status(clone: Clone, headers: dict[str, str]) -> int:
    """The answer to a request with the gateway's token and these headers, on the domain."""
    token = {"cf-aig-authorization": f"Bearer {clone.outputs()['tokens']['agents']}"}
    url = f"{domain_url(clone.port, HOST)}/compat/models"
    return httpx.get(url, headers={**token, **headers}, trust_env=False).status_code


def test_access_from_nothing_to_nothing(calendar: Calendar) -> None:
    clone = calendar.clone
    assert {name for name in clone.up() if name.startswith("ZeroTrust")} == {
        f"ZeroTrustAccessServiceToken access-{FIRST}",
        "ZeroTrustAccessPolicy service-tokens",
        "ZeroTrustAccessPolicy people",
        "ZeroTrustAccessApplication agents-local",
    }
    clone.pulumi("refresh", "--yes", "--skip-preview")  # the domain is active
    clone.expect_no_changes()
    first = pair_of(clone)
    assert status(clone, {}) == 403
    assert status(clone, {**first, "CF-Access-Client-Secret": "fake-other"}) == 403
    assert status(clone, first) == 200
    assert first["CF-Access-Client-Secret"] not in clone.pulumi("stack", "output")

    assert calendar.up(30) == {
        f"ZeroTrustAccessServiceToken access-{SECOND}": ("create",),
        "ZeroTrustAccessPolicy service-tokens": ("update", "includes"),
    }
    second = pair_of(clone)
    assert (status(clone, first), status(clone, second)) == (200, 200)
    assert calendar.up(36.9) == {}
    assert calendar.up(37.1) == {
        f"ZeroTrustAccessServiceToken access-{FIRST}": ("delete",),
        "ZeroTrustAccessPolicy service-tokens": ("update", "includes"),
    }
    assert (status(clone, first), status(clone, second)) == (403, 200)
    (end,) = (token["expires_at"] for token in clone.api("GET", "/access/service_tokens"))
    assert end[:10] == format_timestamp(SLOT + (30 + 74) * DAY)[:10]

    policy = next(each for each in clone.api("GET", "/access/policies") if each["decision"] == "allow")
    everyone = {"name": policy["name"], "decision": "bypass", "include": policy["include"]}
    clone.api("PUT", f"/access/policies/{policy['id']}", json=everyone)
    assert "decision" in clone.gatewright("drift", "local", code=2)
    clone.up("--refresh")
    clone.expect_no_changes()

    before = clone.seen()
    clone.pulumi("destroy", "--yes", "--skip-preview")
    assert [clone.api("GET", f"/access/{kind}") for kind in ("apps", "policies", "service_tokens")] == [[], [], []]
    deleted = [call.split("/")[-2] for call in clone.changing(before) if call.startswith("DELETE")]
    assert deleted.index("custom-domains") < deleted.index("apps") < deleted.index("policies")


def test_an_application_that_exists_is_adopted_and_leftovers_are_removed(calendar: Calendar) -> None:
    clone = calendar.clone
    everyone = {"name": "everyone", "decision": "allow", "include": [{"email_domain": {"domain": "example.com"}}]}
    policy = clone.api("POST", "/access/policies", json=everyone)["id"]
    links = [{"id": policy, "precedence": 1}]
    by_hand = {"type": "self_hosted", "name": "by hand", "domain": f"{HOST}/compat", "policies": links}
    app = clone.api("POST", "/access/apps", json=by_hand)["id"]

    report = clone.gatewright("adopt", "local")
    assert "ZeroTrustAccessApplication agents-local" in report
    before = clone.seen()
    assert clone.up()["ZeroTrustAccessApplication agents-local"] == ("import",)
    assert not [call for call in clone.changing(before) if "/access/apps" in call]
    (clone.project.stacks / "local.import.json").unlink()
    operation, *changed = clone.up()["ZeroTrustAccessApplication agents-local"]
    assert operation == "update"
    assert {*KEPT_OF_APPLICATION} - {*changed} == {"readServiceTokensFromHeader"}
    clone.pulumi("refresh", "--yes", "--skip-preview")  # the domain is active
    clone.expect_no_changes()
    assert [each["id"] for each in clone.api("GET", "/access/apps")] == [app]
    assert status(clone, pair_of(clone)) == 200

    clone.api("POST", "/access/policies", json={**everyone, "name": "gatewright/local/people"})
    clone.api("POST", "/access/service_tokens", json={"name": "gatewright/local/access/2026-01-01"})
    report = clone.gatewright("retire", "local", "--yes", "--force")
    left = "Access policy gatewright/local/people, service token gatewright/local/access/2026-01-01"
    assert f"Deleted too, left by a run that was interrupted: {left}." in report
    assert [clone.api("GET", f"/access/{kind}") for kind in ("apps", "service_tokens")] == [[], []]
    assert [each["id"] for each in clone.api("GET", "/access/policies")] == [policy]
