"""Differences of a stored provider key: its secret, and its link to the gateway. Never a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.provider_configs import GATEWAY_SCOPE
from gatewright.environment.quantities import Quantity, period_text
from gatewright.environment.risks import Risk, limit_risk
from gatewright.io.printable import plural
from gatewright.operations.plan.diffs.values import ARROW, Difference, by_name, differing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Properties = Mapping[str, Any]

NEW_VALUE = "new value, no gap"
STORED = "stored at Cloudflare"
NO_LIMIT = "no limit"
_LIMIT = ("rateLimit", "rateLimitPeriod")
_FOLLOWS = ("secretId", "storeId")
"""Properties that change when the secret is replaced."""
_SECRETS_OWN = ("value", "comment", "scopes", "name")
"""The comment names the limit and changes with it; the name contains the gateway's."""


def secret_differences(before: Properties, after: Properties, reported: Iterable[str] = ()) -> list[Difference]:
    """The differences between two property maps of a SecretsStoreSecret."""
    names = differing(before, after, reported)
    differences = [Difference(NEW_VALUE)] if "value" in names else []
    if "scopes" in names:
        differences.append(_scopes(before.get("scopes") or (), after.get("scopes") or ()))
    others = [name for name in names if name not in (*_SECRETS_OWN, *_FOLLOWS)]
    return [*differences, *by_name(others, before, after)]


def _scopes(before: Sequence[str], after: Sequence[str]) -> Difference:
    """The services at Cloudflare that may use the key."""
    text = f"usable by {', '.join(before) or 'nothing'} {ARROW} {', '.join(after) or 'nothing'}"
    if GATEWAY_SCOPE not in after:
        return Difference(text, Risk.DELETED, "the gateway cannot use it")
    added = [scope for scope in after if scope not in before]
    return Difference(text, Risk.POWER, f"{', '.join(added)} may use it, too") if added else Difference(text)


def config_differences(before: Properties, after: Properties, reported: Iterable[str] = ()) -> list[Difference]:
    """The differences between two property maps of a ProviderConfig."""
    old, new = _limit(before), _limit(after)
    differences = []
    if old != new:
        risk = (old and limit_risk("limit of the key", old, new)) or ()
        differences.append(Difference(f"{old or NO_LIMIT} {ARROW} {new or NO_LIMIT}, stored again", *risk))
    others = [name for name in differing(before, after, reported) if name not in (*_LIMIT, *_FOLLOWS)]
    return [*differences, *by_name(others, before, after)]


def config_summary(properties: Properties) -> list[Difference]:
    """Where a new key is stored, and its limit."""
    limit = _limit(properties)
    return [Difference(f"{STORED}, limited to {limit}" if limit else STORED)]


def _limit(properties: Properties) -> Quantity | None:
    """`14,400 requests/day`."""
    count, seconds = properties.get("rateLimit"), properties.get("rateLimitPeriod")
    if not count or not seconds:
        return None
    text = f"{plural(int(count), 'request')}/{period_text(int(seconds))}"
    return Quantity(count, "requests", int(seconds), text)
