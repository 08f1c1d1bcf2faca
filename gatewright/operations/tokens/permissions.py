"""What the token that deploys an environment needs, and how to make and check it. Asks nobody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatewright.cloudflare.needed_permissions import deploying_token_name, needed_permissions
from gatewright.facts.dashboard import account_tokens_page, in_the_dashboard

if TYPE_CHECKING:
    from gatewright.environment.resolved import Environment


@dataclass(frozen=True, slots=True)
class Permission:
    """One that is needed, in words."""

    permission: str
    dashboard: str
    """The same as the dashboard says it."""
    scope: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeployingToken:
    """The token that deploys one environment, as it ought to be."""

    environment: str
    account: str | None
    account_variable: str | None
    name: str
    page: str | None
    """Where it is made by hand; None for the Cloudflare on this machine, which has no dashboard."""
    permissions: tuple[Permission, ...]


def deploying_token(environment: Environment) -> DeployingToken:
    """What the environment's deploying token needs, exactly."""
    permissions = tuple(
        Permission(
            need.name,
            in_the_dashboard(need.name),
            f"zone {', '.join(need.zones)}" if need.zones else "the account",
            need.reasons,
        )
        for need in needed_permissions(environment)
    )
    return DeployingToken(
        environment=environment.name,
        account=environment.account_id,
        account_variable=environment.account_variable,
        name=deploying_token_name(environment),
        page=None if environment.local else account_tokens_page(environment.account_id),
        permissions=permissions,
    )
