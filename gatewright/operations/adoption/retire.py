"""retire: remove an environment in the safe order."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from gatewright import clock
from gatewright.cloudflare.access import delete_leftovers
from gatewright.command_line import command
from gatewright.errors import GatewrightError
from gatewright.facts.resources import ACCOUNT_TOKEN
from gatewright.frozen import frozen
from gatewright.import_file import import_file
from gatewright.operations.access_leftovers import access_leftovers
from gatewright.operations.down import destroy
from gatewright.workspace import require_account

if TYPE_CHECKING:
    from pathlib import Path

    from gatewright.cloudflare.access import Leftover
    from gatewright.cloudflare.client import Client
    from gatewright.environment.resolved import Environment
    from gatewright.operations.stack.pulumi import Pulumi
    from gatewright.project import Project

RECENT = 86_400  # seconds


@frozen
class Retirement:
    """What retiring removes and affects.

    `clients` have the environment in their files; `used` are the stack's tokens that were used within the last day,
    with the time; `protected` are the URNs that the engine refuses to delete. `leftovers` are Access resources that the
    stack does not have.
    """

    environment: str
    clients: tuple[str, ...]
    used: tuple[tuple[str, str], ...]
    protected: tuple[str, ...]
    resources: int
    leftovers: tuple[Leftover, ...] = ()


def plan_retirement(environment: Environment, client: Client, pulumi: Pulumi) -> Retirement:
    """Read what retiring would remove. Changes nothing; raises as `Client` and the engine do."""
    from gatewright.cloudflare.live_gateway import read_tokens

    state = [resource for resource in pulumi.state() if resource.get("custom")]
    ids = {resource.get("id") for resource in state if resource["type"] == ACCOUNT_TOKEN.token}
    tokens = read_tokens(client, environment.account) if ids else ()
    used = [token for token in tokens or () if token["id"] in ids and _was_used(token)]
    return Retirement(
        environment=environment.name,
        clients=tuple(environment.clients),
        used=tuple((str(token["name"]), str(token["last_used_on"])) for token in used),
        protected=tuple(resource["urn"] for resource in state if resource.get("protect")),
        resources=sum(not resource["type"].startswith("pulumi:") for resource in state),
        leftovers=access_leftovers(environment, client, {str(resource.get("id")) for resource in state}),
    )


def require_unused(retirement: Retirement) -> None:
    """Raise GatewrightError where a token of the environment was used within the last day."""
    if retirement.used:
        name = retirement.environment
        raise GatewrightError(
            f"{name} is in use: one of its tokens was used within the last day",
            "Give its clients another environment first. If they may fail: " + command(f"retire {name} --force"),
        )


def retire(environment: Environment, client: Client, pulumi: Pulumi, retirement: Retirement) -> int:
    """Remove the protection, the resources, the stack and the leftovers; return how many resources were deleted.

    After an interruption another run continues.
    """
    deleted = 0
    if pulumi.has_stack():
        for urn in retirement.protected:
            pulumi.capture("state", "unprotect", urn, "--yes", "--stack", pulumi.stack)
        deleted = destroy(pulumi)
    delete_leftovers(client, require_account(environment), retirement.leftovers)
    return deleted + len(retirement.leftovers)


def remaining_files(project: Project, environment: str) -> tuple[Path, ...]:
    """The files of the environment that are not needed any more."""
    stacks = project.stacks
    files = (stacks / f"{environment}.yaml", stacks / f"Pulumi.{environment}.yaml", import_file(project, environment))
    return tuple(file for file in files if file.exists())


def _was_used(token: dict[str, Any]) -> bool:
    used = token.get("last_used_on")
    return bool(used) and clock.parse_timestamp(str(used)) > clock.now(os.environ) - RECENT
