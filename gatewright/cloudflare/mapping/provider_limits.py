"""A provider's limits in Cloudflare's terms: what its provider config takes."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from gatewright.environment.checks.provider_limits import limit_in_config

if TYPE_CHECKING:
    from gatewright.environment.model.environment_file import Provider


def rate_limit_of(provider: Provider) -> tuple[int, int] | None:
    """(requests, seconds) of the limit that the provider's config takes; None where there is none. A fraction becomes
    whole over a longer period: 0.5/second is 1 in 2 seconds."""
    limit = limit_in_config(provider)
    if limit is None:
        return None
    whole = Fraction(str(limit.amount))
    return whole.numerator, limit.period * whole.denominator
