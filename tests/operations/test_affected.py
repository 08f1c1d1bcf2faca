"""Which environments a change touches, in a repository of its own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from gatewright.cli import run
from gatewright.errors import ExitCode
from gatewright.operations.affected import CODE, Affected, affected_environments
from gatewright.operations.init import Choices, plan_project, write_project
from gatewright.project import Project

FILES = {
    "Pulumi.yaml": "name: gatewright\n",
    "README.md": "What it is.\n",
    "components/gatewright_components/gateway.py": "",
    "stacks/catalog.yaml": "providers: {}\n",
    "stacks/base.yaml": "extends: catalog.yaml\n",
    "stacks/dev.yaml": "extends: base.yaml\naccount: {env: DEV}\n",
    "stacks/prod.yaml": "extends: [base.yaml]\naccount: {env: PROD}\n",
    "stacks/alone.yaml": "account: {env: ALONE}\n",
    "stacks/local.yaml": "extends: base.yaml\nlocal: true\n",
}
ALL = ["alone", "dev", "local", "prod"]


def git(folder: Path, *arguments: str) -> str:
    own = ["-c", "user.name=Nobody", "-c", "user.email=nobody@fake.example", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *own, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(project: Project) -> None:
    git(project.root, "add", "--all")
    git(project.root, "commit", "--quiet", "--message", "a change", "--allow-empty")


def write(project: Project, name: str, text: str) -> None:
    path = project.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project in a folder of its repository, whose main branch holds `FILES`; a branch is checked out."""
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    project = Project(tmp_path / "a repository" / "of gateways")
    for name, text in FILES.items():
        write(project, name, text)
    git(project.root.parent, "init", "--quiet", "--initial-branch", "main")
    commit(project)
    git(project.root, "checkout", "--quiet", "-b", "`branch`-@everyone")
    return project


@pytest.mark.parametrize(
    ("file", "names"),
    [
        ("stacks/catalog.yaml", ["dev", "local", "prod"]),
        ("stacks/dev.yaml", ["dev"]),
        ("stacks/alone.yaml", ["alone"]),
        ("stacks/Pulumi.prod.yaml", ["prod"]),
        ("stacks/prod.import.json", ["prod"]),
        ("stacks/of-nobody.yaml", []),
        ("README.md", []),
        ("docs/stacks/dev.yaml", []),
        ("components/gatewright_components/gateway.py", ALL),
        ("requirements.lock", ALL),
        ("policies.yaml", ALL),
    ],
)
def test_what_a_file_touches(project: Project, file: str, names: list[str]) -> None:
    write(project, file, FILES.get(file, "") + "# a change\n")
    uncommitted = file in FILES or file.startswith("stacks/")
    assert list(affected_environments(project, "main").environments) == (names if uncommitted else [])
    commit(project)
    assert affected_environments(project, "main") == Affected(dict.fromkeys(names, (file,)))


def test_what_the_other_branch_did_since_is_no_change_of_this_one(project: Project) -> None:
    git(project.root, "checkout", "--quiet", "main")
    write(project, "stacks/prod.yaml", "account: {env: OTHER}\n")
    commit(project)
    git(project.root, "checkout", "--quiet", "-")
    write(project, "stacks/dev.yaml", "account: {env: OTHER}\n")
    commit(project)
    assert affected_environments(project, "main") == Affected({"dev": ("stacks/dev.yaml",)})
    git(project.root, "checkout", "--quiet", "-b", "merged", "main")
    git(project.root, "merge", "--quiet", "--no-ff", "-")
    assert affected_environments(project, "HEAD^1") == Affected({"dev": ("stacks/dev.yaml",)})


def test_removed_environments(project: Project) -> None:
    git(project.root, "mv", "stacks/prod.yaml", "stacks/production.yaml")
    git(project.root, "rm", "--quiet", "stacks/catalog.yaml")
    write(project, "stacks/base.yaml", "")
    write(project, "stacks/alone.yaml", "extends: base.yaml\n")
    commit(project)
    found = affected_environments(project, "main")
    assert list(found.environments) == ["dev", "local", "production"]
    assert found.removed == ("alone", "prod")


def test_broken_files_count_and_circles_end(project: Project) -> None:
    write(project, "stacks/base.yaml", "extends: dev.yaml\n")
    write(project, "stacks/prod.yaml", "{{\n")
    commit(project)
    assert list(affected_environments(project, "main").environments) == ["dev", "local", "prod"]


def test_names_that_are_none_are_left_to_validate(project: Project) -> None:
    write(project, 'stacks/`$(id)`"@all.yaml', "account: {env: X}\n")
    write(project, "stacks/two\nlines.yaml", "account: {env: X}\n")
    commit(project)
    assert affected_environments(project, "main") == Affected({})


def test_those_with_an_account(project: Project) -> None:
    write(project, "components/gatewright_components/gateway.py", "# a change\n")
    assert list(affected_environments(project, "main", with_account=True).environments) == ["alone", "dev", "prod"]


def test_the_code_is_what_there_is(checkout: Project, tmp_path: Path) -> None:
    """Either here or in a project that init creates."""
    write_project(plan_project(tmp_path, Choices()))
    places = (checkout.root, tmp_path)
    assert [name for name in CODE if not any((place / name).exists() for place in places)] == []


@pytest.fixture
def call(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    monkeypatch.chdir(project.root)

    def called(*arguments: str) -> tuple[int, str, str]:
        code = run(["environments", *arguments])
        return code, *capsys.readouterr()

    return called


def test_the_command(project: Project, call: Callable[..., tuple[int, str, str]]) -> None:
    assert call()[1].split() == ALL
    assert call("--format", "github", "--with-account")[1] == 'environments=["alone", "dev", "prod"]\ngone=[]\n'
    assert call("--since", "main") == (ExitCode.DONE, "none\n", "")
    git(project.root, "rm", "--quiet", "stacks/prod.yaml")
    write(project, "stacks/dev.yaml", "account: {env: OTHER}\n")
    commit(project)
    _, said, _ = call("--since", "main")
    assert said.splitlines()[0].split() == ["dev", "stacks/dev.yaml"]
    assert "restore the file, then: gatewright retire prod" in said
    found = json.loads(call("--since", "main", "--format", "json")[1])
    assert found == {"environments": {"dev": ["stacks/dev.yaml"]}, "gone": ["prod"]}
    assert call("--since", "main", "--format", "github")[1] == 'environments=["dev"]\ngone=["prod"]\n'


@pytest.mark.parametrize("ref", ["no-such-branch", "--output=stolen"])
def test_a_reference_that_is_none(project: Project, call: Callable[..., tuple[int, str, str]], ref: str) -> None:
    code, out, err = call(f"--since={ref}")
    assert (code, out) == (ExitCode.USAGE, "")
    assert "has no common ancestor with the current commit" in err
    assert "git fetch" in err
    assert not (project.root / "stolen").exists()
