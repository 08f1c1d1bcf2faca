"""The lines of a plan below a step of up, from the engine's steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gatewright.cli.reports.text import plan_lines
from gatewright.facts.engine_values import SECRET_SIGNATURE, SIGNATURE
from gatewright.facts.resource_types import CONFIG_FILE, CUSTOM_PROVIDER, DYNAMIC_ROUTE, PROVIDER_CONFIG
from gatewright.operations.plan.build import build_plan
from gatewright.operations.plan.context import PlanContext
from gatewright.operations.plan.kinds import SECRET, TOKEN
from gatewright.operations.stack.pulumi import Step
from gatewright.workspace import open_one

if TYPE_CHECKING:
    from gatewright.project import Project

MASKED = {SIGNATURE: SECRET_SIGNATURE, "ciphertext": "[secret]"}


def step(operation: str, kind: str, name: str, inputs: dict[str, Any] | None = None, **more: Any) -> Step:
    return Step(operation, kind, name, inputs or {}, **more)


@pytest.mark.parametrize(
    ("steps", "lines"),
    [
        (
            [step("create", DYNAMIC_ROUTE, "fast"), step("create", DYNAMIC_ROUTE, "bulk")],
            ["+ 2 routes                    bulk fast"],
        ),
        (
            [step("update", DYNAMIC_ROUTE, "fast", before={"displacedVersionId": "v2"})],
            ["~ route fast                  back to the file's version; another one was deployed at Cloudflare"],
        ),
        (
            [step("delete", DYNAMIC_ROUTE, "old"), step("create", DYNAMIC_ROUTE, "more")],
            [
                "! route old                   deleted",
                "                              risk: callers get an error",
                "+ route more",
            ],
        ),
        (
            [step("create", CUSTOM_PROVIDER, "nvidia", {"baseUrl": "https://integrate.api.nvidia.com/v1"})],
            ["+ custom provider nvidia      https://integrate.api.nvidia.com/v1"],
        ),
        ([step("create", TOKEN, "agents", {"name": "gatewright/local/agents"})], ["+ token agents"]),
        (
            [
                step(operation, kind, name)
                for operation, name in [("create", "groq"), ("create", "openai")]
                for kind in (SECRET, PROVIDER_CONFIG)
            ],
            ["+ 2 keys                      groq openai · stored at Cloudflare"],
        ),
        (
            [step("update", SECRET, "groq", {"value": MASKED}, old_inputs={"value": MASKED}, differing=("value",))],
            ["~ key groq                    new value, no gap"],
        ),
        (
            [
                step(operation, PROVIDER_CONFIG, "groq", {"rateLimit": 5, "rateLimitPeriod": 60})
                for operation in ("create-replacement", "replace", "delete-replaced")
            ],
            [
                "! key groq                    replaced · no limit → 5 requests/minute, stored again",
                "                              risk: it is removed and stored again: calls in between have no key",
            ],
        ),
    ],
)
def test_lines(checkout: Project, steps: list[Step], lines: list[str]) -> None:
    assert plan_lines(build_plan(PlanContext(open_one(checkout, "local")), steps)) == lines


def test_an_applied_plan_has_no_risks(checkout: Project) -> None:
    plan = build_plan(PlanContext(open_one(checkout, "local")), [step("delete", DYNAMIC_ROUTE, "old")])
    assert plan_lines(plan.as_applied()) == ["- route old"]


def test_clients_to_reinstall(checkout: Project) -> None:
    steps = [
        step("update", CONFIG_FILE, "pi/models.json", {"content": "a"}),
        step("update", CONFIG_FILE, "pi/auth.json", {"content": "a"}),
        step("create", CONFIG_FILE, "a.json", {"content": "a"}),
        step("update", CONFIG_FILE, "openclaw.json", {"content": "a"}),
        step("update", DYNAMIC_ROUTE, "fast"),
    ]
    assert build_plan(PlanContext(open_one(checkout, "local")), steps).clients_to_reinstall == ["openclaw", "pi"]
