"""An environment for the tests of a simulation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.project import Project
from gatewright.workspace import select

if TYPE_CHECKING:
    from pathlib import Path

    from gatewright.environment.load import Loaded

START = 1_796_083_200  # 2026-12-01
DAY = 86_400


def load_environment(folder: Path, file: str) -> Loaded:
    """The environment dev, whose file is `file`, in a project of its own."""
    (folder / "stacks").mkdir()
    (folder / "stacks/dev.yaml").write_text(file)
    (folder / "Pulumi.yaml").write_text("name: fake\nruntime: python\n")
    (loaded,) = select(Project(folder), ["dev"])
    assert loaded.environment is not None, loaded.diagnostics
    return loaded
