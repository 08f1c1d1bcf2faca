"""adopt leaves out the custom providers that another environment of the project owns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatewright.cloudflare.custom_providers import CustomProvider
from gatewright.cloudflare.live_gateway import LiveGateway
from gatewright.cloudflare.provider_configs import ProviderConfig
from gatewright.operations.adoption.environment_draft import Draft

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

URL = "https://integrate.api.nvidia.com/v1"
KEY = ProviderConfig("k", "custom-nvidia", "default", "second_custom-nvidia_default", None, default=True)


def draft(owners: Mapping[str, Sequence[str]], *keys: ProviderConfig) -> Draft:
    provider = CustomProvider("1", "nvidia", "nvidia", URL, enable=True)
    live = LiveGateway("a" * 32, {"id": "second"}, (), (provider,), (), keys, (), 0, 0)
    return Draft.of("second", live, "catalog.yaml", {}, owners)


@pytest.mark.parametrize(
    ("owners", "keys", "declared", "reason"),
    [
        ({}, (), True, None),
        ({"nvidia": ("local",)}, (), False, "stack local owns it; to share it, declare it here too"),
        ({"nvidia": ("local",)}, (KEY,), True, "stack local owns it; shared, and not imported"),
    ],
)
def test_the_owner_is_named(
    owners: Mapping[str, Sequence[str]], keys: tuple[ProviderConfig, ...], declared: bool, reason: str | None
) -> None:
    result = draft(owners, *keys)
    assert ("nvidia" in result.providers) is declared
    skipped = [f"custom provider nvidia: {reason}"] if reason else []
    assert [line for line in result.skipped if "nvidia" in line] == skipped
