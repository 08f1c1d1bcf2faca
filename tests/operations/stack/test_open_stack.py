"""The engine on an environment's stack."""

from __future__ import annotations

from pathlib import Path

from gatewright.engine.find import Engine
from gatewright.engine.launchers import PLUGIN, plugin_folder
from gatewright.operations.stack.open_stack import open_stack
from gatewright.project import Project
from gatewright.workspace import open_one


def test_a_local_stack_has_its_plugin_with_any_engine(tmp_path: Path) -> None:
    """An engine on PATH was not installed by gatewright, together with the plugin."""
    (tmp_path / "stacks").mkdir()
    (tmp_path / "Pulumi.yaml").write_text("name: p\nruntime: python\nstackConfigDir: stacks\n")
    (tmp_path / "stacks/local.yaml").write_text("local: true\n")
    project = Project(tmp_path)
    open_stack(project, open_one(project, "local"), Engine(tmp_path / "pulumi", (3, 259, 0), "path"))
    assert (plugin_folder(project.pulumi_home) / PLUGIN).exists()
