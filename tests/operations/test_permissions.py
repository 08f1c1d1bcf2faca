"""What a deploying token needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatewright.clients import ABILITIES
from gatewright.environment.files import Files
from gatewright.environment.load import load
from gatewright.facts.permissions import ACCOUNT_TOKENS_WRITE, AI_GATEWAY_WRITE
from gatewright.operations.real_account import needed_permissions

LINES = "account: fa4eacc0fa4eacc0fa4eacc0fa4eacc0\n"


@pytest.mark.parametrize(
    ("line", "needs_tokens"),
    [("", False), ("tokens: {agents: {allow: [AI Gateway Run]}}\n", True)],
    ids=["none", "one"],
)
def test_tokens_are_made_with_a_permission_on_tokens(tmp_path: Path, line: str, needs_tokens: bool) -> None:
    (tmp_path / "prod.yaml").write_text(LINES + line)
    environment = load(Files(tmp_path, "stacks"), "prod", ABILITIES, {}).environment
    assert environment is not None
    needed = needed_permissions(environment)
    assert needed[0] is AI_GATEWAY_WRITE
    assert (ACCOUNT_TOKENS_WRITE in needed) is needs_tokens
