"""The real programs on one user's machine, with one stack behind them."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from integration.clone import Clone
from integration.pairs import stand_ins
from local.ports import free_port

from gatewright.cli.screen import Screen
from gatewright.clients.common.installation import after_sourcing
from gatewright.clock import DAY, NOW, format_timestamp, parse_timestamp
from gatewright.engine.ensure import ensure_engine
from gatewright.install import Machine
from gatewright.install.requests import prepare
from gatewright.project import Project
from gatewright.workspace import open_one

from .homes import MASTER_KEY, InstallProgram
from .proxy import at_port, listening
from .tested_program import PROGRAMS, PROMPT, USER_FILES, TestedProgram

ROTATES = {"agents": {"rotate": {"every": "30d", "overlap": "7d"}}}
BEGIN = parse_timestamp("2030-01-01T00:00:00Z")
QUIET = {name: value for tested in PROGRAMS.values() for name, value in tested.program.quiet.items()}
"""Variables that keep the programs from sending requests to anyone else."""


@dataclass(frozen=True, slots=True)
class World:
    """A user's machine: a home, the programs on PATH, and a clone whose stack is deployed."""

    clone: Clone
    home: Path
    bin: Path

    @classmethod
    def make(cls, clone: Clone, home: Path, install_program: InstallProgram) -> World:
        """Set up the machine; of the machine that runs the tests, only the system's programs are on PATH."""
        world = cls(clone, home, home.with_name("programs"))
        home.mkdir()
        world.bin.mkdir()
        own = clone.project.root / ".venv/bin"
        path = os.pathsep.join([str(world.bin), str(own), "/usr/bin", "/bin"])
        quiet = {"DO_NOT_TRACK": "1", "LANG": "C.UTF-8", "LITELLM_MASTER_KEY": MASTER_KEY, **QUIET}
        clone.exported.update(quiet, HOME=str(home), PATH=path)
        for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "CLAUDE_CONFIG_DIR", "CODEX_HOME", "OPENCODE_CONFIG"):
            assert name not in os.environ, f"{name} would name a path outside the home"
        for client, tested in PROGRAMS.items():
            world._add_program(tested, shlex.join(map(str, install_program(client).command)))
        for name, text in USER_FILES.items():
            file = home / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode())
        return world

    @classmethod
    @contextmanager
    def deployed(
        cls, checkout: Project, folder: Path, install_program: InstallProgram, clients: Mapping[str, Mapping[str, Any]]
    ) -> Iterator[World]:
        """A machine whose home has a blank and a letter outside ASCII, all programs, and a deployed stack with
        `clients` and a token that rotates."""
        pair = stand_ins(ensure_engine(checkout, Screen().show), folder)
        clone = Clone.make(checkout, folder / "a project", pair, free_port())
        world = cls.make(clone, folder / "Zoë's home", install_program)
        clone.start()
        world.set_day(1)
        clone.write(clients=clients, tokens=ROTATES)
        clone.up()
        yield world
        clone.end()

    def rotate(self) -> str:
        """Rotate early, and revoke the old token, which nobody has used for a day; the output of `rotate`."""
        self.set_day(3)
        output = self.clone.gatewright("rotate", "local", "agents")
        assert {change[0] for change in self.clone.up().values()} == {"create"}
        self.set_day(12.1)
        assert {change[0] for change in self.clone.up().values()} == {"delete"}
        return output

    def _add_program(self, tested: TestedProgram, command: str) -> None:
        link = self.bin / tested.program.command
        link.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
        link.chmod(0o755)

    def set_day(self, days: float) -> None:
        """Set the clock of gatewright and of Cloudflare."""
        text = format_timestamp(BEGIN + int(days * DAY))
        self.clone.exported[NOW] = text
        url = f"http://127.0.0.1:{self.clone.port}/__local__/clock"
        assert httpx.put(url, json={"now": text}, trust_env=False).is_success

    def run(self, client: str, *command: str, code: int = 0) -> str:
        """The output of a command with the client's variables, from `gatewright run`."""
        return self.clone.gatewright("run", "local", "--client", client, "--", *command, code=code)

    def ask(self, tested: TestedProgram) -> str:
        """Send a prompt; the program's output."""
        project = Project(self.clone.project.root)
        machine = Machine(self.home, {}, project.root)
        installation = prepare(project, open_one(project, "local"), tested.client, machine).installation
        arguments = [argument.replace("{prompt}", PROMPT) for argument in installation.all_prompts()[""]]
        command = after_sourcing(installation.sourced, [tested.program.command, *arguments])
        return self.run(tested.client, *command)

    def doctor(self, client: str, *, code: int = 0, **variables: str) -> dict[str, str]:
        """The findings of `gatewright doctor` by name, faults marked, with these variables or the client's newest."""
        command = ("gatewright", "doctor", "local", client, "--format", "json")
        before = dict(self.clone.exported)
        self.clone.exported.update(variables)
        try:
            output = (
                self.clone.gatewright(*command[1:], code=code) if variables else self.run(client, *command, code=code)
            )
        finally:
            self.clone.exported.clear()
            self.clone.exported.update(before)
        rows = json.loads(output[output.index("[\n") :])
        return {row["name"]: ("✗ " if row["fault"] else "") + row["found"] for row in rows}

    def variables(self, client: str) -> dict[str, str]:
        """The client's current variables."""
        output = self.clone.gatewright("env", "local", "--client", client, "--format", "json")
        variables: dict[str, str] = json.loads(output[output.index("{\n") :])
        return variables

    def last(self) -> int:
        """The number of the newest request in Cloudflare's log."""
        return max((int(entry["id"]) for entry in self._log(0)), default=0)

    def requests(self, after: int) -> list[dict[str, Any]]:
        """The requests for answers that follow the entry `after`."""
        return [entry for entry in self._log(after) if entry["path"].startswith("/v1/") and entry["method"] == "POST"]

    def _log(self, after: int) -> list[dict[str, Any]]:
        url = f"http://127.0.0.1:{self.clone.port}/__local__/log"
        response = httpx.get(url, params={"after": after}, trust_env=False).raise_for_status()
        entries: list[dict[str, Any]] = response.json()
        return entries

    @contextmanager
    def proxy(self, tested: TestedProgram, port: int) -> Iterator[httpx.Client]:
        """The client's proxy, started by `gatewright run`."""
        arguments = [argument.format(home=self.home) for argument in tested.installed["proxy"]]
        program = [tested.program.command, *arguments, *at_port(port)]
        command = ["gatewright", "run", "local", "--client", tested.client, "--", *program]
        with listening(command, self.clone.shell(), self.clone.project.root, port) as client:
            yield client
