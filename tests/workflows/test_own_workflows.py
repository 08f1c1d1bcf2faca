"""The workflows that test and publish this repository, which no other repository uses."""

from __future__ import annotations

import re

import pytest
from test_make import TARGETS

from .test_rules import ACTIONS
from .workflow import FOLDER, jobs, read

NAMES = ("ci", "report", "site")
PAGES = {
    "actions/upload-pages-artifact@fc324d3547104276b827a68afc52ff2a11cc49c9": "v5.0.0",
    "actions/deploy-pages@cd2ce8fcbc39b97be8ca5fce6e763baed58fa128": "v5.0.0",
}
JOBS = [(name, job) for name in NAMES for job in jobs(name)]


@pytest.mark.parametrize("name", NAMES)
def test_actions_are_pinned_and_permissions_minimal(name: str) -> None:
    text = (FOLDER / f"{name}.yml").read_text()
    used = re.findall(r"uses: (\S+) # (\S+)$", text, re.MULTILINE)
    assert len(used) == text.count("uses:")
    assert {action: version for action, version in used if (ACTIONS | PAGES).get(action) != version} == {}
    assert read(name)["permissions"] == {}
    assert "secrets." not in text


@pytest.mark.parametrize(("name", "job"), JOBS)
def test_a_job_has_a_timeout_and_only_the_permissions_it_needs(name: str, job: str) -> None:
    content = jobs(name)[job]
    assert 0 < content["timeout-minutes"] <= (90 if job == "nightly" else 30)
    publishing = {"pages": "write", "id-token": "write"}
    assert content["permissions"] == (publishing if job == "publish" else {"contents": "read"})
    assert [step["run"] for step in content["steps"] if "${{" in step.get("run", "")] == []
    checkouts = [step for step in content["steps"] if step.get("uses", "").startswith("actions/checkout@")]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_the_fast_tests_run_on_linux_and_on_macos() -> None:
    job = jobs("ci")["test"]
    assert job["strategy"]["matrix"]["system"] == ["ubuntu-24.04", "macos-15"]
    assert [step["run"] for step in job["steps"] if "run" in step] == ["make lint", "make test"]


def test_the_other_targets_run_at_night() -> None:
    job = jobs("ci")["nightly"]
    assert job["if"] == "github.event_name == 'schedule'"
    assert set(job["strategy"]["matrix"]["target"]) == {*TARGETS} - {"test"}


def test_the_site_is_built_for_a_pull_request_and_published_with_a_release() -> None:
    assert jobs("ci")["site"]["steps"][-1]["run"] == "make site"
    assert '\non:\n  push:\n    tags: ["v*"]\n' in (FOLDER / "site.yml").read_text()
    assert jobs("site")["build"]["steps"][-1]["with"]["path"] == ".gatewright/site/html"


def test_the_report_is_kept_as_an_artifact() -> None:
    steps = jobs("report")["report"]["steps"]
    assert steps[-2]["run"].endswith(f"--out {steps[-1]['with']['path']}")
    assert not steps[-1]["with"]["path"].startswith(".")  # hidden files are not uploaded
