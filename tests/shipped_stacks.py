"""The environment files that are shipped in `stacks/`. Tests read only these: a user adds files of their own."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from gatewright.project import Project
from gatewright.shipped import SCHEMAS

if TYPE_CHECKING:
    from pathlib import Path

ENVIRONMENTS = ("dev", "local", "prod", "staging")
SHIPPED = tuple(f"{name}.yaml" for name in ("base", "catalog", *ENVIRONMENTS))


def copy_stacks(checkout: Project, folder: Path) -> None:
    """Copy the shipped files to `folder`, which is created if missing."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in SHIPPED:
        shutil.copy(checkout.stacks / name, folder)


def shipped_project(checkout: Project, root: Path) -> Project:
    """A project in `root` with the shipped environments and the schemas of `checkout`."""
    copy_stacks(checkout, root / "stacks")
    shutil.copy(checkout.root / "Pulumi.yaml", root)
    (root / "schemas").symlink_to(SCHEMAS)
    return Project(root)
