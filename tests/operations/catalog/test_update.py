"""The edits of `catalog update`: facts with their sources, successors in routes and roles, comments kept."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from gatewright.errors import InvalidEnvironmentError, UsageError
from gatewright.operations.catalog.check import check_catalog
from gatewright.operations.catalog.update import CatalogUpdate, plan_update
from gatewright.project import Project
from gatewright.workspace import open_one

from .project import BASE, CATALOG, write_project


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    return write_project(tmp_path, monkeypatch)


def update(project: Project) -> CatalogUpdate:
    return plan_update(project, check_catalog(project, (), offline=True))


def texts(planned: CatalogUpdate) -> dict[str, str]:
    return {edit.path.name: edit.after for edit in planned.edits}


def test_facts_successors_and_references(project: Project) -> None:
    planned = update(project)
    after = texts(planned)
    models = yaml.safe_load(after["catalog.yaml"])["providers"]["groq"]["models"]
    assert {key: str(models["old"][key]) for key in ("retired", "use")} == {"retired": "2026-08-16", "use": "groq/new"}
    assert [source["name"] for source in models["old"]["sources"]] == ["a notice", "a list"]
    assert str(models["soon"]["retires"]) == "2026-12-01"
    assert (models["new"]["id"], models["new"]["cost"]) == ("new-20b", {"input": 1, "output": 2})
    assert models["doubtful"] == {}
    assert models["own"]["cost"] == {"input": 1, "output": 3, "cacheRead": 0.5}
    assert "# the first one" in after["catalog.yaml"]
    assert "  fast: [groq/new, workers-ai/w] # fast\n" in after["base.yaml"]
    assert 'main: {primary: "groq/new", fallbacks: [groq/new, dynamic/fast]}' in after["base.yaml"]
    assert [(each.path, str(each.name)) for each in planned.replaced] == [
        ("routes.fast", "groq/old"),
        ("roles.main.primary", "groq/old"),
        ("roles.main.fallbacks", "groq/soon"),
    ]


def test_written_once_there_is_nothing_more_to_change(project: Project) -> None:
    before = {edit.path: edit.before for edit in update(project).edits}
    assert {path: path.read_text(encoding="utf-8") for path in before} == before, "planning writes nothing"
    for edit in update(project).edits:
        edit.write()
    assert update(project).edits == ()
    models = [str(model.value) for model in open_one(project, "local").routes["fast"].models()]
    assert models == ["groq/new", "workers-ai/w"]


def test_a_successor_that_is_in_the_list_is_left_to_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = CATALOG.replace("own:", "new: {id: new-20b, context: 131072, cost: {input: 1, output: 2}}\n      own:")
    base = BASE.replace("[groq/old, workers-ai/w]", "[groq/old, groq/new]")
    planned = update(write_project(tmp_path, monkeypatch, catalog=catalog, base=base))
    assert [str(each.location) for each in planned.left] == ["stacks/base.yaml:3:10"]
    assert "fast: [groq/old, groq/new]" in texts(planned)["base.yaml"]


def test_models_of_the_shipped_catalog_are_known_already(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = BASE.replace("catalog.yaml", "gatewright:catalog").replace(", workers-ai/w", "")
    project = write_project(tmp_path, monkeypatch, base=base)
    assert check_catalog(project, (), offline=True).changes == ()
    assert "fast: [groq/new] # fast" in texts(update(project))["base.yaml"], "the route still names it"


def test_references_follow_the_retirements_that_the_files_declare(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = "sources: [{name: a, date: 2026-06-17}]"
    models = f"""\
      first: {{retired: 2026-08-01, use: groq/second, {sources}}}
      second: {{retired: 2026-09-01, use: groq/third, {sources}}}
      third: {{retires: 2027-06-01, use: groq/own, {sources}}}
      own:"""
    base = BASE.replace("[groq/old, workers-ai/w]", "[groq/first, groq/third]").replace("groq/old", "groq/second")
    project = write_project(tmp_path, monkeypatch, catalog=CATALOG.replace("      own:", models), base=base)
    planned = update(project)
    assert 'main: {primary: "groq/third"' in texts(planned)["base.yaml"]
    assert [str(each.name) for each in planned.left] == ["groq/first"], "the third is in its list already"


def test_nothing_is_written_where_an_environment_would_become_invalid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = CATALOG.replace("own:", "new: {id: new-20b, retired: 2026-10-01, unverified: true}\n      own:")
    with pytest.raises(InvalidEnvironmentError, match="nothing was written"):
        update(write_project(tmp_path, monkeypatch, catalog=catalog))


def test_a_fact_of_a_file_that_the_project_does_not_extend(project: Project) -> None:
    check = check_catalog(project, (), offline=True)
    (project.stacks / "catalog.yaml").rename(project.stacks / "elsewhere.yaml")
    (project.stacks / "base.yaml").write_text("extends: elsewhere.yaml\n", encoding="utf-8")
    with pytest.raises(UsageError, match="which no file of this project extends"):
        plan_update(project, check)
