"""actionlint, built from its Go modules, reports nothing about the workflows."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from gatewright.engine.toolchain import ensure_go
from gatewright.errors import EngineError
from gatewright.project import Project

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


def report(actionlint: Path, *files: Path) -> list[str]:
    result = subprocess.run([actionlint, "-no-color", "-oneline", *files], capture_output=True, text=True, check=False)
    assert result.stderr == ""
    return result.stdout.splitlines()


def test_actionlint_accepts_the_workflows(actionlint: Path, checkout: Project) -> None:
    workflows = sorted((checkout.root / ".github/workflows").glob("*.yml"))
    assert len(workflows) == 4
    assert report(actionlint, *workflows) == []


def test_actionlint_reports_errors(actionlint: Path, tmp_path: Path) -> None:
    (tmp_path / "invalid.yml").write_text(INVALID)
    (line,) = report(actionlint, tmp_path / "invalid.yml")
    assert 'property "two" is not defined' in line
