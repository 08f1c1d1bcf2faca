"""Policies keep the order that the program wrote, whatever order the API answers in."""

from __future__ import annotations

from random import Random
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from gatewright.local.cloudflare_plugin.policies import in_order
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
def test_a_shuffled_answer_is_put_back(policies: list[dict[str, Any]], shuffle: Random) -> None:
    answered = [{**policy, "permissionGroups": [*policy["permissionGroups"]]} for policy in policies]
    shuffle.shuffle(answered)
    for policy in answered:
        shuffle.shuffle(policy["permissionGroups"])
    assert in_order(value(answered), value(policies)) == policies


def test_without_an_order_before_they_are_sorted() -> None:
    def policy(effect: str, *groups: str) -> dict[str, object]:
        return {"effect": effect, "resources": "{}", "permissionGroups": [{"id": group} for group in groups]}

    answered = [policy("deny", "b"), policy("allow", "c", "a")]
    assert in_order(value(answered), None) == [policy("allow", "a", "c"), policy("deny", "b")]


def test_new_ones_come_after_those_that_were_there() -> None:
    def policy(effect: str) -> dict[str, object]:
        return {"effect": effect, "resources": "{}", "permissionGroups": [{"id": "a"}]}

    assert in_order(value([policy("allow"), policy("deny")]), value([policy("deny")])) == [
        policy("deny"),
        policy("allow"),
    ]
