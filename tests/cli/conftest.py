"""A project of its own for each test, and the commands in it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from shipped_stacks import copy_stacks

from gatewright.cli import run
from gatewright.project import Project
from gatewright.shipped import SCHEMAS

from .project import ACCOUNT, Call, Result


@pytest.fixture
def project(checkout: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A copy of what a user edits, in a folder with a space, as the working directory."""
    root = tmp_path / "my project"
    root.mkdir()
    shutil.copy(checkout.root / "Pulumi.yaml", root)
    copy_stacks(checkout, root / "stacks")
    shutil.copytree(SCHEMAS, root / "schemas")
    monkeypatch.chdir(root)
    monkeypatch.delenv(ACCOUNT, raising=False)
    return Project(root)


@pytest.fixture
def call(project: Project, capsys: pytest.CaptureFixture[str]) -> Call:  # noqa: ARG001  the working directory
    def run_command(*args: str) -> Result:
        code = run(list(args))
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return Result(code, out, err)

    return run_command
