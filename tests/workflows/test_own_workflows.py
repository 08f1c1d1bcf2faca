"""The workflows that test and publish this repository, which no other repository uses."""

from __future__ import annotations

import os
import re
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest
from integration.faults.lab import OPERATIONS
from test_make import TARGETS

from gatewright import __version__

from .test_rules import ACTIONS
from .workflow import FOLDER, jobs, read, triggers

NAMES = ("ci", "release", "report", "site")
PUBLISHING = {
    "actions/setup-python@5fda3b95a4ea91299a34e894583c3862153e4b97": "v7.0.0",
    "actions/attest-build-provenance@a2bbfa25375fe432b6a289bc6b6cd05ecd0c4c32": "v4.1.0",
    "actions/upload-pages-artifact@fc324d3547104276b827a68afc52ff2a11cc49c9": "v5.0.0",
    "actions/deploy-pages@cd2ce8fcbc39b97be8ca5fce6e763baed58fa128": "v5.0.0",
}
WRITES = {
    ("site", "publish"): {"pages": "write", "id-token": "write"},
    ("release", "attest"): {"contents": "read", "id-token": "write", "attestations": "write"},
    ("release", "publish"): {"contents": "read", "id-token": "write"},
    ("release", "notes"): {"contents": "write"},
}
MINUTES = {("ci", "nightly"): 240, ("ci", "faults"): 240}
"""The timeouts of more than 90 minutes."""
JOBS = [(name, job) for name in NAMES for job in jobs(name)]


def runs(name: str, job: str) -> list[str]:
    """The scripts of a job's steps."""
    return [step["run"].strip() for step in jobs(name)[job]["steps"] if "run" in step]


@pytest.mark.parametrize("name", NAMES)
def test_actions_are_pinned_and_permissions_minimal(name: str) -> None:
    text = (FOLDER / f"{name}.yml").read_text()
    used = re.findall(r"uses: (\S+) # (\S+)$", text, re.MULTILINE)
    assert len(used) == text.count("uses:")
    assert {action: version for action, version in used if (ACTIONS | PUBLISHING).get(action) != version} == {}
    assert read(name)["permissions"] == {}
    assert "secrets." not in text


@pytest.mark.parametrize(("name", "job"), JOBS)
def test_a_job_has_a_timeout_and_only_the_permissions_it_needs(name: str, job: str) -> None:
    content = jobs(name)[job]
    assert 0 < content["timeout-minutes"] <= MINUTES.get((name, job), 90)
    assert content["permissions"] == WRITES.get((name, job), {"contents": "read"})
    assert [step["run"] for step in content["steps"] if "${{" in step.get("run", "")] == []
    checkouts = [step for step in content["steps"] if step.get("uses", "").startswith("actions/checkout@")]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_the_fast_tests_run_on_linux_and_macos_with_the_oldest_and_the_newest_python() -> None:
    job = jobs("ci")["test"]
    systems = {"system": ["ubuntu-24.04", "macos-15"]}
    assert job["strategy"]["matrix"] == {**systems, "python": ["3.11", "3.14"]}
    assert runs("ci", "test") == ["make lint", "make test"]
    for name in ("official", "newest"):
        assert jobs("ci")[name]["strategy"]["matrix"] == systems
        assert runs("ci", name)[-1] == "make test test-long"
        assert jobs("ci")[name]["steps"][-1]["env"]["GATEWRIGHT_OFFICIAL"].endswith("/tests/official")


def test_the_other_targets_run_at_night_and_the_newest_versions_every_week() -> None:
    nightly, weekly = (entry["cron"] for entry in triggers("ci")["schedule"])
    job = jobs("ci")["nightly"]
    assert job["if"] == f"github.event.schedule == '{nightly}'"
    assert set(job["strategy"]["matrix"]["target"]) == {*TARGETS} - {"test"}
    faults = jobs("ci")["faults"]
    assert faults["if"] == job["if"]
    assert faults["strategy"]["matrix"]["operation"] == [*OPERATIONS]
    assert runs("ci", "faults") == ["make test-faults WORKERS=2"]
    assert jobs("ci")["newest"]["if"] == f"github.event.schedule == '{weekly}'"
    assert runs("ci", "newest")[0] == "make lock UPGRADE=--upgrade"


@pytest.mark.parametrize(("name", "job"), JOBS)
def test_every_target_of_make_exists(name: str, job: str) -> None:
    phony = re.findall(r"^\.PHONY: (.+)$", (FOLDER.parents[1] / "Makefile").read_text(), re.MULTILINE)[0].split()
    words = [word for run in runs(name, job) if run.startswith("make ") for word in run.split()[1:]]
    targets = {word for word in words if "=" not in word and "$" not in word}
    assert targets <= {*phony}


