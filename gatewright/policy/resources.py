"""The rules on the resources of a Pulumi stack, for a policy pack: without an environment file, so only in part.

A rule about a gateway, an environment or a token sees the inputs of that resource, one about a route its models by
their ids. Rules about clients, providers and models have no resource.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gatewright.cel import CelError
from gatewright.cloudflare.mapping.gateway_body import gateway_settings
from gatewright.diagnostics import Diagnostics
from gatewright.environment.model.environment_file import Token
from gatewright.environment.model.gateway import Gateway
from gatewright.environment.reader import read_text
from gatewright.environment.shapes.sections import Section
from gatewright.facts.fields import ACCOUNT
from gatewright.facts.gateway import AI_GATEWAY
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT
from gatewright.facts.permissions import GROUPS
from gatewright.facts.resource_types import DYNAMIC_ROUTE
from gatewright.facts.resources import ACCOUNT_TOKEN
from gatewright.facts.schema import api_values
from gatewright.facts.slugs import CUSTOM_PREFIX
from gatewright.frozen import frozen
from gatewright.policy.rules import environment_of
from gatewright.policy.view import plain, token_data

if TYPE_CHECKING:
    from gatewright.policy.rules import CompiledRule, Policies

    Data = dict[str, Any]

KINDS = {
    AI_GATEWAY.token: ("gateway", "environment"),
    ACCOUNT_TOKEN.token: ("token",),
    DYNAMIC_ROUTE: ("route",),
}
"""What rules can be about, by the type of the resource that shows it."""
_PERMISSIONS = {group.id: group.name for group in GROUPS if group.id}


def kinds_with_resources() -> frozenset[str]:
    """What rules can be about that a resource shows."""
    return frozenset(kind for kinds in KINDS.values() for kind in kinds)


@frozen
class Resource:
    """A resource of a stack by its type and inputs; `account`: its account's id, None while it is unknown."""

    type: str
    inputs: Mapping[str, Any]
    stack: str
    account: str | None
    is_protected: bool


@frozen
class Finding:
    """Why a resource breaks a rule, or why the rule does not apply to it. Neither for a rule that holds."""

    violation: str = ""
    not_applicable: str = ""


def check_resource(policies: Policies, rule: CompiledRule, resource: Resource, now: int) -> Finding:
    """Evaluate one rule on one resource at `now`, in seconds since 1970."""
    kind = rule.rule.for_
    if kind not in KINDS.get(resource.type, ()):
        return Finding(not_applicable=f"is about each {kind}, not about {resource.type}")
    if not rule.rule.applies_to(resource.stack):
        return Finding(not_applicable=f"does not apply to {resource.stack}")
    name, variables = _variables(kind, resource, now)
    values = environment_of(kind).bind(variables)
    try:
        if rule.when is not None and rule.when.evaluate(values) is not True:
            return Finding(not_applicable="its condition is not met")
        if rule.require.evaluate(values) is True:
            return Finding()
    except CelError as error:
        if "there is no key" in str(error):  # a misspelt key was reported when the rules were read
            return Finding(not_applicable=f"needs the environment's file: {error}")
        return Finding(violation=f"policy {rule.name} cannot be evaluated: {error}")
    return _broken(policies, rule, resource, name, now)


def _broken(policies: Policies, rule: CompiledRule, resource: Resource, name: str, now: int) -> Finding:
    message = f"{name}: {rule.rule.message}"
    for located in policies.exceptions:
        granted = located.exception
        if granted.fits(rule.name, resource.stack, name):
            if not granted.has_ended(now):
                return Finding(not_applicable=f"excepted until {granted.until} by {granted.who}: {granted.why}")
            message = f"{message}; the exception by {granted.who} ended on {granted.until}"
    return Finding(violation=f"{message}. {rule.rule.fix}" if rule.rule.fix else message)


def _variables(kind: str, resource: Resource, now: int) -> tuple[str, Data]:
    """The name of the resource, and the variables of a rule about it."""
    environment: Data = {
        "name": resource.stack,
        "local": resource.account == LOCAL_ACCOUNT,
        "account": resource.account,
        "protect": resource.is_protected,
    }
    if kind in ("gateway", "environment"):
        gateway = _gateway(resource.inputs)
        environment["gateway"] = gateway
        return str(gateway["name"]), {"now": now, "gateway": gateway, "environment": environment}
    name, data = _token(resource.inputs, now) if kind == "token" else _route(resource.inputs)
    return name, {"now": now, "gateway": {}, "environment": environment, kind: data}


_UNKNOWN = (ACCOUNT.name, "storeId")
"""Inputs of a gateway that a preview does not know before the first `up`, and that are not settings of the file."""


def _gateway(inputs: Mapping[str, Any]) -> Data:
    names = [field.name for field in AI_GATEWAY.inputs if field.name not in _UNKNOWN and field.name in inputs]
    known = {name: copied(inputs[name]) for name in names}
    settings = gateway_settings(api_values(AI_GATEWAY.inputs, known), lambda purpose: purpose)
    return _as_read(Gateway, settings)


def _token(inputs: Mapping[str, Any], now: int) -> tuple[str, Data]:
    """A token by its name in the file: gatewright/prod/agents/2026-12-01 is a generation of agents."""
    full_name = str(inputs["name"])
    parts = full_name.split("/")
    name = parts[2] if parts[0] == "gatewright" and len(parts) > 2 else full_name
    groups = [group["id"] for policy in copied(inputs["policies"]) for group in policy["permissionGroups"]]
    settings: Data = {"allow": [_PERMISSIONS.get(group, group) for group in groups]}
    addresses = copied(inputs.get("condition") or {}).get("requestIp") or {}
    settings |= {key: addresses[side] for key, side in (("from", "ins"), ("notFrom", "notIns")) if addresses.get(side)}
    for key, source in (("notBefore", "notBefore"), ("expires", "expiresOn")):
        if time := inputs.get(source):
            settings[key] = time
    token: Token = _read(Token, settings)
    return name, token_data(name, token, now)


def _route(inputs: Mapping[str, Any]) -> tuple[str, Data]:
    name = str(inputs["name"])
    models = [
        (str(properties["provider"]).removeprefix(CUSTOM_PREFIX), str(properties["model"]))
        for element in copied(inputs["elements"]).values()
        if element.get("type") == "model"
        for properties in [element["properties"]]
    ]
    providers = sorted({provider for provider, _ in models})
    return name, {"name": name, "models": [f"{provider}/{model}" for provider, model in models], "providers": providers}


def copied(value: Any) -> Any:
    """A value as dicts and lists: a policy pack gets proxies, which fail at what is not known in a preview."""
    if isinstance(value, Mapping):
        return {str(key): copied(value[key]) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [copied(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _as_read(model: type, settings: Data) -> Data:
    data: Data = plain(_read(model, settings))
    return data


def _read(model: type, settings: Data) -> Any:
    """A section of an environment file from its plain settings."""
    diagnostics = Diagnostics()
    node = read_text(json.dumps(settings), "resource", diagnostics)
    value = Section(model).read(node, "", diagnostics) if node is not None else None
    return value if value is not None else model()
