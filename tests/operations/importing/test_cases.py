"""Every folder in projects/ is a case of init --from, every folder in existing/ one of import-client."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gatewright.cli.environment_files.import_report import report_lines
from gatewright.clients import CAPABILITIES
from gatewright.environment.files import Files
from gatewright.environment.load import load
from gatewright.operations.importing.existing_file import plan_import
from gatewright.operations.importing.new_project import plan_imported_project
from gatewright.operations.init import write_project
from gatewright.operations.render import render
from gatewright.project import Project

from .case_files import EXISTING, PROJECTS, compare, own_file

pytestmark = pytest.mark.usefixtures("small_catalog")


def rendered(project: Project, name: str) -> bool:
    loaded = load(Files(project.stacks, "stacks"), name, CAPABILITIES, {})
    return bool(render(project, loaded, None, check=False).files)


@pytest.mark.parametrize("case", sorted(path.name for path in PROJECTS.iterdir()))
def test_init_from(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, update_cases: bool) -> None:
    folder = PROJECTS / case
    monkeypatch.chdir(folder)
    planned = plan_imported_project(tmp_path, Path(own_file(folder)), None)
    report = "".join(f"{line}\n" for line in report_lines(planned.draft))
    compare(planned.project.files["stacks/base.yaml"], folder / "base.yaml", update=update_cases)
    compare(report, folder / "report.txt", update=update_cases)
    assert "FAKE" not in report + "".join(planned.project.files.values())
    write_project(planned.project)
    assert rendered(Project(tmp_path), "local")


@pytest.mark.parametrize("case", sorted(path.name for path in EXISTING.iterdir()))
def test_import_client(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, update_cases: bool) -> None:
    folder = EXISTING / case
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PROD_ACCOUNT", "fa4eacc0" * 4)
    shutil.copytree(folder / "stacks", tmp_path / "stacks")
    project = Project(tmp_path)
    name = "prod" if (project.stacks / "prod.yaml").exists() else "shared"
    planned = plan_import(project, name, Path(own_file(folder)))
    report = "".join(f"{line}\n" for line in report_lines(planned.draft, planned.conflicts))
    compare(planned.edit.after, folder / "changed.yaml", update=update_cases)
    compare(report, folder / "report.txt", update=update_cases)
    assert "FAKE" not in report + planned.edit.after
    planned.edit.write()
    assert rendered(project, "prod" if name == "prod" else "dev")
    assert not plan_import(project, name, Path(own_file(folder))).is_changed
