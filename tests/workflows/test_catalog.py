"""The weekly pull request: its patch, its branch, one while it is open, and the comment with the preview."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gatewright.cli.pipelines.ci import SCRIPTS

UPDATE = {"replaced": [{"path": "routes.fast", "model": "groq/old", "successor": "groq/new"}]}
PROGRAM = """\
case "$*" in
  "catalog check"*) echo '## gatewright catalog check'; exit ${CHECK:-2} ;;
  "catalog update"*) [[ ${CHECK:-2} == 0 ]] || sed -i s/old/new/ stacks/base.yaml; echo "$UPDATE" ;;
  environments*) echo 'environments=["prod"]' ;;
esac
"""


class Repository:
    """A checkout of a repository that can be pushed to, a fake gatewright and a fake GitHub."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.origin = folder / "checkout", folder / "origin.git"
        self.github = folder / "github.json"
        self.github.write_text(json.dumps({"comments": [], "issues": [], "pulls": [], "calls": []}))
        programs = folder / "bin"
        programs.mkdir()
        gh = f'exec {shlex.join([sys.executable, str(Path(__file__).with_name("gh.py"))])} "$@"'
        for name, script in {"gatewright": PROGRAM, "gh": gh}.items():
            (programs / name).write_text(f"#!/usr/bin/env bash\n{script}\n")
            (programs / name).chmod(0o755)
        self.variables = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "FAKE_GITHUB": str(self.github),
            "GITHUB_OUTPUT": str(folder / "output"),
            "GITHUB_REPOSITORY": "fake/gateways",
            "GITHUB_RUN_ID": "7",
            "GITHUB_SERVER_URL": "https://fake.example",
            "GITHUB_STEP_SUMMARY": str(folder / "summary"),
            "RUNNER_TEMP": str(folder),
            "UPDATE": json.dumps(UPDATE),
        }
        subprocess.run(["git", "init", "-q", "--bare", "-b", "trunk", str(self.origin)], check=True)
        subprocess.run(["git", "clone", "-q", str(self.origin), str(self.folder)], check=True, capture_output=True)
        (self.folder / "stacks").mkdir()
        (self.folder / "stacks" / "base.yaml").write_text("routes: {fast: [groq/old]} # a comment\n")
        self.git("add", "--all")
        self.git("-c", "user.name=x", "-c", "user.email=x@fake.example", "commit", "-qm", "first")
        self.git("push", "-q", "origin", "HEAD:trunk")

    def git(self, *arguments: str) -> str:
        command = ["git", *arguments]
        return subprocess.run(command, cwd=self.folder, check=True, capture_output=True, text=True).stdout

    def run(self, step: str, **extra: str) -> int:
        process = subprocess.run(
            ["bash", str(SCRIPTS / f"{step}.sh")],
            cwd=self.folder,
            env={**self.variables, **extra},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return process.returncode

    def outputs(self) -> dict[str, str]:
        lines = Path(self.variables["GITHUB_OUTPUT"]).read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    def pull_request(self) -> list[dict[str, Any]]:
        """Run the last job, in a new checkout with the artifacts of the others."""
        self.git("checkout", "-q", "--detach", "origin/trunk")
        self.git("checkout", "-q", "--", ".")
        assert self.run("pull-request", ENVIRONMENTS='["prod"]', BASE="trunk", GH_TOKEN="fake-token") == 0
        pulls: list[dict[str, Any]] = json.loads(self.github.read_text())["pulls"]
        return pulls


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def test_a_change_becomes_one_pull_request_that_is_updated(repository: Repository) -> None:
    assert repository.run("catalog") == 0
    assert repository.outputs() == {"changes": "true", "environments": '["prod"]'}
    repository.git("checkout", "-q", "--", ".")
    (repository.folder / "sections").mkdir()
    (repository.folder / "sections" / "prod.md").write_text("<!-- gatewright:preview -->\n## x\n\n### prod\n")
    for _ in range(2):
        (pull,) = repository.pull_request()
    assert (pull["head"], pull["base"], pull["state"]) == ("gatewright-catalog", "trunk", "open")
    assert "- `routes.fast`: `groq/old` → `groq/new`" in pull["body"]
    assert repository.git("show", "origin/gatewright-catalog:stacks/base.yaml").endswith("[groq/new]} # a comment\n")
    assert repository.git("log", "--format=%s", "origin/trunk..origin/gatewright-catalog").splitlines() == [
        "Update the catalog of models"
    ]
    (comment,) = json.loads(repository.github.read_text())["comments"]
    assert "### prod" in comment["body"]


def test_without_a_change_there_is_no_pull_request(repository: Repository) -> None:
    assert repository.run("catalog", CHECK="0", UPDATE='{"replaced": []}') == 0
    assert repository.outputs()["changes"] == "false"


def test_a_failed_check_fails_the_job(repository: Repository) -> None:
    assert repository.run("catalog", CHECK="1") == 1
