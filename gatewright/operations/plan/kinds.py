"""The kinds of things that a plan tells apart: which resources they are, what they are called, how they are said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatewright.environment.risks import Risk
from gatewright.facts.dns_record import DNS_RECORD
from gatewright.facts.gateway import AI_GATEWAY
from gatewright.facts.resource_names import resource_name
from gatewright.facts.resource_types import (
    ACCOUNT,
    CONFIG_FILE,
    CUSTOM_DOMAIN,
    CUSTOM_PROVIDER,
    DYNAMIC_ROUTE,
    PROVIDER_CONFIG,
    SECRETS_STORE,
)
from gatewright.facts.resources import ACCOUNT_TOKEN, SECRETS_STORE_SECRET
from gatewright.operations.plan.diffs import gateway, keys, others, routes, tokens
from gatewright.operations.plan.diffs.values import Difference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Properties = Mapping[str, Any]
    Names = Mapping[tuple[str, str], str]

GATEWAY = AI_GATEWAY.token
TOKEN = ACCOUNT_TOKEN.token
SECRET = SECRETS_STORE_SECRET.token
CNAME = DNS_RECORD.token

KEY = resource_name(SECRET)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a resource is called; why its deletion and its replacement are to be looked at twice, "" where they are
    not."""

    name: str
    deleted: str = ""
    replaced: str = ""


_RISKS: Mapping[str, tuple[str, str]] = {
    GATEWAY: ("its logs, its routes and its URL are lost", "it is deleted and made anew: its logs and URL are lost"),
    DYNAMIC_ROUTE: ("who calls it gets an error", "it is deleted and made anew: who calls it meanwhile fails"),
    TOKEN: ("who uses it is refused", "it gets another value: who uses the old is refused"),
    SECRET: ("", ""),
    PROVIDER_CONFIG: ("calls that need it fail", "it is removed and stored anew: calls meanwhile have no key"),
    CUSTOM_PROVIDER: ("its models cannot be called", "it is deleted and made anew"),
    CUSTOM_DOMAIN: ("the host name leads nowhere", "the host name leads nowhere meanwhile"),
    CNAME: ("the host name leads nowhere", "the host name leads nowhere meanwhile"),
    SECRETS_STORE: ("", ""),
    CONFIG_FILE: ("", ""),
    ACCOUNT: ("", "everything in it would be made anew"),
}
KINDS: Mapping[str, Kind] = {resource: Kind(resource_name(resource), *reasons) for resource, reasons in _RISKS.items()}
"""By type, in the order in which they are shown."""


def kind_of(resource: str) -> Kind:
    """What a type is; one that nobody knows is called by its own name, and is never without a word."""
    name = resource_name(resource)
    return KINDS.get(resource) or Kind(name, f"{name} is deleted", f"{name} is deleted and made anew")


def differences(
    resource: str, old: Properties, new: Properties, names: Names, told: Iterable[str] = ()
) -> list[Difference]:
    """What differs between two maps of properties of type `resource`, in words; `names`: (provider, id) -> what a model
    is called, `told`: what the plugin says differs, which alone knows it of secrets. Pure: for plans and for drift."""
    if resource == DYNAMIC_ROUTE:
        return routes.route_differences(old, new, names, told)
    return _DIFFERENCES.get(resource, others.plain_differences)(old, new, told)


def summary(resource: str, new: Properties, names: Names) -> list[Difference]:
    """What something new is like, in a few words."""
    if resource == DYNAMIC_ROUTE:
        return routes.route_summary(new, names)
    return _SUMMARIES[resource](new) if resource in _SUMMARIES else []


def protection(before: bool, now: bool) -> list[Difference]:
    """What is said where the engine refuses to delete something, and did not; or no longer does."""
    if now == before:
        return []
    if now:
        return [Difference("protected false → true", path="protect")]
    return [Difference("protected true → false", Risk.UNPROTECTED, "it may be deleted", path="protect")]


_DIFFERENCES: Mapping[str, Callable[[Properties, Properties, Iterable[str]], list[Difference]]] = {
    GATEWAY: gateway.gateway_differences,
    TOKEN: tokens.token_differences,
    SECRET: keys.secret_differences,
    PROVIDER_CONFIG: keys.config_differences,
    CUSTOM_PROVIDER: others.provider_differences,
}
_SUMMARIES: Mapping[str, Callable[[Properties], list[Difference]]] = {
    GATEWAY: gateway.gateway_summary,
    TOKEN: tokens.token_summary,
    PROVIDER_CONFIG: keys.config_summary,
    CUSTOM_PROVIDER: others.provider_summary,
    CNAME: others.record_summary,
    SECRETS_STORE: others.store_summary,
}
