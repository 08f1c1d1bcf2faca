"""Where the engine runs the project's program within the command's process."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gatewright.engine.find import Engine
from gatewright.engine.variables import Session
from gatewright.operations.stack.program_here import can_run_here, program_here
from gatewright.operations.stack.pulumi import Pulumi
from gatewright.project import Project
from gatewright.shipped import PROGRAM, PROGRAM_NAME

if TYPE_CHECKING:
    from pathlib import Path

VIRTUALENV = "runtime: {{name: python, options: {{virtualenv: {}}}}}"
PREVIEW, REFRESH = ("preview",), ("refresh", "--preview-only")


@pytest.fixture
def pulumi(tmp_path: Path) -> Pulumi:
    """An engine that only writes what it was asked to a file."""
    engine = tmp_path / "pulumi"
    engine.write_text(f'#!/bin/sh\necho "$@" >"{tmp_path}/asked"\n')
    engine.chmod(0o755)
    (tmp_path / PROGRAM_NAME).write_text(PROGRAM)
    describe(tmp_path, "runtime: python")
    session = Session(dict(os.environ), "file:///state", "a file")
    return Pulumi(Project(tmp_path), Engine(engine, (3, 259, 0), "built"), session, "prod")


def describe(root: Path, lines: str) -> None:
    (root / "Pulumi.yaml").write_text(f"name: p\n{lines}\n")


def runs_here(pulumi: Pulumi, *arguments: str) -> bool:
    pulumi.run(*arguments)
    return "--client 127.0.0.1:" in (pulumi.project.root / "asked").read_text()


@pytest.mark.parametrize("arguments", [PREVIEW, REFRESH], ids=" ".join)
def test_what_changes_nothing_runs_here(pulumi: Pulumi, arguments: tuple[str, ...]) -> None:
    assert runs_here(pulumi, *arguments)


@pytest.mark.parametrize("command", ["up", "destroy", "refresh"])
def test_what_changes_something_outlives_the_command(pulumi: Pulumi, command: str) -> None:
    assert not runs_here(pulumi, command)


def test_only_one_at_a_time(pulumi: Pulumi) -> None:
    with program_here(pulumi.project, pulumi.session):
        assert not runs_here(pulumi, *PREVIEW)
    assert runs_here(pulumi, *PREVIEW)


def test_a_service_keeps_with_the_stack_what_runs_it(pulumi: Pulumi) -> None:
    service = replace(pulumi, session=replace(pulumi.session, backend="https://api.pulumi.com"))
    assert not runs_here(service, *PREVIEW)


def test_the_program_of_this_repository_runs_here(checkout: Project) -> None:
    assert can_run_here(checkout)


@pytest.mark.parametrize(
    ("program", "here"),
    [
        (f"# mine\n\n{PROGRAM}", True),
        (PROGRAM.partition('"""\n')[2], True),
        (f"{PROGRAM}print()\n", False),
        (PROGRAM.replace("parent", "parents[0]"), False),
        ("", False),
        ("run(", False),
        ("\0", False),
        (None, False),
    ],
)
def test_only_the_program_of_init_runs_here(pulumi: Pulumi, program: str | None, here: bool) -> None:
    file = pulumi.project.root / PROGRAM_NAME
    file.unlink() if program is None else file.write_text(program)
    assert can_run_here(pulumi.project) is here


@pytest.mark.parametrize(
    ("lines", "here"),
    [
        ("runtime: {name: python}", True),
        ("runtime: {name: python, options: {}}", True),
        (VIRTUALENV.format(sys.prefix), True),
        (VIRTUALENV.format("own"), True),
        (VIRTUALENV.format("other"), False),
        ("runtime: {name: python, options: {toolchain: uv}}", False),
        ("runtime: {name: python, options: {toolchain: pip, virtualenv: own}}", False),
        ("runtime: {name: python, options: own}", False),
        ("runtime: nodejs", False),
        ("runtime: {name: nodejs}", False),
        ("main: infra\nruntime: python", False),
        ("", False),
        ("runtime: [", False),
    ],
)
def test_only_on_this_python(pulumi: Pulumi, lines: str, here: bool) -> None:
    root = pulumi.project.root
    (root / "own").symlink_to(sys.prefix)
    (root / "other").mkdir()
    describe(root, lines)
    assert can_run_here(pulumi.project) is here
