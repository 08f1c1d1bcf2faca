"""The fire drill with real programs on a user's machine: who answers, how they fail, and what an interrupt leaves."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from gatewright.operations.client_drill.homes import FOLDER
from gatewright.operations.probe.fire_drill import EFFECTS, PREFIX
from gatewright.project import Project

from .homes import InstallProgram
from .life import World

pytestmark = [pytest.mark.clients, pytest.mark.integration, pytest.mark.nightly]

CLIENTS: dict[str, dict[str, Any]] = {
    "pi": {"primary": "dynamic/fast"},
    "llm": {"primary": "dynamic/fast"},
    "claude-code": {"primary": "anthropic/claude-sonnet-5-5", "fallbacks": ["anthropic/claude-opus-5-5"]},
    "codex": {"primary": "openai/gpt-6-luna"},
    "dotenv": {"primary": "dynamic/fast"},
}
DRILL = ("verify", "local", "--fire-drill", "--with-clients")
NEXT = "workers-ai/gpt-oss-20b"
LIMIT = 120.0  # seconds


@pytest.fixture
def world(checkout: Project, tmp_path: Path, install_program: InstallProgram) -> Iterator[World]:
    with World.deployed(checkout, tmp_path, install_program, CLIENTS) as world:
        yield world


def test_programs_while_their_first_choices_fail(world: World, subtests: pytest.Subtests) -> None:
    names = [option for client in CLIENTS for option in ("--only", client)]
    output = world.clone.gatewright(*DRILL, *names, "--format", "json", code=1)
    results = {result["called"]: result for result in json.loads(output[output.index("\n{") :])["results"]}
    for mode in EFFECTS:
        for client in ("pi", "llm"):
            with subtests.test("the next model of the route answers", client=client, mode=mode):
                assert results[f"{client}, {mode}"]["answered_by"] == NEXT
        with subtests.test("the program's own message is shown", mode=mode):
            failure = results[f"claude-code, {mode}"]["failure"]
            assert failure["code"] == "client-failed"
            assert "API Error" in failure["cause"]
    assert results["codex"]["notes"] == ["no model follows openai/gpt-6-luna"]
    assert results["dotenv"]["notes"] == ["skipped: the client has no program"]
    check_nothing_is_left(world)

    with subtests.test("an interrupt leaves nothing"):
        interrupt(world)
        check_nothing_is_left(world)


def interrupt(world: World) -> None:
    """Send Ctrl-C while a fault is set and a program runs."""
    program = str(world.clone.project.root / ".venv/bin/gatewright")
    command = [program, *DRILL, "--only", "pi"]
    with subprocess.Popen(
        command,
        cwd=world.clone.project.root,
        env=world.clone.shell(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        deadline = time.monotonic() + LIMIT
        while not (drill_faults(world) and programs_of(world)):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert process.wait(LIMIT) == 130


def check_nothing_is_left(world: World) -> None:
    assert drill_faults(world) == []
    assert programs_of(world) == []
    assert not homes(world).exists()


def homes(world: World) -> Path:
    return world.clone.project.work / FOLDER


def drill_faults(world: World) -> list[Any]:
    faults = httpx.get(f"http://127.0.0.1:{world.clone.port}/__local__/faults", trust_env=False).json()
    return [fault for fault in faults if fault["name"].startswith(PREFIX)]


def programs_of(world: World) -> list[str]:
    """The processes whose home is one of the drill."""
    home = f"HOME={homes(world)}".encode()
    processes = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if home in (folder / "environ").read_bytes():
                processes.append(folder.name)
        except OSError:  # it has ended, or is another user's
            continue
    return processes
