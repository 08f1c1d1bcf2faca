"""Real programs that take their token from a command: a rotation while a session runs, the old token revoked."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from gatewright.project import Project

from .homes import InstallProgram
from .life import World
from .sessions import Ask, agent_client_protocol, claude_code, codex, openclaw, pi
from .tested_program import PROGRAMS

pytestmark = [pytest.mark.clients, pytest.mark.integration, pytest.mark.nightly]

CLIENTS = ("claude-code", "codex", "copilot", "openclaw", "opencode", "pi")


def test_a_rotation_needs_no_restart(
    checkout: Project, tmp_path: Path, install_program: InstallProgram, subtests: pytest.Subtests
) -> None:
    """Only OpenClaw must be told: it keeps the token in memory until `openclaw secrets reload`."""
    clients = {client: {**PROGRAMS[client].settings, "credential": "helper"} for client in CLIENTS}
    with World.deployed(checkout, tmp_path, install_program, clients) as world:
        for client in CLIENTS:
            world.clone.gatewright("install", "local", client, "--yes", "--default")
            assert world.clone.gatewright("env", "local", "--client", client, "--format", "json") == "{}\n"
        check_running_sessions(world, subtests)
        for client in CLIENTS:
            with subtests.test("doctor", client=client):
                assert "prints the newest token" in world.doctor(client)["helper"]


def check_running_sessions(world: World, subtests: pytest.Subtests) -> None:
    """Each session is answered before and after the rotation, OpenClaw's gateway after it has reloaded its secrets."""
    with ExitStack() as stack:
        gateway = stack.enter_context(openclaw(world))
        copilot = world.home / ".copilot/agents-local.sh"
        sessions = {
            "claude-code": stack.enter_context(claude_code(world)),
            "codex": stack.enter_context(codex(world)),
            "copilot": stack.enter_context(agent_client_protocol(world, ["copilot", "--acp"], copilot)),
            "openclaw": gateway.ask,
            "opencode": stack.enter_context(agent_client_protocol(world, ["opencode", "acp"])),
            "pi": stack.enter_context(pi(world)),
        }
        check_answers(world, subtests, "before the rotation", sessions)
        old = world.clone.gatewright("token", "local").strip()
        rotate(world)
        assert world.clone.gatewright("token", "local").strip() != old
        with subtests.test("keeps the revoked token", client="openclaw"):
            before = world.last()
            assert "heard: " not in gateway.ask()
            assert {request["status"] for request in world.requests(before)} == {401}
            reloaded = gateway.run("secrets", "reload")
            assert reloaded.returncode == 0, reloaded.stderr
        check_answers(world, subtests, "after the rotation", sessions)


def test_a_file_is_refreshed(checkout: Project, tmp_path: Path, install_program: InstallProgram) -> None:
    opencode = PROGRAMS["opencode"]
    clients = {"opencode": {**opencode.settings, "credential": "file"}}
    with World.deployed(checkout, tmp_path, install_program, clients) as world:
        assert "set     " not in world.clone.gatewright("install", "local", "opencode", "--yes", "--default")
        assert "heard: " in world.ask(opencode)
        assert "gatewright refresh local " in world.rotate()
        assert "another token than the newest" in world.doctor("opencode", code=4)["token file"]
        assert "    changed    opencode" in world.clone.gatewright("refresh", "local")
        assert "heard: " in world.ask(opencode)
        assert "has the newest token" in world.doctor("opencode")["token file"]


def check_answers(world: World, subtests: pytest.Subtests, moment: str, asks: Mapping[str, Ask]) -> None:
    """All are answered, with the token alone."""
    for client, ask in asks.items():
        with subtests.test(moment, client=client):
            before = world.last()
            assert "heard: " in ask()
            requests = world.requests(before)
            assert requests[-1]["status"] == 200
            assert {request["path"].partition("/agents-local/")[2] for request in requests} == {
                PROGRAMS[client].installed["path"]
            }
            assert {request["credential"] for request in requests if request["status"] == 200} == {"stored"}


def rotate(world: World) -> None:
    """Rotate; the output names what brings a running OpenClaw the new token."""
    assert "openclaw secrets reload " in world.rotate()
