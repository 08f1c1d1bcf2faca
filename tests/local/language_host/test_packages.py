"""The packages of a program."""

from __future__ import annotations

import sys
from pathlib import Path

from gatewright.local.language_host.packages import program_dependencies
from gatewright.local.language_host.toolchain import Toolchain


def test_dependencies_are_what_pip_lists() -> None:
    toolchain = Toolchain(Path(), Path(sys.prefix))
    names = {package.name for package in program_dependencies(toolchain, transitive=True)}
    assert "grpcio" in names
    assert {package.name for package in program_dependencies(toolchain, transitive=False)} < names
