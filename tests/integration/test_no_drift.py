"""Right after an up nothing is left to do: for every environment of stacks/, and for one with all that can be set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from gatewright.facts.local_cloudflare import LOCAL_ZONE

from .test_settings import SECRETS, SETTINGS, TEAM

if TYPE_CHECKING:
    from gatewright.local.server.core.request_log import Entry
    from gatewright.project import Project

    from .clone import Clone

pytestmark = [pytest.mark.integration, pytest.mark.nightly]

ENVIRONMENTS = ("dev", "staging", "prod", "local")
AT_CLOUDFLARE = {
    *("AiGateway", "AccountToken", "CustomDomain", "CustomProvider", "DnsRecord", "DynamicRoute"),
    *("ProviderConfig", "SecretsStore", "SecretsStoreSecret"),
}
"""Kinds of resources that an up makes by one call each."""

MANY_TOKENS = {
    "agents": {
        "allow": ["Workers AI Write", "AI Gateway Run", "AI Gateway Read", "Workers AI Read"],
        "from": ["203.0.113.0/24", "198.51.100.0/24", "127.0.0.0/8"],
        "notFrom": ["203.0.113.7/32", "198.51.100.7/32"],
        "notBefore": "2026-11-01T00:00:00Z",
        "expires": "2036-11-01T00:00:00Z",
    },
    "watcher": {"allow": ["Workers AI Read", "AI Gateway Read"], "notFrom": ["203.0.113.0/24"]},
}
DOMAINS = {"ai.example.test": {"zone": LOCAL_ZONE}, "ai.example.org": {}}


def keys_of(checkout: Project, environment: str) -> dict[str, Any]:
    """What the file of an environment says, but for the account."""
    keys = yaml.safe_load((checkout.stacks / f"{environment}.yaml").read_text())
    return {name: value for name, value in keys.items() if name not in ("account", "local")}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_environment_of_stacks(clone: Clone, checkout: Project, environment: str) -> None:
    clone.write(**keys_of(checkout, environment))
    nothing_is_left(clone)


def test_all_that_can_be_set(clone: Clone) -> None:
    clone.exported.update(SECRETS)
    clone.pulumi("config", "set", "--secret", "team", TEAM)
    gateway: dict[str, Any] = {"domains": DOMAINS}
    for setting in SETTINGS:
        if not (setting.get("newer") and clone.pair.is_official):
            gateway |= setting["set"]
    clone.write(extends="catalog.yaml", use=["mistral", "nvidia"], gateway=gateway, tokens=MANY_TOKENS)
    nothing_is_left(clone)
    for secret in (*SECRETS.values(), TEAM):
        assert not clone.holding(secret)


def nothing_is_left(clone: Clone) -> None:
    """One changing call for each resource; then no more of them, whatever is asked."""
    made = [name for name in clone.up() if name.partition(" ")[0] in AT_CLOUDFLARE]
    done = [entry["path"] for entry in clone.calls() if entry["method"] != "GET" and changed(entry)]
    assert len(done) == len(made), f"{made} by {done}"
    before = clone.seen()
    assert clone.up() == {}
    clone.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    clone.expect_no_changes()
    clone.gatewright("drift", "local")
    assert clone.up("--refresh") == {}
    assert clone.changing(before) == []


def changed(entry: Entry) -> bool:
    """Not what was refused: a key that is just stored cannot be linked at once."""
    return bool(entry["path"].startswith("/client/") and entry["status"] < 400)
