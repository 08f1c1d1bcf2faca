"""A client's program as the tests run it, from tests/clients/<client>/program.yaml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from gatewright.clients import CLIENTS
from gatewright.clients.common.installation import after_sourcing
from gatewright.clients.common.program import Program as ClientProgram

CLIENT_FOLDERS = Path(__file__).parents[1]
PROMPT = "What is 2+2?"


@dataclass(frozen=True, slots=True)
class TestedProgram:
    """The program of one client. In its arguments and variables, {home}, {model} and {prompt} are filled in.

    `settings`: of the client in the environment with all clients. `folder`: the working directory, in the home.
    `ask`: the arguments that send a prompt with the emitted files, None for a proxy. `installed`: what its request must
    look like after `gatewright install`, how a proxy is started then, and the user's own files. `roles`: the roles of
    an environment, and the models that answer the client's first one.
    `executable`: the path of a compiled program in node_modules. `version`: by default the newest that is supported.
    `oldest`: the oldest supported one that the registry has; for PyPI, oldest.in and oldest.lock pin it. `sourced`: a
    file that a shell reads before the program starts.
    """

    client: str
    settings: Mapping[str, Any]
    installed: Mapping[str, Any]
    variables: Mapping[str, str] = field(default_factory=dict)
    folder: str = ""
    flags: Sequence[str] = ()
    ask: Sequence[str] | None = None
    proxy: Sequence[str] | None = None
    roles: Mapping[str, Any] | None = None
    executable: str | None = None
    version: str | None = None
    oldest: str | None = None
    sourced: str | None = None

    __test__ = False  # its name begins with Test

    @classmethod
    def load(cls, client: str) -> TestedProgram:
        """The program of a client."""
        text = (CLIENT_FOLDERS / client / "program.yaml").read_text(encoding="utf-8")
        return cls(client, **yaml.safe_load(text))

    @property
    def program(self) -> ClientProgram:
        """The facts about the program in the client's package."""
        program = CLIENTS[self.client].program
        assert program is not None
        return program

    @property
    def pin(self) -> str:
        """The package at the version that is run: `openclaw@2026.9.6`."""
        return f"{self.program.package.split()[0]}@{self.version or CLIENTS[self.client].capabilities.checked}"

    @property
    def lock(self) -> Path:
        """The lock file of a program from PyPI at the version that is run."""
        name = "oldest" if self.version is not None and self.version == self.oldest else "program"
        return CLIENT_FOLDERS / self.client / f"{name}.lock"

    def arguments(self, ask: Sequence[str] | None = None, *, home: Path, model: str = "") -> list[str]:
        """The arguments that send the prompt."""
        arguments = [*self.flags, *(self.ask or () if ask is None else ask)]
        return [argument.format(home=home, model=model, prompt=PROMPT) for argument in arguments]

    def command(self, program: Sequence[str], arguments: Sequence[str], home: Path) -> list[str]:
        """The command line, in a shell that reads the file `sourced` first."""
        file = Path(self.sourced.format(home=home)) if self.sourced else None
        return after_sourcing(file, [*program, *arguments])

    def variables_in(self, home: Path) -> dict[str, str]:
        """The variables that the program needs in a home."""
        return {**self.program.quiet, **{name: value.format(home=home) for name, value in self.variables.items()}}


PROGRAMS = {client: TestedProgram.load(client) for client, package in sorted(CLIENTS.items()) if package.is_tested}
USER_FILES = {name: text for program in PROGRAMS.values() for name, text in program.installed["user_files"].items()}
"""Files that the user has before an install."""
