"""retire: takes an environment down in the safe order, and says what is in its way and what remains."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatewright import clock
from gatewright.facts.resources import ACCOUNT_TOKEN
from gatewright.import_file import import_file

if TYPE_CHECKING:
    from pathlib import Path

    from gatewright.cloudflare.client import Client
    from gatewright.environment.resolved import Environment
    from gatewright.operations.stack.pulumi import Pulumi
    from gatewright.project import Project

RECENT = 86_400  # seconds


@dataclass(frozen=True, slots=True)
class Retirement:
    """What stands in the way of an environment's end. `clients` still name it; `used` are tokens of the stack that were
    used within the last day, with the moment; `protected` are the URNs that the engine refuses to delete."""

    clients: tuple[str, ...]
    used: tuple[tuple[str, str], ...]
    protected: tuple[str, ...]
    resources: int


def look(environment: Environment, client: Client, pulumi: Pulumi) -> Retirement:
    """What there is to take down, and what is in the way; changes nothing. Raises as `Client` and the engine do."""
    from gatewright.cloudflare.live_gateway import read_tokens

    state = [each for each in pulumi.state() if each.get("custom")]
    ids = {each.get("id") for each in state if each["type"] == ACCOUNT_TOKEN.token}
    tokens = read_tokens(client, environment.account) if ids else ()
    used = [each for each in tokens or () if each["id"] in ids and _was_used(each)]
    return Retirement(
        clients=tuple(environment.clients),
        used=tuple((str(each["name"]), str(each["last_used_on"])) for each in used),
        protected=tuple(each["urn"] for each in state if each.get("protect")),
        resources=sum(not each["type"].startswith("pulumi:") for each in state),
    )


def retire(pulumi: Pulumi, found: Retirement) -> int:
    """Takes it down: protection, resources, the stack; answers how many resources went. One that was interrupted is
    finished by another."""
    if not pulumi.has_stack():
        return 0
    for urn in found.protected:
        pulumi.ask("state", "unprotect", urn, "--yes", "--stack", pulumi.stack)
    steps = pulumi.run_quietly("destroy", "--yes", "--skip-preview", "--remove", "--stack", pulumi.stack)
    return sum(each.operation == "delete" and not each.type.startswith("pulumi:") for each in steps)


def remaining(project: Project, environment: str) -> tuple[Path, ...]:
    """Files that nobody needs any more."""
    stacks = project.stacks
    files = (stacks / f"{environment}.yaml", stacks / f"Pulumi.{environment}.yaml", import_file(project, environment))
    return tuple(file for file in files if file.exists())


def _was_used(token: dict[str, Any]) -> bool:
    used = token.get("last_used_on")
    return bool(used) and clock.parse_timestamp(str(used)) > clock.now(os.environ) - RECENT
