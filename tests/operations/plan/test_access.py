"""The plan of Cloudflare Access: whom it cuts off, and what the calendar alone changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gatewright.clients import CAPABILITIES
from gatewright.environment.files import Files
from gatewright.environment.load import load
from gatewright.facts.access import ACCESS_APPLICATION, ACCESS_POLICY, ACCESS_SERVICE_TOKEN
from gatewright.facts.engine_values import UNKNOWN_STRING
from gatewright.operations.plan.context import PlanContext
from gatewright.operations.plan.model import Cause

from .test_build import Planner, step

if TYPE_CHECKING:
    from pathlib import Path

    from gatewright.operations.stack.pulumi import Step

FILES = """\
account: {env: ACCOUNT}
providers: {workers-ai: {models: {b: {}}}}
gateway:
  domains: {ai.example.com: {}}
  endpoint: domain
  access: {serviceToken: {rotate: {every: 30d, overlap: 7d}}}
tokens: {agents: {}}
clients: {pi: {}, models: {endpoint: cloudflare}}
"""
OLD, NEW = "2026-10-04", "2026-11-03"


@pytest.fixture
def planner(tmp_path: Path) -> Planner:
    (tmp_path / "x.yaml").write_text(FILES)
    loaded = load(Files(tmp_path, "stacks"), "x", CAPABILITIES, {"ACCOUNT": "a" * 32})
    assert loaded.environment is not None, loaded.diagnostics
    return Planner(PlanContext(loaded.environment, loaded.root))


def service_token(operation: str, generation: str) -> Step:
    inputs = {"name": f"gatewright/x/access/{generation}", "duration": "1776h"}
    old = None if operation == "create" else inputs
    return step(operation, ACCESS_SERVICE_TOKEN.token, f"access-{generation}", inputs, old)


def policy(before: list[str], after: list[str], **changed: str) -> Step:
    old, new = ([{"serviceToken": {"tokenId": id_}} for id_ in ids] for ids in (before, after))
    inputs: dict[str, Any] = {"name": "p", "includes": old}
    return step("update", ACCESS_POLICY.token, "service-tokens", {**inputs, "includes": new, **changed}, inputs)


def test_a_new_application_says_whom_it_cuts_off(planner: Planner) -> None:
    inputs = {"destinations": [{"type": "public", "uri": "ai.example.com"}]}
    change = planner.change(step("create", ACCESS_APPLICATION.token, "agents-x", inputs))
    assert change.differences == ("in front of ai.example.com",)
    assert change.risks == (
        "requests to ai.example.com with a gateway token alone are blocked: pi until installed again and restarted "
        "with the service token, and all unknown callers; Cloudflare's own address stays open",
    )
    assert str(change.location) == "stacks/x.yaml:6:3"


def test_an_application_that_is_deleted(planner: Planner) -> None:
    change = planner.change(step("delete", ACCESS_APPLICATION.token, "agents-x", {}, {"domain": "ai.example.com"}))
    assert change.risks == ("a gateway token alone is enough for the domains again",)


@pytest.mark.parametrize(
    ("steps", "scheduled"),
    [
        ([service_token("same", OLD), service_token("create", NEW), policy(["1"], ["1", UNKNOWN_STRING])], True),
        ([service_token("delete", OLD), service_token("same", NEW), policy(["1", "2"], ["2"])], True),
        ([service_token("create", NEW), policy([], [UNKNOWN_STRING])], False),  # the first one
        ([service_token("same", NEW), policy(["2"], ["2", "fake-foreign"])], False),
        ([service_token("same", OLD), service_token("create", NEW), policy(["1"], ["1", UNKNOWN_STRING, "3"])], False),
        (
            [
                service_token("same", OLD),
                service_token("create", NEW),
                policy(["1"], ["1", UNKNOWN_STRING], decision="bypass"),
            ],
            False,
        ),
    ],
)
def test_a_rotation_is_scheduled(planner: Planner, steps: list[Step], *, scheduled: bool) -> None:
    changes = planner.plan(*steps).changes
    (update,) = [change for change in changes if change.kind == "Access policy"]
    assert (update.cause is Cause.CALENDAR) is scheduled
    assert bool(update.risks) is not scheduled
    if scheduled:
        assert {change.cause for change in changes} == {Cause.CALENDAR}
