"""The permissions that the deploying token of an environment needs; makes no calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.cloudflare.needed_permissions import command_permissions, deploying_token_name, needed_permissions
from gatewright.facts.dashboard import account_tokens_page, in_the_dashboard
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from gatewright.environment.resolved import Environment


@frozen
class Permission:
    """A permission: its name in the API and in the dashboard, its scope, and what needs it."""

    permission: str
    dashboard: str
    scope: str
    reasons: tuple[str, ...]


@frozen
class DeployingToken:
    """The deploying token that an environment needs."""

    environment: str
    account: str | None
    account_variable: str | None
    name: str
    variable: str
    """The environment variable that holds it."""
    page: str | None
    """The dashboard page where it is created by hand; None for the local Cloudflare, which has none."""
    permissions: tuple[Permission, ...]


def needed_deploying_token(environment: Environment, only: str | None = None) -> DeployingToken:
    """The deploying token of `environment`, with exactly the permissions that it needs: for all commands, or for `only`
    one of `COMMANDS`."""
    needs = command_permissions(environment, only) if only else needed_permissions(environment)
    permissions = tuple(
        Permission(
            need.name,
            in_the_dashboard(need.name),
            f"zone {', '.join(need.zones)}" if need.zones else "the account",
            need.reasons,
        )
        for need in needs
    )
    return DeployingToken(
        environment=environment.name,
        account=environment.account_id,
        account_variable=environment.account_variable,
        name=deploying_token_name(environment),
        variable=environment.deploy_variable,
        page=None if environment.local else account_tokens_page(environment.account_id),
        permissions=permissions,
    )
