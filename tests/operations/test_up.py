"""What the engine of an environment has beside it."""

from __future__ import annotations

from pathlib import Path

from gatewright.engine.find import Engine
from gatewright.engine.launchers import PLUGIN, plugin_folder
from gatewright.operations.up import engine_on
from gatewright.project import Project
from gatewright.workspace import open_one


def test_a_local_stack_has_its_plugin_with_any_engine(tmp_path: Path) -> None:
    """One on PATH was not got by gatewright, so nothing was put beside it then."""
    (tmp_path / "stacks").mkdir()
    (tmp_path / "Pulumi.yaml").write_text("name: p\nruntime: python\nstackConfigDir: stacks\n")
    (tmp_path / "stacks/local.yaml").write_text("local: true\n")
    project = Project(tmp_path)
    engine_on(project, open_one(project, "local"), Engine(tmp_path / "pulumi", (3, 259, 0), "path"))
    assert (plugin_folder(project.pulumi_home) / PLUGIN).exists()
