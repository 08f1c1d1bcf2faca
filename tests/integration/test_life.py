"""A stack from its first `up` to its end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gatewright.engine.find import LANGUAGE_HOST
from gatewright.engine.launchers import PLUGIN, is_official, plugin_folder

if TYPE_CHECKING:
    from pathlib import Path

    from .clone import Clone

pytestmark = pytest.mark.integration

FILES = ["openclaw.json", "pi/auth.json", "pi/cloudflare-ai-gateway.json", "pi/models.json", "pi/settings.json"]
QUIET = ("warning", "Traceback", "panic")


def test_the_pair_is_what_it_says(settled: Clone) -> None:
    plugin = plugin_folder(settled.project.pulumi_home) / PLUGIN
    assert [is_official(each) for each in (plugin, settled.pair.bin / LANGUAGE_HOST)] == [settled.pair.is_official] * 2


def test_from_nothing_to_nothing(clone: Clone) -> None:
    planned = clone.planned()
    assert planned["AiGateway agents-local"] == planned["AccountToken agents"] == ("create",)
    assert clone.changing(0) == []  # a preview changes nothing

    assert clone.up() == planned
    made = [call.rpartition("/")[2] for call in clone.changing(0)]
    assert made.count("gateways") == made.count("tokens") == 1
    assert sorted(str(file.relative_to(clone.project.out / "local")) for file in emitted(clone)) == FILES

    seen = clone.seen()
    assert clone.up() == {}
    clone.expect_no_changes()
    clone.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    assert clone.changing(seen) == []

    text = clone.pulumi("destroy", "--yes", "--skip-preview", "--remove")
    assert not [word for word in QUIET if word in text]
    assert clone.api("GET", "/ai-gateway/gateways") == []
    assert [token["name"] for token in clone.api("GET", "/tokens") if token["name"].startswith("gatewright/")] == []
    assert emitted(clone) == []


@pytest.mark.parametrize("pair", ["stand-ins"], indirect=True)
def test_the_second_up_says_that_nothing_changed(settled: Clone) -> None:
    seen = settled.seen()
    text = settled.gatewright("up")
    assert [line.split()[-1] for line in text.splitlines() if "✓" in line][:3] == ["unchanged"] * 3
    assert settled.changing(seen) == []


def test_a_target_only_and_one_at_a_time(settled: Clone) -> None:
    settled.declare(gateway={"cache": {"ttl": "2h"}}, tokens={"agents": {"allow": ["AI Gateway Run"]}})
    gateway = {"AiGateway agents-local": ("update", "cacheTtl")}
    assert settled.up("--target", "**AiGateway::agents-local") == gateway
    settled.declare()
    assert settled.up("--parallel", "1") == gateway
    assert settled.gateway()["cache_ttl"] == 0


def test_what_one_asks_of_a_stack(settled: Clone) -> None:
    assert "agents-local" in settled.pulumi("stack")
    settled.pulumi("config", "set", "colour", "blue")
    settled.pulumi("config", "set", "--secret", "hidden", "fake-secret-of-a-config")
    assert settled.pulumi("config", "get", "colour") == "blue\n"
    assert settled.pulumi("config", "get", "hidden") == "fake-secret-of-a-config\n"
    assert "fake-secret" not in (settled.project.stacks / "Pulumi.local.yaml").read_text()
    for name in ("colour", "hidden"):
        settled.pulumi("config", "rm", name)
    about = json.loads(settled.pulumi("about", "--json"))
    assert about["runtime"]["language"] == "python"
    assert about["runtime"]["executable"].startswith(str(settled.project.root))
    assert "gatewright" in {each["name"] for each in about["dependencies"]}


def emitted(clone: Clone) -> list[Path]:
    return [file for file in clone.project.out.rglob("*.json") if not file.name.startswith(".")]
