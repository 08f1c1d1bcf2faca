"""Makes the token that deploys an environment, from a stronger one that is used here and kept nowhere."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatewright import clock
from gatewright.cloudflare.account_tokens import AccountTokens
from gatewright.cloudflare.credentials import check_credential
from gatewright.cloudflare.needed_permissions import Need, deploying_token_name, needed_permissions
from gatewright.environment.quantities import parse_duration
from gatewright.errors import CloudflareError, GatewrightError, RefusedError, UsageError
from gatewright.facts.dashboard import ACCOUNT_TOKENS
from gatewright.facts.local_cloudflare import control_plane_url
from gatewright.facts.permissions import ACCOUNT_TOKENS_WRITE
from gatewright.workspace import require_account

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gatewright.cloudflare.account_tokens import AccountToken
    from gatewright.cloudflare.client import Client
    from gatewright.environment.resolved import Environment

STRONGER = "the token that was typed in"
KNOWN_WITHIN = 5
"""Seconds within which every part of Cloudflare knows a token that has just been made (guess)."""

_CENTURY = 100 * 365 * 86_400


@dataclass(frozen=True, slots=True)
class Restrictions:
    """The addresses that the token is accepted from, and its end; neither where they are not set."""

    addresses: tuple[str, ...] = ()
    expires_on: str | None = None

    @property
    def body(self) -> dict[str, Any]:
        """In the API's words."""
        condition = {"condition": {"request_ip": {"in": sorted(self.addresses)}}} if self.addresses else {}
        return condition | ({"expires_on": self.expires_on} if self.expires_on else {})


@dataclass(frozen=True, slots=True)
class CreatedToken:
    """The token that was made, without its value. `proven`: it was tried from here."""

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
    """Makes the deploying token and hands its value to `deliver`, once; what fails after that has cost no token.

    Whatever stops it before, Ctrl-C too, leaves no token behind. With `replace`, tokens of that name go once the new
    one is delivered. Raises RefusedError where the stronger token is refused or lacks something, which is named, and
    GatewrightError where one of that name is there.
    """
    account, needed = require_account(environment), needed_permissions(environment)
    name = deploying_token_name(environment)
    with _client(environment, stronger) as client:
        used = check_credential(client, account, _to_give(needed), STRONGER)
        tokens = AccountTokens(client, account)
        before = tokens.named(name)
        if before and not replace:
            raise _is_there(before, environment)
        body = {"name": name, "policies": tokens.policies(needed), **restrictions.body}
        try:
            value = _created(tokens, body, needed)
            proven = _proven(environment, value, account, needed, restrictions)
            _hand_over(value, deliver)
        except (GatewrightError, KeyboardInterrupt) as error:
            if _removed(tokens, name, before, error) and isinstance(error, CloudflareError):
                message = f"{error.message}; it was made all the same, and is deleted again"
                raise CloudflareError(message, "Run it again") from error
            raise
        for each in sorted(before, key=lambda token: token.id == used.id):  # itself last
            tokens.delete(each.id)
    return CreatedToken(name, tuple(need.name for need in needed), proven, len(before))


def expiry(text: str, now: int) -> str:
    """`90d`, counted from `now` (seconds since 1970), or a moment like 2027-01-01T00:00:00Z: as Cloudflare takes it.

    Raises UsageError for what is neither, for what is past, and for more than a century.
    """
    length = parse_duration(text)
    end = now + length.seconds if length else clock.seconds(text, "--expires")
    if not now < end < now + _CENTURY:
        raise UsageError(f"--expires is {text}, which is {'past' if end <= now else 'too far'}", "Write it like 90d")
    return clock.moment(end)


def _client(environment: Environment, token: str) -> Client:
    from gatewright.cloudflare.client import Client

    return Client(control_plane_url(environment.local.port) if environment.local else None, token)


def _to_give(needed: Sequence[Need]) -> list[Need]:
    """What the stronger token needs: to make tokens, and all that it gives on."""
    return list({need.name: need for need in (Need(ACCOUNT_TOKENS_WRITE, ()), *needed)}.values())


def _is_there(before: Sequence[AccountToken], environment: Environment) -> GatewrightError:
    used = f"last used {before[0].last_used_on}" if before[0].last_used_on else "never used"
    return GatewrightError(
        f"there is a token {before[0].name} already, made {before[0].issued_on}, {used}",
        f"To have a new one in its place, which ends this one: gatewright bootstrap {environment.name} --replace",
    )


def _created(tokens: AccountTokens, body: dict[str, Any], needed: Sequence[Need]) -> str:
    try:
        return tokens.create(body)
    except RefusedError as error:
        names = ", ".join(need.name for need in _to_give(needed))
        raise RefusedError(
            f"{STRONGER} may not make it: {error.message}", f"A token gives only what it has itself: {names}"
        ) from error


def _proven(
    environment: Environment, value: str, account: str, needed: Sequence[Need], restrictions: Restrictions
) -> bool:
    """Whether the new token was found to do what it must; False where it may not be used from here."""
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


def _hand_over(value: str, deliver: Callable[[str], object]) -> None:
    try:
        deliver(value)
    except OSError as error:
        raise GatewrightError(
            f"the new token could not be handed over, and is deleted again: {error.strerror}", "Run it again"
        ) from error


def _removed(tokens: AccountTokens, name: str, before: Sequence[AccountToken], error: BaseException) -> int:
    """How many tokens of that name have come since `before`, and are gone now. Raises GatewrightError if they stay."""
    known = {each.id for each in before}
    try:
        made = [each for each in tokens.named(name) if each.id not in known]
        for each in made:
            tokens.delete(each.id)
    except GatewrightError as second:
        raise GatewrightError(
            f"{error or 'interrupted'}; a token {name} may be there now whose value nobody knows: {second.message}",
            f"Look, and delete it: {ACCOUNT_TOKENS}",
        ) from error
    return len(made)
