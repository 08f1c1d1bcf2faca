"""Orphans of Cloudflare Access: they have a name of the environment, which is unique in the account, and are in no
state. An environment without domains has none, so its account is not asked."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from gatewright.cloudflare.access import leftovers
from gatewright.command_line import command
from gatewright.errors import RefusedError
from gatewright.facts.access import ACCESS_APPLICATION, ACCESS_POLICY, ACCESS_SERVICE_TOKEN
from gatewright.facts.resource_names import resource_name
from gatewright.operations.drift import remedies
from gatewright.operations.drift.model import Finding, FindingClass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatewright.cloudflare.access import AccessListing, Leftover
    from gatewright.environment.resolved import Environment
    from gatewright.operations.drift.accounts import Account
    from gatewright.operations.drift.remedies import Api

    StateIds = Mapping[str, set[str]]

TYPES = (ACCESS_APPLICATION.token, ACCESS_POLICY.token, ACCESS_SERVICE_TOKEN.token)


def may_have_access(environment: Environment, ids: StateIds) -> bool:
    """Whether the account can have Access resources of the environment: it has domains, or its state has such."""
    return bool(environment.gateway.domains) or not ids.keys().isdisjoint(TYPES)


def access_orphans(environment: Environment, ids: StateIds, api: Api, listing: AccessListing) -> Iterator[Finding]:
    """The orphans of Access, in the order in which they can be deleted."""
    known = {id_ for type_ in TYPES for id_ in ids.get(type_, ())}
    for leftover in leftovers(environment.name, listing, known):
        adoptable = _is_adoptable(environment, ids, leftover)
        is_token = leftover.type == ACCESS_SERVICE_TOKEN.token
        yield Finding(
            FindingClass.ORPHAN,
            resource_name(leftover.type),
            leftover.name,
            "nobody knows its secret" if is_token else "in no stack",
            f"orphans.{leftover.name}",
            remedies.adopt(environment.name) if adoptable else remedies.delete(api, leftover.path),
            since=leftover.created,
            hint=None if adoptable else _ORDER.get(leftover.type),
        )


def undeployed_notes(environment: Environment, account: Account) -> Iterator[str]:
    """Names what an environment without a stack has at Cloudflare; the stack of it may be on another backend."""
    if not environment.gateway.domains:
        return
    with suppress(RefusedError):
        if found := [*leftovers(environment.name, account.access(), ())]:
            names = ", ".join(leftover.label for leftover in found)
            retire = command(f"retire {environment.name}")
            yield f"Cloudflare has {names}; if no other backend has a stack of it, {retire} deletes that"


_ORDER = {
    ACCESS_POLICY.token: "first delete the application that uses it",
    ACCESS_SERVICE_TOKEN.token: "first delete the policies that include it",
}


def _is_adoptable(environment: Environment, ids: StateIds, leftover: Leftover) -> bool:
    """Whether `adopt` imports it: the file declares it, and the stack has none of its kind."""
    access = environment.gateway.access
    if access is None or not access.is_created or leftover.type == ACCESS_SERVICE_TOKEN.token:
        return False
    return leftover.type not in ids
