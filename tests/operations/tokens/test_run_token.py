"""The token that runs models: from the variable that clients read, else from the stack."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gatewright.errors import RefusedError, UsageError
from gatewright.operations.probe.transport import RunToken
from gatewright.operations.tokens.run_token import run_token
from gatewright.project import Project

from ..probe.world import World


def test_it_comes_from_the_variable_that_clients_read(world: World) -> None:
    shell = {"CLOUDFLARE_AI_GATEWAY_TOKEN": f" {world.token.value}\n"}
    found = run_token(Project(Path("nowhere")), world.environment, None, shell)
    assert found == RunToken("agents", world.token.value, "CLOUDFLARE_AI_GATEWAY_TOKEN")


def test_a_real_one_never_goes_to_the_local_server(world: World, tmp_path: Path) -> None:
    shell = {"CLOUDFLARE_AI_GATEWAY_TOKEN": "fake-but-like-a-real-one"}
    with pytest.raises(RefusedError, match="AI_GATEWAY_TOKEN is of another Cloudflare, and "):
        run_token(Project(tmp_path), world.environment, None, shell)


def test_what_is_no_token(world: World) -> None:
    shell = {"CLOUDFLARE_AI_GATEWAY_TOKEN": "local-fake-token-\x01é"}
    with pytest.raises(RefusedError, match="holds something that is no token") as caught:
        run_token(Project(Path("nowhere")), world.environment, None, shell)
    assert "\x01" not in str(caught.value)


def test_which(world: World) -> None:
    two = {"agents": world.environment.tokens["agents"], "ci": world.environment.tokens["agents"]}
    environment = replace(world.environment, tokens=two)
    shell = {"CLOUDFLARE_AI_GATEWAY_TOKEN": world.token.value}
    found = run_token(Project(Path("nowhere")), environment, None, shell)
    assert found is not None
    assert found.name == "agents"
    with pytest.raises(UsageError, match="has 2 tokens: agents, ci"):
        run_token(Project(Path("nowhere")), replace(environment, clients={}), None, shell)
    with pytest.raises(UsageError, match="no token c1"):
        run_token(Project(Path("nowhere")), environment, "c1", shell)
