"""A client's program in a temporary home that holds nothing but the installed files."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from contextlib import contextmanager
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING

from gatewright.clients import CLIENTS
from gatewright.clients.common.installation import after_sourcing
from gatewright.clients.common.machine import Machine
from gatewright.clients.common.variables import Holds
from gatewright.frozen import frozen
from gatewright.install import Options, install
from gatewright.install.requests import prepare
from gatewright.install.validators import run_captured
from gatewright.operations.probe.transport import new_nonce
from gatewright.operations.tokens.secrets import Secrets
from gatewright.operations.tokens.token_files import refresh_files
from gatewright.redaction import masked
from gatewright.redaction.secret_mask import SecretMask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatewright.environment.resolved import Environment
    from gatewright.project import Project

FOLDER = "fire-drill"
"""In .gatewright; what a killed run left there is removed by the next one."""
_OF_HELPERS = ("PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE")
_OWN_SECRET = "fake-secret-of-a-fire-drill"  # noqa: S105  for variables that only the user can set
_MAX_LINE = 200  # characters of the line that is shown
_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
_ERROR = re.compile(r"error|refused|failed|\b4\d\d\b|\b5\d\d\b", re.IGNORECASE)


@frozen
class Ran:
    """The end of a program. `exit_code` is None where it did not end by itself; `line` says most about a failure."""

    exit_code: int | None
    line: str
    output: str
    seconds: float


@frozen
class ProgramHome:
    """A program with the files of one client installed; `prompts` are its arguments by agent."""

    command: str
    folder: Path
    prompts: Mapping[str, tuple[str, ...]]
    variables: Mapping[str, str] = field(repr=False)
    mask: SecretMask = field(repr=False)
    sourced: Path | None = None

    def ask(self, agent: str, timeout: float) -> Ran:
        """Send one prompt that no cache knows; the program and its child processes are ended after `timeout`."""
        arguments = (argument.replace("{prompt}", new_nonce()) for argument in self.prompts[agent])
        command = after_sourcing(self.sourced, [self.command, *arguments])
        started = time.monotonic()
        result = run_captured(command, self.variables, self.folder, timeout)
        seconds = time.monotonic() - started
        if isinstance(result, str):
            return Ran(None, result, "", seconds)
        exit_code, output = result
        output = masked(self.mask.text(_ESCAPE.sub("", output)))
        return Ran(exit_code, telling_line(output), output, seconds)


def telling_line(output: str) -> str:
    """The last line with an error, otherwise the last one."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if _ERROR.search(line)]
    return (errors or lines or ["no output"])[-1][:_MAX_LINE]


@contextmanager
def program_home(
    project: Project, environment: Environment, client: str, path: str, shell: Mapping[str, str]
) -> Iterator[ProgramHome]:
    """Install the client in a new home, which is removed when the context exits. `path` is its program.

    The program sees no variable of the user but PATH, and with `credential: helper` what opens the stack.

    Raises a GatewrightError: the client's files cannot be installed, or the stack has no token.
    """
    parent = project.work / FOLDER
    parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    home = Path(tempfile.mkdtemp(prefix=f"{client}-", dir=parent))
    try:
        folder = home / "work"
        folder.mkdir()
        (home / "tmp").mkdir()
        machine = Machine(home, {}, folder)
        if environment.clients[client].credential == "file":
            refresh_files(project, environment.name, machine, shell)
        install(project, environment, client, machine, Options(sets_default=True))
        installation = prepare(project, environment, client, machine).installation
        secrets = _secrets(project, environment, client, shell)
        program = CLIENTS[client].program
        passed = ("PATH", *(_OF_HELPERS if environment.clients[client].credential == "helper" else ()))
        variables = {
            "HOME": str(home),
            "TMPDIR": str(home / "tmp"),
            "LANG": "C.UTF-8",
            "TERM": "dumb",
            "NO_COLOR": "1",
            "DO_NOT_TRACK": "1",
            **{name: shell[name] for name in passed if name in shell},
            **(program.quiet if program else {}),
            **installation.ask_variables,
            **secrets,
        }
        mask = SecretMask(secrets.values(), "***")
        yield ProgramHome(path, folder, installation.all_prompts(), variables, mask, installation.sourced)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def remove_homes(project: Project) -> None:
    """Remove the homes that a killed run left."""
    shutil.rmtree(project.work / FOLDER, ignore_errors=True)


def find_program(client: str, shell: Mapping[str, str]) -> tuple[str, str | None]:
    """The command of a client's program, and its path; None if it is not installed."""
    program = CLIENTS[client].program
    command = program.command if program else ""
    return command, shutil.which(command, path=shell.get("PATH", os.defpath)) if command else None


def _secrets(project: Project, environment: Environment, client: str, shell: Mapping[str, str]) -> dict[str, str]:
    variables = CLIENTS[client].variables(environment, environment.clients[client])
    values = Secrets(project, environment, shell).supply(variables).values
    missing = [each for each in variables if each.holds is Holds.OWN and each.name not in values]
    return {**values, **{each.name: each.prefix + _OWN_SECRET for each in missing}}
