"""actionlint, built from its Go modules, reports nothing about the workflows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from gatewright.engine.toolchain import ensure_go
from gatewright.errors import EngineError
from gatewright.operations.caller_workflows import REPOSITORY
from gatewright.operations.init import Choices, plan_project, write_project
from gatewright.project import Project

from .workflow import FILES

pytestmark = [pytest.mark.integration, pytest.mark.long]

MODULE = Path(__file__).with_name("actionlint")
PACKAGE = "github.com/rhysd/actionlint/cmd/actionlint"
INVALID = """\
on: push
jobs:
  one:
    runs-on: ubuntu-24.04
    steps:
      - run: echo ${{ needs.two.outputs.x }}
"""
USE = """\
on: push
permissions: {}
jobs:
  one:
    runs-on: ubuntu-24.04
    steps:
      - uses: ./
        id: one
        with: {command: drift --all}
      - run: echo "$CHANGES"
        env:
          CHANGES: ${{ steps.one.outputs.changes }}
"""


@pytest.fixture(scope="module")
def actionlint(checkout: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        go = ensure_go(checkout, print)
    except EngineError as error:
        pytest.skip(error.message)
    program = tmp_path_factory.mktemp("actionlint") / "actionlint"
    settings = {"GOFLAGS": "-mod=readonly", "GOTOOLCHAIN": "local", "GOWORK": "off"}
    subprocess.run([go, "build", "-o", program, PACKAGE], cwd=MODULE, env={**os.environ, **settings}, check=True)
    return program


def report(actionlint: Path, *files: Path, cwd: Path | None = None) -> list[str]:
    command: list[str | Path] = [actionlint, "-no-color", "-oneline", *files]
    result = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert result.stderr == ""
    return result.stdout.splitlines()


def test_actionlint_accepts_the_workflows(actionlint: Path, checkout: Project) -> None:
    workflows = sorted((checkout.root / ".github/workflows").glob("*.yml"))
    assert {*FILES} < {*workflows}
    assert report(actionlint, *workflows) == []


def test_actionlint_accepts_the_callers_that_init_writes(actionlint: Path, checkout: Project, tmp_path: Path) -> None:
    """As callers in this repository: actionlint does not read workflows of another one."""
    (tmp_path / ".git").mkdir()
    write_project(plan_project(tmp_path, Choices(github=True)))
    workflows = tmp_path / ".github/workflows"
    callers = sorted(workflows.iterdir())
    for caller in callers:
        caller.write_text(re.sub(rf"{REPOSITORY}/(\S+)@\S+", r"./\1", caller.read_text()))
    for file in FILES:
        shutil.copy(file, workflows)
    assert report(actionlint, *callers, cwd=tmp_path) == []
    shutil.copy(checkout.root / "action.yml", tmp_path)
    use = workflows / "use.yml"
    use.write_text(USE)
    assert report(actionlint, use, cwd=tmp_path) == []
    use.write_text(USE.replace("command", "comand"))
    assert any('input "comand" is not defined' in line for line in report(actionlint, use, cwd=tmp_path))


def test_actionlint_reports_errors(actionlint: Path, tmp_path: Path) -> None:
    (tmp_path / "invalid.yml").write_text(INVALID)
    (line,) = report(actionlint, tmp_path / "invalid.yml")
    assert 'property "two" is not defined' in line
