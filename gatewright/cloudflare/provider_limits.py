"""A provider's limits of the catalog in Cloudflare's terms: what its provider config counts, and what routes guard.

A provider config takes one limit on requests, and every way to the provider meets it [sdk: provider_configs]. Further
limits on requests, those in USD, and those of a provider without a stored key are guarded in the routes that name it.
Tokens and neurons are counted by nothing there.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from gatewright.environment.references import Unified

if TYPE_CHECKING:
    from gatewright.environment.model import Provider


def rate_limit_of(provider: Provider) -> tuple[int, int] | None:
    """(requests, seconds): the first limit on requests, which the provider's config takes; None where there is none,
    or no stored key and so no config. A fraction becomes whole over a longer period: 0.5/second is 1 in 2 seconds."""
    if provider.key is None or provider.key == Unified():
        return None
    for limit in provider.limits:
        if limit.unit == "requests":
            whole = Fraction(str(limit.amount))
            return whole.numerator, limit.period * whole.denominator
    return None
