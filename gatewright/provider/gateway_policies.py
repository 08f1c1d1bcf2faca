"""`gatewright:index:GatewayPolicies`: all policies of a gateway, which Cloudflare's provider lacks.

They are one resource because they take effect together: the first one refuses all requests that none of them allows.
"""

# ruff: noqa: ARG002 - the methods have the arguments of the protocol

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from gatewright.cloudflare.gateway_policies import GatewayPolicies as Policies
from gatewright.cloudflare.gateway_policies import policy_body
from gatewright.facts.gateway_policies import BLOCK, PARTS, problems
from gatewright.plugin.resource import CheckFailure, Diff, PropertyDiff, ReadResult, Resource, compare
from gatewright.plugin.values import UNKNOWN, is_known
from gatewright.provider.import_hints import hints_for_stack
from gatewright.provider.inputs import check_inputs, nested_changes, parse_import_id, without_nulls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gatewright.cloudflare.client import Client
    from gatewright.plugin.values import Object

REQUIRED: dict[str, type] = {"accountId": str, "gatewayId": str, "policies": dict}
OPTIONAL: dict[str, type] = {"requests": list}
_REPLACING = ("accountId", "gatewayId")


class GatewayPolicies(Resource):
    """Inputs: `accountId`, `gatewayId`, `policies` by name, and `requests`, which must stay allowed: other requests are
    not a change. Outputs: the first three, and `ids` by name. A read returns all policies of the gateway. The id, also
    to import by, is <account>/<gateway>."""

    def __init__(self, connect: Callable[[], Client]) -> None:
        self._connect = connect

    def check(self, urn: str, olds: Object, news: Object) -> tuple[Object, list[CheckFailure]]:
        inputs = without_nulls(news)
        failures = check_inputs(inputs, REQUIRED, OPTIONAL)
        return inputs, failures or [*_invalid_policies(inputs)]

    def diff(self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object) -> Diff:
        changes: dict[str, PropertyDiff] = {}
        for name, change in compare(_compared(old_inputs), _compared(news), replace=_REPLACING).changes.items():
            if name == "policies":
                changes |= nested_changes(name, old_inputs.get(name), news[name])
            else:
                changes[name] = change
        return Diff(changes)

    def create(self, urn: str, inputs: Object, *, preview: bool) -> tuple[str, Object]:
        if preview:
            return "", {**_compared(inputs), "ids": UNKNOWN}
        with hints_for_stack(urn):
            ids = self._policies(inputs).create(_declared(inputs), _requests(inputs))
        return f"{inputs['accountId']}/{inputs['gatewayId']}", {**_compared(inputs), "ids": cast("Object", ids)}

    def read(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> ReadResult | None:
        account, gateway = parse_import_id(resource_id, "account", "gateway")
        place: Object = {"accountId": account, "gatewayId": gateway}
        existing = self._policies(place).in_force()
        if not existing:
            return None
        policies = cast("Object", {name: policy_body(policy) for name, policy in existing.items()})
        ids = cast("Object", {name: policy["id"] for name, policy in existing.items()})
        shown = {**place, "policies": policies}
        return ReadResult(resource_id, {**inputs, **shown}, {**shown, "ids": ids})

    def update(
        self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object, *, preview: bool
    ) -> Object:
        if preview:
            return {**_compared(news), "ids": UNKNOWN}
        ids = cast("dict[str, str]", outputs.get("ids") or {})
        new_ids = self._policies(news).apply(ids, _declared(news), _requests(news))
        return {**_compared(news), "ids": cast("Object", new_ids)}

    def delete(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> None:
        """Delete what blocks first: each deletion takes effect by itself."""
        policies, declared = self._policies(outputs), _declared(outputs)
        ids = cast("dict[str, str]", outputs["ids"])
        for name in sorted(ids, key=lambda name: declared[name]["action"]["type"] != BLOCK):
            policies.delete(ids[name])

    def _policies(self, properties: Object) -> Policies:
        return Policies(self._connect(), str(properties["accountId"]), str(properties["gatewayId"]))


def _compared(properties: Object) -> Object:
    return {name: properties[name] for name in REQUIRED if name in properties}


def _declared(properties: Object) -> dict[str, dict[str, Any]]:
    return cast("dict[str, dict[str, Any]]", properties["policies"])


def _requests(inputs: Object) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", inputs.get("requests") or [])


def _invalid_policies(inputs: Object) -> Iterator[CheckFailure]:
    if inputs["policies"] is UNKNOWN:
        return
    if not inputs["policies"]:
        yield CheckFailure("policies", "at least one policy is required")
    for name, policy in _declared(inputs).items():
        path = f'policies["{name}"]'
        if not is_known(policy):
            continue
        if not isinstance(policy, dict) or set(policy) != set(PARTS) or not isinstance(policy["action"], dict):
            yield CheckFailure(path, f"policy {name} must have {', '.join(PARTS)}")
        else:
            yield from (CheckFailure(path, f"policy {name}: {problem.message}") for problem in problems(policy))
