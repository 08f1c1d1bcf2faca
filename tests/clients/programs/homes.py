"""A home for a program, with the emitted files of an environment and the variables that its client needs."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from shipped_stacks import copy_stacks

from gatewright.clients import CLIENTS, emit
from gatewright.clients.common.variables import Holds
from gatewright.environment.model.environment_file import Local
from gatewright.environment.resolved import API_ORIGIN, GATEWAY_ORIGIN, Environment
from gatewright.facts.local_cloudflare import fake_key
from gatewright.install import Machine, Options, install
from gatewright.install.requests import prepare
from gatewright.project import Project

from ..environments import written
from .cloudflare import LocalCloudflare
from .install import Program
from .run import Home, Ran
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
    variables = {**tested.variables_in(home), **_secrets(client, environment, token)}
    return Home(tested, install_program(client), home, variables)


def installed_home(
    checkout: Project, environment: Environment, folder: Path, token: str, install_program: InstallProgram
) -> tuple[Home, Mapping[str, Sequence[str]]]:
    """A home with nothing but the installed environment's only client, and the program's arguments by agent."""
    (client,) = environment.clients
    home = folder / "Zoë's home"
    home.mkdir()
    machine = Machine(home, {}, home)
    install(checkout, environment, client, machine, Options(sets_default=True))
    prompts = prepare(checkout, environment, client, machine).installation.all_prompts()
    tested = replace(PROGRAMS[client], folder="", sourced=None)
    variables = {**tested.program.quiet, **_secrets(client, environment, token)}
    return Home(tested, install_program(client), home, variables), prompts


def _secrets(client: str, environment: Environment, token: str) -> dict[str, str]:
    secrets = {}
    for variable in CLIENTS[client].variables(environment, environment.clients[client]):
        secret = {Holds.TOKEN: token, Holds.KEY: fake_key(variable.source or ""), Holds.OWN: MASTER_KEY}[variable.holds]
        secrets[variable.name] = variable.prefix + secret
    return secrets


def ask_with_helper(home: Home, file: Path, text: str, cloudflare: LocalCloudflare) -> tuple[Ran, str]:
    """Send the prompt with an emitted `text` whose token is the answer of a command, which has no token here.

    What the program printed, and how it called `gatewright`.
    """
    calls = home.folder / "calls"
    script = home.folder / "bin" / "gatewright"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\necho "$@" >> {shlex.quote(str(calls))}\necho fake-token\n', encoding="utf-8")
    script.chmod(0o755)
    for origin in (API_ORIGIN, GATEWAY_ORIGIN, "https://ai.example.com"):
        text = text.replace(origin, cloudflare.running.data_plane)
    file.write_text(text, encoding="utf-8")
    ran = home.ask(PATH=f"{script.parent}:{home.environment['PATH']}")
    return ran, calls.read_text(encoding="utf-8")
