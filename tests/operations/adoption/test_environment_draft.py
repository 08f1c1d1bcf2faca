"""What an adopted environment leaves out, and what follows from it."""

from __future__ import annotations

from typing import Any

import pytest

from gatewright.cloudflare.custom_domains import CustomDomain
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


@pytest.mark.parametrize(
    ("apps", "access", "start"),
    [
        (({"name": "by hand"},), True, "Access application by hand: unchanged, clients send a service token of yours"),
        (None, None, "Access: this token may not list its applications; it lacks Access: Apps and Policies Read."),
        ((), None, None),
    ],
)
def test_an_access_application_stays_with_its_owner(
    apps: tuple[dict[str, Any], ...] | None, access: bool | None, start: str | None
) -> None:
    domain = CustomDomain("ai.example.com", "active", "fake.example.com")
    live = LiveGateway("fa4eacc0" * 4, {"id": "agents"}, (), (), (domain,), (), (), 0, 0, access_apps=apps)
    draft = Draft.of("prod", live, "catalog.yaml", {})
    assert draft.gateway.get("access") is access
    assert [line.startswith(start or "-") for line in draft.skipped if "Access" in line] == ([True] if start else [])
