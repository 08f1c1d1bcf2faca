"""Every setting of a gateway: shown as just that, arrived at Cloudflare, and gone again."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .clone import Clone

pytestmark = [pytest.mark.integration, pytest.mark.nightly]

Setting = dict[str, Any]

SETTINGS: list[Setting] = yaml.safe_load(Path(__file__).with_name("settings.yaml").read_text())
AT_ONCE = 6  # an up takes seconds: what it shows is compared as a whole, so that nothing can hide among them
SECRETS = {"OTEL_KEY": "fake-otel-secret", "STRIPE_KEY": "fake-stripe-secret"}
TEAM = "fake-team-secret"


def test_every_setting(clone: Clone) -> None:
    clone.exported.update(SECRETS)
    clone.pulumi("config", "set", "--secret", "team", TEAM)
    declare(clone, {})
    clone.up()
    before = stable(clone.gateway())
    gateway: Setting = {}
    for some in batches(setting for setting in SETTINGS if not (setting.get("newer") and clone.pair.is_official)):
        for setting in some:
            gateway |= setting["set"]
        declare(clone, gateway)
        shown = sorted({name for setting in some for name in setting["shows"]})
        assert clone.up() == {"AiGateway agents-local": ("update", *shown)}
        arrived = clone.gateway()
        assert {name: arrived[name] for setting in some for name in setting["sends"]} == sent(some)
    for secret in (*SECRETS.values(), TEAM):
        assert not clone.holding(secret)
    clone.expect_no_changes()
    declare(clone, {})
    clone.up()
    assert stable(clone.gateway()) == before


def declare(clone: Clone, gateway: Setting) -> None:
    """A gateway and nothing else: one without authentication may have no routes."""
    begun = yaml.safe_load((clone.project.stacks / "base.yaml").read_text())["gateway"]
    clone.declare(extends="catalog.yaml", use=["mistral"], gateway=begun | gateway)


def batches(settings: Iterable[Setting]) -> Iterator[list[Setting]]:
    rest = iter(settings)
    while some := list(islice(rest, AT_ONCE)):
        yield some


def sent(settings: Iterable[Setting]) -> Setting:
    return {name: value for setting in settings for name, value in setting["sends"].items()}


def stable(gateway: Setting) -> Setting:
    return {name: value for name, value in gateway.items() if name != "modified_at"}


def test_secrets_appear_nowhere(clone: Clone) -> None:
    """Neither the old value nor the new one, whether the change is shown, made, refused or looked at again."""
    clone.exported.update(SECRETS)
    clone.pulumi("config", "set", "--secret", "team", TEAM)
    exporter = {"url": "https://otel.example.com", "authorization": {"env": "OTEL_KEY"}}
    stripe = {"authorization": {"env": "STRIPE_KEY"}, "usageEvents": ["{}"]}
    declare(clone, {"otel": [exporter | {"headers": {"x-team": {"config": "team"}}}], "stripe": stripe})
    clone.up()
    clone.exported.update({name: f"{value}-renewed" for name, value in SECRETS.items()})
    said = [clone.pulumi("preview", "--diff"), str(clone.events("preview"))]
    clone.order(method="PUT", path="*/gateways/agents-local", status=400, body={"success": False, "errors": []})
    said.append(clone.pulumi("up", "--yes", "--skip-preview", "--diff", code=1))
    said.append(clone.pulumi("up", "--yes", "--skip-preview", "--diff"))
    said.append(clone.pulumi("refresh", "--yes", "--skip-preview", "--diff"))
    said += [
        clone.pulumi("stack", "export"),
        clone.pulumi("stack", "output"),
        str(clone.events("preview", "--refresh")),
    ]
    clone.expect_no_changes()
    assert clone.gateway()["stripe"]["authorization"] == f"{SECRETS['STRIPE_KEY']}-renewed"
    for secret in (*SECRETS.values(), TEAM):
        assert not [text for text in said if secret in text]
        assert not clone.holding(secret)


def test_a_preview_needs_no_secret(clone: Clone) -> None:
    exporter = {"url": "https://otel.example.com", "authorization": {"env": "OTEL_KEY"}}
    declared = {"otel": [exporter], "stripe": {"authorization": {"env": "STRIPE_KEY"}, "usageEvents": ["{}"]}}
    declare(clone, declared)
    said = clone.gatewright("preview", "local", code=2)
    assert "gateway.otel is not compared: OTEL_KEY is not set" in said
    assert "OTEL_KEY is not set: export OTEL_KEY=…" in clone.gatewright("up", "local", code=1)
    assert clone.api("GET", "/ai-gateway/gateways") == []

    clone.exported.update(SECRETS)
    clone.up()
    clone.exported.pop("OTEL_KEY")
    another = exporter | {"url": "https://other.example.com"}
    declare(clone, {**declared, "otel": [exporter, another], "cache": {"ttl": "5m"}})
    said = clone.gatewright("preview", "local", code=2)
    assert "gateway.otel is not compared: OTEL_KEY is not set" in said
    assert "gateway.stripe" not in said
    assert "cache" in said
    declare(clone, declared)
    assert "no changes" in clone.gatewright("preview", "local")


def test_settings_dropped_by_the_plugin_fail_the_run(clone: Clone) -> None:
    declare(clone, {"byokOnly": True})
    said = clone.pulumi("up", "--yes", "--skip-preview", code=1 if clone.pair.is_official else 0)
    assert ("Cloudflare's plugin dropped byokOnly" in said) is clone.pair.is_official
    assert ("byok_only" in clone.gateway()) is not clone.pair.is_official
