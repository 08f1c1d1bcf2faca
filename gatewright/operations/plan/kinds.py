"""The kinds of resources: where files declare them, what counts as drift, risks and descriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.generations import token_of_generation
from gatewright.environment.risks import Risk
from gatewright.facts.access import ACCESS_APPLICATION, ACCESS_POLICY, ACCESS_SERVICE_TOKEN
from gatewright.facts.dns_record import DNS_RECORD
from gatewright.facts.gateway import AI_GATEWAY
from gatewright.facts.resource_names import resource_name
from gatewright.facts.resource_types import (
    ACCOUNT,
    CONFIG_FILE,
    CUSTOM_DOMAIN,
    CUSTOM_PROVIDER,
    DYNAMIC_ROUTE,
    GATEWAY_POLICIES,
    PROVIDER_CONFIG,
    SECRETS_STORE,
)
from gatewright.facts.resources import ACCOUNT_TOKEN, SECRETS_STORE_SECRET
from gatewright.frozen import frozen
from gatewright.operations.plan.diffs import access, gateway, keys, others, policies, routes, tokens
from gatewright.operations.plan.diffs.values import Difference
from gatewright.operations.plan.model import program_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from gatewright.diagnostics import Location
    from gatewright.environment.nodes import Node
    from gatewright.environment.resolved import Environment
    from gatewright.facts.schema import ResourceType
    from gatewright.operations.routes.describe import ModelNames

    Properties = Mapping[str, Any]
    Differences = Callable[[Properties, Properties, Iterable[str]], list[Difference]]

GATEWAY = AI_GATEWAY.token
TOKEN = ACCOUNT_TOKEN.token
SECRET = SECRETS_STORE_SECRET.token
CNAME = DNS_RECORD.token
KEY = resource_name(PROVIDER_CONFIG)

_NAME = "*"
"""In a path: the resource's own name."""


@frozen
class Kind:
    """What plans and drift know of a type.

    `path` are the keys under which a file declares it. `watched` are the properties that count as drift; those that
    Cloudflare sets, such as times, do not. `deleted` and `replaced` are the risks, "" for none. A summary describes a
    new resource.
    """

    path: tuple[str, ...] = ()
    watched: tuple[str, ...] = ()
    deleted: str = ""
    replaced: str = ""
    differences: Differences = others.plain_differences
    summary: Callable[[Properties], list[Difference]] = lambda _: []


def _inputs(resource: ResourceType) -> tuple[str, ...]:
    """The inputs; not the status of a token, which drift reports by itself."""
    return tuple(field.name for field in resource.inputs if not field.unread and field.name != "status")


