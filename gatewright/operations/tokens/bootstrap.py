"""bootstrap: create the deploying token of an environment with a stronger token, which is not stored."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from gatewright import clock
from gatewright.cloudflare.account_tokens import AccountTokens
from gatewright.cloudflare.credentials import check_credential
from gatewright.cloudflare.needed_permissions import Need, deploying_token_name, needed_permissions
from gatewright.command_line import command
from gatewright.environment.quantities import parse_duration
from gatewright.errors import CloudflareError, GatewrightError, RefusedError, UsageError
from gatewright.facts.dashboard import ACCOUNT_TOKENS
from gatewright.facts.local_cloudflare import control_plane_url
from gatewright.facts.permissions import ACCOUNT_TOKENS_WRITE
from gatewright.frozen import frozen
from gatewright.workspace import require_account

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gatewright.cloudflare.account_tokens import AccountToken
    from gatewright.cloudflare.client import Client
    from gatewright.environment.resolved import Environment

STRONGER = "the stronger token"
KNOWN_WITHIN = 5
"""Seconds until all of Cloudflare accepts a new token (an estimate)."""

_CENTURY = 100 * 365 * 86_400


@frozen
class Restrictions:
    """The addresses that the token is accepted from, and its expiry; without values there is no restriction."""

    addresses: tuple[str, ...] = ()
    expires_on: str | None = None

    @property
    def body(self) -> dict[str, Any]:
        """The restrictions as the API's request body."""
        condition = {"condition": {"request_ip": {"in": sorted(self.addresses)}}} if self.addresses else {}
        return condition | ({"expires_on": self.expires_on} if self.expires_on else {})


@frozen
class CreatedToken:
    """The new token, without its value. `proven`: its permissions were verified from this machine; `replaced`: how many
    tokens it replaced."""

    name: str
    permissions: tuple[str, ...]
    proven: bool
    replaced: int


def bootstrap(
    environment: Environment,
    stronger: str,
    restrictions: Restrictions,
    deliver: Callable[[str], object],
    *,
    replace: bool = False,
) -> CreatedToken:
    """Create the deploying token and pass its value to `deliver` once.

    An error or an interrupt before the delivery deletes the new token. With `replace`, existing tokens of that name are
    deleted after the delivery.

    Raises RefusedError where the stronger token is refused or lacks permissions, which are named, and GatewrightError
    where a token of that name exists.
    """
    account, needed = require_account(environment), needed_permissions(environment)
    name = deploying_token_name(environment)
    with _client(environment, stronger) as client:
        stronger_credential = check_credential(client, account, _stronger_needs(needed), STRONGER)
        tokens = AccountTokens(client, account)
        existing = tokens.with_name(name)
        if existing and not replace:
            raise _exists(existing, environment)
        body = {"name": name, "policies": tokens.policies(needed), **restrictions.body}
        try:
            value = _created(tokens, body, needed)
            proven = _proven(environment, value, account, needed, restrictions)
            _deliver(value, deliver)
        except (GatewrightError, KeyboardInterrupt) as error:
            if _delete_new(tokens, name, existing, error) and isinstance(error, CloudflareError):
                message = f"{error.message}; the token was created nevertheless, and is deleted again"
                raise CloudflareError(message, "Run it again") from error
            raise
        for token in sorted(existing, key=lambda token: token.id == stronger_credential.id):  # the one in use last
            tokens.delete(token.id)
    return CreatedToken(name, tuple(need.name for need in needed), proven, len(existing))


def parse_expiry(text: str, now: int) -> str:
    """An RFC 3339 timestamp from a duration such as `90d` after `now` (seconds since 1970), or from a timestamp.

    Raises UsageError for anything else, for the past, and for more than a century.
    """
    duration = parse_duration(text)
    end = now + duration.seconds if duration else clock.parse_timestamp(text, "--expires")
    if not now < end < now + _CENTURY:
        problem = "in the past" if end <= now else "more than 100 years ahead"
        raise UsageError(f"--expires: {text} is {problem}", "Give a duration such as 90d")
    return clock.format_timestamp(end)


def _client(environment: Environment, token: str) -> Client:
    from gatewright.cloudflare.client import Client

    return Client(control_plane_url(environment.local.port) if environment.local else None, token)


def _stronger_needs(needed: Sequence[Need]) -> list[Need]:
    """The permissions of the stronger token: to create tokens, and all that the new one has."""
    return list({need.name: need for need in (Need(ACCOUNT_TOKENS_WRITE, ()), *needed)}.values())


def _exists(tokens: Sequence[AccountToken], environment: Environment) -> GatewrightError:
    used = f"last used {tokens[0].last_used_on}" if tokens[0].last_used_on else "never used"
    return GatewrightError(
        f"token {tokens[0].name} exists already, created {tokens[0].issued_on}, {used}",
        f"To replace it by a new one, which revokes it: {command(f'bootstrap {environment.name} --replace')}",
    )


def _created(tokens: AccountTokens, body: dict[str, Any], needed: Sequence[Need]) -> str:
    try:
        return tokens.create(body)
    except RefusedError as error:
        names = ", ".join(need.name for need in _stronger_needs(needed))
        raise RefusedError(
            f"{STRONGER} may not create the token: {error.message}",
            f"It needs every permission that it grants: {names}",
        ) from error


def _proven(
    environment: Environment, value: str, account: str, needed: Sequence[Need], restrictions: Restrictions
) -> bool:
    """Whether the new token's permissions are verified; False where it may not be used from this machine."""
    with _client(environment, value) as client:
        for is_last in (*[False] * KNOWN_WITHIN, True):
            try:
                return not check_credential(client, account, needed, "the new token").unproven
            except RefusedError:
                if restrictions.addresses:
                    break
                if is_last:
                    raise
            time.sleep(1)
    return False


def _deliver(value: str, deliver: Callable[[str], object]) -> None:
    try:
        deliver(value)
    except OSError as error:
        raise GatewrightError(
            f"the new token could not be delivered, and is deleted again: {error.strerror}", "Run it again"
        ) from error


def _delete_new(tokens: AccountTokens, name: str, existing: Sequence[AccountToken], error: BaseException) -> int:
    """Delete the tokens of that name beside `existing`; return their number. Raises GatewrightError if that fails."""
    known = {token.id for token in existing}
    try:
        new = [token for token in tokens.with_name(name) if token.id not in known]
        for token in new:
            tokens.delete(token.id)
    except GatewrightError as second:
        raise GatewrightError(
            f"{error or 'interrupted'}; a token {name} with an unknown value may exist now: {second.message}",
            f"Look for it, and delete it: {ACCOUNT_TOKENS}",
        ) from error
    return len(new)
