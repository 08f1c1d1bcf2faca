"""What an adopted environment leaves out, and what follows from it."""

from __future__ import annotations

from typing import Any

import pytest

from gatewright.cloudflare.live_gateway import LiveGateway
from gatewright.cloudflare.provider_configs import ProviderConfig
from gatewright.operations.adoption.environment_draft import Draft

BILLED = "; without one, Cloudflare bills requests to it (key: unified)"


def key(alias: str) -> ProviderConfig:
    return ProviderConfig("fake-id", "mistral", alias, f"agents_mistral_{alias}", None, default=alias == "default")


@pytest.mark.parametrize(
    ("aliases", "settings", "consequence"),
    [
        (["team"], {}, BILLED),
        (["team", "default"], {}, ""),
        (["team"], {"byok_only": True}, ""),
    ],
)
def test_a_key_with_an_alias_is_left_out(aliases: list[str], settings: dict[str, Any], consequence: str) -> None:
    live = LiveGateway("fa4eacc0" * 4, {"id": "agents", **settings}, (), (), (), tuple(map(key, aliases)), (), 0, 0)
    skipped = Draft.of("prod", live, "catalog.yaml", {}).skipped
    assert f"stored key mistral with alias team: gatewright manages default only{consequence}" in skipped
