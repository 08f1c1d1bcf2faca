"""What was changed, in the product's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatewright.operations.changes import described
from gatewright.operations.environments import open_one
from gatewright.operations.pulumi import Step

if TYPE_CHECKING:
    from gatewright.project import Project

ROUTE, CUSTOM = "gatewright:index:DynamicRoute", "gatewright:index:CustomProvider"


@pytest.mark.parametrize(
    ("steps", "lines"),
    [
        ([Step("create", ROUTE, "fast"), Step("create", ROUTE, "bulk")], ["+ 2 routes                    fast bulk"]),
        ([Step("update", ROUTE, "fast")], ["~ 1 route                     fast     new version, no gap"]),
        (
            [Step("delete", ROUTE, "old"), Step("create", ROUTE, "new")],
            ["- 1 route                     old", "+ 1 route                     new"],
        ),
        ([Step("create", CUSTOM, "nvidia")], ["+ custom provider nvidia      https://integrate.api.nvidia.com/v1"]),
        ([Step("delete", CUSTOM, "gone")], ["- custom provider gone"]),
    ],
)
def test_routes_and_custom_providers(checkout: Project, steps: list[Step], lines: list[str]) -> None:
    assert [line.rstrip() for line in described(open_one(checkout, "local"), steps)] == lines
