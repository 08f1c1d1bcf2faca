"""Rules for every workflow, checked on the files."""

from __future__ import annotations

import re
from typing import Any

import pytest

from gatewright.cli.pipelines.ci import SCRIPTS, STEPS

from .workflow import CALLERS, FILES, FOLDER, Job, declared, jobs, read, triggers

NAMES = [file.stem for file in FILES]
OWN = [file.stem for file in CALLERS]
JOBS = [(name, job) for name in NAMES for job in jobs(name)]
ACTIONS = {  # by commit: the tag in the action's repository that points to it
    "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1": "v7.0.1",
    "actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f": "v7.0.0",
    "actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c": "v8.0.1",
    "actions/cache@27d5ce7f107fe9357f9df03efb73ab90386fccae": "v5.0.5",
}
WRITES = {  # the only permissions beyond reading the repository
    "preview": {"preview": {"id-token"}, "comment": {"pull-requests"}},
    "deploy": {job: {"id-token"} for job in ("deploy", "plan", "approved")},
    "drift": {"drift": {"id-token"}, "issue": {"issues"}},
    "rotate": {"rotate": {"id-token"}},
    "usage": {"usage": {"id-token"}, "issue": {"issues"}},
    "catalog": {"preview": {"id-token"}, "pull-request": {"contents", "pull-requests"}},
}


def test_every_reusable_workflow_has_a_caller() -> None:
    assert [file.stem for file in sorted(FOLDER.glob("*.yml")) if "workflow_call" in triggers(file.stem)] == NAMES
    assert [f"own-{name}" for name in NAMES] == OWN


@pytest.mark.parametrize("name", NAMES)
def test_a_workflow_names_nothing_of_this_repository(name: str) -> None:
    text = next(file for file in FILES if file.stem == name).read_text()
    assert (
        re.findall(r"\b(dev|staging|prod|main|bootstrap|MISTRAL|GROQ|\w+_ACCOUNT_ID|gatewright/gatewright)\b", text)
        == []
    )
    assert [*triggers(name)] == ["workflow_call"]


@pytest.mark.parametrize("name", OWN)
def test_a_caller_passes_declared_inputs_and_the_permissions_that_its_jobs_need(name: str) -> None:
    assert read(name)["permissions"] == {}
    for job in jobs(name).values():
        called = job["uses"].removeprefix("./.github/workflows/").removesuffix(".yml")
        required = {key for key, entry in declared(called, "inputs").items() if entry.get("required")}
        assert required <= {*job["with"]} <= {*declared(called, "inputs")}
        assert job["secrets"] == "inherit"
        needed = [(scope, access) for inner in jobs(called).values() for scope, access in inner["permissions"].items()]
        assert job["permissions"] == dict(needed)


def test_the_environments_of_this_repository_are_deployed_one_after_the_other() -> None:
    calls = jobs("own-deploy")
    order = [(name, job.get("needs"), job["with"].get("approval", False)) for name, job in calls.items()]
    assert order == [("dev", None, False), ("staging", "dev", False), ("prod", "staging", True)]
    assert [job["with"]["environment"] for job in calls.values()] == [*calls]


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
    assert content["defaults"]["run"]["shell"] == "bash -euo pipefail {0}"
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
    assert triggers("own-preview") == "pull_request"
    for name in ("preview", "comment"):
        condition = jobs("preview")[name]["if"]
        assert "github.event.pull_request.head.repo.full_name == github.repository" in condition
        assert "vars.PULUMI_BACKEND_URL != ''" in condition
    assert "secrets." not in str(jobs("preview")["validate"])


def test_only_a_deployment_has_the_provider_keys() -> None:
    with_keys = {(name, job) for name, job in JOBS if "PROVIDER_KEYS" in str(jobs(name)[job])}
    assert with_keys == {("deploy", job) for job in ("deploy", "plan", "approved")}


@pytest.mark.parametrize("name", NAMES)
def test_declared_secrets_and_inputs_are_the_used_ones(name: str) -> None:
    text = str(jobs(name))
    assert {*re.findall(r"secrets\.([A-Z_]+)", text)} == {*declared(name, "secrets")}
    assert {*re.findall(r"inputs\.([a-z-]+)", text)} == {*declared(name, "inputs")}


