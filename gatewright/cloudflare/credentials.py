"""Whether a token works on an account, and what it lacks.

A token can read its own policies only with a permission on tokens; without one its permissions are found out by calls
that change nothing, which tell reading from nothing but not writing from reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatewright.errors import CloudflareError, RefusedError
from gatewright.facts import permissions
from gatewright.facts.dashboard import ACCOUNT_TOKENS
from gatewright.facts.permissions import Scope

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from gatewright.cloudflare.client import Client
    from gatewright.cloudflare.needed_permissions import Need

    Policies = Sequence[Mapping[str, Any]]

DEPLOYING = "CLOUDFLARE_API_TOKEN"


@dataclass(frozen=True, slots=True)
class Credential:
    """A token that Cloudflare accepts; `unproven` are permissions that could not be looked at."""

    id: str
    expires_on: str | None
    unproven: tuple[str, ...]


def check_credential(client: Client, account: str, needed: Sequence[Need], called: str = DEPLOYING) -> Credential:
    """Verifies the client's token on `account` and that it has all of `needed`; messages name it as it is `called`.

    Raises RefusedError naming what is wrong: the token, the account, or each missing permission; CloudflareError when
    Cloudflare cannot be reached.
    """
    path, found = _verified(client, account, called)
    policies = _policies(client, f"{path}/{found['id']}")
    missing = [name for need in needed for name in _missing(client, account, need, policies)]
    if missing:
        raise RefusedError(f"{called} lacks {', '.join(missing)} on account {account}", f"Add it: {ACCOUNT_TOKENS}")
    unproven = () if policies is not None else tuple(need.name for need in needed)
    return Credential(found["id"], found.get("expires_on"), unproven)


def _verified(client: Client, account: str, called: str) -> tuple[str, dict[str, Any]]:
    """The path of its kind, and what verify says: an account's token is known at the account's path only, a user's at
    the user's only."""
    for path in (f"/accounts/{account}/tokens", "/user/tokens"):
        try:
            found: dict[str, Any] = client.get(f"{path}/verify")["result"]
        except RefusedError:
            continue
        except CloudflareError as error:
            if error.is_ambiguous:
                raise
            continue
        if found["status"] != "active":
            raise RefusedError(f"{called} is {found['status']}", f"Make a new one: {ACCOUNT_TOKENS}")
        return path, found
    raise RefusedError(
        f"{called} is refused by Cloudflare",
        f"Check that it was copied whole, has not expired and belongs to account {account}; a new one: "
        f"{ACCOUNT_TOKENS}",
    )


def _policies(client: Client, path: str) -> Policies | None:
    """The token's policies, None where it may not read them."""
    try:
        found: Policies = client.get(path)["result"]["policies"]
    except RefusedError:
        return None
    except CloudflareError as error:
        if error.is_ambiguous:
            raise
        return None
    return found


def _missing(client: Client, account: str, need: Need, policies: Policies | None) -> Iterator[str]:
    """What of a need is missing for certain."""
    kind, resources = (Scope.ZONE, need.zones) if need.zones else (Scope.ACCOUNT, (account,))
    for resource in resources:
        if policies is None:
            is_there = _may_read(client, resource, need)
        else:
            is_there = _granted(need, policies, (f"{kind}.{resource}", f"{kind}.*"))
        if not is_there:
            yield f"{need.name} in zone {resource}" if need.zones else need.name


def _granted(need: Need, policies: Policies, resources: Collection[str]) -> bool:
    effects = {
        policy["effect"]
        for policy in policies
        if any(group.get("name") == need.name or group["id"] == need.group.id for group in policy["permission_groups"])
        and any(name in resources for name in _resources(policy["resources"]))
    }
    return effects == {"allow"}


def _resources(written: Mapping[str, Any]) -> Iterable[str]:
    """What a policy is on: by names, or zones below their account."""
    for name, inner in written.items():
        yield from [name] if isinstance(inner, str) else inner


def _may_read(client: Client, resource: str, need: Need) -> bool:
    """Whether a call that only reads what the need is about is let through; true for what has no such call."""
    path = _READABLE.get(need.group)
    try:
        if path:
            client.get(path.format(resource), {"per_page": 1})
    except RefusedError:
        return False
    except CloudflareError as error:  # a zone that is not there
        if error.is_ambiguous:
            raise
        return False
    return True


_READABLE = {
    permissions.AI_GATEWAY_WRITE: "/accounts/{}/ai-gateway/gateways",
    permissions.ACCOUNT_TOKENS_WRITE: "/accounts/{}/tokens",
    permissions.SECRETS_STORE_WRITE: "/accounts/{}/secrets_store/stores",
    permissions.DNS_WRITE: "/zones/{}/dns_records",
}
