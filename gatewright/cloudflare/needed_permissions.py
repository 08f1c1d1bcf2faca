"""The permissions that the deploying token of an environment needs, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.cloudflare.mapping.stored_keys import provider_keys
from gatewright.environment.checks.tokens import DEPLOYING, token_name
from gatewright.facts import permissions
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from gatewright.environment.resolved import Environment
    from gatewright.facts.permissions import Group


@frozen
class Need:
    """One permission and the reasons for it; on `zones` (ids), or on the account where there are none."""

    group: Group
    reasons: tuple[str, ...]
    zones: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Cloudflare's name: "AI Gateway Write"."""
        return self.group.name


def deploying_token_name(environment: Environment) -> str:
    """The name of the deploying token at Cloudflare."""
    return token_name(environment.name, DEPLOYING)


def needed_permissions(environment: Environment) -> list[Need]:
    """Each permission once: first for what is created, then for what is granted to other tokens.

    A token can grant only what it has [docs: Account API tokens], so the permissions of the environment's tokens are
    needed too.
    """
    return _merged((*_resource_needs(environment), *_grants(environment)))


def command_permissions(environment: Environment, name: str) -> list[Need]:
    """The permissions that one command of `COMMANDS` needs on the environment's account."""
    return _merged(COMMANDS[name](environment))


def _merged(needs: Iterable[Need]) -> list[Need]:
    merged: dict[str, Need] = {}
    for need in needs:
        known = merged.get(need.name, Need(need.group, ()))
        reasons = tuple(dict.fromkeys((*known.reasons, *need.reasons)))
        merged[need.name] = Need(need.group, reasons, tuple(dict.fromkeys((*known.zones, *need.zones))))
    return list(merged.values())


def _resource_needs(environment: Environment) -> Iterator[Need]:
    yield Need(permissions.AI_GATEWAY_WRITE, tuple(_gateway_reasons(environment)))
    if stored := [key.provider for key in provider_keys(environment)]:
        yield Need(permissions.SECRETS_STORE_WRITE, (f"the stored {_listed('key', stored)}",))
    zones = {host: domain.zone for host, domain in environment.gateway.domains.items() if domain.zone}
    for host, zone in zones.items():
        yield Need(permissions.DNS_WRITE, (f"the CNAME of {host}",), (zone,))
    access = environment.gateway.access
    if access is not None and access.is_created:
        yield Need(permissions.ACCESS_APPS_WRITE, (f"Access in front of {', '.join(environment.gateway.domains)}",))
        if access.service_token is not None:
            yield Need(permissions.ACCESS_TOKENS_WRITE, ("its service token",))
    if environment.tokens:
        yield Need(permissions.ACCOUNT_TOKENS_WRITE, (f"the {_listed('token', environment.tokens)}",))


def _grants(environment: Environment) -> Iterator[Need]:
    for token, declared in environment.tokens.items():
        for name in declared.allow or ():
            group = permissions.find(name) or permissions.Group(name, None)
            yield Need(group, (f"granted to token {token}",))


def _reading(environment: Environment) -> Iterator[Need]:
    """What reads the environment's resources: the Read permission of each Write permission."""
    for need in _resource_needs(environment):
        yield Need(_READ[need.group], need.reasons, need.zones)


def _for_gateway(group: Group, reason: str) -> Callable[[Environment], Iterator[Need]]:
    return lambda _: iter([Need(group, (reason,))])


def _usage(environment: Environment) -> Iterator[Need]:  # noqa: ARG001  the same for all
    yield Need(permissions.ACCOUNT_ANALYTICS_READ, ("sums and neurons",))
    yield Need(permissions.AI_GATEWAY_READ, ("latencies, routes, tokens and metadata, from the log",))


_READ = {
    permissions.AI_GATEWAY_WRITE: permissions.AI_GATEWAY_READ,
    permissions.SECRETS_STORE_WRITE: permissions.SECRETS_STORE_READ,
    permissions.DNS_WRITE: permissions.DNS_READ,
    permissions.ACCOUNT_TOKENS_WRITE: permissions.ACCOUNT_TOKENS_READ,
    permissions.ACCESS_APPS_WRITE: permissions.ACCESS_APPS_READ,
    permissions.ACCESS_TOKENS_WRITE: permissions.ACCESS_TOKENS_READ,
}
_ACCESS = (permissions.ACCESS_APPS_READ, permissions.ACCESS_TOKENS_READ)
COMMANDS: dict[str, Callable[[Environment], Iterable[Need]]] = {
    "up": needed_permissions,
    "down": _resource_needs,
    "retire": _resource_needs,
    "preview": _reading,
    "drift": _reading,
    "adopt": lambda environment: (
        Need(permissions.AI_GATEWAY_READ, ("the gateway and what it has",)),
        *(need for need in _reading(environment) if need.group in _ACCESS),
    ),
    "routes rollback": _for_gateway(permissions.AI_GATEWAY_WRITE, "the route's deployments"),
    "logs": _for_gateway(permissions.AI_GATEWAY_READ, "the log"),
    "simulate --replay": _for_gateway(permissions.AI_GATEWAY_READ, "the log"),
    "usage": _usage,
    "catalog check": _for_gateway(permissions.WORKERS_AI_READ, "the list of Workers AI's models"),
}
"""The commands that call Cloudflare's control plane with the deploying token, or one that may less."""


def _gateway_reasons(environment: Environment) -> Iterator[str]:
    yield f"gateway {environment.gateway_name}"
    if environment.routes:
        yield f"its {_listed('route', environment.routes)}"
    if custom := [name for name, provider in environment.providers.items() if provider.base_url]:
        yield f"the {_listed('custom provider', custom)}"
    if environment.gateway.policies:
        yield f"its {_listed('policy', environment.gateway.policies, 'policies')}"
    if environment.gateway.domains:
        yield f"the {_listed('domain', environment.gateway.domains)}"


def _listed(noun: str, names: Collection[str], several: str = "") -> str:
    """`keys mistral, groq`, `token agents`; `several` is the plural where it is not regular."""
    return f"{noun if len(names) == 1 else several or f'{noun}s'} {', '.join(names)}"
