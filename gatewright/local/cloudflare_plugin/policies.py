"""The order of a token's policies: Cloudflare answers them, and the groups in them, in another order than it was sent.

A policy is the same as one before if its effect, resources and set of groups are: it then stands where that one stood,
and so do its groups. Others come after, sorted. Source: terraform-provider-cloudflare 5.22, account_token/custom.go.
"""

from __future__ import annotations

from typing import Any, cast

from gatewright.plugin.values import Value

Policy = dict[str, Any]
Identity = tuple[str, str, tuple[str, ...]]


def in_order(policies: Value, before: Value) -> Value:
    """`policies` in the order of `before`, or sorted where there is none before."""
    if not isinstance(policies, list):
        return policies
    now, then = cast("list[Policy]", policies), cast("list[Policy]", before) if isinstance(before, list) else []
    places = {_identity(policy): place for place, policy in enumerate(then)}
    groups = {_identity(policy): _groups(policy) for policy in then}
    ordered = sorted(now, key=lambda policy: _rank(policy, places))
    return [_with_groups(policy, groups.get(_identity(policy), [])) for policy in ordered]


def _rank(policy: Policy, places: dict[Identity, int]) -> tuple[int, str, str]:
    place = places.get(_identity(policy))
    return (len(places), policy["effect"], policy["resources"]) if place is None else (place, "", "")


def _with_groups(policy: Policy, before: list[str]) -> Policy:
    def rank(group: dict[str, str]) -> tuple[int, str]:
        return (before.index(group["id"]), "") if group["id"] in before else (len(before), group["id"])

    return {**policy, "permissionGroups": sorted(policy["permissionGroups"], key=rank)}


def _identity(policy: Policy) -> Identity:
    return policy["effect"], policy["resources"], tuple(sorted(_groups(policy)))


def _groups(policy: Policy) -> list[str]:
    return [group["id"] for group in policy["permissionGroups"]]
