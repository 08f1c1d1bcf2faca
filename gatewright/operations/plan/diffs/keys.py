"""What changes of a stored provider key: the secret, and its link to the gateway. Never a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.provider_configs import GATEWAY_SCOPE
from gatewright.environment.quantities import Quantity, period_text
from gatewright.environment.risks import Risk, limit_risk
from gatewright.operations.plan.diffs.values import ARROW, Difference, by_name, differing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Properties = Mapping[str, Any]

NEW_VALUE = "new value, no gap"
STORED = "stored at Cloudflare"
NO_LIMIT = "no limit"
_LIMIT = ("rateLimit", "rateLimitPeriod")
_FOLLOWS = ("secretId", "storeId")
"""What is another one where the secret is made anew."""
_SECRETS_OWN = ("value", "comment", "scopes", "name")
"""The comment says what the limit is, and changes with it; so does the name with its gateway's."""


def secret_differences(old: Properties, new: Properties, told: Iterable[str] = ()) -> list[Difference]:
    """What differs between two maps of SecretsStoreSecret's properties."""
    names = differing(old, new, told)
    found = [Difference(NEW_VALUE)] if "value" in names else []
    if "scopes" in names:
        found.append(_scopes(old.get("scopes") or (), new.get("scopes") or ()))
    return [*found, *by_name([name for name in names if name not in (*_SECRETS_OWN, *_FOLLOWS)], old, new)]


def _scopes(old: Sequence[str], new: Sequence[str]) -> Difference:
    """What at Cloudflare may use the key."""
    words = f"open to {', '.join(old) or 'nothing'} {ARROW} {', '.join(new) or 'nothing'}"
    if GATEWAY_SCOPE not in new:
        return Difference(words, Risk.DELETED, "the gateway cannot use it")
    more = [scope for scope in new if scope not in old]
    return Difference(words, Risk.POWER, f"{', '.join(more)} may use it too") if more else Difference(words)


def config_differences(old: Properties, new: Properties, told: Iterable[str] = ()) -> list[Difference]:
    """What differs between two maps of ProviderConfig's properties."""
    before, after = limit(old), limit(new)
    found = []
    if before != after:
        reason = limit_risk("limit of the key", _quantity(old), _quantity(new)) or ()
        found.append(Difference(f"{before} {ARROW} {after}, stored anew", *reason))
    left = [name for name in differing(old, new, told) if name not in (*_LIMIT, *_FOLLOWS)]
    return [*found, *by_name(left, old, new)]


def config_summary(new: Properties) -> list[Difference]:
    """What becomes of a new key."""
    allowed = limit(new)
    return [Difference(STORED if allowed == NO_LIMIT else f"{STORED}, for {allowed}")]


def limit(properties: Properties) -> str:
    """`14,400 requests/day`: what a key may be used for."""
    allowed = _quantity(properties)
    return allowed.text if allowed else NO_LIMIT


def _quantity(properties: Properties) -> Quantity | None:
    count, seconds = properties.get("rateLimit"), properties.get("rateLimitPeriod")
    if not count or not seconds:
        return None
    unit = "requests"
    return Quantity(count, unit, int(seconds), f"{int(count):,} {unit}/{period_text(int(seconds))}")