def test_common_inputs_and_secrets_are_the_same_everywhere() -> None:
    for kind in ("inputs", "secrets"):
        entries: dict[str, Any] = {}
        for name in NAMES:
            for key, entry in declared(name, kind).items():
                assert entries.setdefault(key, entry) == entry, (name, key)


def test_an_approved_plan_is_applied_exactly() -> None:
    deploy = jobs("deploy")
    environments = {name: job.get("environment") for name, job in deploy.items()}
    own, unattended = "${{ inputs.environment }}", "${{ inputs.environment }}-unattended"
    assert environments == {"validate": None, "deploy": own, "plan": unattended, "approved": own}
    assert deploy["deploy"]["if"].startswith("!inputs.approval && ")
    assert deploy["plan"]["if"].startswith("inputs.approval && ")
    assert (deploy["approved"]["needs"], deploy["approved"]["if"]) == ("plan", "needs.plan.outputs.changes == 'true'")
    assert deploy["approved"]["steps"][-1]["run"] == 'exec .venv/bin/gatewright ci deploy "$ENVIRONMENT" plan.json'
    assert _artifact(deploy["approved"], "download") == _artifact(deploy["plan"], "upload")


def test_one_job_at_a_time_deploys_an_environment_and_none_holds_the_lock_for_approval() -> None:
    assert "concurrency" not in read("deploy")
    assert "concurrency" not in jobs("deploy")["approved"]  # it waits for its approval
    deploying = {"group": "gatewright-deploy-${{ inputs.environment }}", "cancel-in-progress": False}
    assert jobs("deploy")["deploy"]["concurrency"] == deploying
    rotating = {"group": "gatewright-deploy-${{ matrix.environment }}", "cancel-in-progress": False}
    assert jobs("rotate")["rotate"]["concurrency"] == rotating
    assert read("drift")["concurrency"]["cancel-in-progress"] is False


@pytest.mark.parametrize(("name", "job"), JOBS)
def test_commands_that_change_an_account_receive_signals(name: str, job: str) -> None:
    """A runner signals only the step's shell, so such a command replaces the shell."""
    runs = [step["run"] for step in jobs(name)[job]["steps"] if "run" in step]
    starts = re.compile(r"^(exec )?\.venv/bin/gatewright (?:up|ci (?:deploy|rotate))\b", re.MULTILINE)
    assert all(start[1] for run in runs for start in starts.finditer(run))


@pytest.mark.parametrize(
    ("workflow", "job"), [("preview", "preview"), ("drift", "drift"), ("usage", "usage"), ("rotate", "rotate")]
)
def test_an_empty_list_of_environments_is_not_a_failure(workflow: str, job: str) -> None:
    assert "outputs.environments != '[]'" in jobs(workflow)[job]["if"]


def test_an_invalid_environment_does_not_block_other_previews() -> None:
    assert jobs("preview")["preview"]["if"].startswith("!cancelled() && ")


def test_scheduled_jobs_need_no_reviewer() -> None:
    for workflow, job in (("drift", "drift"), ("usage", "usage"), ("rotate", "rotate"), ("catalog", "preview")):
        assert jobs(workflow)[job]["environment"] == "${{ matrix.environment }}-unattended"
    assert jobs("preview")["preview"]["environment"] == "${{ matrix.environment }}-preview"


@pytest.mark.parametrize("script", sorted(SCRIPTS.glob("*.sh")), ids=lambda script: script.stem)
def test_scripts_stop_at_the_first_failure(script: Any) -> None:
    text = script.read_text()
    assert text.startswith("#!/usr/bin/env bash\n# ")
    assert "\nset -euo pipefail\n" in text
    assert script.stat().st_mode & 0o111 == 0o111


def test_every_step_is_a_script() -> None:
    assert [step for step in STEPS if not (SCRIPTS / f"{step}.sh").is_file()] == []


def _artifact(job: Job, direction: str) -> str:
    (name,) = (step["with"]["name"] for step in job["steps"] if f"{direction}-artifact" in step.get("uses", ""))
    return str(name)
