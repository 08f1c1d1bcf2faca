"""A plan as rows of text, the same for preview and up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gatewright.diagnostics import Location
from gatewright.facts.engine_values import SECRET_SIGNATURE, SIGNATURE
from gatewright.facts.resource_types import CONFIG_FILE, CUSTOM_PROVIDER, DYNAMIC_ROUTE, PROVIDER_CONFIG
from gatewright.operations.plan.build import plan_of
from gatewright.operations.plan.context import PlanContext
from gatewright.operations.plan.kinds import SECRET, TOKEN
from gatewright.operations.plan.rows import Row, described, to_install_again
from gatewright.operations.stack.pulumi import Step
from gatewright.workspace import open_one

if TYPE_CHECKING:
    from gatewright.project import Project

MASKED = {SIGNATURE: SECRET_SIGNATURE, "ciphertext": "[secret]"}
GATEWRIGHT = "gatewright/local/agents"


def step(operation: str, kind: str, name: str, new: dict[str, Any] | None = None, **more: Any) -> Step:
    """One of the engine's, with the inputs that the test is about."""
    return Step(operation, kind, name, new or {}, **more)


def token(operation: str, name: str, label: str = "") -> Step:
    """A generation of agents."""
    inputs = {"name": f"{GATEWRIGHT}/{label}" if label else GATEWRIGHT}
    return Step(operation, TOKEN, name, inputs, {}, {} if operation == "create" else inputs)


@pytest.mark.parametrize(
    ("steps", "lines"),
    [
        (
            [step("create", DYNAMIC_ROUTE, "fast"), step("create", DYNAMIC_ROUTE, "bulk")],
            ["+ 2 routes                    bulk fast"],
        ),
        (
            [step("update", DYNAMIC_ROUTE, "fast", before={"displacedVersionId": "v2"})],
            ["~ route fast                  back to the file's version: another one was deployed at Cloudflare"],
        ),
        (
            [step("delete", DYNAMIC_ROUTE, "old"), step("create", DYNAMIC_ROUTE, "more")],
            [
                "! route old                   deleted",
                "                              risk: who calls it gets an error",
                "+ route more",
            ],
        ),
        (
            [step("create", CUSTOM_PROVIDER, "nvidia", {"baseUrl": "https://integrate.api.nvidia.com/v1"})],
            ["+ custom provider nvidia      https://integrate.api.nvidia.com/v1"],
        ),
        ([token("create", "agents")], ["+ token agents"]),
        (
            [
                step(done, kind, name)
                for done, name in [("create", "groq"), ("create", "openai")]
                for kind in (SECRET, PROVIDER_CONFIG)
            ],
            ["+ 2 keys                      groq openai"],
        ),
        (
            [step("update", SECRET, "groq", {"value": MASKED}, old_inputs={"value": MASKED}, differing=("value",))],
            ["~ key groq                    new value, no gap"],
        ),
        (
            [
                step(done, PROVIDER_CONFIG, "groq", {"rateLimit": 5, "rateLimitPeriod": 60})
                for done in ("create-replacement", "replace", "delete-replaced")
            ],
            [
                "! key groq                    replaced · no limit → 5 requests/minute, stored anew",
                "                              risk: it is removed and stored anew: calls meanwhile have no key",
            ],
        ),
    ],
)
def test_what_a_line_says(checkout: Project, steps: list[Step], lines: list[str]) -> None:
    assert described(plan_of(PlanContext(open_one(checkout, "local")), steps)) == lines


@pytest.mark.parametrize(
    ("thing", "words", "line"),
    [
        ("route fast", (), "+ route fast                  (a.yaml:1:1)"),
        ("route fast", ("1 line",), "+ route fast                  1 line  (a.yaml:1:1)"),
        ("x" * 28, ("1 line",), f"+ {'x' * 28} 1 line  (a.yaml:1:1)"),
        ("file pi/cloudflare-ai-gateway.json", (), "+ file pi/cloudflare-ai-gateway.json (a.yaml:1:1)"),
    ],
)
def test_where_the_columns_stand(thing: str, words: tuple[str, ...], line: str) -> None:
    assert list(Row("+", thing, words, location=Location("a.yaml", 1, 1)).lines()) == [line]


def test_which_clients_have_old_files(checkout: Project) -> None:
    steps = [
        step("update", CONFIG_FILE, "pi/models.json", {"content": "a"}),
        step("update", CONFIG_FILE, "pi/auth.json", {"content": "a"}),
        step("create", CONFIG_FILE, "a.json", {"content": "a"}),
        step("update", CONFIG_FILE, "openclaw.json", {"content": "a"}),
        step("update", DYNAMIC_ROUTE, "fast"),
    ]
    plan = plan_of(PlanContext(open_one(checkout, "local")), steps)
    assert to_install_again(plan) == ["openclaw", "pi"]
