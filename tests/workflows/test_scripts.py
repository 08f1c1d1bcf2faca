"""The scripts between a job and gatewright, run with a gatewright that says what each case needs."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from .workflow import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

LIVE = "<img src=x> @everyone [x](http://fake.example) "


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """With the scripts; what its gatewright does is written by each test."""
    shutil.copytree(CHECKOUT.root / ".github" / "scripts", tmp_path / ".github" / "scripts")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    return tmp_path


def variables(repository: Path, **given: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "GITHUB_REPOSITORY": "fake/gateways",
        "GITHUB_RUN_ID": "7",
        "GITHUB_SERVER_URL": "https://fake.example",
        "GITHUB_STEP_SUMMARY": str(repository / "summary"),
        "PULUMI_BACKEND_URL": "file:///fake",
        "RUNNER_TEMP": str(repository),
        **given,
    }


def gatewright(repository: Path, script: str) -> None:
    program = repository / ".venv" / "bin" / "gatewright"
    program.write_text(f"#!/usr/bin/env bash\n{script}\n")
    program.chmod(0o755)


def run(repository: Path, name: str, *arguments: str, **given: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", f".github/scripts/{name}", *arguments],
        cwd=repository,
        env=variables(repository, **given),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("jobs", ["1", "50", "100"])
def test_what_a_failed_command_says_stays_text(repository: Path, jobs: str) -> None:
    gatewright(repository, f"for each in $(seq 80); do printf '%s' {LIVE * 9!r} >&2; echo >&2; done; exit 3")
    assert run(repository, "section.sh", "preview", ENVIRONMENT="dev", JOBS=jobs).returncode == 3
    heading, _, *lines = (repository / "sections" / "dev.md").read_text().splitlines()
    assert heading == "### dev: preview failed (exit code 3)"
    assert lines
    assert [line for line in lines if not line.startswith("    ")] == []


def test_a_section_of_many_still_has_a_limit_that_is_taken(repository: Path) -> None:
    gatewright(repository, 'echo "$@"; exit 2')
    assert run(repository, "section.sh", "preview", ENVIRONMENT="dev", JOBS="400").returncode == 0
    assert "--limit 1000" in (repository / "sections" / "dev.md").read_text()


@pytest.mark.parametrize(("count", "length", "whole"), [(40, 1_000, True), (90, 1_000, False), (3, 50_000, False)])
def test_many_sections_fit_one_document(repository: Path, count: int, length: int, whole: bool) -> None:
    (repository / "sections").mkdir()
    names = [f"env-{number}" for number in range(count)]
    for name in names:
        (repository / "sections" / f"{name}.md").write_text(f"### {name}\n\n{'x' * length}\n")
    done = run(repository, "document.sh", "drift", ENVIRONMENTS=json.dumps(names))
    assert done.returncode == 0, done.stderr
    assert len(done.stdout) < 65_536
    shown = [name for name in names if f"### {name}\n" in done.stdout]
    left = [name for name in names if name not in shown]
    assert (not left) == whole
    assert whole or f"left out: {' '.join(left)}." in done.stdout


def test_a_deployment_that_is_cancelled_ends_its_up_and_goes_no_further(repository: Path) -> None:
    """As a runner does it: the signal goes to the step's process alone."""
    gatewright(
        repository,
        """echo "$1" >> called
        [[ $1 == up ]] || exit 0
        trap 'kill $!; sleep 0.5; echo ended >> called; exit 130' TERM
        sleep 30 & wait""",
    )
    command = ["bash", "-c", "exec .github/scripts/deploy.sh dev"]
    with subprocess.Popen(command, cwd=repository, env=variables(repository), start_new_session=True) as process:
        called = repository / "called"
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and not (called.exists() and "up" in called.read_text().split()):
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
    assert called.read_text().split() == ["routes", "up", "ended"]
