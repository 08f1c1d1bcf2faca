"""The limits of a provider that Cloudflare enforces, and where."""

from __future__ import annotations

import pytest

from gatewright.cloudflare.mapping.provider_limits import rate_limit_of
from gatewright.environment.model.catalog import Provider
from gatewright.environment.quantities import Quantity, parse_quantity
from gatewright.environment.references import FromVariable, Key, Stored, Unified

VARIABLE = FromVariable("SOME_API_KEY")


def provider(*limits: str, key: Key | None = VARIABLE) -> Provider:
    return Provider(key=key, limits=tuple(map(quantity, limits)))


def quantity(text: str) -> Quantity:
    found = parse_quantity(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (("40 requests/minute",), (40, 60)),
        (("500000 tokens/minute", "1 request/second", "100 requests/day"), (1, 1)),
        (("600 requests/5 minutes",), (600, 300)),
        (("0.5 requests/second",), (1, 2)),
        (("5 USD/day", "10000 neurons/day"), None),
        ((), None),
    ],
)
def test_the_first_limit_on_requests_is_the_provider_configs(
    limits: tuple[str, ...], expected: tuple[int, int] | None
) -> None:
    assert rate_limit_of(provider(*limits)) == expected


@pytest.mark.parametrize(("key", "has_config"), [(None, False), (Unified(), False), (Stored(), True), (VARIABLE, True)])
def test_only_a_stored_key_has_a_provider_config(key: Key | None, has_config: bool) -> None:
    assert (rate_limit_of(provider("40 requests/minute", key=key)) is not None) is has_config
