"""Cloudflare Access resources of an environment that its stack does not have: retire and down delete them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from gatewright.cloudflare.access import delete_leftovers, leftovers, list_access
from gatewright.errors import RefusedError
from gatewright.operations.drift.accounts import Accounts
from gatewright.workspace import require_account

if TYPE_CHECKING:
    from collections.abc import Container

    from gatewright.cloudflare.access import Leftover
    from gatewright.cloudflare.client import Client
    from gatewright.environment.resolved import Environment
    from gatewright.operations.stack.pulumi import Pulumi


def access_leftovers(environment: Environment, client: Client, known: Container[str]) -> tuple[Leftover, ...]:
    """The environment's Access resources whose ids are not `known`; none without domains, or where the token may not
    list them. Raises CloudflareError as `Client` does."""
    if not environment.gateway.domains:
        return ()
    with suppress(RefusedError):
        return tuple(leftovers(environment.name, list_access(client, require_account(environment)), known))
    return ()


def delete_remaining(environment: Environment, pulumi: Pulumi) -> tuple[str, ...]:
    """Delete the environment's Access resources that a run has left and its state does not have; return their names."""
    if not environment.gateway.domains:
        return ()
    known = {str(resource.get("id")) for resource in pulumi.state()} if pulumi.has_stack() else ()
    with Accounts(pulumi.project) as accounts:
        client = accounts.of(environment).client
        found = access_leftovers(environment, client, known)
        delete_leftovers(client, require_account(environment), found)
    return tuple(leftover.label for leftover in found)
