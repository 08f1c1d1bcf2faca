"""Options and fixtures for all tests."""

from __future__ import annotations

import importlib
import signal
import warnings
from pathlib import Path
from types import ModuleType

import pytest
from examples import register_profiles
from shipped_stacks import shipped_project

from gatewright.project import Project

# what a script has put in the background ignores Ctrl-C, and so would all that is started and interrupted here
signal.signal(signal.SIGINT, signal.default_int_handler)

register_profiles()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-cases",
        action="store_true",
        help="write what comes out over the expected side of the cases; read the diff before it is committed",
    )


@pytest.fixture(scope="session")
def update_cases(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-cases"))


@pytest.fixture(scope="session")
def checkout() -> Project:
    """This checkout."""
    return Project.find(Path(__file__).parent)


@pytest.fixture(scope="session")
def shipped(checkout: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with the shipped environments, whatever else stands in this checkout's `stacks/`. Not to be changed."""
    return shipped_project(checkout, tmp_path_factory.mktemp("shipped"))


@pytest.fixture(scope="session")
def upstream() -> ModuleType:
    """pulumi_cloudflare, whose import takes seconds, and which warns of its own old names."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return importlib.import_module("pulumi_cloudflare")


@pytest.fixture(autouse=True)
def program_name(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hints name the program `gatewright`, wherever this checkout is and whether its virtual environment is on PATH."""
    if "real_program" not in request.keywords:
        monkeypatch.setattr("gatewright.command_line.program", lambda: "gatewright")
