"""The files of a case: those in its folder, and base.yaml, which all cases share."""

from __future__ import annotations

import shutil
from pathlib import Path

from gatewright.environment.files import Files

CASES = Path(__file__).parent / "cases"


def case_files(case: Path, folder: Path) -> Files:
    """Copy the YAML files of a case to `folder`. A base.yaml in the case replaces the shared one."""
    for file in (CASES / "base.yaml", *sorted(case.glob("*.yaml"))):
        shutil.copy(file, folder)
    return Files(folder, "stacks")
