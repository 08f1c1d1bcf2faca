"""The wheel: both packages, with the files beside their modules, the schemas and the catalog. The sdist: everything."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from release_check import build as build_release
from release_check import commit_time, differing, has_section

from gatewright import __version__

ROOT = Path(__file__).parents[1]
LAUNCHER = "gatewright/provider/pulumi-resource-gatewright"  # for a clone; an installed package has a program


def test_wheel_holds_both_packages(tmp_path: Path) -> None:
    with zipfile.ZipFile(build("wheel", tmp_path)) as archive:
        names = set(archive.namelist())
    files = tracked("gatewright", "components/gatewright_components", "schemas", "stacks/catalog.yaml")
    expected = {installed_path(path) for path in files}
    assert expected - names == {LAUNCHER}
    assert {name.partition("/")[0] for name in names} == {"gatewright", "gatewright_components", metadata(names)}


def test_sdist_holds_the_component_package_and_the_examples(tmp_path: Path) -> None:
    with tarfile.open(build("sdist", tmp_path)) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    expected = tracked("components", "examples")
    assert {"components/PulumiPlugin.yaml", "components/requirements.txt"} <= expected
    assert expected - names == set()


def build(target: str, folder: Path) -> Path:
    """Build the wheel or the sdist in `folder`."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (file,) = folder.iterdir()
    return file


def tracked(*paths: str) -> set[str]:
    """The files of the repository below `paths`."""
    command = ["git", "ls-files", *paths]
    return set(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines())


def installed_path(path: str) -> str:
    """Where the wheel has a file of the repository."""
    if path.startswith(("schemas/", "stacks/")):
        return f"gatewright/shipped/{path}"
    return path.removeprefix("components/")


def metadata(names: set[str]) -> str:
    (folder,) = {name.partition("/")[0] for name in names if name.endswith(".dist-info/METADATA")}
    return folder


@pytest.mark.long
def test_two_builds_are_the_same(tmp_path: Path) -> None:
    first, second = (build_release(ROOT, tmp_path / name, commit_time(ROOT)) for name in ("first", "second"))
    assert sorted(name.partition("-")[0] for name in first) == ["gatewright", "gatewright"]
    assert differing(first, second) == []


def test_builds_with_other_bytes_or_files_differ() -> None:
    assert differing({"a": "1", "b": "2"}, {"a": "1", "b": "3", "c": "4"}) == ["b", "c"]


def test_the_changelog_describes_the_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert has_section(changelog, __version__)
    assert has_section(changelog, "Unreleased")
    assert not has_section(changelog, "99.0.0")


def test_the_version_is_in_one_place() -> None:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert pyproject["project"]["dynamic"] == ["version"]
    assert pyproject["tool"]["hatch"]["version"] == {"path": "gatewright/__init__.py"}
