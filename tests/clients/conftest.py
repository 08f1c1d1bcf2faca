"""The real programs, the local Cloudflare, and a home with the emitted files of all clients."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from local.ports import free_port
from shipped_stacks import copy_stacks

from gatewright.clients import CLIENTS
from gatewright.environment.model.environment_file import Local
from gatewright.environment.resolved import Environment
from gatewright.local import daemon
from gatewright.project import Project

from .environments import written
from .programs.cloudflare import LocalCloudflare, furnish
from .programs.homes import InstallProgram, InstallVersion, home_of, write_files
from .programs.install import Program, RegistryUnreachableError, ensure_program
from .programs.run import Home
from .programs.tested_program import PROGRAMS


@pytest.fixture(scope="session")
def install_program(install_version: InstallVersion) -> InstallProgram:
    """Installs the program of a client at the version that its files are checked against."""
    return lambda client: install_version(client, CLIENTS[client].capabilities.checked or "")


@pytest.fixture(scope="session")
def install_version(request: pytest.FixtureRequest, checkout: Project) -> InstallVersion:
    """Installs a version of a client's program; the test is skipped if the registry cannot be reached."""
    terminal = request.config.pluginmanager.get_plugin("terminalreporter")

    def show(line: str) -> None:
        if isinstance(terminal, pytest.TerminalReporter):  # pytest-xdist has none in its workers
            terminal.write_line(f"  {line}")

    def install(client: str, version: str) -> Program:
        try:
            return ensure_program(checkout, replace(PROGRAMS[client], version=version), show)
        except RegistryUnreachableError as error:
            pytest.skip(str(error))

    return install


@pytest.fixture(scope="session")
def environment_of_all(checkout: Project, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Stack `local` with every client."""
    folder = tmp_path_factory.mktemp("all") / "stacks"
    copy_stacks(checkout, folder)
    default = {"primary": "dynamic/fast"}
    clients = {client: PROGRAMS[client].settings if client in PROGRAMS else default for client in CLIENTS}
    text = json.dumps({"extends": "local.yaml", "gateway": {"name": "agents-local"}, "clients": clients})
    return written(folder, text, "all")


@pytest.fixture(scope="session")
def cloudflare(environment_of_all: Environment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloudflare]:
    project = Project(tmp_path_factory.mktemp("cloudflare"))
    yield furnish(daemon.start(project, free_port()), environment_of_all)
    daemon.stop(project)


@pytest.fixture(scope="session")
def environment(environment_of_all: Environment, cloudflare: LocalCloudflare) -> Environment:
    """The same, at the port of the tests' local Cloudflare."""
    return replace(environment_of_all, local=Local(port=cloudflare.running.port))


@pytest.fixture
def home(
    tmp_path: Path, environment: Environment, cloudflare: LocalCloudflare, install_program: InstallProgram
) -> Callable[[str], Home]:
    """The program of a client, in a home with the emitted files of all clients. The home's name has a blank and a
    letter outside ASCII."""
    folder = tmp_path / "Zoë's home"

    def make(client: str) -> Home:
        write_files(environment, folder)
        return home_of(client, environment, folder, cloudflare.token, install_program)

    return make
