"""What the token that deploys an environment must be allowed, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatewright.cloudflare.mapping.stored_keys import provider_keys
from gatewright.environment.checks.tokens import DEPLOYING, token_name
from gatewright.facts import permissions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from gatewright.environment.resolved import Environment
    from gatewright.facts.permissions import Group


@dataclass(frozen=True, slots=True)
class Need:
    """One permission and what asks for it; on `zones` (ids) alone, or on the account where there are none."""

    group: Group
    reasons: tuple[str, ...]
    zones: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Cloudflare's name of it: "AI Gateway Write"."""
        return self.group.name


def deploying_token_name(environment: Environment) -> str:
    """What the token that deploys an environment is called at Cloudflare."""
    return token_name(environment.name, DEPLOYING)


def needed_permissions(environment: Environment) -> list[Need]:
    """Each permission once, in the order in which a person reads them: what it makes first, then what it gives on.

    Cloudflare lets nobody give a token more than they have themselves [docs: Account API tokens], so what the
    environment's tokens may do is needed too.
    """
    found: dict[str, Need] = {}
    for need in _needs(environment):
        before = found.get(need.name, Need(need.group, ()))
        reasons = tuple(dict.fromkeys((*before.reasons, *need.reasons)))
        found[need.name] = Need(need.group, reasons, tuple(dict.fromkeys((*before.zones, *need.zones))))
    return list(found.values())


def _needs(environment: Environment) -> Iterator[Need]:
    yield Need(permissions.AI_GATEWAY_WRITE, tuple(_of_the_gateway(environment)))
    if stored := [key.provider for key in provider_keys(environment)]:
        yield Need(permissions.SECRETS_STORE_WRITE, (f"the stored {_counted('key', stored)}",))
    zones = {host: domain.zone for host, domain in environment.gateway.domains.items() if domain.zone}
    for host, zone in zones.items():
        yield Need(permissions.DNS_WRITE, (f"the CNAME of {host}",), (zone,))
    if environment.tokens:
        yield Need(permissions.ACCOUNT_TOKENS_WRITE, (f"the {_counted('token', environment.tokens)}",))
    for token, declared in environment.tokens.items():
        for name in declared.allow or ():
            group = permissions.find(name) or permissions.Group(name, None)
            yield Need(group, (f"given on to token {token}",))


def _of_the_gateway(environment: Environment) -> Iterator[str]:
    yield f"gateway {environment.gateway_name}"
    if environment.routes:
        yield f"its {_counted('route', environment.routes)}"
    if custom := [name for name, each in environment.providers.items() if each.base_url]:
        yield f"the {_counted('custom provider', custom)}"
    if environment.gateway.domains:
        yield f"the {_counted('domain', environment.gateway.domains)}"


def _counted(noun: str, names: Collection[str]) -> str:
    """`keys mistral, groq`, `token agents`."""
    return f"{noun}{'' if len(names) == 1 else 's'} {', '.join(names)}"
