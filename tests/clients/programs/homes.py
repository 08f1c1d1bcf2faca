"""A home for a program, with the emitted files of an environment and the variables that its client needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from shipped_stacks import copy_stacks

from gatewright.clients import CLIENTS, emit
from gatewright.clients.common.variables import Holds
from gatewright.environment.model.environment_file import Local
from gatewright.environment.resolved import Environment
from gatewright.facts.local_cloudflare import fake_key
from gatewright.project import Project

from ..environments import written
from .cloudflare import LocalCloudflare
from .install import Program
from .run import Home
from .tested_program import PROGRAMS

MASTER_KEY = "sk-fake-master-key"
GATEWAY = "agents-local"

InstallProgram = Callable[[str], Program]
"""Installs the program of a client."""
InstallVersion = Callable[[str, str], Program]
"""Installs a version of the program of a client from npm."""


def load_environment(
    checkout: Project,
    folder: Path,
    cloudflare: LocalCloudflare,
    lines: str,
    gateway: str = f"{{name: {GATEWAY}}}",
) -> Environment:
    """An environment at the local Cloudflare of the tests, with the catalog's models and `lines`."""
    copy_stacks(checkout, folder / "stacks")
    text = f"extends: catalog.yaml\nlocal: true\ngateway: {gateway}\ntokens: {{agents: {{}}}}\n{lines}"
    environment = written(folder / "stacks", text, "here")
    return replace(environment, local=Local(port=cloudflare.running.port))


def make_home(environment: Environment, folder: Path, token: str, install_program: InstallProgram) -> Home:
    """A home for the environment's only client, whose name has a blank and a letter outside ASCII."""
    (client,) = environment.clients
    home = folder / "Zoë's home"
    write_files(environment, home)
    return home_of(client, environment, home, token, install_program)


def write_files(environment: Environment, home: Path) -> None:
    """Write all emitted files into the home."""
    for file in emit(environment):
        path = home / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, encoding="utf-8")


def home_of(client: str, environment: Environment, home: Path, token: str, install_program: InstallProgram) -> Home:
    """The client's program in `home`, with only the secrets that the client is declared to read."""
    tested = PROGRAMS[client]
    secrets = {}
    for variable in CLIENTS[client].variables(environment, environment.clients[client]):
        secret = {Holds.TOKEN: token, Holds.KEY: fake_key(variable.source or ""), Holds.OWN: MASTER_KEY}[variable.holds]
        secrets[variable.name] = variable.prefix + secret
    return Home(tested, install_program(client), home, {**tested.variables_in(home), **secrets})
