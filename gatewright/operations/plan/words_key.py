"""What changes of a stored provider key: the secret, and its link to the gateway. Never a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.gateway_settings import period
from gatewright.operations.plan.words import ARROW, Danger, Difference, by_name, differing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Properties = Mapping[str, Any]

NEW_VALUE = "new value, no gap"
STORED = "stored at Cloudflare"
NO_LIMIT = "no limit"
_LIMIT = ("rateLimit", "rateLimitPeriod")
_FOLLOWS = ("secretId", "storeId")
"""What is another one where the secret is made anew."""
_SECRETS_OWN = ("value", "comment")
"""The comment says what the limit is, and changes with it."""


def secret_differences(old: Properties, new: Properties, told: Iterable[str] = ()) -> list[Difference]:
    """What differs between two maps of SecretsStoreSecret's properties."""
    names = differing(old, new, told)
    found = [Difference(NEW_VALUE)] if "value" in names else []
    return [*found, *by_name([name for name in names if name not in (*_SECRETS_OWN, *_FOLLOWS)], old, new)]


def config_differences(old: Properties, new: Properties, told: Iterable[str] = ()) -> list[Difference]:
    """What differs between two maps of ProviderConfig's properties."""
    before, after = limit(old), limit(new)
    found = []
    if before != after:
        risk = (Danger.LIMIT, "the key's limit is removed") if after == NO_LIMIT else ()
        found.append(Difference(f"{before} {ARROW} {after}, stored anew", *risk))
    left = [name for name in differing(old, new, told) if name not in (*_LIMIT, *_FOLLOWS)]
    return [*found, *by_name(left, old, new)]


def config_summary(new: Properties) -> list[Difference]:
    """What becomes of a new key."""
    allowed = limit(new)
    return [Difference(STORED if allowed == NO_LIMIT else f"{STORED}, for {allowed}")]


def limit(properties: Properties) -> str:
    """`600 requests/minute`: what a key may be used for."""
    count, seconds = properties.get("rateLimit"), properties.get("rateLimitPeriod")
    return f"{count:g} requests/{period(int(seconds))}" if count and seconds else NO_LIMIT
