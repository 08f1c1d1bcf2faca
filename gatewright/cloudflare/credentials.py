"""Whether a deploying token works, and what it lacks.

A token can read its own policies only with a permission on tokens; without one its permissions are found out by calls
that change nothing, which tell reading from nothing but not writing from reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cloudflare
from cloudflare import Cloudflare

from gatewright.errors import GatewrightError, RefusedError
from gatewright.facts import permissions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gatewright.facts.permissions import Group

WHERE = "dash.cloudflare.com → Manage account → Account API tokens → Create token"


@dataclass(frozen=True, slots=True)
class Credential:
    """A token that Cloudflare accepts; `unproven` are permissions that could not be looked at."""

    id: str
    expires_on: str | None
    unproven: tuple[str, ...]


def check_credential(client: Cloudflare, account: str, needed: Sequence[Group]) -> Credential:
    """Verifies the client's token on `account` and that it has all of `needed`.

    Raises RefusedError naming what is wrong: the token, the account, or each missing permission; GatewrightError when
    Cloudflare cannot be reached.
    """
    try:
        found, expires = _verify(client, account)
        granted = _granted(client, account, found)
        missing, unproven = _compare(client, account, needed, granted)
    except cloudflare.APIConnectionError as error:
        raise GatewrightError(
            f"Cloudflare cannot be reached at {client.base_url}", "Check the network, then run again"
        ) from error
    except cloudflare.APIStatusError as error:
        raise GatewrightError(
            f"Cloudflare answered {error.status_code} to {error.request.method} {error.request.url.path}"
        ) from error
    if missing:
        raise RefusedError(f"the deploying token lacks {', '.join(missing)} on account {account}", f"Add them: {WHERE}")
    return Credential(found, expires, tuple(unproven))


def _verify(client: Cloudflare, account: str) -> tuple[str, str | None]:
    """The token's id and its end: an account token is known at the account's path only, a user token at the user's
    only.
    """
    try:
        answer = client.accounts.tokens.verify(account_id=account)
    except (
        cloudflare.AuthenticationError,
        cloudflare.PermissionDeniedError,
        cloudflare.NotFoundError,
        cloudflare.BadRequestError,
    ):
        try:
            answer = client.user.tokens.verify()  # type: ignore[assignment]  # the same fields
        except (cloudflare.AuthenticationError, cloudflare.PermissionDeniedError, cloudflare.BadRequestError) as error:
            raise RefusedError(
                f"CLOUDFLARE_API_TOKEN is refused by Cloudflare ({error.status_code})",
                f"Check that it was copied whole, has not expired and belongs to account {account}; a new one: {WHERE}",
            ) from None
    if answer is None or answer.status != "active":
        state = answer.status if answer else "unknown"
        raise RefusedError(f"CLOUDFLARE_API_TOKEN is {state}", f"Make a new one: {WHERE}")
    return answer.id, answer.expires_on.isoformat() if answer.expires_on else None


def _granted(client: Cloudflare, account: str, token: str) -> frozenset[str] | None:
    """The names of the token's permissions, None where it may not read them."""
    try:
        answer = client.accounts.tokens.get(token, account_id=account)
    except (cloudflare.AuthenticationError, cloudflare.PermissionDeniedError, cloudflare.NotFoundError):
        return None
    policies = (answer.policies if answer else None) or []
    return frozenset(
        group.name or "" for policy in policies if policy.effect == "allow" for group in policy.permission_groups
    )


def _compare(
    client: Cloudflare, account: str, needed: Iterable[Group], granted: frozenset[str] | None
) -> tuple[list[str], list[str]]:
    """What is missing for certain, and what could not be found out."""
    if granted is not None:
        return [group.name for group in needed if group.name not in granted], []
    missing: list[str] = []
    unproven: list[str] = []
    for group in needed:
        (unproven if _may_read(client, account, group) else missing).append(group.name)
    return missing, unproven


def _may_read(client: Cloudflare, account: str, group: Group) -> bool:
    """Whether a call that only reads what `group` is about is let through; true for what has no such call."""
    try:
        if group is permissions.AI_GATEWAY_WRITE:
            client.ai_gateway.list(account_id=account, per_page=1)
        elif group is permissions.ACCOUNT_TOKENS_WRITE:
            client.accounts.tokens.list(account_id=account, per_page=1)
        elif group is permissions.SECRETS_STORE_WRITE:
            client.secrets_store.stores.list(account_id=account)
    except (cloudflare.AuthenticationError, cloudflare.PermissionDeniedError):
        return False
    return True
