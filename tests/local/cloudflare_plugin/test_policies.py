"""Policies keep the program's order, whatever the order of the API."""

from __future__ import annotations

from random import Random
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from gatewright.local.cloudflare_plugin.policies import restore_order
from gatewright.plugin.values import Value

GROUPS = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=4, unique=True)
POLICIES = st.lists(
    st.builds(
        lambda effect, resources, groups: {
            "effect": effect,
            "resources": resources,
            "permissionGroups": [{"id": group} for group in groups],
        },
        st.sampled_from(["allow", "deny"]),
        st.sampled_from(['{"x":"*"}', '{"y":"*"}']),
        GROUPS,
    ),
    max_size=5,
    unique_by=lambda policy: (policy["effect"], policy["resources"], str(sorted(map(str, policy["permissionGroups"])))),
)


def value(policies: object) -> Value:
    return cast("Value", policies)


@given(POLICIES, st.randoms())
def test_a_shuffled_result_gets_the_order_back(policies: list[dict[str, Any]], shuffle: Random) -> None:
    result = [{**policy, "permissionGroups": [*policy["permissionGroups"]]} for policy in policies]
    shuffle.shuffle(result)
    for policy in result:
        shuffle.shuffle(policy["permissionGroups"])
    assert restore_order(value(result), value(policies)) == policies


def test_new_policies_are_sorted() -> None:
    def policy(effect: str, *groups: str) -> dict[str, object]:
        return {"effect": effect, "resources": "{}", "permissionGroups": [{"id": group} for group in groups]}

    result = [policy("deny", "b"), policy("allow", "c", "a")]
    assert restore_order(value(result), None) == [policy("allow", "a", "c"), policy("deny", "b")]


def test_new_ones_come_after_those_that_were_there() -> None:
    def policy(effect: str) -> dict[str, object]:
        return {"effect": effect, "resources": "{}", "permissionGroups": [{"id": "a"}]}

    assert restore_order(value([policy("allow"), policy("deny")]), value([policy("deny")])) == [
        policy("deny"),
        policy("allow"),
    ]
