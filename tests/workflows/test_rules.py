"""What holds for every workflow, read from the files."""

from __future__ import annotations

import re
from typing import Any

import pytest

from gatewright.cloudflare.mapping.stored_keys import provider_keys
from gatewright.environment.references import FromVariable
from gatewright.workspace import select

from .workflow import CHECKOUT, FILES, Job, jobs, read

NAMES = [file.stem for file in FILES]
APPROVAL = ("deploy", "approve-prod")
"""The one job that does nothing: it waits for people, without the repository and without a secret."""
JOBS = [(name, job) for name in NAMES for job in jobs(name) if (name, job) != APPROVAL]
SCRIPTS = sorted((CHECKOUT.root / ".github" / "scripts").glob("*.sh"))
ACTIONS = {  # commit: what its tag in the action's own repository points to
    "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1": "v7.0.1",
    "actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f": "v7.0.0",
    "actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c": "v8.0.1",
}
WRITES = {  # the only permissions beyond reading the repository
    "preview": {"preview": {"id-token"}, "comment": {"pull-requests"}},
    "deploy": {job: {"id-token"} for job in ("dev", "staging", "plan-prod", "prod")},
    "drift": {"drift": {"id-token"}, "issue": {"issues"}},
    "rotate": {"rotate": {"id-token"}},
}


def test_there_are_four_workflows() -> None:
    assert NAMES == ["deploy", "drift", "preview", "rotate"]


@pytest.mark.parametrize("name", NAMES)
def test_actions_are_pinned(name: str) -> None:
    text = next(file for file in FILES if file.stem == name).read_text()
    used = re.findall(r"uses: (\S+) # (\S+)$", text, re.MULTILINE)
    assert len(used) == text.count("uses:")
    assert {action: version for action, version in used if ACTIONS.get(action) != version} == {}


@pytest.mark.parametrize("name", NAMES)
def test_permissions_are_minimal(name: str) -> None:
    assert read(name)["permissions"] == {}
    for called, job in jobs(name).items():
        if (name, called) == APPROVAL:
            assert job["permissions"] == {}
            continue
        writes = dict.fromkeys(WRITES[name].get(called, set()), "write")
        assert job["permissions"] == {"contents": "read", **writes}, called


@pytest.mark.parametrize(("name", "job"), JOBS)
def test_every_job_has_a_timeout_and_a_pinned_runner(name: str, job: str) -> None:
    found = jobs(name)[job]
    assert 0 < found["timeout-minutes"] <= 30
    assert found["runs-on"] == "ubuntu-24.04"
    assert read(name)["defaults"]["run"]["shell"] == "bash -euo pipefail {0}"
    assert not [step for step in found["steps"] if "continue-on-error" in step or "shell" in step]


@pytest.mark.parametrize(("name", "job"), JOBS)
def test_scripts_contain_no_input_from_outside(name: str, job: str) -> None:
    """Values reach a script by its variables alone: a branch called `$(id)` is a text."""
    steps = jobs(name)[job]["steps"]
    assert [step["run"] for step in steps if "${{" in step.get("run", "")] == []
    from_outside = re.compile(r"head_ref|\.title|\.body|\.head\.(ref|label)|\.message|github\.actor|toJSON\(secrets")
    assert not from_outside.search(str(jobs(name)[job]))


@pytest.mark.parametrize(("name", "job"), JOBS)
def test_a_job_with_secrets_has_an_environment_and_no_write_permission(name: str, job: str) -> None:
    found = jobs(name)[job]
    secret = [step for step in found["steps"] if "secrets." in str(step)]
    assert bool(secret) == ("environment" in found)
    assert "secrets." not in str({**found, "steps": []})  # a secret is seen by the step that needs it alone
    assert "secrets." not in str(read(name).get("env"))
    if secret:
        assert not {"pull-requests", "issues"} & set(found["permissions"])


@pytest.mark.parametrize(("name", "job"), JOBS)
def test_the_checkout_keeps_no_credentials(name: str, job: str) -> None:
    found = [step["with"] for step in jobs(name)[job]["steps"] if step.get("uses", "").startswith("actions/checkout@")]
    assert [each["persist-credentials"] for each in found] == [False]


def test_a_pull_request_gets_no_secrets_of_other_events() -> None:
    assert "\non: pull_request\n" in next(file for file in FILES if file.stem == "preview").read_text()
    for name in ("preview", "comment"):
        condition = jobs("preview")[name]["if"]
        assert "github.event.pull_request.head.repo.full_name == github.repository" in condition
        assert "vars.PULUMI_BACKEND_URL != ''" in condition
    assert "secrets." not in str(jobs("preview")["validate"])


