"""Real programs that take their token from a command: a rotation while a session runs, the old token revoked."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gatewright.project import Project

from .homes import InstallProgram
from .life import World
from .tested_program import PROGRAMS

pytestmark = [pytest.mark.clients, pytest.mark.integration, pytest.mark.nightly]

CLIENTS = ("claude-code", "codex", "copilot", "openclaw", "pi")
CLAUDE = ("-p", "--input-format", "stream-json", "--output-format", "stream-json", "--verbose")


@pytest.fixture
def world(checkout: Project, tmp_path: Path, install_program: InstallProgram) -> Iterator[World]:
    """A user's machine with a deployed stack, whose clients take their token from a command."""
    clients = {client: {**PROGRAMS[client].settings, "credential": "helper"} for client in CLIENTS}
    clients["opencode"] = {**PROGRAMS["opencode"].settings, "credential": "file"}
    with World.deployed(checkout, tmp_path, install_program, clients) as world:
        yield world


def test_a_rotation_needs_no_restart(world: World, subtests: pytest.Subtests) -> None:
    for client in CLIENTS:
        world.clone.gatewright("install", "local", client, "--yes", "--default")
        assert world.clone.gatewright("env", "local", "--client", client, "--format", "json") == "{}\n"
    settings = world.home / ".claude/agents-local.settings.json"
    with (
        session(world, "claude", "--settings", str(settings), *CLAUDE, end=is_claude_result) as claude,
        session(world, "pi", "--mode", "rpc", "--no-session", "--no-tools", end=is_pi_end) as pi,
    ):
        check_answers(world, subtests, claude, pi)
        old = world.clone.gatewright("token", "local").strip()
        rotate(world)
        assert world.clone.gatewright("token", "local").strip() != old
        check_answers(world, subtests, claude, pi)
    for client in CLIENTS:
        with subtests.test("doctor", client=client):
            assert "prints the newest token" in world.doctor(client)["helper"]


def test_a_file_is_refreshed(world: World) -> None:
    opencode = PROGRAMS["opencode"]
    assert "set     " not in world.clone.gatewright("install", "local", "opencode", "--yes", "--default")
    assert "heard: " in world.ask(opencode)
    rotate(world)
    assert "another token than the newest" in world.doctor("opencode", code=4)["token file"]
    assert "    changed    opencode" in world.clone.gatewright("refresh", "local")
    assert "heard: " in world.ask(opencode)
    assert "has the newest token" in world.doctor("opencode")["token file"]


def check_answers(world: World, subtests: pytest.Subtests, claude: Session, pi: Session) -> None:
    """Both sessions and new runs of the others are answered, with the token alone."""
    message = {"type": "user", "message": {"role": "user", "content": "What is 2+2?"}}
    codex, copilot, openclaw = PROGRAMS["codex"], PROGRAMS["copilot"], PROGRAMS["openclaw"]
    asks: dict[str, Callable[[], str]] = {
        "claude-code": lambda: claude.send(message),
        "pi": lambda: pi.send({"type": "prompt", "message": "What is 2+2?"}),
        "codex": lambda: world.ask(codex),
        "copilot": lambda: world.ask(copilot),
        "openclaw": lambda: world.ask(openclaw),
    }
    for client, ask in asks.items():
        with subtests.test(client):
            before = world.last()
            assert "heard: " in ask()
            requests = world.requests(before)
            assert requests[-1]["status"] == 200
            assert {request["path"].partition("/agents-local/")[2] for request in requests} == {
                PROGRAMS[client].installed["path"]
            }
            assert {request["credential"] for request in requests if request["status"] == 200} == {"stored"}


def rotate(world: World) -> None:
    """Rotate; the output names what brings running programs the new token."""
    output = world.rotate()
    assert "openclaw secrets reload " in output
    assert "gatewright refresh local " in output


@dataclass(frozen=True)
class Session:
    """A program that reads one JSON document a line, and answers with several; `end` recognizes the last one."""

    process: subprocess.Popen[str]
    end: Callable[[dict[str, Any]], bool]

    def send(self, message: dict[str, Any]) -> str:
        """Everything that the program writes for the message."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if line.startswith("{") and self.end(json.loads(line)):
                break
        return "".join(lines)


def is_claude_result(message: dict[str, Any]) -> bool:
    return message.get("type") == "result"


def is_pi_end(message: dict[str, Any]) -> bool:
    return message.get("type") == "agent_end"


@contextmanager
def session(world: World, *command: str, end: Callable[[dict[str, Any]], bool]) -> Iterator[Session]:
    """A running program without any token in its variables."""
    kept = ("HOME", "PATH", "LANG", "CLAUDE_CODE_MAX_RETRIES", "PI_OFFLINE")
    variables = {name: value for name, value in world.clone.shell().items() if name in kept}
    with subprocess.Popen(
        command, cwd=world.home, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Session(process, end)
        finally:
            process.kill()
