"""Rules for every workflow, checked on the files."""

from __future__ import annotations

import re
from typing import Any

import pytest

from gatewright.cloudflare.mapping.stored_keys import provider_keys
from gatewright.environment.references import FromVariable
from gatewright.environment.resolved import Environment
from gatewright.workspace import select

from .workflow import CHECKOUT, FILES, Job, jobs, read

OWN = {"ci", "site"}  # of this repository: test_own_workflows.py
NAMES = [file.stem for file in FILES if file.stem not in OWN]
JOBS = [(name, job) for name in NAMES for job in jobs(name)]
SCRIPTS = sorted((CHECKOUT.root / ".github" / "scripts").glob("*.sh"))
ACTIONS = {  # by commit: the tag in the action's repository that points to it
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
    for job_name, job in jobs(name).items():
        writes = dict.fromkeys(WRITES[name].get(job_name, set()), "write")
        assert job["permissions"] == {"contents": "read", **writes}, job_name


@pytest.mark.parametrize(("name", "job"), JOBS)
def test_every_job_has_a_timeout_and_a_pinned_runner(name: str, job: str) -> None:
    content = jobs(name)[job]
    assert 0 < content["timeout-minutes"] <= 30
    assert content["runs-on"] == "ubuntu-24.04"
    assert read(name)["defaults"]["run"]["shell"] == "bash -euo pipefail {0}"
    assert not [step for step in content["steps"] if "continue-on-error" in step or "shell" in step]


@pytest.mark.parametrize(("name", "job"), JOBS)
def test_scripts_contain_no_input_from_outside(name: str, job: str) -> None:
    """Values reach a script only by variables, so a branch named `$(id)` stays text."""
    steps = jobs(name)[job]["steps"]
    assert [step["run"] for step in steps if "${{" in step.get("run", "")] == []
    from_outside = re.compile(r"head_ref|\.title|\.body|\.head\.(ref|label)|\.message|github\.actor|toJSON\(secrets")
    assert not from_outside.search(str(jobs(name)[job]))


@pytest.mark.parametrize(("name", "job"), JOBS)
def test_a_job_with_secrets_has_an_environment_and_no_write_permission(name: str, job: str) -> None:
    content = jobs(name)[job]
    secret = [step for step in content["steps"] if "secrets." in str(step)]
    assert bool(secret) == ("environment" in content)
    assert "secrets." not in str({**content, "steps": []})  # only the step that needs a secret sees it
    assert "secrets." not in str(read(name).get("env"))
    if secret:
        assert not {"pull-requests", "issues"} & set(content["permissions"])


@pytest.mark.parametrize(("name", "job"), JOBS)
def test_the_checkout_keeps_no_credentials(name: str, job: str) -> None:
    checkouts = [step for step in jobs(name)[job]["steps"] if step.get("uses", "").startswith("actions/checkout@")]
    assert [step["with"]["persist-credentials"] for step in checkouts] == [False]


def test_a_pull_request_gets_no_secrets_of_other_events() -> None:
    assert "\non: pull_request\n" in next(file for file in FILES if file.stem == "preview").read_text()
    for name in ("preview", "comment"):
        condition = jobs("preview")[name]["if"]
        assert "github.event.pull_request.head.repo.full_name == github.repository" in condition
        assert "vars.PULUMI_BACKEND_URL != ''" in condition
    assert "secrets." not in str(jobs("preview")["validate"])


def test_a_preview_has_no_provider_keys() -> None:
    for workflow, job in (("preview", "preview"), ("drift", "drift"), ("rotate", "rotate")):
        step = jobs(workflow)[job]["steps"][-1 if workflow == "rotate" else -2]
        assert set(step["env"]).isdisjoint({*_keys(), "PROVIDER_KEYS"})


def test_a_deployment_has_the_keys_as_one_secret_and_every_account() -> None:
    for name in ("dev", "staging", "prod"):
        step = jobs("deploy")[name]["steps"][-1]
        assert step["env"]["PROVIDER_KEYS"] == "${{ secrets.PROVIDER_KEYS }}"
        assert set(step["env"]).isdisjoint(_keys())  # a new provider needs no change of the workflow
    for name in NAMES:
        given = read(name)["env"]
        assert {key: f"${{{{ vars.{key} }}}}" for key in _accounts()} == given


def test_prod_is_last_and_needs_an_approval_of_its_plan() -> None:
    deploy = jobs("deploy")
    assert [deploy[name]["needs"] for name in ("dev", "staging", "plan-prod", "prod")] == [
        "validate",
        "dev",
        "staging",
        "plan-prod",
    ]
    assert [name for name, job in deploy.items() if job.get("environment") == "prod"] == ["prod"]
    assert deploy["prod"]["if"] == "needs.plan-prod.outputs.changes == 'true'"
    assert deploy["prod"]["steps"][-1]["run"] == "exec .github/scripts/deploy.sh prod plan.json"
    assert _artifact(deploy["prod"], "download") == _artifact(deploy["plan-prod"], "upload")


def test_one_job_at_a_time_deploys_an_environment_and_none_holds_the_lock_for_approval() -> None:
    assert "concurrency" not in read("deploy")
    assert "concurrency" not in jobs("deploy")["prod"]  # it waits for its approval
    for name in ("dev", "staging"):
        assert jobs("deploy")[name]["concurrency"] == {"group": f"deploy-{name}", "cancel-in-progress": False}
    rotating = {"group": "deploy-${{ matrix.environment }}", "cancel-in-progress": False}
    assert jobs("rotate")["rotate"]["concurrency"] == rotating
    assert read("drift")["concurrency"]["cancel-in-progress"] is False


@pytest.mark.parametrize(("name", "job"), JOBS)
def test_commands_that_change_an_account_receive_signals(name: str, job: str) -> None:
    """A runner signals only the step's shell, so such a command replaces the shell."""
    runs = [step["run"] for step in jobs(name)[job]["steps"] if "run" in step]
    starts = re.compile(r"^(exec )?\.github/scripts/(deploy\.sh|gatewright\.sh up)", re.MULTILINE)
    assert all(start[1] for run in runs for start in starts.finditer(run))


@pytest.mark.parametrize(("workflow", "job"), [("preview", "preview"), ("drift", "drift"), ("rotate", "rotate")])
def test_an_empty_list_of_environments_is_not_a_failure(workflow: str, job: str) -> None:
    assert "outputs.environments != '[]'" in jobs(workflow)[job]["if"]


def test_an_invalid_environment_does_not_block_other_previews() -> None:
    assert jobs("preview")["preview"]["if"].startswith("!cancelled() && ")


def test_scheduled_jobs_need_no_reviewer() -> None:
    for workflow, job in (("drift", "drift"), ("rotate", "rotate")):
        assert jobs(workflow)[job]["environment"] == "${{ matrix.environment }}-unattended"
    assert jobs("preview")["preview"]["environment"] == "${{ matrix.environment }}-preview"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_scripts_stop_at_the_first_failure(script: Any) -> None:
    text = script.read_text()
    assert text.startswith("#!/usr/bin/env bash\n# ")
    assert "\nset -euo pipefail\n" in text
    assert script.stat().st_mode & 0o111 == 0o111


def _artifact(job: Job, direction: str) -> str:
    (name,) = (step["with"]["name"] for step in job["steps"] if f"{direction}-artifact" in step.get("uses", ""))
    return str(name)


def _environments() -> list[Environment]:
    loaded = select(CHECKOUT, ["dev", "staging", "prod"])
    return [each.environment for each in loaded if each.environment]


def _keys() -> set[str]:
    """The variables of the keys of all providers."""
    references = [key.reference for environment in _environments() for key in provider_keys(environment)]
    names = {reference.name for reference in references if isinstance(reference, FromVariable)}
    assert "GROQ_API_KEY" in names
    return names


def _accounts() -> set[str]:
    return {variable for environment in _environments() if (variable := environment.account_variable)}
