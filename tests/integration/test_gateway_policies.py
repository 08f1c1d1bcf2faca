"""A gateway's policies, from the file to a refused request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gatewright.operations.plan.diffs.policies import FIRST

from .pairs import WITH_EITHER

if TYPE_CHECKING:
    from .clone import Clone
    from .conftest import Clones
    from .pairs import Pair

pytestmark = [pytest.mark.integration, pytest.mark.nightly, WITH_EITHER]

POLICIES = "/ai-gateway/gateways/agents-local/policies"
CHANGED = "GatewayPolicies agents-local"
EVERYONE = {"everyone": {"effect": "allow"}}
ONE_MODEL = {"small-only": {"effect": "deny", "except": True, "models": ["openai/gpt-oss-20b"]}}
THEIRS = {"name": "theirs", "actor": "x", "resource": "*", "condition": "true", "action": {"type": "block"}}
CLIENT = {"pi": {"primary": "dynamic/fast", "models": ["dynamic/fast"]}}


@pytest.fixture(scope="module")
def clone(clones: Clones, pair: Pair) -> Clone:
    """The clone of all these tests."""
    created = clones(pair)
    created.start()
    return created


def declare(clone: Clone, policies: dict[str, Any]) -> None:
    clone.declare(
        extends="catalog.yaml",
        use=["groq"],
        routes={"fast": ["groq/gpt-oss-20b"]},
        tokens={"agents": {}},
        clients=CLIENT,
        gateway={"policies": policies},
    )


def live(clone: Clone) -> dict[str, Any]:
    return {policy["name"]: policy for policy in clone.api("GET", f"{POLICIES}?includeStaging=true")}


def status(clone: Clone, question: str) -> int:
    return clone.ask(clone.outputs()["tokens"]["agents"], question).status_code


def test_from_the_first_policy_to_none(clone: Clone) -> None:
    declare(clone, {})
    clone.up()
    assert status(clone, "one") == 200

    declare(clone, {"nobody": {"effect": "deny"}})
    assert "pi is locked out" in clone.gatewright("validate", "local", code=3)
    assert live(clone) == {}

    declare(clone, EVERYONE)
    preview = clone.gatewright("preview", "local", code=2)
    assert FIRST[:60] in " ".join(preview.split())
    assert "pi: 1 model allowed" in preview
    assert clone.up() == {CHANGED: ("create",)}
    assert status(clone, "two") == 200
    clone.expect_no_changes()
    clone.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")

    before = clone.seen()
    declare(clone, EVERYONE | ONE_MODEL)
    assert clone.up() == {CHANGED: ("update", "policies.small-only")}
    calls = [call.rpartition("/")[2] for call in clone.changing(before) if "/policies" in call]
    assert calls == ["policies", "simulate", "commit"]
    assert set(live(clone)) == {"everyone", "small-only"}

    clone.api("POST", f"{POLICIES}?commit=true", json=THEIRS)
    assert status(clone, "three") == 403
    assert "theirs" in clone.gatewright("drift", "local", code=2)
    assert clone.up("--refresh") == {CHANGED: ("update", "policies.theirs")}
    assert status(clone, "three") == 200
    clone.expect_no_changes()

    declare(clone, {})
    assert clone.up() == {CHANGED: ("delete",)}
    assert live(clone) == {}
    assert status(clone, "four") == 200


def test_a_draft_of_somebody_else_is_not_committed(clone: Clone) -> None:
    declare(clone, {})
    clone.up()
    draft = clone.api("POST", POLICIES, json=THEIRS)
    declare(clone, EVERYONE)
    assert "drafts of policies that this stack did not create: theirs" in clone.gatewright("up", "local", code=1)
    clone.api("DELETE", f"{POLICIES}/{draft['id']}")
    assert clone.up() == {CHANGED: ("create",)}