def test_a_release_is_proven_before_it_is_attested_and_published() -> None:
    release = jobs("release")
    order = [(name, job.get("needs")) for name, job in release.items()]
    assert order == [("build", None), ("attest", "build"), ("publish", "attest"), ("notes", "publish")]
    assert runs("release", "build")[1:5] == ["make lint", "make audit", "make release-check", "make sbom"]
    assert triggers("release") == {"push": {"tags": ["v*"]}}
    assert release["publish"]["environment"] == "release"
    assert "--require-hashes" in runs("release", "publish")[0]
    assert "uv publish --trusted-publishing always dist/*.whl dist/*.tar.gz" in runs("release", "publish")[1]


@pytest.mark.parametrize(("tag", "code"), [(f"v{__version__}", 0), ("v99.0.0", 1), (__version__, 1)])
def test_a_tag_that_is_not_the_version_stops_the_release(tag: str, code: int) -> None:
    command = ["bash", "-euo", "pipefail", "-c", runs("release", "build")[0]]
    variables = {**os.environ, "GITHUB_REF_NAME": tag}
    assert subprocess.run(command, cwd=FOLDER.parents[1], env=variables, check=False).returncode == code


def test_the_newest_engine_is_checked_and_put_on_path(tmp_path: Path) -> None:
    """With a `gh` that downloads a fake archive; another digest stops the step."""
    (download,) = (step["run"] for step in jobs("ci")["newest"]["steps"] if step.get("name") == "Newest Pulumi")
    for broken in (False, True):
        temporary = tmp_path / f"broken-{broken}"
        programs = temporary / "bin"
        programs.mkdir(parents=True)
        for program, text in {
            "gh": f"""mkdir pulumi && echo engine > pulumi/pulumi
                archive=pulumi-v9.9.9-linux-x64.tar.gz
                tar -czf $archive pulumi && shasum --algorithm 256 $archive > pulumi-9.9.9-checksums.txt
                {"echo more >> $archive" if broken else ":"}""",
            "uname": "echo Linux x86_64",
        }.items():
            (programs / program).write_text(f"#!/bin/sh\nset -e\n{text}\n")
            (programs / program).chmod(0o755)
        variables = {
            **os.environ,
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "RUNNER_TEMP": str(temporary),
            "GITHUB_PATH": str(temporary / "path"),
        }
        command = ["bash", "-euo", "pipefail", "-c", download]
        result = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
        assert (result.returncode != 0) is broken, result.stderr
        assert (temporary / "path").exists() is not broken


@pytest.mark.parametrize("part", ["host", "plugin"])
def test_the_official_programs_are_put_in_place(tmp_path: Path, part: str) -> None:
    """With a fake engine on PATH."""
    engine, place = tmp_path / "engine", tmp_path / "place"
    engine.mkdir()
    place.mkdir()
    for name in ("pulumi", "pulumi-language-python", "pulumi-language-python-exec"):
        (engine / name).write_text('#!/bin/sh\necho "$PULUMI_HOME: $*" > "$PULUMI_HOME/called"\n')
        (engine / name).chmod(0o755)
    variables = {**os.environ, "PATH": f"{engine}{os.pathsep}{os.environ['PATH']}"}
    script = FOLDER.parents[1] / "tests/official/install.sh"
    subprocess.run([script, part, place], env=variables, check=True, timeout=60)
    if part == "host":
        assert sorted(path.name for path in place.iterdir()) == [
            "pulumi-language-python", "pulumi-language-python-exec",
        ]  # fmt: skip
    else:
        called = (place / "called").read_text()
        assert called == f"{place}: plugin install resource cloudflare {version('pulumi-cloudflare')}\n"


def test_the_site_is_built_for_a_pull_request_and_published_with_a_release() -> None:
    assert jobs("ci")["site"]["steps"][-1]["run"] == "make site"
    assert '\non:\n  push:\n    tags: ["v*"]\n' in (FOLDER / "site.yml").read_text()
    assert jobs("site")["build"]["steps"][-1]["with"]["path"] == ".gatewright/site/html"


def test_the_report_is_kept_as_an_artifact() -> None:
    steps = jobs("report")["report"]["steps"]
    assert steps[-2]["run"].endswith(f"--out {steps[-1]['with']['path']}")
    assert not steps[-1]["with"]["path"].startswith(".")  # hidden files are not uploaded
