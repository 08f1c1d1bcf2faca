"""Tokens: what they may, how they change in place, and that their values stay secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .clone import Clone

pytestmark = [pytest.mark.integration, pytest.mark.long]


def test_a_token_may_what_it_was_given(settled: Clone) -> None:
    settled.declare(tokens={"watcher": {"allow": ["Workers AI Read"]}}, clients=with_token("agents"))
    assert settled.up() == {"AccountToken watcher": ("create",)}
    tokens = settled.outputs()["tokens"]
    assert settled.ask(tokens["agents"]).is_success
    assert settled.ask(tokens["watcher"]).status_code in (401, 403)
    settled.declare()
    assert settled.up() == {"AccountToken watcher": ("delete",)}
    assert settled.ask(tokens["watcher"]).status_code == 401


def test_a_token_changes_in_place(settled: Clone) -> None:
    before, found = settled.outputs()["tokens"]["agents"], of_agents(settled)
    settled.declare(tokens={"agents": {"allow": ["AI Gateway Run", "AI Gateway Read"], "from": ["127.0.0.0/8"]}})
    assert settled.up() == {"AccountToken agents": ("update", "condition", "policies")}
    changed = of_agents(settled)
    assert changed["condition"] == {"request_ip": {"in": ["127.0.0.0/8"]}}
    assert allowed(changed) == {"AI Gateway Run", "AI Gateway Read"}
    settled.expect_no_changes()
    assert settled.outputs()["tokens"]["agents"] == before
    settled.declare()
    assert settled.up() == {"AccountToken agents": ("update", "condition", "policies")}
    assert allowed(of_agents(settled)) == allowed(found)
    assert settled.ask(before).is_success


def test_a_value_is_told_to_nobody(settled: Clone) -> None:
    value = settled.outputs()["tokens"]["agents"]
    settled.declare(gateway={"cache": {"ttl": "2h"}})
    said = [settled.pulumi("preview", "--diff"), settled.pulumi("stack", "output"), settled.pulumi("stack", "export")]
    said.append(str(settled.events("preview")))
    settled.declare()
    said.append(settled.gatewright("up"))
    assert not [text for text in said if value in text]
    assert settled.holding(value) == []


def of_agents(clone: Clone) -> dict[str, Any]:
    (found,) = (token for token in clone.api("GET", "/tokens") if token["name"] == "gatewright/local/agents")
    return dict(found)


def allowed(token: dict[str, Any]) -> set[str]:
    return {group["name"] for policy in token["policies"] for group in policy["permission_groups"]}


def with_token(name: str) -> dict[str, Any]:
    return {client: {"token": name} for client in ("openclaw", "pi")}
