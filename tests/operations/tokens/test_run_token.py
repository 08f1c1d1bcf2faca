"""The token that runs models: from the variable that clients read, or from the stack."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gatewright.errors import RefusedError, UsageError
from gatewright.operations.tokens.run_token import RunToken, find_run_token
from gatewright.project import Project

from ..probe.world import World


def test_the_token_comes_from_the_clients_variable(world: World) -> None:
    shell = {"CLOUDFLARE_AI_GATEWAY_TOKEN": f" {world.token.value}\n"}
    token = find_run_token(Project(Path("nowhere")), world.environment, None, shell)
    assert token == RunToken("agents", world.token.value, "CLOUDFLARE_AI_GATEWAY_TOKEN")


def test_a_real_token_is_not_sent_to_the_local_cloudflare(world: World, tmp_path: Path) -> None:
    shell = {"CLOUDFLARE_AI_GATEWAY_TOKEN": "fake-but-like-a-real-one"}
    with pytest.raises(RefusedError, match="AI_GATEWAY_TOKEN belongs to another Cloudflare, and "):
        find_run_token(Project(tmp_path), world.environment, None, shell)


def test_a_value_that_is_not_a_token(world: World) -> None:
    shell = {"CLOUDFLARE_AI_GATEWAY_TOKEN": "local-fake-token-\x01é"}
    with pytest.raises(RefusedError, match="is not a token: it contains a space") as caught:
        find_run_token(Project(Path("nowhere")), world.environment, None, shell)
    assert "\x01" not in str(caught.value)


def test_the_default_token(world: World) -> None:
    two = {"agents": world.environment.tokens["agents"], "ci": world.environment.tokens["agents"]}
    environment = replace(world.environment, tokens=two)
    shell = {"CLOUDFLARE_AI_GATEWAY_TOKEN": world.token.value}
    token = find_run_token(Project(Path("nowhere")), environment, None, shell)
    assert token is not None
    assert token.name == "agents"
    with pytest.raises(UsageError, match="has 2 tokens: agents, ci"):
        find_run_token(Project(Path("nowhere")), replace(environment, clients={}), None, shell)
    with pytest.raises(UsageError, match="no token c1"):
        find_run_token(Project(Path("nowhere")), environment, "c1", shell)
