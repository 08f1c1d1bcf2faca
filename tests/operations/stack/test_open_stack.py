"""The engine on an environment's stack."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest

from gatewright import __version__
from gatewright.engine.find import Engine
from gatewright.engine.launchers import PLUGIN, plugin_folder
from gatewright.engine.variables import state_folder
from gatewright.errors import EngineError, UsageError
from gatewright.facts.engine_values import VERSION_OUTPUT
from gatewright.operations.stack.open_stack import LEAST_SPACE, open_stack, require_space
from gatewright.project import Project
from gatewright.workspace import open_one


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "stacks").mkdir()
    (tmp_path / "Pulumi.yaml").write_text("name: p\nruntime: python\nstackConfigDir: stacks\n")
    (tmp_path / "stacks/local.yaml").write_text("local: true\n")
    return Project(tmp_path)


@pytest.mark.parametrize(("free", "is_full"), [(LEAST_SPACE, False), (LEAST_SPACE - 1, True)])
def test_a_full_disk(project: Project, monkeypatch: pytest.MonkeyPatch, free: int, is_full: bool) -> None:
    pulumi = open_stack(project, open_one(project, "local"), Engine(project.root / "pulumi", (3, 259, 0), "path"))
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=free))
    with pytest.raises(EngineError, match="the disk is full: 16,383 KiB are free") if is_full else nullcontext():
        require_space(pulumi)


def open_local(project: Project) -> None:
    open_stack(project, open_one(project, "local"), Engine(project.root / "pulumi", (3, 259, 0), "path"))


def test_a_local_stack_has_its_plugin_with_any_engine(project: Project) -> None:
    """An engine on PATH was not installed by gatewright, together with the plugin."""
    open_local(project)
    assert (plugin_folder(project.pulumi_home) / PLUGIN).exists()


def test_the_engine_of_a_local_stack_keeps_no_log(project: Project) -> None:
    for _ in range(2):
        open_local(project)
        assert (project.pulumi_home / "logs").is_file()


def test_a_log_folder_stays(project: Project) -> None:
    (project.pulumi_home / "logs").mkdir(parents=True)
    open_local(project)
    assert (project.pulumi_home / "logs").is_dir()


@pytest.mark.parametrize(("version", "is_refused"), [("0.0.1", False), (__version__, False), ("99.0.0", True)])
def test_a_state_of_a_newer_package_is_refused(project: Project, version: str, is_refused: bool) -> None:
    stack = {"type": "pulumi:pulumi:Stack", "outputs": {VERSION_OUTPUT: version}}
    file = state_folder(project) / ".pulumi/stacks/p/local.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"version": 3, "checkpoint": {"latest": {"resources": [stack]}}}))
    with pytest.raises(UsageError, match=r"99\.0\.0 wrote the state of stack local") if is_refused else nullcontext():
        open_local(project)


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"checkpoint": {"latest": {"resources": [1]}}}', '{"checkpoint": 1}']
)
def test_a_state_that_cannot_be_read_is_left_to_the_engine(project: Project, text: str) -> None:
    file = state_folder(project) / ".pulumi/stacks/p/local.json"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    open_local(project)
