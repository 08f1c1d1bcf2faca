"""A provider's limit in Cloudflare's terms."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from gatewright.environment.checks.provider_limits import limit_in_config

if TYPE_CHECKING:
    from gatewright.environment.model.catalog import Provider


def rate_limit_of(provider: Provider) -> tuple[int, int] | None:
    """The limit of the provider's config as (requests, seconds), or None. A fraction becomes whole over a longer
    period: 0.5/second is 1 in 2 seconds."""
    limit = limit_in_config(provider)
    if limit is None:
        return None
    whole = Fraction(str(limit.amount))
    return whole.numerator, limit.period * whole.denominator