def test_a_preview_has_no_provider_keys() -> None:
    for workflow, job in (("preview", "preview"), ("drift", "drift"), ("rotate", "rotate")):
        assert set(jobs(workflow)[job]["steps"][-1 if workflow == "rotate" else -2]["env"]).isdisjoint(_keys())


def test_a_deployment_has_every_key_and_account_of_the_environments() -> None:
    for name in ("dev", "staging", "prod"):
        step = jobs("deploy")[name]["steps"][-1]
        assert {key: f"${{{{ secrets.{key} }}}}" for key in _keys()}.items() <= step["env"].items()
    for name in NAMES:
        given = read(name)["env"]
        assert {key: f"${{{{ vars.{key} }}}}" for key in _accounts()} == given


def test_prod_is_last_and_needs_an_approval_of_its_plan() -> None:
    found = jobs("deploy")
    assert [found[name]["needs"] for name in ("dev", "staging", "plan-prod", "approve-prod", "prod")] == [
        "validate",
        "dev",
        "staging",
        "plan-prod",
        "approve-prod",
    ]
    assert [name for name, job in found.items() if job.get("environment") == "prod"] == ["approve-prod"]
    assert "secrets." not in str(found["approve-prod"])
    assert found["prod"]["steps"][-1]["run"] == "exec .github/scripts/deploy.sh prod plan.json"
    assert _artifact(found["prod"], "download") == _artifact(found["plan-prod"], "upload")


def test_one_job_at_a_time_deploys_an_environment_and_none_holds_the_lock_for_approval() -> None:
    assert "concurrency" not in read("deploy")
    assert "concurrency" not in jobs("deploy")["approve-prod"]
    for name in ("dev", "staging", "prod"):
        assert jobs("deploy")[name]["concurrency"] == {"group": f"deploy-{name}", "cancel-in-progress": False}
    rotating = {"group": "deploy-${{ matrix.environment }}", "cancel-in-progress": False}
    assert jobs("rotate")["rotate"]["concurrency"] == rotating
    assert read("drift")["concurrency"]["cancel-in-progress"] is False


@pytest.mark.parametrize(("name", "job"), JOBS)
def test_commands_that_change_an_account_receive_signals(name: str, job: str) -> None:
    """A runner signals the step's shell alone: what is to end in order takes its place."""
    runs = [step["run"] for step in jobs(name)[job]["steps"] if "run" in step]
    starts = re.compile(r"^(exec )?\.github/scripts/(deploy\.sh|gatewright\.sh up)", re.MULTILINE)
    assert all(found[1] for run in runs for found in starts.finditer(run))


@pytest.mark.parametrize(("workflow", "job"), [("preview", "preview"), ("drift", "drift"), ("rotate", "rotate")])
def test_an_empty_list_of_environments_is_not_a_failure(workflow: str, job: str) -> None:
    assert "outputs.environments != '[]'" in jobs(workflow)[job]["if"]


def test_an_invalid_environment_does_not_block_other_previews() -> None:
    assert jobs("preview")["preview"]["if"].startswith("!cancelled() && ")


def test_scheduled_jobs_need_no_reviewer() -> None:
    for workflow, job in (("drift", "drift"), ("rotate", "rotate")):
        assert jobs(workflow)[job]["environment"] == "${{ matrix.environment }}-unattended"
    assert jobs("preview")["preview"]["environment"] == "${{ matrix.environment }}-preview"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda each: each.stem)
def test_scripts_stop_at_the_first_failure(script: Any) -> None:
    text = script.read_text()
    assert text.startswith("#!/usr/bin/env bash\n# ")
    assert "\nset -euo pipefail\n" in text
    assert script.stat().st_mode & 0o111 == 0o111


def _artifact(job: Job, which: str) -> str:
    (found,) = (each["with"]["name"] for each in job["steps"] if f"{which}-artifact" in each.get("uses", ""))
    return str(found)


def _keys() -> set[str]:
    """The variables of all providers' keys."""
    found = (each.environment for each in select(CHECKOUT, ["dev", "staging", "prod"]))
    everything = [key.reference for each in found if each for key in provider_keys(each)]
    named = {each.name for each in everything if isinstance(each, FromVariable)}
    assert "GROQ_API_KEY" in named
    return named


def _accounts() -> set[str]:
    found = (each.environment for each in select(CHECKOUT, ["dev", "staging", "prod"]))
    return {each.account_variable for each in found if each and each.account_variable}
