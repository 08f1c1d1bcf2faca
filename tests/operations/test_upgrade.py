"""upgrade: what happens to a file that init wrote, by whether the user and the package have changed it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatewright import __version__
from gatewright.errors import FileRefusedError, UsageError
from gatewright.io.requirements_text import digest, pinned_version, with_version
from gatewright.operations.init import Choices, plan_project, write_project
from gatewright.operations.upgrade import State, plan_upgrade, write_upgrade
from gatewright.project import Project
from gatewright.shipped import PROGRAM

OLD_PROGRAM = '"""The program of an earlier version."""\n'


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project that version 0.0.1 wrote, with another program than this version writes."""
    write_project(plan_project(tmp_path, Choices()))
    (tmp_path / "__main__.py").write_text(OLD_PROGRAM, encoding="utf-8")
    pulumi = (tmp_path / "Pulumi.yaml").read_text(encoding="utf-8")
    digests = {"Pulumi.yaml": digest(pulumi), "__main__.py": digest(OLD_PROGRAM)}
    (tmp_path / "requirements.txt").write_text(with_version("", "0.0.1", digests), encoding="utf-8")
    return Project(tmp_path)


def states(project: Project) -> dict[str, State]:
    return {file.name: file.state for file in plan_upgrade(project).files}


def read(project: Project, name: str) -> str:
    return (project.root / name).read_text(encoding="utf-8")


def test_an_unchanged_file_is_replaced_and_the_version_raised(project: Project) -> None:
    assert states(project) == {
        "Pulumi.yaml": State.UNCHANGED,
        "__main__.py": State.UPDATED,
        "requirements.txt": State.UPDATED,
    }
    write_upgrade(plan_upgrade(project))
    assert read(project, "__main__.py") == PROGRAM
    assert pinned_version(read(project, "requirements.txt")) == __version__
    assert not plan_upgrade(project).changes


def test_beside_a_changed_file_the_new_text_is_left_once(project: Project) -> None:
    (project.root / "__main__.py").write_text(OLD_PROGRAM + "# mine\n", encoding="utf-8")
    planned = plan_upgrade(project)
    (file,) = (file for file in planned.files if file.name == "__main__.py")
    assert "-# mine" in file.diff()
    write_upgrade(planned)
    assert read(project, "__main__.py") == OLD_PROGRAM + "# mine\n"
    assert read(project, "__main__.py.new") == PROGRAM
    (project.root / "__main__.py.new").unlink()
    assert states(project)["__main__.py"] is State.KEPT
    assert not plan_upgrade(project).changes


def test_a_changed_file_without_a_newer_text_is_kept(project: Project) -> None:
    path = project.root / "Pulumi.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "author: me\n", encoding="utf-8")
    assert states(project)["Pulumi.yaml"] is State.KEPT


def test_the_name_of_the_project_stays(project: Project) -> None:
    path = project.root / "Pulumi.yaml"
    text = path.read_text(encoding="utf-8").replace(f"name: {project.root.name}", "name: another")
    path.write_text(text, encoding="utf-8")
    assert states(project)["Pulumi.yaml"] is State.UNCHANGED


def test_a_removed_file_stays_removed(project: Project) -> None:
    (project.root / "__main__.py").unlink()
    assert states(project)["__main__.py"] is State.REMOVED


def test_without_digests_a_file_that_differs_is_not_replaced(project: Project) -> None:
    (project.root / "requirements.txt").write_text("gatewright==0.0.1\n", encoding="utf-8")
    assert states(project) == {
        "Pulumi.yaml": State.UNCHANGED,
        "__main__.py": State.BESIDE,
        "requirements.txt": State.UPDATED,
    }


def test_an_interrupted_upgrade_is_finished(project: Project) -> None:
    (project.root / "__main__.py").write_text(PROGRAM, encoding="utf-8")
    assert states(project)["__main__.py"] is State.UNCHANGED
    write_upgrade(plan_upgrade(project))
    assert not plan_upgrade(project).changes


def test_environment_files_and_modes_stay(project: Project) -> None:
    program = project.root / "__main__.py"
    program.chmod(0o755)
    before = {path.name: path.read_bytes() for path in project.stacks.iterdir()}
    write_upgrade(plan_upgrade(project))
    assert {path.name: path.read_bytes() for path in project.stacks.iterdir()} == before
    assert program.stat().st_mode & 0o777 == 0o755


def test_an_older_package_changes_nothing(project: Project) -> None:
    (project.root / "requirements.txt").write_text("gatewright==99.0.0\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"requires gatewright 99\.0\.0, and the installed one is older"):
        plan_upgrade(project)


def test_files_that_cannot_be_read(project: Project) -> None:
    (project.root / "__main__.py").write_bytes(b"\xff")
    with pytest.raises(FileRefusedError, match=r"__main__\.py is not UTF-8"):
        plan_upgrade(project)


def test_the_repository_of_gatewright_is_refused(checkout: Project) -> None:
    with pytest.raises(UsageError, match="the repository of gatewright itself"):
        plan_upgrade(checkout)


def test_workflows_name_the_newer_version(tmp_path: Path) -> None:
    write_project(plan_project(tmp_path, Choices(environment="prod", github=True)))
    project = Project(tmp_path)
    deploy, preview = (f".github/workflows/gatewright-{name}.yml" for name in ("deploy", "preview"))
    digests = {}
    for name in (deploy, preview):
        text = read(project, name).replace(f"@v{__version__}", "@v0.0.1")
        (project.root / name).write_text(text, encoding="utf-8")
        digests[name] = digest(text)
    (project.root / preview).write_text(read(project, preview) + "# mine\n", encoding="utf-8")
    (project.root / "requirements.txt").write_text(with_version("", "0.0.1", digests), encoding="utf-8")
    write_upgrade(plan_upgrade(project))
    assert f"/deploy.yml@v{__version__}" in read(project, deploy)
    assert "/preview.yml@v0.0.1" in read(project, preview)
    assert f"/preview.yml@v{__version__}" in read(project, f"{preview}.new")
    assert not plan_upgrade(project).changes
