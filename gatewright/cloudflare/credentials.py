"""Verify a token on an account, and find the permissions that it lacks.

A token can read its own policies only with a permission on tokens. Without that its permissions are tested by calls
that change nothing: they show whether it may read, but not whether it may also write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.environment.references import DEPLOYING_TOKEN
from gatewright.errors import CloudflareError, RefusedError
from gatewright.facts import permissions
from gatewright.facts.dashboard import ACCOUNT_TOKENS
from gatewright.facts.permissions import Scope
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from gatewright.cloudflare.client import Client
    from gatewright.cloudflare.needed_permissions import Need

    Policies = Sequence[Mapping[str, Any]]


@frozen
class Credential:
    """A token that Cloudflare accepts; `unproven` are permissions that could not be verified."""

    id: str
    expires_on: str | None
    unproven: tuple[str, ...]


def check_credential(client: Client, account: str, needed: Sequence[Need], name: str = DEPLOYING_TOKEN) -> Credential:
    """Verify that the client's token works on `account` and has all of `needed`; `name` is for messages.

    Raises:
        RefusedError: names the cause: the token, the account, or each missing permission.
        CloudflareError: Cloudflare cannot be reached.
    """
    path, token = _verify(client, account, name)
    policies = _policies(client, f"{path}/{token['id']}")
    missing = [permission for need in needed for permission in _missing(client, account, need, policies)]
    if missing:
        raise RefusedError(f"{name} lacks {', '.join(missing)} on account {account}", f"Add it: {ACCOUNT_TOKENS}")
    unproven = () if policies is not None else tuple(need.name for need in needed)
    return Credential(token["id"], token.get("expires_on"), unproven)


def _verify(client: Client, account: str, name: str) -> tuple[str, dict[str, Any]]:
    """The path of the token's kind, and the answer of verify. An account's token is known at the account's path only, a
    user's token at the user's path only."""
    for path in (f"/accounts/{account}/tokens", "/user/tokens"):
        try:
            token: dict[str, Any] = client.get(f"{path}/verify")["result"]
        except RefusedError:
            continue
        except CloudflareError as error:
            if error.is_ambiguous:
                raise
            continue
        if token["status"] != "active":
            raise RefusedError(f"{name} is {token['status']}", f"Create a new one: {ACCOUNT_TOKENS}")
        return path, token
    raise RefusedError(
        f"{name} is refused by Cloudflare",
        f"Check that it is complete, has not expired and belongs to account {account}. To create a new one: "
        f"{ACCOUNT_TOKENS}",
    )


def _policies(client: Client, path: str) -> Policies | None:
    """The token's policies; None where it may not read them."""
    try:
        policies: Policies = client.get(path)["result"]["policies"]
    except RefusedError:
        return None
    except CloudflareError as error:
        if error.is_ambiguous:
            raise
        return None
    return policies


def _missing(client: Client, account: str, need: Need, policies: Policies | None) -> Iterator[str]:
    """The parts of a need that are certainly missing."""
    kind, resources = (Scope.ZONE, need.zones) if need.zones else (Scope.ACCOUNT, (account,))
    for resource in resources:
        if policies is None:
            is_granted = _may_read(client, resource, need)
        else:
            is_granted = _is_granted(need, policies, (f"{kind}.{resource}", f"{kind}.*"))
        if not is_granted:
            yield f"{need.name} in zone {resource}" if need.zones else need.name


def _is_granted(need: Need, policies: Policies, resources: Collection[str]) -> bool:
    effects = {
        policy["effect"]
        for policy in policies
        if any(group.get("name") == need.name or group["id"] == need.group.id for group in policy["permission_groups"])
        and any(name in resources for name in _resources(policy["resources"]))
    }
    return effects == {"allow"}


def _resources(resources: Mapping[str, Any]) -> Iterable[str]:
    """The resources of a policy, which lists them by name, or zones under their account."""
    for name, inner in resources.items():
        yield from [name] if isinstance(inner, str) else inner


def _may_read(client: Client, resource: str, need: Need) -> bool:
    """Whether a call that reads the resource is allowed; true for a need without such a call."""
    path = _READABLE.get(need.group)
    try:
        if path:
            client.get(path.format(resource), {"per_page": 1})
    except RefusedError:
        return False
    except CloudflareError as error:  # the zone does not exist
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
