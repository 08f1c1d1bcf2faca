"""An environment that is taken down for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from .pairs import WITH_EITHER

if TYPE_CHECKING:
    from .clone import Clone

pytestmark = [pytest.mark.integration, WITH_EITHER]


def test_a_protected_environment_that_is_in_use(clone: Clone) -> None:
    clone.declare(protect=True)
    clone.up()
    seen = clone.seen()
    said = clone.gatewright("retire", "local", code=64)
    assert "gatewright retire local --yes" in said
    assert clone.ask(clone.outputs()["tokens"]["agents"]).status_code == 200
    said = clone.gatewright("retire", "local", "--yes", code=1)
    assert "local is in use" in said
    assert "gatewright retire local --force" in said
    assert clone.changing(seen) == []

    # not 5xx: the official plugin tries those again for minutes
    clone.order(method="DELETE", path="*/tokens/*", status=400, times=9)
    clone.gatewright("retire", "local", "--yes", "--force", code=1)  # interrupted half-way
    httpx.delete(f"http://127.0.0.1:{clone.port}/__local__/faults", trust_env=False)
    said = clone.gatewright("retire", "local", "--yes", "--force")
    assert "and the stack" in said
    assert "git rm stacks/local.yaml" in said
    assert clone.api("GET", "/ai-gateway/gateways") == []
    assert clone.api("GET", "/tokens") == []
    assert "local" not in clone.pulumi("stack", "ls")
    assert "0 resources deleted" in clone.gatewright("retire", "local", "--yes")