_HOST = "the host name stops working", "the host name does not work in between"
KINDS: Mapping[str, Kind] = {
    GATEWAY: Kind(
        ("gateway",),
        _inputs(AI_GATEWAY),
        "its logs, its routes and its URL are lost",
        "it is deleted and created again: its logs and its URL are lost",
        gateway.gateway_differences,
        gateway.gateway_summary,
    ),
    DYNAMIC_ROUTE: Kind(
        ("routes", _NAME),
        ("name", "elements"),
        "callers get an error",
        "it is deleted and created again: callers get errors in between",
    ),
    TOKEN: Kind(
        ("tokens", _NAME),
        _inputs(ACCOUNT_TOKEN),
        "its users are refused",
        "it gets another value: users of the old one are refused",
        tokens.token_differences,
        tokens.token_summary,
    ),
    SECRET: Kind(("providers", _NAME, "key"), _inputs(SECRETS_STORE_SECRET), differences=keys.secret_differences),
    PROVIDER_CONFIG: Kind(
        ("providers", _NAME, "key"),
        ("providerSlug", "alias", "secretId", "rateLimit", "rateLimitPeriod", "defaultConfig"),
        "calls that need it fail",
        "it is removed and stored again: calls in between have no key",
        keys.config_differences,
        keys.config_summary,
    ),
    CUSTOM_PROVIDER: Kind(
        ("providers", _NAME),
        ("name", "slug", "baseUrl", "enable"),
        others.MODELS_UNAVAILABLE,
        "it is deleted and created again",
        others.provider_differences,
        others.provider_summary,
    ),
    CUSTOM_DOMAIN: Kind(("gateway", "domains", _NAME), ("hostname", "zoneId", "cnameTarget", "status"), *_HOST),
    CNAME: Kind(
        ("gateway", "domains", _NAME),
        ("name", "type", "content", "proxied", "ttl"),
        *_HOST,
        summary=others.record_summary,
    ),
    ACCESS_APPLICATION.token: Kind(
        ("gateway", "access"),
        _inputs(ACCESS_APPLICATION),
        access.OPENED,
        f"{access.OPENED} in between",
        summary=access.application_summary,
    ),
    ACCESS_POLICY.token: Kind(
        ("gateway", "access", "allow"),
        _inputs(ACCESS_POLICY),
        "those whom it lets pass are blocked",
        differences=access.policy_differences,
        summary=access.policy_summary,
    ),
    ACCESS_SERVICE_TOKEN.token: Kind(
        ("gateway", "access", "serviceToken"),
        _inputs(ACCESS_SERVICE_TOKEN),
        "requests with it are blocked at the domains",
        "it gets another secret: requests with the old one are blocked",
        summary=access.service_token_summary,
    ),
    GATEWAY_POLICIES: Kind(
        ("gateway", "policies"),
        ("policies",),
        "every request with a valid token is allowed again",
        "they are deleted and created again: every request with a valid token is allowed in between",
        policies.policy_differences,
        policies.policy_summary,
    ),
    SECRETS_STORE: Kind(("providers",), ("storeId",), summary=others.store_summary),
    CONFIG_FILE: Kind(("clients", _NAME), ("content", "mode", "onDisk")),
    ACCOUNT: Kind(replaced="everything in it would be created again"),
}


def kind_of(type_: str) -> Kind:
    """The kind of a type; deletion of an unknown type is always a risk."""
    name = resource_name(type_)
    return KINDS.get(type_) or Kind((), (), f"{name} is deleted", f"{name} is deleted and created again")


def declared_name(environment: Environment, type_: str, name: str) -> str:
    """The name in the environment file: agents for the generation agents-2026-11-03, pi for pi/models.json."""
    if type_ == TOKEN:
        return token_of_generation(name, environment.tokens)
    return program_of(name) if type_ == CONFIG_FILE else name


def declared_path(environment: Environment, type_: str, name: str) -> tuple[str, ...]:
    """Where the environment file declares a resource, as keys: (tokens, agents)."""
    own = declared_name(environment, type_, name)
    return tuple(own if key == _NAME else key for key in kind_of(type_).path)


def location_of(root: Node | None, path: Sequence[str]) -> Location | None:
    """The deepest location of `path` in the files; None for what no file declares."""
    return root.location_at(*path) if root and path and path[0] in root.entries else None


def differences(
    type_: str, before: Properties, after: Properties, names: ModelNames, reported: Iterable[str] = ()
) -> list[Difference]:
    """The differences between two property maps of a resource, for plans and for drift.

    `reported` are the paths that the plugin reports; it alone can compare secrets.
    """
    if type_ == DYNAMIC_ROUTE:
        return routes.route_differences(before, after, names, reported)
    return kind_of(type_).differences(before, after, reported)


def summary(type_: str, properties: Properties, names: ModelNames) -> list[Difference]:
    """A new resource in a few words."""
    return routes.route_summary(properties, names) if type_ == DYNAMIC_ROUTE else kind_of(type_).summary(properties)


def protection(before: bool, after: bool) -> list[Difference]:
    """The difference of `protect`, by which the engine refuses to delete a resource."""
    if after == before:
        return []
    if after:
        return [Difference("protected false → true", path="protect")]
    return [Difference("protected true → false", Risk.UNPROTECTED, "it can be deleted", path="protect")]
