"""The policy pack of `policy init --pulumi`, run by Pulumi's engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from policy_sdk import install_policy_sdk

from .pairs import WITH_EITHER

if TYPE_CHECKING:
    from pathlib import Path

    from .clone import Clone

RULES = """\
rules:
  short-cache:
    for: gateway
    when: gateway.cache != null
    require: gateway.cache.ttl <= hours(1)
    message: a response is cached for an hour at most
"""

pytestmark = [pytest.mark.integration, pytest.mark.nightly, WITH_EITHER]


def test_the_engine_refuses_what_a_mandatory_rule_forbids(clone: Clone, tmp_path: Path) -> None:
    install_policy_sdk(tmp_path / "sdk")
    pack = tmp_path / "pack"
    clone.gatewright("policy", "init", "--pulumi", str(pack))
    (pack / "policies.yaml").write_text(RULES)

    def preview(code: int) -> str:
        variables = {"PYTHONPATH": str(tmp_path / "sdk")}
        return clone.pulumi("preview", "--stack", "local", "--policy-pack", str(pack), code=code, variables=variables)

    clone.declare(gateway={"cache": {"ttl": "1h"}})
    assert "Loading policy packs...: done" in preview(0)
    clone.declare(gateway={"cache": {"ttl": "2h"}})
    refused = preview(1)
    assert "❌ gatewright@v1.0.0" in refused
    assert "[mandatory]  short-cache  (cloudflare:index:AiGateway: agents-local)" in refused
    assert "a response is cached for an hour at most" in refused
