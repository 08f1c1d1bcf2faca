"""The wheel: both packages, with the files beside their modules, the schemas and the catalog."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
LAUNCHER = "gatewright/provider/pulumi-resource-gatewright"  # for a clone; an installed package has a program


def test_wheel_holds_both_packages(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    tracked = subprocess.run(
        ["git", "ls-files", "gatewright", "components/gatewright_components", "schemas", "stacks/catalog.yaml"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    expected = {installed_path(path) for path in tracked.stdout.splitlines()}
    assert expected - names == {LAUNCHER}
    assert {name.partition("/")[0] for name in names} == {"gatewright", "gatewright_components", metadata(names)}


def installed_path(path: str) -> str:
    """Where the wheel has a file of the repository."""
    if path.startswith(("schemas/", "stacks/")):
        return f"gatewright/shipped/{path}"
    return path.removeprefix("components/")


def metadata(names: set[str]) -> str:
    (folder,) = {name.partition("/")[0] for name in names if name.endswith(".dist-info/METADATA")}
    return folder
