"""The programs, the local Cloudflare, and the files of stack `local` that the programs read."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from local.ports import free_port

from gatewright.clients import emit
from gatewright.environment.model.environment_file import Local
from gatewright.environment.resolved import Environment
from gatewright.local import daemon
from gatewright.project import Project

from ..environments import written
from .cloudflare import LocalCloudflare, furnish
from .install import Program, RegistryUnreachableError, ensure_program

EVERY = """\
extends: local.yaml
gateway: {name: agents-local}
clients:
  opencode: {primary: dynamic/fast, small: mistral/mistral-tiny}
  litellm: {primary: mistral/mistral-tiny, fallbacks: [dynamic/fast]}
  claude-code: {primary: anthropic/claude-sonnet-4}
  codex: {primary: openai/gpt-4o-mini}
  continue: {primary: dynamic/fast}
  llm: {}
  aider: {primary: dynamic/fast, small: mistral/mistral-tiny}
  dotenv: {primary: dynamic/fast}
  models: {primary: dynamic/fast}
"""


@pytest.fixture(scope="session")
def program(request: pytest.FixtureRequest, checkout: Project) -> Callable[[str], Program]:
    """The program of a package; the test is skipped where the registry cannot be reached."""
    terminal = request.config.pluginmanager.get_plugin("terminalreporter")

    def show(line: str) -> None:
        if isinstance(
            terminal, pytest.TerminalReporter
        ):  # none where pytest-xdist runs the test in a process of its own
            terminal.write_line(f"  {line}")

    def get(name: str) -> Program:
        try:
            return ensure_program(checkout, name, show)
        except RegistryUnreachableError as error:
            pytest.skip(str(error))

    return get


@pytest.fixture(scope="session")
def every(checkout: Project, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Stack `local`, with every client that there is."""
    folder = tmp_path_factory.mktemp("every") / "stacks"
    shutil.copytree(checkout.stacks, folder)
    return written(folder, EVERY, "every")


@pytest.fixture(scope="session")
def cloudflare(every: Environment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloudflare]:
    project = Project(tmp_path_factory.mktemp("cloudflare"))
    yield furnish(daemon.start(project, free_port()), every)
    daemon.stop(project)


@pytest.fixture(scope="session")
def environment(every: Environment, cloudflare: LocalCloudflare) -> Environment:
    """The same, at the port where the local Cloudflare of these tests listens."""
    return replace(every, local=Local(port=cloudflare.running.port))


@pytest.fixture
def home(tmp_path: Path, environment: Environment) -> Path:
    """A home with all emitted files; its name is one that careless programs trip over."""
    folder = tmp_path / "Zoë's home"
    for file in emit(environment):
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, encoding="utf-8")
    return folder
