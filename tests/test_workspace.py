"""Opening the environments of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatewright.environment import reader
from gatewright.errors import UsageError
from gatewright.project import Project
from gatewright.workspace import select

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "stacks").mkdir()
    for name in ("dev", "prod", "test"):
        (tmp_path / "stacks" / f"{name}.yaml").write_text("local: true\nextends: base.yaml\n")
    (tmp_path / "stacks" / "base.yaml").write_text("protect: false\n")
    return Project(tmp_path)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are read, in their order."""
    names: list[str] = []

    def read_file(path: Path, *arguments: object) -> object:
        names.append(path.name)
        return reader.read_file(path, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("gatewright.environment.files.read_file", read_file)
    return names


def test_a_named_environment_does_not_need_the_files_of_others(project: Project, read: list[str]) -> None:
    (loaded,) = select(project, ["prod"])
    assert loaded.name == "prod"
    assert read == ["prod.yaml", "base.yaml"]


def test_all_environments_read_each_file_once(project: Project, read: list[str]) -> None:
    assert [loaded.name for loaded in select(project, [])] == ["dev", "prod", "test"]
    assert sorted(read) == ["base.yaml", "dev.yaml", "prod.yaml", "test.yaml"]


def test_an_unknown_environment_is_compared_with_those_that_exist(project: Project) -> None:
    with pytest.raises(UsageError, match="environment prd does not exist") as caught:
        select(project, ["prd"])
    assert caught.value.hint == "Did you mean prod?"
