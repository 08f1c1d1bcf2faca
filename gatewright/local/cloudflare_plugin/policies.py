"""The order of a token's policies: Cloudflare returns them, and their groups, in another order than they were sent.

A policy equals an earlier one if its effect, resources and set of groups are equal. It then has the place of the
earlier one, and so have its groups. Others follow, sorted. Source: terraform-provider-cloudflare 5.22,
account_token/custom.go.
"""

from __future__ import annotations

from typing import Any, cast

from gatewright.plugin.values import Value

Policy = dict[str, Any]
Identity = tuple[str, str, tuple[str, ...]]


def restore_order(policies: Value, before: Value) -> Value:
    """`policies` in the order of `before`, or sorted where there is none."""
    if not isinstance(policies, list):
        return policies
    new, old = cast("list[Policy]", policies), cast("list[Policy]", before) if isinstance(before, list) else []
    places = {_identity(policy): place for place, policy in enumerate(old)}
    groups = {_identity(policy): _groups(policy) for policy in old}
    ordered = sorted(new, key=lambda policy: _rank(policy, places))
    return [_with_ordered_groups(policy, groups.get(_identity(policy), [])) for policy in ordered]


def _rank(policy: Policy, places: dict[Identity, int]) -> tuple[int, str, str]:
    place = places.get(_identity(policy))
    return (len(places), policy["effect"], policy["resources"]) if place is None else (place, "", "")


def _with_ordered_groups(policy: Policy, before: list[str]) -> Policy:
    def rank(group: dict[str, str]) -> tuple[int, str]:
        return (before.index(group["id"]), "") if group["id"] in before else (len(before), group["id"])

    return {**policy, "permissionGroups": sorted(policy["permissionGroups"], key=rank)}


def _identity(policy: Policy) -> Identity:
    return policy["effect"], policy["resources"], tuple(sorted(_groups(policy)))


def _groups(policy: Policy) -> list[str]:
    return [group["id"] for group in policy["permissionGroups"]]
