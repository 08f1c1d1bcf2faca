"""Which jobs run, by `needs:` and `if:`, when an earlier one fails or has nothing to do."""

from __future__ import annotations

import pytest

from .expressions import evaluate
from .workflow import jobs_that_run

SAME_REPOSITORY = {
    "vars.PULUMI_BACKEND_URL": "s3://fake",
    "github.repository": "fake/gateways",
    "github.event.pull_request.head.repo.full_name": "fake/gateways",
    "github.event.pull_request.user.login": "someone",
    "github.ref_name": "trunk",
    "github.event.repository.default_branch": "trunk",
}
TWO = {"environments": '["dev", "prod"]'}
CHANGES = {"changes": "true"}
NONE = {"environments": "[]"}
APPROVAL = {"inputs.approval": "true"}
OTHER_BRANCH = {"github.ref_name": "other"}
NO_STATE = {"vars.PULUMI_BACKEND_URL": ""}


@pytest.mark.parametrize(
    ("workflow", "outputs", "failed", "contexts", "expected"),
    [
        ("preview", {"validate": TWO}, "", {}, "validate preview comment"),
        ("preview", {"validate": TWO}, "validate", {}, "validate preview comment"),  # one of the files is invalid
        ("preview", {"validate": TWO}, "preview", {}, "validate preview comment"),
        ("preview", {}, "validate", {}, "validate"),  # it did not get to the affected environments
        ("preview", {"validate": NONE}, "", {}, "validate comment"),
        ("preview", {"validate": TWO}, "", NO_STATE, "validate"),
        ("preview", {"validate": TWO}, "", {"github.event.pull_request.user.login": "dependabot[bot]"}, "validate"),
        ("preview", {"validate": TWO}, "", {"github.event.pull_request.head.repo.full_name": "a/fork"}, "validate"),
        ("preview", {"validate": TWO}, "", {"cancelled()": "true"}, "validate"),
        ("deploy", {}, "", {}, "validate deploy"),
        ("deploy", {}, "validate", {}, "validate"),
        ("deploy", {}, "", OTHER_BRANCH, "validate"),
        ("deploy", {}, "", NO_STATE, "validate"),
        ("deploy", {"plan": {"changes": "true"}}, "", APPROVAL, "validate plan approved"),
        ("deploy", {"plan": {"changes": "false"}}, "", APPROVAL, "validate plan"),
        ("deploy", {}, "validate", APPROVAL, "validate"),
        ("deploy", {}, "plan", APPROVAL, "validate plan"),
        ("deploy", {}, "", APPROVAL | OTHER_BRANCH, "validate"),
        ("deploy", {}, "", APPROVAL | NO_STATE, "validate"),
        ("catalog", {"update": TWO | CHANGES}, "", {}, "update preview pull-request"),
        ("catalog", {"update": TWO | CHANGES}, "preview", {}, "update preview pull-request"),
        ("catalog", {"update": TWO | CHANGES}, "", NO_STATE, "update pull-request"),
        ("catalog", {"update": TWO | {"changes": "false"}}, "", {}, "update"),
        ("catalog", {}, "update", {}, "update"),
        ("catalog", {}, "", OTHER_BRANCH, ""),
        ("drift", {"environments": TWO}, "", {}, "environments drift issue"),
        ("drift", {"environments": TWO}, "drift", {}, "environments drift issue"),
        ("drift", {"environments": NONE}, "", {}, "environments issue"),
        ("drift", {}, "environments", {}, "environments"),
        ("drift", {}, "", NO_STATE, ""),
        ("drift", {}, "", OTHER_BRANCH, ""),
        ("usage", {"environments": TWO}, "usage", {}, "environments usage issue"),
        ("usage", {}, "", NO_STATE, ""),
        ("rotate", {"environments": NONE}, "", OTHER_BRANCH | {"github.event_name": "schedule"}, "environments"),
        ("rotate", {"environments": TWO}, "", {}, "environments rotate"),
        ("rotate", {"environments": NONE}, "", {}, "environments"),
        ("rotate", {}, "environments", {}, "environments"),
        ("rotate", {}, "", OTHER_BRANCH, ""),
    ],
)
def test_which_jobs_run(
    workflow: str, outputs: dict[str, dict[str, str]], failed: str, contexts: dict[str, str], expected: str
) -> None:
    assert jobs_that_run(workflow, SAME_REPOSITORY | contexts, outputs, failed.split()) == expected.split()


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("a.b", "one"),
        ("no.such || a.b", "one"),
        ("no.such && a.b", ""),
        ("!no.such && a.b == 'one'", "true"),
        ("!(a.b == 'one' || no.such)", ""),
        ("a.b != '' && 'text with || in it'", "text with || in it"),
    ],
)
def test_expressions(expression: str, value: str) -> None:
    assert evaluate(expression, {"a.b": "one"}) == value
